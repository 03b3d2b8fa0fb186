//! Putting another page in the place of this one without loading it, and telling the islands about it.

use std::cell::RefCell;

use web_sys::Document;

use super::bulk_events::RUNNING_BULK_ID;
use super::dom::{document, replace_children};

thread_local! {
    static REATTACH: RefCell<Vec<fn()>> = const { RefCell::new(Vec::new()) };
}

/// Has `reattach` called after every swap. It makes what was just put in place interactive.
pub(crate) fn on_swap(reattach: fn()) {
    REATTACH.with_borrow_mut(|all| all.push(reattach));
}

/// Takes over the messages of a page, and the bulk revocation that is running.
pub(crate) fn show_messages(page: &Document) {
    for id in ["status-message", "error-message", RUNNING_BULK_ID] {
        take_over(id, page);
    }
}

fn take_over(id: &str, page: &Document) {
    if let (Some(to), Some(from)) = (document().get_element_by_id(id), page.get_element_by_id(id)) {
        replace_children(&to, &from);
    }
}

/// Takes over from `page` what differs between two views of a page: content, messages, the bulk revocation that is
/// running, and title.
pub(crate) fn swap(page: &Document) {
    take_over("content", page);
    show_messages(page);
    document().set_title(&page.title());
    for reattach in REATTACH.with_borrow(Clone::clone) {
        reattach();
    }
}
