//! All tokens of a workspace at one moment, indexed so that a page of them is found without touching the rest:
//! filter, sort and page over 100 000 tokens cost little more than one scan of their text, whichever filters are used.

mod columns;
mod facets;
mod filter_pass;
mod id_index;
mod order;
mod search_text;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::access::TokenAccess;
use crate::query::{Direction, SortKey, TOKENS_PAGE_SIZE, TokenQuery};
use crate::token_usage::recently_used;
use crate::{
    Directory, Expiry, Finding, MaxLifetime, Owner, PrincipalId, Selection, Status, Timestamp, Token, TokenId,
    TokenUsage, finding, findings,
};
use columns::{Columns, Creators};
use id_index::{IdIndex, Tombstones};
use search_text::SearchText;

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

impl Counts {
    /// Of the tokens that are left when those that `gone` counts are.
    fn minus(self, gone: Self) -> Self {
        Self {
            total: self.total - gone.total,
            active: self.active - gone.active,
            never_expire: self.never_expire - gone.never_expire,
            expired: self.expired - gone.expired,
            over_policy: self.over_policy - gone.over_policy,
        }
    }
}

/// The live tokens of one owner, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActiveTokens {
    /// Active tokens.
    pub tokens: usize,
    /// Of them, those used today or on one of the seven days before.
    pub recently_used: usize,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct TokenPage<'a> {
    /// Its tokens, in order; at most [`PAGE_SIZE`].
    pub tokens: Vec<&'a Token>,
    /// Tokens that pass the filters.
    pub matching: usize,
    /// The page, counted from 0: the asked one, or the last where that is beyond the end.
    pub number: usize,
    /// Pages of the matching tokens; at least 1.
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

/// The tokens of a workspace as of one moment, with its principals and its limit on new tokens.
///
/// What was read and what is indexed is shared with the inventories that are made of this one by [`Self::without`]:
/// there may be half a million tokens, and a thousand of them revoked one after another.
#[derive(Debug)]
pub struct Inventory {
    as_of: Timestamp,
    /// As they were read. Whoever walks them here leaves out those that are `removed`.
    tokens: Arc<Vec<Token>>,
    removed: Tombstones,
    directory: Arc<Directory>,
    limit: Option<MaxLifetime>,
    access: Option<Arc<TokenAccess>>,
    counts: Counts,
    text: Arc<SearchText>,
    orders: Arc<[OnceLock<Vec<u32>>; SortKey::ALL.len()]>,
    places: Arc<OnceLock<IdIndex>>,
    live: OnceLock<FxHashMap<PrincipalId, ActiveTokens>>,
    columns: Arc<OnceLock<Columns>>,
    creators: Arc<OnceLock<Creators>>,
    /// Of the list without filters.
    facets: OnceLock<Facets>,
}

impl Inventory {
    /// Indexes `tokens` as read at `as_of`. `limit` is `None` where the policy could not be read.
    pub fn new(tokens: Vec<Token>, directory: Arc<Directory>, limit: Option<MaxLifetime>, as_of: Timestamp) -> Self {
        let pairs = tokens.iter().map(|t| (t.comment.as_str(), t.id.as_str()));
        let text = Arc::new(SearchText::new(pairs));
        Self {
            as_of,
            directory,
            limit,
            access: None,
            counts: count(&tokens, limit, as_of),
            text,
            tokens: Arc::new(tokens),
            removed: Tombstones::default(),
            orders: Arc::default(),
            places: Arc::default(),
            live: OnceLock::new(),
            columns: Arc::default(),
            creators: Arc::default(),
            facets: OnceLock::new(),
        }
    }

    /// The same with what is known of who may use tokens.
    #[must_use]
    pub fn with_access(self, access: Option<Arc<TokenAccess>>) -> Self {
        // What was made of the marks before is made anew.
        Self {
            access,
            columns: Arc::default(),
            facets: OnceLock::new(),
            ..self
        }
    }

    /// Who may use tokens, where that is known.
    pub fn access(&self) -> Option<&Arc<TokenAccess>> {
        self.access.as_ref()
    }

