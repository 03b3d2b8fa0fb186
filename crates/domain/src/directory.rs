//! Who is who in a workspace: users and service principals by id, as SCIM lists them.

use core::fmt;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// A SCIM id: a whole number of 64 bits that must never pass through a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PrincipalId(i64);

impl PrincipalId {
    /// Takes the number as it is.
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::str::FromStr for PrincipalId {
    type Err = core::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What may own a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PrincipalKind {
    /// A person.
    User,
    /// An identity for automation.
    ServicePrincipal,
}

impl PrincipalKind {
    /// Every kind, in the order of the filter.
    pub const ALL: [Self; 2] = [Self::User, Self::ServicePrincipal];

    /// The word in a URL.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ServicePrincipal => "service_principal",
        }
    }

    /// The words in the filter.
    pub const fn label(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::ServicePrincipal => "Service principal",
        }
    }
}

/// A user or a service principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Its SCIM id.
    pub id: PrincipalId,
    /// What it is.
    pub kind: PrincipalKind,
    /// A user's user name, a service principal's application id.
    pub name: String,
    /// The name for people; empty where none is set.
    pub display_name: String,
    /// Whether it may sign in.
    pub active: bool,
}

impl Principal {
    /// What a list shows: the user name of a person, the display name of a service principal (its application id
    /// says nothing to people).
    pub fn label(&self) -> &str {
        match self.kind {
            PrincipalKind::ServicePrincipal if !self.display_name.is_empty() => &self.display_name,
            _ => &self.name,
        }
    }
}

/// All principals of a workspace at one time.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    by_id: FxHashMap<PrincipalId, Principal>,
    complete: bool,
}

/// What is known of a token's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// Found.
    Known(&'a Principal),
    /// The directory is complete and does not have it: most likely deleted.
    Unknown(PrincipalId),
    /// The directory could not be read, so nothing is claimed.
    NotLoaded(PrincipalId),
    /// The workspace named no owner.
    NotReported,
}

impl Directory {
    /// Everybody, read to the end.
    pub fn complete(principals: impl IntoIterator<Item = Principal>) -> Self {
        let by_id = principals.into_iter().map(|p| (p.id, p)).collect();
        Self { by_id, complete: true }
    }

    /// Those who could be read; nobody is called unknown for being absent here.
    pub fn partial(principals: impl IntoIterator<Item = Principal>) -> Self {
        Self {
            complete: false,
            ..Self::complete(principals)
        }
    }

    /// Whether all of the workspace's principals are here.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// How many are here.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether nobody is here.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Everybody, in no order.
    pub fn principals(&self) -> impl Iterator<Item = &Principal> {
        self.by_id.values()
    }

    /// The principal with this id.
    pub fn get(&self, id: PrincipalId) -> Option<&Principal> {
        self.by_id.get(&id)
    }

    /// What is known of the owner with this id.
    pub fn owner(&self, id: Option<PrincipalId>) -> Owner<'_> {
        let Some(id) = id else { return Owner::NotReported };
        match self.by_id.get(&id) {
            Some(principal) => Owner::Known(principal),
            None if self.complete => Owner::Unknown(id),
            None => Owner::NotLoaded(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(id: i64) -> Principal {
        Principal {
            id: PrincipalId::new(id),
            kind: PrincipalKind::User,
            name: "mia@acme.example".into(),
            display_name: "Mia".into(),
            active: true,
        }
    }

    #[test]
    fn ids_beyond_2_to_the_53_stay_whole() {
        let id: PrincipalId = "9007199254740993".parse().unwrap();
        assert_eq!(id.to_string(), "9007199254740993");
        assert_eq!(id.get(), (1 << 53) + 1);
    }

    #[test]
    fn nobody_is_called_unknown_by_a_directory_with_holes() {
        let stranger = Some(PrincipalId::new(7));
        let complete = Directory::complete([principal(1)]);
        let partial = Directory::partial([principal(1)]);
        assert_eq!(complete.owner(stranger), Owner::Unknown(PrincipalId::new(7)));
        assert_eq!(partial.owner(stranger), Owner::NotLoaded(PrincipalId::new(7)));
        assert_eq!(complete.owner(None), Owner::NotReported);
        assert!(matches!(partial.owner(Some(PrincipalId::new(1))), Owner::Known(_)));
    }
}
