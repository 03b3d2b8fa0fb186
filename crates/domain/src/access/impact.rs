//! What stops when grants are taken away: who really loses access, and which live tokens of theirs.

use super::{AccessList, Grantee, Membership, PrincipalSet};
use crate::{Inventory, PrincipalId, PrincipalKind};

/// A change of the list, as it hits people.
#[derive(Clone, Debug, Default)]
pub struct AccessImpact {
    /// How many people and service principals can use tokens before and cannot after.
    pub principals: usize,
    /// Those of them who own live tokens: service principals first, then who used one in the last 7 days, then by
    /// how many there are.
    pub losers: Vec<AffectedPrincipal>,
    /// The live tokens that stop.
    pub tokens: usize,
    /// Of them, those used in the last 7 days.
    pub recently_used: usize,
    /// Grants of the list before that leave it open who else loses access.
    pub open: Vec<Grantee>,
    /// Grants of the list after through which some may keep it: their members cannot be told.
    pub kept_through: Vec<Grantee>,
    everybody: Vec<PrincipalId>,
    lost: Option<PrincipalSet>,
}

/// What one removed grant has to do with a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantImpact {
    /// How many the grant reaches.
    pub reaches: usize,
    /// How many of them lose access; the others keep it through another grant.
    pub lose: usize,
}

/// Somebody who loses access and owns live tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedPrincipal {
    /// Who.
    pub id: PrincipalId,
    /// What they are.
    pub kind: PrincipalKind,
    /// As lists show them.
    pub label: String,
    /// Their live tokens.
    pub tokens: usize,
    /// Of them, those used in the last 7 days.
    pub recently_used: usize,
}

impl AccessImpact {
    /// What stops when `before` becomes `after`.
    pub fn of(before: &AccessList, after: &AccessList, membership: &Membership, inventory: &Inventory) -> Self {
        let (before, after) = (membership.permitted(before), membership.permitted(after));
        let lost = membership.lost(&before, &after);
        let mut loss = Self {
            principals: lost.len(),
            everybody: membership.ids(&lost).collect(),
            ..Self::default()
        };
        for id in &loss.everybody {
            let live = inventory.active_tokens_of(*id);
            let Some(principal) = inventory.directory().get(*id).filter(|_| live.tokens > 0) else {
                continue;
            };
            loss.tokens += live.tokens;
            loss.recently_used += live.recently_used;
            loss.losers.push(AffectedPrincipal {
                id: *id,
                kind: principal.kind,
                label: principal.label().to_owned(),
                tokens: live.tokens,
                recently_used: live.recently_used,
            });
        }
        loss.lost = Some(lost);
        loss.losers.sort_unstable_by(|a, b| {
            let rank = |l: &AffectedPrincipal| (l.kind != PrincipalKind::ServicePrincipal, l.recently_used == 0);
            (rank(a).cmp(&rank(b)))
                .then(b.tokens.cmp(&a.tokens))
                .then_with(|| a.label.cmp(&b.label))
        });
        let still_open = |grantee: &&Grantee| !after.unresolved.contains(grantee);
        loss.open = before.unresolved.iter().filter(still_open).cloned().collect();
        loss.kept_through = if loss.principals > 0 {
            after.unresolved
        } else {
            Vec::new()
        };
        loss
    }

    /// What the removal of `grantee` has to do with it. `None` where its reach cannot be told.
    pub fn grant_impact(&self, membership: &Membership, grantee: &Grantee) -> Option<GrantImpact> {
        let reach = membership.reach(grantee)?;
        Some(GrantImpact {
            reaches: reach.len(),
            lose: self.lost.as_ref().map_or(0, |lost| reach.shared_with(lost)),
        })
    }

    /// Whether the principal with this id loses access.
    pub fn affects(&self, id: PrincipalId) -> bool {
        self.everybody.contains(&id)
    }
}

#[cfg(test)]
mod tests;
