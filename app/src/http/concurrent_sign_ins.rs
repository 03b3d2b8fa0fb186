//! Concurrent sign-ins of one browser, for example when several tabs return from sign-in pages of workspaces.
//!
//! A request loads the browser's session as a whole and stores it as a whole; a sign-in stores it under a new ID. So of
//! two concurrent requests, the one that ends last would discard what the other one added. To avoid that, requests that
//! sign in with the same session share their changes through the database, across all instances. Each ends with a
//! session ID of its own, since it is unknown which cookie the browser keeps.
//!
//! Additions are never stored under the ID that the browser sent: someone who planted that ID would be signed in too.
//! It is not enough to sign in with that ID at the same time either: only requests with the same proof share changes
//! ([`crate::http::cookies::CookieScope::browser_proof`]).

use std::collections::HashMap;

use console::{BeforeChange, BrowserKey, BrowserSessions, SharedChange, SignInId};
use domain::PrincipalId;
use serde_json::{Map, Value, json};
use tower_sessions::session::{Error, Id};
use tower_sessions::session_store;

use crate::http::browser_session::{BrowserSession, PendingOAuth, key};

/// A request that signs in.
#[derive(Clone)]
pub struct SignInRequest {
    session: BrowserSession,
    sessions: BrowserSessions,
    /// `None` for a browser without a session or without a proof: it shares nothing.
    browser: Option<BrowserKey>,
}

impl SignInRequest {
    /// Joins the concurrent requests that sign in with the same session and proof.
    pub(super) async fn begin(sessions: BrowserSessions, session: &BrowserSession, proof: Option<String>) -> Self {
        let browser = session.0.id().zip(proof);
        let browser = browser.map(|(id, proof)| BrowserKey::of(&id, &proof));
        // Load the session now, since another request may delete it. An unreadable session fails where it is needed.
        let _ = session.sign_ins().await;
        Self {
            session: session.clone(),
            sessions,
            browser,
        }
    }

    /// The session of this request.
    pub fn session(&self) -> &BrowserSession {
        &self.session
    }

    /// Stores the session under a new ID, with a new sign-in and those that concurrent requests added. Returns the
    /// sign-in to the same workspace that was replaced.
    ///
    /// # Errors
    /// If the session cannot be stored.
    pub(super) async fn add_sign_in(
        &self,
        workspace: &str,
        id: SignInId,
        principal: Option<PrincipalId>,
    ) -> Result<Option<SignInId>, Error> {
        let mut all = self.session.sign_ins().await?;
        let replaced = all.insert(workspace.to_owned(), id);
        self.session.note_principal(workspace, principal).await?;
        self.session.store_under_new_id(all).await?;
        let patch = json!({
            (key::SIGN_INS): { (workspace): id },
            (key::PRINCIPALS): { (workspace): principal.map(PrincipalId::get) },
        });
        let before = self
            .share(patch, true)
            .await?
            .and_then(|before| sign_in_to(workspace, &before.data));
        Ok(before.filter(|before| *before != id).or(replaced))
    }

    /// Stops sharing the additions to this session, which the browser did not receive.
    pub(super) async fn withdraw(&self, session: &Id) {
        if self.browser.is_some()
            && let Err(error) = self.sessions.withdraw_changes(session).await
        {
            tracing::warn!(%error, "could not withdraw a sign-in from concurrent requests of the same browser");
        }
    }

    /// Adds an OAuth sign-in in progress, and stores the session.
    ///
    /// # Errors
    /// If the session cannot be stored.
    pub(super) async fn begin_oauth(&self, pending: &PendingOAuth) -> Result<(), Error> {
        self.session.add_pending(pending).await?;
        self.session.0.save().await?;
        let patch = json!({ (key::OAUTH_STARTS): { (pending.state.as_str()): pending } });
        self.share(patch, false).await.map(drop)
    }

    /// Returns the OAuth sign-in in progress with this state; see [`BrowserSession::use_up`].
    ///
    /// # Errors
    /// If the session cannot be read or written.
    pub async fn take_oauth(&self, state: &str) -> Result<Option<PendingOAuth>, Error> {
        let Some(mut taken) = self.session.use_up(state).await? else {
            return Ok(None);
        };
        let patch = json!({ (key::OAUTH_STARTS): { (state): { "verifier": null } } });
        let before = self.share(patch, false).await?;
        if before.is_some_and(|before| before.is_repeated) {
            taken.verifier = None;
        }
        Ok(Some(taken))
    }

    /// Applies a change to this session and to those of the concurrent requests. A change that `signs_in` only reaches
    /// those that have signed in too.
    async fn share(&self, patch: Value, signs_in: bool) -> Result<Option<BeforeChange>, Error> {
        let (Some(browser), Some(session), Value::Object(patch)) = (self.browser.clone(), self.session.0.id(), patch)
        else {
            return Ok(None);
        };
        let change = SharedChange {
            browser,
            session,
            patch,
            signs_in,
        };
        let before = self.sessions.share_change(change).await;
        before
            .map(Some)
            .map_err(|error| session_store::Error::Backend(error.to_string()).into())
    }
}

/// The sign-in to a workspace that a session's data contains.
fn sign_in_to(workspace: &str, data: &HashMap<String, Value>) -> Option<SignInId> {
    let sign_ins: &Map<_, _> = data.get(key::SIGN_INS)?.as_object()?;
    sign_ins.get(workspace)?.as_str()?.parse().ok()
}
