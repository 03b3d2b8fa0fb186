//! What is turned away before anything looks at it: foreign hosts, requests that other sites made a browser send, and
//! bodies larger than any form of ours.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{ACCEPT, HOST, LOCATION, ORIGIN};
use http::{HeaderMap, Method, StatusCode};

use tokio::time::timeout;

use crate::config::PublicUrl;

/// The largest body, in bytes: a comment with all its characters encoded fits.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// How long a body may take to arrive.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Lets in what is addressed to the public URL. A browser on this machine that used another of its names is sent
/// there; anything else gets 421, so that no foreign name can be pointed at a console (DNS rebinding).
pub(crate) async fn check_host(State(public_url): State<Arc<PublicUrl>>, request: Request, next: Next) -> Response {
    if is_probe(request.uri().path()) {
        return next.run(request).await;
    }
    let host = match request.headers().get(HOST) {
        Some(host) => host.to_str().unwrap_or_default().to_owned(),
        None => request.uri().authority().map(ToString::to_string).unwrap_or_default(),
    };
    if host.eq_ignore_ascii_case(public_url.authority()) {
        return next.run(request).await;
    }
    if request.method() == Method::GET && is_loopback(&host) {
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
        return Redirect::temporary(&format!("{}{path}", public_url.origin())).into_response();
    }
    let text = format!("Wrong host. Open {}.\n", public_url.origin());
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Lets a request that may change something in only where a page of ours sent it. Browsers say so in `Sec-Fetch-Site`;
/// one too old for it says the `Origin`. With neither nobody knows, so it is refused.
pub(crate) async fn check_origin(State(public_url): State<Arc<PublicUrl>>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || is_same_origin(request.headers(), &public_url) {
        return next.run(request).await;
    }
    let text = "This request did not come from a page of this console and was rejected.\n";
    (StatusCode::FORBIDDEN, text).into_response()
}

fn is_same_origin(headers: &HeaderMap, public_url: &PublicUrl) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|v| v.as_bytes() == value.as_bytes());
    if headers.contains_key("sec-fetch-site") {
        return says("sec-fetch-site", "same-origin");
    }
    says(ORIGIN.as_str(), &public_url.origin())
}

/// Reads the body, whether its length was announced or not, and refuses one that is too large.
pub(crate) async fn body_limit(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(read) = timeout(BODY_READ_TIMEOUT, to_bytes(body, MAX_BODY_BYTES)).await else {
        return (StatusCode::REQUEST_TIMEOUT, "The request timed out.\n").into_response();
    };
    match read {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(_) => (StatusCode::PAYLOAD_TOO_LARGE, "The request exceeds 64 kB.\n").into_response(),
    }
}

/// A form's answer is a page. A server function that fails leads back to the page of the form, which says why; where it
/// has no such page, to the start.
pub(crate) async fn form_redirect(request: Request, next: Next) -> Response {
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let by_form = request.uri().path().starts_with("/api/") && accept.is_some_and(|a| a.contains("text/html"));
    let mut response = next.run(request).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if by_form && failed && response.status() != StatusCode::METHOD_NOT_ALLOWED {
        if !response.headers().contains_key(LOCATION) {
            return Redirect::to("/").into_response();
        }
        // A browser does not follow a failure's status.
        *response.status_mut() = StatusCode::SEE_OTHER;
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_not_waited_for() {
        let router = Router::new()
            .route("/", post(|| async { "done" }))
            .layer(from_fn(body_limit));
        let dripping = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let request = Request::post("/").body(Body::from_stream(dripping)).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    }
}
