//! A workspace's users and service principals, which give owners their names.

use std::sync::Arc;
use std::time::Duration;

use domain::Directory;
use moka::sync::Cache;
use workspace_client::{Error as WorkspaceError, ErrorKind};

use crate::Actor;

/// How long they are cached. They change rarely, and reading them costs a call for each page of each kind.
const PRINCIPALS_TTL: Duration = Duration::from_mins(10);

/// The users and service principals of one workspace: a single entry.
pub(crate) type CachedPrincipals = Cache<(), Arc<Directory>>;

pub(crate) fn new_cache() -> CachedPrincipals {
    super::expiring(1, PRINCIPALS_TTL)
}

/// Users and service principals, cached for ten minutes, and what kept some of them from being read. If only one kind
/// can be read, it is returned without being cached.
pub(crate) async fn read(actor: &Actor) -> (Arc<Directory>, Result<(), WorkspaceError>) {
    let cache = &actor.workspace.principals;
    if let Some(directory) = cache.get(&()) {
        let result = completeness(&directory);
        return (directory, result);
    }
    let api = actor.api();
    match tokio::join!(api.users(), api.service_principals()) {
        (Ok(users), Ok(services)) => {
            let is_complete = users.is_complete && services.is_complete;
            let principals = users.rows.into_iter().chain(services.rows);
            let directory = Arc::new(match is_complete {
                true => Directory::complete(principals),
                false => Directory::partial(principals),
            });
            cache.insert((), Arc::clone(&directory));
            let result = completeness(&directory);
            (directory, result)
        }
        (Ok(one), Err(error)) | (Err(error), Ok(one)) => (Arc::new(Directory::partial(one.rows)), Err(error)),
        (Err(error), Err(_)) => (Arc::new(Directory::partial([])), Err(error)),
    }
}

/// An error if some rows are missing or could not be read: the same one with any credential, from the cache or not.
fn completeness(directory: &Directory) -> Result<(), WorkspaceError> {
    match directory.is_complete() {
        true => Ok(()),
        false => {
            let path = "Resources".to_owned();
            Err(ErrorKind::Undecodable { path }.into())
        }
    }
}
