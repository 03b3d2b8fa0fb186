//! How many tokens there are, by status, policy and findings.

use strum::VariantArray;

use super::Inventory;
use crate::query::TokenQuery;
use crate::variants::all;
use crate::{Expiry, ExpiryWindow, FindingKind, Known, Status, Timestamp, Token, TokenCount, finding};

/// A number above the list of tokens, which links to the tokens that it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Counter {
    /// See [`Counts::active`].
    Active,
    /// See [`Counts::expiring_soon`].
    ExpiringSoon,
    /// See [`Counts::never_expire`].
    NeverExpire,
    /// See [`Counts::over_policy`].
    OverPolicy,
    /// See [`Counts::unused`].
    Unused,
    /// See [`Counts::owner_gone`].
    OwnerGone,
}

impl Counter {
    /// Every counter, in the order of the page.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// The filter that lists exactly the tokens that it counts.
    pub fn query(self) -> TokenQuery {
        let findings = |findings: &[FindingKind]| TokenQuery {
            findings: findings.to_vec(),
            ..TokenQuery::default()
        };
        match self {
            Self::Active => TokenQuery {
                status: Some(Status::Active),
                ..TokenQuery::default()
            },
            Self::ExpiringSoon => TokenQuery {
                expires_in: Some(ExpiryWindow::Days7),
                ..TokenQuery::default()
            },
            // Only active tokens can match these three filters.
            Self::NeverExpire => findings(&[FindingKind::NeverExpires]),
            Self::OverPolicy => findings(&[FindingKind::OverPolicy]),
            Self::Unused => findings(&[FindingKind::Idle]),
            Self::OwnerGone => findings(&FindingKind::OWNER_ABSENT),
        }
    }

    /// Its name on the page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::ExpiringSoon => "Expiring in 7 days",
            Self::NeverExpire => "Never expire",
            Self::OverPolicy => "Over policy",
            Self::Unused => "Unused 60 days",
            Self::OwnerGone => "Owner gone",
        }
    }
}

/// Numbers of tokens by status, policy and findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// All tokens.
    pub total: TokenCount,
    /// Tokens with status active.
    pub active: TokenCount,
    /// Active tokens that expire within 7 × 24 hours after the list was read.
    pub expiring_soon: TokenCount,
    /// Tokens without an expiry, which are always active.
    pub never_expire: TokenCount,
    /// Active tokens that were last used at least 60 days ago or, if never used, created that long ago.
    pub unused: TokenCount,
    /// Tokens with status expired.
    pub expired: TokenCount,
    /// Active tokens with a longer lifetime than a custom limit allows for new tokens.
    pub over_policy: Known<TokenCount>,
    /// Tokens whose owner is deactivated, or not in this workspace. Tokens with an unknown or unreported owner are not
    /// counted, so there can be more until the workspace has been asked about each unknown owner.
    pub owner_gone: Known<TokenCount>,
}

impl Counts {
    /// Tokens whose expiry the workspace does not report, so that it is unknown whether they are active.
    pub const fn unknown_status(&self) -> TokenCount {
        let known = self.active.seen() + self.expired.seen();
        self.total.with(self.total.seen().saturating_sub(known))
    }

    /// The number of a counter.
    pub const fn of(&self, counter: Counter) -> Known<TokenCount> {
        match counter {
            Counter::Active => Known::Known(self.active),
            Counter::ExpiringSoon => Known::Known(self.expiring_soon),
            Counter::NeverExpire => Known::Known(self.never_expire),
            Counter::OverPolicy => self.over_policy,
            Counter::Unused => Known::Known(self.unused),
            Counter::OwnerGone => self.owner_gone,
        }
    }
}

/// The counts that depend only on the rows of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RowCounts {
    pub(super) total: usize,
    pub(super) active: usize,
    pub(super) expiring_soon: usize,
    pub(super) never_expire: usize,
    pub(super) unused: usize,
    pub(super) expired: usize,
}

impl RowCounts {
    /// The counts minus those of the removed tokens.
    pub(super) fn minus(self, removed: Self) -> Self {
        Self {
            total: self.total - removed.total,
            active: self.active - removed.active,
            expiring_soon: self.expiring_soon - removed.expiring_soon,
            never_expire: self.never_expire - removed.never_expire,
            unused: self.unused - removed.unused,
            expired: self.expired - removed.expired,
        }
    }

    pub(super) fn of<'a>(tokens: impl IntoIterator<Item = &'a Token>, now: Timestamp) -> Self {
        let mut counts = Self::default();
        for token in tokens {
            let status = token.status(now);
            counts.total += 1;
            counts.active += usize::from(status == Status::Active);
            counts.expired += usize::from(status == Status::Expired);
            counts.expiring_soon += usize::from(finding::expires_soon(token, now).is_some());
            counts.never_expire += usize::from(token.expiry == Expiry::Never);
            counts.unused += usize::from(finding::idle(token, now).is_some());
        }
        counts
    }
}

impl Inventory {
    /// Counts of all tokens, regardless of filters.
    pub fn counts(&self) -> Counts {
        let (unread, counts, findings) = (self.unread(), self.counts, self.finding_counts());
        let owner_gone = findings.of_all(FindingKind::OwnerGone) + findings.of_all(FindingKind::OwnerDeactivated);
        Counts {
            total: unread.count(counts.total),
            active: unread.count(counts.active),
            expiring_soon: unread.count(counts.expiring_soon),
            never_expire: unread.count(counts.never_expire),
            unused: unread.count(counts.unused),
            expired: unread.count(counts.expired),
            over_policy: self
                .limit
                .map(|_| unread.count(findings.of_all(FindingKind::OverPolicy))),
            owner_gone: unread.finding(FindingKind::OwnerGone).map(|()| {
                match findings.of_all(FindingKind::OwnerUnknown) {
                    0 => unread.count(owner_gone),
                    _ => TokenCount::AtLeast(owner_gone),
                }
            }),
        }
    }
}
