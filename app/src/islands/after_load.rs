//! What can wait until a page's first seconds have passed, so that it does not slow down what someone does first: a
//! slow phone, or its connection, has enough to do then.

use std::time::Duration;

use super::dom::{document, find};
use super::fetch::sleep;
use super::stylesheet_cache;

const AFTER_LOAD_DELAY: Duration = Duration::from_secs(3);

/// After a delay, has the cards below the screen laid out (`data-settled` in the style sheet) and the style sheet
/// loaded. The token list is the largest page, so there it is loaded only when someone is about to leave it.
pub(crate) fn run_after_load() {
    let is_list = find("#results").is_some();
    if is_list {
        stylesheet_cache::load_before_leaving();
    }
    wasm_bindgen_futures::spawn_local(async move {
        sleep(AFTER_LOAD_DELAY).await;
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-settled", "");
        }
        if !is_list {
            stylesheet_cache::load_stylesheet().await;
        }
    });
}
