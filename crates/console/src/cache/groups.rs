//! A workspace's groups with their members, which decide who can use tokens through whom.

use std::sync::Arc;

use domain::access::Group;
use moka::sync::Cache;
use workspace_client::Error as WorkspaceError;

use super::snapshot::SNAPSHOT_TTL;
use crate::Actor;

/// The groups of one workspace: a single entry.
pub(crate) type CachedGroups = Cache<(), Arc<Vec<Group>>>;

pub(crate) fn new_cache() -> CachedGroups {
    super::expiring(1, SNAPSHOT_TTL)
}

/// The groups, cached for a minute.
pub(crate) async fn read(actor: &Actor) -> Result<Arc<Vec<Group>>, WorkspaceError> {
    let cache = &actor.workspace.groups;
    if let Some(groups) = cache.get(&()) {
        return Ok(groups);
    }
    let groups = Arc::new(actor.api().groups().await?);
    cache.insert((), Arc::clone(&groups));
    Ok(groups)
}
