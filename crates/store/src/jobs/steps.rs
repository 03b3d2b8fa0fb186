//! A job's way from draft to end. Each step is one transaction with its rows of the record, and happens only where the job stands
//! as it has to: of two at once, one does nothing.

use domain::Timestamp;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection};

use super::read::ItemRow;
use super::{Item, ItemState, JobId, PausedBecause};
use crate::activity::append_in;
use crate::{Entry, SignInId, Store, StoreError, operation_id, sqlite};

/// What became of one token.
#[derive(Clone, Debug)]
pub struct Settled {
    /// Its place in the job.
    pub position: i64,
    /// Where it stands now.
    pub state: ItemState,
    /// The same in words.
    pub detail: String,
    /// How its operation ended, where it did.
    pub entry: Option<Entry>,
}

impl Store {
    /// Starts a draft, and writes `entry` down. Answers whether it was one.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn start_job(
        &self,
        id: &JobId,
        sign_in: &SignInId,
        reason: &str,
        at: Timestamp,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        let step = sqlx::query(
            "update jobs set state = 'running', sign_in = $2, reason = $3, started = $4, request_id = $5
             where id = $1 and state = 'draft'",
        )
        .bind(id.as_str())
        .bind(sign_in.to_string())
        .bind(reason)
        .bind(at.ms())
        .bind(&entry.request_id);
        self.recorded(step, entry).await
    }

    /// Goes on with a paused job, on another sign-in, and writes `entry` down. Answers whether it was paused.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn resume_job(&self, id: &JobId, sign_in: &SignInId, entry: &Entry) -> Result<bool, StoreError> {
        let step = sqlx::query(
            "update jobs set state = 'running', paused_because = '', sign_in = $2 where id = $1 and state = 'paused'",
        )
        .bind(id.as_str())
        .bind(sign_in.to_string());
        self.recorded(step, entry).await
    }

    /// Lets a running job wait. Answers whether it was running.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pause_job(&self, id: &JobId, because: PausedBecause) -> Result<bool, StoreError> {
        let done =
            sqlx::query("update jobs set state = 'paused', paused_because = $2 where id = $1 and state = 'running'")
                .bind(id.as_str())
                .bind(because)
                .execute(&self.pool)
                .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes at most `limit` waiting tokens of a running job, notes them as sent, and writes down what `intent` makes of each.
    ///
    /// # Errors
    /// When the database fails; then nothing may be sent.
    pub async fn claim_items(
        &self,
        id: &JobId,
        limit: u32,
        intent: impl Fn(&Item) -> Entry,
    ) -> Result<Vec<Item>, StoreError> {
        let mut transaction = self.pool.begin_with(sqlite::BEGIN_WRITE).await?;
        let rows: Vec<ItemRow> = sqlx::query_as(
            "select position, token_id, comment, owner, state, detail, operation, look_first from job_items
             where job = $1 and state = 'waiting' and exists (select 1 from jobs where id = $1 and state = 'running')
             order by position limit $2",
        )
        .bind(id.as_str())
        .bind(limit)
        .fetch_all(&mut *transaction)
        .await?;
        let mut items: Vec<Item> = rows.into_iter().map(Item::from).collect();
        for item in &mut items {
            item.state = ItemState::Sent;
            item.operation = operation_id();
            append_in(&mut transaction, &intent(item)).await?;
            set_state(
                &mut transaction,
                id,
                item.position,
                ItemState::Sent,
                "",
                &item.operation,
            )
            .await?;
        }
        transaction.commit().await?;
        Ok(items)
    }

    /// Writes down what became of tokens.
    ///
    /// # Errors
    /// When the database fails; then none of it is known here, and the tokens are looked up again.
    pub async fn settle_items(&self, id: &JobId, settled: &[Settled]) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin_with(sqlite::BEGIN_WRITE).await?;
        for item in settled {
            sqlx::query("update job_items set state = $3, detail = $4 where job = $1 and position = $2")
                .bind(id.as_str())
                .bind(item.position)
                .bind(item.state)
                .bind(&item.detail)
                .execute(&mut *transaction)
                .await?;
            if let Some(entry) = &item.entry {
                append_in(&mut transaction, entry).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Leaves the tokens that wait as they are, and lets nothing more of the job be sent. Says how many those were.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn cancel_rest(&self, id: &JobId, entry: &Entry) -> Result<u64, StoreError> {
        let mut transaction = self.pool.begin_with(sqlite::BEGIN_WRITE).await?;
        let open = sqlx::query(
            "update jobs set cancelled = 1 where id = $1 and state in ('running', 'paused') and not cancelled",
        )
        .bind(id.as_str())
        .execute(&mut *transaction)
        .await?;
        if open.rows_affected() == 0 {
            return Ok(0);
        }
        let done =
            sqlx::query("update job_items set state = 'cancelled', detail = $2 where job = $1 and state = 'waiting'")
                .bind(id.as_str())
                .bind(format!("cancelled by {}", entry.actor))
                .execute(&mut *transaction)
                .await?;
        append_in(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(done.rows_affected())
    }

    /// Lets the failed tokens of a finished job wait again, to be looked at first, and the job run on this sign-in. Says how many.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn retry_failed(&self, id: &JobId, sign_in: &SignInId, entry: &Entry) -> Result<u64, StoreError> {
        let mut transaction = self.pool.begin_with(sqlite::BEGIN_WRITE).await?;
        let done = sqlx::query(
            "update job_items set state = 'waiting', detail = '', look_first = 1 where job = $1 and state = 'failed'
             and exists (select 1 from jobs where id = $1 and state = 'finished')",
        )
        .bind(id.as_str())
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() > 0 {
            sqlx::query(
                "update jobs set state = 'running', cancelled = 0, sign_in = $2, ended = null, operation = $3 where id = $1",
            )
            .bind(id.as_str())
            .bind(sign_in.to_string())
            .bind(&entry.operation)
            .execute(&mut *transaction)
            .await?;
            append_in(&mut transaction, entry).await?;
        }
        transaction.commit().await?;
        Ok(done.rows_affected())
    }

    /// Ends a running or paused job of which nothing is open any more, and writes `entry` down. Answers whether that was so.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn finish_job(&self, id: &JobId, at: Timestamp, entry: &Entry) -> Result<bool, StoreError> {
        let step = sqlx::query(
            "update jobs set state = 'finished', paused_because = '', ended = $2 where id = $1 and state in ('running', 'paused')
             and not exists (select 1 from job_items where job = $1 and state in ('waiting', 'sent', 'accepted'))",
        )
        .bind(id.as_str())
        .bind(at.ms());
        self.recorded(step, entry).await
    }

    /// Takes a step and writes `entry` down, or does neither. Answers whether the job stood as it has to for the step.
    async fn recorded<'q>(
        &self,
        step: Query<'q, Sqlite, SqliteArguments<'q>>,
        entry: &Entry,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin_with(sqlite::BEGIN_WRITE).await?;
        if step.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        append_in(&mut transaction, entry).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

async fn set_state(
    connection: &mut SqliteConnection,
    id: &JobId,
    position: i64,
    state: ItemState,
    detail: &str,
    operation: &str,
) -> Result<(), StoreError> {
    sqlx::query("update job_items set state = $3, detail = $4, operation = $5 where job = $1 and position = $2")
        .bind(id.as_str())
        .bind(position)
        .bind(state)
        .bind(detail)
        .bind(operation)
        .execute(connection)
        .await?;
    Ok(())
}
