//! The access control list itself.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// The group whose members administer the workspace.
pub(super) const ADMINS: &str = "admins";

/// The group of all users and service principals in the workspace.
pub(super) const ALL_USERS: &str = "users";

/// Whom a grant names, by the name that the permissions API uses.
///
/// Two grantees are equal if the workspace treats them as the same: it ignores case in usernames and application IDs
/// (<https://github.com/databricks/terraform-provider-databricks/pull/5183>), but not in group names.
#[derive(Clone, Debug)]
pub enum Grantee {
    /// By display name, the only name of a group in this API.
    Group(String),
    /// By username.
    User(String),
    /// By application ID.
    ServicePrincipal(String),
}

impl Grantee {
    /// The group's name, the username or the application ID.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Group(name) | Self::ServicePrincipal(name) => name,
        }
    }

    /// Its kind, in lower case.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
            Self::ServicePrincipal(_) => "service principal",
        }
    }

    /// Whether it is the group `admins`, which always has access and cannot lose it.
    pub fn is_admins(&self) -> bool {
        matches!(self, Self::Group(name) if name == ADMINS)
    }

    /// Whether it is the group `users`, which contains all users and service principals.
    pub fn is_all_users(&self) -> bool {
        matches!(self, Self::Group(name) if name == ALL_USERS)
    }

    /// Kind and name as one text, for forms and URLs: `group:data`.
    pub fn to_key(&self) -> String {
        let kind = match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
            Self::ServicePrincipal(_) => "sp",
        };
        format!("{kind}:{}", self.name())
    }

    /// Parses the text from [`Self::to_key`]. `None` for anything else, since anyone can make up a URL.
    pub fn from_key(key: &str) -> Option<Self> {
        let (kind, name) = key.split_once(':')?;
        if name.trim().is_empty() || name.len() > 512 || name.contains('\0') {
            return None;
        }
        let name = name.to_owned();
        match kind {
            "user" => Some(Self::User(name)),
            "group" => Some(Self::Group(name)),
            "sp" => Some(Self::ServicePrincipal(name)),
            _ => None,
        }
    }

    fn identity(&self) -> (u8, Cow<'_, str>) {
        match self {
            Self::Group(name) => (0, Cow::Borrowed(name)),
            Self::User(name) => (1, Cow::Owned(name.to_lowercase())),
            Self::ServicePrincipal(name) => (2, Cow::Owned(name.to_lowercase())),
        }
    }
}

impl PartialEq for Grantee {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Grantee {}

impl PartialOrd for Grantee {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Grantee {
    fn cmp(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl Hash for Grantee {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// A level of permission. The vendor's SDKs know only `CAN_USE`; workspaces also return `CAN_MANAGE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Can create and use tokens.
    CanUse,
    /// Can also manage all tokens and these permissions. Only the group `admins` has it.
    CanManage,
    /// An unknown level, with the name that the workspace sends.
    Other(String),
}

impl Level {
    /// The level with this name in the API.
    pub fn from_name(name: &str) -> Self {
        match name {
            "CAN_USE" => Self::CanUse,
            "CAN_MANAGE" => Self::CanManage,
            _ => Self::Other(name.to_owned()),
        }
    }

    /// Its name on pages. An unknown level is shown by its name in the API.
    pub fn label(&self) -> &str {
        match self {
            Self::CanUse => "Can use",
            Self::CanManage => "Can manage",
            Self::Other(name) => name,
        }
    }

    /// Its name in the API.
    pub fn name(&self) -> &str {
        match self {
            Self::CanUse => "CAN_USE",
            Self::CanManage => "CAN_MANAGE",
            Self::Other(name) => name,
        }
    }
}

/// One entry of the access control list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whom the grant names.
    pub grantee: Grantee,
    /// The human-readable name. Groups have no other than their own.
    pub display_name: Option<String>,
    /// The granted levels, sorted and without duplicates.
    pub levels: Vec<Level>,
}

impl Grant {
    /// A grant of the permission to create and use tokens.
    pub fn to_use(grantee: Grantee) -> Self {
        Self {
            grantee,
            display_name: None,
            levels: vec![Level::CanUse],
        }
    }

    /// Whether it includes the permission to use tokens.
    pub fn can_use(&self) -> bool {
        self.levels.contains(&Level::CanUse) || self.levels.contains(&Level::CanManage)
    }
}

/// The whole list, with one grant per grantee: groups first, then users, then service principals, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessList {
    grants: BTreeMap<Grantee, Grant>,
}

impl AccessList {
    /// A list of grants in any order; several grants to one grantee are merged.
    pub fn new(grants: impl IntoIterator<Item = Grant>) -> Self {
        let mut list = Self::default();
        for grant in grants {
            list.insert(grant);
        }
        list
    }

    pub(super) fn insert(&mut self, mut grant: Grant) {
        if let Some(before) = self.grants.remove(&grant.grantee) {
            grant.levels.extend(before.levels);
            grant.display_name = grant.display_name.or(before.display_name);
        }
        grant.levels.sort_unstable();
        grant.levels.dedup();
        self.grants.insert(grant.grantee.clone(), grant);
    }

    pub(super) fn remove(&mut self, grantee: &Grantee) {
        self.grants.remove(grantee);
    }

    /// All grants.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values()
    }

    /// The grants that can be changed: all but the one to `admins`.
    pub fn changeable(&self) -> impl Iterator<Item = &Grant> {
        self.grants().filter(|grant| !grant.grantee.is_admins())
    }

    /// The grant to `grantee`.
    pub fn get(&self, grantee: &Grantee) -> Option<&Grant> {
        self.grants.get(grantee)
    }

    /// Whether both lists grant the same levels to the same grantees, ignoring display names.
    pub fn grants_same_as(&self, other: &Self) -> bool {
        let plain = |list: &Self| -> Vec<(Grantee, Vec<Level>)> {
            list.changeable()
                .map(|g| (g.grantee.clone(), g.levels.clone()))
                .collect()
        };
        plain(self) == plain(other)
    }

    /// One line per grant, identical for lists that grant the same: the input of a fingerprint.
    pub fn canonical(&self) -> String {
        let line = |grant: &Grant| {
            let levels: Vec<_> = grant.levels.iter().map(Level::name).collect();
            let (kind, name) = grant.grantee.identity();
            format!("{kind}\0{name}\0{}\n", levels.join(","))
        };
        self.changeable().map(line).collect()
    }
}
