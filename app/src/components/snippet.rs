//! Commands and other text to copy.

use leptos::prelude::*;

/// A text of several lines to copy, folded away.
pub(crate) fn code(title: &'static str, text: String) -> AnyView {
    view! {
        <details class="stacked">
            <summary>{title}</summary>
            <div class="snippet" tabindex="0" role="group" aria-label=title>
                <code class="pre-wrap">{text}</code>
                <button type="button" class="btn small" data-copy hidden>
                    "Copy"
                </button>
            </div>
        </details>
    }
    .into_any()
}

/// A command for a shell that does what the page is about. With scripts, a button copies it; without, the text can be
/// selected.
pub(crate) fn snippet(line: String) -> AnyView {
    view! {
        <div class="stacked">
            <small class="muted">"CLI command"</small>
            <div class="snippet" tabindex="0" role="group" aria-label="CLI command">
                <code>{line}</code>
                <button type="button" class="btn small" data-copy hidden>
                    "Copy"
                </button>
            </div>
        </div>
    }
    .into_any()
}
