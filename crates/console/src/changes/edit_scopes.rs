//! Changing what a token may do: its scopes. Narrowed, a token may break what uses it; widened, it may do more than its
//! owner meant it to.

use domain::{Token, TokenId, are_same_scopes, format_scopes};
use store::Outcome;

use crate::activity::{PlannedChange, kind, may_have_arrived};
use crate::{Actor, Console, Error};

impl Console {
    /// Sets a token's scopes and reads them back. `opened` are those that the change was made from; `None` is all.
    ///
    /// # Errors
    /// [`Error::ScopesChanged`] where the token has other scopes by now, and nothing was written;
    /// [`Error::NotInEffect`] where the workspace said yes but still has others; else why it could not.
    pub async fn set_scopes(
        &self,
        actor: &Actor,
        id: &TokenId,
        opened: Option<&[String]>,
        scopes: &[String],
    ) -> Result<Token, Error> {
        let intent = PlannedChange {
            kind: kind::EDIT_SCOPES,
            target: id.to_string(),
            before: format_scopes(opened),
            requested: format_scopes(Some(scopes)),
        };
        let work = set_and_read_back(actor, id, opened, scopes);
        self.perform(actor, intent, work, |_| (Outcome::Done, "changed")).await
    }
}

async fn set_and_read_back(
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
    actor.workspace.snapshots.forget();
    let unanswered = match sent {
        Ok(_) => None,
        Err(error) if may_have_arrived(&error.kind) => Some(error),
        Err(error) => return actor.end_proof_if_refused(Err(error)),
    };
    let token = actor.end_proof_if_refused(actor.api().token(id).await);
    match (token, unanswered) {
        (Ok(token), _) if are_same_scopes(token.scopes.as_deref(), Some(scopes)) => Ok(token),
        (_, Some(error)) => Err(error.into()),
        (Ok(_), None) => Err(Error::NotConfirmed),
        (Err(error), None) => Err(error),
    }
}
