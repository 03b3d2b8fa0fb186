//! The search for users, groups and service principals in a form. Without scripts its button leads to a page with the
//! results; with them the field is a combobox (`islands/combobox.rs`).

use leptos::prelude::*;

use crate::http::paths;
use crate::http::request::Request;

/// The longest search text, in characters.
pub(crate) const MAX_SEARCH_CHARS: usize = 200;

/// The search text in the page's query; empty without one.
pub(crate) fn search_text(request: &Request) -> String {
    let text = request.query("find").unwrap_or_default();
    text.trim().chars().take(MAX_SEARCH_CHARS).collect()
}

/// The search field with its button. `search` is the URL of the results page. `editor` is the URL of the page that
/// shows the form again, with the chosen principal in the parameter `param`. A screen reader reads `announcement` after
/// the name of the chosen principal. `error` says what is wrong if no one was chosen. The field gets the focus if there
/// is an error, or if the form `starts_here`.
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

/// A search result, with the button that chooses it.
pub(crate) struct FoundPrincipal {
    pub(crate) label: String,
    /// A detail that distinguishes it from others of the same name.
    pub(crate) detail: String,
    /// The class and the text of each chip.
    pub(crate) chips: Vec<(&'static str, &'static str)>,
    /// The form field that is sent if it is chosen.
    pub(crate) field: (&'static str, String),
    /// The label of the button, for example “Add”.
    pub(crate) verb: &'static str,
    /// The page that the button leads to, if it is not the form's own page.
    pub(crate) page: Option<String>,
}

impl FoundPrincipal {
    /// A row of the list `search-results`.
    pub(crate) fn row(self) -> AnyView {
        let chips = self.chips.into_iter();
        let chips = chips.map(|(class, text)| view! { <span class=class>{text}</span> });
        let (name, value) = self.field;
        let option = value.clone();
        view! {
            <li data-option=option>
                <span class="who">
                    <bdi class="name">{self.label.clone()}</bdi>
                    " "
                    <small class="mono">{self.detail}</small>
                    <span class="chips">{chips.collect_view()}</span>
                </span>
                <button
                    class="btn small"
                    name=name
                    value=value
                    formaction=self.page.map(|page| paths::open_with_fields(&page))
                    aria-label=format!("{} {}", self.verb, self.label)
                >
                    {self.verb}
                </button>
            </li>
        }
        .into_any()
    }
}

/// The message for an empty result. `kind` is the singular, as in "service principal".
pub(crate) fn no_results(kind: &str, text: &str) -> AnyView {
    view! {
        <p class="pad" data-no-results>
            {format!("No {kind} matches \u{201c}{text}\u{201d}.")}
        </p>
    }
    .into_any()
}

/// The last row, which says that there are more results than are shown. `kind` is the plural, `total` the number of
/// matches if it is known.
pub(crate) fn more_results(kind: &str, shown: usize, total: Option<i64>) -> Option<AnyView> {
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    total.filter(|total| *total > shown).map(|total| {
        let text = format!("Showing {shown} of {total} {kind}. Type more of the name.");
        view! {
            <li class="muted" data-more-results>
                {text}
            </li>
        }
        .into_any()
    })
}
