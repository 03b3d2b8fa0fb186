//! Records the calls to workspaces that one piece of work makes, for a line of the access log or a benchmark.
//!
//! [`record_calls`] collects the calls of a future and of everything joined in it, but not of tasks that the future
//! spawns, unless those are wrapped in [`in_current_log`]. Every call, recorded or not, is also counted in the metrics
//! and logged as one `tracing` event of level debug, with the template of its route and never with IDs, queries or
//! credentials.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use reqwest::Method;

use crate::metrics::record_call;

pub use crate::metrics::{CALL_SECONDS, CALLS_TOTAL};

tokio::task_local! {
    static CALLS: Arc<Mutex<CallCollector>>;
}

struct CallCollector {
    started: Instant,
    calls: Vec<LoggedCall>,
}

/// The calls of one piece of work, in the order in which they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallLog {
    /// The calls; each retry is a call of its own.
    pub calls: Vec<LoggedCall>,
}

/// One HTTP request to a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCall {
    /// The HTTP method.
    pub method: Method,
    /// The template of the route, such as `/api/2.0/token-management/tokens/{token_id}`.
    pub route: &'static str,
    /// The HTTP status; absent if no response came, or none in time.
    pub status: Option<u16>,
    /// The time from the start of the work to the start of the call.
    pub start: Duration,
    /// The time from the start of the call to the last byte of its response.
    pub duration: Duration,
}

impl CallLog {
    /// How long at least one call was in progress: simultaneous calls count once.
    pub fn busy(&self) -> Duration {
        let mut spans: Vec<_> = self.calls.iter().map(|c| (c.start, c.start + c.duration)).collect();
        spans.sort_unstable();
        let mut busy = Duration::ZERO;
        let mut covered = Duration::ZERO;
        for (start, end) in spans {
            busy += end.saturating_sub(start.max(covered));
            covered = covered.max(end);
        }
        busy
    }
}

/// Runs a future and returns its output with the calls that it made. If this is nested, the outer log does not contain
/// them.
pub async fn record_calls<F: Future>(future: F) -> (F::Output, CallLog) {
    let collector = Arc::new(Mutex::new(CallCollector {
        started: Instant::now(),
        calls: Vec::new(),
    }));
    let output = CALLS.scope(Arc::clone(&collector), future).await;
    let calls = std::mem::take(&mut collector.lock().calls);
    (output, CallLog { calls })
}

/// A future for a task of its own, whose calls belong to the current log if there is one. The log contains those that
/// end before it does.
pub fn in_current_log<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let current = CALLS.try_with(Arc::clone).ok();
    async move {
        match current {
            Some(collector) => CALLS.scope(collector, future).await,
            None => future.await,
        }
    }
}

/// A call in progress. It is recorded when it is dropped, and so also if its budget cuts it off.
pub(crate) struct InFlightCall {
    method: Method,
    route: &'static str,
    started: Instant,
    pub(crate) status: Option<u16>,
}

impl InFlightCall {
    pub(crate) fn new(method: Method, route: &'static str) -> Self {
        Self {
            method,
            route,
            started: Instant::now(),
            status: None,
        }
    }
}

impl Drop for InFlightCall {
    fn drop(&mut self) {
        let duration = self.started.elapsed();
        record_call(&self.method, self.route, self.status, duration);
        tracing::debug!(
            method = %self.method,
            route = self.route,
            status = self.status,
            ms = duration.as_millis(),
            "upstream call"
        );
        // Fails outside of `record_calls`, where no log exists.
        let _ = CALLS.try_with(|collector| {
            let mut collector = collector.lock();
            let start = self.started.saturating_duration_since(collector.started);
            collector.calls.push(LoggedCall {
                method: self.method.clone(),
                route: self.route,
                status: self.status,
                start,
                duration,
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simultaneous_calls_count_once() {
        let call = |start, duration| LoggedCall {
            method: Method::GET,
            route: "/x",
            status: Some(200),
            start: Duration::from_millis(start),
            duration: Duration::from_millis(duration),
        };
        let calls = CallLog {
            calls: vec![call(90, 30), call(0, 50), call(10, 20), call(40, 20), call(95, 5)],
        };
        assert_eq!(calls.busy(), Duration::from_millis(60 + 30));
        assert_eq!(CallLog::default().busy(), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_task_can_belong_to_the_log() {
        let call = || async { drop(InFlightCall::new(Method::GET, "/task")) };
        let ((), log) = record_calls(async {
            tokio::spawn(in_current_log(call())).await.unwrap();
            tokio::spawn(call()).await.unwrap();
        })
        .await;
        assert_eq!(log.calls.len(), 1);
        in_current_log(call()).await;
    }

    #[tokio::test]
    async fn a_nested_log_has_its_own_calls() {
        let ((_, inner), outer) = record_calls(async {
            drop(InFlightCall::new(Method::GET, "/outer"));
            record_calls(async { drop(InFlightCall::new(Method::GET, "/inner")) }).await
        })
        .await;
        assert_eq!(inner.calls.len(), 1);
        assert_eq!(outer.calls[0].route, "/outer");
        assert_eq!(outer.calls.len(), 1);
    }
}
