//! Offers the browser's time zone in the account menu if pages show times in another one.

use js_sys::{Array, Intl, Object, Reflect};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::dom::find;

/// Shows the button that selects the browser's time zone.
pub(crate) fn offer() {
    let (Some(field), Some(button)) = (find("#time-zone"), find("[name=browser_time_zone]")) else {
        return;
    };
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    let zone = Reflect::get(&options, &"timeZone".into())
        .ok()
        .and_then(|zone| zone.as_string());
    let Some(zone) = zone.filter(|zone| field.get_attribute("value").as_ref() != Some(zone)) else {
        return;
    };
    let _ = button.set_attribute("value", &zone);
    button.set_text_content(Some(&format!("Use {zone}")));
    if let Some(button) = button.dyn_ref::<HtmlElement>() {
        button.set_hidden(false);
    }
}
