//! The request log: who called what, when, and for how long. It never holds a credential.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use axum::http::{Method, Uri};
use serde::Serialize;

use crate::app::App;
use crate::clock::real_now_ms;

/// The log forgets its oldest entries beyond this many.
const CAPACITY: usize = 50_000;

/// One call to the workspace.
#[derive(Debug, Clone, Serialize)]
pub struct LogEntry {
    /// HTTP method.
    pub method: String,
    /// Path as it was asked for, percent-encoding included.
    pub path: String,
    /// Query string, empty when there was none.
    pub query: String,
    /// Status of the answer; absent when the connection ended before one was given.
    pub status: Option<u16>,
    /// `userName` of the caller, once authenticated.
    pub principal: Option<String>,
    /// By what kind of credential.
    pub auth: Option<AuthKind>,
    /// Start in real milliseconds since 1970, whatever the workspace's clock says.
    pub started_ms: i64,
    /// Milliseconds until the answer's head was ready, delays included.
    pub duration_ms: u64,
}

/// Kind of credential by which a call was authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthKind {
    /// A personal access token.
    Pat,
    /// An OAuth access token.
    #[serde(rename = "oauth")]
    OAuth,
}

#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    entries: Mutex<VecDeque<LogEntry>>,
    scim_now: AtomicU32,
    scim_most: AtomicU32,
}

impl RequestLog {
    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        self.lock().iter().cloned().collect()
    }

    /// Most SCIM calls that ran side by side since the log was cleared.
    pub(crate) fn most_scim_at_once(&self) -> u32 {
        self.scim_most.load(Ordering::Relaxed)
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
        self.scim_most
            .store(self.scim_now.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    fn push(&self, entry: LogEntry) {
        let mut entries = self.lock();
        if entries.len() == CAPACITY {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<LogEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where authentication leaves the caller's name for the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallerSlot(Arc<OnceLock<(String, AuthKind)>>);

impl CallerSlot {
    pub(crate) fn fill(&self, user_name: &str, kind: AuthKind) {
        let _ = self.0.set((user_name.to_owned(), kind));
    }
}

/// A call under way. Dropping it writes the log entry, so that a call whose client went away is logged as well.
#[derive(Debug)]
pub(crate) struct LoggedCall {
    app: Arc<App>,
    method: Method,
    uri: Uri,
    scim: bool,
    pub(crate) caller: CallerSlot,
    pub(crate) status: Option<u16>,
    started_ms: i64,
    started: Instant,
}

impl LoggedCall {
    /// The call, and how many SCIM calls run now if it is one of them.
    pub(crate) fn begin(app: Arc<App>, method: Method, uri: Uri) -> (Self, u32) {
        let scim = uri.path().starts_with("/api/2.0/preview/scim/");
        let mut scim_now = 0;
        if scim {
            scim_now = app.log.scim_now.fetch_add(1, Ordering::Relaxed) + 1;
            app.log.scim_most.fetch_max(scim_now, Ordering::Relaxed);
        }
        let call = Self {
            app,
            method,
            uri,
            scim,
            caller: CallerSlot::default(),
            status: None,
            started_ms: real_now_ms(),
            started: Instant::now(),
        };
        (call, scim_now)
    }
}

impl Drop for LoggedCall {
    fn drop(&mut self) {
        if self.scim {
            self.app.log.scim_now.fetch_sub(1, Ordering::Relaxed);
        }
        let caller = self.caller.0.get();
        self.app.log.push(LogEntry {
            method: self.method.to_string(),
            path: self.uri.path().to_owned(),
            query: self.uri.query().unwrap_or_default().to_owned(),
            status: self.status,
            principal: caller.map(|(user_name, _)| user_name.clone()),
            auth: caller.map(|(_, kind)| *kind),
            started_ms: self.started_ms,
            duration_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
    }
}
