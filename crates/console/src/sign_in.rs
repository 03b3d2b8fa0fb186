//! Signing in, each person as themselves, and keeping their credential fresh.
//!
//! A credential is stored only after it has been proven: the workspace says whose it is, and its token management
//! answers to it. OAuth's access tokens are refreshed before they end; a refresh runs to its end even where the
//! request that needed it is dropped, because the old refresh token is spent with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use store::{CredentialKind, NewSignIn, Role, SignIn, SignInId, StoreError};
use workspace_client::{Credential, ErrorKind, oidc};

use crate::{Actor, Console, Error, Workspace, now};

/// The longest time before its end at which an access token is refreshed, in milliseconds. Azure refuses one that has
/// 30 s left (<https://github.com/databricks/databricks-vscode/issues/583>).
const REFRESH_AHEAD_MS: i64 = 5 * 60_000;

/// The metric of sign-ins, by workspace, kind of credential and outcome.
pub const SIGN_INS_TOTAL: &str = "pat_console_sign_ins_total";

/// One lock for each sign-in that is being refreshed. The database has one process, so the lock lives in it.
pub(crate) type RefreshLocks = Mutex<HashMap<SignInId, Arc<tokio::sync::Mutex<()>>>>;

/// A credential as it is sealed into the store.
#[derive(Serialize, Deserialize)]
pub(crate) struct Held {
    access: String,
    refresh: Option<String>,
    /// When the access token ends, and how long it lives in all; milliseconds.
    ends: Option<i64>,
    lives: i64,
}

impl Held {
    fn pasted(value: &SecretString) -> Self {
        Self {
            access: value.expose_secret().to_owned(),
            refresh: None,
            ends: None,
            lives: 0,
        }
    }

    fn granted(tokens: &oidc::Tokens, at: Timestamp) -> Self {
        let lives = i64::try_from(tokens.expires_in.as_millis()).unwrap_or(i64::MAX);
        Self {
            access: tokens.access.expose_secret().to_owned(),
            refresh: tokens.refresh.as_ref().map(|r| r.expose_secret().to_owned()),
            ends: Some(at.plus_ms(lives).ms()),
            lives,
        }
    }

    fn seal(&self) -> SecretString {
        // Four plain fields always serialise.
        serde_json::to_string(self).unwrap_or_default().into()
    }

    fn open(secret: &SecretString) -> Option<Self> {
        serde_json::from_str(secret.expose_secret()).ok()
    }

    fn credential(&self) -> Credential {
        Credential::new(self.access.clone().into())
    }

    /// Whether it is time for a new access token: five minutes before the end, for short lives half of them.
    fn is_due(&self, at: Timestamp) -> bool {
        let ahead = REFRESH_AHEAD_MS.min(self.lives / 2);
        self.refresh.is_some() && self.ends.is_some_and(|ends| at.ms() >= ends - ahead)
    }

