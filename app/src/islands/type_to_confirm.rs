//! Typed confirmations: the button is disabled until the text matches, ignoring case.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use super::dom::{document, find, find_all, focus, listen, target, window};

/// Watches the page's fields, including those in dialogs that open later.
pub(crate) fn watch() {
    listen(&document(), "input", |event: Event| {
        if let Some(input) = target(&event) {
            update_button(&input);
        }
    });
    update_buttons();
    focus_field_in_view();
}

/// Focuses the field of a page that was just opened, unless it is out of view: that would scroll past what should be
/// read first.
fn focus_field_in_view() {
    let has_focus = document()
        .active_element()
        .is_some_and(|element| element.tag_name() != "BODY");
    let Some(field) = find("main input[data-expect]").filter(|_| !has_focus) else {
        return;
    };
    let height = window().inner_height().ok().and_then(|height| height.as_f64());
    let bottom = field.get_bounding_client_rect().bottom();
    if window().scroll_y().is_ok_and(|y| y == 0.0) && height.is_some_and(|height| bottom <= height) {
        focus(&field);
    }
}

/// Enables or disables the buttons of the page to match what is typed.
pub(crate) fn update_buttons() {
    find_all("input[data-expect]").iter().for_each(update_button);
}

/// Enables the button of the form that `input` belongs to if every field of the form matches.
pub(crate) fn update_button(input: &Element) {
    let Some(form) = input.dyn_ref::<HtmlInputElement>().and_then(HtmlInputElement::form) else {
        return;
    };
    if !input.has_attribute("data-expect") {
        return;
    }
    let is_missing = |field: &Element| form.contains(Some(field)) && !is_typed(field);
    let is_disabled = find_all("input[data-expect]").iter().any(is_missing);
    if let Ok(Some(button)) = form.query_selector(".card-footer button:not([data-cancel])") {
        let _ = button.toggle_attribute_with_force("disabled", is_disabled);
    }
}

/// Whether a field contains the expected text, ignoring case; a number may have thousands separators.
fn is_typed(field: &Element) -> bool {
    let (Some(expected), Some(field)) = (field.get_attribute("data-expect"), field.dyn_ref::<HtmlInputElement>())
    else {
        return true;
    };
    let typed = field.value();
    let (typed, digits) = (typed.trim(), typed.replace([',', '.', ' '], ""));
    typed.eq_ignore_ascii_case(&expected) || digits == expected
}
