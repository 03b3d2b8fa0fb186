//! The search for users, groups and service principals in a form. Without scripts its button leads to a page with the
//! results; with them the field is a combobox (`islands/combobox.rs`).

use leptos::prelude::*;

use crate::http::paths;
use crate::http::request::Request;

/// The longest text that is searched for, in characters.
pub(crate) const MAX_SEARCH_CHARS: usize = 200;

/// The text that the query of a page with results searches for; empty if it searches for nothing.
pub(crate) fn search_text(request: &Request) -> String {
    let text = request.query("find").unwrap_or_default();
    text.trim().chars().take(MAX_SEARCH_CHARS).collect()
}

/// The field with its button. `search` is the page with the results. `editor` is the page that shows the form again,
/// with the chosen one as parameter `param`; `announcement` follows their name when a screen reader reads that out.
/// `error` is what is wrong if no one was chosen: the field gets the focus then, and if the form `starts_here`.
pub(crate) fn principal_picker(
    label: &'static str,
    search: String,
    editor: String,
    param: &str,
    announcement: &str,
    error: Option<String>,
    starts_here: bool,
) -> AnyView {
    const ERROR_ID: &str = "find-error";
    let has_error = error.is_some();
    let error = error.map(|text| {
        view! {
            <p class="field-error" id=ERROR_ID>
                {text}
            </p>
        }
    });
    let (param, announcement) = (param.to_owned(), announcement.to_owned());
    view! {
        <div
            class="filters picker"
            data-add-param=param
            data-search=search.clone()
            data-editor-page=editor
            data-announce=announcement
        >
            <div class="field grow">
                <label for="find">{label}</label>
                {error}
                <input
                    class="input"
                    id="find"
                    name="find"
                    type="search"
                    autocomplete="off"
                    maxlength=MAX_SEARCH_CHARS
                    spellcheck="false"
                    autofocus=has_error || starts_here
                    aria-invalid=has_error.then_some("true")
                    aria-describedby=has_error.then_some(ERROR_ID)
                />
            </div>
            <button class="btn" formaction=paths::open_with_fields(&search)>
                "Search"
            </button>
        </div>
    }
    .into_any()
}
