//! Replacing access tokens before they end.
//!
//! A refresh uses up the refresh token that it sends. So only one runs at a time for each session, in a task of its own
//! that continues even if no one waits for it. As long as the old access token works, it does not start while the
//! database cannot be written to. If storing its result fails anyway, the result is kept in memory, used, and stored as
//! soon as possible. No transaction is held during the call.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use store::{SignInId, StoreError};
use tokio::time::{Instant, sleep, timeout};
use workspace_client::{Credential, ErrorKind, oidc};

use super::{STORE_TIMEOUT, StoredCredential};
use crate::{Console, Error, Workspace, now};

/// How long a failed check of the database counts. Until then no one waits for another one.
const FAILED_CHECK_TTL: Duration = Duration::from_secs(2);

/// How long after a refresh that a refusal caused no other refusal causes one. A credential that is refused again right
/// away is not replaced forever.
const RENEWAL_INTERVAL: Duration = Duration::from_mins(1);

/// The pause between two attempts to store a credential.
const STORE_RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// The credentials that are being refreshed, and those that could not be stored yet.
#[derive(Default)]
pub(crate) struct Refreshes {
    /// A lock for each sign-in that is being refreshed. Only one process uses the database, so a lock in memory is
    /// enough.
    locks: Mutex<HashMap<SignInId, Arc<tokio::sync::Mutex<()>>>>,
    /// Credentials that are newer than those in the database.
    unstored: Mutex<HashMap<SignInId, StoredCredential>>,
    /// Those of them that a task is trying to store.
    storing: Mutex<HashSet<SignInId>>,
    /// When a refusal last caused a refresh.
    renewals: Mutex<HashMap<SignInId, Instant>>,
    /// When a check last found that the database cannot be written to.
    failed_check: Mutex<Option<Instant>>,
}

impl Refreshes {
    fn lock_of(&self, id: SignInId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.locks.lock();
        locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        Arc::clone(locks.entry(id).or_default())
    }

    /// The credential that is newer than the stored one, if there is one.
    pub(super) fn newer(&self, id: &SignInId) -> Option<StoredCredential> {
        self.unstored.lock().get(id).cloned()
    }

    /// Discards what could not be stored: the session has ended.
    pub(crate) fn discard(&self, id: &SignInId) {
        self.unstored.lock().remove(id);
    }

    /// Whether a refusal may cause a refresh now; if so, none may for a while.
    fn begin_renewal(&self, id: SignInId) -> bool {
        let mut renewals = self.renewals.lock();
        renewals.retain(|_, at| at.elapsed() < RENEWAL_INTERVAL);
        match renewals.contains_key(&id) {
            true => false,
            false => renewals.insert(id, Instant::now()).is_none(),
        }
    }

    /// Whether everything is stored.
    pub(crate) fn are_stored(&self) -> bool {
        self.unstored.lock().is_empty()
    }
}

impl Console {
    pub(super) async fn refresh_detached(
        &self,
        workspace: &Arc<Workspace>,
        id: SignInId,
    ) -> Result<StoredCredential, Error> {
        self.refresh_in_task(workspace, id, None).await
    }