    /// The same moment without the tokens in `ids`: what is known to be revoked is not shown again. Costs by the number
    /// of ids, not of tokens.
    #[must_use]
    pub fn excluding<'a>(&self, ids: impl IntoIterator<Item = &'a TokenId>) -> Self {
        let (mut removed, mut counts) = (self.removed.clone(), self.counts);
        for place in ids.into_iter().filter_map(|id| self.position_of(id)) {
            if removed.insert(place as usize) {
                let token = &self.tokens[place as usize];
                counts = counts.minus(count([token], self.limit, self.as_of));
            }
        }
        Self {
            as_of: self.as_of,
            tokens: Arc::clone(&self.tokens),
            removed,
            directory: Arc::clone(&self.directory),
            limit: self.limit,
            access: self.access.clone(),
            counts,
            text: Arc::clone(&self.text),
            orders: Arc::clone(&self.orders),
            places: Arc::clone(&self.places),
            live: OnceLock::new(),
            columns: Arc::clone(&self.columns),
            creators: Arc::clone(&self.creators),
            facets: OnceLock::new(),
        }
    }

    /// When the workspace answered.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Every token, in the workspace's order.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        let all = self.tokens.iter().enumerate();
        all.filter(|(i, _)| !self.removed.has(*i)).map(|(_, token)| token)
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
        Some(&self.tokens[self.position_of(id)? as usize])
    }

    /// Where the token with this id stands among all that were read: the same for as long as no other list is read. The
    /// index is made when first asked for.
    pub fn position_of(&self, id: &TokenId) -> Option<u32> {
        let places = self.places.get_or_init(|| IdIndex::new(&self.tokens));
        let place = places.of(id, &self.tokens)?;
        (!self.removed.has(place as usize)).then_some(place)
    }

    /// What is known of a token's owner.
    pub fn owner(&self, token: &Token) -> Owner<'_> {
        self.directory.owner(token.owner)
    }

    /// The marks of a token at [`Self::as_of`].
    pub fn findings(&self, token: &Token) -> impl Iterator<Item = Finding> + use<> {
        let may_use = token.owner.and_then(|owner| self.may_use(owner));
        findings(token, self.owner(token), self.limit, may_use, self.as_of)
    }

    /// Whether an owner may use tokens; `None` where that is not known.
    fn may_use(&self, owner: PrincipalId) -> Option<bool> {
        self.access.as_ref().and_then(|access| access.can_use(owner))
    }

    /// The active tokens of one owner, counted for all owners when first asked for.
    pub fn active_tokens_of(&self, owner: PrincipalId) -> ActiveTokens {
        let live = self.live.get_or_init(|| {
            let mut live = FxHashMap::<_, ActiveTokens>::default();
            for token in self.tokens().filter(|t| t.status(self.as_of) == Status::Active) {
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
    pub fn exceeding(&self, limit: MaxLifetime) -> usize {
        let active = self.tokens().filter(|t| t.status(self.as_of) == Status::Active);
        active.filter(|t| finding::outlives(t, Some(limit))).count()
    }

    /// What stops when all active tokens stop.
    pub fn usage(&self) -> TokenUsage {
        TokenUsage::of(self.tokens(), &self.directory, self.as_of)
    }

    /// One page of the tokens that pass the filters, in order.
    pub fn page(&self, query: &TokenQuery) -> TokenPage<'_> {
        let passing = self.matches(query);
        self.page_of(query, passing.as_deref())
    }

    /// The same, and how many tokens each choice of a filter would show.
    pub fn page_and_facets(&self, query: &TokenQuery) -> (TokenPage<'_>, Facets) {
        if !query.is_filtered() {
            let facets = self.facets.get_or_init(|| self.sieve(&TokenQuery::default()).facets());
            return (self.page(query), facets.clone());
        }
        let sieve = self.sieve(query);
        (self.page_of(query, Some(&sieve.matches())), sieve.facets())
    }

    /// The tokens that pass the filters, in order, whatever the page, by their positions; see [`Self::at`].
    pub fn matching(&self, query: &TokenQuery) -> Vec<u32> {
        let passing = self.matches(query);
        let passes = |i: &u32| passing.as_ref().is_none_or(|p| p[*i as usize]);
        let order = self.order(query.sort.key).iter().copied();
        match query.sort.direction {
            Direction::Ascending => order.filter(passes).collect(),
            Direction::Descending => order.rev().filter(passes).collect(),
        }
    }

    /// The token at a position.
    pub fn at(&self, position: u32) -> Option<&Token> {
        self.tokens.get(position as usize)
    }

    /// One page of those that pass; `None` where all do.
    fn page_of(&self, query: &TokenQuery, passing: Option<&[bool]>) -> TokenPage<'_> {
        let matching = passing.map_or(self.tokens.len(), |p| p.iter().filter(|passes| **passes).count());
        let pages = matching.div_ceil(TOKENS_PAGE_SIZE).max(1);
        let number = query.page.min(pages - 1);
        let order = self.order(query.sort.key).iter().map(|i| *i as usize);
        let passes = |i: &usize| passing.is_none_or(|p| p[*i]);
        let rows = |order: &mut dyn Iterator<Item = usize>| {
            order
                .filter(passes)
                .skip(number * TOKENS_PAGE_SIZE)
                .take(TOKENS_PAGE_SIZE)
                .map(|i| &self.tokens[i])
                .collect()
        };
        let tokens = match query.sort.direction {
            Direction::Ascending => rows(&mut order.into_iter()),
            Direction::Descending => rows(&mut order.rev()),
        };
        TokenPage {
            tokens,
            matching,
            number,
            pages,
        }
    }

    /// The tokens that are picked of those that pass the filters, in the workspace's order.
    pub fn selected(&self, query: &TokenQuery, selection: &Selection) -> Vec<&Token> {
        if selection.is_none() {
            return Vec::new();
        }
        let passing = self.matches(query);
        let passes = |i: usize| passing.as_ref().is_none_or(|p| p[i]);
        let picked = self.tokens.iter().enumerate();
        let picked = picked.filter(|(i, token)| passes(*i) && selection.contains(&token.id));
        picked.map(|(_, token)| token).collect()
    }

    /// Whether a token was used today or on one of the seven days before.
    pub fn is_recent(&self, token: &Token) -> bool {
        recently_used(token, self.as_of)
    }

    /// For each token that was read, whether it is there and passes the filters; `None` where all are and do.
    fn matches(&self, query: &TokenQuery) -> Option<Vec<bool>> {
        let all = !query.is_filtered() && self.removed.is_empty();
        (!all).then(|| self.sieve(query).matches())
    }
}

fn count<'a>(tokens: impl IntoIterator<Item = &'a Token>, limit: Option<MaxLifetime>, now: Timestamp) -> Counts {
    let mut counts = Counts::default();
    for token in tokens {
        let status = token.status(now);
        counts.total += 1;
        counts.active += usize::from(status == Status::Active);
        counts.expired += usize::from(status == Status::Expired);
        counts.never_expire += usize::from(token.expiry == Expiry::Never);
        counts.over_policy += usize::from(status == Status::Active && finding::outlives(token, limit));
    }
    counts
}

#[cfg(test)]
mod tests;
