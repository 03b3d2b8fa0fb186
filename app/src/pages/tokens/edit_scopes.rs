//! Changing a token's scopes: the form, and the confirmation page with the scopes that the token gains and loses.

use std::sync::Arc;

use console::inventory::TokenDetail;
use console::{Actor, Error};
use domain::{ALL_APIS, ScopeDiff, Token, TokenId, format_scopes, grants_all, may_grant_all, parse_scopes, scope_uses};
use leptos::prelude::*;

use super::detail::Origin;
use super::id_in_path::id_in_path;
use crate::components::{change_snippets, error_notice, token_cells};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, acting_as, cancel_button, cancel_form, workspace_heading, workspace_page};
use crate::pages::activity::{reason_field, with_reason};
use crate::problem::{ChangeFailure, Failure, Interrupted, Problem};
use crate::snippets::ChangeSnippets;

/// The URL parameter and form field with the scopes as typed.
const SCOPES_PARAM: &str = "scopes";

/// Separates the scopes in the form field `opened`. No scope name contains it.
const SCOPE_SEPARATOR: &str = ", ";

/// Whether the workspace reports any scope as used.
pub(super) fn is_usage_known(token: &Token) -> bool {
    !token.inferred_scopes.is_empty() || !token.backfill_scopes.is_empty()
}

/// The form that leads to the confirmation page, folded away at first. It contains the granted scopes, or the scopes as
/// typed if they were rejected.
pub(super) fn scopes_form(request: &Request, actor: &Actor, token: &Token, origin: &Origin) -> AnyView {
    let typed = request.query(SCOPES_PARAM);
    let is_open = typed.is_some();
    let value = typed.unwrap_or_else(|| format_scopes(token.scopes.as_deref()));
    let page = paths::edit_scopes(actor.workspace().name(), &token.id);
    view! {
        <details class="edit-scopes" open=is_open>
            <summary class="btn">"Change scopes"</summary>
            <form method="post" action=paths::open_with_fields(&page) data-page=page.clone() class="token-form">
                {origin.fields()}
                <div class="field grow">
                    <label for="scopes">"Granted scopes"</label>
                    <input
                        class="input"
                        id="scopes"
                        name=SCOPES_PARAM
                        value=value
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby="scopes-rule"
                    />
                </div>
                <button class="btn" data-confirm>
                    "Review scopes"
                </button>
                <p class="hint muted" id="scopes-rule">
                    "Separate names with commas or spaces. Leave empty for full access: everything that the owner can \
                     do."
                </p>
            </form>
        </details>
    }
    .into_any()
}

/// The confirmation page of a change.
#[component]
pub(crate) fn ScopesPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Change scopes", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    request.console.ensure_can_change(&actor)?;
    let id = id_in_path(&request, &actor).await?;
    let typed = clean_input(request.query(SCOPES_PARAM).as_deref());
    let detail = request.console.token(&actor, &id).await?;
    let content = match parse_requested(&typed) {
        Ok(requested) => confirm(&request, &actor, &detail, &typed, &requested),
        Err(problem) => {
            let workspace = actor.workspace().name();
            let page = Origin::of(&request, workspace).return_to(&paths::token(workspace, &id));
            let page = paths::with_param(&page, SCOPES_PARAM, &typed);
            request.redirect(&request.failure(problem).to_url(&page));
            ().into_any()
        }
    };
    Ok(PageResult::new(content).policy(detail.policy).error_shown_in_content())
}

/// The scopes as typed, trimmed.
fn clean_input(text: Option<&str>) -> String {
    text.unwrap_or_default().trim().to_owned()
}

/// The scopes that the input requests. Empty input explicitly requests [`ALL_APIS`]: no documentation says what an
/// empty list means.
fn parse_requested(typed: &str) -> Result<Vec<String>, Problem> {
    let scopes = parse_scopes(typed).map_err(Problem::BadScopes)?;
    Ok(match scopes.is_empty() {
        true => vec![ALL_APIS.to_owned()],
        false => scopes,
    })
}

fn confirm(request: &Request, actor: &Actor, detail: &TokenDetail, typed: &str, requested: &[String]) -> AnyView {
    let (token, workspace) = (&detail.token, actor.workspace());
    let diff = ScopeDiff::between(token.scopes.as_deref(), requested);
    let origin = Origin::of(request, workspace.name());
    let back = origin.add_to(&paths::token(workspace.name(), &token.id));
    let error = request.failure_in_url().map(|failure| {
        let notice = error_notice(&failure, Some(workspace.name()), Interrupted::Edit);
        view! { <div role="alert">{notice}</div> }
    });
    let body = match diff.is_empty() {
        true => view! { <p>"The token already has these scopes."</p> }.into_any(),
        false => diff_section(request, actor, token, requested, &diff),
    };
    let submit_button = (!diff.is_empty()).then(|| view! { <button class="btn danger">"Change scopes"</button> });
    view! {
        <section class="card confirm-card" id="confirm">
            <form method="post" action="/api/tokens/scopes">
                <div class="body">
                    {workspace_heading(workspace)}
                    <h1 id="confirm-title" tabindex="-1">
                        "Change scopes"
                    </h1>
                    {error}
                    <dl class="facts">
                        <dt>"Token"</dt>
                        <dd>
                            <b>{token_cells::comment(token)}</b>
                            <small class="mono">{token.id.to_string()}</small>
                        </dd>
                        <dt>"Owner"</dt>
                        <dd>{token_cells::owner(detail.directory.owner(token.owner))} {token_cells::creator(token)}</dd>
                    </dl>
                    {body}
                </div>
                <input type="hidden" name="workspace" value=workspace.name().to_owned() />
                <input type="hidden" name="id" value=token.id.to_string() />
                {origin.fields()}
                <input type="hidden" name="opened" value=format_scopes(token.scopes.as_deref()) />
                <input type="hidden" name=SCOPES_PARAM value=typed.to_owned() />
                <div class="card-footer">
                    {cancel_button()} {submit_button}
                </div>
            </form>
            {cancel_form(&back)}
        </section>
    }
    .into_any()
}

