//! Positions of tokens in a list: an index by ID, and the set of removed positions.

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::FxHasher;

use crate::{Token, TokenId};

/// The tokens of a list by ID, and by the handle of an ID that is a hash. It takes eight bytes per token, because the
/// IDs themselves are in the list.
#[derive(Debug)]
pub(super) struct IdIndex {
    /// Pairs of hash and position, sorted.
    by_hash: Vec<(u32, u32)>,
}

impl IdIndex {
    pub(super) fn new(tokens: &[Token]) -> Self {
        let mut by_hash: Vec<_> = (0..)
            .zip(tokens)
            .map(|(position, token)| (hash(&token.id), position))
            .collect();
        by_hash.sort_unstable();
        Self { by_hash }
    }

    /// The distinct IDs in the indexed list that equal this handle, or are hashes that start with it.
    pub(super) fn ids_with_handle<'a>(&self, handle: &str, tokens: &'a [Token]) -> Vec<&'a TokenId> {
        let ids = self
            .positions(hash_of(handle))
            .map(|position| &tokens[position as usize].id);
        let mut found: Vec<_> = ids
            .filter(|id| id.as_str() == handle || id.is_hash() && id.handle() == handle)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The position of the first token with this ID in `tokens`, which has to be the indexed list.
    pub(super) fn position_of(&self, id: &TokenId, tokens: &[Token]) -> Option<u32> {
        self.positions(hash(id))
            .find(|position| tokens[*position as usize].id == *id)
    }

    fn positions(&self, hash: u32) -> impl Iterator<Item = u32> {
        let from = self.by_hash.partition_point(|(other, _)| *other < hash);
        let same = self.by_hash[from..].iter().take_while(move |(other, _)| *other == hash);
        same.map(|(_, position)| *position)
    }
}

/// For an ID that is a hash, the hash of its handle, so that both find it.
fn hash(id: &TokenId) -> u32 {
    match id.is_hash() {
        true => hash_of(&id.handle()),
        false => hash_of(id.as_str()),
    }
}

fn hash_of(text: &str) -> u32 {
    let mut hasher = FxHasher::default();
    text.hash(&mut hasher);
    let [.., a, b, c, d] = hasher.finish().to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The positions of removed tokens, one bit each.
#[derive(Clone, Debug, Default)]
pub(super) struct Tombstones(Vec<u64>);

impl Tombstones {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, position: usize) -> bool {
        let word = self.0.get(position / 64);
        word.is_some_and(|word| word >> (position % 64) & 1 == 1)
    }

    /// Inserts a position. Returns whether it is new.
    pub(super) fn insert(&mut self, position: usize) -> bool {
        let new = !self.has(position);
        if self.0.len() <= position / 64 {
            self.0.resize(position / 64 + 1, 0);
        }
        self.0[position / 64] |= 1 << (position % 64);
        new
    }

    /// Sets the entries at removed positions to false.
    pub(super) fn clear(&self, passes: &mut [bool]) {
        for (word, passes) in self.0.iter().zip(passes.chunks_mut(64)).filter(|(word, _)| **word != 0) {
            for (bit, passes) in passes.iter_mut().enumerate() {
                *passes &= word >> bit & 1 == 0;
            }
        }
    }
}
