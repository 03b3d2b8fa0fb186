//! Revoking a token: permanent, idempotent, and done only when the workspace no longer has it.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use domain::{Owner, Token, TokenId};
use store::Outcome;
use tokio::time::timeout;
use workspace_client::ErrorKind;

use super::poll;
use crate::activity::{PlannedChange, kind};
use crate::cache::snapshot::Revocation;
use crate::{Actor, Console, Error, now};

/// How long it may take to read a token that is not in the snapshot. After that it is revoked without knowing its
/// comment.
const DESCRIBE_TIMEOUT: Duration = Duration::from_secs(2);

/// How a revocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeResult {
    /// This call revoked it.
    Revoked,
    /// It was already gone.
    AlreadyGone,
    /// It was the session's own token: the session has ended.
    RevokedWithSession,
}

impl Console {
    /// Revokes a token, and verifies that it is gone.
    ///
    /// # Errors
    /// [`Error::NotConfirmed`] if the workspace accepted it but still has the token; otherwise why it could not be
    /// revoked.
    pub async fn revoke(&self, actor: &Actor, id: &TokenId) -> Result<RevokeResult, Error> {
        let described = self.describe_token(actor, id).await;
        let change = PlannedChange {
            kind: kind::REVOKE_TOKEN,
            target: id.to_string(),
            before: match (described.comment.as_str(), described.owner.as_str()) {
                ("", owner) => owner.to_owned(),
                (comment, owner) => format!("{comment} ({owner})"),
            },
            requested: String::new(),
        };
        let describe = |result: &RevokeResult| match result {
            RevokeResult::Revoked | RevokeResult::RevokedWithSession => (Outcome::Done, "revoked"),
            RevokeResult::AlreadyGone => (Outcome::Done, "was already gone"),
        };
        let work = self.revoke_and_verify(actor, id, described);
        self.perform(actor, change, work, describe).await
    }

    async fn revoke_and_verify(
        &self,
        actor: &Actor,
        id: &TokenId,
        revocation: Revocation,
    ) -> Result<RevokeResult, Error> {
        let own = actor.own_token().as_ref() == Some(id);
        let result = match actor.api().revoke(id).await {
            Ok(()) => wait_until_gone(actor, id, own).await.map(|()| RevokeResult::Revoked)?,
            Err(error) if error.kind == ErrorKind::NotFound => RevokeResult::AlreadyGone,
            // The response was lost: only the workspace can tell whether the call arrived.
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
        Ok(result)
    }

    /// The token's comment and owner for the notice and the activity log: from the snapshot, or else read now. If that
    /// takes too long, both stay empty.
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

/// Waits until the workspace reports that it does not have the token. If it is the session's own, a rejected credential
/// says the same.
async fn wait_until_gone(actor: &Actor, id: &TokenId, own: bool) -> Result<(), Error> {
    poll(|| async {
        match actor.api().token(id).await {
            Err(error) if error.kind == ErrorKind::NotFound => Break(Ok(())),
            Err(error) if own && error.kind == ErrorKind::BadCredential => Break(Ok(())),
            // It still exists; only its details cannot be read.
            Err(error) if matches!(error.kind, ErrorKind::Undecodable { .. }) => Continue(Err(error.into())),
            Err(error) => Break(actor.end_proof_if_refused(Err(error))),
            Ok(_) => Continue(Err(Error::NotConfirmed)),
        }
    })
    .await
}
