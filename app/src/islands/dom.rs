//! Finding and replacing elements, and listening to events.

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, HtmlElement, MouseEvent, Window};

/// The browser window.
pub(crate) fn window() -> Window {
    js_sys::global().unchecked_into()
}

/// The page.
pub(crate) fn document() -> Document {
    window().document().unwrap_throw()
}

/// The first element that matches `selector`.
pub(crate) fn find(selector: &str) -> Option<Element> {
    find_in(&document(), selector)
}

/// The first element of a page, possibly a fetched one, that matches `selector`.
pub(crate) fn find_in(page: &Document, selector: &str) -> Option<Element> {
    page.query_selector(selector).ok().flatten()
}

/// All elements that match `selector`.
pub(crate) fn find_all(selector: &str) -> Vec<Element> {
    find_all_in(&document(), selector)
}

/// All elements of a page, possibly a fetched one, that match `selector`.
pub(crate) fn find_all_in(page: &Document, selector: &str) -> Vec<Element> {
    let Ok(list) = page.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|i| list.item(i)?.dyn_into().ok())
        .collect()
}

/// Opens the `<details>` that contains an element, if there is one.
pub(crate) fn unfold(element: &Element) {
    if let Some(fold) = element.closest("details").ok().flatten() {
        let _ = fold.set_attribute("open", "");
    }
}

/// The target element of an event.
pub(crate) fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Whether a click on a link opens it in this tab: with the main button, without modifier keys.
pub(crate) fn is_plain_click(event: &MouseEvent) -> bool {
    event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
}

/// Listens until the page is left.
pub(crate) fn listen<E: JsCast + 'static>(on: &web_sys::EventTarget, name: &str, handler: impl Fn(E) + 'static) {
    add_listener(
        on,
        name,
        Closure::new(move |event: Event| handler(event.unchecked_into())),
    );
}

/// Separate from [`listen`], so that it is in the bundle once, and not once for each event type.
fn add_listener(on: &web_sys::EventTarget, name: &str, handler: Closure<dyn Fn(Event)>) {
    let _ = on.add_event_listener_with_callback(name, handler.as_ref().unchecked_ref());
    handler.forget();
}

/// Focuses an element. Links in an SVG are not HTML elements, but can have the focus too.
pub(crate) fn focus(element: &Element) {
    let _ = element.unchecked_ref::<HtmlElement>().focus();
}

/// Replaces the children of `to` with those of `from`.
pub(crate) fn replace_children(to: &Element, from: &Element) {
    let children = js_sys::Array::from(&from.child_nodes());
    to.replace_children_with_node(&children);
}

/// Sets an element's text, unless it has that text already: a screen reader would read it again.
pub(crate) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Goes to another page.
pub(crate) fn go(url: &str) {
    let _ = window().location().assign(url);
}
