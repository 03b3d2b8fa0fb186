//! Icons. They are decoration only: there is text next to each.

use leptos::prelude::*;

/// The console's key.
pub(crate) fn key_icon() -> AnyView {
    view! {
        <svg
            width="20"
            height="20"
            viewBox="0 0 20 20"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
            aria-hidden="true"
        >
            <circle cx="7" cy="10" r="4"></circle>
            <path d="M11 10h7M15 10v3"></path>
        </svg>
    }
    .into_any()
}
