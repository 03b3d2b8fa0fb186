//! What waits until a page's first moments are over: whatever somebody does first is not to share a slow phone, or its line,
//! with it.

use super::dom::document;
use super::fetch::sleep;
use super::stylesheet_cache;

/// The first moments, in milliseconds.
const AFTER_LOAD_DELAY: i32 = 3000;

/// After the first moments, has the cards below the screen laid out (style/phone.css) and keeps the style sheet.
pub(crate) fn run_after_load() {
    leptos::task::spawn_local(async {
        sleep(AFTER_LOAD_DELAY).await;
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-settled", "");
        }
        stylesheet_cache::cache_stylesheet().await;
    });
}