    /// Replaces a credential that the workspace refused, once. Returns whether there is a newer one: if not, the
    /// session has to end.
    ///
    /// # Errors
    /// If the sign-in service could not be asked. Then nothing is known, and the session stays.
    pub(crate) async fn renew_credential(
        &self,
        workspace: &Arc<Workspace>,
        id: SignInId,
        refused: &Credential,
    ) -> Result<bool, Error> {
        let current = match self.load(&id).await {
            Ok((_, current)) => current,
            Err(Error::SignedOut) => return Ok(false),
            Err(error) => return Err(error),
        };
        if !current.has_access(refused) {
            return Ok(true);
        }
        if current.refresh.is_none() || !self.0.refreshes.begin_renewal(id) {
            return Ok(false);
        }
        match self.refresh_in_task(workspace, id, Some(refused.clone())).await {
            Ok(fresh) => Ok(!fresh.has_access(refused)),
            Err(Error::SignedOut) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn refresh_in_task(
        &self,
        workspace: &Arc<Workspace>,
        id: SignInId,
        refused: Option<Credential>,
    ) -> Result<StoredCredential, Error> {
        let refresh = refresh(self.clone(), Arc::clone(workspace), id, refused);
        self.0.tasks.spawn(refresh).await.unwrap_or(Err(Error::SignedOut))
    }

    /// Stores a refreshed credential: immediately if that works, otherwise in the background for as long as it takes.
    async fn store_refreshed(&self, id: SignInId, fresh: StoredCredential) {
        self.0.refreshes.unstored.lock().insert(id, fresh);
        self.0.recent_sign_ins.invalidate(&id);
        if !self.0.refreshes.storing.lock().insert(id) {
            // The task that is already storing takes the newest credential.
            return;
        }
        let console = self.clone();
        let storing = self.0.tasks.spawn(async move {
            store_unstored(&console, id).await;
            console.0.refreshes.storing.lock().remove(&id);
        });
        // No page waits longer than this; the task continues.
        let _ = timeout(STORE_TIMEOUT, storing).await;
    }
}

/// Refreshes the access token if it ends soon, or if it is the one that the workspace `refused`.
async fn refresh(
    console: Console,
    workspace: Arc<Workspace>,
    id: SignInId,
    refused: Option<Credential>,
) -> Result<StoredCredential, Error> {
    let _locked = console.0.refreshes.lock_of(id).lock_owned().await;
    // Another request may have refreshed it in the meantime.
    let (_, current) = console.load(&id).await?;
    let is_refused = refused.is_some_and(|refused| current.has_access(&refused));
    if !is_refused && !current.needs_refresh(now()) {
        return Ok(current);
    }
    let still_works = || !is_refused && !current.has_expired(now());
    if still_works()
        && let Err(error) = check_write(&console).await
    {
        tracing::warn!(%error, sign_in = %id, "access token not refreshed, because the new one could not be stored");
        return Ok(current);
    }
    match exchange(&workspace, &current).await {
        Ok(fresh) => {
            console.store_refreshed(id, fresh.clone()).await;
            Ok(fresh)
        }
        Err(Error::Workspace(error)) if error.kind == ErrorKind::BadCredential => {
            console.sign_out_if_possible(&id).await;
            Err(Error::SignedOut)
        }
        // The next request tries again.
        Err(error) if still_works() => {
            tracing::warn!(%error, workspace = workspace.name(), "could not refresh an access token, will retry");
            Ok(current)
        }
        Err(error) => Err(error),
    }
}

async fn check_write(console: &Console) -> Result<(), String> {
    let failed = *console.0.refreshes.failed_check.lock();
    if failed.is_some_and(|at| at.elapsed() < FAILED_CHECK_TTL) {
        return Err("a recent write to the database failed".to_owned());
    }
    let checked = check_write_now(console).await;
    *console.0.refreshes.failed_check.lock() = checked.is_err().then(Instant::now);
    checked
}

async fn check_write_now(console: &Console) -> Result<(), String> {
    match timeout(STORE_TIMEOUT, console.0.store.check_write(now())).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("database timed out".to_owned()),
    }
}

async fn exchange(workspace: &Workspace, current: &StoredCredential) -> Result<StoredCredential, Error> {
    let app = workspace.oauth().ok_or(Error::SignedOut)?;
    let refresh = current.refresh.clone().ok_or(Error::SignedOut)?;
    let endpoints = oidc::discover(&workspace.client, &app.issuer_hosts)
        .await
        .map_err(Error::SignInService)?;
    let requested_at = now();
    let tokens = oidc::refresh(&workspace.client, &endpoints, app, refresh.clone().into()).await;
    let tokens = tokens.map_err(|error| match error.kind {
        ErrorKind::BadCredential => Error::Workspace(error),
        _ => Error::SignInService(error),
    })?;
    let mut fresh = StoredCredential::from_oauth(&tokens, requested_at);
    // The response may leave out the refresh token: then the old one stays valid.
    fresh.refresh.get_or_insert(refresh);
    Ok(fresh)
}

/// Stores the newest credential of a sign-in, no matter how long that takes. A later refresh may replace it with a
/// newer one in the meantime.
async fn store_unstored(console: &Console, id: SignInId) {
    while let Some(newest) = console.0.refreshes.newer(&id) {
        match console.0.store.replace_secret(&id, &newest.to_secret()).await {
            Ok(()) => {
                console.0.recent_sign_ins.invalidate(&id);
                let mut unstored = console.0.refreshes.unstored.lock();
                if unstored.get(&id).is_some_and(|current| current.is_same(&newest)) {
                    unstored.remove(&id);
                }
            }
            // The session has ended, or its row was changed by hand: the credential cannot be stored.
            Err(error @ (StoreError::UnknownSignIn | StoreError::Tampered | StoreError::WrongKey { .. })) => {
                tracing::warn!(%error, sign_in = %id, "discarded a refreshed credential");
                console.0.refreshes.discard(&id);
                console.0.recent_sign_ins.invalidate(&id);
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
