//! A token's position in a list, and the tokens next to it.

use super::Inventory;
use crate::query::{TOKENS_PAGE_SIZE, TokenQuery};
use crate::{Token, TokenId};

/// The place of a token in a list of tokens.
#[derive(Clone, Debug)]
pub struct Neighbours<'a> {
    /// The applied filters, and the order. Filters that cannot be applied are left out, as in the list.
    pub query: TokenQuery,
    /// How many tokens pass the filters, on all pages.
    pub matching: usize,
    /// How many of them come before the token. `None` if the token does not pass the filters, or does not exist.
    pub position: Option<usize>,
    /// The nearest token before it that passes the filters.
    pub previous: Option<&'a Token>,
    /// The nearest token after it that passes the filters.
    pub next: Option<&'a Token>,
}

impl Neighbours<'_> {
    /// The list, on the page that shows the token at `position`.
    pub fn list_at(&self, position: usize) -> TokenQuery {
        self.query.on_page(position / TOKENS_PAGE_SIZE)
    }
}

impl Inventory {
    /// The position of a token in the list of `query`. Even a token that does not pass the filters has neighbours, as
    /// if it did.
    pub fn neighbours(&self, query: &TokenQuery, id: &TokenId) -> Neighbours<'_> {
        let query = self.unread().without_unread_filters(query);
        let passing = self.matches(&query);
        let passes = |i: &&u32| passing.as_ref().is_none_or(|passing| passing[**i as usize]);
        let order = self.order(query.sort);
        let at = self
            .position_of(id)
            .and_then(|i| order.iter().position(|other| *other == i));
        let (before, after) = match at {
            Some(at) => (&order[..at], &order[at + 1..]),
            None => (&order[..0], &order[..0]),
        };
        let token = |i: &u32| &self.tokens[*i as usize];
        Neighbours {
            matching: order.iter().filter(passes).count(),
            position: at.and_then(|at| passes(&&order[at]).then(|| before.iter().filter(passes).count())),
            previous: before.iter().rev().find(passes).map(token),
            next: after.iter().find(passes).map(token),
            query,
        }
    }
}
