//! The review of the selected tokens: how many there are, who owns them, how many are in use, and the number to type.

use console::{Actor, BulkOwner, BulkOwnerKind, BulkOwners, BulkRevocation, Error};
use domain::{Known, PrincipalKind};
use leptos::prelude::*;

use super::items::items;
use crate::components::{OwnerRow, count_of, date_time, error_notice, group_digits, owners_table};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{PageResult, workspace_heading};
use crate::pages::activity::reason_field;
use crate::pages::tokens::acting_as;
use crate::problem::Interrupted;

/// Owners in the open table; the others are folded away, so that the button is not too far down.
const MAX_OWNERS_SHOWN: usize = 8;

/// The page of a draft.
pub(super) async fn review(request: &Request, actor: &Actor, bulk: BulkRevocation) -> Result<PageResult, Error> {
    let owners = request.console.bulk_owners(&bulk).await?;
    let from = request.query("from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let list = items(request, &bulk, None, from).await?;
    let progress = request.console.progress(actor, bulk).await?;
    let tokens = progress.counts.total();
    let title = format!("Revoke {}", count_of(tokens, "token"));
    let content = view! {
        {confirm(request, actor, &progress.bulk, &title, tokens, &owners)}
        {list}
    };
    Ok(PageResult::new(content).title(title).error_shown_in_content())
}

fn confirm(
    request: &Request,
    actor: &Actor,
    bulk: &BulkRevocation,
    title: &str,
    tokens: usize,
    owners: &BulkOwners,
) -> AnyView {
    let error = request.failure_in_url().map(|failure| {
        let notice = error_notice(&failure, Some(actor.workspace().name()), Interrupted::Change);
        view! { <div role="alert">{notice}</div> }
    });
    let own_token_notice = bulk.own_token_excluded.then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"Your own session's token was excluded"</b>
                    ", because revoking it would stop this process. Revoke it separately."
                </p>
            </div>
        }
    });
    let names_notice = bulk.names_missing.then(|| {
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
                    {error}
                    {consequences(tokens, owners)}
                    {own_token_notice}
                    {names_notice}
                    {owners_section(owners)}
                    {reason_field(request)}
                    {(tokens > 1).then(|| count_field(tokens))}
                    <p class="muted">
                        {acting_as(actor)}
                        {only_these}
                        {date_time(bulk.created)}
                        ", will be revoked. You can close the browser; signing out pauses the revocation."
                    </p>
                </div>
                <input type="hidden" name="workspace" value=actor.workspace().name().to_owned() />
                <input type="hidden" name="job" value=bulk.id.to_string() />
                <div class="card-footer">
                    <a class="btn" href=paths::with_query(paths::tokens(actor.workspace().name()), &bulk.filters)>
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
    let service_principals = match owners.service_principals {
        Known::Known(0) => None,
        Known::Known(n) => {
            let affected = match n {
                1 => " is affected: unattended automation may stop.",
                _ => " are affected: unattended automation may stop.",
            };
            let count = count_of(n, "service principal");
            Some(view! { " " <b>{count}</b> {affected} }.into_any())
        }
        Known::NotAvailable(part) => {
            let text = format!(
                " How many service principals are affected is not available: {}. Unattended automation may stop.",
                part.reason()
            );
            Some(text.into_any())
        }
    };
    let used = match owners.recent {
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
            {used}
        </p>
        <div class="notice danger">
            <p>
                <b>"This cannot be undone."</b>
                {anything}
                {service_principals}
            </p>
        </div>
    }
    .into_any()
}

/// The owners of the tokens, service principals first.
fn owners_section(owners: &BulkOwners) -> AnyView {
    let (shown, folded) = owners.first.split_at(owners.first.len().min(MAX_OWNERS_SHOWN));
    let unlisted = owners.owners.saturating_sub(owners.first.len());
    let unlisted = (unlisted > 0).then(|| view! { <p class="muted">"and " {count_of(unlisted, "other owner")}</p> });
    let others = (!folded.is_empty()).then(|| {
        view! {
            <details>
                <summary>{count_of(owners.owners - shown.len(), "more owner")}</summary>
                {table("Other owners", folded)}
                {unlisted}
            </details>
        }
    });
    view! {
        <section>
            <h2>"Owners"</h2>
            {table("Service principals first, then by number of tokens", shown)}
            {others}
        </section>
    }
    .into_any()
}

fn table(caption: &'static str, owners: &[BulkOwner]) -> AnyView {
    owners_table(caption, "Tokens", owners.iter().map(row))
}

fn row(owner: &BulkOwner) -> OwnerRow {
    let kind = match owner.kind {
        BulkOwnerKind::Principal(PrincipalKind::ServicePrincipal) => "service principal",
        BulkOwnerKind::Principal(PrincipalKind::User) => "user",
        BulkOwnerKind::Unknown => "unknown owner",
        BulkOwnerKind::NotRead => "name and type not available",
        BulkOwnerKind::NotGiven => "not provided by the workspace",
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

/// The field in which the number of tokens has to be typed.
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
