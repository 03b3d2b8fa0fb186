//! What a removal stops, told before anybody saves it.

use console::access::Review;
use domain::access::{AccessImpact, AffectedPrincipal};
use domain::{PrincipalKind, TokenQuery};
use leptos::prelude::*;

use super::grants::{people_and_services, quoted};
use crate::components::{OwnerRow, count_of, group_digits, owners_table};
use crate::http::paths;

/// How many of those who lose access are named at first; the others are folded away.
const MAX_OWNERS_SHOWN: usize = 50;

/// Who really loses access, and what stops with it.
pub(super) fn impact(workspace: &str, review: &Review) -> AnyView {
    let loss = &review.loss;
    let nobody = loss.principals == 0 && loss.open.is_empty();
    let removes = review
        .now
        .list
        .changeable()
        .any(|g| review.wanted.get(&g.grantee).is_none());
    if nobody {
        return removes
            .then(|| {
                view! {
                    <section aria-labelledby="impact">
                        <h2 id="impact">"Who loses access"</h2>
                        <p>"No one: everyone keeps access through another grant."</p>
                    </section>
                }
            })
            .into_any();
    }
    view! {
        <section aria-labelledby="impact">
            <h2 id="impact">"Who loses access"</h2>
            <p>{who_loses_access(loss)} {what_stops(loss)}</p>
            {unknown_impact(review)}
            <div class="notice danger">
                <p>
                    "Their tokens stop working immediately and "
                    <b>"may be permanently deleted"</b>
                    ". Databricks' documentation is contradictory on this."
                </p>
            </div>
            {affected_owners(workspace, &loss.losers)}
        </section>
    }
    .into_any()
}

fn who_loses_access(loss: &AccessImpact) -> AnyView {
    if loss.principals == 0 {
        return "No one is known to lose access. ".into_any();
    }
    let possibly_more = (!loss.open.is_empty()).then_some(" (and possibly more)");
    let lose = if loss.principals == 1 { " loses" } else { " lose" };
    view! {
        <b class="num">{people_and_services(loss.principals)}</b>
        {possibly_more}
        {lose}
        " access; the others keep it through another grant. "
    }
    .into_any()
}

fn what_stops(loss: &AccessImpact) -> AnyView {
    if loss.tokens == 0 {
        let known = if loss.open.is_empty() { "" } else { "are known to " };
        return format!("No active tokens {known}stop working.").into_any();
    }
    let stop = if loss.tokens == 1 { ") stops" } else { ") stop" };
    let were = if loss.recently_used == 1 { " was" } else { " were" };
    view! {
        <b class="num">{count_of(loss.tokens, "active token")}</b>
        " ("
        <b class="num">{count_of(loss.losers.len(), "owner")}</b>
        {stop}
        " working; "
        <b class="num">{group_digits(loss.recently_used)}</b>
        {were}
        " used in the last 7 days."
    }
    .into_any()
}

/// What keeps the figures from being the whole truth.
fn unknown_impact(review: &Review) -> AnyView {
    let open = (!review.loss.open.is_empty()).then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>{format!("The members of {} could not be read", quoted(&review.loss.open))}</b>
                    ", so more people may lose access."
                </p>
            </div>
        }
    });
    let kept = (!review.loss.kept_through.is_empty()).then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"Some may keep access "</b>
                    {format!("through {}, whose members could not be read.", quoted(&review.loss.kept_through))}
                </p>
            </div>
        }
    });
    (open, kept).into_any()
}

fn affected_owners(workspace: &str, losers: &[AffectedPrincipal]) -> AnyView {
    let (named, more) = losers.split_at(losers.len().min(MAX_OWNERS_SHOWN));
    let rest = (!more.is_empty()).then(|| {
        view! {
            <details>
                <summary>{format!("and {} more", group_digits(more.len()))}</summary>
                {table(workspace, "Other owners of affected tokens", more)}
            </details>
        }
    });
    (!named.is_empty())
        .then(|| view! { {table(workspace, "Owners of affected tokens", named)} {rest} })
        .into_any()
}

fn table(workspace: &str, caption: &'static str, losers: &[AffectedPrincipal]) -> AnyView {
    let rows = losers.iter().map(|loser| affected_owner(workspace, loser));
    owners_table(caption, "Active tokens", rows)
}

fn affected_owner(workspace: &str, loser: &AffectedPrincipal) -> OwnerRow {
    let query = TokenQuery {
        owner: loser.id.to_string(),
        ..TokenQuery::default()
    };
    let service = (loser.kind == PrincipalKind::ServicePrincipal)
        .then(|| view! { <span class="chip warn">"Service principal"</span> });
    let name = view! {
        <a href=paths::tokens_with(workspace, &query)>
            <bdi class="name">{loser.label.clone()}</bdi>
        </a>
        " "
        {service}
    };
    OwnerRow {
        name: name.into_any(),
        tokens: loser.tokens,
        recently_used: loser.recently_used,
    }
}
