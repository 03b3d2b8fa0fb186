//! Explains a maximum lifetime while it is typed, or when a preset is chosen, before it is saved.

use std::time::Duration;

use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, MouseEvent};

use super::dom::{document, find, find_all, is_plain_click, listen, replace_children, target};
use super::fetch::{get, sleep};
use super::history::{Navigation, show_url};
use super::{connection, copy_button};

/// The ID of the field.
pub(crate) const LIFETIME_FIELD_ID: &str = "lifetime";

/// The ID of the element that explains the value in the field.
pub(crate) const LIFETIME_PREVIEW_ID: &str = "lifetime-preview";

const PREVIEW_DEBOUNCE: Duration = Duration::from_millis(300);

/// Watches the field and the presets of the page, if it has them.
pub(crate) fn watch() {
    listen(&document(), "input", |event: Event| {
        if target(&event).is_some_and(|field| field.id() == LIFETIME_FIELD_ID) {
            show_after(PREVIEW_DEBOUNCE);
        }
    });
    listen(&document(), "click", |event: MouseEvent| {
        let preset = target(&event).and_then(|clicked| clicked.closest("a[data-preset]").ok().flatten());
        let days = preset.and_then(|preset| preset.get_attribute("data-preset"));
        let opens_in_place = is_plain_click(&event) && !event.default_prevented();
        if let (Some(days), Some(field), true) = (days, field(), opens_in_place) {
            event.prevent_default();
            field.set_value(&days);
            show_after(Duration::ZERO);
        }
    });
}

fn field() -> Option<HtmlInputElement> {
    document().get_element_by_id(LIFETIME_FIELD_ID)?.dyn_into().ok()
}

fn show_after(delay: Duration) {
    let navigation = Navigation::begin();
    wasm_bindgen_futures::spawn_local(async move {
        sleep(delay).await;
        let Some(field) = field().filter(|_| navigation.is_latest()) else {
            return;
        };
        let (page, days) = (field.get_attribute("data-page").unwrap_or_default(), field.value());
        let url = format!("{page}?lifetime={}", js_sys::encode_uri_component(&days));
        let page = get(&url).await;
        if !navigation.is_latest() {
            return;
        }
        let Some(page) = page else {
            return connection::report_list(|| show_after(Duration::ZERO));
        };
        let places = (
            find("#lifetime-preview"),
            page.document.get_element_by_id(LIFETIME_PREVIEW_ID),
        );
        let (Some(to), Some(from)) = places else { return };
        replace_children(&to, &from);
        show_url(&page.url);
        copy_button::show_buttons();
        for preset in find_all("a[data-preset]") {
            let _ = match preset.get_attribute("data-preset").as_deref() == Some(days.trim()) {
                true => preset.set_attribute("aria-current", "true"),
                false => preset.remove_attribute("aria-current"),
            };
        }
        let _ = match find("#lifetime-reason") {
            Some(_) => field.set_attribute("aria-invalid", "true"),
            None => field.remove_attribute("aria-invalid"),
        };
    });
}
