//! Lists that were shown, by fingerprint, and what else the use cases of access share for a workspace.

use core::fmt;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use domain::access::{AccessList, Group};
use sha2::{Digest as _, Sha256};

use crate::cache::snapshot::SNAPSHOT_TTL;

/// How many lists are remembered for a workspace. A change that was begun from an older one is reviewed again.
const MAX_SHOWN_LISTS: usize = 256;

/// The fingerprint of a list: lists that grant the same have the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFingerprint(String);

impl ListFingerprint {
    /// Takes what an address says; what is no fingerprint is that of no list.
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

/// Shared by everybody who works on a workspace's list.
#[derive(Default)]
pub(crate) struct ShownLists {
    /// Held from the last read before a change to the read-back after it: one writer at a time.
    pub(crate) write_lock: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lists: VecDeque<(ListFingerprint, AccessList)>,
    groups: Option<(Arc<Vec<Group>>, Timestamp)>,
}

impl ShownLists {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a list that is shown.
    pub(crate) fn remember(&self, list: &AccessList) -> ListFingerprint {
        let version = ListFingerprint::of(list);
        let mut state = self.state();
        if !state.lists.iter().any(|(known, _)| *known == version) {
            state.lists.push_back((version.clone(), list.clone()));
        }
        if state.lists.len() > MAX_SHOWN_LISTS {
            state.lists.pop_front();
        }
        version
    }

    /// The list with this fingerprint.
    pub(crate) fn list(&self, version: &ListFingerprint) -> Option<AccessList> {
        let state = self.state();
        let (_, list) = state.lists.iter().find(|(known, _)| known == version)?;
        Some(list.clone())
    }

    /// The groups, while they are young enough at `now`.
    pub(crate) fn groups(&self, now: Timestamp) -> Option<Arc<Vec<Group>>> {
        let state = self.state();
        let (groups, read) = state.groups.as_ref()?;
        (now.duration_since(*read) < SNAPSHOT_TTL).then(|| Arc::clone(groups))
    }

    pub(crate) fn keep_groups(&self, groups: Arc<Vec<Group>>, read: Timestamp) {
        self.state().groups = Some((groups, read));
    }

    /// Forgets the groups, as "Refresh" asks.
    pub(crate) fn forget_groups(&self) {
        self.state().groups = None;
    }
}
