//! One's own sign-ins: seeing them, and ending those that one does not know.

use std::sync::Arc;

use store::{SignInId, SignInSummary};

use crate::{Console, Error, Workspace, now};

/// One of a person's sign-ins.
pub struct OwnSession {
    /// Where.
    pub workspace: Arc<Workspace>,
    /// As whom.
    pub user_name: String,
    /// Whether it is one of the browser that asks.
    pub is_current: bool,
    /// The rest.
    pub sign_in: SignInSummary,
}

/// Which sign-ins to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndScope {
    /// This one.
    One(SignInId),
    /// All but those of the browser that asks.
    Others,
}

impl Console {
    /// The sign-ins of everybody that a browser is signed in as; `held` are the browser's own.
    ///
    /// # Errors
    /// [`Error::SignedOut`] where none of `held` is left; else where the console's database fails.
    pub async fn own_sign_ins(&self, held: &[(String, SignInId)]) -> Result<Vec<OwnSession>, Error> {
        let mut own = Vec::new();
        let mut signed_in = false;
        for (name, id) in held {
            let (Ok(workspace), Ok((me, _))) = (self.workspace(name), self.load(id).await) else {
                continue;
            };
            if me.workspace != workspace.binding() {
                continue;
            }
            signed_in = true;
            let all = self.0.store.sign_ins_of(&me.workspace, me.principal, now()).await?;
            own.extend(all.into_iter().map(|sign_in| OwnSession {
                workspace: Arc::clone(workspace),
                user_name: me.user_name.clone(),
                is_current: held.iter().any(|(_, held)| *held == sign_in.id),
                sign_in,
            }));
        }
        if signed_in { Ok(own) } else { Err(Error::SignedOut) }
    }

    /// Ends sign-ins of the same people, all or none, and says how many. Anybody else's id, and one that has ended, is none of
    /// them.
    ///
    /// # Errors
    /// Those of [`Self::own_sign_ins`].
    pub async fn end_own_sessions(&self, held: &[(String, SignInId)], which: EndScope) -> Result<usize, Error> {
        let mut own = self.own_sign_ins(held).await?;
        own.retain(|own| match which {
            EndScope::One(id) => own.sign_in.id == id,
            EndScope::Others => !own.is_current,
        });
        let ids: Vec<_> = own.iter().map(|own| own.sign_in.id).collect();
        self.sign_out_all(&ids).await?;
        for own in &own {
            tracing::info!(
                workspace = own.workspace.name(),
                user = own.user_name,
                "session ended by its user"
            );
        }
        Ok(own.len())
    }
}
