//! Access control lists that were shown to someone, by fingerprint. A change names the list that it was made from, also
//! if another instance has shown it.

use std::time::Duration;

use domain::Timestamp;

use crate::database::{Connection, query};
use crate::{Store, StoreError};

/// How many lists of one workspace are kept; the oldest is deleted. A change to a list that is gone is reviewed again.
const MAX_SHOWN_LISTS: i64 = 256;

/// How long a list is kept after it was shown last: longer than anyone edits.
const SHOWN_LIST_TTL: Duration = Duration::from_hours(7 * 24);

/// A list that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownList {
    /// The name and URL of the workspace.
    pub binding: String,
    /// The fingerprint. Lists that grant the same have the same one.
    pub fingerprint: String,
    /// The grants, in whatever text form the caller chooses.
    pub list: String,
    /// When it is shown.
    pub shown_at: Timestamp,
}

impl Store {
    /// Keeps a list that is shown, and deletes the oldest of too many.
    ///
    /// # Errors
    /// If the database fails; then the list is not kept.
    pub async fn keep_shown_list(&self, shown: ShownList) -> Result<(), StoreError> {
        self.database
            .write(shown, |connection, shown| Box::pin(keep(connection, shown)))
            .await
    }

    /// The list of this workspace with this fingerprint, in the form in which it was kept.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn shown_list(&self, binding: &str, fingerprint: &str) -> Result<Option<String>, StoreError> {
        let list: Option<(String,)> = query("select list from shown_lists where binding = $1 and fingerprint = $2")
            .bind(binding)
            .bind(fingerprint)
            .fetch_optional(self.database.readers())
            .await?;
        Ok(list.map(|(list,)| list))
    }

    /// Deletes the lists that are too old at `now`, and returns how many.
    pub(crate) async fn purge_shown_lists(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.database
            .write(now.minus(SHOWN_LIST_TTL).ms(), |connection, before| {
                Box::pin(async move {
                    let delete = query("delete from shown_lists where shown_at < $1").bind(*before);
                    Ok(delete.execute(connection).await?)
                })
            })
            .await
    }
}

async fn keep(connection: &mut Connection, shown: &ShownList) -> Result<(), StoreError> {
    query(
        "insert into shown_lists (binding, fingerprint, list, shown_at) values ($1, $2, $3, $4)
         on conflict (binding, fingerprint) do update set list = excluded.list, shown_at = excluded.shown_at",
    )
    .bind(&shown.binding)
    .bind(&shown.fingerprint)
    .bind(&shown.list)
    .bind(shown.shown_at.ms())
    .execute(&mut *connection)
    .await?;
    query(
        "delete from shown_lists where binding = $1 and fingerprint in
             (select fingerprint from shown_lists where binding = $1
              order by shown_at desc, fingerprint limit $3 offset $2)",
    )
    .bind(&shown.binding)
    .bind(MAX_SHOWN_LISTS)
    .bind(i64::MAX)
    .execute(connection)
    .await?;
    Ok(())
}
