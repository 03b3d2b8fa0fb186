//! The way back to the list that someone came from, and the links to the previous and next token in it.

use console::Snapshot;
use domain::{Neighbours, Token, TokenId, TokenQuery};
use leptos::prelude::*;

use super::super::table::result_count;
use super::origin::Origin;
use crate::components::{group_digits, sentence, token_cells, tokens_of};
use crate::http::paths;

/// The line above the heading. Without a snapshot, it has no token count.
pub(super) fn crumbs(workspace: &str, id: &TokenId, origin: &Origin, snapshot: Option<&Snapshot>) -> AnyView {
    let found = origin.list().zip(snapshot);
    let found = found.map(|(list, snapshot)| (snapshot.inventory.neighbours(list, id), snapshot));
    let label = match (&found, origin.list()) {
        (Some((neighbours, snapshot)), _) => list_label(neighbours, snapshot),
        (None, Some(list)) if list.is_filtered() => "Filtered tokens".to_owned(),
        (None, _) => "Personal access tokens".to_owned(),
    };
    let steps = found.map(|(neighbours, _)| steps(workspace, &neighbours, origin.is_drawer));
    let back = origin.list_url(workspace);
    let back = match origin.is_drawer {
        true => view! {
            <a href=back data-close aria-label="Close token details">
                "Close ×"
            </a>
        }
        .into_any(),
        false => view! { <a href=back>"‹ " {label}</a> }.into_any(),
    };
    let (first, last) = match origin.is_drawer {
        true => (steps, Some(back)),
        false => (Some(back), steps),
    };
    view! {
        <nav class="crumbs token-crumbs" aria-label="Position">
            {first} {last}
        </nav>
    }
    .into_any()
}

/// `41 tokens of github-actions`, or `14 of 1,276 tokens` with other filters.
fn list_label(neighbours: &Neighbours<'_>, snapshot: &Snapshot) -> String {
    let (inventory, query) = (&snapshot.inventory, &neighbours.query);
    let of_owner = TokenQuery {
        owner: query.owner.clone(),
        ..query.without_filters()
    };
    let owner = (of_owner == *query)
        .then(|| inventory.directory().resolve(&query.owner))
        .flatten();
    match owner.and_then(|owner| inventory.directory().get(owner)) {
        Some(owner) => {
            let tokens = tokens_of(inventory.unread().count(neighbours.matching), "token");
            format!("{} of {}", sentence(&tokens), token_cells::display_name(owner))
        }
        None => result_count(neighbours.matching, inventory.counts().total, query),
    }
}

fn steps(workspace: &str, neighbours: &Neighbours<'_>, is_drawer: bool) -> AnyView {
    // After the last token of a page comes the first token of the next page.
    let step = |token: Option<&Token>, position: Option<usize>, key: &'static str, label: &'static str| {
        let token = token?;
        let list = match position {
            Some(position) => neighbours.list_at(position),
            None => neighbours.query.clone(),
        };
        let url = Origin::with_list(list).add_to(&paths::token(workspace, &token.id));
        let link = view! {
            <a href=url aria-keyshortcuts=key data-drawer=is_drawer rel=if key == "k" { "prev" } else { "next" }>
                {label}
                <span class="visually-hidden">" token"</span>
            </a>
        };
        Some(link)
    };
    let position = neighbours.position;
    let before = position.and_then(|position| position.checked_sub(1));
    let place = match position {
        Some(position) => format!(
            "{} of {}",
            group_digits(position + 1),
            group_digits(neighbours.matching)
        ),
        None => "No longer in this list".to_owned(),
    };
    view! {
        <span class="token-steps">
            {step(neighbours.previous, before, "k", "‹ Previous")} <span class="num">{place}</span>
            {step(neighbours.next, position.map(|position| position + 1), "j", "Next ›")}
        </span>
    }
    .into_any()
}
