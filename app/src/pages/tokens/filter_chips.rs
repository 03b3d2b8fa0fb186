//! The active filters as links that remove them, and notices about filters that were not applied.

use domain::{Day, Directory, LONGEST_LIFETIME_DAYS, Owner, PrincipalId, PrincipalKind, TokenQuery, UnreadPart};
use leptos::prelude::*;

use super::filters::is_one_owner;
use super::people::{people_links, people_named};
use crate::components::count_of;
use crate::http::paths;

/// A chip for each active filter, and a link that clears all filters. If no token matches, that link is in the empty
/// list instead.
pub(crate) fn filter_chips(
    workspace: &str,
    directory: &Directory,
    query: &TokenQuery,
    matching: usize,
) -> Option<AnyView> {
    let filters = filters_in_use(directory, query);
    if filters.is_empty() {
        return None;
    }
    let chips = filters.into_iter().map(|(label, without_filter)| {
        // On a wide window, the form has this link.
        let is_in_form = is_one_owner(directory, query) && without_filter.owner.is_empty();
        let class = is_in_form.then_some("of-owner");
        view! {
            <li class=class>
                <a class="chip" href=paths::tokens_with(workspace, &without_filter)>
                    {removal(&label)}
                </a>
            </li>
        }
    });
    let clear = (matching > 0).then(|| {
        let cleared = paths::tokens_with(workspace, &query.without_filters().on_page(0));
        view! {
            <li>
                <a class="link" href=cleared>
                    "Clear filters"
                </a>
            </li>
        }
    });
    Some(
        view! { <ul class="active-filters" aria-label="Filters in use">{chips.collect_view()} {clear}</ul> }.into_any(),
    )
}

/// The text of a link that removes the filter with this label.
pub(super) fn removal(label: &str) -> AnyView {
    view! {
        <span class="visually-hidden">"Remove filter: "</span>
        <bdi>{label.to_owned()}</bdi>
        <span aria-hidden="true">"\u{d7}"</span>
    }
    .into_any()
}

/// The label of each active filter, with the owner's name if it is known, and the query without that filter.
pub(super) fn filters_in_use(directory: &Directory, query: &TokenQuery) -> Vec<(String, TokenQuery)> {
    filters_with_owner(query, &owner_text(directory, &query.owner))
}

/// The name of the owner in an ID filter, if it is known.
pub(super) fn owner_text(directory: &Directory, filter: &str) -> String {
    let id = filter.parse().ok().map(PrincipalId::new);
    match directory.owner(id) {
        Owner::Known(principal) => principal.label().to_owned(),
        _ => filter.to_owned(),
    }
}

/// The label of each active filter, and the query without it.
pub(super) fn active_filters(query: &TokenQuery) -> Vec<(String, TokenQuery)> {
    filters_with_owner(query, &query.owner)
}

/// Like [`active_filters`], with `owner` as the text of the owner filter.
fn filters_with_owner(query: &TokenQuery, owner: &str) -> Vec<(String, TokenQuery)> {
    let mut filters = Vec::new();
    let mut add = |label: Option<String>, remove: &dyn Fn(&mut TokenQuery)| {
        if let Some(label) = label {
            let mut without_filter = query.on_page(0);
            remove(&mut without_filter);
            filters.push((label, without_filter));
        }
    };
    let text = |prefix: &str, text: &str| (!text.is_empty()).then(|| format!("{prefix} {text}"));
    let day = |prefix: &str, day: Option<Day>| day.map(|day| format!("{prefix} {day} (UTC)"));
    add(text("Search:", &query.q), &|q| q.q.clear());
    add(text("ID starts with", &query.id), &|q| q.id.clear());
    add(text("Owner:", owner), &|q| q.owner.clear());
    add(query.owner_kind.map(owner_kind_text), &|q| q.owner_kind = None);
    let status = query.status.map(|s| format!("Status: {}", s.label()));
    add(status, &|q| q.status = None);
    for finding in &query.findings {
        let label = format!("Finding: {}", finding.label());
        add(Some(label), &|q| q.findings.retain(|other| other != finding));
    }
    let without_accepted = query.without_accepted.then(|| "Without accepted findings".to_owned());
    add(without_accepted, &|q| q.without_accepted = false);
    add(text("Created by", &query.created_by_username), &|q| {
        q.created_by_username.clear()
    });
    let creator = query.created_by_id.map(|id| format!("Created by user ID {id}"));
    add(creator, &|q| q.created_by_id = None);
    let on_behalf = query
        .created_by_other
        .then(|| "Created on behalf of the owner".to_owned());
    add(on_behalf, &|q| q.created_by_other = false);
    let expires = query.expires_in.map(|window| format!("Expires: {}", window.label()));
    add(expires, &|q| q.expires_in = None);
    let last_used = query.last_used.map(|window| format!("Last used: {}", window.label()));
    add(last_used, &|q| q.last_used = None);
    add(day("Created from", query.created.from), &|q| q.created.from = None);
    add(day("Created to", query.created.to), &|q| q.created.to = None);
    add(day("Expires from", query.expires.from), &|q| q.expires.from = None);
    add(day("Expires to", query.expires.to), &|q| q.expires.to = None);
    add(day("Last used from", query.used.from), &|q| q.used.from = None);
    add(day("Last used to", query.used.to), &|q| q.used.to = None);
    let unused = query
        .idle_days
        .map(|days| format!("Unused for at least {}", count_of(days.into(), "day")));
    add(unused, &|q| q.idle_days = None);
    let lifetime = query.lifetime;
    let over = lifetime
        .over
        .map(|days| format!("Lifetime over {}", count_of(days as usize, "day")));
    add(over, &|q| q.lifetime.over = None);
    let up_to = lifetime.up_to.map(|days| match days {
        LONGEST_LIFETIME_DAYS => "Lifetime: has an expiry".to_owned(),
        days => format!("Lifetime up to {}", count_of(days as usize, "day")),
    });
    add(up_to, &|q| q.lifetime.up_to = None);
    add(text("Scope:", &query.scope), &|q| q.scope.clear());
    let state = query.scope_state.as_ref();
    let state = state.map(|state| format!("Scopes: {}", state.label()));
    add(state, &|q| q.scope_state = None);
    let narrows = query.narrows_within;
    let narrows = narrows.map(|window| format!("Narrows: {}", window.label()));
    add(narrows, &|q| q.narrows_within = None);
    filters
}

