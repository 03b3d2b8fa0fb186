//! `/w/{workspace}/tokens/{id}`: everything that the workspace reports about one token.

use std::sync::Arc;

use console::activity::{ActivityKind, Operation};
use console::inventory::TokenDetail;
use console::{Actor, Error};
use domain::TokenId;
use leptos::prelude::*;

use super::edit_comment::comment_form;
use super::edit_scopes::{scope_list, scopes_form};
use crate::components::{
    change_snippets, count_of, date_time, error_notice, loading_notice, success_notice, time_text, token_cells,
};
use crate::http::paths;
use crate::http::request::Request;
use crate::http::time_zone::PageTimeZone;
use crate::layout::{self, Area, PageResult, workspace_page};
use crate::pages::activity::history_card;
use crate::problem::{Interrupted, Problem};
use crate::snippets::ChangeSnippets;

/// Operations in the history of a token.
const HISTORY_LIMIT: u32 = 50;

/// One token.
#[component]
pub(crate) fn TokenPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Token", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let id = request.token_id();
    let history = history_card(&request, &actor, "History", vec![id.to_string()], HISTORY_LIMIT);
    let (token, history) = tokio::join!(request.console.token(&actor, &id), history);
    match token {
        Ok(detail) => {
            let done = match request.query("done").as_deref() {
                Some("comment") => Some((ActivityKind::EditComment, "Comment saved.")),
                Some("scopes") => Some((ActivityKind::EditScopes, "Scopes changed.")),
                _ => None,
            };
            let saved_title = match done {
                Some((kind, title)) => {
                    let is_it = |operation: &Operation| operation.kind == kind && operation.target == id.as_str();
                    request.console.did_recently(&actor, is_it).await.then_some(title)
                }
                None => None,
            };
            // The two forms of this page keep their input in the URL.
            let has_input = ["comment", "scopes"].iter().any(|field| request.query(field).is_some());
            let workspace = Some(actor.workspace().name());
            let failure = request.failure_in_url();
            Ok(PageResult::new((content(&request, &actor, &detail), history))
                .title(format!("Token {}", id.short()))
                .policy(detail.policy)
                .success(saved_title.map(|title| saved_message(title, &detail)))
                .error(failure.map(|failure| error_notice(&failure, workspace, Interrupted::by_form(has_input)))))
        }
        Err(error) if Problem::from(&error) == Problem::TokenNotFound => {
            request.set_status(Problem::TokenNotFound);
            Ok(not_found(&request, &actor, &id, history))
        }
        Err(error) => Err(error),
    }
}

fn saved_message(title: &'static str, detail: &TokenDetail) -> AnyView {
    success_notice(title, format!("Confirmed at {}.", time_text(detail.as_of)))
}

/// The page for a token that the workspace does not have: it never existed, or does not exist any more.
fn not_found(request: &Request, actor: &Actor, id: &TokenId, history: Option<AnyView>) -> PageResult {
    let workspace = actor.workspace().name();
    let is_leak_lookup = request.query("from").as_deref() == Some("leak");
    let text = if is_leak_lookup {
        format!(
            "No token in {workspace} has this value. It may already be revoked, belong to another workspace, or be \
             too old to be found by value; then search by owner or comment."
        )
    } else {
        Problem::TokenNotFound.advice(Some(workspace), Interrupted::Page)
    };
    let next = view! {
        <div class="row">
            <a class="btn primary" href=paths::tokens(workspace)>
                "All tokens"
            </a>
            <a class="btn" href=paths::find_leaked(workspace)>
                "Find a leaked token"
            </a>
        </div>
    };
    layout::not_found(
        Problem::TokenNotFound,
        "Token",
        id.as_str(),
        text,
        next.into_any(),
        history,
    )
}

