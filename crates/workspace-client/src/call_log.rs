//! Counts what was asked of workspaces while one piece of work ran, for an access log line or a benchmark.
//!
//! [`scope`] collects the calls of a future and of everything joined inside it. What the future spawns as another task
//! is not counted. Every call, counted or not, is also one `tracing` event of level debug, with the route's template
//! and never with ids, queries or credentials.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use reqwest::Method;

tokio::task_local! {
    static CALLS: RefCell<CallCollector>;
}

/// The metrics of calls: how many, by route, method and outcome, and how long they take.
pub const CALLS_TOTAL: &str = "pat_console_upstream_calls_total";
/// In seconds.
pub const CALL_SECONDS: &str = "pat_console_upstream_call_seconds";

struct CallCollector {
    began: Instant,
    calls: Vec<LoggedCall>,
}

/// The upstream calls of one piece of work, in the order in which they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallLog {
    /// The calls; each repetition is a call of its own.
    pub calls: Vec<LoggedCall>,
}

/// One HTTP request to a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCall {
    /// The HTTP method.
    pub method: Method,
    /// The route's template, such as `/api/2.0/token-management/tokens/{token_id}`.
    pub route: &'static str,
    /// The HTTP status; absent where no answer came, or none in time.
    pub status: Option<u16>,
    /// When it began, after the start of the work.
    pub start: Duration,
    /// How long it took to the last byte.
    pub duration: Duration,
}

impl CallLog {
    /// How long at least one call was under way: calls at the same time count once.
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

/// Runs a future and returns its output with the calls that it made. An outer scope does not see them.
pub async fn record_calls<F: Future>(future: F) -> (F::Output, CallLog) {
    let collector = RefCell::new(CallCollector {
        began: Instant::now(),
        calls: Vec::new(),
    });
    CALLS
        .scope(collector, async {
            let output = future.await;
            let calls = CALLS.with(|c| std::mem::take(&mut c.borrow_mut().calls));
            (output, CallLog { calls })
        })
        .await
}

/// A call under way. It is told of when dropped, so that one that is cut off by its budget is told of too.
pub(crate) struct InFlightCall {
    method: Method,
    route: &'static str,
    began: Instant,
    pub(crate) status: Option<u16>,
}

impl InFlightCall {
    pub(crate) fn new(method: Method, route: &'static str) -> Self {
        Self {
            method,
            route,
            began: Instant::now(),
            status: None,
        }
    }
}

impl Drop for InFlightCall {
    fn drop(&mut self) {
        let duration = self.began.elapsed();
        metrics::counter!(CALLS_TOTAL, "route" => self.route, "method" => self.method.to_string(), "outcome" => outcome(self.status))
            .increment(1);
        metrics::histogram!(CALL_SECONDS, "route" => self.route).record(duration.as_secs_f64());
        tracing::debug!(method = %self.method, route = self.route, status = self.status, ms = duration.as_millis(), "upstream call");
        // Outside of any scope there is nobody to tell.
        let _ = CALLS.try_with(|collector| {
            let mut collector = collector.borrow_mut();
            let start = self.began.saturating_duration_since(collector.began);
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

/// What became of a call, in few words: each makes a series of its own.
fn outcome(status: Option<u16>) -> &'static str {
    match status {
        None => "no_answer",
        Some(429) => "rate_limited",
        Some(200..=299) => "ok",
        Some(300..=399) => "redirect",
        Some(401 | 403) => "refused",
        Some(400..=499) => "rejected",
        Some(_) => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_side_by_side_count_once() {
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
    async fn each_scope_has_its_own_calls() {
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
