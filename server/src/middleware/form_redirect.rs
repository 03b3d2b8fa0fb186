//! Forms that work without JavaScript: the response to one is always a page.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{ACCEPT, LOCATION};
use http::{HeaderMap, StatusCode};

/// Turns the failure of a server function that a form called into a redirect: to the form's page, which shows the
/// error, or to the start page if the failure names no page.
pub(crate) async fn form_redirect(request: Request, next: Next) -> Response {
    let is_form = request.uri().path().starts_with("/api/") && wants_html(request.headers());
    let mut response = next.run(request).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if is_form && failed && response.status() != StatusCode::METHOD_NOT_ALLOWED {
        if !response.headers().contains_key(LOCATION) {
            return Redirect::to("/").into_response();
        }
        // Browsers do not follow the location of an error status.
        *response.status_mut() = StatusCode::SEE_OTHER;
    }
    response
}

/// Whether a browser sent the request for a page, as it does for a form. Scripts ask for JSON.
pub(crate) fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
