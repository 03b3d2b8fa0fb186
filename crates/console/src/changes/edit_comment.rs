//! Changing a token's comment, the one field that an admin can correct for its owner.

use domain::{Token, TokenId};
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use workspace_client::Error as WorkspaceError;

use super::{Change, Look, Step};
use crate::activity::PlannedChange;
use crate::short_hash::short_hash;
use crate::{Actor, Console, Error};

/// A short hash of a comment, for forms. They cannot send the comment itself, because browsers change its line breaks.
pub fn comment_fingerprint(comment: &str) -> String {
    short_hash(comment, 16)
}

impl Console {
    /// Sets a token's comment, and verifies it. `opened` is the [fingerprint](comment_fingerprint) of the comment that
    /// the change was made from; with `None`, any comment is replaced.
    ///
    /// # Errors
    /// [`Error::ValueChanged`] if the token has another comment by now, and nothing was written;
    /// [`Error::NotConfirmed`] if the workspace accepted it but still has another comment; otherwise why it refused.
    pub async fn set_comment(
        &self,
        actor: &Actor,
        id: &TokenId,
        opened: Option<&str>,
        comment: &str,
    ) -> Result<Token, Error> {
        self.perform(actor, &EditComment { id, opened, comment }).await
    }
}

struct EditComment<'a> {
    id: &'a TokenId,
    opened: Option<&'a str>,
    comment: &'a str,
}

impl Change for EditComment<'_> {
    const KIND: ActivityKind = ActivityKind::EditComment;

    type Before = Result<Token, WorkspaceError>;
    /// The comment before the change.
    type Plan = String;
    type Accepted = ();
    type Confirmed = Token;

    async fn read_before(&self, actor: &Actor) -> Self::Before {
        actor.api().token(self.id).await
    }

    async fn describe(&self, _actor: &Actor, before: Option<&Self::Before>) -> PlannedChange {
        let before = before.and_then(|before| before.as_ref().ok());
        PlannedChange {
            target: self.id.to_string(),
            before: before.map(|token| token.comment.clone()).unwrap_or_default(),
            requested: RequestedValue::Comment(self.comment.to_owned()),
        }
    }

    async fn plan(&self, actor: &Actor, before: Self::Before) -> Result<Step<Self>, Error> {
        let before = before.map_err(|error| self.refused(actor, error))?.comment;
        // The second request of a double click finds the comment that the first one has set.
        match self.opened.is_none_or(|opened| comment_fingerprint(&before) == opened) || before == self.comment {
            true => Ok(Step::Send(before)),
            false => Err(Error::ValueChanged),
        }
    }

    async fn send(&self, actor: &Actor, _before: &String) -> Result<(), WorkspaceError> {
        actor.api().set_comment(self.id, self.comment).await.map(drop)
    }

    async fn look(&self, actor: &Actor, before: &String, _accepted: Option<&()>) -> Look<Token> {
        match actor.api().token(self.id).await {
            Ok(token) if token.comment == self.comment => Look::Confirmed(token),
            Ok(token) if token.comment != *before => Look::OtherState,
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
