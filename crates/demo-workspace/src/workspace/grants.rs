//! Who may use tokens. The group `admins` always holds CAN_MANAGE and nobody else can, so only CAN_USE is kept.

use super::directory::PrincipalId;

/// Principals with a direct CAN_USE, in the order in which they were granted.
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

    /// Adds what is not there yet.
    pub(crate) fn add(&mut self, principals: impl IntoIterator<Item = PrincipalId>) {
        for principal in principals {
            if !self.allow(principal) {
                self.can_use.push(principal);
            }
        }
    }

    /// Everyone not named loses the grant.
    pub(crate) fn replace(&mut self, principals: impl IntoIterator<Item = PrincipalId>) {
        self.can_use.clear();
        self.add(principals);
    }

    pub(crate) fn remove(&mut self, principal: PrincipalId) {
        self.can_use.retain(|granted| *granted != principal);
    }
}
