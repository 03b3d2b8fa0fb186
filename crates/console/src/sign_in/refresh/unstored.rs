//! Refreshed credentials on their way into the database.

use std::sync::Arc;
use std::time::Duration;

use store::{SignInId, StoreError};
use tokio::time::{sleep, timeout};

use super::acquire_lease;
use crate::Console;
use crate::held_lease::HeldLease;
use crate::sign_in::{STORE_TIMEOUT, StoredCredential};

/// The pause between two attempts to store a credential.
const STORE_RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// A credential that is newer than the one in the database.
#[derive(Clone)]
pub(super) struct UnstoredCredential {
    pub(super) credential: StoredCredential,
    /// `None` while the database could not be written to, and no other instance uses it.
    pub(super) lease: Option<Arc<HeldLease>>,
}

impl Console {
    /// Stores a refreshed credential: immediately if that works, otherwise in the background for as long as it takes.
    pub(super) async fn store_refreshed(&self, id: SignInId, fresh: UnstoredCredential) {
        self.0.refreshes.unstored.lock().insert(id, fresh);
        self.0.recent_sign_ins.invalidate(&id);
        if !self.0.refreshes.storing.lock().insert(id) {
            // The task that is already storing takes the newest credential.
            return;
        }
        let console = self.clone();
        let storing = self.0.tasks.spawn(async move {
            loop {
                store_unstored(&console, id).await;
                let refreshes = &console.0.refreshes;
                let mut storing = refreshes.storing.lock();
                // A newer one can have been added since, by a call that left it to this task.
                if console.is_stopping() || !refreshes.unstored.lock().contains_key(&id) {
                    storing.remove(&id);
                    return;
                }
            }
        });
        // No page waits longer than this; the task continues.
        let _ = timeout(STORE_TIMEOUT, storing).await;
    }
}

/// Stores the newest credential of a sign-in, no matter how long that takes. A later refresh may replace it with a
/// newer one in the meantime.
async fn store_unstored(console: &Console, id: SignInId) {
    let unstored = || console.0.refreshes.unstored.lock().get(&id).cloned();
    while let Some(newest) = unstored() {
        match try_to_store(console, id, &newest).await {
            Ok(true) => {
                console.0.recent_sign_ins.invalidate(&id);
                let mut unstored = console.0.refreshes.unstored.lock();
                let is_newest = |current: &UnstoredCredential| current.credential == newest.credential;
                if unstored.get(&id).is_some_and(is_newest) {
                    unstored.remove(&id);
                }
                continue;
            }
            // The session has ended, its row was changed by hand, or another instance was faster: the credential
            // cannot be stored.
            Err(
                error @ (StoreError::UnknownSignIn
                | StoreError::Tampered
                | StoreError::WrongKey { .. }
                | StoreError::LeaseLost),
            ) => {
                tracing::warn!(%error, sign_in = %id, "discarded a refreshed credential");
                console.0.refreshes.discard(&id);
                console.0.recent_sign_ins.invalidate(&id);
                continue;
            }
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, sign_in = %id, "could not store a refreshed credential, will retry");
            }
        }
        if console.is_stopping() {
            return;
        }
        sleep(STORE_RETRY_INTERVAL).await;
        if let Some(lease) = &newest.lease {
            // If this fails too, so will storing, which reports it.
            let _ = lease.extend().await;
        }
    }
}

/// Stores a credential. Returns `false` if the lease that this needs is not free yet.
async fn try_to_store(console: &Console, id: SignInId, newest: &UnstoredCredential) -> Result<bool, StoreError> {
    let lease = match &newest.lease {
        Some(lease) => Arc::clone(lease),
        None => match acquire_lease(console, id).await? {
            Some(lease) => Arc::new(lease),
            None => return Ok(false),
        },
    };
    let secret = newest.credential.to_secret();
    console.0.store.replace_secret(&id, &secret, lease.lease()).await?;
    Ok(true)
}