fn owner_kind_text(kind: PrincipalKind) -> String {
    format!("Owner type: {}", kind.label())
}

/// Lists the filters of the URL that were ignored because they are invalid. Their values are not shown, since one may
/// be a token value.
pub(crate) fn ignored_notice(rejected: &[&'static str]) -> Option<AnyView> {
    if rejected.is_empty() {
        return None;
    }
    let labels: Vec<_> = rejected.iter().map(|name| parameter_label(name)).collect();
    let text = format!(
        "Some filters in this link are not valid and were ignored: {}.",
        labels.join(", ")
    );
    Some(notice(text))
}

/// Lists the filters that cannot be applied because data that they need could not be read.
pub(crate) fn left_out_notice(left_out: &[(&'static str, UnreadPart)]) -> Option<AnyView> {
    if left_out.is_empty() {
        return None;
    }
    let filters = left_out.iter();
    let filters: Vec<_> = filters
        .map(|(name, part)| format!("{} ({})", parameter_label(name), part.reason()))
        .collect();
    let text = format!(
        "Some filters of this link are not available, so more tokens are listed: {}.",
        filters.join(", ")
    );
    Some(notice(text))
}

/// Says that no one has the name in the owner filter, and offers owners with similar names.
pub(crate) fn unknown_owner_notice(workspace: &str, directory: &Directory, query: &TokenQuery) -> AnyView {
    let owner = &query.owner;
    let people = people_named(directory, owner);
    if people.is_empty() {
        return notice(format!(
            "No user has the username \u{201c}{owner}\u{201d}, and no service principal this application ID. Search \
             for a part of a name instead."
        ));
    }
    let tokens_of = |id: PrincipalId| {
        let query = TokenQuery {
            owner: id.to_string(),
            ..query.clone()
        };
        paths::tokens_with(workspace, &query.on_page(0))
    };
    view! {
        <div class="notice">
            <p>{format!("No owner has exactly the name \u{201c}{owner}\u{201d}. Did you mean one of these?")}</p>
            {people_links(people, tokens_of)}
        </div>
    }
    .into_any()
}

fn notice(text: String) -> AnyView {
    view! {
        <div class="notice">
            <p>{text}</p>
        </div>
    }
    .into_any()
}

/// The human-readable name of a URL parameter.
fn parameter_label(name: &str) -> &'static str {
    match name {
        "q" => "search",
        "id" => "ID",
        "owner" => "owner",
        "owner_kind" => "owner type",
        "status" => "status",
        "finding" => "finding",
        "accepted" => "accepted findings",
        "created_by_username" => "creator's username",
        "created_by_id" => "creator's user ID",
        "creator" => "creator",
        "expires" => "expires",
        "used" => "last used",
        "created_from" => "created from",
        "created_to" => "created to",
        "expires_from" => "expires from",
        "expires_to" => "expires to",
        "used_from" => "last used from",
        "used_to" => "last used to",
        "idle" => "days unused",
        "lifetime_over" => "lifetime over",
        "lifetime_to" => "lifetime up to",
        "scope" => "scope",
        "scope_state" => "state of the scopes",
        "narrows_within" => "narrows within",
        "sort" => "order",
        "page" => "page",
        _ => "a filter",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_filter_has_a_chip_that_removes_only_that_filter() {
        let pairs = [
            ("q", "a"),
            ("id", "b"),
            ("owner", "c"),
            ("owner_kind", "user"),
            ("status", "active"),
            ("finding", "idle"),
            ("accepted", "hidden"),
            ("created_by_username", "d"),
            ("created_by_id", "5"),
            ("creator", "other"),
            ("expires", "7d"),
            ("used", "today"),
            ("created_from", "2025-01-01"),
            ("created_to", "2025-01-02"),
            ("expires_from", "2026-01-01"),
            ("expires_to", "2026-01-02"),
            ("used_from", "2026-01-03"),
            ("used_to", "2026-01-04"),
            ("idle", "30"),
            ("lifetime_over", "30"),
            ("lifetime_to", "90"),
            ("scope", "sql"),
            ("scope_state", "state:PAUSED"),
            ("narrows_within", "7"),
        ];
        let chips = active_filters(&TokenQuery::from_pairs(pairs));
        assert_eq!(chips.len(), pairs.len());
        for ((label, without_filter), removed) in chips.iter().zip(pairs) {
            let others = pairs.into_iter().filter(|pair| *pair != removed);
            assert_eq!(*without_filter, TokenQuery::from_pairs(others), "{label}");
            assert_ne!(parameter_label(removed.0), "a filter");
        }
        let two = active_filters(&TokenQuery::from_pairs([
            ("finding", "idle"),
            ("finding", "never-used"),
            ("page", "3"),
        ]));
        assert_eq!(two[0].1, TokenQuery::from_pairs([("finding", "never-used")]));
        assert!(active_filters(&TokenQuery::from_pairs([("sort", "owner"), ("page", "3")])).is_empty());
    }
}
