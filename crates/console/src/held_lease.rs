//! A lease that this instance holds while it does some work. It is released when it is dropped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use store::{Lease, StoreError};
use tokio::runtime::Handle;
use tokio::sync::OwnedMutexGuard;
use tokio::time::{sleep, timeout};

use crate::Console;
use crate::moment::Moment;

/// How many times a lease is extended within its duration, so that it survives a database that is unavailable for a
/// while.
const EXTENSIONS: u32 = 3;

/// The share of the lease after which work stops if there was no extension. It is below 1, because clocks do not run
/// equally fast, and what is being sent takes a moment.
const USABLE_SHARE: f64 = 0.9;

/// The pause before another attempt if the database fails, as a share of the lease.
const RETRY_SHARE: f64 = 0.05;

/// A lease that this instance holds.
pub(crate) struct HeldLease {
    console: Console,
    lease: Lease,
    duration: Duration,
    /// When this instance last requested the lease or its extension with success. The lease ends later than `duration`
    /// after that, since the database processed the request afterwards.
    confirmed: Mutex<Moment>,
    /// Whether this instance no longer has the lease.
    is_lost: AtomicBool,
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
        affinity: &str,
        duration: Duration,
    ) -> Result<Option<Self>, StoreError> {
        let (owner, affinity) = (console.clone(), affinity.to_owned());
        let acquiring = console.0.tasks.spawn(async move {
            let requested_at = Moment::now();
            let lease = owner.0.store.acquire_lease(name, &affinity, duration).await?;
            Ok(lease.map(|lease| Self {
                console: owner,
                lease,
                duration,
                confirmed: Mutex::new(requested_at),
                is_lost: AtomicBool::new(false),
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

    /// The lease, for writes that only its holder may make.
    pub(crate) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Whether no other instance can have it, as far as the clocks of this machine show.
    pub(crate) fn is_held(&self) -> bool {
        self.left().is_some()
    }

    /// Does `work`, and extends the lease in the meantime. If the lease may have ended, the work is dropped, and the
    /// result is `None`.
    pub(crate) async fn hold<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            result = work => Some(result),
            () = self.extend_until_lost() => None,
        }
    }

    /// Makes sure that at least half of the lease's duration is left. Returns whether this instance still has it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn ensure_half(&self) -> Result<bool, StoreError> {
        let age = self.confirmed.lock().age();
        match age.is_some_and(|age| age <= self.duration / 2) {
            true => Ok(!self.is_lost.load(Ordering::Relaxed)),
            false => self.extend().await,
        }
    }

    /// Extends the lease to its full duration from now on. Returns whether this instance still has it.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn extend(&self) -> Result<bool, StoreError> {
        let requested_at = Moment::now();
        let is_held = self.console.0.store.extend_lease(&self.lease, self.duration).await?;
        match is_held {
            true => *self.confirmed.lock() = requested_at,
            false => self.is_lost.store(true, Ordering::Relaxed),
        }
        Ok(is_held)
    }

    /// Ends the lease, so that others do not have to wait for it. If that fails, it expires.
    pub(crate) async fn release(&self) {
        self.is_lost.store(true, Ordering::Relaxed);
        release(&self.console, &self.lease).await;
    }

    /// How much longer the work can continue without an extension.
    fn left(&self) -> Option<Duration> {
        if self.is_lost.load(Ordering::Relaxed) {
            return None;
        }
        let age = self.confirmed.lock().age()?;
        let left = self.duration.mul_f64(USABLE_SHARE).checked_sub(age)?;
        (!left.is_zero()).then_some(left)
    }

    async fn extend_until_lost(&self) {
        let interval = self.duration / EXTENSIONS;
        let mut pause = interval;
        while let Some(left) = self.left() {
            sleep(pause.min(left)).await;
            let Some(left) = self.left() else {
                break;
            };
            match timeout(left, self.extend()).await {
                Ok(Ok(_)) => pause = interval,
                Ok(Err(error)) => {
                    tracing::warn!(%error, lease = self.lease.name(), "could not extend a lease, will retry");
                    pause = self.duration.mul_f64(RETRY_SHARE);
                }
                Err(_) => break,
            }
        }
        tracing::warn!(
            lease = self.lease.name(),
            "stopped, because another instance may have taken over"
        );
    }
}

async fn release(console: &Console, lease: &Lease) {
    if let Err(error) = console.0.store.release_lease(lease).await {
        tracing::warn!(%error, lease = lease.name(), "could not release a lease; it will expire");
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        let Ok(runtime) = Handle::try_current() else {
            // The process ends, and the lease expires.
            return;
        };
        if self.is_lost.load(Ordering::Relaxed) {
            return;
        }
        let (console, lease, local) = (self.console.clone(), self.lease.clone(), self.local.take());
        let tasks = console.0.tasks.clone();
        let release = async move {
            release(&console, &lease).await;
            drop(local);
        };
        tasks.spawn_on(release, &runtime);
    }
}
