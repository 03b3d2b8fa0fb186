//! The links to the other pages of a list.

use leptos::prelude::*;

/// The links to other pages of a list, if there are any.
pub(crate) fn page_links<const N: usize>(links: [Option<AnyView>; N]) -> Option<AnyView> {
    links.iter().any(Option::is_some).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                <div class="row">{links.into_iter().collect_view()}</div>
            </nav>
        }
        .into_any()
    })
}

/// A link to another page of a list.
pub(crate) fn page_link(href: String, label: &'static str) -> AnyView {
    view! {
        <a class="btn" href=href>
            {label}
        </a>
    }
    .into_any()
}
