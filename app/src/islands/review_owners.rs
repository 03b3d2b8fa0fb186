//! Ticking owners in the review of a bulk revocation: the server's new numbers appear immediately, without the button
//! "Update".

use std::cell::Cell;

use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlElement, HtmlFormElement, HtmlInputElement};

use super::combobox::form_query;
use super::dom::{document, find, focus, go, listen, target, unfold};
use super::fetch::FetchedPage;
use super::history::show_url;
use super::swap::show_fetched;
use super::{connection, long_urls};

const OWNER_CHECKBOXES: &str = "#review input[name='owner[]']";

thread_local! {
    static LATEST_CHANGE: Cell<u32> = const { Cell::new(0) };
}

/// Watches the boxes.
pub(crate) fn watch() {
    listen(&document(), "change", |event: Event| {
        let changed = target(&event).filter(|element| element.matches(OWNER_CHECKBOXES).unwrap_or(false));
        if let Some(changed) = changed.and_then(|element| element.dyn_into().ok()) {
            update(changed);
        }
    });
}

fn update(changed: HtmlInputElement) {
    let Some(form) = changed.form() else { return };
    let number = LATEST_CHANGE.get() + 1;
    LATEST_CHANGE.set(number);
    wasm_bindgen_futures::spawn_local(async move {
        let page = fetch(&form).await;
        // Only the response to the latest change is shown.
        if LATEST_CHANGE.get() != number {
            return;
        }
        match page {
            None => connection::report("The numbers have not been updated.", move || update(changed.clone())),
            Some(page) if page.document.get_element_by_id("review").is_none() => go(&page.url),
            Some(page) => show(&changed, &page),
        }
    });
}

/// Shows the page. Text that was typed in the meantime stays, and the focus returns only if it was still on the
/// checkbox.
fn show(changed: &HtmlInputElement, page: &FetchedPage) {
    let has_focus = document()
        .active_element()
        .is_some_and(|active| active == **changed.unchecked_ref::<HtmlElement>());
    let reason = reason_field()
        .map(|field| field.value())
        .filter(|reason| !reason.is_empty());
    show_fetched(page);
    show_url(&page.url);
    if let Some((field, reason)) = reason_field().zip(reason) {
        field.set_value(&reason);
        unfold(&field);
    }
    let Some(same) = find(&format!("[id='{}']", changed.id())) else {
        return;
    };
    unfold(&same);
    if has_focus {
        focus(&same);
    }
}

fn reason_field() -> Option<HtmlInputElement> {
    find("#review #reason")?.dyn_into().ok()
}

async fn fetch(form: &HtmlFormElement) -> Option<FetchedPage> {
    let query = form_query(form)?;
    // The typed number was for the previous tokens. The other two are in the page's path.
    for name in ["typed", "workspace", "job"] {
        query.delete(name);
    }
    long_urls::open(&form.get_attribute("data-page")?, &String::from(query.to_string())).await
}
