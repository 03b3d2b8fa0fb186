//! A person's own sessions: listing them, and ending those that they do not recognise.

use std::sync::Arc;

use store::{SignInId, SignInSummary};

use crate::{Console, Error, Workspace, now};

/// One of a person's sessions.
pub struct OwnSession {
    /// The workspace that it is signed in to.
    pub workspace: Arc<Workspace>,
    /// The username that it is signed in with.
    pub user_name: String,
    /// Whether it belongs to the browser that asks.
    pub is_current: bool,
    /// How and when it was started.
    pub sign_in: SignInSummary,
}

/// Which sessions to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndScope {
    /// The session with this ID.
    One(SignInId),
    /// All except those of the browser that asks.
    Others,
}

impl Console {
    /// All sessions of the people that a browser is signed in as. `current` are the browser's own, each with the name
    /// of its workspace.
    ///
    /// # Errors
    /// [`Error::SignedOut`] if all of `current` have ended; or the database fails.
    pub async fn own_sign_ins(&self, current: &[(String, SignInId)]) -> Result<Vec<OwnSession>, Error> {
        let mut sessions = Vec::new();
        let mut signed_in = false;
        for (name, id) in current {
            let Ok(workspace) = self.workspace(name) else {
                continue;
            };
            let me = match self.load(id).await {
                Ok((me, _)) => me,
                Err(Error::SignedOut) => continue,
                // Leaving a session out would say that it has ended.
                Err(error) => return Err(error),
            };
            if me.workspace != workspace.binding() {
                continue;
            }
            signed_in = true;
            let all = self.0.store.sign_ins_of(&me.workspace, me.principal, now()).await?;
            sessions.extend(all.into_iter().map(|sign_in| OwnSession {
                workspace: Arc::clone(workspace),
                user_name: me.user_name.clone(),
                is_current: current.iter().any(|(_, id)| *id == sign_in.id),
                sign_in,
            }));
        }
        if signed_in { Ok(sessions) } else { Err(Error::SignedOut) }
    }

    /// Ends sessions of the same people, all or none, and returns how many. The ID of someone else's session, or of one
    /// that has ended, matches none.
    ///
    /// # Errors
    /// As [`Self::own_sign_ins`].
    pub async fn end_own_sessions(&self, current: &[(String, SignInId)], scope: EndScope) -> Result<usize, Error> {
        let mut sessions = self.own_sign_ins(current).await?;
        sessions.retain(|session| match scope {
            EndScope::One(id) => session.sign_in.id == id,
            EndScope::Others => !session.is_current,
        });
        let ids: Vec<_> = sessions.iter().map(|session| session.sign_in.id).collect();
        self.sign_out_all(&ids).await?;
        for session in &sessions {
            tracing::info!(
                workspace = session.workspace.name(),
                user = session.user_name,
                "session ended by its user"
            );
        }
        Ok(sessions.len())
    }
}
