//! A job's way from draft to end. Each step is one transaction with its rows of the activity log, and happens only where the job
//! stands as it has to: of two at once, one does nothing.

use std::sync::Arc;

use domain::Timestamp;
use sqlx::SqliteConnection;

use super::query::ItemRow;
use super::{BulkId, BulkItem, BulkItemState, PauseReason};
use crate::activity::append_within;
use crate::{ActivityEntry, SignInId, Store, StoreError, operation_id};

/// What became of one token.
#[derive(Clone, Debug)]
pub struct ItemResult {
    /// Its place in the job.
    pub position: i64,
    /// Where it stands now.
    pub state: BulkItemState,
    /// The same in words.
    pub detail: String,
    /// How its operation ended, where it did.
    pub entry: Option<ActivityEntry>,
}

/// Makes the row of the activity log for a token that is about to be sent.
pub type BulkItemIntent = Arc<dyn Fn(&BulkItem) -> ActivityEntry + Send + Sync>;

/// A step of a job with the row of the activity log that goes with it.
struct Step {
    id: BulkId,
    sign_in: SignInId,
    at: Timestamp,
    entry: ActivityEntry,
}

struct Advance {
    id: BulkId,
    settled: Vec<ItemResult>,
    claim: u32,
    intent: BulkItemIntent,
}

impl Store {
    /// Starts a draft, and writes `entry` down. Its reason and request become the job's. Returns whether it was one.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn start_bulk(
        &self,
        id: &BulkId,
        sign_in: &SignInId,
        at: Timestamp,
        entry: ActivityEntry,
    ) -> Result<bool, StoreError> {
        self.database
            .write(step(id, sign_in, at, entry), |connection, step| {
                Box::pin(async move {
                    let done = sqlx::query(
                        "update jobs set state = 'running', sign_in = $2, reason = $3, started = $4, request_id = $5
                         where id = $1 and state = 'draft'",
                    )
                    .bind(step.id.as_str())
                    .bind(step.sign_in.to_string())
                    .bind(&step.entry.reason)
                    .bind(step.at.ms())
                    .bind(&step.entry.request_id)
                    .execute(&mut *connection)
                    .await?;
                    append_where_changed(connection, done.rows_affected(), &step.entry).await
                })
            })
            .await
    }

    /// Goes on with a paused job, on another sign-in, and writes `entry` down. Returns whether it was paused.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn resume_bulk(&self, id: &BulkId, sign_in: &SignInId, entry: ActivityEntry) -> Result<bool, StoreError> {
        self.database
            .write(step(id, sign_in, entry.at, entry), |connection, step| {
                Box::pin(async move {
                    let done = sqlx::query(
                        "update jobs set state = 'running', paused_because = '', sign_in = $2
                         where id = $1 and state = 'paused'",
                    )
                    .bind(step.id.as_str())
                    .bind(step.sign_in.to_string())
                    .execute(&mut *connection)
                    .await?;
                    append_where_changed(connection, done.rows_affected(), &step.entry).await
                })
            })
            .await
    }

    /// Lets a running job wait. Returns whether it was running.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pause_bulk(&self, id: &BulkId, because: PauseReason) -> Result<bool, StoreError> {
        self.database
            .write((id.clone(), because), |connection, (id, because)| {
                Box::pin(async move {
                    let pause =
                        "update jobs set state = 'paused', paused_because = $2 where id = $1 and state = 'running'";
                    let done = sqlx::query(pause)
                        .bind(id.as_str())
                        .bind(*because)
                        .execute(connection)
                        .await?;
                    Ok(done.rows_affected() > 0)
                })
            })
            .await
    }

    /// Writes down what became of tokens, then takes at most `claim` waiting tokens of the job where it is running, notes them as
    /// sent, and writes down what `intent` makes of each. All in one transaction, since each costs a sync of the disk.
    ///
    /// # Errors
    /// When the database fails; then nothing may be sent, and what was settled is to be written down again or looked up.
    pub async fn advance_bulk(
        &self,
        id: &BulkId,
        settled: Vec<ItemResult>,
        claim: u32,
        intent: BulkItemIntent,
    ) -> Result<Vec<BulkItem>, StoreError> {
        let advance = Advance {
            id: id.clone(),
            settled,
            claim,
            intent,
        };
        self.database
            .write(advance, |connection, advance| {
                Box::pin(async move {
                    settle(connection, &advance.id, &advance.settled).await?;
                    self::claim(connection, advance).await
                })
            })
            .await
    }

    /// Writes down what became of tokens.
    ///
    /// # Errors
    /// When the database fails; then none of it is known here, and the tokens are looked up again.
    pub async fn settle_items(&self, id: &BulkId, settled: Vec<ItemResult>) -> Result<(), StoreError> {
        if settled.is_empty() {
            return Ok(());
        }
        self.database
            .write((id.clone(), settled), |connection, (id, settled)| {
                Box::pin(settle(connection, id, settled))
            })
            .await
    }

    /// Leaves the tokens that wait as they are, and lets nothing more of the job be sent. Says how many those were.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn cancel_remaining(&self, id: &BulkId, entry: ActivityEntry) -> Result<u64, StoreError> {
        self.database
            .write((id.clone(), entry), |connection, (id, entry)| {
                Box::pin(cancel_remaining(connection, id, entry))
            })
            .await
    }

    /// Lets the failed tokens of a finished job wait again, to be looked at first, and the job run on this sign-in. Says how many.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn retry_failed(&self, id: &BulkId, sign_in: &SignInId, entry: ActivityEntry) -> Result<u64, StoreError> {
        self.database
            .write(step(id, sign_in, entry.at, entry), |connection, step| {
                Box::pin(retry_failed(connection, step))
            })
            .await
    }

    /// Ends a running or paused job of which nothing is open any more, and writes `entry` down. Returns whether that was so.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn finish_bulk(&self, id: &BulkId, at: Timestamp, entry: ActivityEntry) -> Result<bool, StoreError> {
        self.database
            .write((id.clone(), at, entry), |connection, (id, at, entry)| {
                Box::pin(async move {
                    let done = sqlx::query(
                        "update jobs set state = 'finished', paused_because = '', ended = $2
                         where id = $1 and state in ('running', 'paused') and not exists
                             (select 1 from job_items where job = $1 and state in ('waiting', 'sent', 'accepted'))",
                    )
                    .bind(id.as_str())
                    .bind(at.ms())
                    .execute(&mut *connection)
                    .await?;
                    append_where_changed(connection, done.rows_affected(), entry).await
                })
            })
            .await
    }
}

