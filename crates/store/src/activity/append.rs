//! Adding rows to the activity log.

use super::chain::StoredEntry;
use super::{ActivityEntry, ChainHead, Detail, Outcome};
use crate::database::{Connection, query};
use crate::events::publish_within;
use crate::{NewEvent, Store, StoreError};

impl Store {
    /// Adds a row and returns the new head of the chain.
    ///
    /// # Errors
    /// If the database fails; then nothing was added.
    pub async fn append(&self, entry: &ActivityEntry) -> Result<ChainHead, StoreError> {
        self.database
            .write(entry.clone(), |connection, entry| {
                Box::pin(append_within(connection, entry))
            })
            .await
    }

    /// The same, and publishes events about what the row reports.
    ///
    /// # Errors
    /// If the database fails; then nothing was added or published.
    pub async fn append_and_publish(
        &self,
        entry: &ActivityEntry,
        events: Vec<NewEvent>,
    ) -> Result<ChainHead, StoreError> {
        let arguments = (entry.clone(), self.instance.clone(), events);
        self.write_and_publish(arguments, |connection, (entry, instance, events)| {
            Box::pin(async move {
                publish_within(connection, instance, events).await?;
                append_within(connection, entry).await
            })
        })
        .await
    }

    /// Adds the outcome that a later look found, unless that is decided or said already: two looks at the same time
    /// find the same. Returns the new head of the chain if a row was added.
    ///
    /// # Errors
    /// If the database fails; then nothing was added.
    pub async fn append_later_outcome(&self, entry: &ActivityEntry) -> Result<Option<ChainHead>, StoreError> {
        self.database
            .write(entry.clone(), |connection, entry| {
                Box::pin(async move {
                    let last: Option<(Outcome, String)> = query(
                        "select outcome, detail from activity where operation = $1 and phase = 'outcome'
                         order by id desc limit 1",
                    )
                    .bind(&entry.operation)
                    .fetch_optional(&mut *connection)
                    .await?;
                    let is_new = match last {
                        None => true,
                        Some((Outcome::Unknown, _)) if entry.outcome != Outcome::Unknown => true,
                        Some((Outcome::Unknown, detail)) => !Detail::from_stored(&detail).is_of_later_look(),
                        Some(_) => false,
                    };
                    match is_new {
                        true => append_within(connection, entry).await.map(Some),
                        false => Ok(None),
                    }
                })
            })
            .await
    }

    /// The head of the chain; empty if the activity log is empty.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn activity_head(&self) -> Result<ChainHead, StoreError> {
        let hash: Option<(String,)> = query("select hash from activity order by id desc limit 1")
            .fetch_optional(self.database.readers())
            .await?;
        Ok(ChainHead(hash.map(|(hash,)| hash).unwrap_or_default()))
    }
}

/// Adds a row within a transaction that holds the write lock, and returns the new head of the chain.
pub(crate) async fn append_within(connection: &mut Connection, entry: &ActivityEntry) -> Result<ChainHead, StoreError> {
    let before: Option<(String,)> = query("select hash from activity order by id desc limit 1")
        .fetch_optional(&mut *connection)
        .await?;
    let entry = StoredEntry::of(entry);
    let hash = entry.hash(before.as_ref().map_or("", |(hash,)| hash));
    query(
        "insert into activity (at, workspace, operation, phase, actor, kind, target, was, wanted, reason, outcome,
                               detail, request_id, client_address, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(entry.at)
    .bind(&entry.workspace)
    .bind(&entry.operation)
    .bind(&entry.phase)
    .bind(&entry.actor)
    .bind(&entry.kind)
    .bind(&entry.target)
    .bind(&entry.was)
    .bind(&entry.wanted)
    .bind(&entry.reason)
    .bind(&entry.outcome)
    .bind(&entry.detail)
    .bind(&entry.request_id)
    .bind(&entry.client_address)
    .bind(&hash)
    .execute(connection)
    .await?;
    Ok(ChainHead(hash))
}
