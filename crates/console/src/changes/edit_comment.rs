//! Changing a token's comment, the one field that an admin can correct for its owner.

use domain::{Token, TokenId};
use store::Outcome;

use crate::activity::{PlannedChange, kind};
use crate::{Actor, Console, Error};

impl Console {
    /// Sets a token's comment, and verifies it.
    ///
    /// # Errors
    /// [`Error::NotConfirmed`] if the workspace accepted it but still has another comment; otherwise why it refused.
    pub async fn set_comment(&self, actor: &Actor, id: &TokenId, comment: &str) -> Result<Token, Error> {
        let snapshot = actor.workspace.snapshots.current();
        let before = snapshot.as_ref().and_then(|s| s.inventory.get(id));
        let change = PlannedChange {
            kind: kind::EDIT_COMMENT,
            target: id.to_string(),
            before: before.map(|token| token.comment.clone()).unwrap_or_default(),
            requested: comment.to_owned(),
        };
        let work = set_and_verify(actor, id, comment);
        self.perform(actor, change, work, |_| (Outcome::Done, "changed")).await
    }
}

async fn set_and_verify(actor: &Actor, id: &TokenId, comment: &str) -> Result<Token, Error> {
    actor.end_proof_if_refused(actor.api().set_comment(id, comment).await)?;
    actor.workspace.snapshots.invalidate();
    let token = actor.end_proof_if_refused(actor.api().token(id).await)?;
    if token.comment != comment {
        return Err(Error::NotConfirmed);
    }
    Ok(token)
}
