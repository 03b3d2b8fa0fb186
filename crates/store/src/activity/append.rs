//! Adding rows to the activity log.

use futures_util::future::BoxFuture;

use super::chain::StoredEntry;
use super::{ActivityEntry, ChainHead, Detail, Outcome};
use crate::database::{Connection, insert_rows, query};
use crate::events::publish_within;
use crate::{NewEvent, Store, StoreError};

impl Store {
    /// Adds a row and returns the new head of the chain.
    ///
    /// # Errors
    /// If the database fails; then nothing was added.
    pub async fn append(&self, entry: &ActivityEntry) -> Result<ChainHead, StoreError> {
        self.append_and_publish(entry, Vec::new()).await
    }

    /// Like [`append`](Self::append), and publishes events about the change.
    ///
    /// # Errors
    /// If the database fails; then nothing was added or published.
    pub async fn append_and_publish(
        &self,
        entry: &ActivityEntry,
        events: Vec<NewEvent>,
    ) -> Result<ChainHead, StoreError> {
        let has_events = !events.is_empty();
        let append = Append {
            entry: entry.clone(),
            instance: self.instance.clone(),
            events,
        };
        let head = self.database.write_in_batch(append, append_batch).await?;
        if has_events {
            self.wake_event_readers();
        }
        Ok(head)
    }

    /// Adds the outcome that a later look found, unless the operation is decided or has this outcome already: two looks
    /// at the same time find the same. Returns the new head of the chain if a row was added.
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

/// A row to add, and the events to publish with it.
struct Append {
    entry: ActivityEntry,
    instance: String,
    events: Vec<NewEvent>,
}

fn append_batch<'c>(
    connection: &'c mut Connection,
    appends: &'c [Append],
) -> BoxFuture<'c, Result<Vec<ChainHead>, StoreError>> {
    Box::pin(async move {
        for append in appends {
            publish_within(connection, &append.instance, &append.events).await?;
        }
        append_all_within(connection, appends.iter().map(|append| &append.entry)).await
    })
}

/// Adds a row within a transaction that holds the write lock, and returns the new head of the chain.
pub(crate) async fn append_within(connection: &mut Connection, entry: &ActivityEntry) -> Result<ChainHead, StoreError> {
    let mut heads = append_all_within(connection, [entry].into_iter()).await?;
    heads.pop().ok_or(sqlx::Error::RowNotFound.into())
}

/// Adds rows in this order, and returns the head of the chain after each.
async fn append_all_within(
    connection: &mut Connection,
    entries: impl Iterator<Item = &ActivityEntry> + Send,
) -> Result<Vec<ChainHead>, StoreError> {
    let before: Option<(String,)> = query("select hash from activity order by id desc limit 1")
        .fetch_optional(&mut *connection)
        .await?;
    let mut head = before.map(|(hash,)| hash).unwrap_or_default();
    let (mut rows, mut heads) = (Vec::new(), Vec::new());
    for entry in entries {
        let entry = StoredEntry::of(entry);
        head = entry.hash(&head);
        heads.push(ChainHead(head.clone()));
        rows.push(entry.into_row(&head));
    }
    let insert = insert_rows(
        "insert into activity (at, workspace, operation, phase, actor, kind, target, was, wanted, reason, outcome,
                               detail, request_id, client_address, hash) ",
        rows,
    );
    insert.execute(connection).await?;
    Ok(heads)
}
