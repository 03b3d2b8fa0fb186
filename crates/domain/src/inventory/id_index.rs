//! Where tokens stand in a list: found by id, and which of them are held out.

use core::hash::{Hash as _, Hasher as _};

use rustc_hash::FxHasher;

use crate::{Token, TokenId};

/// The tokens of a list by id: eight bytes a token, since the ids themselves are in the list.
#[derive(Debug)]
pub(super) struct IdIndex {
    /// Hash and position, sorted.
    by_hash: Vec<(u32, u32)>,
}

impl IdIndex {
    pub(super) fn new(tokens: &[Token]) -> Self {
        let mut by_hash: Vec<_> = (0..)
            .zip(tokens)
            .map(|(place, token)| (hash(&token.id), place))
            .collect();
        by_hash.sort_unstable();
        Self { by_hash }
    }

    /// The position of a token among the `tokens` that this was made from.
    pub(super) fn of(&self, id: &TokenId, tokens: &[Token]) -> Option<u32> {
        let hash = hash(id);
        let from = self.by_hash.partition_point(|(other, _)| *other < hash);
        let same = self.by_hash[from..].iter().take_while(|(other, _)| *other == hash);
        let mut places = same.map(|(_, place)| *place);
        places.find(|place| tokens[*place as usize].id == *id)
    }
}

fn hash(id: &TokenId) -> u32 {
    let mut hasher = FxHasher::default();
    id.hash(&mut hasher);
    let [.., a, b, c, d] = hasher.finish().to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Positions that are held out, one bit each.
#[derive(Clone, Debug, Default)]
pub(super) struct Tombstones(Vec<u64>);

impl Tombstones {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    /// Whether it was not there before.
    pub(super) fn insert(&mut self, place: usize) -> bool {
        let new = !self.has(place);
        if self.0.len() <= place / 64 {
            self.0.resize(place / 64 + 1, 0);
        }
        self.0[place / 64] |= 1 << (place % 64);
        new
    }

    /// Takes them out of what is shown.
    pub(super) fn clear(&self, shown: &mut [bool]) {
        for (word, shown) in self.0.iter().zip(shown.chunks_mut(64)).filter(|(word, _)| **word != 0) {
            for (bit, shown) in shown.iter_mut().enumerate() {
                *shown &= word >> bit & 1 == 0;
            }
        }
    }
}
