//! Sign-ins of one browser at the same time, such as returns from the workspaces' sign-in pages to several tabs.
//!
//! A request loads the browser's session as a whole and stores it as a whole, after a sign-in under a new ID. Of two
//! at the same time, the one that ends last would lose what the other one added. So the requests that sign in with the
//! same session pass on what they change, as long as one of them is in progress. Each ends with an ID of its own, since
//! it is not known which cookie the browser keeps.
//!
//! What a request adds is never stored under the ID that the browser sent: someone who planted that ID would be signed
//! in too. Nor is it enough to sign in with that ID at the same time: only requests with the same proof share anything
//! ([`crate::http::cookies::CookieScope::browser_proof`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use console::SignInId;
use domain::PrincipalId;
use tower_sessions::Session;
use tower_sessions::session::{Error, Id};

use crate::http::browser_session::{BrowserSession, PendingOAuth};

/// The browsers whose requests are signing in now.
#[derive(Clone, Default)]
pub struct ConcurrentSignIns(Arc<Mutex<HashMap<Browser, Weak<SharedTurns>>>>);

/// The ID of a browser's session, and the proof that the request is from the same browser.
type Browser = (Id, String);

/// The requests of the same browser that sign in with the same session.
#[derive(Default)]
struct SharedTurns(tokio::sync::Mutex<Turns>);

#[derive(Default)]
struct Turns {
    members: BTreeMap<usize, Member>,
    /// The sign-ins that were added, by workspace.
    sign_ins: BTreeMap<String, SignInId>,
    /// The states of the returns that used up their verifiers.
    used: BTreeSet<String>,
}

/// The session of one of the requests.
struct Member {
    session: Session,
    /// Whether it has its new ID.
    is_signed_in: bool,
}

/// The part of one request that signs in. What it shares ends with the last of them.
#[derive(Clone)]
pub struct SignInTurn {
    shared: Arc<SharedTurns>,
    number: usize,
    session: BrowserSession,
}

impl ConcurrentSignIns {
    /// Joins the requests that sign in with the same session and the same proof.
    pub(super) async fn join(&self, session: &BrowserSession, proof: Option<String>) -> SignInTurn {
        let shared = match session.0.id().zip(proof) {
            Some(browser) => self.shared_by(browser),
            // A browser without a session shares nothing, nor does one that cannot be told from another.
            None => Arc::default(),
        };
        let mut turns = shared.0.lock().await;
        let number = turns.members.keys().next_back().map_or(0, |last| last + 1);
        let turn = SignInTurn {
            shared: Arc::clone(&shared),
            number,
            session: session.clone(),
        };
        // Loads the session, which another request may delete. One that cannot be read fails where it is needed.
        let _ = session.sign_ins().await;
        for state in &turns.used {
            let _ = session.use_up(state).await;
        }
        let member = Member {
            session: session.0.clone(),
            is_signed_in: false,
        };
        turns.members.insert(number, member);
        drop(turns);
        turn
    }

    fn shared_by(&self, browser: Browser) -> Arc<SharedTurns> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, shared| shared.strong_count() > 0);
        if let Some(shared) = all.get(&browser).and_then(Weak::upgrade) {
            return shared;
        }
        let shared = Arc::default();
        all.insert(browser, Arc::downgrade(&shared));
        shared
    }
}

impl SignInTurn {
    /// The session of this request.
    pub fn session(&self) -> &BrowserSession {
        &self.session
    }

    /// Stores the session under a new ID, with a new sign-in and those that the other requests added. Returns the
    /// sign-in to the same workspace that it replaces.
    ///
    /// # Errors
    /// If the session cannot be stored.
    pub(super) async fn add_sign_in(
        &self,
        workspace: &str,
        id: SignInId,
        principal: Option<PrincipalId>,
    ) -> Result<Option<SignInId>, Error> {
        let mut turns = self.shared.0.lock().await;
        let mut all = self.session.sign_ins().await?;
        all.extend(turns.sign_ins.clone());
        let replaced = all.insert(workspace.to_owned(), id);
        self.session.note_principal(workspace, principal).await?;
        self.session.store_under_new_id(all).await?;
        turns.sign_ins.insert(workspace.to_owned(), id);
        if let Some(own) = turns.members.get_mut(&self.number) {
            own.is_signed_in = true;
        }
        for other in self.others(&turns).filter(|other| other.is_signed_in) {
            let other = BrowserSession(other.session.clone());
            log_failure(other.note_principal(workspace, principal).await);
            log_failure(add_to(&other, workspace, id).await);
        }
        Ok(replaced)
    }

    /// Takes back a sign-in that the browser did not receive.
    pub(super) async fn undo(&self, id: SignInId) {
        let mut turns = self.shared.0.lock().await;
        turns.members.remove(&self.number);
        turns.sign_ins.retain(|_, added| *added != id);
    }

    /// Adds the start of a sign-in with OAuth, and stores the session.
    ///
    /// # Errors
    /// If the session cannot be stored.
    pub(super) async fn begin_oauth(&self, pending: &PendingOAuth) -> Result<(), Error> {
        let turns = self.shared.0.lock().await;
        // What others stored since this request has loaded the session is passed on to it below.
        self.session.add_pending(pending).await?;
        self.session.0.save().await?;
        for other in self.others(&turns) {
            let session = BrowserSession(other.session.clone());
            log_failure(session.add_pending(pending).await);
            if other.is_signed_in {
                log_failure(other.session.save().await);
            }
        }
        Ok(())
    }

    /// The start of the sign-in with this state; see [`BrowserSession::use_up`].
    ///
    /// # Errors
    /// If the session cannot be read or written.
    pub async fn take_oauth(&self, state: &str) -> Result<Option<PendingOAuth>, Error> {
        let mut turns = self.shared.0.lock().await;
        let taken = self.session.use_up(state).await?;
        if taken.is_some() {
            turns.used.insert(state.to_owned());
            for other in self.others(&turns) {
                let session = BrowserSession(other.session.clone());
                log_failure(session.use_up(state).await);
                if other.is_signed_in {
                    log_failure(other.session.save().await);
                }
            }
        }
        Ok(taken)
    }

    fn others<'a>(&self, turns: &'a Turns) -> impl Iterator<Item = &'a Member> {
        let number = self.number;
        turns
            .members
            .iter()
            .filter(move |(other, _)| **other != number)
            .map(|(_, member)| member)
    }
}

/// The session of another request could not be changed. The own one is complete all the same.
/// Adds a sign-in to a session, under the ID that it has.
async fn add_to(session: &BrowserSession, workspace: &str, id: SignInId) -> Result<(), Error> {
    let mut all = session.sign_ins().await?;
    all.insert(workspace.to_owned(), id);
    session.store_sign_ins(all).await
}

fn log_failure<T>(result: Result<T, Error>) {
    if let Err(error) = result {
        tracing::warn!(%error, "could not pass a sign-in on to another request of the same browser");
    }
}
