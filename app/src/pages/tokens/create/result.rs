//! The response to a submitted form: the new token with its value, which is shown only this once; without a value, what
//! is known about the token.

use console::Actor;
use console::changes::create_token::CreationOutcome;
use domain::{Principal, Token, TokenId};
use leptos::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};

use super::review::{autoscope_text, scopes_text};
use super::submit::{Created, CreatedTokenPage};
use crate::components::{crumbs, success_notice, token_cells};
use crate::http::paths;
use crate::layout::PageResult;

/// The page with the outcome.
pub(super) fn page(actor: &Actor, page: &CreatedTokenPage) -> PageResult {
    let workspace = actor.workspace().name();
    let texts = Texts::of(&page.created, workspace);
    let (message, content) = match &page.outcome {
        CreationOutcome::Created { id, value, token } => {
            let facts = facts(actor, &page.created, token.as_deref());
            (
                confirmation_text(token.as_deref()),
                value_shown(&texts, workspace, id, value, facts),
            )
        }
        CreationOutcome::ValueLost(id) => (None, value_lost(&texts, workspace, id)),
        CreationOutcome::AlreadyCreated(id) => (None, already_created(&texts, workspace, id)),
    };
    let content = view! {
        {crumbs(texts.list.1, texts.list.0)}
        <h1>{texts.heading}</h1>
        <section class="card pad" data-address=texts.form>
            {content}
        </section>
    };
    PageResult::new(content).title("Token created").success(message)
}

/// What differs between the forms that create a token.
struct Texts {
    heading: &'static str,
    /// The page that the person came from: its name and URL.
    list: (&'static str, String),
    /// The URL of the form.
    form: String,
    /// The label of the link that creates another token, if that makes sense.
    another: Option<&'static str>,
    /// The next step after storing the value, if it is not the token's page: label and URL.
    next: Option<(&'static str, String)>,
}

impl Texts {
    fn of(created: &Created, workspace: &str) -> Self {
        match created {
            Created::OnBehalfOf(..) => Self {
                heading: "Create service principal token",
                list: ("Personal access tokens", paths::tokens(workspace)),
                form: paths::new_token(workspace),
                another: Some("Create another token"),
                next: None,
            },
            Created::FirstToken => Self {
                heading: "Create a first token",
                list: ("Permissions", paths::permissions(workspace)),
                form: paths::first_token(workspace),
                another: None,
                next: Some(("Open permissions", paths::permissions(workspace))),
            },
        }
    }

    /// The link to the next step, if it is not the token's page.
    fn next_link(&self) -> Option<AnyView> {
        let (text, url) = self.next.clone()?;
        let link = view! {
            <a class="btn" href=url>
                {text}
            </a>
        };
        Some(link.into_any())
    }

    /// The link to the form.
    fn another_link(&self) -> Option<AnyView> {
        let text = self.another?;
        let link = view! {
            <a class="btn" href=self.form.clone()>
                {text}
            </a>
        };
        Some(link.into_any())
    }
}

fn confirmation_text(token: Option<&Token>) -> Option<AnyView> {
    let (title, text) = match token {
        Some(_) => ("Token created and confirmed.", ""),
        None => ("Token created.", "It has not been confirmed yet."),
    };
    Some(success_notice(title, text.to_owned()))
}

fn facts(actor: &Actor, created: &Created, token: Option<&Token>) -> AnyView {
    let row = |title: &'static str, value: AnyView| {
        view! {
            <dt>{title}</dt>
            <dd>{value}</dd>
        }
    };
    let owner = match created {
        Created::OnBehalfOf(spec, principal) => row(
            "Service principal",
            service_principal(&spec.application_id, principal.as_ref()),
        ),
        Created::FirstToken => row("Owner", view! { <bdi>{actor.user_name().to_owned()}</bdi> }.into_any()),
    };
    let spec = match created {
        Created::OnBehalfOf(spec, _) => Some(spec),
        Created::FirstToken => None,
    };
    let comment = token.map(|token| token.comment.clone());
    let comment = comment.or_else(|| spec.map(|spec| spec.comment.clone()));
    let comment = comment
        .filter(|comment| !comment.is_empty())
        .map(|comment| row("Comment", view! { <bdi>{comment}</bdi> }.into_any()));
    let expires = token.map(|token| {
        let now = token.created.unwrap_or_else(console::now);
        row("Expires", token_cells::expires(token, now))
    });
    let scopes = match (token, spec) {
        // As the workspace reports them, which may differ from what was requested.
        (Some(token), _) => Some(match token.scopes.as_deref() {
            // What an empty list grants is not documented.
            Some([]) => ("Scopes", "None listed".to_owned()),
            scopes => ("Scopes", scopes_text(scopes.unwrap_or_default())),
        }),
        (None, Some(spec)) => Some(("Scopes as requested", scopes_text(&spec.scopes))),
        (None, None) => None,
    };
    let scopes = scopes.map(|(title, text)| row(title, text.into_any()));
    let autoscope = spec.map(|spec| row("Auto-scoping as requested", autoscope_text(spec)));
    view! { <dl class="facts">{owner} {comment} {expires} {scopes} {autoscope}</dl> }.into_any()
}

/// The service principal's name, if known, and its application ID.
fn service_principal(application_id: &str, principal: Option<&Principal>) -> AnyView {
    let name = principal.map(|principal| view! { <b><bdi>{principal.label().to_owned()}</bdi></b> " " });
    view! {
        {name}
        <small class="mono">{application_id.to_owned()}</small>
    }
    .into_any()
}

fn value_shown(texts: &Texts, workspace: &str, id: &TokenId, value: &SecretString, facts: AnyView) -> AnyView {
    let (next, url) = texts
        .next
        .clone()
        .unwrap_or_else(|| ("Done", paths::token(workspace, id)));
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
                "Copy" <span class="visually-hidden">" token value"</span>
            </button>
        </div>
        {facts}
        {id_text(id)}
        <div class="row">
            <a class="btn primary" href=url data-saved>
                {next}
            </a>
        </div>
    }
    .into_any()
}

fn id_text(id: &TokenId) -> AnyView {
    view! { <p class="muted">"Token ID: " <code class="wrap">{id.to_string()}</code></p> }.into_any()
}

fn value_lost(texts: &Texts, workspace: &str, id: &TokenId) -> AnyView {
    view! {
        <div class="notice danger" role="alert">
            <p>
                <b>"The token was created, but its value did not reach the console."</b>
                " No one has it. "
                {match texts.next {
                    Some(_) => "Revoke this token once you have opened permissions to others.",
                    None => "Revoke this token and create a new one.",
                }}
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
            {texts.another_link()}
            {texts.next_link()}
        </div>
    }
    .into_any()
}

fn already_created(texts: &Texts, workspace: &str, id: &TokenId) -> AnyView {
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
            {texts.another_link()}
        </div>
    }
    .into_any()
}
