//! Unsaved edits: the URL contains them, and leaving the page asks for confirmation.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlElement, HtmlFormElement, HtmlInputElement};

use super::combobox::form_query;
use super::dom::{document, find, listen, target, window};
use super::fetch::sleep;
use super::history::show_url;
use super::long_urls;
use super::swap::say_briefly;

const EDITOR_SELECTOR: &str = "form[data-editor]";

/// Forms that keep the edits when they leave the page: the editor itself, and one whose field `back` holds the page's
/// URL.
const KEEPS_EDITS_SELECTOR: &str = "form:is([data-editor], [data-keeps-edits])";

/// Marks something that leaving would lose: edits, or a value that is shown only once and has not been copied yet.
const UNSAVED_SELECTOR: &str = "form[data-editor] :is(input[name=add], input[name=remove]:checked), [data-unsaved]";

/// From the last edit to the request that stores it.
const EDIT_DEBOUNCE: Duration = Duration::from_millis(300);

thread_local! {
    static LATEST_EDIT: Cell<u32> = const { Cell::new(0) };
}

/// Watches the page's editor, and forms that can be sent only once.
pub(crate) fn watch() {
    // The page is the response to a form: a reload must show it, and not send the form again.
    if let Some(url) = find("[data-address]").and_then(|e| e.get_attribute("data-address")) {
        show_url(&url);
    }
    // No question when leaving keeps the edits, or discards them on purpose.
    let is_leaving_on_purpose = Rc::new(Cell::new(false));
    let submitted = Rc::clone(&is_leaving_on_purpose);
    listen(&document(), "submit", move |event: Event| {
        let Some(form) = target(&event) else { return };
        submitted.set(submitted.get() || form.matches(KEEPS_EDITS_SELECTOR).unwrap_or(false));
        if form.query_selector("[data-submit-once]").ok().flatten().is_none() {
            return;
        }
        if form.has_attribute("data-sent") {
            event.prevent_default();
        }
        let _ = form.set_attribute("data-sent", "");
        // A dialog has words of its own.
        if !event.default_prevented() && form.closest("dialog").is_ok_and(|dialog| dialog.is_none()) {
            say_briefly("Waiting for a response…".to_owned());
        }
    });
    let clicked = Rc::clone(&is_leaving_on_purpose);
    listen(&document(), "click", move |event: Event| {
        let link = target(&event).and_then(|e| e.closest("[data-discard], [data-saved]").ok().flatten());
        clicked.set(clicked.get() || link.is_some());
    });
    let shown = Rc::clone(&is_leaving_on_purpose);
    listen(&window(), "pageshow", move |_: Event| {
        shown.set(false);
        if let Some(sent) = find("form[data-sent]") {
            let _ = sent.remove_attribute("data-sent");
        }
    });
    listen(&window(), "beforeunload", move |event: Event| {
        if !is_leaving_on_purpose.get() && find(UNSAVED_SELECTOR).is_some() {
            event.prevent_default();
        }
    });
}

/// Stores the edits in the URL, so that reloading, going back and a copied URL show them.
pub(super) fn save_in_url() {
    if let Some(discard) = find("[data-discard]").and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        discard.set_hidden(find(UNSAVED_SELECTOR).is_none());
    }
    let form = find(EDITOR_SELECTOR).and_then(|e| e.dyn_into::<HtmlFormElement>().ok());
    let Some(query) = form.as_ref().and_then(form_query) else {
        return;
    };
    let (Ok(path), query) = (window().location().pathname(), String::from(query.to_string())) else {
        return;
    };
    match long_urls::fit(&path, &query) {
        Some(url) => keep(&url),
        None => wasm_bindgen_futures::spawn_local(keep_in_draft(path, query)),
    }
}

/// Has the server store edits that are too long for a URL. After several quick edits, only the latest state is sent.
async fn keep_in_draft(path: String, query: String) {
    let number = LATEST_EDIT.get() + 1;
    LATEST_EDIT.set(number);
    sleep(EDIT_DEBOUNCE).await;
    if LATEST_EDIT.get() == number
        && let Some(url) = long_urls::keep(&path, &query).await
        && LATEST_EDIT.get() == number
    {
        keep(&url);
    }
}

/// Sets the page's URL, also where other forms return to.
fn keep(url: &str) {
    show_url(url);
    if let Some(back) = find("[data-keeps-edits] [name=back]") {
        back.unchecked_into::<HtmlInputElement>().set_value(url);
    }
}
