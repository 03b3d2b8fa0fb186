//! How many tokens there are, by status and policy.

use super::Inventory;
use crate::{Expiry, Known, MaxLifetime, Status, Timestamp, Token, TokenCount, finding};

/// Numbers of tokens by status and policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// All tokens.
    pub total: TokenCount,
    /// Tokens with status active.
    pub active: TokenCount,
    /// Tokens without an expiry.
    pub never_expire: TokenCount,
    /// Tokens with status expired.
    pub expired: TokenCount,
    /// Active tokens whose lifetime is longer than a custom limit allows for new ones.
    pub over_policy: Known<TokenCount>,
}

/// The same numbers for the tokens that were read. The last one means nothing without a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RowCounts {
    pub(super) total: usize,
    pub(super) active: usize,
    pub(super) never_expire: usize,
    pub(super) expired: usize,
    pub(super) over_policy: usize,
}

impl RowCounts {
    /// The counts without the tokens that `removed` counts.
    pub(super) fn minus(self, removed: Self) -> Self {
        Self {
            total: self.total - removed.total,
            active: self.active - removed.active,
            never_expire: self.never_expire - removed.never_expire,
            expired: self.expired - removed.expired,
            over_policy: self.over_policy - removed.over_policy,
        }
    }
}

impl Inventory {
    /// Counts over all tokens, regardless of any filters.
    pub fn counts(&self) -> Counts {
        let (unread, counts) = (self.unread(), self.counts);
        Counts {
            total: unread.count(counts.total),
            active: unread.count(counts.active),
            never_expire: unread.count(counts.never_expire),
            expired: unread.count(counts.expired),
            over_policy: self.limit.map(|_| unread.count(counts.over_policy)),
        }
    }
}

pub(super) fn count<'a>(
    tokens: impl IntoIterator<Item = &'a Token>,
    limit: Known<MaxLifetime>,
    now: Timestamp,
) -> RowCounts {
    let limit = limit.known();
    let mut counts = RowCounts::default();
    for token in tokens {
        let status = token.status(now);
        let outlives = || limit.is_some_and(|limit| finding::outlives(token, limit));
        counts.total += 1;
        counts.active += usize::from(status == Status::Active);
        counts.expired += usize::from(status == Status::Expired);
        counts.never_expire += usize::from(token.expiry == Expiry::Never);
        counts.over_policy += usize::from(status == Status::Active && outlives());
    }
    counts
}
