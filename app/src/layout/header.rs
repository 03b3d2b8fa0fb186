//! The bar at the top of a workspace's pages: the workspace, the navigation, the search and the account.

use console::bulk::RunningBulk;
use console::{Actor, Console, CredentialKind, Role};
use domain::TokenCount;
use leptos::prelude::*;

use super::account_menu::account_menu;
use super::page::Area;
use super::workspace_badge::workspace_switcher;
use crate::components::bulk_noun;
use crate::components::group_digits;
use crate::http::paths;
use crate::http::request::Request;
use crate::islands::bulk_events::{RUNNING_BULK_ID, progress_label, progress_text};
use crate::problem::Failure;

/// The bar, with the workspace's colour at its top edge. `act_now` is the number of tokens that need action now, if
/// known.
pub(super) fn header(
    request: &Request,
    actor: &Actor,
    area: Area,
    running: Option<&RunningBulk>,
    act_now: Option<TokenCount>,
) -> AnyView {
    let workspace = actor.workspace();
    view! {
        <header class=format!("bar tone-{}", workspace.colour().name())>
            <div class="bar-content">
                {brand()}
                {workspace_switcher(&request.console, workspace)}
                {navigation(actor, area, act_now)}
                {limits(&request.console, actor).map(|limits| view! { <span class="chip warn">{limits}</span> })}
                {search_form(workspace.name())}
                <div id=RUNNING_BULK_ID>{running.map(|running| running_bulk(workspace.name(), running))}</div>
                {account_menu(request, actor)}
            </div>
        </header>
    }
    .into_any()
}

/// A link to the running bulk revocation, with its progress. With scripts, the link and the tab's title are updated
/// (`islands/bulk_events.rs`).
fn running_bulk(workspace: &str, running: &RunningBulk) -> AnyView {
    view! {
        <a
            class="chip"
            href=paths::bulk_detail(workspace, &running.id)
            data-running-events=paths::bulk_events(workspace, &running.id)
            aria-label=progress_label(bulk_noun(running.kind), running.settled, running.total)
        >
            {progress_text(running.settled, running.total)}
        </a>
        {(running.others > 0).then(|| {
            view! {
                <a
                    class="chip"
                    href=paths::bulk_list(workspace)
                    aria-label=format!("+{}: other bulk changes that are running", running.others)
                >
                    {format!("+{}", running.others)}
                </a>
            }
        })}
    }
    .into_any()
}

/// Why this person cannot make changes here.
fn limits(console: &Console, actor: &Actor) -> Option<&'static str> {
    match actor.role() {
        _ if console.is_read_only() => Some("Read-only console"),
        Role::Auditor => Some("Auditor (view only)"),
        Role::Admin => None,
    }
}

/// The console's name, as a link to the start page.
pub(crate) fn brand() -> AnyView {
    view! {
        <a class="brand" href="/" aria-label="PAT Console">
            <span>"PAT Console"</span>
        </a>
    }
    .into_any()
}

/// Ends all sign-ins of this browser.
pub(super) fn sign_out_form() -> AnyView {
    view! {
        <form method="post" action="/api/sign_in/sign_out">
            <button class="btn">"Sign out"</button>
        </form>
    }
    .into_any()
}

/// The name of a kind of credential.
pub(crate) fn credential_label(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::PersonalAccessToken => "personal access token",
        CredentialKind::OAuth => "OAuth",
        CredentialKind::PastedOAuth => "OAuth token",
    }
}

/// The name of a kind of credential with its article, to follow "signed in with".
pub(crate) fn signed_in_with(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::PersonalAccessToken => "a personal access token",
        CredentialKind::OAuth => "OAuth",
        CredentialKind::PastedOAuth => "an OAuth token",
    }
}

fn navigation(actor: &Actor, current: Area, act_now: Option<TokenCount>) -> AnyView {
    let name = actor.workspace().name();
    let link = |area: Area, href: String, label: &'static str| {
        let current = (area == current).then_some("page");
        view! {
            <a href=href aria-current=current>
                {label}
            </a>
        }
    };
    let act_now = act_now.filter(|tokens| tokens.seen() > 0).map(|tokens| {
        let text = match tokens {
            TokenCount::Exactly(n) => group_digits(n),
            TokenCount::AtLeast(n) => format!("{}+", group_digits(n)),
        };
        view! {
            " "
            <small class="num">{text}</small>
            <span class="visually-hidden">" need action now"</span>
        }
    });
    view! {
        <nav class="main-nav" aria-label="Main">
            {link(Area::Tokens, paths::tokens(name), "Tokens")}
            <a href=paths::findings(name) aria-current=(current == Area::Findings).then_some("page")>
                "Findings"
                {act_now}
            </a>
            {link(Area::Activity, paths::activity(name), "Activity")}
            {link(Area::Permissions, paths::permissions(name), "Permissions")}
            {link(Area::Settings, paths::settings(name), "Settings")}
        </nav>
    }
    .into_any()
}

/// The search. It is a POST, so that a leaked token value that someone pastes does not get into a URL. With scripts,
/// the browser hashes such a value (`islands/hash_locally.rs`).
fn search_form(workspace: &str) -> AnyView {
    view! {
        <form class="bar-search" method="post" action="/api/search" aria-label="Search" data-hash-values="if-any">
            <input type="hidden" name="workspace" value=workspace.to_owned() />
            <input
                class="input"
                id="search"
                type="search"
                name="value"
                aria-label="Search tokens, people and IDs"
                placeholder="Search, or paste a leaked value"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                required
            />
            <p class="bar-search-hint" data-hint role="alert"></p>
        </form>
    }
    .into_any()
}

/// Ends the browser session and all its sign-ins.
#[server(prefix = "/api", endpoint = "sign_in/sign_out")]
pub(crate) async fn sign_out() -> Result<(), Failure> {
    let request = Request::current();
    let signed_out = async {
        let ids: Vec<_> = request.sign_ins().await?.into_values().collect();
        request.console.sign_out_all(&ids).await
    };
    signed_out
        .await
        .map_err(|error| request.fail_form(request.problem(&error)))?;
    // The rest of the session contains no valid sign-in.
    request
        .session
        .end()
        .await
        .map_err(|error| request.fail_form(request.internal(&error)))?;
    request.redirect(&paths::with_param(&paths::sign_in(None), "done", "signed-out"));
    Ok(())
}
