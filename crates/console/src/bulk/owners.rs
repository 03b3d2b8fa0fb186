//! The tokens of a draft as the snapshot shows them, and their owners.

use std::collections::HashMap;

use domain::{AutoscopeState, Day, Directory, Known, Owner, PrincipalKind, ScopesPlan, Status, TokenId, UnreadPart};
use store::DraftItem;

use crate::Snapshot;

/// A token of a draft, with what is known about it when it is reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewedItem {
    /// The token's ID.
    pub token: TokenId,
    /// The owner.
    pub owner: ReviewedOwner,
    /// What the list shows about the token; `None` if it is gone or its row could not be read.
    pub listed: Option<ListedToken>,
    /// How its scopes are changed; `None` if it is revoked.
    pub scopes: Option<ScopesPlan>,
}

/// What the list shows about a token of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedToken {
    /// The comment; can be empty.
    pub comment: String,
    /// The day of the last use; `None` if it was never used.
    pub last_used: Option<Day>,
    /// Whether it is active and was used on the day of the list.
    pub used_today: bool,
    /// Whether it is active and was used on that day or one of the seven days before.
    pub recent: bool,
    /// Whether the platform is observing which scopes it uses.
    pub is_observed: bool,
}

/// The owner of a token of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReviewedOwner {
    /// The owner's ID; empty if the workspace did not name an owner.
    pub id: String,
    /// The name, as lists show it. Without one, the ID.
    pub name: String,
    /// The display name of a user; empty without one, or if it is the same.
    pub display_name: String,
    /// The application ID of a service principal; empty for others.
    pub application_id: String,
    /// Whether the owner is a known principal.
    pub kind: BulkOwnerKind,
}

/// Whether an owner is one of the workspace's principals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BulkOwnerKind {
    /// A user or a service principal.
    Principal(PrincipalKind),
    /// The workspace has no such principal.
    Unknown,
    /// The workspace's principals could not all be read.
    NotRead,
    /// The workspace did not name an owner.
    NotGiven,
}

/// An owner of tokens of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkOwner {
    /// Who it is.
    pub owner: ReviewedOwner,
    /// How many tokens of this owner it contains.
    pub tokens: usize,
    /// How many of those were used today.
    pub used_today: usize,
    /// How many of those were used today or within the seven days before.
    pub recent: usize,
    /// How many of those could not be read, so that it is not known when they were used.
    pub unread: usize,
}

/// The owners of the tokens of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkOwners {
    /// Service principals, then the others, both with the most tokens first. "No owner given" is one of them.
    pub all: Vec<BulkOwner>,
    /// How many there are. Tokens without an owner do not count here.
    pub owners: usize,
    /// How many of them are service principals.
    pub service_principals: Known<usize>,
    /// How many tokens were used today or within the seven days before.
    pub recent: usize,
}

impl ReviewedOwner {
    pub(super) fn of(item: &DraftItem, directory: &Directory) -> Self {
        let new = |name: String, kind| Self {
            id: item.owner_id.clone(),
            name,
            display_name: String::new(),
            application_id: String::new(),
            kind,
        };
        match directory.owner(item.owner_id.parse().ok()) {
            Owner::Known(principal) => {
                let is_user = principal.kind == PrincipalKind::User;
                let label = principal.label().to_owned();
                let display_name = principal.display_name.clone();
                Self {
                    display_name: if is_user && display_name != label {
                        display_name
                    } else {
                        String::new()
                    },
                    application_id: if is_user { String::new() } else { principal.name.clone() },
                    ..new(label, BulkOwnerKind::Principal(principal.kind))
                }
            }
            Owner::Gone(id) | Owner::Unknown(id) => new(id.to_string(), BulkOwnerKind::Unknown),
            Owner::NotLoaded(id) => new(id.to_string(), BulkOwnerKind::NotRead),
            Owner::NotReported => new("No owner given".to_owned(), BulkOwnerKind::NotGiven),
        }
    }

    /// Whether the owner is known to be of this kind.
    pub fn is(&self, kind: PrincipalKind) -> bool {
        self.principal_kind() == Some(kind)
    }

    /// The kind, if the owner is one of the workspace's principals.
    pub(super) fn principal_kind(&self) -> Option<PrincipalKind> {
        match self.kind {
            BulkOwnerKind::Principal(kind) => Some(kind),
            _ => None,
        }
    }
}

impl ReviewedItem {
    pub(super) fn of(item: &DraftItem, snapshot: &Snapshot) -> Self {
        let inventory = &snapshot.inventory;
        let listed = inventory.get(&item.token).map(|token| {
            let is_active = token.status(inventory.as_of()) == Status::Active;
            ListedToken {
                comment: token.comment.clone(),
                last_used: token.last_used,
                used_today: is_active && token.last_used == Some(inventory.as_of().day()),
                recent: is_active && inventory.is_recent(token),
                is_observed: token.autoscope == Some(AutoscopeState::Running),
            }
        });
        Self {
            token: item.token.clone(),
            owner: ReviewedOwner::of(item, inventory.directory()),
            listed,
            scopes: item.scopes.clone().and_then(Result::ok),
        }
    }
}

impl BulkOwners {
    /// The owners of these tokens.
    pub(super) fn of<'a>(items: impl IntoIterator<Item = &'a ReviewedItem>) -> Self {
        let mut by_owner: HashMap<&ReviewedOwner, BulkOwner> = HashMap::new();
        for item in items {
            let owner = by_owner.entry(&item.owner).or_insert_with(|| BulkOwner {
                owner: item.owner.clone(),
                tokens: 0,
                used_today: 0,
                recent: 0,
                unread: 0,
            });
            owner.tokens += 1;
            match &item.listed {
                Some(listed) => {
                    owner.used_today += usize::from(listed.used_today);
                    owner.recent += usize::from(listed.recent);
                }
                None => owner.unread += 1,
            }
        }
        let mut all: Vec<_> = by_owner.into_values().collect();
        let is_service_principal = |owner: &BulkOwner| owner.owner.is(PrincipalKind::ServicePrincipal);
        all.sort_by(|a, b| {
            let order = is_service_principal(b).cmp(&is_service_principal(a));
            order
                .then(b.tokens.cmp(&a.tokens))
                .then_with(|| a.owner.name.cmp(&b.owner.name))
                .then_with(|| a.owner.id.cmp(&b.owner.id))
        });
        let named = || all.iter().filter(|owner| owner.owner.kind != BulkOwnerKind::NotGiven);
        let service_principals = match named().any(|owner| owner.owner.kind == BulkOwnerKind::NotRead) {
            true => Known::NotAvailable(UnreadPart::Names),
            false => Known::Known(named().filter(|owner| is_service_principal(owner)).count()),
        };
        Self {
            owners: named().count(),
            service_principals,
            recent: all.iter().map(|owner| owner.recent).sum(),
            all,
        }
    }
}
