//! The top of a page.

use domain::Timestamp;
use leptos::prelude::*;

use super::{hidden_fields, recent_time};

/// The link to the parent page.
pub(crate) fn crumbs(href: String, label: &'static str) -> AnyView {
    view! {
        <p class="crumbs">
            <a href=href>{label}</a>
        </p>
    }
    .into_any()
}

/// The heading, the line below it, and the actions next to them.
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

/// The text `before`, the age of the page's data, and the button that refreshes it. `back` is the page's URL.
pub(crate) fn refresh_form(
    workspace: &str,
    back: String,
    before: impl IntoView + 'static,
    as_of: Timestamp,
    keeps_edits: bool,
) -> AnyView {
    view! {
        <form method="post" action="/api/tokens/refresh" class="as-of" data-keeps-edits=keeps_edits>
            {hidden_fields([("workspace", workspace.to_owned()), ("back", back)])}
            {before}
            "Updated "
            {recent_time(as_of)}
            <button class="link">"Refresh"</button>
        </form>
    }
    .into_any()
}
