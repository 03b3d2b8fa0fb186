//! Ticking owners in the review of a bulk revocation: the numbers come from the server at once, without the button
//! "Update".

use std::cell::Cell;

use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlFormElement, HtmlInputElement};

use super::combobox::form_query;
use super::dom::{document, find, focus, go, listen, show_url, target};
use super::swap::swap;
use super::{connection, long_urls};

const BOX: &str = "#review input[name='owner[]']";

thread_local! {
    static LATEST_CHANGE: Cell<u32> = const { Cell::new(0) };
}

/// Watches the boxes.
pub(crate) fn watch() {
    listen(&document(), "change", |event: Event| {
        let changed = target(&event).filter(|element| element.matches(BOX).unwrap_or(false));
        if let Some(changed) = changed.and_then(|element| element.dyn_into().ok()) {
            update(changed);
        }
    });
}

fn update(changed: HtmlInputElement) {
    let Some(form) = changed.form() else { return };
    let number = LATEST_CHANGE.get() + 1;
    LATEST_CHANGE.set(number);
    leptos::task::spawn_local(async move {
        let page = fetch(&form).await;
        // The state after the last change is what is shown.
        if LATEST_CHANGE.get() != number {
            return;
        }
        match page {
            None => connection::report("The numbers are from before.", move || update(changed.clone())),
            Some(page) if page.document.get_element_by_id("review").is_none() => go(&page.url),
            Some(page) => {
                swap(&page.document);
                show_url(&page.url);
                if let Some(same) = find(&format!("[id='{}']", changed.id())) {
                    focus(&same);
                }
            }
        }
    });
}

async fn fetch(form: &HtmlFormElement) -> Option<super::fetch::FetchedPage> {
    let query = form_query(form)?;
    // The number was typed for the tokens from before. The others are in the page's path.
    for name in ["typed", "workspace", "job"] {
        query.delete(name);
    }
    long_urls::open(&form.get_attribute("data-page")?, &String::from(query.to_string())).await
}
