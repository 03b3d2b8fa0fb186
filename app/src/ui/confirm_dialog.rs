//! Confirm pages, shown in place as a dialog.

use leptos::{html, prelude::*};

use crate::browser::dialog;

/// Shows the confirm page behind any button with `data-confirm` as a dialog, and posts its form from there. One a
/// page. Without JavaScript the button leads to the page itself.
#[island]
pub(crate) fn ConfirmDialog() -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            dialog::attach(&element);
        }
    });
    view! { <dialog class="confirm" node_ref=element aria-labelledby="confirm-title"></dialog> }
}
