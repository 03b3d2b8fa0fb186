//! Listens to what other instances notify through PostgreSQL, which wakes up the readers of events.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::sleep;

/// The channel through which instances notify each other.
pub(crate) const CHANNEL: &str = "console_events";

/// The pause before another connection is opened. Until then, events are found by looking for them.
const RECONNECT_INTERVAL: Duration = Duration::from_secs(1);

/// A connection that listens, in a task that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Listener(AbortHandle);

impl Listener {
    /// Starts to listen. Notifications change `wakeups`, and so does every new connection, since some can have been
    /// missed before it.
    pub(crate) fn start(options: PgConnectOptions, wakeups: watch::Sender<()>) -> Self {
        let task = tokio::spawn(async move {
            let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
            loop {
                // Failures are ignored, and listening is tried again: nothing depends on being woken.
                if let Ok(mut listener) = PgListener::connect_with(&pool).await
                    && listener.listen(CHANNEL).await.is_ok()
                {
                    wakeups.send_replace(());
                    while let Ok(Some(_)) = listener.try_recv().await {
                        wakeups.send_replace(());
                    }
                }
                sleep(RECONNECT_INTERVAL).await;
            }
        });
        Self(task.abort_handle())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}
