//! A group and its known members.

use crate::PrincipalId;

/// A group as the workspace lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its SCIM ID.
    pub id: PrincipalId,
    /// Its display name, by which grants refer to it.
    pub name: String,
    /// Where the group is managed.
    pub origin: GroupOrigin,
    /// Its direct members.
    pub members: Members,
}

/// Where a group is managed, which determines whether the workspace knows all its members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupOrigin {
    /// In this workspace only, like `admins` and `users`.
    Workspace,
    /// In the account.
    Account,
    /// In the identity provider, which syncs it to the account.
    Directory,
    /// The workspace does not report it.
    #[default]
    Unreported,
}

/// The direct members of a group, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Members {
    /// Exactly these.
    Known(Vec<Member>),
    /// These, and perhaps more.
    AtLeast(Vec<Member>),
    /// Nothing is known. The group may still have members.
    Unknown,
}

impl Members {
    /// The known members.
    pub fn listed(&self) -> &[Member] {
        match self {
            Self::Known(members) | Self::AtLeast(members) => members,
            Self::Unknown => &[],
        }
    }

    /// Whether there may be more than the listed members.
    pub fn may_be_more(&self) -> bool {
        !matches!(self, Self::Known(_))
    }
}

/// A direct member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// A user or a service principal.
    Principal(PrincipalId),
    /// A group.
    Group(PrincipalId),
    /// A member whose kind the workspace does not report.
    Unidentified(PrincipalId),
}

impl Member {
    /// Its SCIM ID.
    pub fn id(self) -> PrincipalId {
        match self {
            Self::Principal(id) | Self::Group(id) | Self::Unidentified(id) => id,
        }
    }
}
