//! Replacing access tokens before they end.
//!
//! A refresh uses up the refresh token that it sends. So only one refresh runs at a time for each session, over all
//! instances that share the database: an instance that sends a refresh token has a lease until the result is stored.
//! The database also records that the token was sent, so that no one sends it again if that instance is gone by the end
//! of its lease: some sign-in services would then end every session that came from the token. The person has to sign in
//! again instead.
//!
//! A refresh runs in a task of its own, which continues even if no one waits for it. As long as the old access token
//! works, no refresh starts while the database cannot be written to. If storing a result fails anyway, the result is
//! kept in memory, used, and stored as soon as possible. No transaction is open during the call.

mod unstored;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use store::{SignIn, SignInId, StoreError};
use tokio::time::{Instant, sleep, timeout};
use workspace_client::{Credential, ErrorKind, oidc};

use super::{STORE_TIMEOUT, StoredCredential};
use crate::held_lease::HeldLease;
use crate::{Console, Error, Workspace, now};
use unstored::UnstoredCredential;

/// The duration of the lease. At least half of it remains when the refresh token is sent, and the call takes 20 s at
/// most (`workspace_client::Budgets`). The rest is for storing the result: after a restart of the database, there is
/// time to do that before another instance counts the refresh as lost.
const REFRESH_LEASE: Duration = Duration::from_mins(2);

/// How long a request waits for a refresh by another instance: longer than the call takes.
const REFRESH_WAIT: Duration = Duration::from_secs(25);

/// The pause between two looks at the refresh of another instance.
const REFRESH_POLL_INTERVAL: Duration = Duration::from_millis(200);

/// How long no request waits for another attempt after a lease could not be acquired.
const FAILED_LEASE_TTL: Duration = Duration::from_secs(2);

/// The shortest time between two refreshes that refusals cause. Without it, a credential that is always refused would
/// be replaced forever.
const RENEWAL_INTERVAL: Duration = Duration::from_mins(1);

/// The credentials that are being refreshed, and those that could not be stored yet.
#[derive(Default)]
pub(crate) struct Refreshes {
    /// A lock for each sign-in that this instance is refreshing. Its lease keeps the other instances out.
    locks: Mutex<HashMap<SignInId, Arc<tokio::sync::Mutex<()>>>>,
    /// Credentials that are newer than those in the database.
    unstored: Mutex<HashMap<SignInId, UnstoredCredential>>,
    /// The sign-ins whose credential a task is trying to store.
    storing: Mutex<HashSet<SignInId>>,
    /// When a refusal last caused a refresh.
    renewals: Mutex<HashMap<SignInId, Instant>>,
    /// When a lease last could not be acquired because the database failed.
    failed_lease: Mutex<Option<Instant>>,
}

/// Whether this instance may send the refresh token now.
enum RefreshTurn {
    /// No other instance sends it.
    Leased(Arc<HeldLease>),
    /// The database cannot be written to, and no other instance uses it.
    OnlyInstance,
    /// No: the old access token still works, or another instance has replaced it.
    NotNow,
}

impl Refreshes {
    fn lock_of(&self, id: SignInId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.locks.lock();
        locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        Arc::clone(locks.entry(id).or_default())
    }

    /// The credential that is newer than the stored one, if there is one.
    pub(super) fn newer(&self, id: &SignInId) -> Option<StoredCredential> {
        self.unstored.lock().get(id).map(|newer| newer.credential.clone())
    }

    /// Discards a credential that could not be stored, because the session has ended.
    pub(crate) fn discard(&self, id: &SignInId) {
        self.unstored.lock().remove(id);
    }

    /// Returns whether a refusal may cause a refresh now. If so, no other may for a while.
    fn begin_renewal(&self, id: SignInId) -> bool {
        let mut renewals = self.renewals.lock();
        renewals.retain(|_, at| at.elapsed() < RENEWAL_INTERVAL);
        match renewals.contains_key(&id) {
            true => false,
            false => renewals.insert(id, Instant::now()).is_none(),
        }
    }

    /// The lease that this instance has because it could not store a credential yet.
    fn held_lease(&self, id: &SignInId) -> Option<Arc<HeldLease>> {
        self.unstored.lock().get(id)?.lease.clone()
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
            // Another instance may have replaced it since it was read here.
            self.0.recent_sign_ins.invalidate(&id);
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
        let refresh = Refresh {
            console: self.clone(),
            workspace: Arc::clone(workspace),
            id,
            refused,
        };
        let refreshed = self.0.tasks.spawn(refresh.run()).await;
        refreshed.unwrap_or(Err(Error::Store(StoreError::Panicked)))
    }
}

