//! The tokens of a change of scopes: the old and new scopes of each, the totals that are lost and gained, and the
//! skipped tokens.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use console::bulk::{DraftReview, ReviewedItem};
use domain::{ALL_APIS, ScopesPlan, ScopesSkip, format_scopes, scope_meaning};
use leptos::prelude::*;

use super::review_tokens::{token_and_owner, tokens_card};
use crate::components::{Cell, Column, DataTable, TableName, count_of, group_digits};

/// How many unchanged tokens a notice lists. If there are more, they are folded by reason.
const MAX_UNFOLDED: usize = 5;

/// How many tokens each fold lists.
const MAX_NAMED_PER_FOLD: usize = 100;

/// The old and new scopes of one page of tokens, starting at index `from`. `url` is that of the review.
pub(super) fn scopes_section(workspace: &str, review: &DraftReview, from: usize, url: &str) -> AnyView {
    let columns = [
        Column::name("Token"),
        Column::value("Owner"),
        Column::value("Scopes now"),
        Column::value("Afterwards"),
        Column::value("Effect"),
    ];
    tokens_card(review, from, url, columns, |page| {
        let shown = review.plans().skip(page.start).take(page.len());
        shown.map(|(item, plan)| row(workspace, item, plan)).collect()
    })
}

fn row(workspace: &str, item: &ReviewedItem, plan: &ScopesPlan) -> [Cell; 5] {
    let (loses, gains) = (plan.loses(), plan.gains());
    let effect = |what: &'static str, class: &'static str, scopes: &[String]| {
        let names = scopes.join(", ");
        (!scopes.is_empty()).then(|| view! { <span class=class>{what}</span> " " {names} })
    };
    let no_effect = (loses.is_empty() && gains.is_empty()).then_some("Loses nothing");
    let [token, owner] = token_and_owner(workspace, item);
    let effects = view! {
        {effect("Loses", "chip warn", &loses)}
        {effect("Widens by", "chip danger", &gains)}
        {no_effect}
    };
    [
        token,
        owner,
        Cell::new(plan.before.text()),
        Cell::new(format_scopes(Some(&plan.after))),
        Cell::new(effects),
    ]
}

/// The scopes that any token loses or gains, each with the number of tokens.
pub(super) fn sums_section(review: &DraftReview) -> AnyView {
    let (mut lost, mut gained) = (BTreeMap::new(), BTreeMap::new());
    for (_, plan) in review.plans() {
        for (scopes, sums) in [(plan.loses(), &mut lost), (plan.gains(), &mut gained)] {
            for scope in scopes {
                *sums.entry(scope).or_insert(0_usize) += 1;
            }
        }
    }
    view! {
        {sums("What is gained", "gained-heading", &gained)}
        {sums("What is lost", "lost-heading", &lost)}
    }
    .into_any()
}

fn sums(heading: &'static str, id: &'static str, sums: &BTreeMap<String, usize>) -> Option<AnyView> {
    if sums.is_empty() {
        return None;
    }
    let rows = sums.iter().map(|(scope, tokens)| {
        let meaning = match scope.as_str() {
            ALL_APIS => Some("everything that the owner can do"),
            scope => scope_meaning(scope),
        };
        let meaning = meaning.map(|meaning| view! { <small>{meaning}</small> });
        [
            Cell::new(view! { {scope.clone()} {meaning} }),
            Cell::new(group_digits(*tokens)),
        ]
    });
    let table = DataTable {
        class: Some("bulk-items"),
        name: TableName::Heading(id),
        columns: [Column::name("Scope"), Column::number("Tokens")],
    };
    Some(
        view! {
            <section class="card" aria-labelledby=id>
                <h2 id=id class="bulk-heading">
                    {heading}
                </h2>
                {table.view(rows)}
            </section>
        }
        .into_any(),
    )
}

/// The skipped tokens, and why they are skipped.
pub(super) fn skipped_notice(review: &DraftReview) -> Option<AnyView> {
    let heading = match review.skipped.len() {
        0 => return None,
        1 => "1 token is left out.".to_owned(),
        n => format!("{} tokens are left out.", group_digits(n)),
    };
    let items: Vec<_> = review
        .skipped
        .iter()
        .map(|skipped| (&skipped.item, Some(skip_reason(skipped.why))))
        .collect();
    Some(left_notice(heading, " Their scopes stay as they are.", &items))
}

