//! Users and service principals that match a search, for when no token in the list does.

use domain::{Directory, Principal, PrincipalId};
use leptos::prelude::*;

use crate::components::token_cells::display_name;

/// How many are listed. Someone who is not listed is found by more of their name.
const MAX_PEOPLE: usize = 8;

/// Those whose names contain each word of `search`, or who have it as their ID: people without tokens are in no list.
pub(super) fn people_named<'a>(directory: &'a Directory, search: &str) -> Vec<&'a Principal> {
    let search = search.to_lowercase();
    let matches = |principal: &&Principal| {
        let names = format!("{} {}", principal.display_name, principal.name).to_lowercase();
        let mut words = search.split_whitespace();
        principal.id.to_string() == search || words.all(|word| names.contains(word))
    };
    let mut found: Vec<_> = directory.principals().filter(matches).collect();
    found.sort_by_key(|principal| (display_name(principal).to_lowercase(), principal.id));
    found.truncate(MAX_PEOPLE);
    found
}

/// A list of links to them, with details that distinguish those of the same name.
pub(super) fn people_links(people: Vec<&Principal>, href: impl Fn(PrincipalId) -> String) -> AnyView {
    let links = people.into_iter().map(|principal| {
        let label = display_name(principal).to_owned();
        let (name, kind) = (&principal.name, principal.kind.label());
        let detail = match *name == label {
            true => kind.to_owned(),
            false => format!("{name} \u{b7} {kind}"),
        };
        view! {
            <li>
                <a href=href(principal.id)>
                    <bdi>{label}</bdi>
                </a>
                " "
                <small>
                    <bdi>{detail}</bdi>
                </small>
            </li>
        }
    });
    view! { <ul class="people">{links.collect_view()}</ul> }.into_any()
}
