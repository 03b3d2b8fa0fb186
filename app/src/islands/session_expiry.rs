//! A warning before the sign-in ends, while what is typed can still be kept.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use web_sys::{Document, Event, HtmlTemplateElement};

use super::dom::{document, find, listen, target, window};
use super::fetch::{get, sleep};

/// How long before the end it is told, in seconds.
const WARN_BEFORE_END: i32 = 120;

/// The words before the end, and those after it.
const ENDS: &str = "template#session-end-words";
const ENDED: &str = "template#session-ended-words";

/// Waits for the end of the sign-in that the page tells of, as far as it is away when the page comes.
pub(crate) fn watch() {
    let newest = Rc::new(Cell::new(0));
    schedule(&newest, seconds_left(&document()));
    listen(&document(), "click", move |event: Event| {
        if target(&event).is_some_and(|e| e.closest("[data-extend-session]").ok().flatten().is_some()) {
            let newest = Rc::clone(&newest);
            leptos::task::spawn_local(async move {
                // Any page of the console moves the end, unless it is the one that nothing moves.
                let address = window().location().href().unwrap_or_default();
                let left = get(&address).await.and_then(|page| seconds_left(&page.document));
                if left.is_some_and(|left| left > WARN_BEFORE_END) {
                    schedule(&newest, left);
                }
            });
        }
    });
}

fn seconds_left(page: &Document) -> Option<i32> {
    page.get_element_by_id("session-end")?
        .get_attribute("data-ends-in")?
        .parse()
        .ok()
}

fn schedule(newest: &Rc<Cell<u32>>, left: Option<i32>) {
    let Some(left) = left else { return };
    set_visible(None);
    let wish = newest.get() + 1;
    newest.set(wish);
    let newest = Rc::clone(newest);
    leptos::task::spawn_local(async move {
        sleep((left - WARN_BEFORE_END).max(0).saturating_mul(1000)).await;
        if newest.get() == wish {
            set_visible(Some(ENDS));
        }
        sleep(left.clamp(0, WARN_BEFORE_END) * 1000).await;
        if newest.get() == wish {
            set_visible(Some(ENDED));
        }
    });
}

/// The words wait in a template: what is not there yet cannot be read aloud, nor be found by a search.
fn set_visible(words: Option<&str>) {
    let Some(place) = find("#session-end") else { return };
    place.set_inner_html("");
    if let Some(words) = words.and_then(find)
        && let Ok(words) = words
            .unchecked_into::<HtmlTemplateElement>()
            .content()
            .clone_node_with_deep(true)
    {
        let _ = place.append_child(&words);
    }
}
