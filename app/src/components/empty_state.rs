//! What a list shows if it is empty.

use leptos::prelude::*;

/// A list that is empty, which is not a failure: `next` is what to do about it.
pub(crate) fn empty_state(title: &'static str, text: String, next: impl IntoView + 'static) -> AnyView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {next}
        </div>
    }
    .into_any()
}
