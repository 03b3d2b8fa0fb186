//! Typed confirmations: the button is disabled until the text matches, in upper or lower case.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use super::dom::{document, find_all, listen, target};

/// Watches the fields of the page, and of dialogs that open later.
pub(crate) fn watch() {
    listen(&document(), "input", |event: Event| {
        if let Some(input) = target(&event) {
            update_button(&input);
        }
    });
    update_buttons();
}

/// Brings the buttons of the page in line with what is typed.
pub(crate) fn update_buttons() {
    find_all("input[data-expect]").iter().for_each(update_button);
}

/// Enables or disables the button of the form that `input` belongs to.
pub(crate) fn update_button(input: &Element) {
    let (Some(expected), Some(input)) = (input.get_attribute("data-expect"), input.dyn_ref::<HtmlInputElement>())
    else {
        return;
    };
    let typed = input.value();
    let (typed, digits) = (typed.trim(), typed.replace([',', '.', ' '], ""));
    let matches = typed.eq_ignore_ascii_case(&expected) || digits == expected;
    let Some(form) = input.form() else { return };
    if let Ok(Some(button)) = form.query_selector(".card-footer button:not([data-cancel])") {
        let _ = if matches {
            button.remove_attribute("disabled")
        } else {
            button.set_attribute("disabled", "")
        };
    }
}
