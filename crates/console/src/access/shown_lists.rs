//! Access control lists that were shown, by fingerprint. Each instance caches the lists that it has shown, and the
//! database stores those of all instances.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::access::{AccessList, Grant, Grantee, Level};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use store::ShownList;
use tokio::time::timeout;

use crate::cache::expiring;
use crate::short_hash::short_hash;
use crate::sign_in::STORE_TIMEOUT;
use crate::{Console, Error, Workspace, now};

/// How many lists are remembered for a workspace. A change to one that is no longer remembered is reviewed again.
const MAX_SHOWN_LISTS: u64 = 256;

/// The length of a fingerprint, in bytes. Fingerprints are part of URLs, so they are short.
const FINGERPRINT_BYTES: usize = 12;

/// How long a stored list is not stored again, however often it is shown.
const STORE_INTERVAL: Duration = Duration::from_hours(1);

/// The fingerprint of a list: a hash of its grants. Lists with the same grants have the same fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListFingerprint(String);

impl ListFingerprint {
    /// From the text of a URL or form. A text that is not a fingerprint matches no list.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn of(list: &AccessList) -> Self {
        Self(short_hash(list.canonical(), FINGERPRINT_BYTES))
    }
}

impl fmt::Display for ListFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The lists of one workspace that were shown to anyone by this instance.
pub(crate) struct ShownLists {
    /// Held from the last read before a change until the change is verified: one writer at a time in this instance.
    pub(super) write_lock: Arc<tokio::sync::Mutex<()>>,
    lists: Cache<ListFingerprint, AccessList>,
    /// The lists that are in the database, or are being stored.
    stored: Cache<ListFingerprint, ()>,
}

impl Default for ShownLists {
    fn default() -> Self {
        let lists = Cache::builder().max_capacity(MAX_SHOWN_LISTS);
        Self {
            write_lock: Arc::default(),
            // moka's default policy could reject a new list, but a list that is being shown must be remembered.
            lists: lists.eviction_policy(EvictionPolicy::lru()).build(),
            stored: expiring(MAX_SHOWN_LISTS, STORE_INTERVAL),
        }
    }
}

impl ShownLists {
    /// Remembers a list, in this instance only.
    pub(crate) fn remember(&self, list: &AccessList) -> ListFingerprint {
        let fingerprint = ListFingerprint::of(list);
        self.lists.insert(fingerprint.clone(), list.clone());
        fingerprint
    }
}

impl Console {
    /// Remembers a list that is shown, for all instances. If the database cannot be written to, the page is shown all
    /// the same, and only this instance remembers the list.
    pub(super) async fn remember_shown_list(&self, workspace: &Arc<Workspace>, list: &AccessList) -> ListFingerprint {
        let lists = &workspace.shown_lists;
        let fingerprint = lists.remember(list);
        if !lists.stored.entry(fingerprint.clone()).or_insert(()).is_fresh() {
            return fingerprint;
        }
        let shown = ShownList {
            binding: workspace.binding(),
            fingerprint: fingerprint.0.clone(),
            list: to_stored(list),
            shown_at: now(),
        };
        let (console, workspace, stored) = (self.clone(), Arc::clone(workspace), fingerprint.clone());
        let storing = self.0.tasks.spawn(async move {
            if let Err(error) = console.0.store.keep_shown_list(shown).await {
                tracing::warn!(%error, "could not store a list of permissions that is shown");
                workspace.shown_lists.stored.invalidate(&stored);
            }
        });
        // No page waits longer than this; the task continues.
        let _ = timeout(STORE_TIMEOUT, storing).await;
        fingerprint
    }

    /// The list with this fingerprint, if any instance has shown it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn shown_list(
        &self,
        workspace: &Workspace,
        fingerprint: &ListFingerprint,
    ) -> Result<Option<AccessList>, Error> {
        if let Some(list) = workspace.shown_lists.lists.get(fingerprint) {
            return Ok(Some(list));
        }
        let stored = self.0.store.shown_list(&workspace.binding(), &fingerprint.0).await?;
        let list = stored.and_then(|text| from_stored(&text));
        // A row that was changed by hand is not the list that was shown.
        Ok(list.filter(|list| ListFingerprint::of(list) == *fingerprint))
    }
}

/// A grant as it is stored. The names of the fields must not change.
#[derive(Serialize, Deserialize)]
struct StoredGrant {
    grantee: StoredGrantee,
    display_name: Option<String>,
    levels: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredGrantee {
    Group(String),
    User(String),
    ServicePrincipal(String),
}

fn to_stored(list: &AccessList) -> String {
    let grants = list.grants().map(|grant| {
        let name = grant.grantee.name().to_owned();
        StoredGrant {
            grantee: match grant.grantee {
                Grantee::Group(_) => StoredGrantee::Group(name),
                Grantee::User(_) => StoredGrantee::User(name),
                Grantee::ServicePrincipal(_) => StoredGrantee::ServicePrincipal(name),
            },
            display_name: grant.display_name.clone(),
            levels: grant.levels.iter().map(|level| level.name().to_owned()).collect(),
        }
    });
    // Plain text always serialises.
    serde_json::to_string(&grants.collect::<Vec<_>>()).unwrap_or_default()
}

fn from_stored(text: &str) -> Option<AccessList> {
    let grants: Vec<StoredGrant> = serde_json::from_str(text).ok()?;
    let grants = grants.into_iter().map(|grant| Grant {
        grantee: match grant.grantee {
            StoredGrantee::Group(name) => Grantee::Group(name),
            StoredGrantee::User(name) => Grantee::User(name),
            StoredGrantee::ServicePrincipal(name) => Grantee::ServicePrincipal(name),
        },
        display_name: grant.display_name,
        levels: grant.levels.iter().map(|name| Level::from_name(name)).collect(),
    });
    Some(AccessList::new(grants))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_back_as_it_was_stored() {
        let grant = |grantee, levels: &[Level]| Grant {
            grantee,
            display_name: Some("A \"name\" \0".to_owned()),
            levels: levels.to_vec(),
        };
        let list = AccessList::new([
            grant(Grantee::Group("admins".to_owned()), &[Level::CanManage]),
            grant(Grantee::User("Mia@acme.example".to_owned()), &[Level::CanUse]),
            grant(
                Grantee::ServicePrincipal("\u{fffd}\0".to_owned()),
                &[Level::CanUse, Level::Other("CAN_FLY".to_owned())],
            ),
        ]);
        assert_eq!(from_stored(&to_stored(&list)), Some(list));
        assert_eq!(from_stored("[{}]"), None);
    }
}
