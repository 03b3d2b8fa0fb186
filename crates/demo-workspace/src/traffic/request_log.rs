//! The request log: who called what, when, and for how long. It never contains a credential.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::http::{Method, Uri};
use parking_lot::Mutex;
use serde::Serialize;

use crate::app::App;
use crate::clock::real_now_ms;

/// The log discards its oldest entries when it has more than this.
const MAX_ENTRIES: usize = 50_000;

/// One call to the workspace.
#[derive(Debug, Clone, Serialize)]
pub struct LogEntry {
    /// HTTP method.
    pub method: String,
    /// Path as requested, with its percent-encoding.
    pub path: String,
    /// Query string, empty if the URL has no query.
    pub query: String,
    /// Status of the response; `None` if the connection ended without one.
    pub status: Option<u16>,
    /// `userName` of the caller; `None` if no one was authenticated.
    pub principal: Option<String>,
    /// The kind of credential that authenticated the caller.
    pub auth: Option<AuthKind>,
    /// Start in milliseconds since 1970, in real time, not by the workspace's clock.
    pub started_ms: i64,
    /// Milliseconds until the response headers were ready, including delays.
    pub duration_ms: u64,
}

/// The kind of credential that authenticated a call.
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
    /// SCIM calls that are running.
    scim_running: AtomicU32,
    /// The highest number of them since the log was cleared.
    scim_max: AtomicU32,
}

impl RequestLog {
    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        self.entries.lock().iter().cloned().collect()
    }

    /// The highest number of concurrent SCIM calls since the log was cleared.
    pub(crate) fn most_scim_at_once(&self) -> u32 {
        self.scim_max.load(Ordering::Relaxed)
    }

    pub(crate) fn clear(&self) {
        self.entries.lock().clear();
        self.scim_max
            .store(self.scim_running.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    fn push(&self, entry: LogEntry) {
        let mut entries = self.entries.lock();
        if entries.len() == MAX_ENTRIES {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}

/// Passes the authenticated caller from the handler to the log.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallerSlot(Arc<OnceLock<(String, AuthKind)>>);

impl CallerSlot {
    pub(crate) fn fill(&self, user_name: &str, kind: AuthKind) {
        let _ = self.0.set((user_name.to_owned(), kind));
    }
}

/// A running call. Dropping it writes the log entry, so that calls of clients that disconnect are logged too.
#[derive(Debug)]
pub(crate) struct LoggedCall {
    app: Arc<App>,
    method: Method,
    uri: Uri,
    is_scim: bool,
    pub(crate) caller: CallerSlot,
    pub(crate) status: Option<u16>,
    started_ms: i64,
    started: Instant,
}

impl LoggedCall {
    /// Starts a call. Returns it, and if it is a SCIM call the number of SCIM calls that are running, otherwise 0.
    pub(crate) fn begin(app: Arc<App>, method: Method, uri: Uri) -> (Self, u32) {
        let is_scim = uri.path().starts_with("/api/2.0/preview/scim/");
        let mut scim_running = 0;
        if is_scim {
            scim_running = app.log.scim_running.fetch_add(1, Ordering::Relaxed) + 1;
            app.log.scim_max.fetch_max(scim_running, Ordering::Relaxed);
        }
        let call = Self {
            app,
            method,
            uri,
            is_scim,
            caller: CallerSlot::default(),
            status: None,
            started_ms: real_now_ms(),
            started: Instant::now(),
        };
        (call, scim_running)
    }
}

impl Drop for LoggedCall {
    fn drop(&mut self) {
        if self.is_scim {
            self.app.log.scim_running.fetch_sub(1, Ordering::Relaxed);
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
