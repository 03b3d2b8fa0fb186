//! Revoking a token: permanent, idempotent, and done only when the workspace no longer has it.

use std::time::Duration;

use domain::{Owner, Token, TokenId};
use store::Outcome;
use tokio::time::timeout;
use workspace_client::ErrorKind;

use crate::activity::{PlannedChange, kind};
use crate::cache::snapshot::Revocation;
use crate::{Actor, Console, Error, now};

/// How long the workspace is given to forget a token.
const VERIFY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a look at a token that was not listed may take, before it is revoked without knowing its name.
const DESCRIBE_TIMEOUT: Duration = Duration::from_secs(2);

/// How a revocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeResult {
    /// Gone by our call.
    Revoked,
    /// It had been gone before.
    AlreadyGone,
    /// Gone, and with it the credential that the session rode on: the sign-in has ended.
    RevokedWithSession,
}

impl Console {
    /// Revokes a token and reads back that it is gone.
    ///
    /// # Errors
    /// [`Error::NotInEffect`] where the workspace said yes but still has the token; else why it could not be revoked.
    pub async fn revoke(&self, actor: &Actor, id: &TokenId) -> Result<RevokeResult, Error> {
        let described = self.describe_token(actor, id).await;
        let intent = PlannedChange {
            kind: kind::REVOKE_TOKEN,
            target: id.to_string(),
            before: match (described.comment.as_str(), described.owner.as_str()) {
                ("", owner) => owner.to_owned(),
                (comment, owner) => format!("{comment} ({owner})"),
            },
            requested: String::new(),
        };
        let ended = |revoked: &RevokeResult| match revoked {
            RevokeResult::Revoked | RevokeResult::RevokedWithSession => (Outcome::Done, "revoked"),
            RevokeResult::AlreadyGone => (Outcome::Done, "was already gone"),
        };
        let work = self.revoke_and_read_back(actor, id, described);
        self.perform(actor, intent, work, ended).await
    }

    async fn revoke_and_read_back(
        &self,
        actor: &Actor,
        id: &TokenId,
        revocation: Revocation,
    ) -> Result<RevokeResult, Error> {
        let own = actor.own_token().as_ref() == Some(id);
        let revoked = match actor.api().revoke(id).await {
            Ok(()) => wait_until_gone(actor, id, own).await.map(|()| RevokeResult::Revoked)?,
            Err(error) if error.kind == ErrorKind::NotFound => RevokeResult::AlreadyGone,
            // The answer was lost; whether the call arrived, only the workspace can tell.
            Err(error) if matches!(error.kind, ErrorKind::Timeout | ErrorKind::Unreachable) => {
                match actor.api().token(id).await {
                    Err(now) if now.kind == ErrorKind::NotFound => RevokeResult::Revoked,
                    _ => return actor.end_proof_if_refused(Err(error)),
                }
            }
            Err(error) => return actor.end_proof_if_refused(Err(error)),
        };
        actor.workspace.snapshots.record_revocation(
            id,
            Revocation {
                at: now(),
                ..revocation
            },
        );
        if own {
            actor.workspace.proofs.end(&actor.sign_in);
            self.sign_out_if_possible(&actor.sign_in).await;
            return Ok(RevokeResult::RevokedWithSession);
        }
        Ok(revoked)
    }

    /// How the token is called in the notice and in the record: as it was last read, else as it is now. Not knowing it keeps
    /// nobody waiting.
    async fn describe_token(&self, actor: &Actor, id: &TokenId) -> Revocation {
        let snapshot = actor.workspace.snapshots.current();
        let listed = snapshot.as_ref().and_then(|s| s.inventory.get(id).cloned());
        let token = match listed {
            Some(token) => Some(token),
            None => timeout(DESCRIBE_TIMEOUT, actor.api().token(id))
                .await
                .ok()
                .and_then(Result::ok),
        };
        let owner = |token: &Token| match snapshot.as_ref().map(|s| s.inventory.owner(token)) {
            Some(Owner::Known(principal)) => principal.label().to_owned(),
            _ => match token.owner {
                Some(id) => format!("principal {id}"),
                None => "an unnamed owner".to_owned(),
            },
        };
        Revocation {
            at: now(),
            owner: token.as_ref().map(owner).unwrap_or_default(),
            comment: token.map(|token| token.comment).unwrap_or_default(),
        }
    }
}

/// Waits until the workspace answers that it does not have the token. Where it is the session's own, being refused is
/// the same answer.
async fn wait_until_gone(actor: &Actor, id: &TokenId, own: bool) -> Result<(), Error> {
    let deadline = tokio::time::Instant::now() + VERIFY_TIMEOUT;
    let mut pause = Duration::from_millis(200);
    loop {
        match actor.api().token(id).await {
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(()),
            Err(error) if own && error.kind == ErrorKind::BadCredential => return Ok(()),
            // It is there, and its details cannot be read.
            Err(error) if is_undecodable(&error) && tokio::time::Instant::now() + pause > deadline => {
                return actor.end_proof_if_refused(Err(error));
            }
            Err(error) if is_undecodable(&error) => tokio::time::sleep(pause).await,
            Err(error) => return actor.end_proof_if_refused(Err(error)),
            Ok(_) if tokio::time::Instant::now() + pause > deadline => {
                return Err(Error::NotConfirmed);
            }
            Ok(_) => tokio::time::sleep(pause).await,
        }
        pause *= 2;
    }
}

fn is_undecodable(error: &workspace_client::Error) -> bool {
    matches!(error.kind, ErrorKind::Undecodable { .. })
}