    fn has_ended(&self, at: Timestamp) -> bool {
        self.ends.is_some_and(|ends| at.ms() >= ends)
    }
}

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
        if !workspace.takes_tokens() {
            return Err(Error::TokenSignInOff);
        }
        let credential = Credential::new(value.clone());
        let kind = if credential.looks_like_pat() {
            CredentialKind::PersonalAccessToken
        } else {
            CredentialKind::PastedOAuth
        };
        let held = Held::pasted(&value);
        self.admit(workspace, kind, &credential, &held, device).await
    }

    /// Where to send a browser to sign in by OAuth, with what has to be remembered until it comes back.
    ///
    /// # Errors
    /// [`Error::OAuthNotConfigured`], or where discovery fails.
    pub async fn begin_oauth(&self, workspace: &str) -> Result<oidc::Authorization, Error> {
        let workspace = self.workspace(workspace)?;
        let app = workspace.oauth().ok_or(Error::OAuthNotConfigured)?;
        let endpoints = oidc::discover(&workspace.client, &app.issuer_hosts).await?;
        Ok(oidc::authorize_url(&endpoints, app))
    }

    /// Signs in with the code that the browser brought back. `device` is what the person is told to know it by.
    ///
    /// # Errors
    /// Where the code is not taken, or the workspace does not answer to the credential as to an admin's or an auditor's.
    pub async fn finish_oauth(
        &self,
        workspace: &str,
        code: SecretString,
        verifier: SecretString,
        device: &str,
    ) -> Result<SignInId, Error> {
        let workspace = self.workspace(workspace)?;
        let app = workspace.oauth().ok_or(Error::OAuthNotConfigured)?;
        let endpoints = oidc::discover(&workspace.client, &app.issuer_hosts).await?;
        let asked = now();
        let tokens = oidc::exchange(&workspace.client, &endpoints, app, code, verifier).await;
        let tokens = tokens.map_err(|error| match error.kind {
            ErrorKind::BadCredential => Error::CodeRefused,
            _ => error.into(),
        })?;
        let held = Held::granted(&tokens, asked);
        self.admit(workspace, CredentialKind::OAuth, &held.credential(), &held, device)
            .await
    }

    /// Proves a credential, stores it, and counts it.
    async fn admit(
        &self,
        workspace: &Arc<Workspace>,
        kind: CredentialKind,
        credential: &Credential,
        held: &Held,
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
        held: &Held,
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
        let absolute = i64::try_from(self.0.limits.absolute.as_millis()).unwrap_or(i64::MAX);
        let sign_in = NewSignIn {
            workspace: workspace.binding(),
            principal: me.id,
            user_name: me.user_name,
            display_name: me.display_name,
            kind,
            role,
            device: device.to_owned(),
            secret: held.seal(),
            created,
            ends: created.plus_ms(absolute),
            idle: self.0.limits.idle,
        };
        let id = self.0.store.add_sign_in(sign_in).await?;
        workspace.proofs.note(&id, proven);
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
        let held = Held::open(&sign_in.secret).ok_or(Error::SignedOut)?;
        if sign_in.workspace != workspace.binding() {
            return Err(Error::SignedOut);
        }
        if sign_in.touch_due(now()) {
            self.0.store.touch(id, now()).await?;
            self.0.recent.forget(id);
        }
        let own = match held.is_due(now()) {
            true => self.refresh_to_the_end(workspace, *id).await?.credential(),
            false => held.credential(),
        };
        let credential = match sign_in.role {
            Role::Admin => own.clone(),
            Role::Auditor => match workspace.prove_auditor(id, &own).await {
                // Theirs, not the reader's.
                Err(error) if error.is_bad_credential() => {
                    self.sign_out(id).await?;
                    return Err(Error::SignedOut);
                }
                proven => {
                    proven?;
                    workspace.readers_credential().await?
                }
            },
        };
        let idle = i64::try_from(self.0.limits.idle.as_millis()).unwrap_or(i64::MAX / 2);
        Ok(Actor {
            sign_in: *id,
            workspace: Arc::clone(workspace),
            principal: sign_in.principal,
            user_name: sign_in.user_name.clone(),
            display_name: sign_in.display_name.clone(),
            kind: sign_in.kind,
            role: sign_in.role,
            may_change: sign_in.role == Role::Admin && !self.0.read_only,
            own,
            credential,
            request_id: request_id.to_owned(),
            reason: String::new(),
            ends: sign_in.ends.min(now().plus_ms(idle)),
        })
    }

    /// Ends a sign-in and forgets its credential.
    ///
    /// # Errors
    /// Where the console's database fails.
    pub async fn sign_out(&self, id: &SignInId) -> Result<(), Error> {
        let ended = self.0.store.end_sign_in(id).await;
        self.0.recent.forget(id);
        Ok(ended?)
    }

    /// Ends the sign-in of a person whose credential the workspace does not take any more.
    ///
    /// # Errors
    /// Where the console's database fails.
    pub async fn end(&self, actor: &Actor) -> Result<(), Error> {
        actor.workspace.proofs.end(&actor.sign_in);
        self.sign_out(&actor.sign_in).await
    }

    pub(crate) async fn load(&self, id: &SignInId) -> Result<(SignIn, Held), Error> {
        let sign_in = match self.0.store.sign_in(id, now()).await {
            Err(error @ (StoreError::Tampered | StoreError::WrongKey { .. })) => {
                tracing::error!(%error, sign_in = %id, "a stored credential does not open");
                None
            }
            result => result?,
        };
        let sign_in = sign_in.ok_or(Error::SignedOut)?;
        let held = Held::open(&sign_in.secret).ok_or(Error::SignedOut)?;
        Ok((sign_in, held))
    }

    /// Refreshes in a task of its own, so that a browser that goes away loses no refresh token.
    async fn refresh_to_the_end(&self, workspace: &Arc<Workspace>, id: SignInId) -> Result<Held, Error> {
        let (console, workspace) = (self.clone(), Arc::clone(workspace));
        let task = tokio::spawn(console.refresh_locked(workspace, id));
        task.await.unwrap_or(Err(Error::SignedOut))
    }

    async fn refresh_locked(self, workspace: Arc<Workspace>, id: SignInId) -> Result<Held, Error> {
        let lock = {
            let mut locks = self.0.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry(id).or_default())
        };
        let _locked = lock.lock_owned().await;
        // Somebody else may have refreshed it meanwhile.
        let (_, held) = self.load(&id).await?;
        if !held.is_due(now()) {
            return Ok(held);
        }
        match refreshed(&workspace, &held).await {
            Ok(fresh) => {
                self.0.store.replace_secret(&id, &fresh.seal()).await?;
                self.0.recent.forget(&id);
                Ok(fresh)
            }
            Err(Error::Workspace(error)) if error.kind == ErrorKind::BadCredential => {
                self.sign_out(&id).await?;
                Err(Error::SignedOut)
            }
            Err(error) if held.has_ended(now()) => Err(error),
            // The old one still works, and the next request tries again.
            Err(error) => {
                tracing::warn!(%error, workspace = workspace.name(), "an access token could not be refreshed yet");
                Ok(held)
            }
        }
    }
}

async fn refreshed(workspace: &Workspace, held: &Held) -> Result<Held, Error> {
    let app = workspace.oauth().ok_or(Error::SignedOut)?;
    let refresh = held.refresh.clone().ok_or(Error::SignedOut)?;
    let endpoints = oidc::discover(&workspace.client, &app.issuer_hosts).await?;
    let asked = now();
    let tokens = oidc::refresh(&workspace.client, &endpoints, app, refresh.clone().into()).await?;
    let mut fresh = Held::granted(&tokens, asked);
    // The answer may leave the refresh token out: then the old one stays good.
    fresh.refresh.get_or_insert(refresh);
    Ok(fresh)
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
