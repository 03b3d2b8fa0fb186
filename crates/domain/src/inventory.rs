//! All tokens of a workspace at one moment, indexed so that a page of them is found without touching the rest:
//! filter, sort and page over 100 000 tokens cost little more than one scan of their text.

use core::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::access::Access;
use crate::impact::recently_used;
use crate::query::{Direction, PAGE_SIZE, SortKey, TokenQuery};
use crate::{
    Directory, Expiry, Impact, Mark, MarkKind, MaxLifetime, Owner, PrincipalId, Selection, Status, Timestamp, Token,
    TokenId, mark, marks,
};

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
}

impl Inventory {
    /// Indexes `tokens` as read at `as_of`. `limit` is `None` where the policy could not be read.
    pub fn new(tokens: Vec<Token>, directory: Arc<Directory>, limit: Option<MaxLifetime>, as_of: Timestamp) -> Self {
        let text = SearchText::new(&tokens);
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
        }
    }

    /// The same with what is known of who may use tokens.
    #[must_use]
    pub fn with_access(self, access: Option<Arc<Access>>) -> Self {
        Self { access, ..self }
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
        let may_use = self
            .access
            .as_ref()
            .zip(token.owner)
            .and_then(|(access, id)| access.verdict(id));
        marks(token, self.owner(token), self.limit, may_use, self.as_of)
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
        let passing = query.is_filtered().then(|| self.passing(query));
        let matching = passing
            .as_ref()
            .map_or(self.tokens.len(), |p| p.iter().filter(|passes| **passes).count());
        let pages = matching.div_ceil(PAGE_SIZE).max(1);
        let number = query.page.min(pages - 1);
        let order = self.order(query.sort.key).iter().map(|i| *i as usize);
        let passes = |i: &usize| passing.as_ref().is_none_or(|p| p[*i]);
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

    /// The tokens that are picked of those that pass the filters, in the workspace's order.
    pub fn selected(&self, query: &TokenQuery, selection: &Selection) -> Vec<&Token> {
        if selection.is_none() {
            return Vec::new();
        }
        let passing = query.is_filtered().then(|| self.passing(query));
        let passes = |i: usize| passing.as_ref().is_none_or(|p| p[i]);
        let picked = self.tokens.iter().enumerate();
        let picked = picked.filter(|(i, token)| passes(*i) && selection.has(&token.id));
        picked.map(|(_, token)| token).collect()
    }

    /// Whether a token was used today or on one of the seven days before.
    pub fn is_recent(&self, token: &Token) -> bool {
        recently_used(token, self.as_of)
    }

    /// For each token, whether it passes the filters.
    fn passing(&self, query: &TokenQuery) -> Vec<bool> {
        let mut passes = match query.q.as_str() {
            "" => vec![true; self.tokens.len()],
            needle => self.text.find(needle),
        };
        let mut keep = |test: &dyn Fn(&Token) -> bool| {
            for (passes, token) in passes.iter_mut().zip(&self.tokens) {
                *passes = *passes && test(token);
            }
        };
        if !query.created_by_username.is_empty() {
            let name = query.created_by_username.to_lowercase();
            keep(&|t| t.creator_name.as_ref().is_some_and(|n| n.to_lowercase() == name));
        }
        if let Some(id) = query.created_by_id {
            keep(&|t| t.creator == Some(id));
        }
        if !query.owner.is_empty() {
            let owners = self.owners_like(&query.owner);
            keep(&|t| t.owner.is_some_and(|id| owners.contains(&id)));
        }
        if let Some(status) = query.status {
            keep(&|t| t.status(self.as_of) == status);
        }
        if let Some(kind) = query.mark {
            keep(&|t| self.has_mark(t, kind));
        }
        passes
    }

    fn has_mark(&self, token: &Token, kind: MarkKind) -> bool {
        match kind {
            MarkKind::NeverExpires => token.expiry == Expiry::Never,
            _ => self.marks(token).any(|m| m.kind() == kind),
        }
    }

    /// The owners whose id is `text` or whose name holds it.
    fn owners_like(&self, text: &str) -> HashSet<PrincipalId> {
        let needle = text.to_lowercase();
        let named = |id: PrincipalId| {
            self.directory.get(id).is_some_and(|p| {
                p.name.to_lowercase().contains(&needle) || p.display_name.to_lowercase().contains(&needle)
            })
        };
        let ids: HashSet<_> = self.tokens.iter().filter_map(|t| t.owner).collect();
        let exact = text.parse().ok();
        ids.into_iter().filter(|id| Some(*id) == exact || named(*id)).collect()
    }

    /// The positions of all tokens in ascending order of `key`, made when first asked for.
    fn order(&self, key: SortKey) -> &[u32] {
        let slot = SortKey::ALL.iter().position(|k| *k == key).unwrap_or_default();
        self.orders[slot].get_or_init(|| match key {
            SortKey::Comment => self.sorted_by(|i| self.text.of(i)),
            SortKey::Owner => {
                let ranks = self.owner_ranks();
                self.sorted_by(|i| self.tokens[i].owner.and_then(|id| ranks.get(&id).copied()))
            }
            SortKey::Created => self.sorted_by(|i| self.tokens[i].created),
            SortKey::Expires => self.sorted_by(|i| expiry_rank(self.tokens[i].expiry)),
            SortKey::LastUsed => self.sorted_by(|i| self.tokens[i].last_used),
        })
    }

    fn sorted_by<'a, K: Ord>(&'a self, key: impl Fn(usize) -> K + 'a) -> Vec<u32> {
        let count = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
        let mut order: Vec<(K, u32)> = (0..count).map(|i| (key(i as usize), i)).collect();
        let tie = |a: u32, b: u32| self.tokens[a as usize].id.cmp(&self.tokens[b as usize].id);
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| tie(a.1, b.1)));
        order.into_iter().map(|(_, i)| i).collect()
    }

    /// Each owner's place in the alphabet of owners' names; without a name, by id at the end.
    fn owner_ranks(&self) -> HashMap<PrincipalId, usize> {
        let ids: HashSet<_> = self.tokens.iter().filter_map(|t| t.owner).collect();
        let name = |id| self.directory.get(id).map(|p| p.label().to_lowercase());
        let mut named: Vec<_> = ids.into_iter().map(|id| (name(id), id)).collect();
        named.sort_unstable_by(|a, b| match (&a.0, &b.0) {
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            _ => a.cmp(b),
        });
        named
            .into_iter()
            .enumerate()
            .map(|(rank, (_, id))| (id, rank))
            .collect()
    }
}

