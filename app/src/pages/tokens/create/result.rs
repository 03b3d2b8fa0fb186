//! The answer to a sent form: the new token with its value, this once; or what is known where there is no value to show.

use console::Actor;
use console::changes::create_token::{CreationOutcome, TokenSpec};
use domain::{Token, TokenId};
use leptos::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};

use super::submit::CreatedTokenPage;
use crate::components::done;
use crate::http::paths;
use crate::layout::PageResult;
use crate::pages::tokens::row;

/// The page.
pub(super) fn page(actor: &Actor, answer: &CreatedTokenPage) -> PageResult {
    let workspace = actor.workspace().name();
    let (said, content) = match &answer.created {
        CreationOutcome::Now { id, value, token } => {
            let facts = facts(&answer.wanted, token.as_deref());
            (said(token.as_deref()), shown(workspace, id, value, facts))
        }
        CreationOutcome::ValueLost(id) => (None, lost(workspace, id)),
        CreationOutcome::Before(id) => (None, before(workspace, id)),
    };
    let content = view! {
        <p class="crumbs">
            <a href=paths::tokens(workspace)>"Personal access tokens"</a>
        </p>
        <h1>"Create a token for a service principal"</h1>
        <section class="card pad" data-address=paths::new_token(workspace)>
            {content}
        </section>
    };
    PageResult {
        title: Some("Token created".to_owned()),
        policy: None,
        said,
        failed: None,
        content: content.into_any(),
    }
}

fn said(token: Option<&Token>) -> Option<AnyView> {
    let text = match token {
        Some(_) => "It was read back from the workspace.",
        None => "The workspace said so; reading it back did not work yet.",
    };
    Some(done("Token created.", text.to_owned()))
}

fn facts(wanted: &TokenSpec, token: Option<&Token>) -> AnyView {
    let expires = token.map(|token| {
        let now = token.created.unwrap_or_else(console::now);
        view! {
            <dt>"Expires"</dt>
            <dd>{row::expires(token, now)}</dd>
        }
    });
    let comment = (!wanted.comment.is_empty()).then(|| {
        view! {
            <dt>"Comment"</dt>
            <dd>
                <bdi>{wanted.comment.clone()}</bdi>
            </dd>
        }
    });
    view! {
        <dl class="facts">
            <dt>"Service principal"</dt>
            <dd class="mono">{wanted.application_id.clone()}</dd>
            {comment}
            {expires}
        </dl>
    }
    .into_any()
}

fn shown(workspace: &str, id: &TokenId, value: &SecretString, facts: AnyView) -> AnyView {
    view! {
        <div class="notice" data-unkept>
            <p>
                <b>"This is the only time the value is shown."</b>
                " Put it where it will be used, or into a secret store, before you leave this page. The console keeps no copy."
            </p>
        </div>
        <div class="cmd" tabindex="0" role="group" aria-label="The token's value">
            <code id="token-value">{value.expose_secret().to_owned()}</code>
            <button type="button" class="btn small" data-copy hidden>
                "Copy"
            </button>
        </div>
        {facts}
        {id_line(id)}
        <div class="row">
            <a class="btn primary" href=paths::token(workspace, id) data-kept>
                "I have stored it"
            </a>
        </div>
    }
    .into_any()
}

fn id_line(id: &TokenId) -> AnyView {
    view! { <p class="muted">"Its id: " <code class="wrap">{id.to_string()}</code></p> }.into_any()
}

fn lost(workspace: &str, id: &TokenId) -> AnyView {
    view! {
        <div class="notice danger" role="alert">
            <p>
                <b>"The token was created, but its value was lost."</b>
                " The workspace's answer did not arrive; the list has the token all the same. Nobody knows its value, and it cannot \
                 be read again: revoke it and create another."
            </p>
        </div>
        {id_line(id)}
        <div class="row">
            <a class="btn" href=paths::token(workspace, id)>
                "The token"
            </a>
            <a class="btn danger-outline" href=paths::revoke(workspace, id)>
                "Revoke it"
            </a>
            <a class="btn" href=paths::new_token(workspace)>
                "Create another"
            </a>
        </div>
    }
    .into_any()
}

fn before(workspace: &str, id: &TokenId) -> AnyView {
    view! {
        <div class="notice" role="alert">
            <p>
                <b>"This form has created its token already."</b>
                " Its value was shown then and cannot be shown again. Nothing was created now. If the value is lost, revoke the token \
                 and create another."
            </p>
        </div>
        {id_line(id)}
        <div class="row">
            <a class="btn" href=paths::token(workspace, id)>
                "The token"
            </a>
            <a class="btn" href=paths::new_token(workspace)>
                "Create another"
            </a>
        </div>
    }
    .into_any()
}
