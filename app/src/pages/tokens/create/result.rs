//! The response to a sent form: the new token with its value, which is shown this one time; without a value, what is
//! known about the token.

use console::Actor;
use console::changes::create_token::{CreationOutcome, TokenSpec};
use domain::{Token, TokenId};
use leptos::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};

use super::submit::CreatedTokenPage;
use crate::components::{success_notice, token_cells};
use crate::http::paths;
use crate::layout::PageResult;

/// The page that shows the outcome.
pub(super) fn page(actor: &Actor, created: &CreatedTokenPage) -> PageResult {
    let workspace = actor.workspace().name();
    let (message, content) = match &created.outcome {
        CreationOutcome::Created { id, value, token } => {
            let facts = facts(&created.spec, token.as_deref());
            (
                confirmation_text(token.as_deref()),
                value_shown(workspace, id, value, facts),
            )
        }
        CreationOutcome::ValueLost(id) => (None, value_lost(workspace, id)),
        CreationOutcome::AlreadyCreated(id) => (None, already_created(workspace, id)),
    };
    let content = view! {
        <p class="crumbs">
            <a href=paths::tokens(workspace)>"Personal access tokens"</a>
        </p>
        <h1>"Create service principal token"</h1>
        <section class="card pad" data-address=paths::new_token(workspace)>
            {content}
        </section>
    };
    PageResult::new(content).title("Token created").success(message)
}

fn confirmation_text(token: Option<&Token>) -> Option<AnyView> {
    let (title, text) = match token {
        Some(_) => ("Token created and confirmed.", ""),
        None => ("Token created.", "It has not been confirmed yet."),
    };
    Some(success_notice(title, text.to_owned()))
}

fn facts(spec: &TokenSpec, token: Option<&Token>) -> AnyView {
    let expires = token.map(|token| {
        let now = token.created.unwrap_or_else(console::now);
        view! {
            <dt>"Expires"</dt>
            <dd>{token_cells::expires(token, now)}</dd>
        }
    });
    let comment = (!spec.comment.is_empty()).then(|| {
        view! {
            <dt>"Comment"</dt>
            <dd>
                <bdi>{spec.comment.clone()}</bdi>
            </dd>
        }
    });
    view! {
        <dl class="facts">
            <dt>"Service principal"</dt>
            <dd class="mono">{spec.application_id.clone()}</dd>
            {comment}
            {expires}
        </dl>
    }
    .into_any()
}

fn value_shown(workspace: &str, id: &TokenId, value: &SecretString, facts: AnyView) -> AnyView {
    view! {
        <div class="notice" data-unsaved>
            <p>
                <b>"Copy the token now and store it safely."</b>
                " You cannot see it again."
            </p>
        </div>
        <div class="snippet" tabindex="0" role="group" aria-label="Token value">
            <code id="token-value">{value.expose_secret().to_owned()}</code>
            <button type="button" class="btn small" data-copy hidden>
                "Copy"
            </button>
        </div>
        {facts}
        {id_text(id)}
        <div class="row">
            <a class="btn primary" href=paths::token(workspace, id) data-saved>
                "Done"
            </a>
        </div>
    }
    .into_any()
}

fn id_text(id: &TokenId) -> AnyView {
    view! { <p class="muted">"Token ID: " <code class="wrap">{id.to_string()}</code></p> }.into_any()
}

fn value_lost(workspace: &str, id: &TokenId) -> AnyView {
    view! {
        <div class="notice danger" role="alert">
            <p>
                <b>"The token was created, but its value did not reach the console."</b>
                " No one has it. Revoke this token and create a new one."
            </p>
        </div>
        {id_text(id)}
        <div class="row">
            <a class="btn" href=paths::token(workspace, id)>
                "View token"
            </a>
            <a class="btn danger-outline" href=paths::revoke(workspace, id)>
                "Revoke token"
            </a>
            <a class="btn" href=paths::new_token(workspace)>
                "Create another token"
            </a>
        </div>
    }
    .into_any()
}

fn already_created(workspace: &str, id: &TokenId) -> AnyView {
    view! {
        <div class="notice" role="alert">
            <p>
                <b>"You already created this token."</b>
                " Its value cannot be shown again. No second token was created."
            </p>
        </div>
        {id_text(id)}
        <div class="row">
            <a class="btn" href=paths::token(workspace, id)>
                "View token"
            </a>
            <a class="btn" href=paths::new_token(workspace)>
                "Create another token"
            </a>
        </div>
    }
    .into_any()
}
