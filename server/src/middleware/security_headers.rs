//! The security headers of every response. The content security policy of a page allows the scripts and the style sheet
//! with its nonce; that of any other response allows none.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::config::PublicUrl;

const FIXED_HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Without JavaScript, a failed form needs the referrer to return to its page.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// Cuts the handle that a window of another site has to a window that it opened or navigates.
const OPENER_POLICY: (HeaderName, HeaderValue) = (
    HeaderName::from_static("cross-origin-opener-policy"),
    HeaderValue::from_static("same-origin"),
);

/// Makes a reverse proxy forward a stream without buffering it, as nginx does by default
/// (<https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering>).
pub(crate) const UNBUFFERED: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);

/// Adds the headers. A response without a `Cache-Control` header is not cached at all.
pub(crate) async fn security_headers(
    State(public_url): State<Arc<PublicUrl>>,
    request: Request,
    next: Next,
) -> Response {
    let is_own_navigation = is_own_navigation(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let opener_policy = (!is_own_navigation).then_some(OPENER_POLICY);
    for (name, value) in FIXED_HEADERS.into_iter().chain(opener_policy) {
        headers.insert(name, value);
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| content_security_policy(None));
    if public_url.is_https() {
        let one_year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, one_year);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-store"));
    response
}

/// Whether someone typed the URL or came from a page of this console, so that no other site opens the page. With an
/// opener policy, the browser would load it in another process for nothing, which delays the page on a slow phone.
/// Another site that opens or navigates a window sends `cross-site` or `same-site`, and
/// browsers without this header get the policy always
/// (<https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site>).
fn is_own_navigation(headers: &HeaderMap) -> bool {
    let is_one_of = |name: &str, values: &[&str]| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| values.contains(&value))
    };
    is_one_of("sec-fetch-mode", &["navigate"]) && is_one_of("sec-fetch-site", &["none", "same-origin"])
}

/// The content security policy of a response; of a page, with the nonce of its scripts and its style sheet.
pub(crate) fn content_security_policy(nonce: Option<&str>) -> HeaderValue {
    let none = || "'none'".to_owned();
    let script = nonce.map_or_else(none, |nonce| format!("'self' 'nonce-{nonce}' 'wasm-unsafe-eval'"));
    let style = nonce.map_or_else(none, |nonce| format!("'nonce-{nonce}'"));
    let policy = format!(
        "default-src 'none'; script-src {script}; style-src {style}; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    // A nonce is base64, so this is always a valid header value. The fallback would allow nothing.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
