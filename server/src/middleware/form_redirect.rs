//! Makes forms work without JavaScript: the response to a form is always a page.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{ACCEPT, HeaderValue, LOCATION, REFERER};
use http::{HeaderMap, StatusCode};

use crate::config::PublicUrl;

/// Turns the failure of a server function that a form called into a redirect: to the form's page, which shows the
/// error, or to the start page if the failure has no URL.
pub(crate) async fn form_redirect(
    State(public_url): State<Arc<PublicUrl>>,
    mut request: Request,
    next: Next,
) -> Response {
    keep_own_referrer(request.headers_mut(), &public_url);
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

/// Replaces a `Referer` that is missing or from another site with the start page, because server functions redirect a
/// failed form to it, with the error (`ServerFn::run_on_server` of `server_fn`).
fn keep_own_referrer(headers: &mut HeaderMap, public_url: &PublicUrl) {
    let start_page = format!("{}/", public_url.origin());
    let referrer = headers.get(REFERER).and_then(|referrer| referrer.to_str().ok());
    if !referrer.is_some_and(|page| page.starts_with(&start_page))
        && let Ok(start_page) = HeaderValue::from_str(&start_page)
    {
        headers.insert(REFERER, start_page);
    }
}

/// Whether the request accepts a page, like that of a browser's form. Scripts ask for JSON.
pub(crate) fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