/// One refresh, if it is due.
struct Refresh {
    console: Console,
    workspace: Arc<Workspace>,
    id: SignInId,
    /// The credential that the workspace refused, if that is the reason.
    refused: Option<Credential>,
}

impl Refresh {
    fn is_refused(&self, current: &StoredCredential) -> bool {
        self.refused.as_ref().is_some_and(|refused| current.has_access(refused))
    }

    /// Whether the access token ends soon, or is the one that the workspace refused.
    fn is_due(&self, current: &StoredCredential) -> bool {
        self.is_refused(current) || current.needs_refresh(now())
    }

    fn still_works(&self, current: &StoredCredential) -> bool {
        !self.is_refused(current) && !current.has_expired(now())
    }

    /// Whether the refresh token was sent, and this instance does not have the new one. If the instance that sent it is
    /// gone, the new one is lost.
    fn is_sent_elsewhere(&self, sign_in: &SignIn) -> bool {
        sign_in.refresh_sent && self.console.0.refreshes.newer(&self.id).is_none()
    }

    async fn load(&self) -> Result<StoredCredential, Error> {
        Ok(self.console.load(&self.id).await?.1)
    }

    async fn run(self) -> Result<StoredCredential, Error> {
        let _locked = self.console.0.refreshes.lock_of(self.id).lock_owned().await;
        // Another request may have refreshed it in the meantime.
        let (sign_in, current) = self.console.load(&self.id).await?;
        if !self.is_due(&current) {
            return Ok(current);
        }
        if self.is_sent_elsewhere(&sign_in) && self.still_works(&current) {
            // The lease stays free for the instance that has the new credential and could not store it yet.
            return Ok(current);
        }
        let turn = self.wait_for_turn(&current).await?;
        // Another instance may have refreshed it too.
        let (sign_in, newest) = self.console.load(&self.id).await?;
        if newest != current {
            self.console.0.recent_sign_ins.invalidate(&self.id);
        }
        match turn {
            RefreshTurn::NotNow => Ok(newest),
            _ if !self.is_due(&newest) => Ok(newest),
            _ if self.is_sent_elsewhere(&sign_in) => self.give_up(newest).await,
            RefreshTurn::Leased(lease) => self.send(newest, Some(lease)).await,
            RefreshTurn::OnlyInstance => self.send(newest, None).await,
        }
    }

    /// Waits until no other instance refreshes this sign-in.
    async fn wait_for_turn(&self, current: &StoredCredential) -> Result<RefreshTurn, Error> {
        if let Some(lease) = self.console.0.refreshes.held_lease(&self.id) {
            return Ok(RefreshTurn::Leased(lease));
        }
        let deadline = Instant::now() + REFRESH_WAIT;
        loop {
            let still_works = self.still_works(current);
            match self.acquire_lease().await {
                Ok(Some(lease)) => return Ok(RefreshTurn::Leased(Arc::new(lease))),
                Ok(None) if still_works => return Ok(RefreshTurn::NotNow),
                Err(error) if still_works => {
                    let reason = "access token not refreshed, because the new one could not be stored";
                    tracing::warn!(error, sign_in = %self.id, "{reason}");
                    return Ok(RefreshTurn::NotNow);
                }
                Err(_) if !self.console.0.store.is_shared() => return Ok(RefreshTurn::OnlyInstance),
                Ok(None) | Err(_) => {}
            }
            if Instant::now() >= deadline {
                // The next request tries again.
                return Err(Error::SignInService(ErrorKind::Timeout.into()));
            }
            sleep(REFRESH_POLL_INTERVAL).await;
            if !self.is_due(&self.load().await?) {
                return Ok(RefreshTurn::NotNow);
            }
        }
    }

