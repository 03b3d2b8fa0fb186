//! Makes a compressed file of a page, to compare with the console's page in a browser. The console's process serves
//! both, so that they come from the same server.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use axum::routing::get;
use clap::Args;

/// The encoding that Chromium negotiates with the console.
const ENCODING: &str = "zstd";

/// The level of the console's own pages (`server/src/middleware/page_compression.rs`).
const LEVEL: i32 = 7;

/// How far the compressed size may differ from the requested size, in bytes.
const MAX_DIFFERENCE: usize = 64;

#[derive(Args)]
pub(crate) struct StaticPageArgs {
    /// The uncompressed page.
    page: PathBuf,
    /// Where the compressed page is written.
    to: PathBuf,
    /// The requested size of the compressed page, in bytes. A comment of random letters fills the page up to it.
    #[arg(long)]
    bytes: usize,
}

/// Writes the compressed page.
pub(crate) fn write(arguments: &StaticPageArgs) -> Result<(), Box<dyn Error>> {
    let html = std::fs::read_to_string(&arguments.page)?;
    let compress = |letters| zstd::bulk::compress(with_comment(&html, letters).as_bytes(), LEVEL);
    // A random letter takes about half a byte. The size grows with the number of letters, except for a few bytes.
    let (mut low, mut high) = (0, 4 * arguments.bytes);
    while low < high {
        let middle = usize::midpoint(low, high);
        match compress(middle)?.len() < arguments.bytes {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    let compressed = compress(low)?;
    if compressed.len().abs_diff(arguments.bytes) > MAX_DIFFERENCE {
        return Err(format!("the page has {} bytes instead of {}", compressed.len(), arguments.bytes).into());
    }
    Ok(std::fs::write(&arguments.to, compressed)?)
}

/// The page with a comment of random hexadecimal digits at its end.
fn with_comment(html: &str, letters: usize) -> String {
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut page = format!("{html}<!--");
    for _ in 0..letters {
        // xorshift64
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let _ = write!(page, "{:x}", random >> 60);
    }
    page.push_str("-->");
    page
}

/// Serves the compressed pages in `folder`.
pub(crate) fn route(folder: PathBuf) -> Router {
    let folder: Arc<std::path::Path> = folder.into();
    let file = get(move |Path(name): Path<String>| {
        let folder = Arc::clone(&folder);
        async move {
            let headers = [
                (CONTENT_TYPE, "text/html; charset=utf-8"),
                (CONTENT_ENCODING, ENCODING),
                (CACHE_CONTROL, "no-store"),
            ];
            match std::fs::read(folder.join(name)) {
                Ok(page) => (headers, page).into_response(),
                Err(_) => StatusCode::NOT_FOUND.into_response(),
            }
        }
    });
    Router::new().route("/files/{name}", file)
}
