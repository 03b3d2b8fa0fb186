//! Revoking a token: the confirmation page, which scripts show as a dialog, and the revocation.

use std::sync::Arc;

use console::changes::revoke_token::RevokeResult;
use console::inventory::TokenDetail;
use console::{Actor, Error};
use domain::{Known, Owner, Status, TokenId, UnreadPart};
use leptos::prelude::*;

use super::id_in_path::id_in_path;
use super::row_texts::{expiry_text, last_used_text};
use crate::components::{listed_token_notice, sentence, time_text, token_cells};
use crate::http::paths;
use crate::http::request::Request;
use crate::http::time_zone::PageTimeZone;
use crate::layout::{
    Area, ConfirmButton, ConfirmCard, ConfirmFact, PageResult, confirm_details, confirm_facts, workspace_page,
};
use crate::pages::activity::{reason_input, with_reason};
use crate::problem::{Failure, Problem};
use crate::snippets::ChangeSnippets;

/// A token that was used this many days ago or less is probably still in use.
const RECENT_USE_DAYS: i64 = 30;

/// The confirmation page of a revocation.
#[component]
pub(crate) fn RevokePage() -> impl IntoView {
    workspace_page(Area::Tokens, "Revoke token", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    request.console.ensure_can_change(&actor)?;
    let id = id_in_path(&request, &actor).await?;
    let tokens = paths::tokens(actor.workspace().name());
    let back = request
        .query("back")
        .and_then(|back| paths::local_path(&back).map(str::to_owned))
        .unwrap_or(tokens);
    // After a failed revocation, show the state in the workspace and not a cached one.
    let token = match request.failure_in_url() {
        Some(_) => request.console.token(&actor, &id).await,
        None => request.console.token_or_listed(&actor, &id).await,
    };
    match token {
        Ok(detail) => {
            let content = confirm(&request, &actor, &id, Some(&detail), &back);
            Ok(PageResult::new(content)
                .title(title(&detail.token.comment, &id))
                .policy(detail.policy)
                .error_shown_in_content())
        }
        // A token that is listed but unreadable can still be revoked: that only needs the ID.
        Err(error)
            if Problem::from(&error) == Problem::UnreadableResponse && is_unreadable(&request, &actor, &id).await =>
        {
            let content = confirm(&request, &actor, &id, None, &back);
            Ok(PageResult::new(content).title(title("", &id)).error_shown_in_content())
        }
        Err(error) if Problem::from(&error) == Problem::TokenNotFound => {
            request.set_status(Problem::TokenNotFound);
            let title = Problem::TokenNotFound.title(None);
            Ok(PageResult::new(already_gone(&id, &title, back)).title(title))
        }
        Err(error) => Err(error),
    }
}

/// Says that the token is gone already. The dialog shows this too, and the list stays behind it.
fn already_gone(id: &TokenId, title: &str, back: String) -> AnyView {
    view! {
        <section class="card confirm-card" id="confirm">
            <div class="body">
                <h1 id="confirm-title" tabindex="-1">
                    "Revoke token"
                </h1>
                <p>
                    <b>{title.to_owned()}</b>
                </p>
                <p class="mono wrap">{id.to_string()}</p>
                <p>
                    "This token no longer exists. Someone revoked it, or Databricks removed it. No action is needed."
                </p>
            </div>
            <div class="card-footer">
                <a class="btn primary" href=back data-cancel>
                    "Back"
                </a>
            </div>
        </section>
    }
    .into_any()
}

/// The title and heading of the page.
fn title(comment: &str, id: &TokenId) -> String {
    match comment.trim() {
        "" => format!("Revoke token {}", id.short()),
        comment => format!("Revoke \u{201c}{comment}\u{201d}"),
    }
}

/// Whether the workspace lists this token, but with details that could not be read.
async fn is_unreadable(request: &Request, actor: &Actor, id: &TokenId) -> bool {
    let snapshot = request.console.snapshot(actor).await;
    snapshot.is_ok_and(|snapshot| {
        snapshot
            .unreadable
            .iter()
            .any(|row| row.id.as_deref() == Some(id.as_str()))
    })
}

fn facts(detail: &TokenDetail) -> AnyView {
    let token = &detail.token;
    let owner = match detail.directory.owner(token.owner) {
        Owner::NotLoaded(id) if detail.loading.has(UnreadPart::Names) => {
            view! { "Owner name is still loading" <small class="mono">"ID " {id.to_string()}</small> }.into_any()
        }
        owner => token_cells::owner(owner),
    };
    let owner = view! { {owner} {token_cells::creator(token)} };
    let today = detail.as_of.day();
    let is_recent = token
        .last_used
        .is_some_and(|day| today.days_since(day) <= RECENT_USE_DAYS);
    let (_, expiry) = expiry_text(token, detail.as_of, &PageTimeZone::current(), false);
    confirm_facts([
        ConfirmFact::new("Owner", owner, false),
        ConfirmFact::new("Last used", two_lines(&last_used_text(token, today).1), is_recent),
        ConfirmFact::new("Expires", two_lines(&expiry), false),
    ])
}

/// A text from the list in two lines: the main part, and the date below.
fn two_lines(text: &str) -> AnyView {
    let (first, second) = text.split_once('\n').unwrap_or((text, ""));
    let second = (!second.is_empty()).then(|| view! { <small>{second.to_owned()}</small> });
    view! { {sentence(first)} {second} }.into_any()
}

fn unreadable_facts() -> AnyView {
    let unknown = || "Unknown, because the token's details could not be read";
    confirm_facts([
        ConfirmFact::new("Owner", unknown(), true),
        ConfirmFact::new("Last used", unknown(), true),
        ConfirmFact::new("Expires", unknown(), true),
    ])
}

/// The state of the token after a failed revocation, as the workspace has just reported it.
fn state_after_failure(failure: &Failure, detail: &TokenDetail, workspace: &str) -> String {
    let at = time_text(detail.as_of);
    if !failure.unchanged {
        return format!("{workspace} still listed the token at {at}: treat it as working.");
    }
    let works = match (detail.token.status(detail.as_of), detail.policy, detail.can_use) {
        (Status::Expired, ..) => "has expired",
        (_, Some(policy), _) if !policy.enabled => "does not work while personal access tokens are disabled",
        (Status::Active, Some(_), Known::Known(true)) => return format!("The token still works, as of {at}."),
        _ => "could still work",
    };
    format!("The token still exists, as of {at}, and {works}.")
}

fn confirm(request: &Request, actor: &Actor, id: &TokenId, detail: Option<&TokenDetail>, back: &str) -> AnyView {
    let workspace = actor.workspace();
    let own_token_warning = (actor.own_token().as_ref() == Some(id)).then(|| {
        view! {
            <div class="notice danger">
                <p>
                    <b>"You are signed in with this token."</b>
                    " Revoking it signs you out immediately."
                </p>
            </div>
        }
    });
    let comment = detail.map_or("", |detail| detail.token.comment.trim());
    let failure = request.failure_in_url().zip(detail);
    let state = failure.map(|(failure, detail)| state_after_failure(&failure, detail, workspace.name()));
    let content = view! {
        {state.map(|state| view! { <p><b>{state}</b></p> })}
        {detail.and_then(|detail| listed_token_notice(request, detail))}
        <p class="muted mono confirm-id">{id.short().to_owned()}</p>
        {detail.map_or_else(unreadable_facts, facts)}
        <p>
            <b>"This cannot be undone."</b>
            " Anything using this token stops working immediately."
        </p>
        {own_token_warning}
        {reason_input(request)}
        {confirm_details(actor, "revoke", ChangeSnippets::revoke_token(&workspace.into(), id))}
    };
    let card = ConfirmCard {
        title: format!("{}?", title(comment, id)),
        action: "/api/tokens/revoke",
        unknown: "the token was revoked",
        fields: vec![("id", id.to_string()), ("back", back.to_owned())],
        content: content.into_any(),
        back,
        button: ConfirmButton {
            label: "Revoke",
            object: match comment {
                "" => format!(" token {}", id.short()),
                comment => format!(" {comment}"),
            },
            busy: "Revoking\u{2026}",
            is_dangerous: true,
        },
    };
    card.view(request, workspace)
}

/// Revokes a token and redirects to the list.
#[server(prefix = "/api", endpoint = "tokens/revoke")]
pub(crate) async fn revoke(workspace: String, id: String, back: String, reason: Option<String>) -> Result<(), Failure> {
    let request = Request::current();
    let id = TokenId::new(id);
    let reason = reason.unwrap_or_default();
    let result = async {
        let actor = request.actor_for_change(&workspace).await?.with_reason(&reason)?;
        request.console.revoke(&actor, &id).await
    };
    let confirm = with_reason(
        &paths::with_param(&paths::revoke(&workspace, &id), "back", &back),
        &reason,
    );
    let revoked = result
        .await
        .map_err(|e| request.fail_form_at(request.change_failure(&e), &confirm))?;
    let back = paths::local_path(&back).map_or_else(|| paths::tokens(&workspace), str::to_owned);
    let to = match revoked {
        RevokeResult::RevokedWithSession => paths::with_param(&paths::sign_in(Some(&back)), "done", "own-access-ended"),
        RevokeResult::Revoked | RevokeResult::AlreadyGone => {
            paths::with_param(&paths::with_param(&back, "done", "revoked"), "token", id.as_str())
        }
    };
    request.redirect(&to);
    Ok(())
}
