//! What a removal stops, told before anybody saves it.

use console::access::Review;
use domain::access::{AffectedPrincipal, Grantee};
use domain::{PrincipalKind, TokenQuery};
use leptos::prelude::*;

use crate::components::{count, grouped};
use crate::http::paths;

/// How many of those who lose access are named at first; the others are folded away.
const NAMED: usize = 50;

/// Who really loses access, and what stops with it.
pub(super) fn loss(workspace: &str, review: &Review) -> AnyView {
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
                    <section aria-labelledby="loss">
                        <h2 id="loss">"Who loses access"</h2>
                        <p>"Nobody: all of them keep access through another grant."</p>
                    </section>
                }
            })
            .into_any();
    }
    let unknown_too = (!loss.open.is_empty()).then_some(", and more that cannot be told");
    view! {
        <section aria-labelledby="loss">
            <h2 id="loss">"Who loses access"</h2>
            <p>
                <b class="num">{count(loss.principals, "principal")}</b>
                {unknown_too}
                " can use no token afterwards; the others keep access through another grant. "
                <b class="num">{count(loss.tokens, "live token")}</b>
                " of "
                <b class="num">{count(loss.losers.len(), "owner")}</b>
                " stop working, "
                <b class="num">{grouped(loss.recently_used)}</b>
                " of them used in the last 7 days."
            </p>
            {open_ends(review)}
            <div class="notice danger">
                <p>
                    "Tokens of who loses access stop at once. Whether they are "
                    <b>"deleted for good"</b>
                    " or only "
                    <b>"suspended until the permission is granted again"</b>
                    " differs between Databricks' own documents: expect either."
                </p>
            </div>
            {losers(workspace, &loss.losers)}
        </section>
    }
    .into_any()
}

/// What keeps the figures from being the whole truth.
fn open_ends(review: &Review) -> AnyView {
    let names = |grantees: &[Grantee]| grantees.iter().map(Grantee::name).collect::<Vec<_>>().join(", ");
    let open = (!review.loss.open.is_empty()).then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"The members of these cannot be read: "</b>
                    {names(&review.loss.open)}
                    ". Who else loses access is unknown, and so are their tokens."
                </p>
            </div>
        }
    });
    let kept = (!review.loss.kept_through.is_empty()).then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"Some may keep access "</b>
                    "through "
                    {names(&review.loss.kept_through)}
                    ", whose members cannot be read."
                </p>
            </div>
        }
    });
    (open, kept).into_any()
}

fn losers(workspace: &str, losers: &[AffectedPrincipal]) -> AnyView {
    let (named, more) = losers.split_at(losers.len().min(NAMED));
    let rest = (!more.is_empty()).then(|| {
        view! {
            <details>
                <summary>{format!("And {} more", count(more.len(), "owner"))}</summary>
                {table(workspace, "More owners of tokens that stop", more)}
            </details>
        }
    });
    (!named.is_empty())
        .then(|| view! { {table(workspace, "Owners of the tokens that stop", named)} {rest} })
        .into_any()
}

fn table(workspace: &str, caption: &'static str, losers: &[AffectedPrincipal]) -> AnyView {
    view! {
        <div class="tablewrap">
            <table class="losers">
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Owner"</th>
                        <th scope="col">"Live tokens"</th>
                        <th scope="col">"Used in the last 7 days"</th>
                    </tr>
                </thead>
                <tbody>{losers.iter().map(|loser| loser_row(workspace, loser)).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn loser_row(workspace: &str, loser: &AffectedPrincipal) -> AnyView {
    let query = TokenQuery {
        owner: loser.id.to_string(),
        ..TokenQuery::default()
    };
    let service = (loser.kind == PrincipalKind::ServicePrincipal)
        .then(|| view! { <span class="chip warn">"service principal"</span> });
    view! {
        <tr>
            <th scope="row">
                <a href=paths::tokens_with(workspace, &query)>
                    <bdi class="name">{loser.label.clone()}</bdi>
                </a>
                " "
                {service}
            </th>
            <td data-l="Live tokens" class="num">{grouped(loser.tokens)}</td>
            <td data-l="Used in the last 7 days" class="num">{grouped(loser.recently_used)}</td>
        </tr>
    }
    .into_any()
}
