//! The impact of removing grants: who actually loses access, and which of their active tokens stop working.

use super::{AccessList, Grantee, Membership, PermittedPrincipals, PrincipalSet};
use crate::{Inventory, PrincipalId, PrincipalKind, TokenCount, UnreadPart};

/// The effect of a change of the access control list on principals and their tokens.
#[derive(Clone, Debug)]
pub struct AccessImpact {
    /// How many users and service principals are known to be able to use tokens before the change.
    pub before: TokenCount,
    /// How many can after the change.
    pub after: TokenCount,
    /// How many can use tokens only after the change.
    pub gained: ImpactCount,
    /// How many can use tokens only before the change.
    pub lost: ImpactCount,
    /// How many active tokens of those who lose access stop working.
    pub tokens: ImpactCount,
    /// How many of those tokens were used in the last 7 days.
    pub recently_used: ImpactCount,
    /// Principals that are known to lose access. Owners of active tokens come first; service principals before users,
    /// then by number of tokens.
    pub affected: Vec<AffectedPrincipal>,
    /// Grants of the old list that may cover unknown principals, so that more principals may lose access.
    pub unresolved: Vec<Grantee>,
    /// Grants of the new list that may cover unknown principals, so that some principals may keep access.
    pub maybe_kept_through: Vec<Grantee>,
    lost_set: PrincipalSet,
}

/// A number that depends on group memberships that may be partly unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImpactCount {
    /// All relevant data was read.
    Exactly(usize),
    /// There may be more: members of a group that loses its grant, or rows of the token list, could not be read.
    AtLeast(usize),
    /// There may be fewer: members of a group that keeps its grant could not be read.
    AtMost(usize),
    /// No number is known.
    Unknown,
}

/// The impact of removing one grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantImpact {
    /// How many principals the grant covers.
    pub reaches: usize,
    /// How many of them lose access; the others keep it through another permission.
    pub lose: usize,
}

/// A principal who loses access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedPrincipal {
    /// Its SCIM ID.
    pub id: PrincipalId,
    /// User or service principal.
    pub kind: PrincipalKind,
    /// Its name as in lists.
    pub label: String,
    /// How many active tokens it owns.
    pub tokens: usize,
    /// How many of those tokens were used in the last 7 days.
    pub recently_used: usize,
}

impl ImpactCount {
    const fn new(n: usize, may_be_more: bool, may_be_fewer: bool) -> Self {
        match (n, may_be_more, may_be_fewer) {
            (_, false, false) => Self::Exactly(n),
            (0, false, true) => Self::Exactly(0),
            (_, false, true) => Self::AtMost(n),
            (1.., true, false) => Self::AtLeast(n),
            (0, true, _) | (_, true, true) => Self::Unknown,
        }
    }

    /// Whether it is certainly 0.
    pub fn is_zero(self) -> bool {
        self == Self::Exactly(0)
    }
}

impl AccessImpact {
    /// The impact of changing the list from `before` to `after`.
    pub fn of(before: &AccessList, after: &AccessList, membership: &Membership, inventory: &Inventory) -> Self {
        let (before, after) = (membership.permitted(before), membership.permitted(after));
        let lost_set = membership.lost(&before, &after);
        let affected = affected(&lost_set, membership, inventory);
        let not_in = |others: &PermittedPrincipals| {
            let others = others.unresolved.clone();
            move |grantee: &&Grantee| !others.contains(grantee)
        };
        let unresolved: Vec<_> = before.unresolved.iter().filter(not_in(&after)).cloned().collect();
        let adds_unresolved = after.unresolved.iter().any(|grantee| not_in(&before)(&grantee));
        let gained = membership.lost(&after, &before).len();
        let (may_be_more, may_be_fewer) = (!unresolved.is_empty(), after.is_lower_bound());
        let lost = ImpactCount::new(lost_set.len(), may_be_more, may_be_fewer);
        let has_unread_rows = inventory.unread().has(UnreadPart::Rows);
        let tokens = |n: usize| match lost.is_zero() {
            true => ImpactCount::Exactly(0),
            false => ImpactCount::new(n, may_be_more || has_unread_rows, may_be_fewer),
        };
        Self {
            before: before.count(),
            after: after.count(),
            gained: ImpactCount::new(gained, adds_unresolved, before.is_lower_bound()),
            lost,
            tokens: tokens(affected.iter().map(|owner| owner.tokens).sum()),
            recently_used: tokens(affected.iter().map(|owner| owner.recently_used).sum()),
            affected,
            unresolved,
            maybe_kept_through: match lost_set.is_empty() {
                true => Vec::new(),
                false => after.unresolved,
            },
            lost_set,
        }
    }

    /// The impact of removing the grant to `grantee`. `None` if not all principals that it covers are known.
    pub fn grant_impact(&self, membership: &Membership, grantee: &Grantee) -> Option<GrantImpact> {
        let reach = membership.reach(grantee)?;
        Some(GrantImpact {
            reaches: reach.len(),
            lose: reach.shared_with(&self.lost_set),
        })
    }

    /// Whether the principal with this ID is known to lose access.
    pub fn affects(&self, id: PrincipalId) -> bool {
        self.affected.iter().any(|affected| affected.id == id)
    }
}

fn affected(lost: &PrincipalSet, membership: &Membership, inventory: &Inventory) -> Vec<AffectedPrincipal> {
    let principals = membership.ids(lost).filter_map(|id| inventory.directory().get(id));
    let mut affected: Vec<_> = principals
        .map(|principal| {
            let active = inventory.active_tokens_of(principal.id);
            AffectedPrincipal {
                id: principal.id,
                kind: principal.kind,
                label: principal.label().to_owned(),
                tokens: active.tokens,
                recently_used: active.recently_used,
            }
        })
        .collect();
    affected.sort_unstable_by(|a, b| {
        let rank = |a: &AffectedPrincipal| (a.tokens == 0, a.kind != PrincipalKind::ServicePrincipal);
        (rank(a).cmp(&rank(b)))
            .then(b.tokens.cmp(&a.tokens))
            .then_with(|| a.label.cmp(&b.label))
            .then(a.id.cmp(&b.id))
    });
    affected
}

#[cfg(test)]
mod tests;
