//! What a removal stops, shown before it is saved.

use console::access::Review;
use domain::access::{AccessImpact, AffectedPrincipal, Grantee};
use domain::{PrincipalKind, TokenCount, TokenQuery};
use leptos::prelude::*;

use super::grants::{people_and_services, quoted};
use crate::components::{OwnerRow, count_of, group_digits, number_of, owners_table, sentence, tokens_of};
use crate::http::paths;

/// Owners in the open table; the others are folded away.
const MAX_OWNERS_SHOWN: usize = 50;

/// Who loses access, without those who keep it through another grant, and which tokens stop working.
pub(super) fn impact(workspace: &str, review: &Review) -> AnyView {
    let impact = &review.impact;
    let no_one_loses_access = impact.principals == 0 && impact.unresolved.is_empty();
    let listed = review.current.list.changeable().map(|grant| &grant.grantee);
    let removed: Vec<_> = listed.filter(|grantee| review.edited.get(grantee).is_none()).collect();
    let removes_grants = !removed.is_empty();
    if no_one_loses_access {
        return removes_grants
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
            <p>{who_loses_access(impact)} {what_stops(impact)}</p>
            {unknown_impact(review)}
            {what_happens_to_tokens(&removed)}
            {affected_owners(workspace, &impact.affected)}
        </section>
    }
    .into_any()
}

/// What Databricks does with the tokens of those who lose access: it documents deletion for a permission of one's own,
/// and suspension for leaving a group (<https://docs.databricks.com/aws/en/admin/access-control/tokens>).
fn what_happens_to_tokens(removed: &[&Grantee]) -> AnyView {
    let has_group = removed.iter().any(|grantee| matches!(grantee, Grantee::Group(_)));
    let has_principal = removed.iter().any(|grantee| !matches!(grantee, Grantee::Group(_)));
    let of_principal = has_principal.then(|| {
        view! {
            <p>
                "Tokens of a user or service principal whose own permission is removed "
                <b>"may be permanently deleted"</b>
                "."
            </p>
        }
    });
    let of_group = has_group.then(|| {
        view! {
            <p>
                "Tokens of the members of a removed group "
                <b>"may be permanently deleted"</b>
                ": Databricks does not document what happens to them. It documents only that tokens are suspended if \
                 someone loses access by leaving a group."
            </p>
        }
    });
    view! {
        <div class="notice danger">
            <p>"Their tokens stop working immediately."</p>
            {of_principal}
            {of_group}
        </div>
    }
    .into_any()
}

fn who_loses_access(impact: &AccessImpact) -> AnyView {
    if impact.principals == 0 {
        return "No one is known to lose access. ".into_any();
    }
    let possibly_more = (!impact.unresolved.is_empty()).then_some(" (and possibly more)");
    let lose = if impact.principals == 1 { " loses" } else { " lose" };
    view! {
        <b class="num">{people_and_services(impact.principals)}</b>
        {possibly_more}
        {lose}
        " access; the others keep it through another grant. "
    }
    .into_any()
}

fn what_stops(impact: &AccessImpact) -> AnyView {
    if impact.tokens.seen() == 0 {
        let known = if impact.unresolved.is_empty() && impact.tokens == TokenCount::Exactly(0) {
            ""
        } else {
            "are known to "
        };
        return format!("No active tokens {known}stop working.").into_any();
    }
    let stop = if impact.tokens.seen() == 1 { ") stops" } else { ") stop" };
    let were = if impact.recently_used.seen() == 1 {
        " was"
    } else {
        " were"
    };
    view! {
        <b class="num">{sentence(&tokens_of(impact.tokens, "active token"))}</b>
        " ("
        <b class="num">{count_of(impact.affected.len(), "owner")}</b>
        {stop}
        " working; "
        <b class="num">{number_of(impact.recently_used)}</b>
        {were}
        " used in the last 7 days."
    }
    .into_any()
}

/// Warns if members of some groups could not be read, so that the numbers above are incomplete.
fn unknown_impact(review: &Review) -> AnyView {
    let more_may_lose = (!review.impact.unresolved.is_empty()).then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>{format!("The members of {} could not be read", quoted(&review.impact.unresolved))}</b>
                    ", so more people may lose access."
                </p>
            </div>
        }
    });
    let some_may_keep = (!review.impact.maybe_kept_through.is_empty()).then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"Some may keep access "</b>
                    {format!("through {}, whose members could not be read.", quoted(&review.impact.maybe_kept_through))}
                </p>
            </div>
        }
    });
    (more_may_lose, some_may_keep).into_any()
}

fn affected_owners(workspace: &str, owners: &[AffectedPrincipal]) -> AnyView {
    let (shown, folded) = owners.split_at(owners.len().min(MAX_OWNERS_SHOWN));
    let others = (!folded.is_empty()).then(|| {
        view! {
            <details>
                <summary>{format!("and {} more", group_digits(folded.len()))}</summary>
                {table(workspace, "Other owners of affected tokens", folded)}
            </details>
        }
    });
    (!shown.is_empty())
        .then(|| view! { {table(workspace, "Owners of affected tokens", shown)} {others} })
        .into_any()
}

fn table(workspace: &str, caption: &'static str, owners: &[AffectedPrincipal]) -> AnyView {
    let rows = owners.iter().map(|owner| owner_row(workspace, owner));
    owners_table(caption, "Active tokens", rows)
}

fn owner_row(workspace: &str, owner: &AffectedPrincipal) -> OwnerRow {
    let query = TokenQuery {
        owner: owner.id.to_string(),
        ..TokenQuery::default()
    };
    let service_principal = (owner.kind == PrincipalKind::ServicePrincipal)
        .then(|| view! { <span class="chip warn">"Service principal"</span> });
    let name = view! {
        <a href=paths::tokens_with(workspace, &query)>
            <bdi class="name">{owner.label.clone()}</bdi>
        </a>
        " "
        {service_principal}
    };
    OwnerRow {
        name: name.into_any(),
        tokens: owner.tokens,
        recently_used: owner.recently_used,
    }
}
