//! The filters in use, each as a link that removes just it; and what of the address made no sense.

use domain::{Day, PrincipalKind, TokenQuery};
use leptos::prelude::*;

use crate::http::paths;

/// A chip for each filter in use. Where no token matches, the list itself offers to clear them all.
pub(crate) fn chips(workspace: &str, query: &TokenQuery, matching: usize) -> Option<AnyView> {
    let in_use = in_use(query);
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
    Some(view! { <ul class="in-use" aria-label="Filters in use">{chips.collect_view()} {clear}</ul> }.into_any())
}

/// Each filter in words, and the query without it.
fn in_use(query: &TokenQuery) -> Vec<(String, TokenQuery)> {
    let mut all = Vec::new();
    let mut add = |words: Option<String>, remove: &dyn Fn(&mut TokenQuery)| {
        if let Some(words) = words {
            let mut rest = query.on_page(0);
            remove(&mut rest);
            all.push((words, rest));
        }
    };
    let text = |before: &str, text: &str| (!text.is_empty()).then(|| format!("{before} \u{201c}{text}\u{201d}"));
    let day = |before: &str, day: Option<Day>| day.map(|day| format!("{before} {day}"));
    add(text("search", &query.q), &|q| q.q.clear());
    add(text("id begins with", &query.id), &|q| q.id.clear());
    add(text("owner", &query.owner), &|q| q.owner.clear());
    add(query.owner_kind.map(owner_is), &|q| q.owner_kind = None);
    let status = query.status.map(|s| format!("status {}", s.label().to_lowercase()));
    add(status, &|q| q.status = None);
    for mark in &query.marks {
        let words = format!("marked {}", mark.label().to_lowercase());
        add(Some(words), &|q| q.marks.retain(|m| m != mark));
    }
    add(text("created by", &query.created_by_username), &|q| {
        q.created_by_username.clear()
    });
    let creator = query.created_by_id.map(|id| format!("created by id {id}"));
    add(creator, &|q| q.created_by_id = None);
    let other = query.created_by_other.then(|| "created by somebody else".to_owned());
    add(other, &|q| q.created_by_other = false);
    add(day("expires on or after", query.expires.from), &|q| {
        q.expires.from = None
    });
    add(day("expires on or before", query.expires.to), &|q| q.expires.to = None);
    add(day("last used on or after", query.used.from), &|q| q.used.from = None);
    add(day("last used on or before", query.used.to), &|q| q.used.to = None);
    let idle = query.idle_days.map(|days| format!("idle for at least {days} days"));
    add(idle, &|q| q.idle_days = None);
    add(text("scope", &query.scope), &|q| q.scope.clear());
    all
}

fn owner_is(kind: PrincipalKind) -> String {
    format!("owner is a {}", kind.label().to_lowercase())
}

/// What was dropped from the address, by what it would have filtered. Never a value: it may be a secret.
pub(crate) fn ignored(dropped: &[&'static str]) -> Option<AnyView> {
    if dropped.is_empty() {
        return None;
    }
    let words: Vec<_> = dropped.iter().map(|name| parameter(name)).collect();
    let text = format!(" {}. What the address asks for there makes no sense.", words.join(", "));
    Some(
        view! {
            <div class="notice">
                <p>
                    <b>"Ignored:"</b>
                    {text}
                </p>
            </div>
        }
        .into_any(),
    )
}

/// A parameter of the address, in words.
fn parameter(name: &str) -> &'static str {
    match name {
        "q" => "search",
        "id" => "id",
        "owner" => "owner",
        "owner_kind" => "kind of owner",
        "status" => "status",
        "mark" => "mark",
        "created_by_username" => "creator's user name",
        "created_by_id" => "creator's id",
        "creator" => "creator",
        "expires_from" => "first day of expiry",
        "expires_to" => "last day of expiry",
        "used_from" => "first day of last use",
        "used_to" => "last day of last use",
        "idle" => "days idle",
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
            ("mark", "idle"),
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
        let chips = in_use(&TokenQuery::from_pairs(pairs));
        assert_eq!(chips.len(), pairs.len());
        for ((words, rest), gone) in chips.iter().zip(pairs) {
            let others = pairs.into_iter().filter(|pair| *pair != gone);
            assert_eq!(*rest, TokenQuery::from_pairs(others), "{words}");
            assert_ne!(parameter(gone.0), "a filter");
        }
        let two = in_use(&TokenQuery::from_pairs([
            ("mark", "idle"),
            ("mark", "never-used"),
            ("page", "3"),
        ]));
        assert_eq!(two[0].1, TokenQuery::from_pairs([("mark", "never-used")]));
        assert!(in_use(&TokenQuery::from_pairs([("sort", "owner"), ("page", "3")])).is_empty());
    }
}
