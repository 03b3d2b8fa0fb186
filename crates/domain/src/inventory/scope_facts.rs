//! What is known about the scopes of all tokens: one byte for each token, and counts derived from them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use rustc_hash::FxBuildHasher;

use super::Inventory;
use crate::query::TokenQuery;
use crate::scopes::ScopeFacts;
use crate::{AutoscopeState, Narrowing, NarrowsWithin, NothingSeen, ScopeState, ScopeStateFilter, Timestamp, Token};

/// For each token, the index of its facts. There are few enough distinct facts for a byte, which a test checks.
#[derive(Debug)]
pub(super) struct ScopeColumn {
    pub(super) indices: Vec<u8>,
    /// `None` for tokens that are not active.
    pub(super) values: Vec<Option<ScopeFacts>>,
}

impl ScopeColumn {
    pub(super) fn new(tokens: &[Token], now: Timestamp) -> Self {
        let mut known = HashMap::<Option<ScopeFacts>, u8, FxBuildHasher>::default();
        let mut values = Vec::new();
        let indices = tokens.iter().map(|token| {
            let facts = ScopeFacts::of(token, now);
            *known.entry(facts).or_insert_with(|| {
                values.push(facts);
                u8::try_from(values.len() - 1).unwrap_or(u8::MAX)
            })
        });
        Self {
            indices: indices.collect(),
            values,
        }
    }

    /// The distinct facts with the number of tokens for each.
    pub(super) fn counted(&self, by_index: &[usize]) -> Vec<(ScopeFacts, usize)> {
        let counted = self.values.iter().zip(by_index);
        counted
            .filter_map(|(facts, tokens)| Some(((*facts)?, *tokens)))
            .collect()
    }
}

/// The filters of a query that can be decided from [`ScopeFacts`].
#[derive(Clone, Debug, Default)]
pub(super) struct ScopeFilter {
    state: Option<ScopeStateFilter>,
    narrows_within: Option<NarrowsWithin>,
}

impl ScopeFilter {
    pub(super) fn of(query: &TokenQuery) -> Self {
        Self {
            state: query.scope_state.clone(),
            narrows_within: query.narrows_within,
        }
    }

    fn is_active(&self) -> bool {
        self.state.is_some() || self.narrows_within.is_some()
    }

    fn matches(&self, facts: &ScopeFacts) -> bool {
        self.state.as_ref().is_none_or(|state| state.matches(facts))
            && self.narrows_within.is_none_or(|window| window.matches(facts))
    }

    /// For each token, whether it passes. `None` if all tokens do.
    pub(super) fn passing(&self, column: &ScopeColumn, tokens: &[Token]) -> Option<Vec<bool>> {
        if !self.is_active() {
            return None;
        }
        let matches = |facts: &Option<ScopeFacts>| facts.is_some_and(|facts| self.matches(&facts));
        let table: Vec<_> = column.values.iter().map(matches).collect();
        let mut passing: Vec<_> = column.indices.iter().map(|i| table[usize::from(*i)]).collect();
        if let Some(name) = self.state.as_ref().and_then(ScopeStateFilter::name) {
            for (passes, token) in passing.iter_mut().zip(tokens).filter(|(passes, _)| **passes) {
                *passes = token.autoscope.as_ref().is_some_and(|state| state.name() == name);
            }
        }
        Some(passing)
    }

    fn count(&self, by_facts: &[(ScopeFacts, usize)]) -> usize {
        let passing = by_facts.iter().filter(|(facts, _)| self.matches(facts));
        passing.map(|(_, tokens)| tokens).sum()
    }

    /// How many of the tokens in `by_facts` would pass with this state instead.
    pub(super) fn with_state(&self, state: ScopeState, by_facts: &[(ScopeFacts, usize)]) -> usize {
        let other = Self {
            state: Some(ScopeStateFilter::Is(state)),
            ..self.clone()
        };
        other.count(by_facts)
    }

    /// How many of the tokens in `by_facts` would pass with this window instead.
    pub(super) fn with_window(&self, window: NarrowsWithin, by_facts: &[(ScopeFacts, usize)]) -> usize {
        let other = Self {
            narrows_within: Some(window),
            ..self.clone()
        };
        other.count(by_facts)
    }
}

