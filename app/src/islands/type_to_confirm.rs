//! Typed confirmations: the button is disabled until the text matches, in upper or lower case.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use super::dom::{document, find, find_all, focus, listen, target, window};

/// Watches the fields of the page, and of dialogs that open later.
pub(crate) fn watch() {
    listen(&document(), "input", |event: Event| {
        if let Some(input) = target(&event) {
            update_button(&input);
        }
    });
    update_buttons();
    focus_field_in_view();
}

/// Puts the cursor into the field of a page that was just opened, so that it need not be clicked. If the field is not
/// in view, that would skip what is to be read first.
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

/// Brings the buttons of the page in line with what is typed.
pub(crate) fn update_buttons() {
    find_all("input[data-expect]").iter().for_each(update_button);
}

/// Enables or disables the button of the form that `input` belongs to: everything that is expected has to be typed.
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

/// Whether what is expected was typed, in upper or lower case; a number with or without separators.
fn is_typed(field: &Element) -> bool {
    let (Some(expected), Some(field)) = (field.get_attribute("data-expect"), field.dyn_ref::<HtmlInputElement>())
    else {
        return true;
    };
    let typed = field.value();
    let (typed, digits) = (typed.trim(), typed.replace([',', '.', ' '], ""));
    typed.eq_ignore_ascii_case(&expected) || digits == expected
}
