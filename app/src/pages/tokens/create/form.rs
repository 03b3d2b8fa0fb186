//! `/w/{workspace}/tokens/new`: for which service principal, for how long, and what the token may do.

use std::sync::Arc;

use console::{Actor, Error, Snapshot};
use domain::{MaxLifetime, PLATFORM_MAX_LIFETIME_DAYS};
use leptos::prelude::*;

use super::find::found;
use super::form_input::{FormInput, MAX_COMMENT_CHARS, field};
use super::recipient::{azure_warning, recipient_name, warnings};
use super::result;
use crate::components::{error_notice, principal_picker};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};
use crate::problem::Interrupted;

/// The lifetime that the field begins with, in days, where the policy allows it.
const DEFAULT_LIFETIME_DAYS: u32 = 90;

/// What a chosen service principal is announced by.
const CHOSEN_ANNOUNCEMENT: &str = "is selected. You can review before anything is created.";

/// The form; in answer to its sending, the new token.
#[component]
pub(crate) fn NewTokenPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Create service principal token", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    if let Some(created) = request.extension() {
        return Ok(result::page(&actor, created));
    }
    request.console.ensure_can_change(&actor)?;
    let snapshot = request.console.snapshot(&actor).await?;
    let typed = FormInput::of(&request);
    let found = found(&request, &actor).await?;
    let chosen = match typed.service.as_str() {
        "" => None,
        id => Some(request.console.recipient(&actor, &snapshot, id).await),
    };
    let workspace = actor.workspace();
    let chosen = match chosen {
        Some(recipient) => view! {
            <p>"For " {recipient_name(&recipient, &typed.service)}</p>
            {warnings(workspace, &snapshot, &recipient, &typed.service)}
        }
        .into_any(),
        None => azure_warning(workspace).into_any(),
    };
    Ok(
        PageResult::new(content(workspace.name(), &typed, &snapshot, chosen, found))
            .policy(snapshot.policy.clone().ok())
            .error(
                request
                    .failure_in_url()
                    .map(|failure| error_notice(&failure, Some(workspace.name()), Interrupted::Edit)),
            ),
    )
}

/// The most days that the workspace gives a new token, as far as is known.
pub(super) fn max_days(snapshot: &Snapshot) -> u32 {
    let policy = snapshot.policy.as_ref().ok();
    policy.map_or(PLATFORM_MAX_LIFETIME_DAYS, |policy| policy.max_lifetime.longest_days())
}

fn content(
    workspace: &str,
    typed: &FormInput,
    snapshot: &Snapshot,
    chosen: AnyView,
    found: Option<AnyView>,
) -> AnyView {
    let page = paths::new_token(workspace);
    let label = match typed.service.as_str() {
        "" => "Service principal: name or application ID",
        _ => "Change service principal: name or application ID",
    };
    let picker = principal_picker(
        label,
        page.clone(),
        page,
        field::CHOSEN_ANNOUNCEMENT,
        CHOSEN_ANNOUNCEMENT,
    );
    view! {
        <p class="crumbs">
            <a href=paths::tokens(workspace)>"Personal access tokens"</a>
        </p>
        <h1>"Create service principal token"</h1>
        <p>
            "The service principal owns the token; you are recorded as its creator. Prefer OAuth (M2M) where the tool \
             supports it."
        </p>
        <form method="get" action=paths::review_new_token(workspace) class="card" id="editor">
            <input type="hidden" name=field::SERVICE_PRINCIPAL value=typed.service.clone() />
            {picker}
            <div id="found">{found}</div>
            <div class="pad">{chosen} {lifetime(typed, snapshot)} {comment(typed)} {scopes(typed)}</div>
            <div class="card-footer">
                <p class="muted">"You can review before anything is created."</p>
                <a class="btn" href=paths::tokens(workspace)>
                    "Cancel"
                </a>
                <button class="btn primary">"Review"</button>
            </div>
        </form>
    }
    .into_any()
}

fn lifetime(typed: &FormInput, snapshot: &Snapshot) -> AnyView {
    let most = max_days(snapshot);
    let rule = match snapshot.policy.as_ref().map(|policy| policy.max_lifetime) {
        Ok(MaxLifetime::NoCustomLimit) => format!("1\u{2013}{most} days (platform maximum)."),
        Ok(_) if most == 1 => "1 day (workspace limit).".to_owned(),
        Ok(_) => format!("1\u{2013}{most} days (workspace limit)."),
        Err(_) => {
            format!("1\u{2013}{most} days. The workspace's own limit could not be read and may be lower.")
        }
    };
    let value = typed
        .days
        .clone()
        .unwrap_or_else(|| most.min(DEFAULT_LIFETIME_DAYS).to_string());
    view! {
        <div class="field lifetime">
            <label for="days">"Lifetime (days)"</label>
            <input
                class="input num"
                id="days"
                name=field::DAYS
                value=value
                inputmode="numeric"
                autocomplete="off"
                maxlength="20"
                aria-describedby="days-rule"
            />
            <p class="muted" id="days-rule">
                {rule}
            </p>
        </div>
    }
    .into_any()
}

fn comment(typed: &FormInput) -> AnyView {
    view! {
        <div class="field">
            <label for="comment">"Comment"</label>
            <input
                class="input"
                id="comment"
                name=field::COMMENT
                value=typed.comment.clone()
                maxlength=MAX_COMMENT_CHARS
                autocomplete="off"
                aria-describedby="comment-rule"
            />
            <p class="muted" id="comment-rule">
                "What is it for, and who is responsible? You can change this later."
            </p>
        </div>
    }
    .into_any()
}

fn scopes(typed: &FormInput) -> AnyView {
    view! {
        <div class="field">
            <label for="scopes">"Scopes (optional)"</label>
            <input
                class="input"
                id="scopes"
                name=field::SCOPES
                value=typed.scopes.clone()
                maxlength="2000"
                autocomplete="off"
                spellcheck="false"
                aria-describedby="scopes-rule"
            />
            <p class="muted" id="scopes-rule">
                "Separate names with commas or spaces, for example sql, jobs. Leave empty for full access. Careful: \
                 \u{201c}authentication\u{201d} lets the token create tokens with any scope."
            </p>
        </div>
    }
    .into_any()
}
