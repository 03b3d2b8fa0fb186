//! One log line for each request: its client, its route as a template (never the path or the query), its status, and
//! the calls that it made to workspaces. The same numbers are counted for `/metrics`.

use std::time::Instant;

use axum::Extension;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use console::RequestSource;
use http::Method;
use workspace_client::call_log::{self, CallLog};

use crate::routes::metrics::{REQUEST_SECONDS, REQUESTS_TOTAL};

/// Writes the line when the response starts.
pub(super) async fn access_log(Extension(source): Extension<RequestSource>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let began = Instant::now();
    let (mut response, calls) = call_log::record_calls(next.run(request)).await;
    // A request that runs in its own task records its calls there.
    let calls = response.extensions_mut().remove::<CallLog>().unwrap_or(calls);
    let status = response.status().as_u16();
    metrics::counter!(
        REQUESTS_TOTAL, "route" => route.clone(), "method" => method_label(&method), "status" => status.to_string()
    )
    .increment(1);
    metrics::histogram!(REQUEST_SECONDS, "route" => route.clone()).record(began.elapsed().as_secs_f64());
    tracing::info!(
        target: "access",
        request = source.id,
        client = %source.client,
        %method,
        route,
        status,
        ms = began.elapsed().as_millis(),
        upstream_calls = calls.calls.len(),
        upstream_ms = calls.busy().as_millis(),
        "request"
    );
    response
}

/// Attaches the calls to workspaces to the response that they were made for, so that [`access_log`] can read them from
/// another task.
pub(super) async fn attach_calls(response: impl Future<Output = Response>) -> Response {
    let (mut response, calls) = call_log::record_calls(response).await;
    response.extensions_mut().insert(calls);
    response
}

/// The method as a metrics label. A client can send any word as its method, and each label value creates a time series.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}
