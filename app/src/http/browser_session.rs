//! The browser session: which sign-ins a browser has, by workspace. It holds IDs and no secrets.

use std::collections::BTreeMap;

use console::SignInId;
use domain::{PrincipalId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_sessions::cookie::time::Duration;
use tower_sessions::session::Error;
use tower_sessions::{Expiry, Session, session_store};

use crate::http::concurrent_sign_ins::SignInRequest;
use crate::http::delivery::Delivery;
use crate::http::request::Services;

/// The keys of the session's values. They are stored, so they cannot change. All values are objects, so that a patch
/// can change a single member.
pub(super) mod key {
    /// Sign-ins by workspace.
    pub(in crate::http) const SIGN_INS: &str = "sign_ins";
    /// OAuth sign-ins in progress, by state.
    pub(in crate::http) const OAUTH_STARTS: &str = "oauth_starts";
    /// Principals by workspace.
    pub(in crate::http) const PRINCIPALS: &str = "principals";
}

/// An OAuth sign-in in progress: stored when the browser leaves for the workspace's sign-in page, used when it returns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingOAuth {
    /// The name of the workspace.
    pub workspace: String,
    /// The path of this console that the sign-in leads to.
    pub next: String,
    /// The `state` that the return must have.
    pub state: String,
    /// The PKCE verifier, which is useless without the code. `None` once a return has used it.
    pub verifier: Option<String>,
    /// The name of the sign-in service, for a service that has one.
    pub issuer: Option<String>,
    /// When the browser left for the sign-in page, in ms since 1970.
    pub begun_ms: i64,
}

/// How long a browser can stay on a workspace's sign-in page.
const OAUTH_TIMEOUT: Duration = Duration::minutes(10);

/// How many OAuth sign-ins a browser can have in progress, one per tab.
const MAX_PENDING_OAUTH: usize = 8;

/// The session of one browser.
#[derive(Clone)]
pub struct BrowserSession(pub Session);

impl BrowserSession {
    /// The sign-ins, by workspace.
    ///
    /// # Errors
    /// If the session cannot be read. That is not the same as being signed out.
    pub async fn sign_ins(&self) -> Result<BTreeMap<String, SignInId>, Error> {
        match self.0.get(key::SIGN_INS).await {
            Ok(sign_ins) => Ok(sign_ins.unwrap_or_default()),
            Err(error @ Error::Store(session_store::Error::Backend(_))) => Err(error),
            // An unreadable value counts as empty: the user signs in again.
            Err(_) => Ok(BTreeMap::new()),
        }
    }

    /// Who last signed in to a workspace, even if that session has ended: it decides who can see the drafts of their
    /// forms.
    pub async fn principal(&self, workspace: &str) -> Option<PrincipalId> {
        self.principals().await.remove(workspace).map(PrincipalId::new)
    }

    async fn principals(&self) -> BTreeMap<String, i64> {
        self.0.get(key::PRINCIPALS).await.ok().flatten().unwrap_or_default()
    }

    /// Adds a new sign-in, under a new session ID, so that the old ID becomes worthless. Once the browser has received
    /// the response, the old session and the replaced sign-in end. If the browser left before that, the new ones end
    /// instead, and the old ones stay as they were.
    ///
    /// # Errors
    ///
    /// If the session cannot be stored; then the new sign-in has ended.
    pub async fn add_sign_in(
        &self,
        services: &Services,
        delivery: &Delivery,
        sign_in: &SignInRequest,
        workspace: &str,
        id: SignInId,
    ) -> Result<(), Error> {
        let old = self.0.id();
        if let Some(old) = old {
            services.sessions.retain(old);
        }
        let old_sign_ins = self.sign_ins().await.unwrap_or_default();
        let principal = services.console.principal_of(&id).await;
        let (console, session, services) = (services.console.clone(), self.0.clone(), services.clone());
        let undo = {
            let (services, sign_in) = (services.clone(), sign_in.clone());
            async move {
                let new = session.id().filter(|new| Some(*new) != old);
                if let Some(new) = &new {
                    sign_in.withdraw(new).await;
                }
                if let Err(error) = console.sign_out(&id).await {
                    tracing::error!(%error, sign_in = %id, "could not remove a session that no browser received");
                }
                if let Some(new) = new {
                    services.delete_session(new).await;
                }
                if let Some(old) = old {
                    services.sessions.release(old);
                }
            }
        };
        let replaced = match sign_in.add_sign_in(workspace, id, principal).await {
            Ok(replaced) => replaced,
            Err(error) => {
                // The session that is stored with this response must not refer to a sign-in that has ended.
                let _ = self.0.insert(key::SIGN_INS, old_sign_ins).await;
                undo.await;
                return Err(error);
            }
        };
        delivery.if_undelivered(undo);
        delivery.if_delivered(async move {
            if let Err(error) = services.console.settle_sign_in(&id, replaced).await {
                tracing::error!(%error, sign_in = %id, "could not remove the sessions that a new one replaces");
            }
            if let Some(old) = old {
                services.sessions.release(old);
                services.delete_session(old).await;
            }
        });
        Ok(())
    }

