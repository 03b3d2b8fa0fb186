//! Caches: the parts of a workspace, what is shown of them, and sessions that were just read.

pub(crate) mod gone_owners;
pub(crate) mod groups;
pub(crate) mod part;
pub(crate) mod parts;
pub(crate) mod principals;
pub(crate) mod revocations;
pub(crate) mod sign_ins;
pub(crate) mod snapshot;
pub(crate) mod token_list;
pub(crate) mod workspace_messages;

use std::hash::Hash;
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// A cache of up to `capacity` entries, each valid for `ttl` after it was inserted.
///
/// If it is full, the least recently used entry makes room. moka's default policy could turn the new one away instead.
pub(crate) fn expiring<K, V>(capacity: u64, ttl: Duration) -> Cache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder()
        .max_capacity(capacity)
        .eviction_policy(EvictionPolicy::lru())
        .time_to_live(ttl)
        .build()
}

/// Drops a value in a thread that no one waits for: freeing half a million tokens takes a while.
pub(crate) fn drop_in_background<T: Send + 'static>(old: Option<T>) {
    if let (Some(old), Ok(runtime)) = (old, tokio::runtime::Handle::try_current()) {
        // If the runtime ends before the task starts, the value is dropped with it.
        drop(runtime.spawn_blocking(move || drop(old)));
    }
}
