//! Results of the inventory: one page of a list, and the numbers of an owner.

use super::Facets;
use crate::query::{TOKENS_PAGE_SIZE, TokenQuery};
use crate::{Token, UnreadPart};

/// How many active tokens an owner has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActiveTokens {
    /// All of the owner's active tokens.
    pub tokens: usize,
    /// Those used today or on one of the seven days before.
    pub recently_used: usize,
}

/// One page of a list of tokens.
#[derive(Clone, Debug)]
pub struct TokenPage<'a> {
    /// Its tokens, in order; at most [`TOKENS_PAGE_SIZE`].
    pub tokens: Vec<&'a Token>,
    /// How many tokens pass the filters, on all pages.
    pub matching: usize,
    /// The number of the page, counted from 0: the requested page, or the last one if that is beyond the end.
    pub number: usize,
    /// The number of pages; at least 1.
    pub pages: usize,
}

impl TokenPage<'_> {
    /// The position of the first row among the matching tokens, counted from 1; 0 on an empty page.
    pub fn first(&self) -> usize {
        if self.tokens.is_empty() {
            0
        } else {
            self.number * TOKENS_PAGE_SIZE + 1
        }
    }

    /// The position of the last row among the matching tokens.
    pub fn last(&self) -> usize {
        self.number * TOKENS_PAGE_SIZE + self.tokens.len()
    }
}

/// One page of a list for people to look at, without the filters that cannot be applied.
#[derive(Clone, Debug)]
pub struct ListedPage<'a> {
    /// The filters that were applied.
    pub query: TokenQuery,
    /// The filters that were not applied: the URL parameter, and which data is missing.
    pub left_out: Vec<(&'static str, UnreadPart)>,
    /// The page.
    pub page: TokenPage<'a>,
    /// How many tokens each filter option would show.
    pub facets: Facets,
    /// Whether the owner filter matches no principal, or several. In that case no token is listed.
    pub is_owner_unknown: bool,
}
