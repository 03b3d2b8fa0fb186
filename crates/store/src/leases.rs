//! Leases: the right of one instance to do something, over all instances that share the database.
//!
//! A lease ends by the database's clock, so that the clocks of the instances do not matter. Each holder gets a
//! higher epoch than everyone before. A holder that was too slow may still believe that it has the lease; so what it
//! writes is checked against the epoch ([`check_lease`]), in the same transaction.

use std::time::Duration;

use crate::database::connection::Connection;
use crate::database::statement::query;
use crate::{Store, StoreError};

/// How long a lease stays in the database after its end.
const KEPT_AFTER_END: Duration = Duration::from_hours(24);

/// A lease that this instance has acquired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    name: String,
    epoch: i64,
}

impl Lease {
    /// The name, which says what the lease is for.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Higher than that of every earlier holder.
    pub(crate) fn epoch(&self) -> i64 {
        self.epoch
    }
}

impl Store {
    /// Acquires the lease with this name for a while. `None` if any instance has it, including this one.
    ///
    /// Leases with the same `affinity` are held by one instance at a time; with an empty one, by any.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn acquire_lease(
        &self,
        name: impl Into<String> + Send,
        affinity: &str,
        duration: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let request = LeaseRequest {
            name: name.into(),
            holder: self.instance.clone(),
            affinity: affinity.to_owned(),
            duration: milliseconds(duration),
        };
        self.database
            .write(request, |connection, request| Box::pin(acquire(connection, request)))
            .await
    }

    /// Extends a lease to this long from now. Returns whether this instance still has it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn extend_lease(&self, lease: &Lease, duration: Duration) -> Result<bool, StoreError> {
        self.database
            .write(
                (lease.clone(), milliseconds(duration)),
                |connection, (lease, duration)| Box::pin(set_end(connection, lease, *duration)),
            )
            .await
    }

    /// Ends a lease, unless another instance has it by now.
    ///
    /// # Errors
    /// If the database fails; then the lease expires.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        self.database
            .write(lease.clone(), |connection, lease| {
                Box::pin(end_lease(connection, lease))
            })
            .await
    }

    /// Ends all leases, whichever instance has them. Only for a caller who knows that no other instance runs.
    pub(crate) async fn end_all_leases(&self) -> Result<(), StoreError> {
        self.database
            .write((), |connection, ()| {
                Box::pin(async move {
                    query("update leases set ends = 0 where ends > 0")
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Deletes the leases that ended long ago, and returns how many.
    pub(crate) async fn purge_leases(&self) -> Result<u64, StoreError> {
        self.database
            .write((), |connection, ()| {
                Box::pin(async move {
                    let now = connection.dialect().now_ms();
                    let delete =
                        query(format!("delete from leases where ends < {now} - $1")).bind(milliseconds(KEPT_AFTER_END));
                    Ok(delete.execute(connection).await?)
                })
            })
            .await
    }
}

struct LeaseRequest {
    name: String,
    holder: String,
    affinity: String,
    duration: i64,
}

async fn acquire(connection: &mut Connection, request: &LeaseRequest) -> Result<Option<Lease>, StoreError> {
    let now = connection.dialect().now_ms();
    // An epoch begins with the time, so that it grows even if the row of the last one was deleted.
    let acquire = format!(
        "insert into leases (name, holder, affinity, epoch, ends)
         select $1, $2, $3, {now}, {now} + $4
         where not exists (
             select 1 from leases where affinity = $3 and affinity <> '' and holder <> $2 and ends > {now})
         on conflict (name) do update
         set holder = excluded.holder, affinity = excluded.affinity, ends = excluded.ends,
             epoch = case when leases.epoch < excluded.epoch then excluded.epoch else leases.epoch + 1 end
         where leases.ends <= {now}
         returning epoch"
    );
    let epoch: Option<(i64,)> = query(acquire)
        .bind(&request.name)
        .bind(&request.holder)
        .bind(&request.affinity)
        .bind(request.duration)
        .fetch_optional(connection)
        .await?;
    Ok(epoch.map(|(epoch,)| Lease {
        name: request.name.clone(),
        epoch,
    }))
}

async fn set_end(connection: &mut Connection, lease: &Lease, from_now: i64) -> Result<bool, StoreError> {
    let now = connection.dialect().now_ms();
    let update = query(format!(
        "update leases set ends = {now} + $3 where name = $1 and epoch = $2"
    ))
    .bind(&lease.name)
    .bind(lease.epoch)
    .bind(from_now);
    Ok(update.execute(connection).await? > 0)
}

/// Ends a lease within a write, unless another instance has it by now.
pub(crate) async fn end_lease(connection: &mut Connection, lease: &Lease) -> Result<(), StoreError> {
    set_end(connection, lease, 0).await.map(drop)
}

/// Checks, within a write, that no other instance has acquired the lease since.
///
/// # Errors
/// [`StoreError::LeaseLost`]: then the write must not happen.
pub(crate) async fn check_lease(connection: &mut Connection, lease: &Lease) -> Result<(), StoreError> {
    let current: Option<(i64,)> = query("select epoch from leases where name = $1 and epoch = $2")
        .bind(&lease.name)
        .bind(lease.epoch)
        .fetch_optional(connection)
        .await?;
    current.map(drop).ok_or(StoreError::LeaseLost)
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
