//! Tables of tokens with the scopes that each keeps and loses, and the list of undocumented states.

use console::{Actor, Snapshot};
use domain::{
    ForeseenScopes, Narrowing, NarrowsWithin, Owner, ScopeState, ScopeStateFilter, Timestamp, Token, TokenQuery,
};
use leptos::prelude::*;

use super::with_state;
use crate::components::{Cell, Column, DataTable, TableName, count_of, date_of, token_cells, tokens_of};
use crate::http::paths;
use crate::http::time_zone::PageTimeZone;

/// How many undocumented states are listed: a workspace could report any number of them.
const MAX_NAMED_STATES: usize = 20;

/// How many tokens with a proposal are shown: they are not urgent.
const MAX_PROPOSALS: usize = 5;

/// How many scopes a cell names.
const MAX_SCOPES_NAMED: usize = 6;

/// The tokens whose scopes are reduced first. `None` without any.
pub(super) fn narrowing_table(actor: &Actor, snapshot: &Snapshot) -> Option<AnyView> {
    let numbers = snapshot.inventory.scope_numbers();
    let table = Table {
        actor,
        snapshot,
        positions: numbers.soonest(),
        all: numbers.within(NarrowsWithin::Days30),
        query: TokenQuery {
            narrows_within: Some(NarrowsWithin::Days30),
            ..TokenQuery::default()
        },
        order: "first to be limited at the top",
        has_end: true,
    };
    table.view()
}

/// The most recently used tokens with a proposal. `None` without any.
pub(super) fn proposals_table(actor: &Actor, snapshot: &Snapshot) -> Option<AnyView> {
    let numbers = snapshot.inventory.scope_numbers();
    let table = Table {
        actor,
        snapshot,
        positions: numbers.proposals().get(..MAX_PROPOSALS).unwrap_or(numbers.proposals()),
        all: numbers.of(ScopeState::Proposal),
        query: with_state(ScopeState::Proposal),
        order: "most recently used at the top",
        has_end: false,
    };
    table.view()
}

struct Table<'a> {
    actor: &'a Actor,
    snapshot: &'a Snapshot,
    positions: &'a [u32],
    /// The number of tokens in the whole list.
    all: usize,
    /// The filter that shows the whole list.
    query: TokenQuery,
    order: &'static str,
    /// Whether the table has a column with the day of the reduction, rather than of the last use.
    has_end: bool,
}

impl Table<'_> {
    fn view(&self) -> Option<AnyView> {
        if self.positions.is_empty() {
            return None;
        }
        let workspace = self.actor.workspace().name();
        let inventory = &self.snapshot.inventory;
        let tokens = self.positions.iter().filter_map(|position| inventory.at(*position));
        let caption = match self.all > self.positions.len() {
            true => format!(
                "What each keeps and loses: the first {}, {}.",
                self.positions.len(),
                self.order
            ),
            false => format!("What each keeps and loses, {}.", self.order),
        };
        let rest = (self.all > self.positions.len()).then(|| {
            let all = tokens_of(inventory.unread().count(self.all), "token");
            view! {
                <p class="scopes-rest">
                    <a href=paths::tokens_with(workspace, &self.query)>{format!("All {all}")}</a>
                </p>
            }
        });
        let table = DataTable {
            class: Some("scopes-table"),
            name: TableName::Caption(caption.into()),
            columns: [
                Column::name("Token"),
                Column::value("Owner"),
                Column::value("Keeps"),
                Column::value("Loses"),
                Column::value(if self.has_end { "About when" } else { "Last used" }),
            ],
        };
        let table = table.view(tokens.map(|token| self.row(token)));
        Some(view! { {table} {rest} }.into_any())
    }

    fn row(&self, token: &Token) -> [Cell; 5] {
        let (workspace, now) = (self.actor.workspace().name(), self.snapshot.inventory.as_of());
        let foreseen = ForeseenScopes::of(token, now);
        let (keeps, loses) = foreseen.as_ref().map(effect).unwrap_or_default();
        let last = match self.has_end {
            true => about_when(token, now),
            false => token_cells::last_used(token, now.day()),
        };
        let link = token_cells::link(
            paths::token(workspace, &token.id),
            token_cells::comment(token),
            &token.id,
        );
        [
            Cell::new(link),
            Cell::new(owner(workspace, self.snapshot.inventory.owner(token))),
            Cell::new(keeps),
            Cell::new(loses),
            Cell::new(last),
        ]
    }
}

