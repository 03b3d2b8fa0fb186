//! What is entered and not saved: it is kept in the address, and leaving it asks first.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlElement, HtmlFormElement};

use super::combobox::form_query;
use super::dom::{document, find, listen, show_address, target, window};

const EDITOR: &str = "form[data-editor]";

/// What is entered in it; or a value that is shown once, and that nobody has copied yet.
const UNSAVED_SELECTOR: &str = "form[data-editor] :is(input[name=add], input[name=remove]:checked), [data-unsaved]";

/// Watches the editor of the page, where there is one, and forms that are to be sent once.
pub(crate) fn watch() {
    // The answer to a form: a reload is to show the page, not to send the form again.
    if let Some(address) = find("[data-address]").and_then(|e| e.get_attribute("data-address")) {
        show_address(&address);
    }
    // A way on that keeps or knowingly drops the edits needs no question.
    let going_on = Rc::new(Cell::new(false));
    let submitted = Rc::clone(&going_on);
    listen(&document(), "submit", move |event: Event| {
        let Some(form) = target(&event) else { return };
        submitted.set(submitted.get() || form.matches(EDITOR).unwrap_or(false));
        if form.query_selector("[data-submit-once]").ok().flatten().is_none() {
            return;
        }
        if form.has_attribute("data-sent") {
            event.prevent_default();
        }
        let _ = form.set_attribute("data-sent", "");
    });
    let clicked = Rc::clone(&going_on);
    listen(&document(), "click", move |event: Event| {
        let on = target(&event).and_then(|e| e.closest("[data-undo], [data-discard], [data-saved]").ok().flatten());
        clicked.set(clicked.get() || on.is_some());
    });
    listen(&document(), "change", |event: Event| {
        if target(&event).is_some_and(|e| e.matches("input[name=remove]").unwrap_or(false)) {
            save_in_url();
        }
    });
    let shown = Rc::clone(&going_on);
    listen(&window(), "pageshow", move |_: Event| {
        shown.set(false);
        if let Some(sent) = find("form[data-sent]") {
            let _ = sent.remove_attribute("data-sent");
        }
    });
    listen(&window(), "beforeunload", move |event: Event| {
        if !going_on.get() && find(UNSAVED_SELECTOR).is_some() {
            event.prevent_default();
        }
    });
}

/// Reloading, going back and a copied address show what is entered.
fn save_in_url() {
    if let Some(discard) = find("[data-discard]").and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        discard.set_hidden(find(UNSAVED_SELECTOR).is_none());
    }
    let form = find(EDITOR).and_then(|e| e.dyn_into::<HtmlFormElement>().ok());
    let Some(query) = form.as_ref().and_then(form_query) else {
        return;
    };
    if let Ok(path) = window().location().pathname() {
        show_address(&format!("{path}?{}", String::from(query.to_string())));
    }
}
