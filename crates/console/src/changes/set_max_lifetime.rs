//! Setting the maximum lifetime of new tokens.

use domain::MaxLifetime;
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use workspace_client::Error as WorkspaceError;

use super::{Change, Look, Step, known_policy};
use crate::activity::PlannedChange;
use crate::{Actor, Console, Error};

impl Console {
    /// Sets the maximum lifetime of new tokens, and verifies it.
    ///
    /// # Errors
    /// [`Error::NotConfirmed`] if the workspace accepted it but still reports another limit; otherwise why it refused.
    pub async fn set_max_lifetime(&self, actor: &Actor, limit: MaxLifetime) -> Result<(), Error> {
        self.perform(actor, &SetMaxLifetime(limit)).await
    }
}

struct SetMaxLifetime(MaxLifetime);

impl Change for SetMaxLifetime {
    const KIND: ActivityKind = ActivityKind::SetMaxLifetime;

    /// The limit before the change, if it is known.
    type Plan = Option<MaxLifetime>;
    type Accepted = ();
    type Confirmed = ();

    async fn describe(&self, actor: &Actor) -> PlannedChange {
        let before = known_policy(actor);
        PlannedChange {
            target: "maximum lifetime of new tokens (days)".to_owned(),
            before: before.map(|policy| policy.max_lifetime.to_wire()).unwrap_or_default(),
            requested: RequestedValue::MaxLifetime(self.0),
        }
    }

    async fn plan(&self, actor: &Actor) -> Result<Step<Self>, Error> {
        Ok(Step::Send(known_policy(actor).map(|policy| policy.max_lifetime)))
    }

    async fn send(&self, actor: &Actor, _before: &Option<MaxLifetime>) -> Result<(), WorkspaceError> {
        actor.api().set_max_token_lifetime(self.0).await
    }

    async fn look(&self, actor: &Actor, before: &Option<MaxLifetime>, _accepted: Option<&()>) -> Look<()> {
        match actor.api().policy().await {
            Ok(policy) if policy.max_lifetime == self.0 => Look::Confirmed(()),
            Ok(policy) if before.is_some_and(|before| before != policy.max_lifetime) => Look::OtherState,
            Ok(_) => Look::OldState,
            Err(error) => Look::Unreadable(error),
        }
    }

    fn outcome(&self, (): &()) -> (Outcome, Detail) {
        (Outcome::Done, Detail::InEffect)
    }
}
