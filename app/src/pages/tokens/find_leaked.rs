//! `/w/{workspace}/find`: finds out whether a leaked value is a token of this workspace. The value is never stored,
//! logged or put into a URL.

use std::sync::Arc;

use console::{Actor, Error};
use leptos::prelude::*;
use secrecy::SecretString;

use crate::components::error_notice;
use crate::http::paths;
use crate::http::request::Request;
use crate::islands::hash_locally::HashLocally;
use crate::layout::{Area, PageResult, workspace_page};
use crate::problem::{Failure, Interrupted, Problem};

/// The form for a leaked value.
#[component]
pub(crate) fn FindPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Find a leaked token", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let (policy, _) = request.console.policy(&actor).await?;
    let workspace = actor.workspace().name().to_owned();
    let content = view! {
        <p class="crumbs">
            <a href=paths::tokens(&workspace)>"Personal access tokens"</a>
        </p>
        <h1>"Find a leaked token"</h1>
        <section class="card pad">
            <p>
                "Paste the leaked token value. It is hashed in your browser and never sent. (Without JavaScript it is \
                 sent once, hashed and discarded.)"
            </p>
            <HashLocally>
                <input type="hidden" name="workspace" value=workspace />
                <div class="field grow">
                    <label for="value">"Leaked value"</label>
                    <input
                        class="input"
                        id="value"
                        name="value"
                        type="password"
                        autocomplete="off"
                        spellcheck="false"
                        required
                    />
                </div>
                <button class="btn primary">"Find"</button>
                <p class="hint danger-text" id="value-hint" role="alert"></p>
            </HashLocally>
            <p class="muted">"A lookup changes nothing. Very old tokens may not be found this way."</p>
        </section>
    };
    Ok(PageResult::new(content).policy(policy).error(
        request
            .failure_in_url()
            .map(|failure| error_notice(&failure, Some(actor.workspace().name()), Interrupted::Page)),
    ))
}

/// Hashes a value, discards it, and redirects to the page of the token whose ID is the hash.
#[server(prefix = "/api", endpoint = "tokens/find")]
pub(crate) async fn find(workspace: String, value: String) -> Result<(), Failure> {
    let request = Request::current();
    let value = SecretString::from(value);
    request
        .actor(&workspace)
        .await
        .map_err(|e| request.fail_form(request.problem(&e)))?;
    let id = hashed_id(&value).ok_or_else(|| request.fail_form(Problem::NoTokenInText))?;
    request.redirect(&paths::with_param(&paths::token(&workspace, &id), "from", "leak"));
    Ok(())
}

/// The ID of the token with this value; `None` if the text is too short or too long for a token value. Blanks around it
/// come from copying and are ignored.
fn hashed_id(value: &SecretString) -> Option<domain::TokenId> {
    let trimmed = secrecy::ExposeSecret::expose_secret(value).trim();
    let is_plausible = (8..=4096).contains(&trimmed.len());
    is_plausible.then(|| console::token_id_of(&trimmed.to_owned().into()))
}
