//! A lease of this instance, which is released when it is dropped.

use std::time::Duration;

use parking_lot::Mutex;
use store::{Lease, StoreError};
use tokio::runtime::Handle;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::Console;

/// See the module.
pub(crate) struct HeldLease {
    console: Console,
    lease: Lease,
    duration: Duration,
    /// Until when no other instance can have it, by this machine's clock.
    until: Mutex<Instant>,
    /// Held until the lease is released, so that the next one in this process finds it free.
    local: Option<OwnedMutexGuard<()>>,
}

impl HeldLease {
    /// Acquires the lease of this name. `None` if another instance has it, or someone else in this one. If the caller
    /// stops waiting, it is released again.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn acquire(
        console: &Console,
        name: String,
        duration: Duration,
    ) -> Result<Option<Self>, StoreError> {
        let owner = console.clone();
        let acquiring = console.0.tasks.spawn(async move {
            // It ends later than this: the time until the database has it is not counted.
            let until = Instant::now() + duration;
            let lease = owner.0.store.acquire_lease(name, "", duration).await?;
            Ok(lease.map(|lease| Self {
                console: owner,
                lease,
                duration,
                until: Mutex::new(until),
                local: None,
            }))
        });
        acquiring.await.unwrap_or(Err(StoreError::Panicked))
    }

    /// Keeps this lock until the lease is released.
    pub(crate) fn with_local_lock(mut self, local: OwnedMutexGuard<()>) -> Self {
        self.local = Some(local);
        self
    }

    /// The lease, for the writes that depend on it.
    pub(crate) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Makes sure that no other instance gets it during the first half of its duration from now on. Returns whether
    /// this instance still has it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn ensure_half(&self) -> Result<bool, StoreError> {
        let remaining = self.until.lock().saturating_duration_since(Instant::now());
        match remaining >= self.duration / 2 {
            true => Ok(true),
            false => self.extend().await,
        }
    }

    /// Lets it last for its duration from now on. Returns whether this instance still has it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn extend(&self) -> Result<bool, StoreError> {
        let until = Instant::now() + self.duration;
        let is_held = self.console.0.store.extend_lease(&self.lease, self.duration).await?;
        if is_held {
            *self.until.lock() = until;
        }
        Ok(is_held)
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        let Ok(runtime) = Handle::try_current() else {
            // The process ends, and the lease ends by itself.
            return;
        };
        let (store, lease, local) = (self.console.0.store.clone(), self.lease.clone(), self.local.take());
        let release = async move {
            if let Err(error) = store.release_lease(&lease).await {
                tracing::warn!(%error, lease = lease.name(), "could not release a lease, which ends by itself");
            }
            drop(local);
        };
        self.console.0.tasks.spawn_on(release, &runtime);
    }
}
