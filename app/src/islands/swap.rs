//! Replaces the page's content with that of another page without a page load, and notifies the islands.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use web_sys::{Document, Element};

use super::bulk_events::RUNNING_BULK_ID;
use super::dom::{document, go, replace_children, set_text};
use super::fetch::{FetchedPage, sleep};

/// How long a message that is out of view is shown as an overlay.
const MESSAGE_DURATION: Duration = Duration::from_secs(10);

/// The IDs of the elements above the content that hold the result of an action.
const MESSAGE_IDS: [&str; 2] = ["status-message", "error-message"];

/// Marks a message that is shown as an overlay.
const OVER_PAGE_ATTRIBUTE: &str = "data-over-page";

thread_local! {
    static OVER_PAGE_NUMBER: Cell<u32> = const { Cell::new(0) };
    static REATTACH: RefCell<Vec<fn()>> = const { RefCell::new(Vec::new()) };
}

/// Registers a function that is called after every swap, to attach to the new elements.
pub(crate) fn on_swap(reattach: fn()) {
    REATTACH.with_borrow_mut(|all| all.push(reattach));
}

/// Copies the messages and the running bulk revocation from a page.
pub(crate) fn show_messages(page: &Document) {
    take_over(RUNNING_BULK_ID, page);
    for id in MESSAGE_IDS {
        take_over(id, page);
        show_if_out_of_view(id);
    }
}

fn take_over(id: &str, page: &Document) {
    if let (Some(to), Some(from)) = (document().get_element_by_id(id), page.get_element_by_id(id)) {
        replace_children(&to, &from);
    }
}

/// Shows a fetched page. A page without content, such as the sign-in page after a session ended, is loaded instead.
pub(crate) fn show_fetched(page: &FetchedPage) {
    match page.document.get_element_by_id("content") {
        Some(_) => swap(&page.document),
        None => go(&page.url),
    }
}

/// Replaces everything that differs between two views of a page: content, messages, the running bulk revocation, and
/// the title.
pub(crate) fn swap(page: &Document) {
    take_over("content", page);
    show_messages(page);
    document().set_title(&page.title());
    for reattach in REATTACH.with_borrow(Clone::clone) {
        reattach();
    }
}

/// Shows a text that is not the result of an action, for [`MESSAGE_DURATION`].
pub(crate) fn say_briefly(text: String) {
    let Some(message) = document().get_element_by_id(MESSAGE_IDS[0]) else {
        return;
    };
    set_text(&message, &text);
    wasm_bindgen_futures::spawn_local(async move {
        sleep(MESSAGE_DURATION).await;
        // Another message may have replaced it.
        if message.child_element_count() == 0 && message.text_content().as_deref() == Some(&text) {
            message.set_text_content(None);
        }
    });
}

/// Shows a message as an overlay for a while if it is scrolled out of view.
fn show_if_out_of_view(id: &str) {
    let message = document().get_element_by_id(id);
    let message = message.filter(|message| message.child_element_count() > 0);
    let Some(message) = message else { return };
    let _ = message.remove_attribute(OVER_PAGE_ATTRIBUTE);
    if message.get_bounding_client_rect().top() < 0.0 {
        wasm_bindgen_futures::spawn_local(show_over_page(message));
    }
}

async fn show_over_page(message: Element) {
    let number = OVER_PAGE_NUMBER.get() + 1;
    OVER_PAGE_NUMBER.set(number);
    let _ = message.set_attribute(OVER_PAGE_ATTRIBUTE, "");
    sleep(MESSAGE_DURATION).await;
    // A later message has its own timer.
    if OVER_PAGE_NUMBER.get() == number {
        let _ = message.remove_attribute(OVER_PAGE_ATTRIBUTE);
    }
}
