//! One line for each request: the route's template, never the path or the query, how it ended, and what it asked of
//! workspaces.

use std::time::Instant;

use app::request::RequestId;
use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use uuid::Uuid;
use workspace_client::tally;

/// Gives the request an id and writes the line.
pub(crate) async fn log(mut request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().to_string();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    request.extensions_mut().insert(RequestId(id.clone()));
    let began = Instant::now();
    let (mut response, tally) = tally::scope(next.run(request)).await;
    tracing::info!(
        target: "access",
        request = id,
        %method,
        route = route.as_deref().unwrap_or("unmatched"),
        status = response.status().as_u16(),
        ms = began.elapsed().as_millis(),
        upstream_calls = tally.calls.len(),
        upstream_ms = tally.busy_ms(),
        "request"
    );
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}
