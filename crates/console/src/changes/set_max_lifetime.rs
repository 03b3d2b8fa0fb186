//! Setting the maximum lifetime of new tokens.

use domain::{MaxLifetime, Policy};
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use workspace_client::Error as WorkspaceError;

use super::{Change, Look, Step};
use crate::activity::PlannedChange;
use crate::{Actor, Console, Error};

impl Console {
    /// Sets the maximum lifetime of new tokens, and verifies it. `opened` is the limit that the change was made from;
    /// with `None`, any limit is replaced.
    ///
    /// # Errors
    /// [`Error::ValueChanged`] if the workspace has another limit by now, and nothing was written;
    /// [`Error::NotConfirmed`] if the workspace accepted it but still reports another limit; otherwise why it refused.
    pub async fn set_max_lifetime(
        &self,
        actor: &Actor,
        opened: Option<MaxLifetime>,
        limit: MaxLifetime,
    ) -> Result<(), Error> {
        self.perform(actor, &SetMaxLifetime { opened, limit }).await
    }
}

struct SetMaxLifetime {
    opened: Option<MaxLifetime>,
    limit: MaxLifetime,
}

impl Change for SetMaxLifetime {
    const KIND: ActivityKind = ActivityKind::SetMaxLifetime;

    type Before = Result<Policy, WorkspaceError>;
    /// The limit before the change, if it is known.
    type Plan = Option<MaxLifetime>;
    type Accepted = ();
    type Confirmed = ();

    async fn read_before(&self, actor: &Actor) -> Self::Before {
        actor.api().policy().await
    }

    async fn describe(&self, _actor: &Actor, before: Option<&Self::Before>) -> PlannedChange {
        let before = before.and_then(|before| before.as_ref().ok());
        PlannedChange {
            target: "maximum lifetime of new tokens (days)".to_owned(),
            before: before.map(|policy| policy.max_lifetime.to_wire()).unwrap_or_default(),
            requested: RequestedValue::MaxLifetime(self.limit),
        }
    }

    async fn plan(&self, actor: &Actor, before: Self::Before) -> Result<Step<Self>, Error> {
        let before = before.map(|policy| policy.max_lifetime);
        let Some(opened) = self.opened else {
            return Ok(Step::Send(before.ok()));
        };
        let before = before.map_err(|error| actor.refused(error))?;
        // The second request of a double click finds the limit that the first one has set.
        match before == opened || before == self.limit {
            true => Ok(Step::Send(Some(before))),
            false => Err(Error::ValueChanged),
        }
    }

    async fn send(&self, actor: &Actor, _before: &Option<MaxLifetime>) -> Result<(), WorkspaceError> {
        actor.api().set_max_token_lifetime(self.limit).await
    }

    async fn look(&self, actor: &Actor, before: &Option<MaxLifetime>, _accepted: Option<&()>) -> Look<()> {
        match actor.api().policy().await {
            Ok(policy) if policy.max_lifetime == self.limit => Look::Confirmed(()),
            Ok(policy) if before.is_some_and(|before| before != policy.max_lifetime) => Look::OtherState,
            Ok(_) => Look::OldState,
            Err(error) => Look::Unreadable(error),
        }
    }

    fn outcome(&self, (): &()) -> (Outcome, Detail) {
        (Outcome::Done, Detail::InEffect)
    }
}
