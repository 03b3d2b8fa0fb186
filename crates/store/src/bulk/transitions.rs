//! The steps of a bulk change from draft to end. Each step is one transaction with its rows of the activity log, and
//! happens only if the bulk change is in the right state: of two attempts at the same time, one does nothing. Steps of
//! a run also check its lease, so that a run changes nothing after another instance has taken over.

use std::sync::Arc;

use domain::{PrincipalId, Timestamp};

use super::draft::insert_items;
use super::query::ITEM_COLUMNS;
use super::{BulkId, BulkItem, BulkItemState, NewBulkItem, PauseReason};
use crate::activity::append_within;
use crate::database::{Connection, query};
use crate::events::publish_within;
use crate::leases::{check_lease, end_lease};
use crate::{ActivityEntry, Detail, EventKind, Lease, NewEvent, SignInId, Store, StoreError, operation_id};

/// The result for one token.
#[derive(Clone, Debug)]
pub struct ItemResult {
    /// The [`BulkItem::position`].
    pub position: i64,
    /// Its new state.
    pub state: BulkItemState,
    /// Details of the state.
    pub detail: Detail,
    /// The outcome of its operation, if it has ended.
    pub entry: Option<ActivityEntry>,
}

/// Creates the row of the activity log for a token whose change is about to be sent.
pub type BulkItemIntent = Arc<dyn Fn(&BulkItem) -> ActivityEntry + Send + Sync>;

/// Who starts a draft, and with which of its tokens.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The SCIM ID of the person who starts it.
    pub principal: PrincipalId,
    /// The username of that person.
    pub user_name: String,
    /// The sign-in of that person.
    pub sign_in: SignInId,
    /// Whether that session's own token was selected and is left out.
    pub own_token_excluded: bool,
    /// The tokens to revoke or change, with their comments and owners. The others of the draft are left out.
    pub items: Vec<NewBulkItem>,
}

/// A step with its row of the activity log.
struct Step {
    id: BulkId,
    instance: String,
    sign_in: SignInId,
    entry: ActivityEntry,
}

struct Advance {
    lease: Lease,
    id: BulkId,
    results: Vec<ItemResult>,
    claim: u32,
    intent: BulkItemIntent,
}

impl Store {
    /// Starts a draft with those of its tokens that are to be changed, and records `entry`, whose reason, request ID
    /// and client become its own. Returns whether it was a draft.
    ///
    /// # Errors
    /// If the database fails; then nothing has changed.
    pub async fn start_bulk(&self, id: &BulkId, run: NewRun, entry: ActivityEntry) -> Result<bool, StoreError> {
        let step = self.step(id, &run.sign_in, entry);
        self.write_and_publish((step, run), |connection, (step, run)| {
            Box::pin(start_bulk(connection, step, run))
        })
        .await
    }

    /// Resumes a paused bulk change with another sign-in, and records `entry`. Returns whether it was paused.
    ///
    /// # Errors
    /// If the database fails; then nothing has changed.
    pub async fn resume_bulk(&self, id: &BulkId, sign_in: &SignInId, entry: ActivityEntry) -> Result<bool, StoreError> {
        self.write_and_publish(self.step(id, sign_in, entry), |connection, step| {
            Box::pin(async move {
                let done = query(
                    "update jobs set state = 'running', paused_because = '', sign_in = $2
                     where id = $1 and state = 'paused'",
                )
                .bind(step.id.as_str())
                .bind(step.sign_in.to_string())
                .execute(&mut *connection)
                .await?;
                record_if_changed(connection, done, step).await
            })
        })
        .await
    }

    /// Pauses a running bulk change, and ends the `lease` of its run. Returns whether it was running.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another instance runs it, or if the database fails.
    pub async fn pause_bulk(&self, lease: &Lease, id: &BulkId, because: PauseReason) -> Result<bool, StoreError> {
        let arguments = (lease.clone(), id.clone(), because, self.instance.clone());
        self.write_and_publish(arguments, |connection, (lease, id, because, instance)| {
            Box::pin(async move {
                check_lease(connection, lease).await?;
                let pause = "update jobs set state = 'paused', paused_because = $2 where id = $1 and state = 'running'";
                let done = query(pause)
                    .bind(id.as_str())
                    .bind(*because)
                    .execute(&mut *connection)
                    .await?;
                if done > 0 {
                    publish_change(connection, instance, id).await?;
                    end_lease(connection, lease).await?;
                }
                Ok(done > 0)
            })
        })
        .await
    }

