//! Compresses each page as a whole. `tower_http`'s layer, which still compresses exports and other streams, creates a
//! new encoder for each response, for data of any length. That takes longer than compressing a page.

use std::cell::RefCell;
use std::io::{self, Write as _};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use zstd::bulk::Compressor;

// Chosen with `cargo xtask bench --only "Warm token page"`: the smallest page in at most 2.2 times the processor time
// of the uncompressed one. Zstd was measured at level 7 (1.77 times); level 9 takes a quarter longer by `zstd -b`.
const ZSTD_LEVEL: i32 = 9;
const BROTLI_QUALITY: i32 = 3;
const GZIP_LEVEL: u32 = 4;

/// Base-2 logarithm of brotli's window, which is larger than a page. An even larger window takes time to set up.
const BROTLI_WINDOW: i32 = 18;

const DOCUMENT_END: &[u8] = b"</html>";

/// A smaller page fits into one packet anyway.
const MIN_PAGE_BYTES: usize = 512;

thread_local! {
    /// Setting up its tables takes as long as compressing a page.
    static ZSTD: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses a page with the best encoding that the browser accepts, without the scripts that Leptos appends to it.
pub(crate) async fn compress_page(request: Request, next: Next) -> Response {
    let encoding = Encoding::preferred(request.headers());
    let response = next.run(request).await;
    match is_uncompressed_page(response.headers()) {
        true => compressed(response, encoding).await,
        false => response,
    }
}

fn is_uncompressed_page(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    content_type.is_some_and(|content_type| content_type.starts_with(b"text/html"))
        && !headers.contains_key(CONTENT_ENCODING)
}

async fn compressed(response: Response, encoding: Option<Encoding>) -> Response {
    let (mut parts, body) = response.into_parts();
    // A page is rendered before it is sent, so this does not wait.
    let page = match to_bytes(body, usize::MAX).await {
        Ok(page) => page,
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            let text = "Something went wrong in the console. Check whether anything changed before you try again.\n";
            return (StatusCode::INTERNAL_SERVER_ERROR, text).into_response();
        }
    };
    parts.headers.remove(CONTENT_LENGTH);
    let page = document_of(page);
    let Some(encoding) = encoding.filter(|_| page.len() >= MIN_PAGE_BYTES) else {
        return Response::from_parts(parts, Body::from(page));
    };
    match encoding.compress(&page) {
        Ok(bytes) => {
            let headers = &mut parts.headers;
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
            headers.append(VARY, HeaderValue::from_static("accept-encoding"));
            Response::from_parts(parts, Body::from(bytes))
        }
        Err(error) => {
            tracing::error!(%error, encoding = encoding.name(), "could not compress a page");
            Response::from_parts(parts, Body::from(page))
        }
    }
}

/// The page up to its last tag. Leptos appends scripts with the values of resources, which browsers only need for
/// hydration.
fn document_of(page: Bytes) -> Bytes {
    match page.windows(DOCUMENT_END.len()).rposition(|part| part == DOCUMENT_END) {
        Some(start) => page.slice(..start + DOCUMENT_END.len()),
        None => page,
    }
}

/// Sorted by how small they make a page in the same time, the smallest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Encoding {
    Gzip,
    Brotli,
    Zstd,
}

impl Encoding {
    /// The encoding with the highest weight in `Accept-Encoding` (RFC 9110 §12.5.3). Browsers give all encodings the
    /// same weight.
    fn preferred(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(ACCEPT_ENCODING).into_iter();
        let items = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        let accepted = items.filter_map(|item| {
            let (name, parameter) = item.split_once(';').unwrap_or((item, ""));
            let weight = match parameter.trim().to_ascii_lowercase().strip_prefix("q=") {
                Some(weight) => weight.parse().ok()?,
                None => 1.0,
            };
            Some((weight, Self::from_name(name.trim())?)).filter(|_| weight > 0.0)
        });
        let best = accepted.max_by(|(weight, one), (other_weight, other)| {
            f32::total_cmp(weight, other_weight).then_with(|| one.cmp(other))
        });
        best.map(|(_, encoding)| encoding)
    }

    fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Gzip, Self::Brotli, Self::Zstd];
        all.into_iter()
            .find(|encoding| encoding.name().eq_ignore_ascii_case(name))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    fn compress(self, page: &Bytes) -> io::Result<Vec<u8>> {
        // A page compresses to less than a fifth.
        let mut compressed = Vec::with_capacity(page.len() / 4);
        match self {
            Self::Zstd => return compress_with_zstd(page),
            Self::Brotli => {
                let parameters = BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    lgwin: BROTLI_WINDOW,
                    size_hint: page.len(),
                    ..BrotliEncoderParams::default()
                };
                brotli::BrotliCompress(&mut &page[..], &mut compressed, &parameters)?;
            }
            Self::Gzip => {
                let mut encoder = GzEncoder::new(&mut compressed, Compression::new(GZIP_LEVEL));
                encoder.write_all(page)?;
                encoder.finish()?;
            }
        }
        Ok(compressed)
    }
}

fn compress_with_zstd(page: &[u8]) -> io::Result<Vec<u8>> {
    ZSTD.with_borrow_mut(|compressor| {
        let compressor = match compressor {
            Some(compressor) => compressor,
            None => compressor.insert(Compressor::new(ZSTD_LEVEL)?),
        };
        compressor.compress(page)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_its_last_tag() {
        let document_of = |page: &'static str| document_of(Bytes::from_static(page.as_bytes()));
        assert_eq!(document_of("<html></html><script>x=[]</script>"), "<html></html>");
        for whole in ["<html></html>", "<p>a fragment</p>", ""] {
            assert_eq!(document_of(whole), whole);
        }
    }

    #[test]
    fn the_encoding_is_the_best_of_those_that_are_accepted() {
        let preferred = |accepted: &'static str| {
            let headers = [(ACCEPT_ENCODING, HeaderValue::from_static(accepted))]
                .into_iter()
                .collect();
            Encoding::preferred(&headers).map(Encoding::name)
        };
        assert_eq!(preferred("gzip, deflate, br, zstd"), Some("zstd"));
        assert_eq!(preferred("gzip, deflate, br"), Some("br"));
        assert_eq!(preferred("gzip, deflate"), Some("gzip"));
        assert_eq!(preferred("zstd;q=0.5, GZIP;q=1.0, br; q=0.9"), Some("gzip"));
        assert_eq!(preferred("zstd;q=0, br;q=0.1"), Some("br"));
        for none in ["", "identity", "deflate, *;q=0", "br;q=0", "br;q=x"] {
            assert_eq!(preferred(none), None, "{none}");
        }
        assert_eq!(Encoding::preferred(&HeaderMap::new()), None);
    }
}
