//! Changing a token's comment, the one field that an admin may correct for its owner.

use domain::{Token, TokenId};

use crate::record::{kind, record};
use crate::{Actor, Console, Error};

impl Console {
    /// Sets a token's comment and reads it back.
    ///
    /// # Errors
    /// [`Error::NotInEffect`] where the workspace said yes but still has another comment; else why it could not.
    pub async fn set_comment(&self, actor: &Actor, id: &TokenId, comment: &str) -> Result<Token, Error> {
        self.may_change()?;
        let result = set_and_read_back(actor, id, comment).await;
        let outcome = result.as_ref().map(|_| "changed");
        record(&self.store, actor, kind::EDIT_COMMENT, id.as_str(), outcome).await;
        result
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