    /// Stores the results of tokens. Then, if the bulk change is running, marks at most `claim` waiting tokens as
    /// sent, records the `intent` of each, and returns them. All in one transaction, because each costs a sync of the
    /// disk.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another instance runs it, or if the database fails; then nothing must be sent, and
    /// the results have to be stored again or looked up.
    pub async fn advance_bulk(
        &self,
        lease: &Lease,
        id: &BulkId,
        results: Vec<ItemResult>,
        claim: u32,
        intent: BulkItemIntent,
    ) -> Result<Vec<BulkItem>, StoreError> {
        let advance = Advance {
            lease: lease.clone(),
            id: id.clone(),
            results,
            claim,
            intent,
        };
        self.database
            .write(advance, |connection, advance| {
                Box::pin(async move {
                    check_lease(connection, &advance.lease).await?;
                    settle(connection, &advance.id, &advance.results).await?;
                    self::claim(connection, advance).await
                })
            })
            .await
    }

    /// Stores the results of tokens.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another instance runs the bulk change, or if the database fails; then no result is
    /// stored, and the tokens have to be looked up again.
    pub async fn settle_items(&self, lease: &Lease, id: &BulkId, results: Vec<ItemResult>) -> Result<(), StoreError> {
        if results.is_empty() {
            return Ok(());
        }
        self.database
            .write(
                (lease.clone(), id.clone(), results),
                |connection, (lease, id, results)| {
                    Box::pin(async move {
                        check_lease(connection, lease).await?;
                        settle(connection, id, results).await
                    })
                },
            )
            .await
    }

    /// Cancels the waiting tokens of a running or paused bulk change, so that nothing more is sent, and records
    /// `entry`. Returns how many those were. Does nothing if it was cancelled before.
    ///
    /// # Errors
    /// If the database fails; then nothing has changed.
    pub async fn cancel_remaining(&self, id: &BulkId, entry: ActivityEntry) -> Result<u64, StoreError> {
        let arguments = (id.clone(), entry, self.instance.clone());
        self.write_and_publish(arguments, |connection, (id, entry, instance)| {
            Box::pin(cancel_remaining(connection, id, entry, instance))
        })
        .await
    }

    /// Queues again the tokens of a finished bulk change that failed or were not confirmed, to be looked up first, runs
    /// it with this sign-in, and records `entry`. Tokens that have changed since the review are left out. Returns how
    /// many tokens are queued.
    ///
    /// # Errors
    /// If the database fails; then nothing has changed.
    pub async fn retry_failed(&self, id: &BulkId, sign_in: &SignInId, entry: ActivityEntry) -> Result<u64, StoreError> {
        self.write_and_publish(self.step(id, sign_in, entry), |connection, step| {
            Box::pin(retry_failed(connection, step))
        })
        .await
    }

    /// Finishes a running or paused bulk change if none of its tokens is waiting, sent or accepted, records `entry`,
    /// and ends the `lease` of its run. Returns whether it did.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another instance runs it, or if the database fails; then nothing has changed.
    pub async fn finish_bulk(
        &self,
        lease: &Lease,
        id: &BulkId,
        at: Timestamp,
        entry: ActivityEntry,
    ) -> Result<bool, StoreError> {
        let arguments = (lease.clone(), id.clone(), at, entry, self.instance.clone());
        self.write_and_publish(arguments, |connection, (lease, id, at, entry, instance)| {
            Box::pin(async move {
                check_lease(connection, lease).await?;
                let done = query(
                    "update jobs set state = 'finished', paused_because = '', ended = $2
                     where id = $1 and state in ('running', 'paused') and not exists
                         (select 1 from job_items where job = $1 and state in ('waiting', 'sent', 'accepted'))",
                )
                .bind(id.as_str())
                .bind(at.ms())
                .execute(&mut *connection)
                .await?;
                if done > 0 {
                    append_within(connection, entry).await?;
                    publish_change(connection, instance, id).await?;
                    end_lease(connection, lease).await?;
                }
                Ok(done > 0)
            })
        })
        .await
    }

    fn step(&self, id: &BulkId, sign_in: &SignInId, entry: ActivityEntry) -> Step {
        Step {
            id: id.clone(),
            instance: self.instance.clone(),
            sign_in: *sign_in,
            entry,
        }
    }
}

async fn start_bulk(connection: &mut Connection, step: &Step, run: &NewRun) -> Result<bool, StoreError> {
    let Step { id, entry, .. } = step;
    let done = query(
        "update jobs set state = 'running', principal_id = $2, user_name = $3, sign_in = $4, own_left_out = $5,
                         started = $6, reason = $7, request_id = $8, client_address = $9
         where id = $1 and state = 'draft'",
    )
    .bind(id.as_str())
    .bind(run.principal.get())
    .bind(&run.user_name)
    .bind(run.sign_in.to_string())
    .bind(run.own_token_excluded)
    .bind(entry.at.ms())
    .bind(&entry.reason)
    .bind(&entry.request_id)
    .bind(entry.client.to_stored())
    .execute(&mut *connection)
    .await?;
    if done > 0 {
        query("delete from job_items where job = $1")
            .bind(id.as_str())
            .execute(&mut *connection)
            .await?;
        insert_items(connection, id, &run.items).await?;
    }
    record_if_changed(connection, done, step).await
}

