//! A change on its way: the page looks again by itself, until it can say how it ended.

use std::cell::Cell;

use super::dom::{find, swap, window};
use super::fetch::{get, sleep};

/// Between two looks, in milliseconds.
const POLL_INTERVAL: i32 = 1000;

thread_local! {
    static WATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Looks again for as long as the page says that something is pending.
pub(crate) fn watch() {
    if find("[data-pending]").is_none() || WATCHING.replace(true) {
        return;
    }
    leptos::task::spawn_local(async {
        while find("[data-pending]").is_some() {
            sleep(POLL_INTERVAL).await;
            let address = window().location().href().unwrap_or_default();
            // What somebody types meanwhile, here or in a dialog, is disturbed only by news.
            if let Some(page) = get(&address).await
                && let Ok(None) = page.document.query_selector("[data-pending]")
                && find("dialog[open]").is_none()
            {
                swap(&page.document);
            }
        }
        WATCHING.set(false);
    });
}
