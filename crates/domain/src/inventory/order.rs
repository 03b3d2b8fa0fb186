//! The sort orders of the list.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::Inventory;
use crate::query::{Direction, Sort, SortKey};
use crate::{Expiry, PrincipalId, Timestamp, Token};

impl Inventory {
    /// The positions of all tokens in the order of `sort`. Sorted on first use.
    pub(super) fn order(&self, sort: Sort) -> &[u32] {
        self.orders[sort.index()].get_or_init(|| match sort.key {
            SortKey::Comment => self.directed(sort, |i| self.text.of(i)),
            SortKey::Owner => {
                let ranks = self.owner_ranks();
                self.directed(sort, |i| self.tokens[i].owner.and_then(|id| ranks.get(&id).copied()))
            }
            SortKey::Created => self.directed(sort, |i| {
                let created = self.tokens[i].created;
                // Comes last, even after a descending order is reversed.
                (created.is_none() == (sort.direction == Direction::Ascending), created)
            }),
            SortKey::Expires => self.sorted_by(|i| expiry_rank(self.tokens[i].expiry, self.as_of, sort.direction)),
            SortKey::LastUsed => self.sorted_by(|i| use_rank(&self.tokens[i], sort.direction)),
        })
    }

    fn directed<'a, K: Ord>(&'a self, sort: Sort, key: impl Fn(usize) -> K + 'a) -> Vec<u32> {
        let mut order = self.sorted_by(key);
        if sort.direction == Direction::Descending {
            order.reverse();
        }
        order
    }

    fn sorted_by<'a, K: Ord>(&'a self, key: impl Fn(usize) -> K + 'a) -> Vec<u32> {
        let count = u32::try_from(self.tokens.len()).unwrap_or(u32::MAX);
        let mut order: Vec<(K, u32)> = (0..count).map(|i| (key(i as usize), i)).collect();
        let compare_ids = |a: u32, b: u32| self.tokens[a as usize].id.cmp(&self.tokens[b as usize].id);
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| compare_ids(a.1, b.1)));
        order.into_iter().map(|(_, i)| i).collect()
    }

    /// The rank of each owner by name. Owners without a known name come last, by ID.
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

/// Expired tokens, and those with an unknown expiry, are never looked for first, so they come last in both directions.
fn expiry_rank(expiry: Expiry, now: Timestamp, direction: Direction) -> (u8, i64) {
    match expiry {
        Expiry::At(end) if end > now => (1, directed(end.ms(), direction)),
        Expiry::Never if direction == Direction::Descending => (0, 0),
        Expiry::Never => (2, 0),
        // The latest first.
        Expiry::At(end) => (3, directed(end.ms(), Direction::Descending)),
        Expiry::Unknown => (4, 0),
    }
}

/// Tokens that were never used come after the others, in the order of their creation.
fn use_rank(token: &Token, direction: Direction) -> (u8, i64) {
    match token.last_used {
        Some(day) => (0, directed(day.start().ms(), direction)),
        None => (1, token.created.map_or(i64::MAX, |at| directed(at.ms(), direction))),
    }
}

/// The number to sort by: negated for a descending order.
const fn directed(number: i64, direction: Direction) -> i64 {
    match direction {
        Direction::Ascending => number,
        Direction::Descending => number.saturating_neg(),
    }
}