fn expiry_rank(expiry: Expiry) -> (u8, i64) {
    match expiry {
        Expiry::Unknown => (0, 0),
        Expiry::At(end) => (1, end.ms()),
        Expiry::Never => (2, 0),
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

/// Comment and id of every token in lower case, in one buffer: one search walks it from end to end.
#[derive(Debug)]
struct SearchText {
    text: String,
    /// Where each token's text ends.
    ends: Vec<usize>,
}

impl SearchText {
    /// Between texts and between comment and id; filters hold no control characters, so that none matches across.
    const SEPARATOR: char = '\u{0}';

    fn new(tokens: &[Token]) -> Self {
        let mut text = String::with_capacity(tokens.len() * 96);
        let mut ends = Vec::with_capacity(tokens.len());
        for token in tokens {
            push_lowercase(&mut text, &token.comment);
            text.push(Self::SEPARATOR);
            push_lowercase(&mut text, token.id.as_str());
            text.push(Self::SEPARATOR);
            ends.push(text.len());
        }
        Self { text, ends }
    }

    fn of(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start..self.ends[i]]
    }

    /// For each token, whether its text holds `needle` in any case.
    fn find(&self, needle: &str) -> Vec<bool> {
        let mut found = vec![false; self.ends.len()];
        let needle = needle.to_lowercase();
        let finder = memchr::memmem::Finder::new(&needle);
        let (mut token, mut from) = (0, 0);
        while let Some(at) = finder.find(&self.text.as_bytes()[from..]) {
            // Where many match the next is near: stepping there is faster than searching for it.
            while self.ends[token] <= from + at {
                token += 1;
            }
            found[token] = true;
            from = self.ends[token];
        }
        found
    }
}

fn push_lowercase(out: &mut String, text: &str) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
    } else {
        out.push_str(&text.to_lowercase());
    }
}

#[cfg(test)]
mod tests;
