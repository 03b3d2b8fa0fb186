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

impl Change for EditComment<'_> {
    const KIND: ActivityKind = ActivityKind::EditComment;

    type Plan = ();
    type Accepted = ();
    type Confirmed = Token;

    async fn describe(&self, actor: &Actor) -> PlannedChange {
        let snapshot = actor.workspace.snapshots.current();
        let before = snapshot.as_ref().and_then(|s| s.inventory.get(self.id));
        PlannedChange {
            target: self.id.to_string(),
            before: before.map(|token| token.comment.clone()).unwrap_or_default(),
            requested: RequestedValue::Comment(self.comment.to_owned()),
        }
    }

    async fn plan(&self, _actor: &Actor) -> Result<Step<Self>, Error> {
        Ok(Step::Send(()))
    }

    async fn send(&self, actor: &Actor, (): &()) -> Result<(), WorkspaceError> {
        actor.api().set_comment(self.id, self.comment).await.map(drop)
    }

    async fn look(&self, actor: &Actor, (): &(), _accepted: Option<&()>) -> Look<Token> {
        match actor.api().token(self.id).await {
            Ok(token) if token.comment == self.comment => Look::Confirmed(token),
            Ok(_) => Look::OtherState,
            Err(error) => Look::Unreadable(error),
        }
    }

    fn outcome(&self, _confirmed: &Token) -> (Outcome, Detail) {
        (Outcome::Done, Detail::Changed)
    }
}
