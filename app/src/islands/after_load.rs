//! Work that can wait until a few seconds after loading. Until then, a slow phone and its connection are busy with what
//! someone does first.

use std::time::Duration;

use super::dom::{document, find};
use super::fetch::sleep;
use super::stylesheet_cache;

const AFTER_LOAD_DELAY: Duration = Duration::from_secs(3);

/// After a delay, lays out the cards below the screen (`data-settled` in the style sheet) and loads the style sheet.
/// The token list is the largest page, so there the style sheet is loaded only when someone is about to leave it.
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
