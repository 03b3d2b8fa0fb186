//! Keeps the style sheet, which stands in the first pages, so that later ones need only name it.

use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, Response};

use super::dom::{document, window};

/// Asks for the style sheet under its own address and, once the browser has it, says so in a cookie.
pub(crate) async fn cache_stylesheet() {
    let within = document().query_selector("style[data-styles]").ok().flatten();
    let Some(href) = within.and_then(|style| style.get_attribute("data-styles")) else {
        return;
    };
    let answer = JsFuture::from(window().fetch_with_str(&href)).await.ok();
    let Some(answer) = answer
        .and_then(|answer| answer.dyn_into::<Response>().ok())
        .filter(Response::ok)
    else {
        return;
    };
    let Ok(text) = answer.text() else { return };
    if JsFuture::from(text).await.is_ok() {
        let document: HtmlDocument = document().unchecked_into();
        let https = window()
            .location()
            .protocol()
            .is_ok_and(|protocol| protocol == "https:");
        let secure = if https { "; secure" } else { "" };
        let _ = document.set_cookie(&format!(
            "styles={href}; path=/; max-age=31536000; samesite=lax{secure}"
        ));
    }
}
