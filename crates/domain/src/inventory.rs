//! All tokens of a workspace at one moment, indexed so that a page of them is found without touching the rest:
//! filter, sort and page over 100 000 tokens cost little more than one scan of their text, whichever filters are used.

mod columns;
mod facets;
mod order;
mod sieve;
mod text;

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::access::Access;
use crate::impact::recently_used;
use crate::query::{Direction, PAGE_SIZE, SortKey, TokenQuery};
use crate::{
    Directory, Expiry, Impact, Mark, MaxLifetime, Owner, PrincipalId, Status, Timestamp, Token, TokenId, mark, marks,
};
use columns::{Columns, Creators};
use text::SearchText;

pub use facets::{Facets, ScopeCount};

/// How many tokens there are, of what kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub total: usize,
    /// With status active.
    pub active: usize,
    /// Without an expiry.
    pub never_expire: usize,
    /// With status expired.
    pub expired: usize,
    /// Active and living longer than a custom limit allows new ones to.
    pub over_policy: usize,
}

/// The live tokens of one owner, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// Active tokens.
    pub tokens: usize,
    /// Of them, those used today or on one of the seven days before.
    pub recently_used: usize,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// Its tokens, in order; at most [`PAGE_SIZE`].
    pub tokens: Vec<&'a Token>,
    /// Tokens that pass the filters.
    pub matching: usize,
    /// The page, counted from 0: the asked one, or the last where that is beyond the end.
    pub number: usize,
    /// Pages of the matching tokens; at least 1.
    pub pages: usize,
}

impl Page<'_> {
    /// The position of the first row among the matching tokens, counted from 1; 0 on an empty page.
    pub fn first(&self) -> usize {
        if self.tokens.is_empty() {
            0
        } else {
            self.number * PAGE_SIZE + 1
        }
    }

    /// The position of the last row among the matching tokens.
    pub fn last(&self) -> usize {
        self.number * PAGE_SIZE + self.tokens.len()
    }
}

/// The tokens of a workspace as of one moment, with its principals and its limit on new tokens.
#[derive(Debug)]
pub struct Inventory {
    as_of: Timestamp,
    tokens: Vec<Token>,
    directory: Arc<Directory>,
    limit: Option<MaxLifetime>,
    access: Option<Arc<Access>>,
    counts: Counts,
    text: SearchText,
    orders: [OnceLock<Vec<u32>>; SortKey::ALL.len()],
    live: OnceLock<FxHashMap<PrincipalId, Live>>,
    columns: OnceLock<Columns>,
    creators: OnceLock<Creators>,
    /// Of the list without filters.
    facets: OnceLock<Facets>,
}

impl Inventory {
    /// Indexes `tokens` as read at `as_of`. `limit` is `None` where the policy could not be read.
    pub fn new(tokens: Vec<Token>, directory: Arc<Directory>, limit: Option<MaxLifetime>, as_of: Timestamp) -> Self {
        let text = SearchText::new(tokens.iter().map(|t| (t.comment.as_str(), t.id.as_str())));
        let counts = count(&tokens, limit, as_of);
        Self {
            as_of,
            tokens,
            directory,
            limit,
            access: None,
            counts,
            text,
            orders: Default::default(),
            live: OnceLock::new(),
            columns: OnceLock::new(),
            creators: OnceLock::new(),
            facets: OnceLock::new(),
        }
    }

    /// The same with what is known of who may use tokens.
    #[must_use]
    pub fn with_access(self, access: Option<Arc<Access>>) -> Self {
        // What was made of the marks before is made anew.
        Self {
            access,
            columns: OnceLock::new(),
            facets: OnceLock::new(),
            ..self
        }
    }

    /// Who may use tokens, where that is known.
    pub fn access(&self) -> Option<&Arc<Access>> {
        self.access.as_ref()
    }

    /// The same moment without the tokens in `ids`: what is known to be revoked is not shown again.
    #[must_use]
    pub fn without(&self, ids: &HashSet<TokenId>) -> Self {
        let tokens = self.tokens.iter().filter(|t| !ids.contains(&t.id)).cloned().collect();
        Self::new(tokens, Arc::clone(&self.directory), self.limit, self.as_of).with_access(self.access.clone())
    }

    /// When the workspace answered.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Every token, in the workspace's order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The principals that owners are named by.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// Counts over all tokens, whatever the filters.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The token with this id.
    pub fn get(&self, id: &TokenId) -> Option<&Token> {
        self.tokens.iter().find(|t| t.id == *id)
    }

