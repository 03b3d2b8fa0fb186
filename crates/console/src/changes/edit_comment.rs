//! Changing a token's comment, the one field that an admin may correct for its owner.

use domain::{Token, TokenId};

use store::Outcome;

use crate::activity::{Intent, kind};
use crate::{Actor, Console, Error};

impl Console {
    /// Sets a token's comment and reads it back.
    ///
    /// # Errors
    /// [`Error::NotInEffect`] where the workspace said yes but still has another comment; else why it could not.
    pub async fn set_comment(&self, actor: &Actor, id: &TokenId, comment: &str) -> Result<Token, Error> {
        let snapshot = actor.workspace.snapshots.current();
        let before = snapshot.as_ref().and_then(|s| s.inventory.get(id));
        let intent = Intent {
            kind: kind::EDIT_COMMENT,
            target: id.to_string(),
            was: before.map(|token| token.comment.clone()).unwrap_or_default(),
            wanted: comment.to_owned(),
        };
        let work = set_and_read_back(actor, id, comment);
        self.recorded(actor, intent, work, |_| (Outcome::Done, "changed")).await
    }
}

async fn set_and_read_back(actor: &Actor, id: &TokenId, comment: &str) -> Result<Token, Error> {
    actor.note(actor.api().set_comment(id, comment).await)?;
    actor.workspace.snapshots.forget();
    let token = actor.note(actor.api().token(id).await)?;
    if token.comment != comment {
        return Err(Error::NotInEffect);
    }
    Ok(token)
}
