//! The HTML document around a page.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use super::assets::{AssetLinks, Assets};
use super::shortcuts::document_shortcuts;
use super::theme;

/// The URL of the style sheet for printing. It is always a file, which browsers load last.
const PRINT_STYLESHEET: &str = "/print.css";

/// The document: the head, and `app` in the body. `nonce` is from the response's content security policy.
pub(crate) fn document<V, F>(assets: &Assets, nonce: &str, app: F) -> impl IntoView + use<V, F>
where
    V: IntoView,
    F: FnOnce() -> V,
{
    let links = AssetLinks(assets, nonce);
    let print_nonce = nonce.to_owned();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme::document_theme() data-shortcuts=document_shortcuts()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="manifest" href="/manifest.webmanifest" />
                {links}
                <link rel="stylesheet" media="print" nonce=print_nonce href=PRINT_STYLESHEET />
                <MetaTags />
            </head>
            <body>{app()}</body>
        </html>
    }
}

/// The title of the browser tab for a page called `title`. It is escaped here because `leptos_meta` does not escape
/// titles (<https://docs.rs/leptos_meta/0.8.7/src/leptos_meta/lib.rs.html#263>), which can contain a token's comment.
pub(crate) fn document_title(title: &str) -> String {
    let escaped = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("{escaped} · PAT Console")
}