/// Records the step if it changed anything, which it does only in the right state, and tells the other instances.
async fn record_if_changed(connection: &mut Connection, changed: u64, step: &Step) -> Result<bool, StoreError> {
    if changed > 0 {
        append_within(connection, &step.entry).await?;
        publish_change(connection, &step.instance, &step.id).await?;
    }
    Ok(changed > 0)
}

/// Tells the other instances that a bulk change is in another state.
async fn publish_change(connection: &mut Connection, instance: &str, id: &BulkId) -> Result<(), StoreError> {
    let binding: Option<(String,)> = query("select binding from jobs where id = $1")
        .bind(id.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    let event = NewEvent {
        binding: binding.map(|(binding,)| binding).unwrap_or_default(),
        kind: EventKind::BulkChanged { bulk: id.clone() },
    };
    publish_within(connection, instance, &[event]).await
}

async fn settle(connection: &mut Connection, id: &BulkId, results: &[ItemResult]) -> Result<(), StoreError> {
    for item in results {
        query("update job_items set state = $3, detail = $4 where job = $1 and position = $2")
            .bind(id.as_str())
            .bind(item.position)
            .bind(item.state)
            .bind(item.detail.to_stored())
            .execute(&mut *connection)
            .await?;
        if let Some(entry) = &item.entry
            && !is_done(connection, &entry.operation).await?
        {
            append_within(connection, entry).await?;
        }
    }
    Ok(())
}

/// Whether a look at the token alone has already recorded that its operation is done.
async fn is_done(connection: &mut Connection, operation: &str) -> Result<bool, StoreError> {
    let done = "select exists (select 1 from activity where operation = $1 and phase = 'outcome' and outcome = 'done')";
    let (is_done,): (bool,) = query(done).bind(operation).fetch_one(connection).await?;
    Ok(is_done)
}

async fn claim(connection: &mut Connection, advance: &Advance) -> Result<Vec<BulkItem>, StoreError> {
    let waiting = format!(
        "select {ITEM_COLUMNS} from job_items
         where job = $1 and state = 'waiting' and exists (select 1 from jobs where id = $1 and state = 'running')
         order by position limit $2"
    );
    let mut items: Vec<BulkItem> = query(waiting)
        .bind(advance.id.as_str())
        .bind(advance.claim)
        .fetch_all(&mut *connection)
        .await?;
    for item in &mut items {
        item.state = BulkItemState::Sent;
        item.operation = operation_id();
        append_within(connection, &(advance.intent)(item)).await?;
        query("update job_items set state = 'sent', detail = '', operation = $3 where job = $1 and position = $2")
            .bind(advance.id.as_str())
            .bind(item.position)
            .bind(&item.operation)
            .execute(&mut *connection)
            .await?;
    }
    Ok(items)
}

async fn cancel_remaining(
    connection: &mut Connection,
    id: &BulkId,
    entry: &ActivityEntry,
    instance: &str,
) -> Result<u64, StoreError> {
    let open =
        query("update jobs set cancelled = true where id = $1 and state in ('running', 'paused') and not cancelled")
            .bind(id.as_str())
            .execute(&mut *connection)
            .await?;
    if open == 0 {
        return Ok(0);
    }
    // The list will show whether a call that an earlier attempt may have sent had an effect.
    query("update job_items set state = 'sent' where job = $1 and state = 'waiting' and look_first = 2")
        .bind(id.as_str())
        .execute(&mut *connection)
        .await?;
    let done = query("update job_items set state = 'cancelled', detail = $2 where job = $1 and state = 'waiting'")
        .bind(id.as_str())
        .bind(Detail::CancelledBy(entry.actor.clone()).to_stored())
        .execute(&mut *connection)
        .await?;
    append_within(connection, entry).await?;
    publish_change(connection, instance, id).await?;
    Ok(done)
}

async fn retry_failed(connection: &mut Connection, step: &Step) -> Result<u64, StoreError> {
    let done = query(
        "update job_items set state = 'waiting', detail = '', look_first = case
             when (state = 'unknown' or look_first = 2) and (select kind from jobs where id = $1) <> 'revoke' then 2
             else 1 end
         where job = $1 and state in ('failed', 'unknown') and detail <> $2
               and exists (select 1 from jobs where id = $1 and state = 'finished')",
    )
    .bind(step.id.as_str())
    .bind(&*Detail::ChangedSinceReview.to_stored())
    .execute(&mut *connection)
    .await?;
    if done > 0 {
        query(
            "update jobs set state = 'running', cancelled = false, sign_in = $2, ended = null, operation = $3
             where id = $1",
        )
        .bind(step.id.as_str())
        .bind(step.sign_in.to_string())
        .bind(&step.entry.operation)
        .execute(&mut *connection)
        .await?;
    }
    record_if_changed(connection, done, step).await?;
    Ok(done)
}
