//! Signing in, each person as themselves, and keeping their credential fresh.
//!
//! A credential is stored only after it has been proven: the workspace reports whose it is, and accepts it for token
//! management. OAuth access tokens are refreshed before they end.

pub(crate) mod admin_proof;
mod oauth;
pub mod own;
mod refresh;
mod stored_credential;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use store::{CredentialKind, NewSignIn, Role, SignIn, SignInId, StoreError};
use tokio::time::timeout;
use workspace_client::{Credential, ErrorKind};

use crate::moment::Moment;
use crate::{Actor, Console, Device, Error, RequestSource, Workspace, now};

pub(crate) use refresh::Refreshes;
pub(crate) use stored_credential::StoredCredential;

/// How long a page waits for the database before it continues without it.
pub(crate) const STORE_TIMEOUT: Duration = Duration::from_secs(1);

/// The metric of sign-ins, by workspace, kind of credential and outcome.
pub const SIGN_INS_TOTAL: &str = "pat_console_sign_ins_total";

impl Console {
    /// Signs in with a pasted access token: a personal access token or an OAuth token.
    ///
    /// # Errors
    /// If the workspace does not accept it as an admin's or an auditor's credential. Then nothing is stored.
    pub async fn sign_in_with_token(
        &self,
        workspace: &str,
        value: SecretString,
        device: impl Into<Device>,
    ) -> Result<SignInId, Error> {
        let workspace = self.workspace(workspace)?;
        if !workspace.allows_token_sign_in() {
            return Err(Error::TokenSignInDisabled);
        }
        let credential = Credential::new(value.clone());
        let kind = if credential.looks_like_pat() {
            CredentialKind::PersonalAccessToken
        } else {
            CredentialKind::PastedOAuth
        };
        let stored = StoredCredential::from_token(&value);
        self.create_sign_in(workspace, kind, &credential, &stored, device.into())
            .await
    }

    /// Proves a credential, stores it, and counts it.
    pub(super) async fn create_sign_in(
        &self,
        workspace: &Arc<Workspace>,
        kind: CredentialKind,
        credential: &Credential,
        stored: &StoredCredential,
        device: Device,
    ) -> Result<SignInId, Error> {
        let result = self.prove_and_store(workspace, kind, credential, stored, device).await;
        let workspace = workspace.name().to_owned();
        let outcome = if result.is_ok() { "ok" } else { "refused" };
        metrics::counter!(SIGN_INS_TOTAL, "workspace" => workspace, "kind" => kind.slug(), "outcome" => outcome)
            .increment(1);
        result
    }

    async fn prove_and_store(
        &self,
        workspace: &Arc<Workspace>,
        kind: CredentialKind,
        credential: &Credential,
        stored: &StoredCredential,
        device: Device,
    ) -> Result<SignInId, Error> {
        let api = workspace.client.with(credential);
        let me = api.me().await?;
        let proven = Moment::now();
        let role = match api.prove_admin(me.id).await {
            Ok(()) => Role::Admin,
            Err(error) if error.kind == ErrorKind::NotAllowed && workspace.is_auditor(&me) => Role::Auditor,
            Err(error) => return Err(error.into()),
        };
        let created = now();
        let sign_in = NewSignIn {
            workspace: workspace.binding(),
            principal: me.id,
            user_name: me.username,
            display_name: me.display_name,
            kind,
            role,
            device: device.name,
            client: device.client,
            secret: stored.to_secret(),
            created,
            ends: created.plus(self.0.limits.absolute),
            idle: self.0.limits.idle,
        };
        let id = self.0.store.add_sign_in(sign_in).await?;
        workspace.proofs.record(&id, proven);
        Ok(id)
    }

    /// The person behind a session, with a credential that is fresh enough to use. `request` is recorded with what they
    /// change.
    ///
    /// # Errors
    /// [`Error::SignedOut`] if the session has ended, or its credential can no longer be refreshed.
    pub async fn actor(
        &self,
        workspace: &str,
        id: &SignInId,
        request: impl Into<RequestSource>,
    ) -> Result<Actor, Error> {
        let request = request.into();
        let workspace = self.workspace(workspace)?;
        let (sign_in, unchecked) = self.recent_sign_in(id).await?;
        let newest = self.newest_credential(&sign_in)?;
        if sign_in.workspace != workspace.binding() {
            return Err(Error::SignedOut);
        }
        if sign_in.touch_due(now()) {
            self.touch_in_background(*id);
        }
        // While the database does not respond, a token that still works is used.
        let can_refresh = unchecked.is_none() || newest.has_expired(now());
        let own_credential = match newest.needs_refresh(now()) && can_refresh {
            true => self.refresh_detached(workspace, *id).await?.credential(),
            false => newest.credential(),
        };
        let credential = match sign_in.role {
            Role::Admin => own_credential.clone(),
            Role::Auditor => match workspace.prove_auditor(id, &own_credential).await {
                // This is about the auditor's own credential, not the reader's.
                Err(error) if error.is_bad_credential() => {
                    if self.renew_credential(workspace, *id, &own_credential).await? {
                        return Err(error);
                    }
                    self.sign_out_if_possible(id).await;
                    return Err(Error::SignedOut);
                }
                result => {
                    result?;
                    workspace.reader_credential().await?
                }
            },
        };
        Ok(Actor {
            sign_in: *id,
            workspace: Arc::clone(workspace),
            principal: sign_in.principal,
            user_name: sign_in.user_name.clone(),
            display_name: sign_in.display_name.clone(),
            kind: sign_in.kind,
            role: sign_in.role,
            can_change: sign_in.role == Role::Admin && !self.0.read_only,
            own_credential,
            credential,
            request_id: request.id,
            client: request.client,
            reason: String::new(),
            unchecked,
            ends: sign_in.ends.min(now().plus(self.0.limits.idle)),
        })
    }

