//! Changing a token's scopes. With fewer, what uses the token may break; with more, it may be able to do more than its
//! owner intended.

use domain::{Token, TokenId, are_same_scopes, format_scopes};
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use workspace_client::Error as WorkspaceError;

use super::{Change, Look, Step};
use crate::activity::PlannedChange;
use crate::{Actor, Console, Error};

impl Console {
    /// Sets a token's scopes, and verifies them. `opened` are the scopes that the change was made from; `None` is all.
    ///
    /// # Errors
    /// [`Error::ScopesChanged`] if the token has other scopes by now, and nothing was written;
    /// [`Error::NotConfirmed`] if the workspace accepted it but still has the old ones, and is looked at again later;
    /// otherwise why it refused.
    pub async fn set_scopes(
        &self,
        actor: &Actor,
        id: &TokenId,
        opened: Option<&[String]>,
        scopes: &[String],
    ) -> Result<Token, Error> {
        let result = self.perform(actor, &EditScopes { id, opened, scopes }).await;
        if matches!(result, Err(Error::NotConfirmed)) {
            self.reconcile_scopes_later(actor);
        }
        result.map(|(token, _)| token)
    }
}

struct EditScopes<'a> {
    id: &'a TokenId,
    opened: Option<&'a [String]>,
    scopes: &'a [String],
}

impl Change for EditScopes<'_> {
    const KIND: ActivityKind = ActivityKind::EditScopes;

    type Before = Result<Token, WorkspaceError>;
    type Plan = ();
    type Accepted = ();
    /// The token as it is now, and whether anything was sent.
    type Confirmed = (Token, Detail);

    async fn read_before(&self, actor: &Actor) -> Self::Before {
        actor.api().token(self.id).await
    }

    async fn describe(&self, _actor: &Actor, before: Option<&Self::Before>) -> PlannedChange {
        let before = before.and_then(|before| before.as_ref().ok());
        PlannedChange {
            target: self.id.to_string(),
            before: before
                .map(|token| format_scopes(token.scopes.as_deref()))
                .unwrap_or_default(),
            requested: RequestedValue::Scopes(format_scopes(Some(self.scopes))),
        }
    }

    async fn plan(&self, actor: &Actor, before: Self::Before) -> Result<Step<Self>, Error> {
        let token = before.map_err(|error| self.refused(actor, error))?;
        let has_scopes = |scopes| are_same_scopes(token.scopes.as_deref(), scopes);
        match has_scopes(self.opened) {
            true => Ok(Step::Send(())),
            // The second request of a double click finds the scopes that the first one has set.
            false if has_scopes(Some(self.scopes)) => Ok(Step::Done((token, Detail::NoChange))),
            false => Err(Error::ScopesChanged),
        }
    }

    async fn send(&self, actor: &Actor, (): &()) -> Result<(), WorkspaceError> {
        actor.api().set_scopes(self.id, self.scopes).await.map(drop)
    }

    async fn look(&self, actor: &Actor, (): &(), _accepted: Option<&()>) -> Look<Self::Confirmed> {
        match actor.api().token(self.id).await {
            Ok(token) if are_same_scopes(token.scopes.as_deref(), Some(self.scopes)) => {
                Look::Confirmed((token, Detail::Changed))
            }
            Ok(token) if are_same_scopes(token.scopes.as_deref(), self.opened) => Look::OldState,
            Ok(_) => Look::OtherState,
            Err(error) => Look::Unreadable(error),
        }
    }

    fn refused(&self, actor: &Actor, error: WorkspaceError) -> Error {
        actor.token_refused(error)
    }

    fn outcome(&self, (_, detail): &(Token, Detail)) -> (Outcome, Detail) {
        (Outcome::Done, detail.clone())
    }
}
