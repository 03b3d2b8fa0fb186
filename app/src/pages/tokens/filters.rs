//! The filters above the list: a plain GET form, whose fields are the address. Beside each choice stands how many tokens
//! it would show.

mod advanced;

use domain::{Facets, FindingKind, Sort, Status, TokenQuery};
use leptos::prelude::*;

use crate::components::group_digits;
use crate::http::paths;
use crate::islands::live_filter::LiveFilter;

/// The form, filled with what `query` asks. `shown` says how many tokens pass.
pub(crate) fn filters(workspace: &str, shown: &str, query: &TokenQuery, facets: &Facets) -> AnyView {
    let (statuses, marks, more) = (
        statuses(query, facets),
        marks(query, facets),
        advanced::more(query, facets),
    );
    let orders = orders(query.sort);
    let (q, owner) = (query.q.clone(), query.owner.clone());
    let find = paths::find_leaked(workspace);
    view! {
        <LiveFilter action=paths::tokens(workspace)>
            <div class="field grow">
                <label for="q">"Search by comment or ID"</label>
                <input class="input" id="q" type="search" name="q" value=q autocomplete="off" maxlength="256" />
                <p class="hint danger-text" id="token-value-hint" hidden>
                    "This looks like a token value, so it was not sent. Use "
                    <a href=find>"Find a leaked token"</a>
                    " instead."
                </p>
            </div>
            <div class="field">
                <label for="owner">"Owner"</label>
                <input class="input" id="owner" name="owner" value=owner autocomplete="off" maxlength="256" />
            </div>
            {statuses}
            {marks}
            <div class="field order">
                <label for="sort">"Order"</label>
                <select class="input" id="sort" name="sort">
                    {orders}
                </select>
            </div>
            <button class="btn">"Apply"</button>
            {more}
        </LiveFilter>
        <p class="visually-hidden" id="result-count" role="status">
            {shown.to_owned()}
        </p>
    }
    .into_any()
}

fn statuses(query: &TokenQuery, facets: &Facets) -> AnyView {
    let choices = Status::ALL.map(|status| Choice {
        value: status.slug().to_owned(),
        label: status.label().to_owned(),
        tokens: facets.status(status),
        chosen: query.status == Some(status),
    });
    select("status", "Status", choices.to_vec())
}

/// The first mark. Further ones are asked for rarely, and stand among the folded filters.
fn marks(query: &TokenQuery, facets: &Facets) -> AnyView {
    let further = query.marks.get(1..).unwrap_or_default();
    let choices = FindingKind::ALL.map(|mark| Choice {
        value: mark.slug().to_owned(),
        label: mark.label().to_owned(),
        tokens: facets.marked(&[&[mark], further].concat()),
        chosen: query.marks.first() == Some(&mark),
    });
    select("finding", "Finding", choices.to_vec())
}

/// The orders, for where there are no headings to sort by. The default one has no value: it is not in the address.
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

/// One choice of a filter.
#[derive(Clone)]
struct Choice {
    value: String,
    label: String,
    /// How many tokens it would show.
    tokens: usize,
    chosen: bool,
}

impl Choice {
    /// "Active (312)".
    fn words(&self) -> String {
        format!("{} ({})", self.label, group_digits(self.tokens))
    }

    /// By which the count is found to be told anew.
    fn id(&self, filter: &str) -> String {
        format!("n:{filter}:{}", domain::percent_encode(&self.value))
    }
}

/// A filter that is one of several choices, or none.
fn select(name: &'static str, label: &'static str, choices: Vec<Choice>) -> AnyView {
    let choices = choices.into_iter().map(|choice| {
        view! {
            <option id=choice.id(name) value=choice.value.clone() selected=choice.chosen>
                {choice.words()}
            </option>
        }
    });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select class="input" id=name name=name>
                <option value="">"Any"</option>
                {choices.collect_view()}
            </select>
        </div>
    }
    .into_any()
}

/// A filter that is on or off.
fn tick(filter: &str, name: &'static str, choice: &Choice) -> AnyView {
    view! {
        <label class="check">
            <input type="checkbox" name=name value=choice.value.clone() checked=choice.chosen />
            <span id=choice.id(filter)>{choice.words()}</span>
        </label>
    }
    .into_any()
}
