//! The filters in use, each as a link that removes just it; and what of the address made no sense.

use domain::{Day, PrincipalKind, TokenQuery};
use leptos::prelude::*;

use crate::components::count_of;
use crate::http::paths;

/// A chip for each filter in use. Where no token matches, the list itself offers to clear them all.
pub(crate) fn finding_chips(workspace: &str, query: &TokenQuery, matching: usize) -> Option<AnyView> {
    let in_use = active_filters(query);
    if in_use.is_empty() {
        return None;
    }
    let chips = in_use.into_iter().map(|(words, rest)| {
        view! {
            <li>
                <a class="chip" href=paths::tokens_with(workspace, &rest)>
                    <span class="visually-hidden">"Remove filter: "</span>
                    <bdi>{words}</bdi>
                    <span aria-hidden="true">"\u{d7}"</span>
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

/// Each filter in words, and the query without it.
fn active_filters(query: &TokenQuery) -> Vec<(String, TokenQuery)> {
    let mut all = Vec::new();
    let mut add = |words: Option<String>, remove: &dyn Fn(&mut TokenQuery)| {
        if let Some(words) = words {
            let mut rest = query.on_page(0);
            remove(&mut rest);
            all.push((words, rest));
        }
    };
    let text = |before: &str, text: &str| (!text.is_empty()).then(|| format!("{before} {text}"));
    let day = |before: &str, day: Option<Day>| day.map(|day| format!("{before} {day}"));
    add(text("Search:", &query.q), &|q| q.q.clear());
    add(text("ID starts with", &query.id), &|q| q.id.clear());
    add(text("Owner:", &query.owner), &|q| q.owner.clear());
    add(query.owner_kind.map(owner_kind_text), &|q| q.owner_kind = None);
    let status = query.status.map(|s| format!("Status: {}", s.label()));
    add(status, &|q| q.status = None);
    for mark in &query.marks {
        let words = format!("Finding: {}", mark.label());
        add(Some(words), &|q| q.marks.retain(|m| m != mark));
    }
    add(text("Created by", &query.created_by_username), &|q| {
        q.created_by_username.clear()
    });
    let creator = query.created_by_id.map(|id| format!("Created by user ID {id}"));
    add(creator, &|q| q.created_by_id = None);
    let other = query
        .created_by_other
        .then(|| "Created on behalf of the owner".to_owned());
    add(other, &|q| q.created_by_other = false);
    add(day("Expires from", query.expires.from), &|q| q.expires.from = None);
    add(day("Expires to", query.expires.to), &|q| q.expires.to = None);
    add(day("Last used from", query.used.from), &|q| q.used.from = None);
    add(day("Last used to", query.used.to), &|q| q.used.to = None);
    let idle = query
        .idle_days
        .map(|days| format!("Unused for at least {}", count_of(days.into(), "day")));
    add(idle, &|q| q.idle_days = None);
    add(text("Scope:", &query.scope), &|q| q.scope.clear());
    all
}

fn owner_kind_text(kind: PrincipalKind) -> String {
    format!("Owner type: {}", kind.label())
}

/// What was dropped from the address, by what it would have filtered. Never a value: it may be a secret.
pub(crate) fn ignored_notice(dropped: &[&'static str]) -> Option<AnyView> {
    if dropped.is_empty() {
        return None;
    }
    let words: Vec<_> = dropped.iter().map(|name| parameter(name)).collect();
    let text = format!(
        "Some filters in this link are not valid and were ignored: {}.",
        words.join(", ")
    );
    Some(
        view! {
            <div class="notice">
                <p>{text}</p>
            </div>
        }
        .into_any(),
    )
}

/// A parameter of the address, in words.
fn parameter(name: &str) -> &'static str {
    match name {
        "q" => "search",
        "id" => "ID",
        "owner" => "owner",
        "owner_kind" => "owner type",
        "status" => "status",
        "finding" => "finding",
        "created_by_username" => "creator's username",
        "created_by_id" => "creator's user ID",
        "creator" => "creator",
        "expires_from" => "expires from",
        "expires_to" => "expires to",
        "used_from" => "last used from",
        "used_to" => "last used to",
        "idle" => "days unused",
        "scope" => "scope",
        "sort" => "order",
        "page" => "page",
        _ => "a filter",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_filter_has_a_chip_that_removes_just_it() {
        let pairs = [
            ("q", "a"),
            ("id", "b"),
            ("owner", "c"),
            ("owner_kind", "user"),
            ("status", "active"),
            ("finding", "idle"),
            ("created_by_username", "d"),
            ("created_by_id", "5"),
            ("creator", "other"),
            ("expires_from", "2026-01-01"),
            ("expires_to", "2026-01-02"),
            ("used_from", "2026-01-03"),
            ("used_to", "2026-01-04"),
            ("idle", "30"),
            ("scope", "sql"),
        ];
        let chips = active_filters(&TokenQuery::from_pairs(pairs));
        assert_eq!(chips.len(), pairs.len());
        for ((words, rest), gone) in chips.iter().zip(pairs) {
            let others = pairs.into_iter().filter(|pair| *pair != gone);
            assert_eq!(*rest, TokenQuery::from_pairs(others), "{words}");
            assert_ne!(parameter(gone.0), "a filter");
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