    /// What is known of a token's owner.
    pub fn owner(&self, token: &Token) -> Owner<'_> {
        self.directory.owner(token.owner)
    }

    /// The marks of a token at [`Self::as_of`].
    pub fn marks(&self, token: &Token) -> impl Iterator<Item = Mark> + use<> {
        let may_use = token.owner.and_then(|owner| self.may_use(owner));
        marks(token, self.owner(token), self.limit, may_use, self.as_of)
    }

    /// Whether an owner may use tokens; `None` where that is not known.
    fn may_use(&self, owner: PrincipalId) -> Option<bool> {
        self.access.as_ref().and_then(|access| access.verdict(owner))
    }

    /// The active tokens of one owner, counted for all owners when first asked for.
    pub fn live_of(&self, owner: PrincipalId) -> Live {
        let live = self.live.get_or_init(|| {
            let mut live = FxHashMap::<_, Live>::default();
            for token in self.tokens.iter().filter(|t| t.status(self.as_of) == Status::Active) {
                if let Some(owner) = token.owner {
                    let count = live.entry(owner).or_default();
                    count.tokens += 1;
                    count.recently_used += usize::from(recently_used(token, self.as_of));
                }
            }
            live
        });
        live.get(&owner).copied().unwrap_or_default()
    }

    /// How many active tokens live longer than `limit` would allow new ones to.
    pub fn outliving(&self, limit: MaxLifetime) -> usize {
        let active = self.tokens.iter().filter(|t| t.status(self.as_of) == Status::Active);
        active.filter(|t| mark::outlives(t, Some(limit))).count()
    }

    /// What stops when all active tokens stop.
    pub fn impact(&self) -> Impact {
        Impact::of(&self.tokens, &self.directory, self.as_of)
    }

    /// One page of the tokens that pass the filters, in order.
    pub fn page(&self, query: &TokenQuery) -> Page<'_> {
        let passing = query.is_filtered().then(|| self.sieve(query).passing());
        self.cut(query, passing.as_deref())
    }

    /// The same, and how many tokens each choice of a filter would show.
    pub fn page_and_facets(&self, query: &TokenQuery) -> (Page<'_>, Facets) {
        if !query.is_filtered() {
            let facets = self.facets.get_or_init(|| self.sieve(&TokenQuery::default()).facets());
            return (self.cut(query, None), facets.clone());
        }
        let sieve = self.sieve(query);
        (self.cut(query, Some(&sieve.passing())), sieve.facets())
    }

    /// The positions in [`Self::tokens`] of all tokens that pass the filters, in order, whatever the page.
    pub fn matching(&self, query: &TokenQuery) -> Vec<u32> {
        let passing = query.is_filtered().then(|| self.sieve(query).passing());
        let passes = |i: &u32| passing.as_ref().is_none_or(|p| p[*i as usize]);
        let order = self.order(query.sort.key).iter().copied();
        match query.sort.direction {
            Direction::Ascending => order.filter(passes).collect(),
            Direction::Descending => order.rev().filter(passes).collect(),
        }
    }

    /// One page of those that pass; `None` where all do.
    fn cut(&self, query: &TokenQuery, passing: Option<&[bool]>) -> Page<'_> {
        let matching = passing.map_or(self.tokens.len(), |p| p.iter().filter(|passes| **passes).count());
        let pages = matching.div_ceil(PAGE_SIZE).max(1);
        let number = query.page.min(pages - 1);
        let order = self.order(query.sort.key).iter().map(|i| *i as usize);
        let passes = |i: &usize| passing.is_none_or(|p| p[*i]);
        let rows = |order: &mut dyn Iterator<Item = usize>| {
            order
                .filter(passes)
                .skip(number * PAGE_SIZE)
                .take(PAGE_SIZE)
                .map(|i| &self.tokens[i])
                .collect()
        };
        let tokens = match query.sort.direction {
            Direction::Ascending => rows(&mut order.into_iter()),
            Direction::Descending => rows(&mut order.rev()),
        };
        Page {
            tokens,
            matching,
            number,
            pages,
        }
    }
}

fn count(tokens: &[Token], limit: Option<MaxLifetime>, now: Timestamp) -> Counts {
    let mut counts = Counts {
        total: tokens.len(),
        ..Counts::default()
    };
    for token in tokens {
        let status = token.status(now);
        counts.active += usize::from(status == Status::Active);
        counts.expired += usize::from(status == Status::Expired);
        counts.never_expire += usize::from(token.expiry == Expiry::Never);
        counts.over_policy += usize::from(status == Status::Active && mark::outlives(token, limit));
    }
    counts
}

#[cfg(test)]
mod tests;
