//! One line for each request: the route's template, never the path or the query, how it ended, and what it asked of
//! workspaces.

use std::time::Instant;

use app::http::request::RequestId;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, Method};
use uuid::Uuid;
use workspace_client::call_log::{self, CallLog};

use crate::routes::metrics::{REQUEST_SECONDS, REQUESTS_TOTAL};

/// Gives the request an id and writes the line.
pub(crate) async fn access_log(mut request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().to_string();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    request.extensions_mut().insert(RequestId(id.clone()));
    let began = Instant::now();
    let (mut response, own) = call_log::record_calls(next.run(request)).await;
    // A request that runs in a task of its own counts its calls there.
    let calls = response.extensions_mut().remove::<CallLog>().unwrap_or(own);
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    metrics::counter!(
        REQUESTS_TOTAL, "route" => route.clone(), "method" => method_label(&method), "status" => status.to_string()
    )
    .increment(1);
    metrics::histogram!(REQUEST_SECONDS, "route" => route.clone()).record(began.elapsed().as_secs_f64());
    tracing::info!(
        target: "access",
        request = id,
        %method,
        route,
        status,
        ms = began.elapsed().as_millis(),
        upstream_calls = calls.calls.len(),
        upstream_ms = calls.busy().as_millis(),
        "request"
    );
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// Answers a request in a task of its own, with the calls that it made beside the response.
pub(super) async fn count_calls(response: impl Future<Output = Response>) -> Response {
    let (mut response, calls) = call_log::record_calls(response).await;
    response.extensions_mut().insert(calls);
    response
}

/// A method as a label: anybody may send any word for one, and each makes a series.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}