/// The tokens whose scopes, or known uses of scopes, have changed since they were selected.
pub(super) fn changed_notice(review: &DraftReview) -> Option<AnyView> {
    let (heading, text) = match review.changed.len() {
        0 => return None,
        1 => (
            "1 token has changed since the selection.".to_owned(),
            " It will be left as it is and is not counted. Select it again to include it.",
        ),
        n => (
            format!("{} tokens have changed since the selection.", group_digits(n)),
            " They will be left as they are and are not counted. Select them again to include them.",
        ),
    };
    let items: Vec<_> = review.changed.iter().map(|item| (item, None)).collect();
    Some(left_notice(heading, text, &items))
}

/// An unchanged token, and the reason if it differs between tokens.
type UnchangedToken<'a> = (&'a ReviewedItem, Option<&'static str>);

/// A notice that lists unchanged tokens. If there are more than a few, it has a fold for each reason instead, so that
/// the confirmation below stays in view.
fn left_notice(heading: String, text: &'static str, items: &[UnchangedToken<'_>]) -> AnyView {
    let list = if items.len() > MAX_UNFOLDED {
        folds_by_reason(items)
    } else {
        let rows = items.iter().map(|(item, why)| {
            let why = why.map(|why| format!(": {why}"));
            view! { <li>{token_name(item)} {why}</li> }
        });
        view! { <ul>{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        <div class="notice">
            <p>
                <b>{heading}</b>
                {text}
            </p>
            {list}
        </div>
    }
    .into_any()
}

fn folds_by_reason(items: &[UnchangedToken<'_>]) -> AnyView {
    let mut by_reason: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (item, why) in items {
        by_reason.entry(*why).or_default().push(*item);
    }
    let mut by_reason: Vec<_> = by_reason.into_iter().collect();
    by_reason.sort_by_key(|(_, items)| Reverse(items.len()));
    let folds = by_reason.into_iter().map(|(why, items)| {
        let tokens = count_of(items.len(), "token");
        let summary = match why {
            Some(why) => format!("{tokens}: {why}"),
            None => format!("Show {tokens}"),
        };
        let rows = items
            .iter()
            .take(MAX_NAMED_PER_FOLD)
            .map(|item| view! { <li>{token_name(item)}</li> });
        let unlisted = match items.len().saturating_sub(MAX_NAMED_PER_FOLD) {
            0 => None,
            n => Some(view! { <li>{format!("and {} more", group_digits(n))}</li> }),
        };
        view! {
            <details>
                <summary>{summary}</summary>
                <ul>{rows.collect_view()} {unlisted}</ul>
            </details>
        }
    });
    folds.collect_view().into_any()
}

/// A token, by its comment or ID, and its owner.
fn token_name(item: &ReviewedItem) -> impl IntoView + use<> {
    let name = match item.listed.as_ref().map(|listed| listed.comment.trim()) {
        None | Some("") => view! { <span class="mono">{item.token.short().to_owned()}</span> }.into_any(),
        Some(comment) => view! { <bdi>{comment.to_owned()}</bdi> }.into_any(),
    };
    view! { {name} " of " <bdi>{item.owner.name.clone()}</bdi> }
}

/// Why tokens are skipped, to follow a colon.
const fn skip_reason(skip: ScopesSkip) -> &'static str {
    match skip {
        ScopesSkip::NotListed => "not listed, or could not be read",
        ScopesSkip::NoProposal => "no scope in use is known",
        ScopesSkip::NothingToLose => "all scopes are in use",
        ScopesSkip::EmptyList => "the list of scopes is empty, and what that means is not documented",
        ScopesSkip::StateNotDocumented => "what the state of auto-scoping means is not documented",
        ScopesSkip::ApiNotCovered => "what the state API_NOT_COVERED means is not documented",
        ScopesSkip::SetByHand => "the scopes are set manually already",
        ScopesSkip::ChangedSince => "the scopes were changed since",
        ScopesSkip::HasThemAlready => "these scopes are set already",
        ScopesSkip::BeforeNotStored => "the earlier scopes are not stored completely",
        ScopesSkip::NothingToPutBack => "the change took nothing away and added nothing",
    }
}
