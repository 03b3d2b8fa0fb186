//! What is around the pages of a workspace: where one is, who one is, and the ways elsewhere.

use console::{Actor, Console, CredentialKind, Role, Workspace};
use leptos::prelude::*;

use super::Area;
use crate::components::key_icon;
use crate::http::paths;

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
            <a class="brand" href="/">
                {key_icon()}
                "PAT Console"
            </a>
            {switcher(console, workspace)}
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

/// Ends every sign-in of this browser.
pub(crate) fn sign_out_form() -> AnyView {
    view! {
        <form method="post" action="/api/sign_in/sign_out">
            <button class="btn">"Sign out"</button>
        </form>
    }
    .into_any()
}

/// Which workspace this is; with several, a menu of them that needs no script.
fn switcher(console: &Console, here: &Workspace) -> AnyView {
    if console.workspaces().count() < 2 {
        return view! { <div class="workspace-badge">{workspace_name(here)}</div> }.into_any();
    }
    let others = console.workspaces().map(|workspace| {
        let current = (workspace.name() == here.name()).then_some("true");
        view! {
            <a class=format!("workspace-badge tone-{}", workspace.colour().name()) href=paths::tokens(workspace.name()) aria-current=current>
                {workspace_name(workspace)}
            </a>
        }
    });
    view! {
        <button class="workspace-badge" popovertarget="workspaces" aria-label=switcher_name(here)>
            {workspace_name(here)}
            <span aria-hidden="true">"\u{25be}"</span>
        </button>
        <nav popover id="workspaces" class="menu" aria-label="Workspaces">
            {others.collect_view()}
            <a class="workspace-badge" href="/">
                "All workspaces"
            </a>
        </nav>
    }
    .into_any()
}

/// What the button of the menu shows, and then what it does.
fn switcher_name(here: &Workspace) -> String {
    let environment = here.environment().map(|environment| format!("{environment} "));
    let environment = environment.unwrap_or_default();
    format!("{environment}{} {}, switch workspace", here.name(), here.url().host())
}

/// A workspace as it is named everywhere: label, name and host.
pub(crate) fn workspace_name(workspace: &Workspace) -> AnyView {
    view! {
        {environment_chip(workspace)}
        <b>{workspace.name().to_owned()}</b>
        <small>{workspace.url().host().to_owned()}</small>
    }
    .into_any()
}

/// What a workspace is for, in its colour.
pub(crate) fn environment_chip(workspace: &Workspace) -> Option<AnyView> {
    let label = workspace.environment()?.to_owned();
    Some(view! { <span class=format!("chip label tone-{}", workspace.colour().name())>{label}</span> }.into_any())
}

/// The first line of every confirm: where it will happen.
pub(crate) fn workspace_heading(workspace: &Workspace) -> AnyView {
    view! { <p class=format!("workspace-line tone-{}", workspace.colour().name())>{workspace_name(workspace)}</p> }
        .into_any()
}

/// What a person signed in with, in words.
pub(crate) fn credential_label(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::PersonalAccessToken => "personal access token",
        CredentialKind::OAuth => "OAuth",
        CredentialKind::PastedOAuth => "OAuth token",
    }
}

/// The same with its article, to follow "signed in with".
pub(crate) fn signed_in_with(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::PersonalAccessToken => "a personal access token",
        CredentialKind::OAuth => "OAuth",
        CredentialKind::PastedOAuth => "an OAuth token",
    }
}

pub(super) fn navigation(actor: &Actor, area: Area) -> AnyView {
    let name = actor.workspace().name();
    let link = |of: Area, href: String, label: &'static str| {
        let current = (of == area).then_some("page");
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

/// Says, where scripts run, that the sign-in is about to end. What was typed stays: one signs in again in another tab.
pub(super) fn session_expiry_notice(actor: &Actor) -> AnyView {
    let seconds = actor.ends_at().duration_since(console::now()).as_secs();
    let at = actor.ends_at().time_of_day();
    view! {
        <div id="session-end" role="alert" data-ends-in=seconds.to_string()></div>
        <template id="session-end-words">
            <div class="notice">
                <p>
                    <b>{format!("Your session ends at {at} UTC.")}</b>
                    " "
                    <button type="button" class="link" data-extend-session>
                        "Stay signed in"
                    </button>
                    " If that fails, "
                    <a href=paths::sign_in(None) target="_blank">"sign in again in another tab"</a>
                    "; what you typed here is kept."
                </p>
            </div>
        </template>
        <template id="session-ended-words">
            <div class="notice">
                <p>
                    <b>"Your session has ended."</b>
                    " "
                    <a href=paths::sign_in(None) target="_blank">"Sign in"</a>
                    " to continue."
                </p>
            </div>
        </template>
    }
    .into_any()
}

pub(super) fn disabled_banner(workspace: &str) -> AnyView {
    view! {
        <section class="notice danger" aria-label="Personal access tokens are disabled">
            <p>
                <b>{format!("Personal access tokens are disabled in {workspace}.")}</b>
                " No token works until they are enabled again in " <a href=paths::settings(workspace)>"Settings"</a>
                ". Nothing has been deleted."
            </p>
        </section>
    }
    .into_any()
}
