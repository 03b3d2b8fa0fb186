//! Filter input from before the islands run: `early_filter.js` applies it, and the islands take over from there.

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Document;

use super::dom::window;
use super::fetch::FetchedPage;

/// The property of the window that holds the script's state.
const EARLY_FILTER: &str = "earlyFilter";

/// The page that the script fetched early with the fields in `query`, once it has arrived and its results are shown.
/// `None` if the fields have changed, something was selected since, or the page did not arrive. After this call the
/// script no longer replaces the list: a late page would not fit a list that has changed.
pub(crate) async fn take(query: &str) -> Option<FetchedPage> {
    let page = page(query).await;
    let _ = Reflect::set(&window(), &EARLY_FILTER.into(), &JsValue::UNDEFINED);
    page
}

async fn page(query: &str) -> Option<FetchedPage> {
    let early = get(&window(), EARLY_FILTER).filter(|early| early.is_object())?;
    if get(&early, "query")?.as_string()? != query {
        return None;
    }
    let page: Promise = get(&early, "page")?.dyn_into().ok()?;
    let page = JsFuture::from(page).await.ok().filter(JsValue::is_object)?;
    Some(FetchedPage {
        document: get(&page, "document")?.dyn_into::<Document>().ok()?,
        url: get(&page, "url")?.as_string()?,
    })
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok()
}
