//! How a grant is shown: its grantee, how many members that has, and how many active tokens these own.

use console::Snapshot;
use domain::access::{Grantee, Membership};
use domain::{Directory, TokenCount};
use leptos::prelude::*;

use crate::components::{count_of, group_digits, number_of, sentence};
use crate::http::paths;

/// The display name, which leads to the page of a user or service principal, the name that the workspace identifies it
/// by, and chips for what is unusual about it.
pub(super) fn grantee_label(
    workspace: &str,
    membership: &Membership,
    directory: &Directory,
    display_name: Option<&str>,
    grantee: &Grantee,
) -> AnyView {
    let is_group = matches!(grantee, Grantee::Group(_));
    let principal = membership.principal(grantee).and_then(|id| directory.get(id));
    let display_name = display_name.or(principal.map(|p| p.display_name.as_str()));
    let display_name = display_name.filter(|name| !name.is_empty() && *name != grantee.name());
    let identifier = display_name.map(|_| view! { " " <small class="mono">{grantee.name().to_owned()}</small> });
    let deactivated = principal
        .is_some_and(|principal| !principal.active)
        .then(|| view! { <span class="chip danger">"Deactivated"</span> });
    let missing = (!is_group && principal.is_none() && directory.is_complete())
        .then(|| view! { <span class="chip danger">"Not in this workspace"</span> });
    let everyone = grantee
        .is_all_users()
        .then(|| view! { <span class="chip warn">"Everyone"</span> });
    let ambiguous = (is_group && membership.is_ambiguous(grantee.name()))
        .then(|| view! { <span class="chip warn">"Several groups have this name"</span> });
    let name = display_name.unwrap_or(grantee.name()).to_owned();
    let name = match principal.filter(|_| !is_group) {
        Some(principal) => view! {
            <a href=paths::principal(workspace, principal.id)>
                <bdi class="name">{name}</bdi>
            </a>
        }
        .into_any(),
        None => view! { <bdi class="name">{name}</bdi> }.into_any(),
    };
    view! {
        {name}
        {identifier}
        " "
        <span class="chips">
            <span class="chip">{kind_label(grantee)}</span>
            {deactivated}
            {missing}
            {everyone}
            {ambiguous}
        </span>
    }
    .into_any()
}

/// The kind of a grantee, as the text of a chip.
pub(super) fn kind_label(grantee: &Grantee) -> &'static str {
    match grantee {
        Grantee::User(_) => "User",
        Grantee::Group(_) => "Group",
        Grantee::ServicePrincipal(_) => "Service principal",
    }
}

/// `“data-platform”, “analytics”`: names within a sentence.
pub(super) fn quoted<'a>(grantees: impl IntoIterator<Item = &'a Grantee>) -> String {
    let names = grantees.into_iter().map(|g| format!("\u{201c}{}\u{201d}", g.name()));
    names.collect::<Vec<_>>().join(", ")
}

/// `1 person or service principal`, `1,284 people and service principals`.
pub(super) fn people_and_services(n: usize) -> String {
    match n {
        1 => "1 person or service principal".to_owned(),
        n => format!("{} people and service principals", group_digits(n)),
    }
}

/// How many members a grantee has, how many active tokens they own, and how many of those were used in the last 7 days.
/// If only some of its members are known, the three are lower bounds; if none is, they are not available.
pub(super) fn reach_cells(membership: &Membership, snapshot: &Snapshot, grantee: &Grantee) -> (String, String, String) {
    let reach = membership.known_reach(grantee);
    let people = reach.principals;
    if reach.is_lower_bound && people.is_empty() {
        let not_available = || "Not available".to_owned();
        return (not_available(), not_available(), not_available());
    }
    let (mut tokens, mut recently_used) = (0, 0);
    for id in membership.ids(&people) {
        let active = snapshot.inventory.active_tokens_of(id);
        tokens += active.tokens;
        recently_used += active.recently_used;
    }
    let members = match grantee {
        Grantee::Group(_) => people_and_services(people.len()),
        Grantee::User(_) if people.is_empty() => "0 people".to_owned(),
        Grantee::User(_) => "1 person".to_owned(),
        Grantee::ServicePrincipal(_) => count_of(people.len(), "service principal"),
    };
    let unread = snapshot.inventory.unread();
    let number = |n| {
        sentence(&number_of(match reach.is_lower_bound {
            true => TokenCount::AtLeast(n),
            false => unread.count(n),
        }))
    };
    let members = match reach.is_lower_bound {
        true => format!("At least {members}"),
        false => members,
    };
    (members, number(tokens), number(recently_used))
}
