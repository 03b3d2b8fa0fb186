//! Signing in, each person as themselves, and keeping their credential fresh.
//!
//! A credential is stored only after it has been proven: the workspace says whose it is, and its token management
//! answers to it. OAuth's access tokens are refreshed before they end.

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

use crate::{Actor, Console, Error, Workspace, now};

pub(crate) use refresh::Refreshes;
pub(crate) use stored_credential::StoredCredential;

/// How long a page waits for the database before it goes on without it.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);

/// The metric of sign-ins, by workspace, kind of credential and outcome.
pub const SIGN_INS_TOTAL: &str = "pat_console_sign_ins_total";

impl Console {
    /// Signs in with a pasted access token: a personal one or one of OAuth.
    ///
    /// # Errors
    /// Where the workspace does not answer to it as to an admin's or an auditor's; then nothing is stored.
    pub async fn sign_in_with_token(
        &self,
        workspace: &str,
        value: SecretString,
        device: &str,
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
        let held = StoredCredential::from_token(&value);
        self.create_sign_in(workspace, kind, &credential, &held, device).await
    }

    /// Proves a credential, stores it, and counts it.
    pub(super) async fn create_sign_in(
        &self,
        workspace: &Arc<Workspace>,
        kind: CredentialKind,
        credential: &Credential,
        held: &StoredCredential,
        device: &str,
    ) -> Result<SignInId, Error> {
        let admitted = self.prove_and_store(workspace, kind, credential, held, device).await;
        let outcome = if admitted.is_ok() { "ok" } else { "refused" };
        metrics::counter!(SIGN_INS_TOTAL, "workspace" => workspace.name().to_owned(), "kind" => kind.slug(), "outcome" => outcome)
            .increment(1);
        admitted
    }

    async fn prove_and_store(
        &self,
        workspace: &Arc<Workspace>,
        kind: CredentialKind,
        credential: &Credential,
        held: &StoredCredential,
        device: &str,
    ) -> Result<SignInId, Error> {
        let api = workspace.client.with(credential);
        let me = api.me().await?;
        let proven = now();
        let role = match api.tokens_created_by(me.id).await {
            Ok(_) => Role::Admin,
            Err(error) if error.kind == ErrorKind::NotAllowed && workspace.is_auditor(&me) => Role::Auditor,
            Err(error) => return Err(error.into()),
        };
        let created = now();
        let sign_in = NewSignIn {
            workspace: workspace.binding(),
            principal: me.id,
            user_name: me.user_name,
            display_name: me.display_name,
            kind,
            role,
            device: device.to_owned(),
            secret: held.to_secret(),
            created,
            ends: created.plus(self.0.limits.absolute),
            idle: self.0.limits.idle,
        };
        let id = self.0.store.add_sign_in(sign_in).await?;
        workspace.proofs.record(&id, proven);
        Ok(id)
    }

    /// The person behind a sign-in, with a credential that is fresh enough to use. `request_id` goes into the record
    /// of what they change.
    ///
    /// # Errors
    /// [`Error::SignedOut`] where it has ended, or where its credential cannot be refreshed any more.
    pub async fn actor(&self, workspace: &str, id: &SignInId, request_id: &str) -> Result<Actor, Error> {
        let workspace = self.workspace(workspace)?;
        let sign_in = match self.0.recent.get(id, now()) {
            Some(sign_in) => sign_in,
            None => {
                let sign_in = Arc::new(self.load(id).await?.0);
                self.0.recent.keep(Arc::clone(&sign_in));
                sign_in
            }
        };
        let held = self.newest_credential(&sign_in)?;
        if sign_in.workspace != workspace.binding() {
            return Err(Error::SignedOut);
        }
        if sign_in.touch_due(now()) {
            self.touch_in_background(*id);
        }
        let own = match held.needs_refresh(now()) {
            true => self.refresh_detached(workspace, *id).await?.credential(),
            false => held.credential(),
        };
        let credential = match sign_in.role {
            Role::Admin => own.clone(),
            Role::Auditor => match workspace.prove_auditor(id, &own).await {
                // Theirs, not the reader's.
                Err(error) if error.is_bad_credential() => {
                    self.sign_out_if_possible(id).await;
                    return Err(Error::SignedOut);
                }
                proven => {
                    proven?;
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
            own,
            credential,
            request_id: request_id.to_owned(),
            reason: String::new(),
            ends: sign_in.ends.min(now().plus(self.0.limits.idle)),
        })
    }

    /// Ends what a new sign-in takes the place of, once its browser has it: the one that it `replaced` there, and the oldest
    /// of more than a person may have.
    ///
    /// # Errors
    /// Where the console's database fails.
    pub async fn settle_sign_in(&self, id: &SignInId, replaced: Option<SignInId>) -> Result<(), Error> {
        let settled = self.0.store.settle_sign_in(id, replaced).await;
        if let Some(replaced) = replaced {
            self.0.recent.forget(&replaced);
        }
        Ok(settled?)
    }

    /// Ends a sign-in and forgets its credential.
    ///
    /// # Errors
    /// Where the console's database fails.
    pub async fn sign_out(&self, id: &SignInId) -> Result<(), Error> {
        self.sign_out_all(std::slice::from_ref(id)).await
    }

    /// Ends several sign-ins, all or none.
    ///
    /// # Errors
    /// Where the console's database fails.
    pub async fn sign_out_all(&self, ids: &[SignInId]) -> Result<(), Error> {
        let ended = self.0.store.remove_sign_ins(ids).await;
        for id in ids {
            self.0.recent.forget(id);
        }
        ended?;
        for id in ids {
            self.0.refreshes.forget(id);
        }
        Ok(())
    }

    /// The same, where the result of something else must not depend on it: the credential has ended already, and whoever
    /// uses the sign-in again meets that.
    pub(crate) async fn sign_out_if_possible(&self, id: &SignInId) {
        self.0.recent.forget(id);
        let (console, id) = (self.clone(), *id);
        let removal = self.0.tasks.spawn(async move {
            if let Err(error) = console.sign_out(&id).await {
                tracing::error!(%error, sign_in = %id, "could not remove a session whose credential has ended");
            }
        });
        // It goes on where that takes longer: no page waits for the database.
        let _ = timeout(STORE_TIMEOUT, removal).await;
    }

    /// Ends the sign-in of a person whose credential the workspace does not take any more.
    ///
    /// It is only removed where the database takes that: reading a page must not depend on writing.
    pub async fn end_sign_in(&self, actor: &Actor) {
        actor.workspace.proofs.end(&actor.sign_in);
        self.sign_out_if_possible(&actor.sign_in).await;
    }

    /// Notes that a sign-in is in use, which moves its idle end. Best effort, and once a minute at most.
    fn touch_in_background(&self, id: SignInId) {
        if !self.0.recent.begin_touch(id) {
            return;
        }
        let console = self.clone();
        self.0.tasks.spawn(async move {
            match console.0.store.touch(&id, now()).await {
                Ok(()) => console.0.recent.forget(&id),
                Err(error) => {
                    console.0.recent.end_touch(&id);
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

/// How long the limits of a sign-in may sensibly be.
impl Default for crate::SignInLimits {
    /// Twelve hours in all, one hour without a request.
    fn default() -> Self {
        Self {
            absolute: Duration::from_secs(12 * 3600),
            idle: Duration::from_secs(3600),
        }
    }
}
