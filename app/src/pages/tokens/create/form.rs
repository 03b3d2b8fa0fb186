//! `/w/{workspace}/tokens/new`: the form with service principal, lifetime, comment and scopes.

use std::sync::Arc;

use console::{Actor, Error, Snapshot};
use leptos::prelude::*;

use super::fields::{comment, error_text, lifetime, max_days, scopes};
use super::find::search_results;
use super::form_input::{FormErrors, FormInput, field};
use super::recipient::{azure_warning, disabled_warning, recipient_name, warnings};
use super::result;
use crate::components::{crumbs, error_notice, principal_picker};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, cancel_button, cancel_form, workspace_page};
use crate::pages::settings::restriction_notice;
use crate::problem::Interrupted;

const TITLE: &str = "Create service principal token";

/// What a screen reader reads after the name of the chosen service principal.
const CHOSEN_ANNOUNCEMENT: &str = "is selected. You can review before anything is created.";

/// The form; in the response to the sent review, the new token.
#[component]
pub(crate) fn NewTokenPage() -> impl IntoView {
    workspace_page(Area::Tokens, TITLE, load)
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
        None => (azure_warning(workspace), disabled_warning(workspace, &snapshot)).into_any(),
    };
    let restriction = restriction_notice(request.console.admin_restriction(&actor).await);
    let recipient = view! { {restriction} {recipient} }.into_any();
    // The review redirects here if something is not valid.
    let errors = match request.query(field::CHECK) {
        Some(_) => input.spec(max_days(&snapshot)).err().unwrap_or_default(),
        None => FormErrors::default(),
    };
    let has_errors = errors.first().is_some();
    let content = content(workspace.name(), &input, &errors, &snapshot, recipient, results);
    Ok(PageResult::new(content).has_errors(has_errors).error(
        request
            .failure_in_url()
            .map(|failure| error_notice(&failure, Some(workspace.name()), Interrupted::Edit)),
    ))
}

fn content(
    workspace: &str,
    input: &FormInput,
    errors: &FormErrors,
    snapshot: &Snapshot,
    recipient: AnyView,
    results: Option<AnyView>,
) -> AnyView {
    let page = paths::new_token(workspace);
    let label = match input.service_principal.as_str() {
        "" => "Service principal: name or application ID",
        _ => "Change service principal: name or application ID",
    };
    let error = errors.service_principal.map(error_text);
    let starts_here = input.service_principal.is_empty() && results.is_none();
    let picker = principal_picker(
        label,
        page.clone(),
        page,
        field::CHOSEN,
        CHOSEN_ANNOUNCEMENT,
        error,
        starts_here,
    );
    view! {
        {crumbs(paths::tokens(workspace), "Personal access tokens")}
        <h1>{TITLE}</h1>
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
            <div class="pad">
                {recipient} {lifetime(input, snapshot, errors)} {comment(input, errors)} {scopes(input, errors)}
            </div>
            <div class="card-footer">
                <p class="muted">"You can review before anything is created."</p>
                {cancel_button()}
                <button class="btn primary">
                    "Review" <span class="visually-hidden">" new token"</span>
                </button>
            </div>
        </form>
        {cancel_form(&paths::tokens(workspace))}
    }
    .into_any()
}
