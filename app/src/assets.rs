//! Links to the style sheet and to the program of the islands, by their hashed names.
//!
//! Leptos' own components for this read a file beside the executable and write the nonce into readable attributes; the
//! names here are compiled into the server.

use leptos::prelude::*;

/// The addresses of the browser's files. Without `script` and `wasm` pages are plain HTML.
#[derive(Clone, Copy, Debug, Default)]
pub struct Assets {
    /// The style sheet.
    pub css: Option<&'static str>,
    /// The JavaScript module around the WebAssembly.
    pub js: Option<&'static str>,
    /// The WebAssembly.
    pub wasm: Option<&'static str>,
}

/// Starts the islands: leptos' own `island_script.js` without waiting for an idle moment and without the hooks of the
/// islands router, and with a mark on the document once every island is alive.
pub const ISLAND_SCRIPT: &str = include_str!("island_script.js");

#[expect(non_snake_case, reason = "used like a component, but borrows")]
pub(crate) fn AssetLinks(assets: &Assets, nonce: &str) -> impl IntoView + use<> {
    // Pages are not hydrated, only islands are: nothing of a page needs to be serialised for the browser.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let style = assets.css.map(|href| view! { <link rel="stylesheet" href=href /> });
    let script = assets.js.zip(assets.wasm).map(|(js, wasm)| {
        let start = format!("{}({js:?},{wasm:?})", ISLAND_SCRIPT.trim_end());
        view! {
            // Low, so that on a slow line they do not keep the style sheet, and with it the rows, waiting.
            <link rel="modulepreload" href=js fetchpriority="low" />
            <link
                rel="preload"
                href=wasm
                r#as="fetch"
                r#type="application/wasm"
                crossorigin="anonymous"
                fetchpriority="low"
            />
            <script type="module" nonce=nonce.to_owned() inner_html=start></script>
        }
    });
    (style, script)
}