/// The scopes that a token keeps and loses, as text.
fn effect(foreseen: &ForeseenScopes) -> (String, String) {
    let keeps = match foreseen.keeps.as_slice() {
        [] if foreseen.loses.is_none() => "nothing seen".to_owned(),
        [] => "nothing".to_owned(),
        scopes => names(scopes),
    };
    let loses = match foreseen.loses.as_deref() {
        None => "unknown".to_owned(),
        Some([]) => "nothing".to_owned(),
        Some(scopes) => names(scopes),
    };
    (keeps, loses)
}

/// `sql, files`, shortened after [`MAX_SCOPES_NAMED`].
fn names(scopes: &[String]) -> String {
    match scopes.get(..MAX_SCOPES_NAMED) {
        Some(first) if scopes.len() > MAX_SCOPES_NAMED => {
            format!("{} and {} more", first.join(", "), scopes.len() - MAX_SCOPES_NAMED)
        }
        _ => scopes.join(", "),
    }
}

/// The owner's name, as a link to the owner's page.
fn owner(workspace: &str, owner: Owner<'_>) -> AnyView {
    let id = match owner {
        Owner::Known(principal) => principal.id,
        Owner::Gone(id) | Owner::Unknown(id) | Owner::NotLoaded(id) => id,
        Owner::NotReported => return "No owner given".into_any(),
    };
    let name = match owner {
        Owner::Known(principal) => token_cells::display_name(principal).to_owned(),
        _ => id.to_string(),
    };
    view! {
        <a href=paths::principal(workspace, id)>
            <bdi>{name}</bdi>
        </a>
    }
    .into_any()
}

fn about_when(token: &Token, now: Timestamp) -> AnyView {
    let end = match Narrowing::of(token, now) {
        Some(Narrowing::About(end)) => end,
        Some(Narrowing::Due) => return "at any time".into_any(),
        _ => return "unknown".into_any(),
    };
    let zone = PageTimeZone::current();
    let days = usize::try_from(zone.day(end).days_since(zone.day(now))).unwrap_or_default();
    let distance = match days {
        0 => "today".to_owned(),
        days => format!("in {}", count_of(days, "day")),
    };
    view! {
        {distance}
        <small>{date_of(end)}</small>
    }
    .into_any()
}

/// The undocumented states, each with a link to its tokens.
pub(super) fn named_states(workspace: &str, snapshot: &Snapshot) -> Option<AnyView> {
    let unread = snapshot.inventory.unread();
    let named = snapshot.inventory.scope_numbers().named();
    let named = named.filter_map(|(name, tokens)| Some((ScopeStateFilter::named(name)?, name, tokens)));
    let items: Vec<_> = named
        .take(MAX_NAMED_STATES)
        .map(|(filter, name, tokens)| {
            let query = TokenQuery {
                scope_state: Some(filter),
                ..TokenQuery::default()
            };
            let (name, tokens) = (name.to_owned(), tokens_of(unread.count(tokens), "token"));
            view! {
                <li>
                    <code>{name.clone()}</code>
                    <a href=paths::tokens_with(workspace, &query)>
                        {tokens}
                        <span class="visually-hidden">{format!(" in the state {name}")}</span>
                    </a>
                </li>
            }
        })
        .collect();
    (!items.is_empty()).then(|| {
        view! {
            <ul class="scope-states" aria-label="States by name">
                {items}
            </ul>
        }
        .into_any()
    })
}