/// The number of active tokens by what is known about their scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeNumbers {
    by_facts: Vec<(ScopeFacts, usize)>,
    /// The names of undocumented states, with the number of tokens for each.
    named: BTreeMap<String, usize>,
    /// The positions of the tokens that are narrowed first, and of the most recently used tokens with a proposal.
    soonest: Vec<u32>,
    proposals: Vec<u32>,
}

impl ScopeNumbers {
    /// The maximum length of [`Self::soonest`] and [`Self::proposals`].
    pub const MAX_LISTED: usize = 10;

    fn new(inventory: &Inventory) -> Self {
        let column = &inventory.columns().scopes_known;
        let mut by_index = vec![0; column.values.len()];
        let (mut named, mut soonest, mut proposals) = (BTreeMap::new(), Vec::new(), Vec::new());
        let rows = (0_u32..).zip(column.indices.iter().zip(inventory.tokens.iter()));
        for (position, (index, token)) in rows.filter(|(position, _)| !inventory.removed.has(*position as usize)) {
            by_index[usize::from(*index)] += 1;
            let Some(facts) = &column.values[usize::from(*index)] else {
                continue;
            };
            if NarrowsWithin::Days30.matches(facts) {
                soonest.push((narrowing_rank(token, inventory.as_of), position));
            }
            if ScopeState::Proposal.matches(facts) {
                proposals.push((Reverse(token.last_used), position));
            }
            if ScopeState::Undocumented.matches(facts) {
                let name = token.autoscope.as_ref().map_or("", AutoscopeState::name);
                match named.get_mut(name) {
                    Some(tokens) => *tokens += 1,
                    None => {
                        named.insert(name.to_owned(), 1);
                    }
                }
            }
        }
        Self {
            by_facts: column.counted(&by_index),
            named,
            soonest: first(soonest),
            proposals: first(proposals),
        }
    }

    /// The number of active tokens.
    pub fn active(&self) -> usize {
        self.by_facts.iter().map(|(_, tokens)| tokens).sum()
    }

    /// The number of active tokens in this state.
    pub fn of(&self, state: ScopeState) -> usize {
        ScopeFilter::default().with_state(state, &self.by_facts)
    }

    /// The number of active tokens from which Databricks removes scopes within this time.
    pub fn within(&self, window: NarrowsWithin) -> usize {
        ScopeFilter::default().with_window(window, &self.by_facts)
    }

    /// The number of observed tokens without any known use: neither a scope nor a day of use.
    pub fn never_used_and_observed(&self) -> usize {
        let never = |facts: &ScopeFacts| facts.nothing_seen() == Some(NothingSeen::NeverUsed);
        let found = self.by_facts.iter().filter(|(facts, _)| never(facts));
        found.map(|(_, tokens)| tokens).sum()
    }

    /// The undocumented states by name, in alphabetical order.
    pub fn named(&self) -> impl Iterator<Item = (&str, usize)> {
        self.named.iter().map(|(name, tokens)| (name.as_str(), *tokens))
    }

    /// The positions of the tokens that are narrowed within 30 days, soonest first; see [`Inventory::at`].
    pub fn soonest(&self) -> &[u32] {
        &self.soonest
    }

    /// The positions of tokens with a proposal, most recently used first.
    pub fn proposals(&self) -> &[u32] {
        &self.proposals
    }
}

/// The time by which a token's narrowing is sorted: overdue ones come first.
fn narrowing_rank(token: &Token, now: Timestamp) -> Timestamp {
    match Narrowing::of(token, now) {
        Some(Narrowing::About(end)) => end,
        _ => token.created.unwrap_or(now),
    }
}

/// The positions with the lowest ranks, in order.
fn first<R: Ord>(mut ranked: Vec<(R, u32)>) -> Vec<u32> {
    if ranked.len() > ScopeNumbers::MAX_LISTED {
        ranked.select_nth_unstable(ScopeNumbers::MAX_LISTED);
        ranked.truncate(ScopeNumbers::MAX_LISTED);
    }
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, position)| position).collect()
}

impl Inventory {
    /// The counts of active tokens by what is known about their scopes, determined on first use.
    pub fn scope_numbers(&self) -> &ScopeNumbers {
        self.scope_numbers.get_or_init(|| ScopeNumbers::new(self))
    }
}