    /// Acquires the lease, within the time that a page waits for the database.
    async fn acquire_lease(&self) -> Result<Option<HeldLease>, String> {
        let failed_lease = &self.console.0.refreshes.failed_lease;
        let failed = *failed_lease.lock();
        if failed.is_some_and(|at| at.elapsed() < FAILED_LEASE_TTL) {
            return Err("a recent write to the database failed".to_owned());
        }
        let acquired = match timeout(STORE_TIMEOUT, acquire_lease(&self.console, self.id)).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(_) => Err("database timed out".to_owned()),
        };
        *failed_lease.lock() = acquired.is_err().then(Instant::now);
        acquired
    }

    async fn send(&self, current: StoredCredential, lease: Option<Arc<HeldLease>>) -> Result<StoredCredential, Error> {
        match self.exchange(&current, lease.as_deref()).await {
            Ok(fresh) => {
                let credential = fresh.clone();
                let fresh_one = UnstoredCredential { credential, lease };
                self.console.store_refreshed(self.id, fresh_one).await;
                Ok(fresh)
            }
            Err(Error::Workspace(error)) if error.kind == ErrorKind::BadCredential => {
                self.refresh_refused(&current).await
            }
            // The next request tries again.
            Err(error) if self.still_works(&current) => {
                let workspace = self.workspace.name();
                tracing::warn!(%error, workspace, "could not refresh an access token, will retry");
                Ok(current)
            }
            Err(error) => Err(error),
        }
    }

    /// Ends the session, unless another instance has replaced the credential all the same: then its lease was lost
    /// here before the refresh token was sent.
    async fn refresh_refused(&self, sent: &StoredCredential) -> Result<StoredCredential, Error> {
        match self.load().await {
            Ok(newest) if newest != *sent => Ok(newest),
            _ => {
                self.console.sign_out_if_possible(&self.id).await;
                Err(Error::SignedOut)
            }
        }
    }

    /// The refresh token was sent by an instance that is gone, and must not be sent again. The old access token is used
    /// as long as it works. Then the session ends.
    async fn give_up(&self, current: StoredCredential) -> Result<StoredCredential, Error> {
        if self.still_works(&current) {
            return Ok(current);
        }
        let reason = "another instance sent the refresh token and did not store the new one";
        tracing::warn!(sign_in = %self.id, "session ended, because {reason}");
        self.console.sign_out_if_possible(&self.id).await;
        Err(Error::SignedOut)
    }

    async fn exchange(&self, current: &StoredCredential, lease: Option<&HeldLease>) -> Result<StoredCredential, Error> {
        let client = &self.workspace.client;
        let app = self.workspace.oauth().ok_or(Error::SignedOut)?;
        let refresh = current.refresh.clone().ok_or(Error::SignedOut)?;
        let endpoints = oidc::discover(client, &app.issuer_hosts)
            .await
            .map_err(Error::SignInService)?;
        // Asking for the endpoints may have taken long.
        if let Some(lease) = lease {
            self.prepare_sending(lease).await?;
        }
        let requested_at = now();
        let tokens = oidc::refresh(client, &endpoints, app, refresh.clone().into()).await;
        let tokens = match tokens {
            Ok(tokens) => tokens,
            Err(error) if error.kind == ErrorKind::BadCredential => return Err(Error::Workspace(error)),
            Err(error) => {
                // It may be unknown whether the token arrived. A service that gets it again a moment later mostly gives
                // the same response as before, so no one is signed out because of a lost response.
                if let Some(lease) = lease {
                    self.allow_sending_again(lease).await;
                }
                return Err(Error::SignInService(error));
            }
        };
        let mut fresh = StoredCredential::from_oauth(&tokens, requested_at);
        // The response may leave out the refresh token: then the old one stays valid.
        fresh.refresh.get_or_insert(refresh);
        Ok(fresh)
    }

    /// Makes sure that no other instance can get the lease while the refresh token is sent, and that it is sent once.
    ///
    /// # Errors
    /// If it must not be sent now.
    async fn prepare_sending(&self, lease: &HeldLease) -> Result<(), Error> {
        let store = &self.console.0.store;
        let marked = match lease.ensure_half().await {
            Ok(true) => store.mark_refresh_sent(&self.id, lease.lease()).await,
            Ok(false) => Err(StoreError::LeaseLost),
            Err(error) => Err(error),
        };
        match marked {
            Ok(true) => Ok(()),
            Err(StoreError::UnknownSignIn) => Err(Error::SignedOut),
            // The next request checks what happened.
            Ok(false) | Err(StoreError::LeaseLost) => Err(Error::SignInService(ErrorKind::Timeout.into())),
            // No other instance uses the database.
            Err(_) if !store.is_shared() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the mark that the refresh token was sent.
    async fn allow_sending_again(&self, lease: &HeldLease) {
        let unmarked = self.console.0.store.unmark_refresh_sent(&self.id, lease.lease());
        match timeout(STORE_TIMEOUT, unmarked).await {
            Ok(Ok(())) => {}
            // If the write is only slow, it still happens later.
            Ok(Err(error)) => tracing::warn!(%error, sign_in = %self.id, "could not record that a refresh failed"),
            Err(_) => tracing::warn!(sign_in = %self.id, "could not record that a refresh failed in time"),
        }
    }
}

async fn acquire_lease(console: &Console, id: SignInId) -> Result<Option<HeldLease>, StoreError> {
    HeldLease::acquire(console, format!("refresh/{id}"), "", REFRESH_LEASE).await
}
