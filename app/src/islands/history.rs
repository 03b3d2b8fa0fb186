//! The address bar and the entries behind the browser's Back button, for pages that are put in place without loading
//! them.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use web_sys::Event;

use super::connection;
use super::dom::{go, listen, window};
use super::fetch::get;
use super::swap::swap;

thread_local! {
    /// Path and query of the page that is shown.
    static SHOWN: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Puts the page in place that Back or Forward leads to.
pub(crate) fn watch() {
    note_shown();
    listen(&window(), "popstate", |_: Event| {
        // A link to a part of the same page leads here too.
        if SHOWN.with_borrow(|shown| *shown != path_and_query()) {
            open_current();
        }
    });
}

fn open_current() {
    note_shown();
    let shown = path_and_query();
    leptos::task::spawn_local(async move {
        let page = get(&shown).await;
        if SHOWN.with_borrow(|latest| *latest != shown) {
            return;
        }
        match page {
            Some(page) if page.document.get_element_by_id("content").is_some() => swap(&page.document),
            Some(page) => go(&page.url),
            None => connection::report_list(open_current),
        }
    });
}

/// Shows `url` in the address bar without loading it: for example one without the parameters of a notice, which
/// reloading must not show again.
pub(crate) fn show_url(url: &str) {
    change_url(url, false);
}

/// The same, but Back leads to the page before.
pub(crate) fn push_url(url: &str) {
    change_url(url, true);
}

fn change_url(url: &str, is_new_entry: bool) {
    if window().location().href().is_ok_and(|shown| shown == url) {
        return;
    }
    if let Ok(history) = window().history() {
        let _ = match is_new_entry {
            true => history.push_state_with_url(&JsValue::NULL, "", Some(url)),
            false => history.replace_state_with_url(&JsValue::NULL, "", Some(url)),
        };
    }
    note_shown();
}

fn note_shown() {
    SHOWN.set(path_and_query());
}

fn path_and_query() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}
