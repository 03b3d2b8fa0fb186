//! `POST /api/tokens/create` and `POST /api/tokens/create_first`: create a token, for a service principal or as the
//! first token of a workspace, and respond with the page that shows its value.
//!
//! A server function would respond to a form with a redirect. But the value must not be in a URL, nor be stored where
//! anyone but the sender of the form could fetch it. So the response to the form is the page itself.

use app::http::request::Services;
use app::{CreateTokenFailure, NewTokenForm};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, Uri};

use crate::routes::status_of;

/// Creates the token that the form requests. `render` turns a request for a page into its response.
pub(crate) async fn create_token<F>(
    services: Services,
    form: NewTokenForm,
    request: Request,
    render: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let (mut parts, body) = request.into_parts();
    // The layer `body_limit` has already read the body and limited its size.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let fields: Vec<_> = form_urlencoded::parse(&body).into_owned().collect();
    match app::create_token(&services, &parts, form, &fields).await {
        Ok((page, created)) => {
            parts.method = Method::GET;
            parts.uri = page.parse().unwrap_or_else(|_| Uri::from_static("/"));
            parts.headers.remove(CONTENT_TYPE);
            parts.headers.remove(CONTENT_LENGTH);
            parts.extensions.insert(created);
            render(Request::from_parts(parts, Body::empty())).await
        }
        Err(failure) => reject_form(&failure),
    }
}

/// Reports a failure like a server function: a form is redirected to its page, a script gets a status and JSON.
fn reject_form(rejected: &CreateTokenFailure) -> Response {
    let failure = &rejected.failure;
    if rejected.wants_html {
        return Redirect::to(&failure.to_url(&rejected.back)).into_response();
    }
    let mut response = (status_of(&failure.problem), Json(failure)).into_response();
    if let Some(seconds) = failure.problem.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
