//! Revoking a token: the confirmation page, which the script shows as a dialog, and the revocation.

use std::sync::Arc;

use crate::snippets::databricks_cli;
use console::changes::revoke_token::RevokeResult;
use console::inventory::TokenDetail;
use console::{Actor, Error};
use domain::{Owner, TokenId, UnreadPart};
use leptos::prelude::*;

use crate::components::{error_notice, snippet, token_cells};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{self, Area, PageResult, workspace_page};
use crate::pages::activity::{reason_field, with_reason};
use crate::problem::{Failure, Interrupted, Problem};

/// The confirmation page of a revocation.
#[component]
pub(crate) fn RevokePage() -> impl IntoView {
    workspace_page(Area::Tokens, "Revoke token", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    request.console.ensure_can_change(&actor)?;
    let id = request.token_id();
    let tokens = paths::tokens(actor.workspace().name());
    let back = request
        .query("back")
        .and_then(|back| paths::local_path(&back).map(str::to_owned))
        .unwrap_or(tokens);
    match request.console.token(&actor, &id).await {
        Ok(detail) => {
            let title = title(&detail.token.comment, &id);
            Ok(
                PageResult::new(confirm(&request, &actor, &id, &title, facts(&detail), &back))
                    .title(title)
                    .policy(detail.policy)
                    .error_shown_in_content(),
            )
        }
        // A token that is listed but cannot be read can still be revoked: a revocation only needs the ID.
        Err(error)
            if Problem::from(&error) == Problem::UnreadableResponse && is_unreadable(&request, &actor, &id).await =>
        {
            let title = title("", &id);
            Ok(
                PageResult::new(confirm(&request, &actor, &id, &title, unreadable_facts(&id), &back))
                    .title(title)
                    .error_shown_in_content(),
            )
        }
        Err(error) if Problem::from(&error) == Problem::TokenNotFound => {
            request.set_status(Problem::TokenNotFound);
            let title = Problem::TokenNotFound.title(None);
            Ok(PageResult::new(already_gone(&id, &title, back)).title(title))
        }
        Err(error) => Err(error),
    }
}

/// Says that there is nothing to revoke any more. The dialog shows it too, so that the list behind it stays.
fn already_gone(id: &TokenId, title: &str, back: String) -> AnyView {
    view! {
        <section class="card confirm-card" id="confirm">
            <div class="body">
                <h1 id="confirm-title">"Revoke token"</h1>
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
    let owner = detail.directory.owner(token.owner);
    let owner = match owner {
        Owner::NotLoaded(id) if detail.loading.has(UnreadPart::Names) => {
            view! { "Owner not known yet" <small class="mono">"ID " {id.to_string()}</small> }.into_any()
        }
        owner => token_cells::owner(owner),
    };
    view! {
        <dt>"Token"</dt>
        <dd>
            <b>{token_cells::comment(token)}</b>
            <small class="mono">{token.id.to_string()}</small>
        </dd>
        <dt>"Owner"</dt>
        <dd>{owner} {token_cells::creator(token)}</dd>
        <dt>"Last used"</dt>
        <dd>{token_cells::last_used(token, detail.as_of.day())}</dd>
    }
    .into_any()
}

fn unreadable_facts(id: &TokenId) -> AnyView {
    view! {
        <dt>"Token"</dt>
        <dd class="mono wrap">{id.to_string()}</dd>
        <dt>"Owner"</dt>
        <dd>"Unknown, because the token's details could not be read"</dd>
    }
    .into_any()
}

fn confirm(request: &Request, actor: &Actor, id: &TokenId, title: &str, facts: AnyView, back: &str) -> AnyView {
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
    let error = request.failure_in_url().map(|failure| {
        let notice = error_notice(&failure, Some(workspace.name()), Interrupted::Change);
        view! { <div role="alert">{notice}</div> }
    });
    view! {
        <section class="card confirm-card" id="confirm">
            <form method="post" action="/api/tokens/revoke" data-unknown="the token was revoked">
                <div class="body">
                    {layout::workspace_heading(workspace)}
                    <h1 id="confirm-title">{title.to_owned()}</h1>
                    {error}
                    <dl class="facts">{facts}</dl>
                    <div class="notice danger">
                        <p>
                            <b>"This cannot be undone."</b>
                            " Anything using this token stops working immediately."
                        </p>
                    </div>
                    {own_token_warning}
                    {reason_field(request)}
                    {snippet(databricks_cli::revoke_token(&workspace.url().to_string(), id))}
                    <p class="muted">{acting_as(actor)}</p>
                </div>
                <input type="hidden" name="workspace" value=workspace.name().to_owned() />
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="back" value=back.to_owned() />
                <div class="card-footer">
                    <a class="btn" href=back.to_owned() data-cancel role="button">
                        "Cancel"
                    </a>
                    <button class="btn danger">"Revoke"</button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// Who makes the change and how they are signed in, for every confirmation page.
pub(crate) fn acting_as(actor: &Actor) -> String {
    format!(
        "Acting as {} ({}).",
        actor.user_name(),
        layout::credential_label(actor.kind())
    )
}

/// Revokes a token and redirects to the list.
#[server(prefix = "/api", endpoint = "tokens/revoke")]
pub(crate) async fn revoke(workspace: String, id: String, back: String, reason: Option<String>) -> Result<(), Failure> {
    let request = Request::current();
    let id = TokenId::new(id);
    let reason = reason.unwrap_or_default();
    let result = async {
        let actor = request.actor_for_change(&workspace).await?.with_reason(&reason);
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
