//! What stops when grants are removed: who actually loses access, and which of their active tokens.

use super::{AccessList, Grantee, Membership, PrincipalSet};
use crate::{Inventory, PrincipalId, PrincipalKind, TokenCount};

/// What a change of the access control list does to principals and their tokens.
#[derive(Clone, Debug)]
pub struct AccessImpact {
    /// How many users and service principals can use tokens before and cannot after.
    pub principals: usize,
    /// Those who own active tokens: service principals first, then owners who used a token in the last 7 days, then by
    /// number of tokens.
    pub affected: Vec<AffectedPrincipal>,
    /// How many active tokens stop.
    pub tokens: TokenCount,
    /// How many of those tokens were used in the last 7 days.
    pub recently_used: TokenCount,
    /// Grants of the old list whose reach is unknown, so that more principals may lose access.
    pub unresolved: Vec<Grantee>,
    /// Grants of the new list whose reach is unknown, so that some of the principals may keep access.
    pub maybe_kept_through: Vec<Grantee>,
    /// The IDs of all who lose access.
    lost_ids: Vec<PrincipalId>,
    lost: PrincipalSet,
}

/// What the removal of one grant contributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantImpact {
    /// How many principals the grant reaches.
    pub reaches: usize,
    /// How many of them lose access; the others keep it through another grant.
    pub lose: usize,
}

/// A principal who loses access and owns active tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedPrincipal {
    /// Its SCIM ID.
    pub id: PrincipalId,
    /// User or service principal.
    pub kind: PrincipalKind,
    /// Its name, as lists show it.
    pub label: String,
    /// How many active tokens it owns.
    pub tokens: usize,
    /// How many of those tokens were used in the last 7 days.
    pub recently_used: usize,
}

impl AccessImpact {
    /// What stops when `before` becomes `after`.
    pub fn of(before: &AccessList, after: &AccessList, membership: &Membership, inventory: &Inventory) -> Self {
        let (before, after) = (membership.permitted(before), membership.permitted(after));
        let lost = membership.lost(&before, &after);
        let lost_ids: Vec<_> = membership.ids(&lost).collect();
        let (mut tokens, mut recently_used, mut affected) = (0, 0, Vec::new());
        for id in &lost_ids {
            let active = inventory.active_tokens_of(*id);
            let Some(principal) = inventory.directory().get(*id).filter(|_| active.tokens > 0) else {
                continue;
            };
            tokens += active.tokens;
            recently_used += active.recently_used;
            affected.push(AffectedPrincipal {
                id: *id,
                kind: principal.kind,
                label: principal.label().to_owned(),
                tokens: active.tokens,
                recently_used: active.recently_used,
            });
        }
        affected.sort_unstable_by(|a, b| {
            let rank = |l: &AffectedPrincipal| (l.kind != PrincipalKind::ServicePrincipal, l.recently_used == 0);
            (rank(a).cmp(&rank(b)))
                .then(b.tokens.cmp(&a.tokens))
                .then_with(|| a.label.cmp(&b.label))
        });
        let is_gone = |grantee: &&Grantee| !after.unresolved.contains(grantee);
        let unresolved = before.unresolved.iter().filter(is_gone).cloned().collect();
        let unread = inventory.unread();
        Self {
            principals: lost_ids.len(),
            affected,
            tokens: unread.count(tokens),
            recently_used: unread.count(recently_used),
            unresolved,
            maybe_kept_through: match lost_ids.is_empty() {
                true => Vec::new(),
                false => after.unresolved,
            },
            lost_ids,
            lost,
        }
    }

    /// What removing the grant to `grantee` contributes. `None` if its reach is not known completely.
    pub fn grant_impact(&self, membership: &Membership, grantee: &Grantee) -> Option<GrantImpact> {
        let reach = membership.reach(grantee)?;
        Some(GrantImpact {
            reaches: reach.len(),
            lose: reach.shared_with(&self.lost),
        })
    }

    /// Whether more principals than those counted may lose access.
    pub fn is_lower_bound(&self) -> bool {
        !self.unresolved.is_empty()
    }

    /// Whether the principal with this ID loses access.
    pub fn affects(&self, id: PrincipalId) -> bool {
        self.lost_ids.contains(&id)
    }
}

#[cfg(test)]
mod tests;
