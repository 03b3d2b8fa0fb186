//! How many tokens have each finding.

use std::cmp::Reverse;
use std::sync::Arc;

use super::columns::{DictColumn, TokenFlags};
use super::{Inventory, Tombstones};
use crate::{
    AcceptedFindings, FindingKind, KindSet, Known, NEAR_TOKEN_LIMIT, PrincipalId, Severity, Status, TokenCount,
};

/// The number of tokens with each finding.
type ByKind = [usize; FindingKind::ALL.len()];

/// How many tokens have each finding.
#[derive(Clone, Debug)]
pub(super) struct FindingCounts {
    /// Tokens that [`crate::Rule::query`] lists.
    listed: ByKind,
    /// Those of them for which the finding is not accepted.
    open: ByKind,
    /// All tokens, with any status.
    all: ByKind,
}

impl FindingCounts {
    /// How many tokens have a finding, with any status.
    pub(super) const fn of_all(&self, kind: FindingKind) -> usize {
        self.all[kind as usize]
    }
}

impl Inventory {
    /// The inventory with these accepted findings.
    #[must_use]
    pub fn with_accepted(&self, accepted: Arc<AcceptedFindings>) -> Self {
        Self {
            accepted,
            facets: self.facets.clone(),
            active_by_owner: self.active_by_owner.clone(),
            ..self.clone_shared()
        }
    }

    /// The findings that are accepted.
    pub fn accepted(&self) -> &Arc<AcceptedFindings> {
        &self.accepted
    }

    /// How many tokens have a finding; if `is_open`, without those for which it is accepted.
    pub fn finding_count(&self, kind: FindingKind, is_open: bool) -> Known<TokenCount> {
        let counts = self.finding_counts();
        let listed = if is_open { counts.open } else { counts.listed };
        let unread = self.unread();
        let count = unread.count(listed[kind as usize]);
        unread
            .finding(kind)
            .map(|()| match counts.of_all(FindingKind::OwnerUnknown) {
                // Owners who are not known yet may be gone too.
                1.. if kind == FindingKind::OwnerGone => TokenCount::AtLeast(count.seen()),
                _ => count,
            })
    }

    /// The counts, determined on first use.
    pub(super) fn finding_counts(&self) -> &FindingCounts {
        self.finding_counts.get_or_init(|| {
            let parts = self.part_columns();
            let (all, listed) = count(&parts.flags, &self.removed);
            let open = match self.accepted.is_empty() {
                true => listed,
                false => count(self.open_flags(parts), &self.removed).1,
            };
            FindingCounts { listed, open, all }
        })
    }

    /// How many tokens have a finding that needs action now. No token is counted twice, since none has two of these
    /// findings. A lower bound if something could not be determined.
    pub fn act_now_count(&self) -> TokenCount {
        let kinds = KindSet::of_severity(Severity::ActNow);
        TokenCount::sum(kinds.iter().map(|kind| self.finding_count(kind, true)))
    }

    /// The owners near the token limit with their number of active tokens, largest first.
    pub fn owners_near_limit(&self) -> Vec<(PrincipalId, usize)> {
        let by_owner = self.active_by_owner();
        let near = by_owner.iter().filter(|(_, count)| count.tokens >= NEAR_TOKEN_LIMIT);
        let mut near: Vec<_> = near.map(|(owner, count)| (*owner, count.tokens)).collect();
        near.sort_unstable_by_key(|(owner, tokens)| (Reverse(*tokens), *owner));
        near
    }
}

/// The number of tokens with each finding: of all tokens, and of those that are listed for it. All findings except
/// [`FindingKind::Expired`] matter only while a token is active.
fn count(column: &DictColumn<TokenFlags>, removed: &Tombstones) -> (ByKind, ByKind) {
    let mut by_flags = vec![0_usize; column.values.len()];
    for (_, index) in column.indices.iter().enumerate().filter(|(i, _)| !removed.has(*i)) {
        by_flags[*index as usize] += 1;
    }
    let (mut all, mut listed) = ([0; _], [0; _]);
    for (flags, tokens) in column.values.iter().zip(by_flags) {
        let is_active = flags.has_status(Status::Active);
        for kind in flags.findings().iter() {
            all[kind as usize] += tokens;
            if is_active || kind == FindingKind::Expired {
                listed[kind as usize] += tokens;
            }
        }
    }
    (all, listed)
}
