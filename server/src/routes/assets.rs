//! Serves the browser's files (WebAssembly, JavaScript, icon), which are embedded in the program.
//!
//! Their names, types, brotli-compressed copies and hashes are determined at build time (`cargo xtask site`,
//! `build.rs`). Pages get the names from [`JS`] and [`WASM`], and contain the text of [`CSS`] or [`TOKEN_LIST_CSS`].
//!
//! `memory-serve` is not used, because it would compress again what xtask has compressed, and cannot be built without a
//! site.

use axum::Router;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

/// One file of the site.
struct Asset {
    /// The path of its URL, such as `/pkg/pat-console-0123456789abcdef.js`.
    path: &'static str,
    content_type: &'static str,
    /// Whether the path contains a hash of the content.
    immutable: bool,
    /// The hash of `identity`, in hexadecimal digits.
    sha256: &'static str,
    /// The uncompressed content.
    identity: &'static [u8],
    /// The content compressed with brotli.
    brotli: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// The routes of the site's files. They include unknown paths under `/pkg/`: pages of an earlier release still request
/// its files, and caches must not store the 404.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    routes_of(FILES)
}

fn routes_of<S: Clone + Send + Sync + 'static>(files: &'static [Asset]) -> Router<S> {
    let not_found = || async { (StatusCode::NOT_FOUND, [(CACHE_CONTROL, "no-store")], "file not found\n") };
    files
        .iter()
        .fold(Router::new().route("/pkg/{*path}", get(not_found)), |router, file| {
            router.route(
                file.path,
                get(move |request: HeaderMap| async move { file.respond(&request) }),
            )
        })
}

impl Asset {
    fn respond(&self, request: &HeaderMap) -> Response {
        let brotli = accepts_brotli(request);
        // Strong ETags differ between encodings (RFC 9110 §8.8.3.3).
        let etag = format!("\"{}{}\"", self.sha256, if brotli { "-br" } else { "" });
        let caching = [
            (ETAG, etag.as_str()),
            (CACHE_CONTROL, self.cache_control()),
            (VARY, "accept-encoding"),
        ];
        if matches_etag(request, &etag) {
            return (StatusCode::NOT_MODIFIED, caching).into_response();
        }
        let content_type = [(CONTENT_TYPE, self.content_type)];
        if brotli {
            (caching, content_type, [(CONTENT_ENCODING, "br")], self.brotli).into_response()
        } else {
            (caching, content_type, self.identity).into_response()
        }
    }

    /// A year is the longest time that HTTP caches accept. A file without a hash in its name is cached for a day, so
    /// that a repeated visit requests only pages.
    fn cache_control(&self) -> &'static str {
        if self.immutable {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=86400"
        }
    }
}

