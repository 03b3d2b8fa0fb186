//! `/w/{workspace}/find`: whether a leaked value is a token of this workspace, without the value being kept, logged or
//! put into an address.

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

/// The page for a leaked value.
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
                    <input class="input" id="value" name="value" type="password" autocomplete="off" spellcheck="false" required />
                </div>
                <button class="btn primary">"Find"</button>
                <p class="hint danger-text" id="value-hint" role="alert"></p>
            </HashLocally>
            <p class="muted">
                "A lookup changes nothing. Very old tokens may not be found this way."
            </p>
        </section>
    };
    Ok(PageResult::new(content).policy(policy).error(
        request
            .failure_in_url()
            .map(|failure| error_notice(&failure, Some(actor.workspace().name()), Interrupted::Page)),
    ))
}

/// Hashes a value, forgets it, and leads to the page of the hash.
#[server(prefix = "/api", endpoint = "tokens/find")]
pub(crate) async fn find(workspace: String, value: String) -> Result<(), Failure> {
    let request = Request::current();
    let value = SecretString::from(value);
    request
        .actor(&workspace)
        .await
        .map_err(|e| request.fail_form(request.problem(&e)))?;
    let id = hash(&value).ok_or_else(|| request.fail_form(Problem::NoTokenInText))?;
    request.redirect(&paths::with_param(&paths::token(&workspace, &id), "from", "leak"));
    Ok(())
}

/// The id of the token with this value; none for what is no value. Spaces around it come from copying.
fn hash(value: &SecretString) -> Option<domain::TokenId> {
    let trimmed = secrecy::ExposeSecret::expose_secret(value).trim();
    let plausible = (8..=4096).contains(&trimmed.len());
    plausible.then(|| console::token_id_of(&trimmed.to_owned().into()))
}
