//! Attempts, counted over all instances that share the database.

use std::time::Duration;

use store::RateLimit;
use tokio::time::timeout;

use crate::Console;
use crate::sign_in::STORE_TIMEOUT;

/// The result of counting an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedAttempt {
    /// It is allowed.
    Allowed,
    /// There were too many. The next one is allowed after this time.
    Refused(Duration),
    /// The database failed or is too slow, so that nothing is known about other instances.
    NotCounted,
}

impl Console {
    /// Counts an attempt under this name.
    pub async fn count_attempt(&self, name: String, limit: RateLimit) -> CountedAttempt {
        match timeout(STORE_TIMEOUT, self.0.store.count_attempt(name, limit)).await {
            Ok(Ok(None)) => return CountedAttempt::Allowed,
            Ok(Ok(Some(wait))) => return CountedAttempt::Refused(wait),
            Ok(Err(error)) => tracing::warn!(%error, "could not count an attempt"),
            Err(_) => tracing::warn!("could not count an attempt: database timed out"),
        }
        CountedAttempt::NotCounted
    }

    /// Takes back an attempt that was counted under this name, unless the database fails.
    pub async fn return_attempt(&self, name: String, limit: RateLimit) {
        match timeout(STORE_TIMEOUT, self.0.store.return_attempt(name, limit)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "could not take back an attempt"),
            Err(_) => tracing::warn!("could not take back an attempt: database timed out"),
        }
    }
}
