//! `/w/{workspace}/tokens/new/first`: creates the first token of a workspace, for the signed-in person. A workspace
//! only has permissions for tokens after its first token.

use std::sync::Arc;

use console::changes::create_token::{FIRST_TOKEN_LIFETIME, FIRST_TOKEN_SCOPE, form_id};
use console::{Actor, Error};
use domain::scope_meaning;
use leptos::prelude::*;

use super::result;
use crate::components::{change_snippets, crumbs, date_time, empty_card, error_notice, hidden_fields};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, cancel_button, cancel_form, confirm_details, workspace_heading, workspace_page};
use crate::pages::activity::reason_field;
use crate::problem::{Interrupted, Problem};
use crate::snippets::ChangeSnippets;

const TITLE: &str = "Create a first token";

/// What to do in a workspace without tokens: a link to this page or, for people who cannot use it, the command.
pub(crate) fn first_token_offer(actor: &Actor) -> AnyView {
    let workspace = actor.workspace();
    if actor.can_change() {
        return view! {
            <a class="btn primary" href=paths::first_token(workspace.name())>
                {TITLE}
            </a>
        }
        .into_any();
    }
    view! {
        <p>"You can only view here. A workspace admin can create a token that ends after an hour:"</p>
        {change_snippets("first-token", ChangeSnippets::create_first_token(&workspace.into()))}
    }
    .into_any()
}

/// The confirmation page; in the response to its form, the new token.
#[component]
pub(crate) fn FirstTokenPage() -> impl IntoView {
    workspace_page(Area::Permissions, TITLE, load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    if let Some(created) = request.extension() {
        return Ok(result::page(&actor, created));
    }
    request.console.ensure_can_change(&actor)?;
    let content = match request.console.access_list(&actor).await {
        Err(error) if error.no_token_yet() => confirm(&request, &actor),
        Ok(_) => not_needed(actor.workspace().name()),
        Err(error) => return Err(error),
    };
    let workspace = actor.workspace().name();
    Ok(PageResult::new(content).title(TITLE).error(
        request
            .failure_in_url()
            .map(|failure| error_notice(&failure, Some(workspace), Interrupted::Change)),
    ))
}

fn not_needed(workspace: &str) -> AnyView {
    let problem = Problem::HasTokens;
    view! {
        {crumbs(paths::permissions(workspace), "Permissions")}
        <h1>{TITLE}</h1>
        {empty_card(
            problem.title(Some(workspace)),
            problem.advice(Some(workspace), Interrupted::Page),
            paths::permissions(workspace),
            "Open permissions",
        )}
    }
    .into_any()
}

fn confirm(request: &Request, actor: &Actor) -> AnyView {
    let workspace = actor.workspace();
    let name = workspace.name().to_owned();
    view! {
        {crumbs(paths::permissions(&name), "Permissions")}
        <h1>{TITLE}</h1>
        <section class="card pad review">
            {workspace_heading(workspace)}
            <dl class="facts">
                <dt>"Owner"</dt>
                <dd>
                    "You: "
                    <bdi>{actor.user_name().to_owned()}</bdi>
                </dd>
                <dt>"Lifetime"</dt>
                <dd>"1 hour, until " {date_time(console::now().plus(FIRST_TOKEN_LIFETIME))}</dd>
                <dt>"Scopes"</dt>
                <dd>{FIRST_TOKEN_SCOPE} {scope_meaning(FIRST_TOKEN_SCOPE).map(|meaning| format!(": {meaning}"))}</dd>
            </dl>
            <p>
                "The token makes the permissions of this workspace editable; you do not have to use it. Its value is \
                 shown once, on the next page. Set the permissions within the hour: whether they stay editable after \
                 the token ends is not documented."
            </p>
            {confirm_details(actor, "first-token", ChangeSnippets::create_first_token(&workspace.into()))}
            <form method="post" action="/api/tokens/create_first" class="form-footer">
                {hidden_fields([("workspace", name.clone()), ("form", form_id())])}
                {reason_field(request)}
                <div class="row">
                    {cancel_button()}
                    <button class="btn primary" data-submit-once>
                        "Create first token"
                    </button>
                </div>
            </form>
            {cancel_form(&paths::permissions(&name))}
        </section>
    }
    .into_any()
}