    /// The sign-in. If the database does not respond and it was read a moment ago, also returns the database's error.
    async fn recent_sign_in(&self, id: &SignInId) -> Result<(Arc<SignIn>, Option<StoreError>), Error> {
        let recent = &self.0.recent_sign_ins;
        if let Some(sign_in) = recent.get(id, now()) {
            return Ok((sign_in, None));
        }
        match self.load(id).await {
            Ok((sign_in, _)) => {
                let sign_in = Arc::new(sign_in);
                recent.insert(Arc::clone(&sign_in));
                Ok((sign_in, None))
            }
            Err(Error::Store(error)) if error.is_unreachable() => match recent.get_during_outage(id, now()) {
                Some(sign_in) => Ok((sign_in, Some(error))),
                None => Err(error.into()),
            },
            Err(error) => Err(error),
        }
    }

    /// Ends the sessions that a new one replaces, once its browser has it: the one that it `replaced` there, and a
    /// person's oldest ones if they have too many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_sign_in(&self, id: &SignInId, replaced: Option<SignInId>) -> Result<(), Error> {
        let settled = self.0.store.settle_sign_in(id, replaced).await;
        if let Some(replaced) = replaced {
            self.0.recent_sign_ins.invalidate(&replaced);
        }
        Ok(settled?)
    }

    /// Ends a session and deletes its credential.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_out(&self, id: &SignInId) -> Result<(), Error> {
        self.sign_out_all(std::slice::from_ref(id)).await
    }

    /// Ends several sessions, all or none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_out_all(&self, ids: &[SignInId]) -> Result<(), Error> {
        let ended = self.0.store.remove_sign_ins(ids).await;
        for id in ids {
            self.end_reads_of(id);
        }
        ended?;
        for id in ids {
            self.0.refreshes.discard(id);
        }
        Ok(())
    }

    /// Ends a session if the database allows it, for callers whose own result must not depend on that: the credential
    /// has already ended, and the next use of the session will show that.
    pub(crate) async fn sign_out_if_possible(&self, id: &SignInId) {
        self.0.recent_sign_ins.invalidate(id);
        let (console, id) = (self.clone(), *id);
        let removal = self.0.tasks.spawn(async move {
            if let Err(error) = console.sign_out(&id).await {
                tracing::error!(%error, sign_in = %id, "could not remove a session whose credential has ended");
            }
        });
        // If it takes longer, it continues: no page waits for the database.
        let _ = timeout(STORE_TIMEOUT, removal).await;
    }

    /// Replaces the credential of a person after the workspace refused it, or ends their session. Returns whether the
    /// session continues with another credential.
    ///
    /// # Errors
    /// If the sign-in service could not be asked. The session continues with a credential that does not work now.
    pub async fn renew_or_end_sign_in(&self, actor: &Actor) -> Result<bool, Error> {
        let renewed = match actor.role {
            Role::Admin => {
                self.renew_credential(&actor.workspace, actor.sign_in, &actor.own_credential)
                    .await?
            }
            Role::Auditor => false,
        };
        if !renewed {
            self.end_sign_in(actor).await;
        }
        Ok(renewed)
    }

    /// Ends the session of a person whose credential the workspace no longer accepts.
    ///
    /// If the database cannot be written to, the session stays there: reading a page must not depend on writing.
    pub async fn end_sign_in(&self, actor: &Actor) {
        actor.workspace.end_proof(&actor.sign_in);
        self.sign_out_if_possible(&actor.sign_in).await;
    }

    /// Records that a session is in use, which extends it. Best effort, and once a minute at most.
    fn touch_in_background(&self, id: SignInId) {
        if !self.0.recent_sign_ins.begin_touch(id) {
            return;
        }
        let console = self.clone();
        self.0.tasks.spawn(async move {
            match console.0.store.touch(&id, now()).await {
                // The cached sign-in is still valid, and is used during an outage.
                Ok(()) => console.0.recent_sign_ins.expire(&id),
                Err(error) => {
                    console.0.recent_sign_ins.end_touch(&id);
                    tracing::warn!(%error, sign_in = %id, "could not record when a session was last used");
                }
            }
        });
    }

    fn newest_credential(&self, sign_in: &SignIn) -> Result<StoredCredential, Error> {
        let newer = self.0.refreshes.newer(&sign_in.id);
        newer
            .or_else(|| StoredCredential::from_secret(&sign_in.secret))
            .ok_or(Error::SignedOut)
    }

    pub(crate) async fn load(&self, id: &SignInId) -> Result<(SignIn, StoredCredential), Error> {
        let sign_in = match self.0.store.sign_in(id, now()).await {
            Err(error @ (StoreError::Tampered | StoreError::WrongKey { .. })) => {
                tracing::error!(%error, sign_in = %id, "could not unseal a stored credential");
                None
            }
            result => result?,
        };
        let sign_in = sign_in.ok_or(Error::SignedOut)?;
        let credential = self.newest_credential(&sign_in)?;
        Ok((sign_in, credential))
    }
}

impl Default for crate::SignInLimits {
    /// Twelve hours in total, one hour without a request.
    fn default() -> Self {
        Self {
            absolute: Duration::from_hours(12),
            idle: Duration::from_hours(1),
        }
    }
}
