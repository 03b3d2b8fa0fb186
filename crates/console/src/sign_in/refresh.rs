//! Replacing access tokens before they end.
//!
//! A refresh spends the refresh token that it sends. So one runs at a time for each sign-in, and to its end in a task of its
//! own, whoever waits for it. It is not begun while the database cannot be written to, as long as the old access token
//! works; and where storing its result fails all the same, the result is kept in memory, used, and stored as soon as that
//! works. No transaction is held across the call.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::{SignInId, StoreError};
use tokio::time::{Instant, sleep, timeout};
use workspace_client::{ErrorKind, oidc};

use super::{STORE_TIMEOUT, StoredCredential};
use crate::{Console, Error, Workspace, now};

/// How long a failed check of the database counts: nobody waits for another meanwhile.
const FAILED_CHECK_TTL: Duration = Duration::from_secs(2);

/// Between two tries to store a credential.
const STORE_RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// What is being refreshed, and what could not be stored yet.
#[derive(Default)]
pub(crate) struct Refreshes {
    /// One lock for each sign-in that is being refreshed. The database has one process, so the lock lives in it.
    locks: Mutex<HashMap<SignInId, Arc<tokio::sync::Mutex<()>>>>,
    /// Credentials that are newer than those in the database.
    unstored: Mutex<HashMap<SignInId, StoredCredential>>,
    /// Of which of them a task is at work to store them.
    storing: Mutex<HashSet<SignInId>>,
    /// When the database was last found not to take writes.
    failed_check: Mutex<Option<Instant>>,
}

impl Refreshes {
    fn lock_of(&self, id: SignInId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        Arc::clone(locks.entry(id).or_default())
    }

    fn unstored(&self) -> std::sync::MutexGuard<'_, HashMap<SignInId, StoredCredential>> {
        self.unstored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn storing(&self) -> std::sync::MutexGuard<'_, HashSet<SignInId>> {
        self.storing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed_check(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.failed_check.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The credential that is newer than the stored one, where there is one.
    pub(super) fn newer(&self, id: &SignInId) -> Option<StoredCredential> {
        self.unstored().get(id).cloned()
    }

    /// Forgets what could not be stored: the sign-in has ended.
    pub(super) fn forget(&self, id: &SignInId) {
        self.unstored().remove(id);
    }

    /// Whether everything is stored.
    pub(crate) fn are_stored(&self) -> bool {
        self.unstored().is_empty()
    }
}

impl Console {
    pub(super) async fn refresh_detached(
        &self,
        workspace: &Arc<Workspace>,
        id: SignInId,
    ) -> Result<StoredCredential, Error> {
        let refresh = refresh(self.clone(), Arc::clone(workspace), id);
        self.0.tasks.spawn(refresh).await.unwrap_or(Err(Error::SignedOut))
    }

    /// Stores a credential that was refreshed: at once where that works, else in the background for as long as it takes.
    async fn store_refreshed(&self, id: SignInId, fresh: StoredCredential) {
        self.0.refreshes.unstored().insert(id, fresh);
        self.0.recent.forget(&id);
        if !self.0.refreshes.storing().insert(id) {
            // Whoever is at it takes the newest.
            return;
        }
        let console = self.clone();
        let storing = self.0.tasks.spawn(async move {
            store_unstored(&console, id).await;
            console.0.refreshes.storing().remove(&id);
        });
        // Whoever waits for the page waits no longer than this; the task goes on.
        let _ = timeout(STORE_TIMEOUT, storing).await;
    }
}

async fn refresh(console: Console, workspace: Arc<Workspace>, id: SignInId) -> Result<StoredCredential, Error> {
    let _locked = console.0.refreshes.lock_of(id).lock_owned().await;
    // Somebody else may have refreshed it meanwhile.
    let (_, held) = console.load(&id).await?;
    if !held.needs_refresh(now()) {
        return Ok(held);
    }
    if !held.has_expired(now())
        && let Err(error) = check_write(&console).await
    {
        tracing::warn!(%error, sign_in = %id, "access token not refreshed, because the new one could not be stored");
        return Ok(held);
    }
    match exchange(&workspace, &held).await {
        Ok(fresh) => {
            console.store_refreshed(id, fresh.clone()).await;
            Ok(fresh)
        }
        Err(Error::Workspace(error)) if error.kind == ErrorKind::BadCredential => {
            console.sign_out_if_possible(&id).await;
            Err(Error::SignedOut)
        }
        Err(error) if held.has_expired(now()) => Err(error),
        // The old one still works, and the next request tries again.
        Err(error) => {
            tracing::warn!(%error, workspace = workspace.name(), "could not refresh an access token, will retry");
            Ok(held)
        }
    }
}

async fn check_write(console: &Console) -> Result<(), String> {
    let failed = *console.0.refreshes.failed_check();
    if failed.is_some_and(|at| at.elapsed() < FAILED_CHECK_TTL) {
        return Err("a recent write to the database failed".to_owned());
    }
    let checked = check_write_now(console).await;
    *console.0.refreshes.failed_check() = checked.is_err().then(Instant::now);
    checked
}

async fn check_write_now(console: &Console) -> Result<(), String> {
    match timeout(STORE_TIMEOUT, console.0.store.check_write(now())).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("database timed out".to_owned()),
    }
}

async fn exchange(workspace: &Workspace, held: &StoredCredential) -> Result<StoredCredential, Error> {
    let app = workspace.oauth().ok_or(Error::SignedOut)?;
    let refresh = held.refresh.clone().ok_or(Error::SignedOut)?;
    let endpoints = oidc::discover(&workspace.client, &app.issuer_hosts).await?;
    let asked = now();
    let tokens = oidc::refresh(&workspace.client, &endpoints, app, refresh.clone().into()).await?;
    let mut fresh = StoredCredential::from_oauth(&tokens, asked);
    // The response may leave the refresh token out: then the old one stays good.
    fresh.refresh.get_or_insert(refresh);
    Ok(fresh)
}

/// Stores the newest credential of a sign-in, however long that takes. A later refresh puts a newer one in its place.
async fn store_unstored(console: &Console, id: SignInId) {
    while let Some(newest) = console.0.refreshes.newer(&id) {
        match console.0.store.replace_secret(&id, &newest.to_secret()).await {
            Ok(()) => {
                console.0.recent.forget(&id);
                let mut unstored = console.0.refreshes.unstored();
                if unstored.get(&id).is_some_and(|kept| kept.is_same(&newest)) {
                    unstored.remove(&id);
                }
            }
            // The sign-in has ended, or its row was changed by hand: there is nothing to store it in.
            Err(error @ (StoreError::UnknownSignIn | StoreError::Tampered | StoreError::WrongKey { .. })) => {
                tracing::warn!(%error, sign_in = %id, "discarded a refreshed credential");
                console.0.refreshes.forget(&id);
                console.0.recent.forget(&id);
            }
            Err(error) => {
                tracing::error!(%error, sign_in = %id, "could not store a refreshed credential, will retry");
                if console.is_stopping() {
                    return;
                }
                sleep(STORE_RETRY_INTERVAL).await;
            }
        }
    }
}
