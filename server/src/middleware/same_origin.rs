//! Rejects requests that another site made a browser send (cross-site request forgery).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::ORIGIN;
use http::{HeaderMap, Method, StatusCode};

use crate::config::PublicUrl;

/// Accepts a request that can change something only if a page of this console sent it.
pub(crate) async fn check_origin(State(public_url): State<Arc<PublicUrl>>, request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_read || is_same_origin(request.headers(), &public_url) {
        return next.run(request).await;
    }
    let text = "This request did not come from a page of this console and was rejected.\n";
    (StatusCode::FORBIDDEN, text).into_response()
}

/// Browsers send `Sec-Fetch-Site`; old ones send `Origin` instead. A request with neither is rejected, since it may
/// come from anywhere.
fn is_same_origin(headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers.get(ORIGIN).is_some_and(|origin| *origin == public_url.origin()),
    }
}
