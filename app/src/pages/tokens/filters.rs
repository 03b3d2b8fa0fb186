//! The filters above the list: a form whose fields are the URL parameters. Each option shows how many tokens it would
//! list.

mod advanced;

pub(crate) use advanced::MORE_FILTERS_PARAM;

use console::Snapshot;
use domain::{
    Directory, ExpiryWindow, Facets, FindingKind, Known, Sort, Status, TokenQuery, UnreadPart, UnreadParts, UseWindow,
};
use leptos::prelude::*;

use super::filter_chips::{active_filters, owner_text, removal};
use crate::components::group_digits;
use crate::http::paths;
use crate::islands::live_filter::FILTER_FORM_ID;
use crate::islands::owner_suggestions::{OWNER_FIELD_ID, OWNER_OPTIONS_ID};

/// The form, filled with `query`. `result_count` says how many tokens match, for screen readers. `is_unfolded` says
/// whether the advanced filters are requested.
pub(crate) fn filters(
    snapshot: &Snapshot,
    workspace: &str,
    result_count: &str,
    query: &TokenQuery,
    facets: &Facets,
    is_unfolded: bool,
) -> AnyView {
    let (directory, unread) = (snapshot.inventory.directory(), snapshot.inventory.unread());
    let not_searched = unread.has(UnreadPart::Names).then(|| {
        view! {
            <p class="hint" id="search-reason">
                "Not all owners can be searched: owner names are not loaded."
            </p>
        }
    });
    let search_reason = unread.has(UnreadPart::Names).then_some("search-reason");
    let (statuses, findings) = (statuses(query, facets), findings(query, facets));
    let (expiries, uses) = (expiries(query, facets), uses(query, facets));
    let (orders, advanced) = (
        orders(query.sort),
        advanced::advanced_filters(query, facets, is_unfolded),
    );
    let (q, owner) = (query.q.clone(), owner_filter(workspace, directory, query, unread));
    let fold_label = match active_filters(query).len() {
        0 => "Filter".to_owned(),
        n => format!("Filter ({n})"),
    };
    let find = paths::find_leaked(workspace);
    view! {
        <form
            id=FILTER_FORM_ID
            class="filters"
            method="post"
            action=paths::open_with_fields(&paths::tokens(workspace))
            data-page=paths::tokens(workspace)
            role="search"
            aria-label="Filter tokens"
        >
            <div class="field grow">
                <label for="q">"Search by comment, owner or ID"</label>
                <input
                    class="input"
                    id="q"
                    type="search"
                    name="q"
                    value=q
                    placeholder="Comment, owner or ID"
                    autocomplete="off"
                    maxlength="256"
                    aria-describedby=search_reason
                />
                {not_searched}
                <p class="hint danger-text" id="token-value-hint" hidden>
                    "This looks like a token value, so it was not sent. Use "
                    <a href=find>"Find a leaked token"</a>
                    " instead."
                </p>
            </div>
            <details class="fold filters-fold" open=is_unfolded>
            <summary class="btn">{fold_label}</summary>
            {owner}
            {statuses}
            {findings}
            {query.without_accepted.then(|| view! { <input type="hidden" name="accepted" value="hidden" /> })}
            {expiries}
            {uses}
            <button class="btn apply" aria-label="Apply filters">"Apply"</button>
            {advanced}
            </details>
            <select class="input order" id="sort" name="sort" aria-label="Order">
                {orders}
            </select>
        </form>
        <p class="visually-hidden" id="result-count" role="status">
            {result_count.to_owned()}
        </p>
    }
    .into_any()
}

/// Whether a list is of one owner.
pub(super) fn is_one_owner(directory: &Directory, query: &TokenQuery) -> bool {
    directory.resolve(&query.owner).is_some()
}

/// The field for an owner. While the list is of one owner, a link that removes the filter is in its place: the field
/// would show the ID.
fn owner_filter(workspace: &str, directory: &Directory, query: &TokenQuery, unread: UnreadParts) -> AnyView {
    if is_one_owner(directory, query) {
        let without_owner = TokenQuery {
            owner: String::new(),
            ..query.on_page(0)
        };
        return view! {
            <input type="hidden" name="owner" value=query.owner.clone() />
            <a class="btn owner-pill" href=paths::tokens_with(workspace, &without_owner)>
                {removal(&format!("Owner: {}", owner_text(directory, &query.owner)))}
            </a>
        }
        .into_any();
    }
    let no_names = unread.has(UnreadPart::Names);
    let hint = no_names.then(|| {
        view! {
            <p class="hint" id="owner-reason">
                "Names are not available. Enter an owner ID."
            </p>
        }
    });
    view! {
        <div class="field">
            <label for=OWNER_FIELD_ID>"Owner"</label>
            <input
                class="input"
                id=OWNER_FIELD_ID
                name="owner"
                value=query.owner.clone()
                list=OWNER_OPTIONS_ID
                data-search=paths::find_principal(workspace)
                placeholder="Owner"
                autocomplete="off"
                maxlength="256"
                aria-describedby=no_names.then_some("owner-reason")
            />
            <datalist id=OWNER_OPTIONS_ID></datalist>
            {hint}
        </div>
    }
    .into_any()
}

