//! The review of a change of scopes: what is lost or gained in all, what that means, and the number to type where the
//! tokens can do more or less afterwards.

use console::bulk::DraftReview;
use console::{Actor, BulkChange, BulkKind, Error};
use leptos::prelude::*;

use super::owner_ticks::OwnerTicks;
use super::review::{DraftView, count_field, notice};
use super::review_owners::owners_section;
use super::review_tokens::missing_notice;
use super::scopes_tokens::{scopes_section, skipped_notice, sums_section};
use super::words;
use crate::components::{count_of, group_digits};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{PageResult, acting_as, cancel_button, cancel_form, workspace_heading};
use crate::pages::activity::{reason_field, with_reason};

/// No text names a way to turn auto-scoping on again (<https://docs.databricks.com/aws/en/dev-tools/auth/pat>).
const STAYS_OFF: &str = " Auto-scoping stays off for these tokens.";

/// The page of a draft that changes scopes.
pub(super) async fn scopes_review(request: &Request, actor: &Actor, bulk: BulkChange) -> Result<PageResult, Error> {
    let ticks = OwnerTicks::of(request);
    let review = request.console.review_draft(actor, &bulk, &ticks.unticked()).await?;
    let from = request.query("from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let page = paths::bulk_detail(actor.workspace().name(), &bulk.id);
    let page = with_reason(&ticks.add_to(&page), &request.query("reason").unwrap_or_default());
    let tokens = scopes_section(actor.workspace().name(), &review, from, &request.short_url(&page).await);
    let title = words::title(bulk.kind, review.tokens());
    let draft = DraftView {
        request,
        actor,
        bulk: &bulk,
        review: &review,
        ticks: &ticks,
        title: &title,
    };
    Ok(PageResult::new(form(&draft, tokens))
        .title(title)
        .error_shown_in_content())
}

fn form(draft: &DraftView<'_>, tokens: AnyView) -> AnyView {
    let workspace = draft.actor.workspace().name();
    let page = paths::bulk_detail(workspace, &draft.bulk.id);
    let back = match &draft.bulk.puts_back {
        Some(bulk) => paths::bulk_detail(workspace, bulk),
        None => paths::with_query(paths::tokens(workspace), &draft.bulk.filters),
    };
    view! {
        <section id="review">
            <form class="bulk-review" method="post" action="/api/bulk_revocations/start" data-page=page.clone()>
                <input type="hidden" name="workspace" value=workspace.to_owned() />
                <input type="hidden" name="job" value=draft.bulk.id.to_string() />
                <div class="bulk-review-head">
                    <h1>{draft.title.to_owned()}</h1>
                    <p>{draft.selected_by()}</p>
                    {draft.failure_alert()}
                    {draft.several_owners_notice()}
                    {draft.notices()}
                    {changed_notice(draft.review)}
                    {missing_notice(draft.review)}
                    {skipped_notice(draft.review)}
                    {sums_section(draft.review)}
                </div>
                {owners_section(workspace, &draft.review.all_owners.all, draft.ticks, &page)}
                {confirm(draft)}
                {tokens}
            </form>
            {cancel_form(&back)}
        </section>
    }
    .into_any()
}

/// The consequences, the number to type, and the button.
fn confirm(draft: &DraftView<'_>) -> AnyView {
    let (actor, review, kind) = (draft.actor, draft.review, draft.bulk.kind);
    let (workspace, tokens) = (actor.workspace(), review.tokens());
    let class = match kind {
        BulkKind::KeepScopes => "btn primary",
        BulkKind::Revoke | BulkKind::NarrowScopes | BulkKind::PutBackScopes => "btn danger",
    };
    view! {
        <section class="card bulk-confirm" aria-labelledby="confirm-heading">
            <h2 id="confirm-heading" class="visually-hidden">
                "Confirm"
            </h2>
            {workspace_heading(workspace)}
            <p>
                <b class="num">{count_of(tokens, "token")}</b>
                " of "
                <b class="num">{count_of(review.owners.owners, "owner")}</b>
            </p>
            {consequences(kind, review)}
            {full_access_notice(kind, review)}
            <p class="muted">
                "A token that someone changes before its turn is left as it is. It can take up to 10 minutes until new \
                 scopes apply."
            </p>
            {review.has_to_type().then(|| count_field(tokens))}
            {reason_field(draft.request)}
            <div class="card-footer">
                {cancel_button()}
                <button class=class data-submit-once disabled=tokens + review.missing_count == 0>
                    {draft.title.to_owned()}
                </button>
            </div>
            <p class="muted">
                {acting_as(actor)}
                " You can close the browser; signing out pauses the change. Another admin can open the link to this \
                 page for an hour after the selection, and start it as themselves."
            </p>
        </section>
    }
    .into_any()
}

fn consequences(kind: BulkKind, review: &DraftReview) -> AnyView {
    let losing = review
        .plans_to_send()
        .filter(|(_, plan)| !plan.loses().is_empty())
        .count();
    let gaining = review
        .plans_to_send()
        .filter(|(_, plan)| !plan.gains().is_empty())
        .count();
    if kind == BulkKind::KeepScopes {
        // Databricks can still take full access away if the workspace refuses to set it.
        if review.plans_to_send().any(|(_, plan)| plan.asks_for_all()) {
            let text = " to what the tokens have. Where that is accepted, auto-scoping is turned off, and stays off.";
            return notice("Scopes are set manually", text);
        }
        let text = ": the tokens keep the scopes that they have. They are set manually, which turns auto-scoping off \
                    for these tokens, and it stays off.";
        return notice("Nothing is lost", text);
    }
    let loses = match losing {
        1 => "1 token loses scopes.".to_owned(),
        n => format!("{} tokens lose scopes.", group_digits(n)),
    };
    if kind == BulkKind::PutBackScopes {
        let heading = match gaining {
            // What is put back was put back itself.
            0 => return danger(loses, STAYS_OFF.to_owned()),
            1 => "This widens 1 token.".to_owned(),
            n => format!("This widens {} tokens.", group_digits(n)),
        };
        let loses = if losing > 0 { format!(" {loses}") } else { String::new() };
        let more = " Anyone who has the value of such a token can do more with it.";
        return danger(heading, format!("{more}{loses}{STAYS_OFF}"));
    }
    let observed = review.items.iter().filter_map(|item| item.listed.as_ref());
    let observed = match observed.filter(|listed| listed.is_observed).count() {
        0 => String::new(),
        1 if review.tokens() == 1 => {
            " It is still being observed: what it rarely uses may not have been seen yet.".to_owned()
        }
        1 => " 1 of them is still being observed: what it rarely uses may not have been seen yet.".to_owned(),
        n => format!(
            " {} of them are still being observed: what they rarely use may not have been seen yet.",
            group_digits(n)
        ),
    };
    let keeps = match losing {
        1 => " It keeps those that it was seen to use.",
        _ => " They keep those that they were seen to use.",
    };
    let text = format!("{keeps} Anything that needs another one fails. Auto-scoping is turned off, and stays off.");
    danger(loses, format!("{text}{observed}"))
}

fn danger(heading: String, text: String) -> AnyView {
    view! {
        <div class="notice danger">
            <p>
                <b>{heading}</b>
                {text}
            </p>
        </div>
    }
    .into_any()
}

/// No source says that a workspace lets anyone set full access.
fn full_access_notice(kind: BulkKind, review: &DraftReview) -> Option<AnyView> {
    let heading = match review.plans_to_send().filter(|(_, plan)| plan.asks_for_all()).count() {
        0 => return None,
        1 => "Full access may be refused for 1 token".to_owned(),
        n => format!("Full access may be refused for {} tokens", group_digits(n)),
    };
    let text = match kind {
        BulkKind::KeepScopes => {
            ": it is not documented that a workspace accepts all-apis for a token that exists. If it refuses, \
             Databricks goes on observing the token and can still take scopes away."
        }
        _ => {
            ": it is not documented that a workspace accepts all-apis for a token that exists. If it refuses, the \
             token stays as it is."
        }
    };
    Some(notice(heading, text))
}

/// The tokens whose scopes, or what is known about them, are others than when they were selected.
fn changed_notice(review: &DraftReview) -> Option<AnyView> {
    let sent = review.plans_to_send().count();
    let heading = match review.tokens() - sent {
        0 => return None,
        1 => "1 token has changed since the selection".to_owned(),
        n => format!("{} tokens have changed since the selection", group_digits(n)),
    };
    let will_be = match sent {
        0 => "No token will be changed.".to_owned(),
        n => format!("{} will be changed.", count_of(n, "token")),
    };
    let text = ". What they have now will not be touched. Select them again to include them. ";
    Some(
        view! {
            <div class="notice">
                <p>
                    <b>{heading}</b>
                    {text}
                    {will_be}
                </p>
            </div>
        }
        .into_any(),
    )
}
