//! The address bar and the browser's history, for pages that are shown without a page load.

use std::cell::{Cell, RefCell};

use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlDialogElement};

use super::dom::{find, focus, go, listen, window};
use super::fetch::get;
use super::swap::swap;
use super::{connection, token_drawer};

thread_local! {
    /// Path and query of the current page.
    static CURRENT_URL: RefCell<String> = const { RefCell::new(String::new()) };
    /// The number of the latest navigation.
    static LATEST_NAVIGATION: Cell<u32> = const { Cell::new(0) };
}

/// A page requested by a filter, a link of the list, or Back. A later request replaces it, whichever response arrives
/// first.
#[derive(Clone, Copy)]
pub(crate) struct Navigation(u32);

impl Navigation {
    /// Begins a navigation, which replaces any in progress.
    pub(crate) fn begin() -> Self {
        let number = LATEST_NAVIGATION.get() + 1;
        LATEST_NAVIGATION.set(number);
        Self(number)
    }

    /// Whether no other navigation has begun since.
    pub(crate) fn is_latest(self) -> bool {
        LATEST_NAVIGATION.get() == self.0
    }
}

/// Shows the page that Back or Forward leads to, without a page load.
pub(crate) fn watch() {
    note_shown();
    listen(&window(), "popstate", |_: Event| {
        // A link to a fragment of the same page also fires `popstate`.
        let before = CURRENT_URL.with_borrow(Clone::clone);
        if before != path_and_query() {
            note_shown();
            if !token_drawer::reopen_beside(&before) {
                open_current();
            }
        }
    });
}

fn open_current() {
    note_shown();
    if token_drawer::close_at_list() {
        // A request in progress belongs to the drawer: drop it.
        Navigation::begin();
        return;
    }
    let (shown, navigation) = (path_and_query(), Navigation::begin());
    close_dialog();
    wasm_bindgen_futures::spawn_local(async move {
        let page = get(&shown).await;
        if !navigation.is_latest() {
            return;
        }
        match page {
            Some(page) if page.document.get_element_by_id("content").is_some() => {
                swap(&page.document);
                // The element that had the focus is gone.
                let place = find("#results").or_else(|| find("#content"));
                place.iter().for_each(focus);
            }
            Some(page) => go(&page.url),
            None => connection::report_list(open_current),
        }
    });
}

/// Closes a confirmation, which belongs to the previous list, unless it has been sent.
fn close_dialog() {
    let dialog = find("dialog[open]:not([aria-busy=true])");
    if let Some(dialog) = dialog.and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok()) {
        dialog.close();
    }
}

/// Shows `url` in the address bar without loading it, for example without a notice's parameters, so that a reload does
/// not show the notice again.
pub(crate) fn show_url(url: &str) {
    change_url(url, false);
}

/// Like [`show_url`], but as a new entry: Back leads to the previous page.
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
    CURRENT_URL.set(path_and_query());
}

/// Path and query of the current address.
pub(crate) fn path_and_query() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}
