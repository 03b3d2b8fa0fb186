//! `/w/{workspace}/tokens/new`: the form with service principal, lifetime, comment and scopes.

use std::sync::Arc;

use console::{Actor, Error, Snapshot};
use domain::{MaxLifetime, PLATFORM_MAX_LIFETIME_DAYS, UnreadPart};
use leptos::prelude::*;

use super::find::search_results;
use super::form_input::{FormInput, MAX_COMMENT_CHARS, field};
use super::recipient::{azure_warning, recipient_name, warnings};
use super::result;
use crate::components::{error_notice, principal_picker};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};
use crate::pages::settings::restriction_notice;
use crate::problem::Interrupted;

/// The lifetime that the field starts with, in days, if the workspace allows that much.
const DEFAULT_LIFETIME_DAYS: u32 = 90;

/// Announced after the name of the chosen service principal.
const CHOSEN_ANNOUNCEMENT: &str = "is selected. You can review before anything is created.";

/// The form. In the response to the review that was sent, the new token.
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
    let input = FormInput::of(&request);
    let results = search_results(&request, &actor).await?;
    let recipient = match input.service_principal.as_str() {
        "" => None,
        id => Some(request.console.recipient(&actor, &snapshot, id).await),
    };
    let workspace = actor.workspace();
    let recipient = match recipient {
        Some(recipient) => view! {
            <p>"For " {recipient_name(&recipient, &input.service_principal)}</p>
            {warnings(workspace, &snapshot, &recipient, &input.service_principal)}
        }
        .into_any(),
        None => azure_warning(workspace).into_any(),
    };
    let restriction = restriction_notice(request.console.admin_restriction(&actor).await);
    let recipient = view! { {restriction} {recipient} }.into_any();
    Ok(
        PageResult::new(content(workspace.name(), &input, &snapshot, recipient, results))
            .policy(snapshot.policy)
            .error(
                request
                    .failure_in_url()
                    .map(|failure| error_notice(&failure, Some(workspace.name()), Interrupted::Edit)),
            ),
    )
}

/// The maximum number of days that a new token can last; the platform's if the workspace's limit is unknown.
pub(super) fn max_days(snapshot: &Snapshot) -> u32 {
    let policy = snapshot.policy.as_ref();
    policy.map_or(PLATFORM_MAX_LIFETIME_DAYS, |policy| policy.max_lifetime.longest_days())
}

fn content(
    workspace: &str,
    input: &FormInput,
    snapshot: &Snapshot,
    recipient: AnyView,
    results: Option<AnyView>,
) -> AnyView {
    let page = paths::new_token(workspace);
    let label = match input.service_principal.as_str() {
        "" => "Service principal: name or application ID",
        _ => "Change service principal: name or application ID",
    };
    let picker = principal_picker(label, page.clone(), page, field::CHOSEN, CHOSEN_ANNOUNCEMENT);
    view! {
        <p class="crumbs">
            <a href=paths::tokens(workspace)>"Personal access tokens"</a>
        </p>
        <h1>"Create service principal token"</h1>
        <p>
            "The service principal owns the token; you are recorded as its creator. Prefer OAuth (M2M) where the tool \
             supports it."
        </p>
        <form
            method="post"
            action=paths::open_with_fields(&paths::review_new_token(workspace))
            class="card"
            id="editor"
        >
            <input type="hidden" name=field::SERVICE_PRINCIPAL value=input.service_principal.clone() />
            {picker}
            <div id="found">{results}</div>
            <div class="pad">{recipient} {lifetime(input, snapshot)} {comment(input)} {scopes(input)}</div>
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

fn lifetime(input: &FormInput, snapshot: &Snapshot) -> AnyView {
    let max = max_days(snapshot);
    let rule = match snapshot.policy.map(|policy| policy.max_lifetime) {
        Some(MaxLifetime::NoCustomLimit) => format!("1\u{2013}{max} days (platform maximum)."),
        Some(_) if max == 1 => "1 day (workspace limit).".to_owned(),
        Some(_) => format!("1\u{2013}{max} days (workspace limit)."),
        None => {
            let reason = UnreadPart::Policy.reason();
            format!("1\u{2013}{max} days. The workspace's own limit is not available and may be lower: {reason}.")
        }
    };
    let value = input
        .days
        .clone()
        .unwrap_or_else(|| max.min(DEFAULT_LIFETIME_DAYS).to_string());
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

fn comment(input: &FormInput) -> AnyView {
    view! {
        <div class="field">
            <label for="comment">"Comment"</label>
            <input
                class="input"
                id="comment"
                name=field::COMMENT
                value=input.comment.clone()
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

fn scopes(input: &FormInput) -> AnyView {
    view! {
        <div class="field">
            <label for="scopes">"Scopes (optional)"</label>
            <input
                class="input"
                id="scopes"
                name=field::SCOPES
                value=input.scopes.clone()
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
