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

/// Someone whom the search found, with the button that chooses them.
pub(crate) struct FoundPrincipal {
    pub(crate) label: String,
    /// What tells them from others of the same name.
    pub(crate) detail: String,
    /// The classes and texts of the chips.
    pub(crate) chips: Vec<(&'static str, &'static str)>,
    /// What the form sends if they are chosen.
    pub(crate) field: (&'static str, String),
    /// What the button says, for example “Add”.
    pub(crate) verb: &'static str,
    /// The page that the button leads to, if not that of the form.
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

/// What is shown if nothing was found. `kind` is what was searched for, as in "service principal".
pub(crate) fn no_results(kind: &str, text: &str) -> AnyView {
    view! {
        <p class="pad" data-no-results>
            {format!("No {kind} matches \u{201c}{text}\u{201d}.")}
        </p>
    }
    .into_any()
}

/// The last row of results that are not all shown. `kind` is their plural, `total` how many match if that is known.
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
