//! The content of an empty list or page.

use leptos::prelude::*;

/// The content of an empty list, which is not an error. `next` says what to do next.
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

/// A card instead of a page's content: why there is nothing to show, and a link to what to do next.
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
