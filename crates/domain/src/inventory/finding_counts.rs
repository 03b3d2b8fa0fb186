//! How many tokens have each finding.

use std::cmp::Reverse;
use std::sync::Arc;

use super::columns::{DictColumn, PartColumns, TokenFlags};
use super::{Inventory, Tombstones};
use crate::{
    AcceptedFindings, FindingKind, KindSet, Known, NEAR_TOKEN_LIMIT, PrincipalId, Severity, Status, TokenCount,
};

/// How many tokens have each finding: those that [`crate::Rule::query`] lists.
#[derive(Clone, Debug)]
pub(super) struct FindingCounts {
    all: [usize; FindingKind::ALL.len()],
    open: [usize; FindingKind::ALL.len()],
}

impl Inventory {
    /// The inventory with the findings that are accepted.
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

    /// How many tokens have a finding. Without those for which it is accepted if `is_open`.
    pub fn finding_count(&self, kind: FindingKind, is_open: bool) -> Known<TokenCount> {
        let counts = self.finding_counts.get_or_init(|| self.count_findings());
        let counts = if is_open { counts.open } else { counts.all };
        let unread = self.unread();
        let count = unread.count(counts[kind as usize]);
        unread.finding(kind).map(|()| match self.counts.owner_unknown {
            // Owners who are not known yet can be gone too.
            1.. if kind == FindingKind::OwnerGone => TokenCount::AtLeast(count.seen()),
            _ => count,
        })
    }

    fn count_findings(&self) -> FindingCounts {
        let columns = self.columns();
        let parts = self
            .part_columns
            .get_or_init(|| PartColumns::new(self, &columns.owners));
        FindingCounts {
            all: count(&parts.flags, &self.removed),
            open: count(self.open_flags(parts), &self.removed),
        }
    }

    /// How many tokens have a finding that needs action now. They are different tokens: no token has two of these.
    /// At least this number if something could not be determined.
    pub fn act_now_count(&self) -> TokenCount {
        let kinds = KindSet::of_severity(Severity::ActNow);
        TokenCount::sum(kinds.iter().map(|kind| self.finding_count(kind, true)))
    }

    /// The owners that have almost as many active tokens as one can have, with the numbers; those with the most first.
    pub fn owners_near_limit(&self) -> Vec<(PrincipalId, usize)> {
        let by_owner = self.active_by_owner();
        let near = by_owner.iter().filter(|(_, count)| count.tokens >= NEAR_TOKEN_LIMIT);
        let mut near: Vec<_> = near.map(|(owner, count)| (*owner, count.tokens)).collect();
        near.sort_unstable_by_key(|(owner, tokens)| (Reverse(*tokens), *owner));
        near
    }
}

/// The number of tokens with each finding. All but [`FindingKind::Expired`] matter only while a token is active.
fn count(column: &DictColumn<TokenFlags>, removed: &Tombstones) -> [usize; FindingKind::ALL.len()] {
    let mut by_flags = vec![0_usize; column.values.len()];
    for (_, index) in column.indices.iter().enumerate().filter(|(i, _)| !removed.has(*i)) {
        by_flags[*index as usize] += 1;
    }
    let mut counts = [0; FindingKind::ALL.len()];
    for (flags, tokens) in column.values.iter().zip(by_flags) {
        let is_active = flags.has_status(Status::Active);
        let counted = flags
            .findings()
            .iter()
            .filter(|kind| is_active || *kind == FindingKind::Expired);
        for kind in counted {
            counts[kind as usize] += tokens;
        }
    }
    counts
}
