//! The style sheet, and the links to the WebAssembly by its hashed file name.
//!
//! The style sheet is small, and the first pages that a browser loads contain it: a link would cost a round trip before
//! anything is visible, which is long on a slow connection. The token list without filters, which most people open
//! first, contains only the rules that it needs (`style/token-list.css`). If scripts run, the browser loads the whole
//! style sheet as a file before it opens a dialog or another page, and says so in a cookie; from then on pages only
//! link to the file (`islands::stylesheet_cache`).
//!
//! Leptos' own components for this read a file next to the executable and write the nonce into readable attributes.
//! Here the file names are compiled into the server.

use std::sync::LazyLock;

use leptos::prelude::*;

/// How a page gets its style sheet.
#[derive(Clone, Debug)]
pub enum Stylesheet {
    /// In the page itself, with the URL under which the browser can cache it later.
    Inline {
        /// The URL of the whole style sheet.
        href: &'static str,
        /// The rules that the page needs.
        text: &'static str,
        /// The name of the cookie in which the browser says that it has cached the style sheet.
        cookie: String,
    },
    /// As a link to this URL, which the browser has cached.
    Cached(&'static str),
}

/// The files that a page links to. Without `js` and `wasm` the page is plain HTML, without `stylesheet` it is unstyled.
#[derive(Clone, Debug, Default)]
pub struct Assets {
    /// The style sheet.
    pub stylesheet: Option<Stylesheet>,
    /// The URL of the JavaScript module that loads the WebAssembly.
    pub js: Option<&'static str>,
    /// The URL of the WebAssembly.
    pub wasm: Option<&'static str>,
    /// Whether the page has the script that filters until the islands run.
    pub filters_early: bool,
}

/// Starts the WebAssembly after the first frame rather than in an idle moment, and sets `data-ready` on the document
/// once all islands run.
static ISLAND_SCRIPT: LazyLock<String> = LazyLock::new(|| without_comments(include_str!("island_script.js")));

/// Filters the list until the islands run.
static EARLY_FILTER_SCRIPT: LazyLock<String> =
    LazyLock::new(|| without_comments(include_str!("../islands/early_filter.js")));

/// A script as pages contain it: without indentation and comment lines.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let lines: Vec<_> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect();
    lines.join("\n")
}

#[expect(non_snake_case, reason = "used like a component, but borrows")]
pub(crate) fn AssetLinks(assets: &Assets, nonce: &str) -> impl IntoView + use<> {
    // Pages are not hydrated, so nothing has to be serialised for the browser.
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
    // A browser that has cached the style sheet has these files too, unless the console was updated since. Loading them
    // early would delay what is visible first.
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
    // A script after the link to the style sheet would wait for the style sheet, and delay the rest of the page.
    (early_filter, style, script)
}
