//! The card above a token list that is filtered by one owner: who it is, and the numbers of their tokens.

use console::{Actor, Snapshot};
use domain::{Owner, TokenQuery};
use leptos::prelude::*;

use super::detail::{heading, of_owner, revoke_all};
use super::numbers::counters;
use crate::components::group_digits;
use crate::http::paths;

/// How many others of the same name are listed.
const MAX_NAMESAKES: usize = 2;

/// The card. `None` if the filter names no owner, or could name several.
pub(crate) fn owner_band(actor: &Actor, snapshot: &Snapshot, query: &TokenQuery) -> Option<AnyView> {
    let inventory = &snapshot.inventory;
    let id = inventory.directory().resolve(&query.owner)?;
    let workspace = actor.workspace().name();
    let owner = inventory.directory().owner(Some(id));
    let listed = inventory.listed_page(&of_owner(id));
    if listed.page.matching == 0 {
        return None;
    }
    let name = heading(owner, id);
    let revoke = revoke_all(actor, snapshot, id, listed.page.matching, &name);
    let band = view! {
        <section class="card band owner-band" aria-label="Owner">
            <p>
                <a href=paths::principal(workspace, id)>
                    <bdi>{name}</bdi>
                </a>
                <small>{detail(owner)}</small>
                {namesakes(workspace, snapshot, owner)}
            </p>
            {counters(workspace, id, &listed.facets, snapshot)}
            {revoke}
        </section>
    };
    Some(band.into_any())
}

/// Others of the same name, with the number of their tokens: they are easily mistaken for this owner.
fn namesakes(workspace: &str, snapshot: &Snapshot, owner: Owner<'_>) -> Option<AnyView> {
    let Owner::Known(principal) = owner else { return None };
    let all = snapshot.inventory.directory().namesakes(principal);
    let label = match all.len() {
        0 => return None,
        1 => "Not included: namesake ",
        _ => "Not included: namesakes ",
    };
    let links = all.iter().take(MAX_NAMESAKES).enumerate().map(|(i, namesake)| {
        let tokens = snapshot.inventory.matching_count(&of_owner(namesake.id));
        view! {
            {(i > 0).then_some(", ")}
            <a href=paths::tokens_with(workspace, &of_owner(namesake.id))>
                <bdi>{namesake.name.clone()}</bdi>
            </a>
            {format!(" ({})", group_digits(tokens))}
        }
    });
    let more = all.len().checked_sub(MAX_NAMESAKES).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {} more", group_digits(more)));
    Some(view! { <small>{label} {links.collect_view()} {more}</small> }.into_any())
}

/// The owner's kind and sign-in name.
fn detail(owner: Owner<'_>) -> String {
    match owner {
        Owner::Known(principal) => {
            let state = if principal.active { "active" } else { "deactivated" };
            format!("{} \u{b7} {} \u{b7} {state}", principal.name, principal.kind.label())
        }
        Owner::Gone(_) => "not in this workspace".to_owned(),
        Owner::Unknown(_) => "unknown owner".to_owned(),
        Owner::NotLoaded(_) | Owner::NotReported => "name unavailable".to_owned(),
    }
}
