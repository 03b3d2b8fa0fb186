//! The links to the other pages of a list.

use leptos::prelude::*;

/// The links below a list, next to `position`, which says what page it is. `None` without links.
pub(crate) fn pager<const N: usize>(position: Option<AnyView>, links: [Option<AnyView>; N]) -> Option<AnyView> {
    links.iter().any(Option::is_some).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                {position}
                <div class="row">{links}</div>
            </nav>
        }
        .into_any()
    })
}

/// A link to another page of the list.
pub(crate) fn page_link(href: String, label: &'static str) -> AnyView {
    view! {
        <a class="btn" href=href>
            {label}
        </a>
    }
    .into_any()
}
