//! Access control lists that were shown, by fingerprint.

use std::fmt;

use domain::access::AccessList;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};

/// How many lists are remembered for a workspace. A change to one that is no longer remembered is reviewed again.
const MAX_SHOWN_LISTS: u64 = 256;

/// The fingerprint of a list. Lists that grant the same have the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListFingerprint(String);

impl ListFingerprint {
    /// From the text of a URL or form. A text that is not a fingerprint matches no list.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn of(list: &AccessList) -> Self {
        let hash = Sha256::digest(list.canonical());
        Self(hash[..12].iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Display for ListFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The lists of one workspace that were shown to anyone.
pub(crate) struct ShownLists {
    /// Held from the last read before a change until the change is verified: one writer at a time.
    pub(crate) write_lock: tokio::sync::Mutex<()>,
    lists: Cache<ListFingerprint, AccessList>,
}

impl Default for ShownLists {
    fn default() -> Self {
        let lists = Cache::builder().max_capacity(MAX_SHOWN_LISTS);
        Self {
            write_lock: tokio::sync::Mutex::default(),
            // A list that is shown now must be remembered; moka's default policy could turn it away.
            lists: lists.eviction_policy(EvictionPolicy::lru()).build(),
        }
    }
}

impl ShownLists {
    /// Remembers a list that is shown.
    pub(crate) fn remember(&self, list: &AccessList) -> ListFingerprint {
        let fingerprint = ListFingerprint::of(list);
        self.lists.insert(fingerprint.clone(), list.clone());
        fingerprint
    }

    /// The list with this fingerprint.
    pub(crate) fn get(&self, fingerprint: &ListFingerprint) -> Option<AccessList> {
        self.lists.get(fingerprint)
    }
}
