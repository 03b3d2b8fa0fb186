//! The work in progress, so that it is not started a second time.

use std::collections::HashSet;
use std::hash::Hash;

use parking_lot::Mutex;

/// The keys of the work in progress.
pub(crate) struct InProgress<K>(Mutex<HashSet<K>>);

/// Work in progress; it ends when this is dropped.
pub(crate) struct WorkGuard<'a, K: Eq + Hash> {
    all: &'a InProgress<K>,
    key: K,
}

impl<K> Default for InProgress<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Clone> InProgress<K> {
    /// Whether the work with this key is in progress.
    pub(crate) fn contains(&self, key: &K) -> bool {
        self.0.lock().contains(key)
    }

    /// Begins the work with this key. `None` if it is in progress already.
    pub(crate) fn begin(&self, key: &K) -> Option<WorkGuard<'_, K>> {
        let is_new = self.0.lock().insert(key.clone());
        is_new.then(|| WorkGuard {
            all: self,
            key: key.clone(),
        })
    }
}

impl<K: Eq + Hash> Drop for WorkGuard<'_, K> {
    fn drop(&mut self) {
        self.all.0.lock().remove(&self.key);
    }
}
