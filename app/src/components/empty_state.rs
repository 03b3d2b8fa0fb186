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

/// A card in place of what a page would show: why it has nothing to show, and the link to what to do instead.
pub(crate) fn empty_card(
    title: impl Into<String>,
    text: impl Into<String>,
    href: String,
    label: &'static str,
) -> AnyView {
    let (title, text): (String, String) = (title.into(), text.into());
    view! {
        <section class="card empty">
            <h2>{title}</h2>
            <p>{text}</p>
            <a class="btn" href=href>
                {label}
            </a>
        </section>
    }
    .into_any()
}
