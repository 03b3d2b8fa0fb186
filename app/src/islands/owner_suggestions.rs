//! Suggestions for the owner filter: users and service principals that match the text, as options of the field. Each
//! option stands for exactly one of them.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use super::combobox::{SEARCH_DEBOUNCE, search_url};
use super::dom::{document, find_all, find_all_in, listen, target};
use super::fetch::{get, sleep};

/// The ID of the owner field.
pub(crate) const OWNER_FIELD_ID: &str = "owner";

/// The ID of the element with its options.
pub(crate) const OWNER_OPTIONS_ID: &str = "owner-options";

thread_local! {
    /// The number of the latest search: responses to earlier ones are dropped.
    static LATEST_SEARCH: Cell<u32> = const { Cell::new(0) };
}

/// Watches the owner field.
pub(crate) fn watch() {
    listen(&document(), "input", |event: Event| {
        let field = target(&event).filter(|field| field.id() == OWNER_FIELD_ID);
        let field = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
        if let Some(field) = field.filter(|field| !is_option(&field.value())) {
            wasm_bindgen_futures::spawn_local(suggest(field));
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
    let url = field
        .get_attribute("data-search")
        .and_then(|page| search_url(&page, &field.value()));
    let Some(url) = url.filter(|_| LATEST_SEARCH.get() == search) else {
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
    for row in find_all_in(&page.document, "#found [data-option]") {
        let _ = option_of(&row).map(|option| options.append_child(&option));
    }
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
