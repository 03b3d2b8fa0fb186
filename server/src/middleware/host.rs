//! Rejects requests whose host is not the console's own, so that no other domain name can be pointed at a console (DNS
//! rebinding).

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::HOST;
use http::{Method, StatusCode};

use crate::config::PublicUrl;
use crate::middleware::redirect_urls::redirect_target;

/// The longest host name that a response shows.
const MAX_HOST_SHOWN: usize = 255;

/// Accepts requests for the public URL, and health checks. If the public URL is a loopback URL, requests for another
/// loopback name are redirected to it. All others get 421: a redirect would loop forever behind a proxy that does not
/// forward the host.
pub(crate) async fn check_host(State(public_url): State<Arc<PublicUrl>>, request: Request, next: Next) -> Response {
    if is_health_check(request.uri().path()) {
        return next.run(request).await;
    }
    // In HTTP/2 the host is part of the URI.
    let host = match request.headers().get(HOST) {
        Some(host) => host.to_str().unwrap_or_default().to_owned(),
        None => request.uri().authority().map(ToString::to_string).unwrap_or_default(),
    };
    if public_url.is_at(&host) {
        return next.run(request).await;
    }
    if request.method() == Method::GET && public_url.is_loopback() && is_loopback(&host) {
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
        return Redirect::temporary(&format!("{}{}", public_url.origin(), redirect_target(path))).into_response();
    }
    (StatusCode::MISDIRECTED_REQUEST, wrong_host(&host, &public_url)).into_response()
}

/// Plain text that says what a person can do, and what a proxy has to send.
fn wrong_host(host: &str, public_url: &PublicUrl) -> String {
    let origin = public_url.origin();
    // Host names contain no other characters. The check keeps arbitrary text out of the response.
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    let is_shown = host.len() <= MAX_HOST_SHOWN && host.chars().all(is_name);
    let arrived = match host {
        "" => "no host".to_owned(),
        host if is_shown => format!("the host \u{201c}{host}\u{201d}"),
        _ => "an invalid host".to_owned(),
    };
    let expected = public_url.authority();
    format!(
        "Wrong host. Open {origin}.\n\nThis request came with {arrived}, and the console is at \
         \u{201c}{expected}\u{201d}. If a proxy is in front of it, the proxy has to pass on the Host header (nginx: \
         proxy_set_header Host $host; or $host:$server_port for an unusual port). If the console is meant to be opened \
         with another URL, set --public-url.\n"
    )
}

/// Health checks are sent to an IP address or an internal name.
fn is_health_check(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// Whether a host, with or without a port, is a loopback name or address.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
