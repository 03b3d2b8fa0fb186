//! The style sheet, and the links to the islands' program by their hashed names.
//!
//! The style sheet is small and is part of the first pages that a browser shows: as a link it would cost a round trip
//! before anything is seen, which takes long on a slow line. The token list without filters, which most people open
//! first, contains only the rules that it needs (`style/token-list.css`). If scripts run, the browser loads the whole
//! sheet before a dialog or another page is opened, and says so in a cookie; from then on pages only link to it
//! (`islands::stylesheet_cache`).
//!
//! Leptos' own components for this read a file next to the executable and write the nonce into readable attributes. The
//! names here are compiled into the server.

use std::sync::LazyLock;

use leptos::prelude::*;

/// How a page gets its style sheet.
#[derive(Clone, Debug)]
pub enum Stylesheet {
    /// As part of the page, with the URL under which the browser can cache it.
    Inline {
        /// The URL of the whole style sheet.
        href: &'static str,
        /// The rules that the page needs.
        text: &'static str,
        /// The name of the cookie in which the browser says that it has.
        cookie: String,
    },
    /// By its URL: the browser has cached it.
    Cached(&'static str),
}

/// What a page links to. Without `js` and `wasm` it is plain HTML, without `stylesheet` it is unstyled.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// The style sheet.
    pub stylesheet: Option<Stylesheet>,
    /// The URL of the JavaScript module around the WebAssembly.
    pub js: Option<&'static str>,
    /// The URL of the WebAssembly.
    pub wasm: Option<&'static str>,
    /// Whether the page has the script that applies a filter until the islands run.
    pub filters_early: bool,
}

/// Starts the islands' program after the first frame, and not in an idle moment. It sets `data-ready` on the document
/// once they all run.
static ISLAND_SCRIPT: LazyLock<String> = LazyLock::new(|| without_comments(include_str!("island_script.js")));

/// Applies a filter until the islands run.
static EARLY_FILTER_SCRIPT: LazyLock<String> =
    LazyLock::new(|| without_comments(include_str!("../islands/early_filter.js")));

/// A script as pages contain it: without indentation and lines that are comments.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let lines: Vec<_> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect();
    lines.join("\n")
}

#[expect(non_snake_case, reason = "used like a component, but borrows")]
pub(crate) fn AssetLinks(assets: &Assets, nonce: &str) -> impl IntoView + use<> {
    // Pages are not hydrated: nothing of a page has to be serialised for the browser.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let style_nonce = nonce.to_owned();
    let style = assets.stylesheet.clone().map(|style| match style {
        Stylesheet::Inline { href, text, cookie } => {
            view! { <style nonce=style_nonce data-styles=href data-cookie=cookie inner_html=text></style> }.into_any()
        }
        Stylesheet::Cached(href) => view! { <link rel="stylesheet" nonce=style_nonce href=href /> }.into_any(),
    });
    // A browser that has the style sheet has these too, unless the console was updated since. Reading them at once
    // would delay what is seen first.
    let has_files = matches!(assets.stylesheet, Some(Stylesheet::Cached(_)));
    let script = assets.js.zip(assets.wasm).map(|(js, wasm)| {
        let start = format!("{}({js:?},{wasm:?})", *ISLAND_SCRIPT);
        let preload = (!has_files).then(|| {
            view! {
                <link rel="modulepreload" href=js />
                <link
                    rel="preload"
                    href=wasm
                    r#as="fetch"
                    r#type="application/wasm"
                    crossorigin="anonymous"
                />
            }
        });
        view! {
            {preload}
            <script type="module" nonce=nonce.to_owned() inner_html=start></script>
        }
    });
    let early_filter = assets.filters_early.then(|| {
        view! { <script nonce=nonce.to_owned() inner_html=EARLY_FILTER_SCRIPT.as_str()></script> }
    });
    // A script after the link to the style sheet would wait for it, and the rest of the page for the script.
    (early_filter, style, script)
}