fn step(id: &BulkId, sign_in: &SignInId, at: Timestamp, entry: ActivityEntry) -> Step {
    Step {
        id: id.clone(),
        sign_in: *sign_in,
        at,
        entry,
    }
}

/// Writes `entry` down where the step changed anything, which is where the job stood as it has to.
async fn append_where_changed(
    connection: &mut SqliteConnection,
    changed: u64,
    entry: &ActivityEntry,
) -> Result<bool, StoreError> {
    if changed > 0 {
        append_within(connection, entry).await?;
    }
    Ok(changed > 0)
}

async fn settle(connection: &mut SqliteConnection, id: &BulkId, settled: &[ItemResult]) -> Result<(), StoreError> {
    for item in settled {
        sqlx::query("update job_items set state = $3, detail = $4 where job = $1 and position = $2")
            .bind(id.as_str())
            .bind(item.position)
            .bind(item.state)
            .bind(&item.detail)
            .execute(&mut *connection)
            .await?;
        if let Some(entry) = &item.entry {
            append_within(connection, entry).await?;
        }
    }
    Ok(())
}

async fn claim(connection: &mut SqliteConnection, advance: &Advance) -> Result<Vec<BulkItem>, StoreError> {
    let rows: Vec<ItemRow> = sqlx::query_as(
        "select position, token_id, comment, owner, state, detail, operation, look_first from job_items
         where job = $1 and state = 'waiting' and exists (select 1 from jobs where id = $1 and state = 'running')
         order by position limit $2",
    )
    .bind(advance.id.as_str())
    .bind(advance.claim)
    .fetch_all(&mut *connection)
    .await?;
    let mut items: Vec<BulkItem> = rows.into_iter().map(BulkItem::from).collect();
    for item in &mut items {
        item.state = BulkItemState::Sent;
        item.operation = operation_id();
        append_within(connection, &(advance.intent)(item)).await?;
        sqlx::query(
            "update job_items set state = 'sent', detail = '', operation = $3 where job = $1 and position = $2",
        )
        .bind(advance.id.as_str())
        .bind(item.position)
        .bind(&item.operation)
        .execute(&mut *connection)
        .await?;
    }
    Ok(items)
}

async fn cancel_remaining(
    connection: &mut SqliteConnection,
    id: &BulkId,
    entry: &ActivityEntry,
) -> Result<u64, StoreError> {
    let open =
        sqlx::query("update jobs set cancelled = 1 where id = $1 and state in ('running', 'paused') and not cancelled")
            .bind(id.as_str())
            .execute(&mut *connection)
            .await?;
    if open.rows_affected() == 0 {
        return Ok(0);
    }
    let done =
        sqlx::query("update job_items set state = 'cancelled', detail = $2 where job = $1 and state = 'waiting'")
            .bind(id.as_str())
            .bind(format!("cancelled by {}", entry.actor))
            .execute(&mut *connection)
            .await?;
    append_within(connection, entry).await?;
    Ok(done.rows_affected())
}

async fn retry_failed(connection: &mut SqliteConnection, step: &Step) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "update job_items set state = 'waiting', detail = '', look_first = 1 where job = $1 and state = 'failed'
         and exists (select 1 from jobs where id = $1 and state = 'finished')",
    )
    .bind(step.id.as_str())
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() > 0 {
        sqlx::query(
            "update jobs set state = 'running', cancelled = 0, sign_in = $2, ended = null, operation = $3 where id = $1",
        )
        .bind(step.id.as_str())
        .bind(step.sign_in.to_string())
        .bind(&step.entry.operation)
        .execute(&mut *connection)
        .await?;
        append_within(connection, &step.entry).await?;
    }
    Ok(done.rows_affected())
}
