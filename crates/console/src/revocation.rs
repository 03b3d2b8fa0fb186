//! Revoking a token: permanent, idempotent, and done only when the workspace no longer has it.

use std::time::Duration;

use domain::{Owner, TokenId};
use store::Outcome;
use workspace_client::ErrorKind;

use crate::record::{Intent, kind};
use crate::snapshot::Revocation;
use crate::{Actor, Console, Error, now};

/// How long the workspace is given to forget a token.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a revocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// Gone by our call.
    Now,
    /// It had been gone before.
    Before,
    /// Gone, and with it the credential that the session rode on: the sign-in has ended.
    WithSession,
}

impl Console {
    /// Revokes a token and reads back that it is gone.
    ///
    /// # Errors
    /// [`Error::NotInEffect`] where the workspace said yes but still has the token; else why it could not be revoked.
    pub async fn revoke(&self, actor: &Actor, id: &TokenId) -> Result<Revoked, Error> {
        let described = self.describe(actor, id);
        let intent = Intent {
            kind: kind::REVOKE_TOKEN,
            target: id.to_string(),
            was: match (described.comment.as_str(), described.owner.as_str()) {
                ("", owner) => owner.to_owned(),
                (comment, owner) => format!("{comment} ({owner})"),
            },
            wanted: String::new(),
        };
        let ended = |revoked: &Revoked| match revoked {
            Revoked::Now | Revoked::WithSession => (Outcome::Done, "revoked"),
            Revoked::Before => (Outcome::Done, "was already gone"),
        };
        self.recorded(actor, intent, self.revoke_and_read_back(actor, id), ended)
            .await
    }

    async fn revoke_and_read_back(&self, actor: &Actor, id: &TokenId) -> Result<Revoked, Error> {
        let own = actor.own_token().as_ref() == Some(id);
        let revocation = self.describe(actor, id);
        let revoked = match actor.api().revoke(id).await {
            Ok(()) => gone(actor, id, own).await.map(|()| Revoked::Now)?,
            Err(error) if error.kind == ErrorKind::NotFound => Revoked::Before,
            // The answer was lost; whether the call arrived, only the workspace can tell.
            Err(error) if matches!(error.kind, ErrorKind::Timeout | ErrorKind::Unreachable) => {
                match actor.api().token(id).await {
                    Err(now) if now.kind == ErrorKind::NotFound => Revoked::Now,
                    _ => return actor.note(Err(error)),
                }
            }
            Err(error) => return actor.note(Err(error)),
        };
        actor.workspace.snapshots.note_revoked(
            id,
            Revocation {
                at: now(),
                ..revocation
            },
        );
        if own {
            actor.workspace.proofs.end(&actor.sign_in);
            self.sign_out(&actor.sign_in).await?;
            return Ok(Revoked::WithSession);
        }
        Ok(revoked)
    }

    /// How the token is called in the notice, from what was last read.
    fn describe(&self, actor: &Actor, id: &TokenId) -> Revocation {
        let snapshot = actor.workspace.snapshots.current();
        let found = snapshot.as_ref().and_then(|s| {
            let token = s.inventory.get(id)?;
            let owner = match s.inventory.owner(token) {
                Owner::Known(principal) => principal.label().to_owned(),
                Owner::Unknown(id) | Owner::Unresolved(id) => format!("principal {id}"),
                Owner::Unnamed => "an unnamed owner".to_owned(),
            };
            Some((token.comment.clone(), owner))
        });
        let (comment, owner) = found.unwrap_or_default();
        Revocation {
            at: now(),
            comment,
            owner,
        }
    }
}

/// Waits until the workspace answers that it does not have the token. Where it is the session's own, being refused is
/// the same answer.
async fn gone(actor: &Actor, id: &TokenId, own: bool) -> Result<(), Error> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(200);
    loop {
        match actor.api().token(id).await {
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
            Err(error) if own && error.kind == ErrorKind::BadCredential => return Ok(()),
            Err(error) => return actor.note(Err(error)),
            Ok(_) if tokio::time::Instant::now() + pause > deadline => {
                return Err(Error::NotInEffect);
            }
            Ok(_) => tokio::time::sleep(pause).await,
        }
        pause *= 2;
    }
}
