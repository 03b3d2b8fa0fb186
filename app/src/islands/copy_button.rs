//! Copy buttons: `[data-copy]` copies the code beside it.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, HtmlElement};

use super::dom::{document, find, find_all, listen, target, window};

/// Brings the buttons to life. They are hidden as long as nothing would happen.
pub(crate) fn attach() {
    listen(&document(), "click", |event: Event| {
        let button = target(&event).and_then(|e| e.closest("[data-copy]").ok().flatten());
        let text = button
            .as_ref()
            .and_then(|e| e.parent_element())
            .and_then(|e| e.query_selector("code").ok().flatten());
        if let (Some(button), Some(text)) = (button, text.and_then(|e| e.text_content())) {
            let copying = window().navigator().clipboard().write_text(&text);
            leptos::task::spawn_local(async move {
                match JsFuture::from(copying).await {
                    Ok(_) => {
                        mark_saved();
                        button.set_text_content(Some("Copied"));
                    }
                    Err(_) => button.set_text_content(Some("Could not copy. Select the text instead.")),
                }
            });
        }
    });
    show_buttons();
}

/// What is shown once is copied: leaving needs no question any more.
fn mark_saved() {
    if let Some(unkept) = find("[data-unsaved]") {
        let _ = unkept.remove_attribute("data-unsaved");
    }
}

/// Shows the buttons of what was just put in place.
pub(crate) fn show_buttons() {
    for button in find_all("[data-copy][hidden]") {
        if let Some(button) = button.dyn_ref::<HtmlElement>() {
            button.set_hidden(false);
        }
    }
}
