//! Reading a workspace's users and service principals, which give owners their names.

use std::time::Duration;

use domain::Directory;

use super::part::ReadResult;
use crate::Actor;

/// How long they are shown without being read again. They change rarely, and reading them costs a call for each page of
/// each kind.
pub(crate) const PRINCIPALS_TTL: Duration = Duration::from_mins(10);

/// Users and service principals. If only one kind can be read, the other is missing in what is returned.
pub(crate) async fn read(actor: &Actor) -> ReadResult<Directory> {
    let api = actor.api();
    match tokio::join!(api.users(), api.service_principals()) {
        (Ok(users), Ok(services)) => {
            let is_complete = users.is_complete && services.is_complete;
            let principals = users.rows.into_iter().chain(services.rows);
            let directory = match is_complete {
                true => Directory::complete(principals),
                false => Directory::partial(principals),
            };
            Ok((directory, None))
        }
        (Ok(one), Err(error)) | (Err(error), Ok(one)) => Ok((Directory::partial(one.rows), Some(error))),
        (Err(error), Err(_)) => Err(error),
    }
}
