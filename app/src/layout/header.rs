//! The top of a page and the navigation beside it.

use console::{Actor, Console, CredentialKind, Role};
use leptos::prelude::*;

use super::page::Area;
use super::workspace_badge::workspace_switcher;
use crate::components::key_icon;
use crate::http::paths;
use crate::http::request::Request;
use crate::problem::Failure;

/// The top of a workspace's pages. Its edge has the workspace's colour.
pub(super) fn header(console: &Console, actor: &Actor) -> AnyView {
    let workspace = actor.workspace();
    let limits = match actor.role() {
        _ if console.is_read_only() => Some("Read-only console"),
        Role::Auditor => Some("Auditor (view only)"),
        Role::Admin => None,
    };
    view! {
        <header class=format!("top tone-{}", workspace.colour().name())>
            {brand()}
            {workspace_switcher(console, workspace)}
            {limits.map(|limits| view! { <span class="chip warn">{limits}</span> })}
            <div class="account">
                <a href=paths::SESSIONS title="Your sessions">
                    {actor.user_name().to_owned()}
                    <small>{format!("Signed in with {}", signed_in_with(actor.kind()))}</small>
                </a>
                {sign_out_form()}
            </div>
        </header>
    }
    .into_any()
}

/// The console's name, which leads to the start page.
pub(super) fn brand() -> AnyView {
    view! {
        <a class="brand" href="/">
            {key_icon()}
            "PAT Console"
        </a>
    }
    .into_any()
}

/// Ends every sign-in of this browser.
pub(super) fn sign_out_form() -> AnyView {
    view! {
        <form method="post" action="/api/sign_in/sign_out">
            <button class="btn">"Sign out"</button>
        </form>
    }
    .into_any()
}

/// The kind of a credential.
pub(crate) fn credential_label(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::PersonalAccessToken => "personal access token",
        CredentialKind::OAuth => "OAuth",
        CredentialKind::PastedOAuth => "OAuth token",
    }
}

/// The kind of a credential with its article, to follow "signed in with".
pub(crate) fn signed_in_with(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::PersonalAccessToken => "a personal access token",
        CredentialKind::OAuth => "OAuth",
        CredentialKind::PastedOAuth => "an OAuth token",
    }
}

pub(super) fn navigation(actor: &Actor, current: Area) -> AnyView {
    let name = actor.workspace().name();
    let link = |area: Area, href: String, label: &'static str| {
        let current = (area == current).then_some("page");
        view! {
            <a href=href aria-current=current>
                {label}
            </a>
        }
    };
    view! {
        <nav class="side-nav" aria-label="Main">
            {link(Area::Tokens, paths::tokens(name), "Tokens")}
            {link(Area::Activity, paths::activity(name), "Activity")}
            {link(Area::Settings, paths::settings(name), "Settings")}
        </nav>
    }
    .into_any()
}

/// Ends the browser session and all its sign-ins.
#[server(prefix = "/api", endpoint = "sign_in/sign_out")]
pub(crate) async fn sign_out() -> Result<(), Failure> {
    let request = Request::current();
    let sign_ins = request.session.all_sign_ins().await;
    let ids: Vec<_> = sign_ins.into_iter().map(|(_, id)| id).collect();
    request
        .console
        .sign_out_all(&ids)
        .await
        .map_err(|error| request.fail_form(request.problem(&error)))?;
    // What is left of the session has no valid sign-in.
    request
        .session
        .end()
        .await
        .map_err(|error| request.fail_form(request.internal(&error)))?;
    request.redirect(&paths::with_param(&paths::sign_in(None), "done", "signed-out"));
    Ok(())
}
