//! Copy buttons: `[data-copy]` copies the code next to it.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, HtmlElement};

use super::dom::{document, find, find_all, listen, target, window};
use super::swap::on_swap;

/// Attaches the buttons and shows them: without scripts they do nothing, so they are hidden at first.
pub(crate) fn attach() {
    listen(&document(), "click", |event: Event| {
        let button = target(&event).and_then(|e| e.closest("[data-copy]").ok().flatten());
        let text = button
            .as_ref()
            .and_then(|e| e.parent_element())
            .and_then(|e| e.query_selector("code").ok().flatten());
        if let (Some(button), Some(text)) = (button, text.and_then(|e| e.text_content())) {
            let copying = window().navigator().clipboard().write_text(&text);
            wasm_bindgen_futures::spawn_local(async move {
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
    on_swap(show_buttons);
}

/// Records that the value that is shown only once was copied: leaving the page needs no warning any more.
fn mark_saved() {
    if let Some(unsaved) = find("[data-unsaved]") {
        let _ = unsaved.remove_attribute("data-unsaved");
    }
}

/// Shows the buttons, including those of replaced parts of the page.
pub(crate) fn show_buttons() {
    for button in find_all("[data-copy][hidden]") {
        if let Some(button) = button.dyn_ref::<HtmlElement>() {
            button.set_hidden(false);
        }
    }
}