fn content(request: &Request, actor: &Actor, detail: &TokenDetail) -> AnyView {
    let (token, now) = (&detail.token, detail.as_of);
    let workspace = actor.workspace();
    let owner = detail.directory.owner(token.owner);
    let findings = detail.findings();
    let found = token_cells::found(findings, token, now, &PageTimeZone::current());
    let is_own = actor.own_token().as_ref() == Some(&token.id);
    let back = paths::tokens(workspace.name());
    let creator = token.creator_name.clone().unwrap_or_else(|| "Unknown".into());
    let creator = view! { <bdi>{creator}</bdi> }.into_any();
    let revoke = actor.can_change().then(|| {
        view! {
            <form method="get" action=paths::revoke(workspace.name(), &token.id)>
                <input type="hidden" name="back" value=back.clone() />
                <button class="btn danger-outline" data-confirm>
                    "Revoke"
                </button>
            </form>
        }
    });
    view! {
        <p class="crumbs">
            <a href=back.clone()>"Personal access tokens"</a>
        </p>
        <div class="head">
            <div>
                <h1>{token_cells::comment(token)}</h1>
                <p>"Updated " {date_time(now)}</p>
            </div>
            {revoke}
        </div>
        {loading_notice(request, detail.loading)}
        <section class="card" aria-label="Details">
            <dl class="fields">
                <dt>"ID"</dt>
                <dd>{copyable(token.id.as_str())}</dd>
                <dt>"Status"</dt>
                <dd>
                    {token_cells::status(token.status(now))} {token_cells::finding_chips(&found, is_own)}
                    {token_cells::undetermined(findings)}
                </dd>
                <dt>"Owner"</dt>
                <dd>
                    {principal_link(workspace.name(), token.owner, token_cells::owner(owner))} {id_text(token.owner)}
                </dd>
                <dt>"Created by"</dt>
                <dd>{principal_link(workspace.name(), token.creator, creator)} {id_text(token.creator)}</dd>
                <dt>"Created"</dt>
                <dd>{token.created.map_or_else(|| "Unknown".into_any(), |at| date_time(at).into_any())}</dd>
                <dt>"Expires"</dt>
                <dd>{expiry(detail)}</dd>
                <dt>"Last used"</dt>
                <dd>{token_cells::last_used(token, now.day())} {unused_notice(detail)}</dd>
                <dt>"Scopes"</dt>
                <dd>{scope_list(token)}</dd>
                <dt>"Workspace ID"</dt>
                <dd>{token.workspace_id.clone().unwrap_or_else(|| "Not provided".into())}</dd>
            </dl>
        </section>
        {actor.can_change().then(|| (comment_form(request, actor, token), scopes_form(request, actor, token)))}
        <section class="card pad">
            {change_snippets("token", ChangeSnippets::revoke_token(&workspace.into(), &token.id))}
        </section>
    }
    .into_any()
}

fn copyable(text: &str) -> AnyView {
    view! {
        <span class="copyable">
            <code>{text.to_owned()}</code>
            <button type="button" class="btn small" data-copy hidden>
                "Copy"
            </button>
        </span>
    }
    .into_any()
}

/// `name` as a link to the page of this user or service principal.
fn principal_link(workspace: &str, id: Option<domain::PrincipalId>, name: AnyView) -> AnyView {
    match id {
        Some(id) => view! { <a href=paths::principal(workspace, id)>{name}</a> }.into_any(),
        None => name,
    }
}

fn id_text(id: Option<domain::PrincipalId>) -> AnyView {
    id.map(|id| view! { <small class="mono">"ID " {id.to_string()}</small> })
        .into_any()
}

fn expiry(detail: &TokenDetail) -> AnyView {
    match detail.token.expiry {
        domain::Expiry::At(end) => view! { {date_time(end)} }.into_any(),
        _ => token_cells::expires(&detail.token, detail.as_of),
    }
}

/// For how long it has not been used, and when Databricks revokes it because of that.
fn unused_notice(detail: &TokenDetail) -> Option<AnyView> {
    let days = detail.token.idle_days(detail.as_of)?;
    if days < domain::IDLE_FINDING_DAYS || detail.token.status(detail.as_of) != domain::Status::Active {
        return None;
    }
    let limit = domain::IDLE_REVOCATION_DAYS;
    let deadline = match usize::try_from(limit - days) {
        Ok(days_left @ 1..) => format!("in about {}", count_of(days_left, "day")),
        _ => "so this can happen at any time".to_owned(),
    };
    let text = format!("Unused for {days} days. Databricks revokes unused tokens after {limit} days, {deadline}.");
    Some(view! { <small>{text}</small> }.into_any())
}
