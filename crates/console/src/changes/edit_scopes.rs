//! Changing a token's scopes. With fewer, what uses the token may break; with more, it may be able to do more than its
//! owner intended.

use domain::{Token, TokenId, are_same_scopes, format_scopes};
use store::Outcome;

use super::is_ambiguous;
use crate::activity::{PlannedChange, kind};
use crate::{Actor, Console, Error};

impl Console {
    /// Sets a token's scopes, and verifies them. `opened` are the scopes that the change was made from; `None` is all.
    ///
    /// # Errors
    /// [`Error::ScopesChanged`] if the token has other scopes by now, and nothing was written;
    /// [`Error::NotConfirmed`] if the workspace accepted it but still has other scopes; otherwise why it refused.
    pub async fn set_scopes(
        &self,
        actor: &Actor,
        id: &TokenId,
        opened: Option<&[String]>,
        scopes: &[String],
    ) -> Result<Token, Error> {
        let change = PlannedChange {
            kind: kind::EDIT_SCOPES,
            target: id.to_string(),
            before: format_scopes(opened),
            requested: format_scopes(Some(scopes)),
        };
        let work = set_and_verify(actor, id, opened, scopes);
        self.perform(actor, change, work, |_| (Outcome::Done, "changed")).await
    }
}

async fn set_and_verify(
    actor: &Actor,
    id: &TokenId,
    opened: Option<&[String]>,
    scopes: &[String],
) -> Result<Token, Error> {
    let before = actor.end_proof_if_refused(actor.api().token(id).await)?;
    if !are_same_scopes(before.scopes.as_deref(), opened) {
        return Err(Error::ScopesChanged);
    }
    let sent = actor.api().set_scopes(id, scopes).await;
    actor.workspace.snapshots.invalidate();
    let response_lost = match sent {
        Ok(_) => None,
        Err(error) if is_ambiguous(&error.kind) => Some(error),
        Err(error) => return actor.end_proof_if_refused(Err(error)),
    };
    let token = actor.end_proof_if_refused(actor.api().token(id).await);
    match (token, response_lost) {
        (Ok(token), _) if are_same_scopes(token.scopes.as_deref(), Some(scopes)) => Ok(token),
        (_, Some(error)) => Err(error.into()),
        (Ok(_), None) => Err(Error::NotConfirmed),
        (Err(error), None) => Err(error),
    }
}
