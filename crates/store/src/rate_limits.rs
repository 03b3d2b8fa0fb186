//! How often something can be tried, counted over all instances, by the database's clock.
//!
//! Each name has one row: the moment at which all of its counted attempts would have ended if they came evenly
//! (<https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm>). A row whose moment has passed says nothing and is
//! deleted, so that a network address is kept no longer than it is needed.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::database::{Connection, query};
use crate::{Store, StoreError};

const MINUTE_MS: i64 = 60_000;

/// How many attempts are allowed per minute. All of them can be made at once; then they return evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    per_minute: NonZeroU32,
}

impl RateLimit {
    /// Allows this many attempts.
    pub const fn per_minute(attempts: NonZeroU32) -> Self {
        Self { per_minute: attempts }
    }

    /// How far an attempt moves the row's moment, in milliseconds.
    fn interval(self) -> i64 {
        (MINUTE_MS / i64::from(self.per_minute.get())).max(1)
    }

    /// How far ahead the row's moment may be for another attempt, in milliseconds.
    fn tolerance(self) -> i64 {
        self.interval() * (i64::from(self.per_minute.get()) - 1)
    }
}

impl Store {
    /// Counts an attempt. Returns how long to wait if there were too many; then it does not count.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count_attempt(&self, name: String, limit: RateLimit) -> Result<Option<Duration>, StoreError> {
        self.database
            .write((name, limit), |connection, (name, limit)| {
                Box::pin(count(connection, name, *limit))
            })
            .await
    }

    /// Takes back an attempt that was counted.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn return_attempt(&self, name: String, limit: RateLimit) -> Result<(), StoreError> {
        self.database
            .write((name, limit), |connection, (name, limit)| {
                Box::pin(async move {
                    query("update rate_limits set arrival = arrival - $2 where name = $1")
                        .bind(name)
                        .bind(limit.interval())
                        .execute(&mut *connection)
                        .await?;
                    purge(connection).await.map(drop)
                })
            })
            .await
    }

    /// Deletes the rows whose moment has passed, and returns how many.
    pub(crate) async fn purge_rate_limits(&self) -> Result<u64, StoreError> {
        self.database
            .write((), |connection, ()| Box::pin(purge(connection)))
            .await
    }
}

async fn count(connection: &mut Connection, name: &str, limit: RateLimit) -> Result<Option<Duration>, StoreError> {
    purge(connection).await?;
    let now = connection.dialect().now_ms();
    let count = format!(
        "insert into rate_limits (name, arrival) values ($1, {now} + $2)
         on conflict (name) do update set arrival = rate_limits.arrival + $2
         where rate_limits.arrival <= {now} + $3"
    );
    let counted = query(count)
        .bind(name)
        .bind(limit.interval())
        .bind(limit.tolerance())
        .execute(&mut *connection)
        .await?;
    if counted > 0 {
        return Ok(None);
    }
    let wait = format!("select arrival - {now} - $2 from rate_limits where name = $1");
    let (wait,): (i64,) = query(wait)
        .bind(name)
        .bind(limit.tolerance())
        .fetch_one(connection)
        .await?;
    Ok(Some(Duration::from_millis(u64::try_from(wait).unwrap_or(0).max(1))))
}

async fn purge(connection: &mut Connection) -> Result<u64, StoreError> {
    let now = connection.dialect().now_ms();
    let delete = query(format!("delete from rate_limits where arrival <= {now}"));
    Ok(delete.execute(connection).await?)
}
