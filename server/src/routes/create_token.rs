//! `POST /api/tokens/create`: creates a token for a service principal, and answers with the page that shows its value.
//!
//! A server function would answer a form by a redirect. The value must be in no address, and is kept nowhere from where a
//! second request could fetch it: so the answer to the form is the page.

use app::CreateTokenFailure;
use app::http::request::Services;
use app::problem::Failure;
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode, Uri};

/// Creates what the form asks for. `render` answers a request for a page.
pub(crate) async fn create_token<F>(services: Services, request: Request, render: impl FnOnce(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let (mut parts, body) = request.into_parts();
    // Read and bounded already, by the layer that stands in front.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let fields: Vec<_> = form_urlencoded::parse(&body).into_owned().collect();
    match app::create_token(&services, &parts, &fields).await {
        Ok((page, created)) => {
            parts.method = Method::GET;
            parts.uri = page.parse().unwrap_or_else(|_| Uri::from_static("/"));
            parts.headers.remove(CONTENT_TYPE);
            parts.headers.remove(CONTENT_LENGTH);
            parts.extensions.insert(created);
            render(Request::from_parts(parts, Body::empty())).await
        }
        Err(refused) => reject_form(&refused),
    }
}

/// As server functions refuse: a form is led to its page, a script gets the status.
fn reject_form(refused: &CreateTokenFailure) -> Response {
    let failure: &Failure = &refused.failure;
    if refused.wants_page {
        return Redirect::to(&failure.to_url(&refused.back)).into_response();
    }
    let status = StatusCode::from_u16(failure.problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(failure)).into_response();
    if let Some(seconds) = failure.problem.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
