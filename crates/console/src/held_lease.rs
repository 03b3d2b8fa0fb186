//! A lease that this instance holds for as long as some work takes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use store::{Lease, Store, StoreError};
use tokio::time::{sleep, timeout};

use crate::moment::Moment;

/// A lease is extended this many times before it would end, so that a database that is busy or away for a while costs
/// nothing.
const EXTENSIONS: u32 = 3;

/// Work stops when this share of the lease has passed without an extension: clocks do not run equally fast, and what is
/// being sent takes a moment.
const USABLE_SHARE: f64 = 0.9;

/// The pause before another attempt if the database fails, as a share of the lease.
const RETRY_SHARE: f64 = 0.05;

/// See the module.
pub(crate) struct HeldLease {
    lease: Lease,
    duration: Duration,
    /// When this instance asked for the time that the database confirmed last. The lease ends later than `duration`
    /// after that, whenever the database processed it.
    confirmed: Mutex<Moment>,
    /// Whether another instance has it.
    is_lost: AtomicBool,
}

impl HeldLease {
    /// Acquires the lease with this name. `None` if someone has it, also if that is this instance.
    ///
    /// # Errors
    /// If the database fails.
    pub(crate) async fn acquire(
        store: &Store,
        name: String,
        affinity: &str,
        duration: Duration,
    ) -> Result<Option<Self>, StoreError> {
        let asked = Moment::now();
        let lease = store.acquire_lease(name, affinity, duration).await?;
        Ok(lease.map(|lease| Self {
            lease,
            duration,
            confirmed: Mutex::new(asked),
            is_lost: AtomicBool::new(false),
        }))
    }

    /// The lease, for writes that only its holder may make.
    pub(crate) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// Whether no other instance can have it, as far as the clocks of this machine show.
    pub(crate) fn is_held(&self) -> bool {
        self.left().is_some()
    }

    /// Does `work`, and extends the lease all the while. If it may have ended, the work is dropped, and the result is
    /// `None`.
    pub(crate) async fn hold<T>(&self, store: &Store, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            result = work => Some(result),
            () = self.extend_until_lost(store) => None,
        }
    }

    /// Ends the lease, so that others do not have to wait for it. If that fails, it ends by itself.
    pub(crate) async fn release(&self, store: &Store) {
        if let Err(error) = store.release_lease(&self.lease).await {
            tracing::warn!(%error, lease = self.lease.name(), "could not release a lease, it will expire");
        }
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

    async fn extend_until_lost(&self, store: &Store) {
        let interval = self.duration / EXTENSIONS;
        let mut pause = interval;
        while let Some(left) = self.left() {
            sleep(pause.min(left)).await;
            let (asked, Some(left)) = (Moment::now(), self.left()) else {
                break;
            };
            match timeout(left, store.extend_lease(&self.lease, self.duration)).await {
                Ok(Ok(true)) => {
                    *self.confirmed.lock() = asked;
                    pause = interval;
                }
                Ok(Ok(false)) => self.is_lost.store(true, Ordering::Relaxed),
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
