//! The review of what was picked: how many, of whom, how many are in use, and the count to be typed.

use console::{Actor, BulkOwner, BulkOwners, BulkRevocation, Error};
use domain::PrincipalKind;
use leptos::prelude::*;

use super::items::items;
use crate::components::{OwnerRow, count_of, date_time, error_notice, group_digits, owners_table};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{PageResult, workspace_heading};
use crate::pages::activity::reason_field;
use crate::pages::tokens::acting_as;
use crate::problem::Interrupted;

/// Owners that are seen at once; the others are folded away, so that the confirm is not far below.
const MAX_OWNERS_SHOWN: usize = 8;

pub(super) async fn review(request: &Request, actor: &Actor, job: BulkRevocation) -> Result<PageResult, Error> {
    let owners = request.console.bulk_owners(&job).await?;
    let from = request.query("from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let list = items(request, &job, None, from).await?;
    let progress = request.console.progress(actor, job).await?;
    let tokens = progress.counts.total();
    let title = format!("Revoke {}", count_of(tokens, "token"));
    let content = view! {
        {confirm(request, actor, &progress.job, &title, tokens, &owners)}
        {list}
    };
    Ok(PageResult::new(content).title(title).error_shown_in_content())
}

fn confirm(
    request: &Request,
    actor: &Actor,
    job: &BulkRevocation,
    title: &str,
    tokens: usize,
    owners: &BulkOwners,
) -> AnyView {
    let bad = request.failure_in_url().map(|failure| {
        let notice = error_notice(&failure, Some(actor.workspace().name()), Interrupted::Change);
        view! { <div role="alert">{notice}</div> }
    });
    let own = job.own_left_out.then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"Your own session's token was excluded"</b>
                    ", because revoking it would stop this process. Revoke it separately."
                </p>
            </div>
        }
    });
    let nameless = job.names_missing.then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"Owner names are unavailable"</b>
                    ", and service principals cannot be distinguished from users. Refresh the list and select again."
                </p>
            </div>
        }
    });
    let only_these = match tokens {
        1 => " Only this token, selected at ".to_owned(),
        n => format!(" Only these {} tokens, selected at ", group_digits(n)),
    };
    view! {
        <section class="card confirm-card review" id="review">
            <form method="post" action="/api/bulk_revocations/start">
                <div class="body">
                    {workspace_heading(actor.workspace())}
                    <h1>{title.to_owned()}</h1>
                    {bad}
                    {consequences(tokens, owners)}
                    {own}
                    {nameless}
                    {owners_section(owners)}
                    {reason_field(request)}
                    {(tokens > 1).then(|| count_field(tokens))}
                    <p class="muted">
                        {acting_as(actor)}
                        {only_these}
                        {date_time(job.created)}
                        ", will be revoked. You can close the browser; signing out pauses the revocation."
                    </p>
                </div>
                <input type="hidden" name="workspace" value=actor.workspace().name().to_owned() />
                <input type="hidden" name="job" value=job.id.to_string() />
                <div class="card-footer">
                    <a class="btn" href=paths::with_query(paths::tokens(actor.workspace().name()), &job.filters)>
                        "Cancel"
                    </a>
                    <button class="btn danger" data-submit-once>
                        {title.to_owned()}
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

fn consequences(tokens: usize, owners: &BulkOwners) -> AnyView {
    let are_affected = match owners.service_principals {
        1 => " is affected: unattended automation may stop.",
        _ => " are affected: unattended automation may stop.",
    };
    let services = (owners.service_principals > 0).then(|| {
        view! {
            " "
            <b>{count_of(owners.service_principals, "service principal")}</b>
            {are_affected}
        }
    });
    let were_used = match owners.recent {
        1 => " was used in the last 7 days.",
        _ => " were used in the last 7 days.",
    };
    let anything = match tokens {
        1 => " Anything using this token stops working immediately.",
        _ => " Anything using these tokens stops working immediately.",
    };
    view! {
        <p>
            <b class="num">{count_of(tokens, "token")}</b>
            " of "
            <b class="num">{count_of(owners.owners, "owner")}</b>
            "; "
            <b class="num">{group_digits(owners.recent)}</b>
            {were_used}
        </p>
        <div class="notice danger">
            <p>
                <b>"This cannot be undone."</b>
                {anything}
                {services}
            </p>
        </div>
    }
    .into_any()
}

/// The owners, service principals first.
fn owners_section(owners: &BulkOwners) -> AnyView {
    let (first, others) = owners.first.split_at(owners.first.len().min(MAX_OWNERS_SHOWN));
    let unlisted = owners.owners.saturating_sub(owners.first.len());
    let unlisted = (unlisted > 0).then(|| view! { <p class="muted">"and " {count_of(unlisted, "other owner")}</p> });
    let others = (!others.is_empty()).then(|| {
        view! {
            <details>
                <summary>{count_of(owners.owners - first.len(), "more owner")}</summary>
                {table("Other owners", others)}
                {unlisted}
            </details>
        }
    });
    view! {
        <section>
            <h2>"Owners"</h2>
            {table("Service principals first, then by number of tokens", first)}
            {others}
        </section>
    }
    .into_any()
}

fn table(caption: &'static str, owners: &[BulkOwner]) -> AnyView {
    owners_table(caption, "Tokens", owners.iter().map(owner))
}

fn owner(owner: &BulkOwner) -> OwnerRow {
    let kind = match owner.kind {
        Some(PrincipalKind::ServicePrincipal) => "service principal",
        Some(PrincipalKind::User) => "user",
        None => "unknown owner",
    };
    let name = view! {
        <bdi>{owner.name.clone()}</bdi>
        <small>{kind}</small>
    };
    OwnerRow {
        name: name.into_any(),
        tokens: owner.tokens,
        recently_used: owner.recent,
    }
}

fn count_field(tokens: usize) -> AnyView {
    view! {
        <div class="field">
            <label for="typed">"Type " <b>{group_digits(tokens)}</b> " to confirm"</label>
            <input
                class="input"
                id="typed"
                name="typed"
                inputmode="numeric"
                autocomplete="off"
                spellcheck="false"
                data-expect=tokens.to_string()
            />
        </div>
    }
    .into_any()
}
