//! The users and service principals of a workspace by ID, as SCIM lists them.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::variants::all;

/// A SCIM ID: a 64-bit integer that must never be converted to a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PrincipalId(i64);

impl PrincipalId {
    /// The ID with this number.
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// Its number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for PrincipalId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// The kinds of principals, which can own tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum PrincipalKind {
    /// A person.
    User,
    /// An identity for automation.
    ServicePrincipal,
}

impl PrincipalKind {
    /// Every kind, in the order of the filter.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// Its name in a URL.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// Its name in the filter.
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
    /// Its SCIM ID.
    pub id: PrincipalId,
    /// User or service principal.
    pub kind: PrincipalKind,
    /// The username of a user; the application ID of a service principal.
    pub name: String,
    /// The human-readable name; empty if none is set.
    pub display_name: String,
    /// Whether it can sign in.
    pub active: bool,
}

impl Principal {
    /// The name in lists: the username of a user, and the display name of a service principal, because its application
    /// ID is not human-readable.
    pub fn label(&self) -> &str {
        match self.kind {
            PrincipalKind::ServicePrincipal if !self.display_name.is_empty() => &self.display_name,
            _ => &self.name,
        }
    }
}

/// The principals of a workspace at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    by_id: Arc<FxHashMap<PrincipalId, Principal>>,
    complete: bool,
    gone: FxHashSet<PrincipalId>,
}

/// What is known about a token's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// The owner is in the directory.
    Known(&'a Principal),
    /// The owner is not in this workspace: the workspace was asked about this ID and said so.
    Gone(PrincipalId),
    /// The owner is not in the directory, which is complete. The workspace was not asked about this ID, or gave no
    /// clear response.
    Unknown(PrincipalId),
    /// The owner is not in the directory, which is incomplete: the owner may exist.
    NotLoaded(PrincipalId),
    /// The workspace did not name an owner.
    NotReported,
}

impl Directory {
    /// A directory of all principals of the workspace.
    pub fn complete(principals: impl IntoIterator<Item = Principal>) -> Self {
        let by_id = principals.into_iter().map(|p| (p.id, p)).collect();
        Self {
            by_id: Arc::new(by_id),
            complete: true,
            gone: FxHashSet::default(),
        }
    }

    /// The same directory, with IDs that the workspace says it does not have.
    #[must_use]
    pub fn with_gone(&self, gone: impl IntoIterator<Item = PrincipalId>) -> Self {
        Self {
            by_id: Arc::clone(&self.by_id),
            complete: self.complete,
            gone: gone.into_iter().collect(),
        }
    }

    /// A directory of the principals that could be read. A missing principal counts as not loaded, not as unknown.
    pub fn partial(principals: impl IntoIterator<Item = Principal>) -> Self {
        Self {
            complete: false,
            ..Self::complete(principals)
        }
    }

    /// Whether it contains all principals of the workspace.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The number of principals.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether it contains no principals.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// All principals, in no particular order.
    pub fn principals(&self) -> impl Iterator<Item = &Principal> {
        self.by_id.values()
    }

    /// The principal with this ID.
    pub fn get(&self, id: PrincipalId) -> Option<&Principal> {
        self.by_id.get(&id)
    }

    /// The principal with exactly this username or application ID, ignoring case, if there is only one. An ID always
    /// resolves to itself, since an owner may be missing from the directory.
    pub fn resolve(&self, text: &str) -> Option<PrincipalId> {
        if let Ok(id) = text.parse() {
            return Some(id);
        }
        if text.is_empty() {
            return None;
        }
        let text = text.to_lowercase();
        let mut named = self.by_id.values().filter(|p| p.name.to_lowercase() == text);
        match (named.next(), named.next()) {
            (Some(only), None) => Some(only.id),
            _ => None,
        }
    }

    /// Other principals with the same display name, ignoring case, sorted by username or application ID.
    pub fn namesakes(&self, principal: &Principal) -> Vec<&Principal> {
        let name = principal.display_name.to_lowercase();
        if name.is_empty() {
            return Vec::new();
        }
        let is_namesake = |p: &&Principal| p.id != principal.id && p.display_name.to_lowercase() == name;
        let mut namesakes: Vec<_> = self.principals().filter(is_namesake).collect();
        namesakes.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        namesakes
    }

    /// What is known about the owner with this ID.
    pub fn owner(&self, id: Option<PrincipalId>) -> Owner<'_> {
        let Some(id) = id else { return Owner::NotReported };
        match self.by_id.get(&id) {
            Some(principal) => Owner::Known(principal),
            None if self.complete && self.gone.contains(&id) => Owner::Gone(id),
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
    fn ids_above_2_to_the_53_stay_exact() {
        let id: PrincipalId = "9007199254740993".parse().unwrap();
        assert_eq!(id.to_string(), "9007199254740993");
        assert_eq!(id.get(), (1 << 53) + 1);
    }

    #[test]
    fn an_owner_is_resolved_by_the_whole_name_if_only_one_has_it() {
        let named = |id: i64, name: &str| Principal {
            name: name.into(),
            ..principal(id)
        };
        let all = Directory::complete([
            named(1, "alex.chen@acme.example"),
            named(2, "alex.chen71@acme.example"),
            named(3, "twin"),
            named(4, "Twin"),
        ]);
        let resolved = |text: &str| all.resolve(text).map(PrincipalId::get);
        assert_eq!(resolved("Alex.Chen@acme.example"), Some(1));
        assert_eq!(resolved("alex.chen"), None);
        assert_eq!(resolved("twin"), None, "two have this name");
        assert_eq!(resolved("99"), Some(99));
        assert_eq!(resolved(""), None);
    }

    #[test]
    fn namesakes_are_the_others_with_the_same_display_name() {
        let named = |id: i64, name: &str, display_name: &str| Principal {
            name: name.into(),
            display_name: display_name.into(),
            ..principal(id)
        };
        let all = Directory::complete([
            named(1, "alex.chen@acme.example", "Alex Chen"),
            named(2, "alex.chen71@acme.example", "alex chen"),
            named(3, "alex.chen12@acme.example", "Alex Chen"),
            named(4, "alexa@acme.example", "Alex Cheng"),
            named(5, "a", ""),
            named(6, "b", ""),
        ]);
        let namesakes = |id| {
            let principal = all.get(PrincipalId::new(id)).unwrap();
            let ids = all.namesakes(principal).into_iter().map(|p| p.id.get());
            ids.collect::<Vec<_>>()
        };
        assert_eq!(namesakes(1), [3, 2]);
        assert!(namesakes(4).is_empty() && namesakes(5).is_empty());
    }

    #[test]
    fn only_a_complete_directory_reports_an_owner_as_unknown() {
        let missing = Some(PrincipalId::new(7));
        let complete = Directory::complete([principal(1)]);
        let partial = Directory::partial([principal(1)]);
        assert_eq!(complete.owner(missing), Owner::Unknown(PrincipalId::new(7)));
        assert_eq!(partial.owner(missing), Owner::NotLoaded(PrincipalId::new(7)));
        let asked = complete.with_gone(missing);
        assert_eq!(asked.owner(missing), Owner::Gone(PrincipalId::new(7)));
        assert!(matches!(asked.owner(Some(PrincipalId::new(1))), Owner::Known(_)));
        assert_eq!(complete.owner(None), Owner::NotReported);
        assert!(matches!(partial.owner(Some(PrincipalId::new(1))), Owner::Known(_)));
    }
}
