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
pub(crate) fn page_head(heading: impl IntoAny, line: impl IntoAny, actions: impl IntoAny) -> AnyView {
    view! {
        <div class="head">
            <div>
                <h1>{heading.into_any()}</h1>
                {line.into_any()}
            </div>
            {actions.into_any()}
        </div>
    }
    .into_any()
}
