//! Whether the database can be written to, found out by writing to it.

use std::time::Duration;

use domain::Timestamp;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::{Store, StoreError};

/// How long a result of [`Store::readiness`] is used again.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// How long [`Store::readiness`] waits for a write.
const CHECK_TIMEOUT: Duration = Duration::from_millis(800);

/// The latest check.
#[derive(Debug, Default)]
pub(crate) struct WriteCheck(Mutex<Option<(Instant, Result<(), WriteCheckError>)>>);

/// Why the database cannot be written to now.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteCheckError {
    /// The write failed.
    #[error(transparent)]
    Failed(#[from] StoreError),
    /// It has not ended yet.
    #[error(
        "A small write to the console's database did not finish within {} ms. Another program may hold its lock, or the \
         disk may be too slow.",
        CHECK_TIMEOUT.as_millis()
    )]
    TimedOut,
}

impl Store {
    /// Makes a small write of no consequence, committed and synced like every other.
    ///
    /// # Errors
    /// Why it could not be made.
    pub async fn check_write(&self, now: Timestamp) -> Result<(), StoreError> {
        self.database
            .write(now.ms(), |connection, now| {
                Box::pin(async move {
                    sqlx::query(
                        "insert into write_checks (id, at) values (1, $1) on conflict (id) do update set at = excluded.at",
                    )
                    .bind(*now)
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Whether the database can be written to, by the latest [`Self::check_write`]: made now where that is more than 5 s
    /// ago. Answers within a second.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn readiness(&self, now: Timestamp) -> Result<(), WriteCheckError> {
        let mut latest = self.write_check.0.lock().await;
        if let Some((_, result)) = latest.as_ref().filter(|(at, _)| at.elapsed() < CHECK_INTERVAL) {
            return result.clone();
        }
        let result = match timeout(CHECK_TIMEOUT, self.check_write(now)).await {
            Ok(result) => result.map_err(WriteCheckError::from),
            Err(_) => Err(WriteCheckError::TimedOut),
        };
        *latest = Some((Instant::now(), result.clone()));
        result
    }
}
