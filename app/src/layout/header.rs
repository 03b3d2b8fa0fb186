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
        _ if console.is_read_only() => Some("read-only"),
        Role::Auditor => Some("auditor"),
        Role::Admin => None,
    };
    view! {
        <header class=format!("top c-{}", workspace.colour().name())>
            <a class="brand" href="/">
                {key_icon()}
                "PAT Console"
            </a>
            {switcher(console, workspace)}
            {limits.map(|limits| view! { <span class="chip warn">{limits}</span> })}
            <div class="me">
                <a href=paths::SESSIONS title="Your sign-ins">
                    {actor.user_name().to_owned()}
                    <small>{format!("signed in by {}", credential(actor.kind()))}</small>
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
        return view! { <div class="ws">{named(here)}</div> }.into_any();
    }
    let others = console.workspaces().map(|workspace| {
        let current = (workspace.name() == here.name()).then_some("true");
        view! {
            <a class=format!("ws c-{}", workspace.colour().name()) href=paths::tokens(workspace.name()) aria-current=current>
                {named(workspace)}
            </a>
        }
    });
    view! {
        <button class="ws" popovertarget="workspaces" aria-label=format!("Workspace {}, switch", here.name())>
            {named(here)}
            <span aria-hidden="true">"\u{25be}"</span>
        </button>
        <nav popover id="workspaces" class="menu" aria-label="Workspaces">
            {others.collect_view()}
            <a class="ws" href="/">
                "All workspaces"
            </a>
        </nav>
    }
    .into_any()
}

/// A workspace as it is named everywhere: label, name and host.
pub(crate) fn named(workspace: &Workspace) -> AnyView {
    view! {
        {label(workspace)}
        <b>{workspace.name().to_owned()}</b>
        <small>{workspace.url().host().to_owned()}</small>
    }
    .into_any()
}

/// What a workspace is for, in its colour.
pub(crate) fn label(workspace: &Workspace) -> Option<AnyView> {
    let label = workspace.environment()?.to_owned();
    Some(view! { <span class=format!("chip label c-{}", workspace.colour().name())>{label}</span> }.into_any())
}

/// The first line of every confirm: where it will happen.
pub(crate) fn whereabouts(workspace: &Workspace) -> AnyView {
    view! { <p class=format!("where c-{}", workspace.colour().name())>{named(workspace)}</p> }.into_any()
}

/// What a person signed in with, in words.
pub(crate) fn credential(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::PersonalAccessToken => "personal access token",
        CredentialKind::OAuth => "OAuth",
        CredentialKind::PastedOAuth => "pasted OAuth token",
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
        <nav class="side" aria-label="Main">
            {link(Area::Tokens, paths::tokens(name), "Tokens")}
            {link(Area::Activity, paths::activity(name), "Activity")}
            {link(Area::Settings, paths::advanced(name), "Settings")}
        </nav>
    }
    .into_any()
}

/// Says, where scripts run, that the sign-in is about to end. What was typed stays: one signs in again in another tab.
pub(super) fn session_end(actor: &Actor) -> AnyView {
    let seconds = actor.ends().since(console::now()) / 1000;
    let at = actor.ends().clock();
    view! {
        <div id="session-end" role="alert" data-ends-in=seconds.to_string()></div>
        <template id="session-end-words">
            <div class="notice">
                <p>
                    <b>"Your sign-in ends in two minutes or less"</b>
                    {format!(", at {at} UTC. ")}
                    <button type="button" class="link" data-stay>
                        "Stay signed in"
                    </button>
                    " If this message stays, "
                    <a href=paths::sign_in(None) target="_blank">"sign in again in another tab"</a>
                    ": what you typed here is kept."
                </p>
            </div>
        </template>
    }
    .into_any()
}

pub(super) fn off_banner(workspace: &str) -> AnyView {
    view! {
        <section class="notice danger" aria-label="Personal access tokens are off">
            <p>
                <b>"Personal access tokens are switched off."</b>
                " None of the tokens here works now. They are kept, and unexpired ones work again when it is switched on in "
                <a href=paths::advanced(workspace)>"Settings, Advanced"</a> "."
            </p>
        </section>
    }
    .into_any()
}
