//! Rejects requests for another host than the console's own, so that no foreign name can be pointed at a console (DNS
//! rebinding).

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::HOST;
use http::{Method, StatusCode};

use crate::config::PublicUrl;

/// Lets requests to the public URL and the health checks pass. A browser on this machine that used another of its names
/// is redirected to the public URL; any other request gets 421.
pub(crate) async fn check_host(State(public_url): State<Arc<PublicUrl>>, request: Request, next: Next) -> Response {
    if is_health_check(request.uri().path()) {
        return next.run(request).await;
    }
    // In HTTP/2 the host is part of the URI.
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

/// Health checks come to an IP address or an internal name.
fn is_health_check(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// Whether a host, with or without a port, is a name or an address of this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
