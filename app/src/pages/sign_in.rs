//! `/sign-in`. The two routes of the OAuth flow, which show no page, are in the server.

use std::sync::Arc;

use console::{Error, Workspace};
use leptos::prelude::*;
use leptos_meta::Title;
use secrecy::SecretString;

use crate::components::{error_notice, page_head, success_notice};
use crate::http::form_drafts::leads_to_interrupted;
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::theme;
use crate::layout::{brand, document_title, environment_chip};
use crate::problem::{Failure, Interrupted, Problem};

/// Signs in with an access token and redirects to `next`.
#[server(prefix = "/api", endpoint = "sign_in/with_token")]
pub(crate) async fn with_token(workspace: String, token: String, next: String) -> Result<(), Failure> {
    let request = Request::current();
    let token = SecretString::from(token.trim().to_owned());
    let result = match secrecy::ExposeSecret::expose_secret(&token) {
        "" => Err(Problem::NoAccessToken),
        _ => request.sign_in_with_token(&workspace, token).await,
    };
    let tokens = paths::tokens(&workspace);
    let next = paths::local_path(&next).unwrap_or(&tokens);
    // The sign-in page shows the problem at the workspace of `next`.
    result.map_err(|problem| request.fail_form_at(problem, &paths::sign_in(Some(next))))?;
    request.redirect(next);
    Ok(())
}

/// Every configured workspace, with its sign-in options.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let request = Request::current();
    request.renew_browser_proof();
    let next = request
        .query("next")
        .and_then(|next| paths::local_path(&next).map(str::to_owned));
    let mut workspaces: Vec<_> = request.console.workspaces().cloned().collect();
    // The workspace that `next` belongs to comes first.
    workspaces.sort_by_key(|w| !next.as_ref().is_some_and(|next| is_within(next, w.name())));
    let failed = workspaces
        .first()
        .map(|workspace| workspace.name().to_owned())
        .filter(|name| next.as_ref().is_some_and(|next| is_within(next, name)));
    let error = request.failure_in_url().map(|failure| {
        // Anyone can make up a URL. It must not make the server respond with 500.
        if failure.problem != Problem::Internal {
            request.set_status(failure.problem);
        }
        error_notice(&failure, failed.as_deref(), Interrupted::Page)
    });
    let error = view! { <div id="error-message" role="alert">{error}</div> }.into_any();
    // A failure is shown at the workspace of `next`, which comes first, if there is one; otherwise on top.
    let (on_top, mut at_workspace) = match failed {
        Some(_) => (None, Some(error)),
        None => (Some(error), None),
    };
    let sign_in_options = workspaces
        .iter()
        .map(|workspace| sign_in_options_of(workspace, next.as_deref(), at_workspace.take()))
        .collect_view();
    let switcher = theme::switcher(&request);
    Suspend::new(async move {
        let message = result_message(&request, &workspaces, next.as_deref()).await;
        view! {
            <Title text=document_title("Sign in") />
            <header class="bar">
                <div class="bar-content">{brand()}</div>
            </header>
            <main class="narrow">
                {page_head(
                    "Sign in",
                    view! {
                        <p>
                            "Sign in to view and manage personal access tokens. Every action is recorded under your \
                             name."
                        </p>
                    },
                    (),
                )}
                <div id="status-message" role="status">{message}</div>
                {on_top}
                {sign_in_options}
            </main>
            {switcher}
        }
    })
}

/// Says how the session ended, after a redirect to this page. Anyone can make up a URL, so people who are still signed
/// in get no message.
async fn result_message(request: &Request, workspaces: &[Arc<Workspace>], next: Option<&str>) -> Option<AnyView> {
    if let Some(next) = next
        && leads_to_interrupted(&request.console, &request.session, next).await
    {
        return Some(session_ended_notice());
    }
    let signed_out_of_all = match request.query("done").as_deref() {
        Some("signed-out") => true,
        Some("own-access-ended") => false,
        _ => return ended_session(request, workspaces, next?).await,
    };
    for workspace in workspaces {
        let is_affected = signed_out_of_all || next.is_some_and(|next| is_within(next, workspace.name()));
        if is_affected && request.actor(workspace.name()).await.is_ok() {
            return None;
        }
    }
    let (title, text) = if signed_out_of_all {
        ("You are signed out.", "The console has deleted your credential.")
    } else {
        (
            "You have been signed out.",
            "The token you signed in with no longer works. Sign in another way to continue.",
        )
    };
    Some(success_notice(title, text.to_owned()))
}