fn diff_section(request: &Request, actor: &Actor, token: &Token, requested: &[String], diff: &ScopeDiff) -> AnyView {
    let row = |title: &'static str, scopes: &[String]| {
        (!scopes.is_empty()).then(|| {
            let chips = scopes
                .iter()
                .map(|scope| view! { <span class="chip">{scope.clone()}</span> });
            view! {
                <dt>{title}</dt>
                <dd class="chips">{chips.collect_view()}</dd>
            }
        })
    };
    view! {
        <dl class="facts">
            {row("Added", &diff.added)}
            {row("Removed", &diff.removed)}
            {row("Result", requested)}
        </dl>
        {removed_notice(actor.workspace().name(), token, requested)}
        {added_notice(token, requested)}
        {reason_field(request)}
        {change_snippets("scopes-tools", ChangeSnippets::set_scopes(&actor.workspace().into(), &token.id, requested))}
        <p class="muted">{acting_as(actor)}</p>
    }
    .into_any()
}

/// What stops working, as far as the workspace has recorded the use of scopes. `None` if no scope is lost.
fn removed_notice(workspace: &str, token: &Token, requested: &[String]) -> Option<AnyView> {
    if grants_all(Some(requested)) {
        return None;
    }
    let was_granted = |scope: &String| {
        token
            .scopes
            .as_ref()
            .is_none_or(|granted| granted.contains(scope) || may_grant_all(Some(granted)))
    };
    let used = scope_uses(token)
        .into_iter()
        .filter(|scope| scope.name != ALL_APIS && (scope.inferred || scope.backfilled));
    let lost_in_use: Vec<_> = used
        .filter(|scope| was_granted(&scope.name) && !requested.contains(&scope.name))
        .map(|scope| scope.name)
        .collect();
    let loses_scopes =
        may_grant_all(token.scopes.as_deref()) || token.scopes.iter().flatten().any(|scope| !requested.contains(scope));
    let text = match (lost_in_use.as_slice(), is_usage_known(token)) {
        _ if !loses_scopes => return None,
        ([], true) => {
            format!("{workspace} has not recorded any use of the removed scopes, but may not have recorded everything.")
        }
        ([], false) => "Usage is unknown. Anything that needs a removed scope fails immediately.".to_owned(),
        ([one], _) => format!("You are removing a scope in use: {one}. Anything that needs it fails immediately."),
        (lost, _) => format!(
            "You are removing scopes in use: {}. Anything that needs them fails immediately.",
            lost.join(", ")
        ),
    };
    Some(
        view! {
            <div class="notice danger">
                <p>
                    <b>"The token loses scopes."</b>
                    " "
                    {text}
                </p>
            </div>
        }
        .into_any(),
    )
}

/// The warning that the token gains scopes. `None` if it gains none.
fn added_notice(token: &Token, requested: &[String]) -> Option<AnyView> {
    let granted = token.scopes.as_ref().filter(|granted| !grants_all(Some(granted)))?;
    requested.iter().any(|scope| !granted.contains(scope)).then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"The token gains scopes."</b>
                    " Anyone who has its value gains them too."
                </p>
            </div>
        }
        .into_any()
    })
}

/// Changes a token's scopes. `opened` are the granted scopes when the form was opened; `from` and `drawer` say where
/// the token's page is shown.
#[server(prefix = "/api", endpoint = "tokens/scopes")]
pub(crate) async fn set_scopes(
    workspace: String,
    id: String,
    opened: String,
    scopes: String,
    reason: Option<String>,
    from: Option<String>,
    drawer: Option<String>,
) -> Result<(), Failure> {
    let request = Request::current();
    let id = TokenId::new(id);
    let origin = Origin::from_fields(from.as_deref(), drawer.as_deref());
    let (typed, reason) = (clean_input(Some(&scopes)), reason.unwrap_or_default());
    let confirm = with_reason(
        &paths::with_param(
            &origin.return_to(&paths::edit_scopes(&workspace, &id)),
            SCOPES_PARAM,
            &typed,
        ),
        &reason,
    );
    let base: Vec<_> = opened
        .split(SCOPE_SEPARATOR)
        .filter(|s| !s.is_empty())
        .map(str::to_owned)
        .collect();
    let result = async {
        let actor = request.actor_for_change(&workspace).await;
        let actor = actor.and_then(|actor| actor.with_reason(&reason));
        let actor = actor.map_err(|e| request.change_failure(&e))?;
        let requested = parse_requested(&typed)?;
        let result = request.console.set_scopes(&actor, &id, Some(&base), &requested).await;
        result.map(drop).map_err(|error| {
            request.change_failure(&error).map(|problem| match problem {
                Problem::Rejected if error.is_rejected() => Problem::ScopesRejected,
                other => other,
            })
        })
    };
    result
        .await
        .map_err(|failure: ChangeFailure| request.fail_form_at(failure, &confirm))?;
    let page = origin.return_to(&paths::token(&workspace, &id));
    request.redirect(&paths::with_param(&page, "done", "scopes"));
    Ok(())
}
