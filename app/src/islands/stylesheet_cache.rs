//! Caches the style sheet, which is part of the first pages, so that later ones only link to it.

use std::cell::Cell;

use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, HtmlDocument, Response};

use super::dom::{document, listen, target, window};

thread_local! {
    static IS_CACHING: Cell<bool> = const { Cell::new(false) };
}

/// Caches the style sheet once someone points at a link, touches it or moves the focus to it.
pub(crate) fn cache_before_leaving() {
    for name in ["pointerover", "touchstart", "focusin"] {
        listen(&document(), name, |event: Event| {
            let link = target(&event).and_then(|element| element.closest("a[href^='/']").ok().flatten());
            if link.is_some() && !IS_CACHING.replace(true) {
                leptos::task::spawn_local(cache_stylesheet());
            }
        });
    }
}

/// Fetches the style sheet from its own URL and, once the browser has it, says so in a cookie, which
/// `http/cookies.rs` reads.
pub(crate) async fn cache_stylesheet() {
    let style = document().query_selector("style[data-styles]").ok().flatten();
    let attribute = |name| style.as_ref().and_then(|style| style.get_attribute(name));
    let Some((href, cookie)) = attribute("data-styles").zip(attribute("data-cookie")) else {
        return;
    };
    let response = JsFuture::from(window().fetch_with_str(&href)).await.ok();
    let Some(response) = response
        .and_then(|response| response.dyn_into::<Response>().ok())
        .filter(Response::ok)
    else {
        return;
    };
    let Ok(text) = response.text() else { return };
    if JsFuture::from(text).await.is_ok() {
        let document: HtmlDocument = document().unchecked_into();
        let https = window()
            .location()
            .protocol()
            .is_ok_and(|protocol| protocol == "https:");
        let secure = if https { "; secure" } else { "" };
        let _ = document.set_cookie(&format!(
            "{cookie}={href}; path=/; max-age=31536000; samesite=lax{secure}"
        ));
    }
}
