//! Changing a token's comment, the one field that an admin can correct for its owner.

use domain::{Token, TokenId};
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use workspace_client::Error as WorkspaceError;

use super::{Change, Look, Step};
use crate::activity::PlannedChange;
use crate::{Actor, Console, Error};

impl Console {
    /// Sets a token's comment, and verifies it.
    ///
    /// # Errors
    /// [`Error::NotConfirmed`] if the workspace accepted it but still has another comment; otherwise why it refused.
    pub async fn set_comment(&self, actor: &Actor, id: &TokenId, comment: &str) -> Result<Token, Error> {
        self.perform(actor, &EditComment { id, comment }).await
    }
}

struct EditComment<'a> {
    id: &'a TokenId,
    comment: &'a str,
}

impl EditComment<'_> {
    /// The comment in the list that was read last.
    fn comment_before(&self, actor: &Actor) -> Option<String> {
        let list = actor.workspace.parts.tokens.last()?;
        Some(list.inventory.get(self.id)?.comment.clone())
    }
}

impl Change for EditComment<'_> {
    const KIND: ActivityKind = ActivityKind::EditComment;

    /// The comment before the change, if it is known.
    type Plan = Option<String>;
    type Accepted = ();
    type Confirmed = Token;

    async fn describe(&self, actor: &Actor) -> PlannedChange {
        PlannedChange {
            target: self.id.to_string(),
            before: self.comment_before(actor).unwrap_or_default(),
            requested: RequestedValue::Comment(self.comment.to_owned()),
        }
    }

    async fn plan(&self, actor: &Actor) -> Result<Step<Self>, Error> {
        Ok(Step::Send(self.comment_before(actor)))
    }

    async fn send(&self, actor: &Actor, _before: &Option<String>) -> Result<(), WorkspaceError> {
        actor.api().set_comment(self.id, self.comment).await.map(drop)
    }

    async fn look(&self, actor: &Actor, before: &Option<String>, _accepted: Option<&()>) -> Look<Token> {
        match actor.api().token(self.id).await {
            Ok(token) if token.comment == self.comment => Look::Confirmed(token),
            Ok(token) if before.as_ref().is_some_and(|before| *before != token.comment) => Look::OtherState,
            Ok(_) => Look::OldState,
            Err(error) => Look::Unreadable(error),
        }
    }

    fn refused(&self, actor: &Actor, error: WorkspaceError) -> Error {
        actor.token_refused(error)
    }

    fn outcome(&self, _confirmed: &Token) -> (Outcome, Detail) {
        (Outcome::Done, Detail::Changed)
    }
}