fn statuses(query: &TokenQuery, facets: &Facets) -> AnyView {
    let choices = Status::ALL.map(|status| Choice {
        value: status.slug().to_owned(),
        label: status.label().to_owned(),
        tokens: Known::Known(facets.status(status)),
        chosen: query.status == Some(status),
    });
    select("status", "Status", choices.to_vec())
}

/// The main finding filter. Filters for further findings are among the advanced filters.
fn findings(query: &TokenQuery, facets: &Facets) -> AnyView {
    let further = query.findings.get(1..).unwrap_or_default();
    let choices = FindingKind::ALL.map(|finding| Choice {
        value: finding.slug().to_owned(),
        label: finding.label().to_owned(),
        tokens: facets.with_finding(&[&[finding], further].concat()),
        chosen: query.findings.first() == Some(&finding),
    });
    select("finding", "Finding", choices.to_vec())
}

fn expiries(query: &TokenQuery, facets: &Facets) -> AnyView {
    let mut choices: Vec<_> = ExpiryWindow::PRESETS.into_iter().collect();
    // A week that the chart above the list offers.
    choices.extend(
        query
            .expires_in
            .filter(|window| !ExpiryWindow::PRESETS.contains(window)),
    );
    let choices = choices.into_iter().map(|window| Choice {
        value: window.slug(),
        label: window.label(),
        tokens: Known::Known(facets.expires(window)),
        chosen: query.expires_in == Some(window),
    });
    select("expires", "Expires", choices.collect())
}

fn uses(query: &TokenQuery, facets: &Facets) -> AnyView {
    let choices = UseWindow::ALL.map(|window| Choice {
        value: window.slug().to_owned(),
        label: window.label().to_owned(),
        tokens: Known::Known(facets.last_used(window)),
        chosen: query.last_used == Some(window),
    });
    select("used", "Last used", choices.to_vec())
}

/// The sort orders, for layouts without column headings. The default order has an empty value, which keeps it out of
/// the URL.
fn orders(chosen: Sort) -> AnyView {
    let default = Sort::default();
    let others = Sort::all().filter(|sort| *sort != default);
    [default]
        .into_iter()
        .chain(others)
        .map(|sort| {
            let value = if sort == default { String::new() } else { sort.slug() };
            view! { <option value=value selected=sort == chosen>{sort.label()}</option> }
        })
        .collect_view()
        .into_any()
}

/// An option of a filter.
#[derive(Clone)]
struct Choice {
    value: String,
    label: String,
    /// How many tokens the option would list.
    tokens: Known<usize>,
    chosen: bool,
}

impl Choice {
    /// The label with the number of tokens, as in "Active (312)".
    fn text(&self) -> String {
        match self.tokens {
            Known::Known(tokens) => format!("{} ({})", self.label, group_digits(tokens)),
            Known::NotAvailable(_) => format!("{} (not available)", self.label),
        }
    }

    /// Whether it cannot be chosen because data that it needs could not be read.
    fn is_disabled(&self) -> bool {
        self.tokens.missing().is_some()
    }

    /// The ID of the element whose number a script updates.
    fn id(&self, filter: &str) -> String {
        format!("n:{filter}:{}", domain::percent_encode(&self.value))
    }
}

/// Why some options are not available. `None` if all are.
fn unavailable_hint(id: &str, choices: &[Choice]) -> Option<AnyView> {
    let mut reasons: Vec<_> = choices.iter().filter_map(|choice| choice.tokens.missing()).collect();
    reasons.dedup();
    let reasons: Vec<_> = reasons.into_iter().map(UnreadPart::reason).collect();
    if reasons.is_empty() {
        return None;
    }
    let what = match choices.iter().all(Choice::is_disabled) {
        true => "Not available",
        false => "Some are not available",
    };
    let text = format!("{what}: {}.", reasons.join(", "));
    let id = id.to_owned();
    Some(view! { <p class="hint" id=id>{text}</p> }.into_any())
}

/// A filter with several options, of which at most one is selected.
fn select(name: &'static str, label: &'static str, choices: Vec<Choice>) -> AnyView {
    select_with(name, label, choices, None)
}

/// Like [`select`], with an additional option without a number.
fn select_with(name: &'static str, label: &'static str, choices: Vec<Choice>, other: Option<AnyView>) -> AnyView {
    let reason = format!("{name}-reason");
    let hint = unavailable_hint(&reason, &choices);
    let is_disabled = choices.iter().all(Choice::is_disabled);
    let described_by = hint.is_some().then_some(reason);
    let choices = choices.into_iter().map(|choice| {
        view! {
            <option
                value=choice.value.clone()
                selected=choice.chosen
                disabled=choice.is_disabled()
            >
                {choice.text()}
            </option>
        }
    });
    // The first option shows the filter's name, so it needs no label next to it.
    view! {
        <select
            class="input"
            id=name
            name=name
            aria-label=label
            disabled=is_disabled
            aria-describedby=described_by
        >
            <option value="">{label}</option>
            {other}
            {choices.collect_view()}
        </select>
        {hint}
    }
    .into_any()
}

/// A filter that is on or off.
fn checkbox(filter: &str, name: &'static str, choice: &Choice) -> AnyView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                name=name
                value=choice.value.clone()
                checked=choice.chosen
                disabled=choice.is_disabled()
            />
            <span id=choice.id(filter)>{choice.text()}</span>
        </label>
    }
    .into_any()
}
