//! Loads the style sheet as a file. A browser's first pages contain the style sheet, or the rules that they need; once
//! the browser has cached the file, pages only link to it.

use std::cell::Cell;

use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlDocument, RequestInit, Response};

use super::dom::{document, find, listen, set_text, target, window};
use super::fetch::{send, text};

thread_local! {
    static IS_LOADING: Cell<bool> = const { Cell::new(false) };
}

/// Loads the style sheet as soon as someone points at, touches or focuses a link or button.
pub(crate) fn load_before_leaving() {
    for name in ["pointerover", "touchstart", "focusin"] {
        listen(&document(), name, |event: Event| {
            let opener = target(&event).and_then(|element| element.closest("a[href^='/'], button").ok().flatten());
            if opener.is_some() && !IS_LOADING.replace(true) {
                wasm_bindgen_futures::spawn_local(async {
                    load_stylesheet().await;
                    IS_LOADING.set(false);
                });
            }
        });
    }
}

/// Loads the whole style sheet as a file, in place of the rules that the page contains, and sets a cookie that says so,
/// which `http/cookies.rs` reads. Does nothing if the page links to the file already.
pub(crate) async fn load_stylesheet() {
    let Some(style) = find("style[data-styles]") else {
        return;
    };
    let attribute = |name| style.get_attribute(name);
    let Some((href, cookie)) = attribute("data-styles").zip(attribute("data-cookie")) else {
        return;
    };
    let response = send(&href, &RequestInit::new(), "text/css").await.filter(Response::ok);
    let Some(response) = response else { return };
    if let Some(sheet) = text(&response).await {
        set_text(&style, &sheet);
        let _ = style.remove_attribute("data-styles");
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
