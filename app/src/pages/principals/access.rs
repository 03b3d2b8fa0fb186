//! Why a user or service principal can use tokens: the grants that cover it, directly or through groups.

use console::Snapshot;
use domain::access::{AccessPath, AccessPaths, Grant, Grantee, Level};
use domain::{Known, Owner, PrincipalId, UnreadPart};
use leptos::prelude::*;

use crate::components::not_available;
use crate::http::paths;

/// The card.
pub(super) fn access_card(workspace: &str, snapshot: &Snapshot, owner: Owner<'_>, id: PrincipalId) -> AnyView {
    let access = snapshot.inventory.known_access();
    let content = match (owner, access) {
        (Owner::Gone(_), _) => text("It is not in this workspace, so no permission applies to it."),
        (Owner::Unknown(_), _) => text("Unknown: this workspace does not list it."),
        (Owner::NotLoaded(_) | Owner::NotReported, _) => text(not_available(UnreadPart::Names)),
        (Owner::Known(_), Known::NotAvailable(part)) => text(not_available(*part)),
        (Owner::Known(principal), Known::Known(access)) => match access.paths_to(id) {
            Some(paths) => grants(&paths, principal.active),
            None => text(not_available(UnreadPart::Names)),
        },
    };
    view! {
        <section class="card pad" aria-labelledby="access-heading">
            <h2 id="access-heading">"Access to tokens"</h2>
            {content}
            <a href=paths::permissions(workspace)>"Permissions of the workspace"</a>
        </section>
    }
    .into_any()
}

fn text(text: impl Into<String>) -> AnyView {
    view! { <p>{text.into()}</p> }.into_any()
}

fn grants(paths: &AccessPaths<'_>, is_active: bool) -> AnyView {
    let summary = match (paths.certain.is_empty(), paths.unknown.is_empty()) {
        (false, _) if is_active => "Can use tokens, through:",
        (false, _) => {
            "Deactivated. Whether its tokens still work is not documented. Once it is active again, it can use tokens, \
             through:"
        }
        (true, false) => "Unknown: it may be able to use tokens through groups whose members are not all known:",
        (true, true) => "It has no permission to use tokens.",
    };
    let certain = paths.certain.iter().map(certain_line).collect_view();
    let also_unknown = (!paths.certain.is_empty() && !paths.unknown.is_empty())
        .then(|| text("It may be in these groups too, whose members are not all known:"));
    let unknown = paths.unknown.iter().map(|grant| line(name(grant), detail(grant, "")));
    let is_redundant = paths.certain.len() > 1;
    let redundant = is_redundant.then(|| {
        let text = "Removing only one of these permissions changes nothing: another one gives it access too.";
        view! { <p class="hint">{text}</p> }
    });
    view! {
        <p>{summary}</p>
        {(!paths.certain.is_empty()).then(|| view! { <ul class="name-list">{certain}</ul> })}
        {redundant}
        {also_unknown}
        {(!paths.unknown.is_empty()).then(|| view! { <ul class="name-list">{unknown.collect_view()}</ul> })}
    }
    .into_any()
}

fn certain_line(path: &AccessPath<'_>) -> AnyView {
    let through: Vec<_> = path
        .through
        .iter()
        .map(|group| format!("\u{201c}{group}\u{201d}"))
        .collect();
    let through = match through.is_empty() {
        true => String::new(),
        false => format!("through {}", through.join(", in it ")),
    };
    line(name(path.grant), detail(path.grant, &through))
}

fn name(grant: &Grant) -> String {
    match &grant.grantee {
        Grantee::Group(name) => name.clone(),
        Grantee::User(_) | Grantee::ServicePrincipal(_) => "Its own permission".to_owned(),
    }
}

/// `group, through “etl”: Can use`.
fn detail(grant: &Grant, through: &str) -> String {
    let kind = match &grant.grantee {
        grantee if grantee.is_all_users() => "group of everyone",
        Grantee::Group(_) => "group",
        Grantee::User(_) | Grantee::ServicePrincipal(_) => "",
    };
    let where_from = [kind, through].into_iter().filter(|text| !text.is_empty());
    let where_from = where_from.collect::<Vec<_>>().join(", ");
    let level = match grant.levels.contains(&Level::CanManage) {
        true => "Can manage",
        false => "Can use",
    };
    match where_from.is_empty() {
        true => level.to_owned(),
        false => format!("{where_from}: {level}"),
    }
}

fn line(name: String, detail: String) -> AnyView {
    view! {
        <li>
            <bdi>{name}</bdi>
            " "
            <small class="muted">{detail}</small>
        </li>
    }
    .into_any()
}
