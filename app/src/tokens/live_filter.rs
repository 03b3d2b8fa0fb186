//! The filters of the list, taking effect while one types.

use leptos::{html, prelude::*};

use crate::browser::filter;

/// Wraps the filters' fields in their GET form. Once alive it fetches the list by itself a moment after each key,
/// at once on Enter, and puts the result in place; what was typed before that is taken up.
#[island]
pub(crate) fn LiveFilter(action: String, children: Children) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    Effect::new(move |_| {
        if let Some(form) = form.get() {
            filter::attach(&form);
        }
    });
    view! {
        <form id=super::FILTERS class="filters" method="get" action=action role="search" aria-label="Filter tokens" node_ref=form>
            {children()}
        </form>
    }
}