/// Says that the session has ended, to someone who was signed in and opened the page `next`.
async fn ended_session(request: &Request, workspaces: &[Arc<Workspace>], next: &str) -> Option<AnyView> {
    let sign_ins = request.session.sign_ins().await.ok()?;
    let workspace = workspaces.iter().find(|workspace| is_within(next, workspace.name()))?;
    let name = workspace.name();
    let has_ended = sign_ins.contains_key(name) && matches!(request.actor(name).await, Err(Error::SignedOut));
    has_ended.then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"Your session has ended."</b>
                    " Sign in to continue where you were."
                </p>
            </div>
        }
        .into_any()
    })
}

/// Says what happened to a form that was sent after the session had ended.
fn session_ended_notice() -> AnyView {
    view! {
        <div class="notice">
            <p>
                <b>"Your session ended. The change was not made."</b>
                " What you typed is kept for 30 minutes. Sign in as the same person, check it and confirm again."
            </p>
        </div>
    }
    .into_any()
}

/// Whether a path belongs to the workspace of this name.
fn is_within(next: &str, workspace: &str) -> bool {
    let rest = next.strip_prefix("/w/").and_then(|rest| rest.strip_prefix(workspace));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

fn sign_in_options_of(workspace: &Workspace, next: Option<&str>, error: Option<AnyView>) -> AnyView {
    let name = workspace.name().to_owned();
    let next = match next {
        Some(next) if is_within(next, &name) => next.to_owned(),
        _ => paths::tokens(&name),
    };
    let heading_id = format!("workspace-{name}");
    let labelled_by = heading_id.clone();
    let divider = workspace
        .allows_token_sign_in()
        .then(|| view! { <p class="sign-in-divider">"or use an access token"</p> });
    let oauth = workspace.oauth().map(|_| {
        view! {
            <a class="btn primary" href=paths::sign_in_oauth(&name, &next)>
                "Sign in with Databricks"
            </a>
            {divider}
        }
    });
    let token = workspace.allows_token_sign_in().then(|| token_form(&name, &next));
    view! {
        <section class="card sign-in-option" aria-labelledby=labelled_by>
            <div>
                <h2 id=heading_id>{name.clone()}</h2>
                <p class="workspace-line">
                    {environment_chip(workspace)}
                    <span class="muted mono">{workspace.url().host().to_owned()}</span>
                </p>
            </div>
            {error}
            {oauth}
            {token}
        </section>
    }
    .into_any()
}

/// The field for an access token: masked text, not a password field, because browsers offer to save passwords and fill
/// them in, whatever `autocomplete` says (Firefox: <https://bugzilla.mozilla.org/show_bug.cgi?id=956906>). The other
/// attributes are those that password managers honour (1Password, LastPass, Bitwarden, Dashlane).
fn token_form(workspace: &str, next: &str) -> AnyView {
    let field_id = format!("token-{workspace}");
    let label_for = field_id.clone();
    view! {
        <form method="post" action="/api/sign_in/with_token" class="token-form">
            <input type="hidden" name="workspace" value=workspace.to_owned() />
            <input type="hidden" name="next" value=next.to_owned() />
            <div class="field grow">
                <label for=label_for>"Access token"</label>
                <input
                    class="input masked"
                    id=field_id
                    type="text"
                    name="token"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    required
                    data-1p-ignore
                    data-lpignore="true"
                    data-bwignore
                    data-form-type="other"
                />
            </div>
            <button class="btn">"Sign in"</button>
        </form>
        <p class="muted">
            "Use a personal access token or an OAuth token of a workspace admin. It is stored encrypted and never \
             displayed."
        </p>
    }
    .into_any()
}