    /// Stores the session with these sign-ins under a new ID.
    pub(super) async fn store_under_new_id(&self, sign_ins: BTreeMap<String, SignInId>) -> Result<(), Error> {
        self.0.cycle_id().await?;
        // Store it now, and not with the response, so that a failure can be reported and undone.
        self.store_sign_ins(sign_ins).await
    }

    /// Remembers who signed in to a workspace. It is stored together with the sign-ins.
    pub(super) async fn note_principal(&self, workspace: &str, principal: Option<PrincipalId>) -> Result<(), Error> {
        let mut principals = self.principals().await;
        match principal {
            Some(principal) => principals.insert(workspace.to_owned(), principal.get()),
            None => principals.remove(workspace),
        };
        self.0.insert(key::PRINCIPALS, principals).await
    }

    /// Stores the session with these sign-ins.
    pub(super) async fn store_sign_ins(&self, sign_ins: BTreeMap<String, SignInId>) -> Result<(), Error> {
        self.0.insert(key::SIGN_INS, sign_ins).await?;
        self.0.save().await
    }

    /// Ends the session. The caller has ended its sign-ins before.
    ///
    /// # Errors
    /// If the sessions cannot be written.
    pub async fn end(&self) -> Result<(), Error> {
        self.0.flush().await
    }

    /// Stores an OAuth sign-in in progress. If the browser leaves before it has the response, a session that was
    /// created for it ends.
    ///
    /// # Errors
    /// If the sessions cannot be written.
    pub async fn save_pending_oauth(
        &self,
        services: &Services,
        delivery: &Delivery,
        sign_in: &SignInRequest,
        pending: &PendingOAuth,
    ) -> Result<(), Error> {
        let is_new = self.0.id().is_none();
        if self.sign_ins().await?.is_empty() {
            // A session of someone who does not come back expires soon. The return sets the usual expiry.
            self.0.set_expiry(Some(Expiry::OnInactivity(OAUTH_TIMEOUT)));
        }
        sign_in.begin_oauth(pending).await?;
        if let Some(id) = self.0.id().filter(|_| is_new) {
            let services = services.clone();
            delivery.if_undelivered(async move { services.delete_session(id).await });
        }
        Ok(())
    }

    /// Adds an OAuth sign-in in progress.
    pub(super) async fn add_pending(&self, pending: &PendingOAuth) -> Result<(), Error> {
        let mut all = self.pending_oauth().await?;
        all.insert(pending.state.clone(), pending.clone());
        self.0.insert(key::OAUTH_STARTS, newest(all.into_values())).await
    }

    /// Returns the OAuth sign-in in progress that has this state. Its verifier can be used for one return only: after
    /// that it is missing.
    ///
    /// # Errors
    /// If the sessions cannot be read or written.
    pub(super) async fn use_up(&self, state: &str) -> Result<Option<PendingOAuth>, Error> {
        let mut all = self.pending_oauth().await?;
        let Some(pending) = all.get_mut(state) else {
            return Ok(None);
        };
        let taken = pending.clone();
        pending.verifier = None;
        self.0.insert(key::OAUTH_STARTS, all).await?;
        Ok(Some(taken))
    }

    /// The latest OAuth sign-ins in progress that have not timed out, by state.
    async fn pending_oauth(&self) -> Result<BTreeMap<String, PendingOAuth>, Error> {
        let all: Option<BTreeMap<String, Value>> = self.0.get(key::OAUTH_STARTS).await?;
        let now = console::now();
        let is_recent = |pending: &PendingOAuth| {
            let age = now.age_of(Timestamp::from_ms(pending.begun_ms));
            age.is_some_and(|age| age < OAUTH_TIMEOUT)
        };
        let all = all.unwrap_or_default().into_values().filter_map(|pending| {
            // Changing one that was removed leaves an incomplete entry.
            serde_json::from_value(pending).ok().filter(is_recent)
        });
        // Concurrent requests can have added more than the limit.
        Ok(newest(all))
    }
}

/// The latest [`MAX_PENDING_OAUTH`] of them, by state.
fn newest(all: impl IntoIterator<Item = PendingOAuth>) -> BTreeMap<String, PendingOAuth> {
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|pending| pending.begun_ms);
    let oldest = all.len().saturating_sub(MAX_PENDING_OAUTH);
    let newest = all.into_iter().skip(oldest);
    newest.map(|pending| (pending.state.clone(), pending)).collect()
}
