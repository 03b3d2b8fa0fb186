//! Checks whether the database can be written to, by writing to it.

use std::time::Duration;

use domain::Timestamp;
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

use crate::database::{DatabasePlace, query};
use crate::{Store, StoreError};

/// How long a result of [`Store::readiness`] is reused.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The least room that the disk has to have, in bytes. The check writes one page, and a change some twenty of them, so
/// that on a full disk the check alone could still succeed.
const MIN_FREE_BYTES: u64 = 256 * 1024;

/// How long [`Store::readiness`] waits for a write.
const CHECK_TIMEOUT: Duration = Duration::from_millis(800);

/// The latest check, and a lock that a running check holds.
#[derive(Debug, Default)]
pub(crate) struct WriteCheck {
    latest: Mutex<Option<(Instant, Result<(), WriteCheckError>)>>,
    running: tokio::sync::Mutex<()>,
}

/// Why the database cannot be written to now.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteCheckError {
    /// The write failed.
    #[error(transparent)]
    Failed(#[from] StoreError),
    /// This small write succeeded, but a change does not fit.
    #[error("The disk with the console's database has less than {} kB left.", MIN_FREE_BYTES / 1024)]
    DiskFull,
    /// The write has not ended in time.
    #[error(
        "A small write to the console's database did not finish within {} ms. Another program may hold its lock, the \
         disk may be too slow, or the database server may not respond.",
        CHECK_TIMEOUT.as_millis()
    )]
    TimedOut,
}

impl Store {
    /// Makes a small write without meaning, committed and synced like every other.
    ///
    /// # Errors
    /// Why it could not be made.
    pub async fn check_write(&self, now: Timestamp) -> Result<(), StoreError> {
        self.database
            .write(now.ms(), |connection, now| {
                Box::pin(async move {
                    query(
                        "insert into write_checks (id, at) values (1, $1)
                         on conflict (id) do update set at = excluded.at",
                    )
                    .bind(*now)
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Whether the database can be written to, by the latest [`Self::check_write`], which is made now if the last one
    /// is more than 5 s old. Returns within a second.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn readiness(&self, now: Timestamp) -> Result<(), WriteCheckError> {
        // In a task of its own, so that a caller that stops waiting does not stop the check.
        let store = self.clone();
        let check = tokio::spawn(async move { store.checked_readiness(now).await });
        match timeout(CHECK_TIMEOUT, check).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(WriteCheckError::TimedOut),
        }
    }

    /// Whether the disk of the database file has room for changes. If the system does not say, it counts as having it.
    fn has_room(&self) -> bool {
        let DatabasePlace::File(path) = self.database.place() else {
            return true;
        };
        let disk = rustix::fs::statvfs(path);
        disk.map_or(true, |disk| {
            disk.f_bavail.saturating_mul(disk.f_frsize) >= MIN_FREE_BYTES
        })
    }

    async fn checked_readiness(&self, now: Timestamp) -> Result<(), WriteCheckError> {
        let _running = self.write_check.running.lock().await;
        let recent = |(at, result): &(Instant, Result<(), WriteCheckError>)| {
            (at.elapsed() < CHECK_INTERVAL).then(|| result.clone())
        };
        if let Some(result) = self.write_check.latest.lock().as_ref().and_then(recent) {
            return result;
        }
        let written = self.check_write(now).await.map_err(WriteCheckError::from);
        let result = written.and_then(|()| match self.has_room() {
            true => Ok(()),
            false => Err(WriteCheckError::DiskFull),
        });
        *self.write_check.latest.lock() = Some((Instant::now(), result.clone()));
        result
    }
}
