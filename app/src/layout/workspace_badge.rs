//! A workspace's badge, used everywhere: environment, name and host, in the workspace's colour.

use console::{Console, Workspace};
use leptos::prelude::*;

use crate::http::paths;

/// The current workspace in the header. If there are several, it opens a menu of them, which works without scripts.
pub(super) fn workspace_switcher(console: &Console, current: &Workspace) -> AnyView {
    if console.workspaces().count() < 2 {
        return view! { <div class="workspace-badge">{workspace_name(current)}</div> }.into_any();
    }
    let links = console.workspaces().map(|workspace| {
        let is_current = (workspace.name() == current.name()).then_some("true");
        let class = format!("workspace-badge tone-{}", workspace.colour().name());
        view! {
            <a class=class href=paths::tokens(workspace.name()) aria-current=is_current>
                {workspace_name(workspace)}
            </a>
        }
    });
    view! {
        <button class="workspace-badge" popovertarget="workspaces" aria-label=switcher_label(current)>
            {workspace_name(current)}
            <span aria-hidden="true">"\u{25be}"</span>
        </button>
        <nav popover id="workspaces" class="menu" aria-label="Workspaces">
            {links.collect_view()}
            <a class="workspace-badge" href="/">
                "All workspaces"
            </a>
        </nav>
    }
    .into_any()
}

/// The accessible name of the menu button: its visible text, then what it does.
fn switcher_label(current: &Workspace) -> String {
    let environment = current.environment().map(|environment| format!("{environment} "));
    let environment = environment.unwrap_or_default();
    let (name, host) = (current.name(), current.url().host());
    format!("{environment}{name} {host}, switch workspace")
}

/// Environment, name and host.
pub(crate) fn workspace_name(workspace: &Workspace) -> AnyView {
    view! {
        {environment_chip(workspace)}
        <b>{workspace.name().to_owned()}</b>
        <small>{workspace.url().host().to_owned()}</small>
    }
    .into_any()
}

/// The workspace's environment in its colour, if it has one.
pub(crate) fn environment_chip(workspace: &Workspace) -> Option<AnyView> {
    let environment = workspace.environment()?.to_owned();
    let class = format!("chip label tone-{}", workspace.colour().name());
    Some(view! { <span class=class>{environment}</span> }.into_any())
}

/// The first line of every confirmation: the workspace in which the change will be made.
pub(crate) fn workspace_heading(workspace: &Workspace) -> AnyView {
    let class = format!("workspace-line tone-{}", workspace.colour().name());
    view! { <p class=class>{workspace_name(workspace)}</p> }.into_any()
}
