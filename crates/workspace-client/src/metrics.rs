//! The metrics of calls to workspaces.

use std::time::Duration;

use reqwest::Method;

/// Counts calls, by route, method and outcome.
pub const CALLS_TOTAL: &str = "pat_console_upstream_calls_total";
/// Measures how long calls take, in seconds, by route.
pub const CALL_SECONDS: &str = "pat_console_upstream_call_seconds";

/// Records one call that has ended. `status` is absent if no response came.
pub(crate) fn record_call(method: &Method, route: &'static str, status: Option<u16>, duration: Duration) {
    let (method, outcome) = (method.to_string(), outcome(status));
    metrics::counter!(CALLS_TOTAL, "route" => route, "method" => method, "outcome" => outcome).increment(1);
    metrics::histogram!(CALL_SECONDS, "route" => route).record(duration.as_secs_f64());
}

/// The outcome of a call. There are few values, since each is a time series of its own.
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
