//! The tokens of a change of scopes: what each has and gets, what is lost or gained in all, and which are left out.

use std::collections::BTreeMap;

use console::bulk::{DraftReview, ReviewedItem};
use domain::{ALL_APIS, ScopesPlan, ScopesSkip, format_scopes, scope_meaning};
use leptos::prelude::*;

use super::review_tokens::{token_and_owner, tokens_card};
use crate::components::{Cell, Column, DataTable, TableName, group_digits};

/// How many tokens that are left out are named.
const MAX_SKIPPED_LISTED: usize = 20;

/// What each token has and gets: one page of them, from the one at `from` on. `url` is the page that shows them.
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
    let has_changed = item.listed.as_ref().is_some_and(|listed| listed.has_changed);
    let has_changed = has_changed.then(|| view! { <small>"Changed since the selection"</small> });
    let [token, owner] = token_and_owner(workspace, item);
    let effects = view! {
        {effect("Loses", "chip warn", &loses)}
        {effect("Widens by", "chip danger", &gains)}
        {no_effect}
    };
    [
        token,
        owner,
        Cell::new(view! { {plan.before.text()} {has_changed} }),
        Cell::new(format_scopes(Some(&plan.after))),
        Cell::new(effects),
    ]
}

/// The scopes that any token loses or gains, each with the number of tokens.
pub(super) fn sums_section(review: &DraftReview) -> AnyView {
    let (mut lost, mut gained) = (BTreeMap::new(), BTreeMap::new());
    for (_, plan) in review.plans_to_send() {
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

/// The tokens that are left out, and why.
pub(super) fn skipped_notice(review: &DraftReview) -> Option<AnyView> {
    let count = review.skipped.len();
    let heading = match count {
        0 => return None,
        1 => "1 token is left out.".to_owned(),
        n => format!("{} tokens are left out.", group_digits(n)),
    };
    let rows = review.skipped.iter().take(MAX_SKIPPED_LISTED).map(|skipped| {
        let item = &skipped.item;
        let name = match item.listed.as_ref().map(|listed| listed.comment.trim()) {
            None | Some("") => view! { <span class="mono">{item.token.short().to_owned()}</span> }.into_any(),
            Some(comment) => view! { <bdi>{comment.to_owned()}</bdi> }.into_any(),
        };
        view! {
            <li>{name} " of " <bdi>{item.owner.name.clone()}</bdi> ": " {why(skipped.why)}</li>
        }
    });
    let rows = rows.collect_view();
    let unlisted = count.saturating_sub(MAX_SKIPPED_LISTED);
    let unlisted = (unlisted > 0).then(|| view! { <li>"and " {group_digits(unlisted)} " more"</li> });
    Some(
        view! {
            <div class="notice">
                <p>
                    <b>{heading}</b>
                    " Their scopes stay as they are."
                </p>
                <ul>{rows} {unlisted}</ul>
            </div>
        }
        .into_any(),
    )
}

/// Why a token is left out, after a colon.
const fn why(skip: ScopesSkip) -> &'static str {
    match skip {
        ScopesSkip::NotListed => "not listed, or could not be read",
        ScopesSkip::NoProposal => "no scope is known that it uses",
        ScopesSkip::NothingToLose => "it uses all of its scopes",
        ScopesSkip::EmptyList => "its list of scopes is empty, and what that means is not documented",
        ScopesSkip::StateNotDocumented => "what the state of its auto-scoping means is not documented",
        ScopesSkip::ApiNotCovered => "it used an API that no scope covers, and would lose it",
        ScopesSkip::SetByHand => "its scopes are set manually already",
        ScopesSkip::ChangedSince => "its scopes were changed since",
        ScopesSkip::HasThemAlready => "it has these scopes already",
        ScopesSkip::BeforeNotStored => "the scopes that it had are not stored completely",
        ScopesSkip::NothingToPutBack => "the change took nothing away and added nothing",
    }
}