/// Whether `Accept-Encoding` names brotli with a weight above zero (RFC 9110 §12.5.3).
fn accepts_brotli(request: &HeaderMap) -> bool {
    members(request, ACCEPT_ENCODING).any(|member| {
        let (coding, weight) = member.split_once(';').unwrap_or((member, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse);
        coding.trim().eq_ignore_ascii_case("br") && weight.is_ok_and(|weight: f32| weight > 0.0)
    })
}

/// Whether `If-None-Match` contains this `ETag`, by weak comparison (RFC 9110 §13.1.2).
fn matches_etag(request: &HeaderMap, etag: &str) -> bool {
    members(request, IF_NONE_MATCH).any(|member| member == "*" || member.trim_start_matches("W/") == etag)
}

/// The members of a comma-separated header, across all its lines.
fn members(request: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    request
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Method, Request};
    use tower::ServiceExt as _;

    use super::*;

    static SAMPLE: &[Asset] = &[
        Asset {
            path: "/pkg/app-1234.wasm",
            content_type: "application/wasm",
            immutable: true,
            sha256: "1234",
            identity: b"identity",
            brotli: b"brotli",
        },
        Asset {
            path: "/robots.txt",
            content_type: "text/plain; charset=utf-8",
            immutable: false,
            sha256: "5678",
            identity: b"User-agent: *",
            brotli: b"packed",
        },
    ];

    struct TestResponse {
        status: StatusCode,
        headers: HeaderMap,
        body: String,
    }

    impl TestResponse {
        fn header(&self, name: HeaderName) -> Option<&str> {
            self.headers.get(name).map(|value| value.to_str().unwrap())
        }
    }

    async fn send(method: Method, path: &str, headers: &[(HeaderName, &str)]) -> TestResponse {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let response = routes_of(SAMPLE)
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        TestResponse {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    async fn get_with(path: &str, headers: &[(HeaderName, &str)]) -> TestResponse {
        send(Method::GET, path, headers).await
    }

    #[tokio::test]
    async fn a_file_with_a_hash_in_its_path_is_cached_for_a_year() {
        let response = get_with("/pkg/app-1234.wasm", &[]).await;
        assert_eq!((response.status, response.body.as_str()), (StatusCode::OK, "identity"));
        assert_eq!(response.header(CONTENT_TYPE), Some("application/wasm"));
        assert_eq!(
            response.header(CACHE_CONTROL),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(response.header(VARY), Some("accept-encoding"));
        assert_eq!(response.header(CONTENT_ENCODING), None);
    }

    #[tokio::test]
    async fn brotli_is_sent_to_clients_that_accept_it() {
        for (accepted, body) in [
            ("gzip, deflate, br, zstd", "brotli"),
            ("BR;q=0.5", "brotli"),
            ("br;q=0, gzip", "identity"),
            ("br; q=what", "identity"),
            ("brotli", "identity"),
            ("*", "identity"),
            ("", "identity"),
        ] {
            let response = get_with("/pkg/app-1234.wasm", &[(ACCEPT_ENCODING, accepted)]).await;
            assert_eq!(response.body, body, "{accepted}");
            assert_eq!(
                response.header(CONTENT_ENCODING),
                (body == "brotli").then_some("br"),
                "{accepted}"
            );
        }
    }

    #[tokio::test]
    async fn a_version_that_the_client_has_is_not_sent_again() {
        let first = get_with("/robots.txt", &[]).await;
        let etag = first.header(ETAG).unwrap();
        assert_eq!(etag, "\"5678\"");
        for known in [etag, "\"1\", W/\"5678\"", "*"] {
            let again = get_with("/robots.txt", &[(IF_NONE_MATCH, known)]).await;
            assert_eq!(
                (again.status, again.body.as_str()),
                (StatusCode::NOT_MODIFIED, ""),
                "{known}"
            );
            assert_eq!(again.header(ETAG), Some(etag));
            assert_eq!(again.header(CACHE_CONTROL), Some("public, max-age=86400"));
        }
        let other = get_with("/robots.txt", &[(IF_NONE_MATCH, etag), (ACCEPT_ENCODING, "br")]).await;
        assert_eq!(
            (other.status, other.header(ETAG)),
            (StatusCode::OK, Some("\"5678-br\""))
        );
    }

    #[tokio::test]
    async fn head_returns_only_the_headers() {
        let response = send(Method::HEAD, "/robots.txt", &[]).await;
        assert_eq!((response.status, response.body.as_str()), (StatusCode::OK, ""));
        assert_eq!(response.headers.get("content-length").unwrap(), "13");
        assert_eq!(
            send(Method::POST, "/robots.txt", &[]).await.status,
            StatusCode::METHOD_NOT_ALLOWED
        );
    }

    #[tokio::test]
    async fn a_path_of_another_release_gets_404_and_is_not_cached() {
        for path in ["/pkg/app-9999.wasm", "/pkg/../robots.txt", "/pkg/a/b"] {
            let response = get_with(path, &[]).await;
            assert_eq!(response.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(response.header(CACHE_CONTROL), Some("no-store"), "{path}");
        }
    }

    #[test]
    fn the_names_that_pages_get_are_files_of_this_build() {
        let named: Vec<_> = [JS, WASM].into_iter().flatten().collect();
        assert_eq!(named.is_empty(), FILES.is_empty());
        for name in named {
            assert!(FILES.iter().any(|file| file.path == name && file.immutable), "{name}");
        }
    }
}
