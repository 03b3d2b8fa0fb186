//! The orders of the list.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::Inventory;
use crate::{Expiry, PrincipalId, SortKey};

impl Inventory {
    /// The positions of all tokens in ascending order of `key`. Sorted on first use.
    pub(super) fn order(&self, key: SortKey) -> &[u32] {
        self.orders[key as usize].get_or_init(|| match key {
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

    /// The rank of each owner by name; owners without a known name come last, by ID.
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
