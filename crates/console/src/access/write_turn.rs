//! One writer at a time for each workspace's access control list, over all instances.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::held_lease::HeldLease;
use crate::{Console, Error, Workspace};

/// The duration of the lease. At least half of it remains when the write is sent. The write, the wait for its
/// confirmation and the last look take 45 s at most (`workspace_client::Budgets`, `Timing::verify_timeout`).
const WRITE_LEASE: Duration = Duration::from_mins(2);

/// The pause between two attempts to acquire the lease.
const WRITE_POLL_INTERVAL: Duration = Duration::from_millis(100);

impl Console {
    /// Waits until no one else is changing this workspace's access control list through any instance. While the
    /// returned lease exists, no one else can.
    ///
    /// # Errors
    /// [`Error::OtherSaveInProgress`] if someone else takes too long, and if the database fails. Nothing was sent.
    pub(crate) async fn wait_to_write(&self, workspace: &Workspace) -> Result<HeldLease, Error> {
        let deadline = Instant::now() + self.0.timing.save_wait;
        let lock = Arc::clone(&workspace.shown_lists.write_lock);
        let locked = timeout_at(deadline, lock.lock_owned()).await;
        let locked = locked.map_err(|_| Error::OtherSaveInProgress)?;
        let name = format!("permissions/{}", workspace.binding());
        loop {
            if let Some(lease) = HeldLease::acquire(self, name.clone(), "", WRITE_LEASE).await? {
                return Ok(lease.with_local_lock(locked));
            }
            if Instant::now() >= deadline {
                return Err(Error::OtherSaveInProgress);
            }
            sleep(WRITE_POLL_INTERVAL).await;
        }
    }
}
