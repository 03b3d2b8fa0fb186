//! The style sheet, and the links to the program of the islands by their hashed names.
//!
//! The style sheet is small and stands in the first pages that a browser shows: asked for by a link it would cost a slow
//! line a round trip before anything is seen. Where scripts run, the browser keeps it a moment later and says so by a cookie;
//! from then on pages only name it (`islands::stylesheet_cache`).
//!
//! Leptos' own components for this read a file beside the executable and write the nonce into readable attributes; the
//! names here are compiled into the server.

use leptos::prelude::*;

/// How a page gets its style sheet.
#[derive(Clone, Copy, Debug)]
pub enum Stylesheet {
    /// Within it, with the address under which it may be kept.
    Within {
        /// The address.
        href: &'static str,
        /// The text.
        text: &'static str,
    },
    /// By the address: the browser has it.
    Kept(&'static str),
}

/// The cookie in which a browser says which style sheet it keeps. It holds an address of ours and no secret.
pub const STYLESHEET_COOKIE: &str = "styles";

/// What pages are given besides HTML. Without `js` and `wasm` they are plain HTML, without `style` unstyled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Assets {
    /// The style sheet.
    pub stylesheet: Option<Stylesheet>,
    /// The address of the JavaScript module around the WebAssembly.
    pub js: Option<&'static str>,
    /// The address of the WebAssembly.
    pub wasm: Option<&'static str>,
}

/// Starts the islands: leptos' own `island_script.js` without waiting for an idle moment, without the hooks of the islands
/// router, and without a walk through every element, which cost a slow phone 30 to 70 ms; and with a mark on the document
/// once every island is alive.
pub const ISLAND_SCRIPT: &str = include_str!("island_script.js");

#[expect(non_snake_case, reason = "used like a component, but borrows")]
pub(crate) fn AssetLinks(assets: &Assets, nonce: &str) -> impl IntoView + use<> {
    // Pages are not hydrated, only islands are: nothing of a page needs to be serialised for the browser.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let nonce_of_style = nonce.to_owned();
    let style = assets.stylesheet.map(|style| match style {
        Stylesheet::Within { href, text } => {
            view! { <style nonce=nonce_of_style data-styles=href inner_html=text></style> }.into_any()
        }
        Stylesheet::Kept(href) => view! { <link rel="stylesheet" nonce=nonce_of_style href=href /> }.into_any(),
    });
    let script = assets.js.zip(assets.wasm).map(|(js, wasm)| {
        let start = format!("{}({js:?},{wasm:?})", ISLAND_SCRIPT.trim_end());
        view! {
            <link rel="modulepreload" href=js />
            <link
                rel="preload"
                href=wasm
                r#as="fetch"
                r#type="application/wasm"
                crossorigin="anonymous"
            />
            <script type="module" nonce=nonce.to_owned() inner_html=start></script>
        }
    });
    (style, script)
}
