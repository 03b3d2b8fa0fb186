//! The advanced filters. They are a tenth of the page's elements, so a page contains them only if one is active or
//! someone asks for them. A button leads to the page with them; with scripts they replace the button
//! (`islands/live_filter.rs`).

use domain::{
    Day, Facets, FindingKind, Known, LONGEST_LIFETIME_DAYS, MAX_IDLE_DAYS, NarrowsWithin, PrincipalKind, ScopeState,
    ScopeStateFilter, TokenQuery,
};
use leptos::prelude::*;

use super::{Choice, checkbox, select, select_with, unavailable_hint};
use crate::islands::live_filter::MORE_FILTERS_ID;

/// The parameter that requests these filters.
pub(crate) const MORE_FILTERS_PARAM: &str = "more_filters";

/// The fold with the filters, or the button that requests them.
pub(super) fn advanced_filters(query: &TokenQuery, facets: &Facets, is_unfolded: bool) -> AnyView {
    let is_in_use = is_any_in_use(query);
    if !is_unfolded && !is_in_use {
        return view! {
            <button class="btn" id=MORE_FILTERS_ID name=MORE_FILTERS_PARAM value="1">
                "More filters"
            </button>
        }
        .into_any();
    }
    view! {
        <details
            class="advanced-filters"
            id=MORE_FILTERS_ID
            open=is_unfolded
            data-menu
            data-in-use=is_in_use.then_some("")
        >
            <summary>"More filters"</summary>
            <div class="filters-more">
                {token_id(query)} {owner_kinds(query, facets)} {scopes(query, facets)} {scope_states(query, facets)}
                {narrowing(query, facets)} {days(query)}
                {creator(query, facets)} {further_findings(query, facets)}
            </div>
        </details>
    }
    .into_any()
}

/// Whether the query has filters that the main form does not show.
fn is_any_in_use(query: &TokenQuery) -> bool {
    let visible = TokenQuery {
        q: query.q.clone(),
        owner: query.owner.clone(),
        status: query.status,
        findings: query.findings.iter().take(1).copied().collect(),
        expires_in: query.expires_in,
        last_used: query.last_used,
        sort: query.sort,
        page: query.page,
        ..TokenQuery::default()
    };
    visible != *query
}

fn token_id(query: &TokenQuery) -> AnyView {
    view! {
        <div class="field grow">
            <label for="token-id">"ID starts with"</label>
            <input
                class="input mono"
                id="token-id"
                name="id"
                value=query.id.clone()
                autocomplete="off"
                maxlength="256"
            />
        </div>
    }
    .into_any()
}

fn owner_kinds(query: &TokenQuery, facets: &Facets) -> AnyView {
    let choices = PrincipalKind::ALL.map(|kind| Choice {
        value: kind.slug().to_owned(),
        label: kind.label().to_owned(),
        tokens: facets.owner_kind(kind),
        chosen: query.owner_kind == Some(kind),
    });
    view! { <div class="field">{select("owner_kind", "Owner type", choices.to_vec())}</div> }.into_any()
}

/// The most common scopes, and the scope that the query filters by.
fn scopes(query: &TokenQuery, facets: &Facets) -> AnyView {
    let selected_scope = query.scope.to_lowercase();
    let mut choices: Vec<_> = facets
        .scopes
        .iter()
        .map(|scope| Choice {
            value: scope.name.clone(),
            label: scope.name.clone(),
            tokens: Known::Known(scope.tokens),
            chosen: scope.name.to_lowercase() == selected_scope,
        })
        .collect();
    let is_listed = selected_scope.is_empty() || choices.iter().any(|choice| choice.chosen);
    let rare = (!is_listed).then(|| {
        let name = query.scope.clone();
        view! {
            <option value=name.clone() selected>
                {name.clone()}
            </option>
        }
    });
    choices.sort_by(|a, b| a.label.cmp(&b.label));
    let choices = choices.into_iter().map(|choice| {
        view! {
            <option value=choice.value.clone() selected=choice.chosen>
                {choice.text()}
            </option>
        }
    });
    view! {
        <div class="field">
            <label for="scope">"Scope"</label>
            <select class="input" id="scope" name="scope">
                <option value="">"Any"</option>
                {rare}
                {choices.collect_view()}
            </select>
        </div>
    }
    .into_any()
}

