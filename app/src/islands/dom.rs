//! Finding, replacing and listening.

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, HtmlElement, Window};

/// The window that the page runs in.
pub(crate) fn window() -> Window {
    leptos::prelude::window()
}

/// The page.
pub(crate) fn document() -> Document {
    leptos::prelude::document()
}

/// The first element that `selector` finds.
pub(crate) fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// All elements that `selector` finds.
pub(crate) fn find_all(selector: &str) -> Vec<Element> {
    let Ok(list) = document().query_selector_all(selector) else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|i| list.item(i)?.dyn_into().ok())
        .collect()
}

/// Where an event happened.
pub(crate) fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Listens for as long as the page lives.
pub(crate) fn listen<E: JsCast + 'static>(on: &web_sys::EventTarget, name: &str, handler: impl Fn(E) + 'static) {
    let handler = Closure::<dyn Fn(Event)>::new(move |event: Event| handler(event.unchecked_into()));
    let _ = on.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref());
    handler.forget();
}

/// Moves the keyboard to an element.
pub(crate) fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Puts the children of `from` in the place of those of `to`.
pub(crate) fn replace_children(to: &Element, from: &Element) {
    let children = js_sys::Array::from(&from.child_nodes());
    to.replace_children_with_node(&children);
}

/// Takes over from another page what changes between two views of one: body, messages and title.
pub(crate) fn swap(page: &Document) {
    for id in ["content", "status-message", "error-message"] {
        let (Some(to), Some(from)) = (document().get_element_by_id(id), page.get_element_by_id(id)) else {
            continue;
        };
        replace_children(&to, &from);
    }
    document().set_title(&page.title());
    super::copy_button::show_buttons();
    super::live_filter::attach_in_page();
    super::selection::reattach();
    super::combobox::attach_in_page();
}

/// Writes a text, where another one stands.
pub(crate) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Writes an address, where another one is shown: one without what only told of an action, which reloading must not tell again.
pub(crate) fn show_address(address: &str) {
    if window().location().href().is_ok_and(|shown| shown == address) {
        return;
    }
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

/// Goes to another page.
pub(crate) fn go(address: &str) {
    let _ = window().location().assign(address);
}
