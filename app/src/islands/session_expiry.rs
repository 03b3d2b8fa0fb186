//! A warning before the session ends, while form input can still be saved.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsCast as _;
use web_sys::{Document, Event, HtmlTemplateElement};

use super::dom::{document, find, listen, target, window};
use super::fetch::{get, sleep};

const WARN_BEFORE_END: Duration = Duration::from_secs(120);

/// The template with the text before the session ends.
const ENDING_TEMPLATE: &str = "template#session-end-words";

/// The template with the text after the session has ended.
const ENDED_TEMPLATE: &str = "template#session-ended-words";

/// Waits for the end of the session. The page says how far away that was when it was rendered.
pub(crate) fn watch() {
    let latest_request = Rc::new(Cell::new(0));
    schedule(&latest_request, time_left(&document()));
    listen(&document(), "click", move |event: Event| {
        if target(&event).is_some_and(|e| e.closest("[data-extend-session]").ok().flatten().is_some()) {
            let latest_request = Rc::clone(&latest_request);
            wasm_bindgen_futures::spawn_local(async move {
                // Any request extends a session, but not beyond its absolute end.
                let url = window().location().href().unwrap_or_default();
                let left = get(&url).await.and_then(|page| time_left(&page.document));
                if left.is_some_and(|left| left > WARN_BEFORE_END) {
                    schedule(&latest_request, left);
                }
            });
        }
    });
}

fn time_left(page: &Document) -> Option<Duration> {
    let seconds = page.get_element_by_id("session-end")?.get_attribute("data-ends-in")?;
    seconds.parse().ok().map(Duration::from_secs)
}

fn schedule(latest_request: &Rc<Cell<u32>>, left: Option<Duration>) {
    let Some(left) = left else { return };
    set_visible(None);
    let request = latest_request.get() + 1;
    latest_request.set(request);
    let latest_request = Rc::clone(latest_request);
    wasm_bindgen_futures::spawn_local(async move {
        sleep(left.saturating_sub(WARN_BEFORE_END)).await;
        if latest_request.get() == request {
            set_visible(Some(ENDING_TEMPLATE));
        }
        sleep(left.min(WARN_BEFORE_END)).await;
        if latest_request.get() == request {
            set_visible(Some(ENDED_TEMPLATE));
        }
    });
}

/// Shows a template's text, or none. A template keeps the text hidden from screen readers and from searches in the
/// page.
fn set_visible(template: Option<&str>) {
    let Some(place) = find("#session-end") else { return };
    place.set_inner_html("");
    if let Some(template) = template.and_then(find)
        && let Ok(text) = template
            .unchecked_into::<HtmlTemplateElement>()
            .content()
            .clone_node_with_deep(true)
    {
        let _ = place.append_child(&text);
    }
}