/// The known states of scopes, and the undocumented state that the query filters by.
fn scope_states(query: &TokenQuery, facets: &Facets) -> AnyView {
    let chosen = query.scope_state.as_ref();
    let choices = ScopeState::ALL.map(|state| Choice {
        value: state.slug().to_owned(),
        label: state.label().to_owned(),
        tokens: Known::Known(facets.scope_state(state)),
        chosen: chosen == Some(&ScopeStateFilter::Is(state)),
    });
    let named = chosen.filter(|filter| matches!(filter, ScopeStateFilter::Named(_)));
    let named = named.map(|filter| {
        view! {
            <option value=filter.slug() selected>
                {filter.label()}
            </option>
        }
        .into_any()
    });
    view! { <div class="field">{select_with("scope_state", "Auto-scoping state", choices.to_vec(), named)}</div> }
        .into_any()
}

/// How soon Databricks will remove scopes, in days.
fn narrowing(query: &TokenQuery, facets: &Facets) -> AnyView {
    let choices = NarrowsWithin::ALL.map(|window| Choice {
        value: window.slug().to_owned(),
        label: window.label().to_owned(),
        tokens: Known::Known(facets.narrows_within(window)),
        chosen: query.narrows_within == Some(window),
    });
    view! { <div class="field">{select("narrows_within", "Narrows within", choices.to_vec())}</div> }.into_any()
}

fn days(query: &TokenQuery) -> AnyView {
    let lifetime = query.lifetime;
    let number = |name: &'static str, label: &'static str, value: Option<u32>, max: u32| {
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input
                    class="input"
                    id=name
                    type="number"
                    name=name
                    value=value.map(|days| days.to_string()).unwrap_or_default()
                    min="1"
                    max=max
                    inputmode="numeric"
                    autocomplete="off"
                />
            </div>
        }
    };
    view! {
        {day("created_from", "Created from (UTC)", query.created.from)}
        {day("created_to", "Created to (UTC)", query.created.to)}
        {day("expires_from", "Expires from (UTC)", query.expires.from)}
        {day("expires_to", "Expires to (UTC)", query.expires.to)}
        {day("used_from", "Last used from (UTC)", query.used.from)}
        {day("used_to", "Last used to (UTC)", query.used.to)}
        {number("idle", "Unused for at least (days)", query.idle_days.map(u32::from), MAX_IDLE_DAYS.into())}
        {number("lifetime_over", "Lifetime over (days)", lifetime.over, LONGEST_LIFETIME_DAYS)}
        {number("lifetime_to", "Lifetime up to (days)", lifetime.up_to, LONGEST_LIFETIME_DAYS)}
    }
    .into_any()
}

fn day(name: &'static str, label: &'static str, value: Option<Day>) -> AnyView {
    let value = value.map(Day::to_iso).unwrap_or_default();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                type="date"
                name=name
                value=value
                autocomplete="off"
            />
        </div>
    }
    .into_any()
}

fn creator(query: &TokenQuery, facets: &Facets) -> AnyView {
    let id = query.created_by_id.map(|id| id.to_string()).unwrap_or_default();
    let on_behalf = Choice {
        value: "other".to_owned(),
        label: "Created on behalf of the owner".to_owned(),
        tokens: Known::Known(facets.created_by_other()),
        chosen: query.created_by_other,
    };
    view! {
        <div class="field grow">
            <label for="created_by_username">"Created by (username)"</label>
            <input
                class="input"
                id="created_by_username"
                name="created_by_username"
                value=query.created_by_username.clone()
                autocomplete="off"
                maxlength="256"
            />
        </div>
        <div class="field">
            <label for="created_by_id">"Created by (user ID)"</label>
            <input
                class="input"
                id="created_by_id"
                name="created_by_id"
                value=id
                inputmode="numeric"
                autocomplete="off"
                maxlength="20"
            />
        </div>
        <div class="checkbox-group">{checkbox("creator", "creator", &on_behalf)}</div>
    }
    .into_any()
}

/// The findings in addition to the main one.
fn further_findings(query: &TokenQuery, facets: &Facets) -> AnyView {
    let further = query.findings.get(1..).unwrap_or_default();
    let choices = FindingKind::ALL.map(|finding| Choice {
        value: finding.slug().to_owned(),
        label: finding.label().to_owned(),
        tokens: facets.with_finding(&[query.findings.as_slice(), &[finding]].concat()),
        chosen: further.contains(&finding),
    });
    let hint = unavailable_hint("also-reason", &choices);
    let described_by = hint.is_some().then_some("also-reason");
    let checkboxes = choices.iter().map(|choice| checkbox("also", "finding", choice));
    view! {
        <fieldset class="checkbox-group" aria-describedby=described_by>
            <legend>"Also"</legend>
            {checkboxes.collect_view()}
            {hint}
        </fieldset>
    }
    .into_any()
}
