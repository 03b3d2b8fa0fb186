//! How a grant is shown: whom it names, whom it reaches, and which live tokens are behind it.

use console::Snapshot;
use domain::Directory;
use domain::access::{Grantee, Membership};
use leptos::prelude::*;

use crate::components::{count, grouped};

/// The name for people, and beside it what tells namesakes apart.
pub(super) fn grantee(
    membership: &Membership,
    directory: &Directory,
    display_name: Option<&str>,
    grantee: &Grantee,
) -> AnyView {
    let is_group = matches!(grantee, Grantee::Group(_));
    let principal = membership.principal(grantee).and_then(|id| directory.get(id));
    let given = display_name.or(principal.map(|p| p.display_name.as_str()));
    let given = given.filter(|given| !given.is_empty() && *given != grantee.name());
    let below = given.map(|_| view! { " " <small class="mono">{grantee.name().to_owned()}</small> });
    let deactivated = principal
        .is_some_and(|principal| !principal.active)
        .then(|| view! { <span class="chip danger">"deactivated"</span> });
    let gone = (!is_group && principal.is_none() && directory.is_complete())
        .then(|| view! { <span class="chip danger">"not in this workspace"</span> });
    let everybody = grantee
        .is_everybody()
        .then(|| view! { <span class="chip warn">"everyone"</span> });
    let namesakes = (is_group && membership.has_namesakes(grantee.name()))
        .then(|| view! { <span class="chip warn">"several groups have this name"</span> });
    view! {
        <bdi class="name">{given.unwrap_or(grantee.name()).to_owned()}</bdi>
        {below}
        " "
        <span class="marks">
            <span class="chip">{grantee.kind()}</span>
            {deactivated}
            {gone}
            {everybody}
            {namesakes}
        </span>
    }
    .into_any()
}

/// Whom a grant reaches and which live tokens they own. What cannot be told is unknown, never 0.
pub(super) fn reach(membership: &Membership, snapshot: &Snapshot, grantee: &Grantee) -> (String, String) {
    let Some(people) = membership.reach(grantee) else {
        return ("unknown".to_owned(), "unknown".to_owned());
    };
    let (mut tokens, mut recently_used) = (0, 0);
    for id in membership.ids(&people) {
        let live = snapshot.inventory.live_of(id);
        tokens += live.tokens;
        recently_used += live.recently_used;
    }
    let used = if recently_used > 0 {
        format!(", {} used in the last 7 days", grouped(recently_used))
    } else {
        String::new()
    };
    (count(people.len(), "principal"), format!("{}{used}", grouped(tokens)))
}
