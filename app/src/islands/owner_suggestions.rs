//! Suggestions for the filter by owner: the users and service principals that the workspace's search finds, as the
//! options of the field. Each stands for exactly one of them.

use std::cell::Cell;
use std::time::Duration;

use domain::can_contain_token_value;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, UrlSearchParams};

use super::dom::{document, find_all, listen, target};
use super::fetch::{get, sleep};

/// The ID of the field.
pub(crate) const OWNER_FIELD_ID: &str = "owner";

/// The ID of its options.
pub(crate) const OWNER_OPTIONS_ID: &str = "owner-options";

/// From the last key to the search.
const SEARCH_DEBOUNCE: Duration = Duration::from_millis(250);

thread_local! {
    /// The number of the latest search: the response to an earlier one is dropped.
    static LATEST_SEARCH: Cell<u32> = const { Cell::new(0) };
}

/// Watches the field.
pub(crate) fn watch() {
    listen(&document(), "input", |event: Event| {
        let field = target(&event).filter(|field| field.id() == OWNER_FIELD_ID);
        let field = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
        if let Some(field) = field.filter(|field| !is_option(&field.value())) {
            leptos::task::spawn_local(suggest(field));
        }
    });
}

/// Whether the text is one of the options.
pub(crate) fn is_option(text: &str) -> bool {
    let options = find_all(&format!("#{OWNER_OPTIONS_ID} option"));
    options
        .iter()
        .any(|option| option.get_attribute("value").as_deref() == Some(text))
}

async fn suggest(field: HtmlInputElement) {
    let search = LATEST_SEARCH.get() + 1;
    LATEST_SEARCH.set(search);
    sleep(SEARCH_DEBOUNCE).await;
    let text = field.value();
    if LATEST_SEARCH.get() != search || text.trim().is_empty() || can_contain_token_value(&text) {
        return;
    }
    let Some(url) = url_of_search(&field, text.trim()) else {
        return;
    };
    let page = get(&url).await;
    let Some((page, options)) = page.zip(document().get_element_by_id(OWNER_OPTIONS_ID)) else {
        return;
    };
    if LATEST_SEARCH.get() != search {
        return;
    }
    options.set_inner_html("");
    let found = page.document.query_selector_all("#found [data-option]").ok();
    let rows = found
        .iter()
        .flat_map(|found| (0..found.length()).filter_map(|i| found.item(i)));
    for row in rows {
        let option = option_of(row.unchecked_ref());
        let _ = option.map(|option| options.append_child(&option));
    }
}

fn url_of_search(field: &Element, text: &str) -> Option<String> {
    let query = UrlSearchParams::new().ok()?;
    query.append("find", text);
    Some(format!(
        "{}?{}",
        field.get_attribute("data-search")?,
        String::from(query.to_string())
    ))
}

/// The option of a result; `None` if it is a group, which owns no tokens.
fn option_of(row: &Element) -> Option<Element> {
    let key = row.get_attribute("data-option")?;
    let (kind, name) = key.split_once(':')?;
    let label = row.query_selector(".name").ok()??.text_content()?;
    let option = document().create_element("option").ok()?;
    option.set_attribute("value", name).ok()?;
    option.set_attribute("label", &label).ok()?;
    (kind != "group").then_some(option)
}
