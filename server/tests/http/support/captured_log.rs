//! Captures the log of a test.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_subscriber::fmt::MakeWriter;

/// Everything that this thread logs. A test with the default runtime flavour runs on one thread.
#[derive(Clone, Default)]
pub(crate) struct CapturedLog(Arc<Mutex<Vec<u8>>>);

impl CapturedLog {
    /// Captures messages of `level` and above, until the guard is dropped.
    pub(crate) fn start(level: tracing::Level) -> (Self, (DefaultGuard, Dispatch)) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        // With one subscriber only, tracing caches for all threads that a call site is off if a thread without a
        // subscriber, such as another test's, reaches it first (tracing_core::callsite). A second one prevents that.
        // Nextest gives each test a process; `cargo test` does not.
        (log, (guard, Dispatch::new(NoSubscriber::default())))
    }

    /// The log so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines of the access log.
    pub(crate) fn access_lines(&self) -> Vec<String> {
        let text = self.text();
        text.lines()
            .filter(|line| line.contains(" access: "))
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

impl io::Write for CapturedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for CapturedLog {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
