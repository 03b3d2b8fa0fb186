//! What waits until a page's first moments are over: whatever somebody does first is not to share a slow phone, or its line,
//! with it.

use super::dom::document;
use super::fetch::sleep;
use super::stylesheet_cache;

/// The first moments, in milliseconds.
const FIRST_MOMENTS: i32 = 3000;

/// After the first moments, has the cards below the screen laid out (style/phone.css) and keeps the style sheet.
pub(crate) fn arrange() {
    leptos::task::spawn_local(async {
        sleep(FIRST_MOMENTS).await;
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-settled", "");
        }
        stylesheet_cache::keep().await;
    });
}
