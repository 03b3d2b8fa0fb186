//! How a page begins.

use leptos::prelude::*;

/// The link to the page above this one.
pub(crate) fn crumbs(href: String, label: &'static str) -> AnyView {
    view! {
        <p class="crumbs">
            <a href=href>{label}</a>
        </p>
    }
    .into_any()
}

/// The heading, the line below it, and what can be done, beside them.
pub(crate) fn page_head(
    heading: impl IntoView + 'static,
    line: impl IntoView + 'static,
    actions: impl IntoView + 'static,
) -> AnyView {
    view! {
        <div class="head">
            <div>
                <h1>{heading}</h1>
                {line}
            </div>
            {actions}
        </div>
    }
    .into_any()
}
