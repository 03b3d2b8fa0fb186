//! Revoking a token: permanent, idempotent, and done only when the workspace no longer has it.

use std::time::Duration;

use domain::{Owner, Token, TokenId};
use store::{ActivityKind, Detail, EventKind, Outcome, RequestedValue};
use tokio::time::timeout;
use workspace_client::{Error as WorkspaceError, ErrorKind};

use super::{Change, Look, Step, all_parts_changed};
use crate::Revocation;
use crate::activity::{PlannedChange, truncated};
use crate::token_presence::{TokenPresence, look_for};
use crate::{Actor, Console, Error, now};

/// How a revocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeResult {
    /// This call revoked it.
    Revoked,
    /// The token was already gone.
    AlreadyGone,
    /// The session's own token was revoked: the session has ended.
    RevokedWithSession,
}

impl Console {
    /// Revokes a token, and verifies that it is gone.
    ///
    /// # Errors
    /// [`Error::NotConfirmed`] if the workspace accepted it but still has the token; otherwise why it could not be
    /// revoked.
    pub async fn revoke(&self, actor: &Actor, id: &TokenId) -> Result<RevokeResult, Error> {
        let change = RevokeToken {
            id,
            is_own: actor.own_token().as_ref() == Some(id),
            described: describe_token(actor, id, self.0.timing.describe_timeout).await,
        };
        let result = self.perform(actor, &change).await?;
        let revocation = Revocation {
            at: now(),
            ..change.described
        };
        actor.workspace.revocations.record([(id.clone(), revocation)]);
        if change.is_own {
            actor.workspace.end_proof(&actor.sign_in);
            self.sign_out_if_possible(&actor.sign_in).await;
            return Ok(RevokeResult::RevokedWithSession);
        }
        Ok(result)
    }
}

struct RevokeToken<'a> {
    id: &'a TokenId,
    /// Whether it is the session's own token.
    is_own: bool,
    described: Revocation,
}

impl Change for RevokeToken<'_> {
    const KIND: ActivityKind = ActivityKind::RevokeToken;

    type Before = ();
    type Plan = ();
    /// Whether the token was gone before the call.
    type Accepted = bool;
    type Confirmed = RevokeResult;

    async fn read_before(&self, _actor: &Actor) {}

    async fn describe(&self, _actor: &Actor, _before: Option<&()>) -> PlannedChange {
        let Revocation { comment, owner, .. } = &self.described;
        PlannedChange {
            target: self.id.to_string(),
            before: match comment.as_str() {
                "" => owner.clone(),
                comment => format!("{comment} ({owner})"),
            },
            requested: RequestedValue::Empty,
        }
    }

    async fn plan(&self, _actor: &Actor, (): ()) -> Result<Step<Self>, Error> {
        Ok(Step::Send(()))
    }

    async fn send(&self, actor: &Actor, (): &()) -> Result<bool, WorkspaceError> {
        match actor.api().revoke(self.id).await {
            Ok(()) => Ok(false),
            // The call is sent once, so this does not respond to a repetition. A look confirms it.
            Err(error) if error.is_missing_resource() => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn look(&self, actor: &Actor, (): &(), accepted: Option<&bool>) -> Look<RevokeResult> {
        let gone = match accepted {
            Some(true) => RevokeResult::AlreadyGone,
            _ => RevokeResult::Revoked,
        };
        match look_for(actor, self.id).await {
            TokenPresence::Exists => Look::OldState,
            TokenPresence::Gone => Look::Confirmed(gone),
            // The session's own token is gone, so the workspace no longer accepts it.
            TokenPresence::Unreadable(error) if self.is_own && accepted.is_some() && is_rejected_token(&error) => {
                Look::Confirmed(gone)
            }
            TokenPresence::Unreadable(error) => Look::Unreadable(error),
        }
    }

    fn events(&self, _result: &RevokeResult) -> Vec<EventKind> {
        let revoked = EventKind::TokenRevoked {
            token: self.id.clone(),
            comment: truncated(&self.described.comment),
            owner: self.described.owner.clone(),
        };
        vec![revoked, all_parts_changed()]
    }

    /// Any other 404 means a missing or disabled interface, or comes from a gateway.
    fn is_ambiguous(&self, error: &WorkspaceError) -> bool {
        error.is_ambiguous() || error.status() == Some(404)
    }

    fn outcome(&self, result: &RevokeResult) -> (Outcome, Detail) {
        let detail = match result {
            RevokeResult::Revoked | RevokeResult::RevokedWithSession => Detail::Revoked,
            RevokeResult::AlreadyGone => Detail::AlreadyGone,
        };
        (Outcome::Done, detail)
    }
}

/// Whether the workspace says in words that the session's own token does not work. A gateway's bare 401 or 403 proves
/// nothing about it.
fn is_rejected_token(error: &WorkspaceError) -> bool {
    error.kind == ErrorKind::BadCredential && !error.is_ambiguous()
}

/// The token's comment and owner for the notice and the activity log: as they were last read, or else read now. If that
/// takes too long, both are empty.
async fn describe_token(actor: &Actor, id: &TokenId, limit: Duration) -> Revocation {
    let parts = &actor.workspace.parts;
    let (list, names) = (parts.tokens.last(), parts.names.last());
    let listed = list.and_then(|list| list.inventory.get(id).cloned());
    let token = match listed {
        Some(token) => Some(token),
        None => timeout(limit, actor.api().token(id)).await.ok().and_then(Result::ok),
    };
    let owner = |token: &Token| match names.as_ref().map(|names| names.owner(token.owner)) {
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
