//! Who can use tokens. Only the group `admins` can have CAN_MANAGE, and it always has it, so only CAN_USE is stored.

use super::directory::PrincipalId;

/// Principals with their own CAN_USE, in the order in which they were granted it.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    can_use: Vec<PrincipalId>,
}

impl Grants {
    pub(crate) fn allow(&self, principal: PrincipalId) -> bool {
        self.can_use.contains(&principal)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = PrincipalId> + '_ {
        self.can_use.iter().copied()
    }

    /// Grants CAN_USE to those who do not have it yet.
    pub(crate) fn add(&mut self, principals: impl IntoIterator<Item = PrincipalId>) {
        for principal in principals {
            if !self.allow(principal) {
                self.can_use.push(principal);
            }
        }
    }

    /// Grants CAN_USE to these principals and to no others.
    pub(crate) fn replace(&mut self, principals: impl IntoIterator<Item = PrincipalId>) {
        self.can_use.clear();
        self.add(principals);
    }

    pub(crate) fn remove(&mut self, principal: PrincipalId) {
        self.can_use.retain(|granted| *granted != principal);
    }
}
