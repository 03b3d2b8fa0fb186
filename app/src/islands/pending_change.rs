//! A change that is not confirmed yet: the page polls until the result is known.

use std::cell::Cell;
use std::time::Duration;

use super::dom::{find, window};
use super::fetch::{get, sleep};
use super::swap::show_fetched;

const POLL_INTERVAL: Duration = Duration::from_secs(1);

thread_local! {
    static WATCHING: Cell<bool> = const { Cell::new(false) };
}

/// Polls as long as the page says that a change is pending.
pub(crate) fn watch() {
    if find("[data-pending]").is_none() || WATCHING.replace(true) {
        return;
    }
    wasm_bindgen_futures::spawn_local(async {
        while find("[data-pending]").is_some() {
            sleep(POLL_INTERVAL).await;
            let url = window().location().href().unwrap_or_default();
            // Only a final result replaces the page, since someone may be typing in it, and never while a dialog is
            // open.
            if let Some(page) = get(&url).await
                && let Ok(None) = page.document.query_selector("[data-pending]")
                && find("dialog[open]").is_none()
            {
                show_fetched(&page);
            }
        }
        WATCHING.set(false);
    });
}
