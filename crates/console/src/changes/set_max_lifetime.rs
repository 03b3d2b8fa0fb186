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

    type Plan = ();
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

    async fn plan(&self, _actor: &Actor) -> Result<Step<Self>, Error> {
        Ok(Step::Send(()))
    }

    async fn send(&self, actor: &Actor, (): &()) -> Result<(), WorkspaceError> {
        actor.api().set_max_token_lifetime(self.0).await
    }

    async fn look(&self, actor: &Actor, (): &(), _accepted: Option<&()>) -> Look<()> {
        match actor.api().policy().await {
            Ok(policy) if policy.max_lifetime == self.0 => Look::Confirmed(()),
            Ok(_) => Look::OtherState,
            Err(error) => Look::Unreadable(error),
        }
    }

    fn outcome(&self, (): &()) -> (Outcome, Detail) {
        (Outcome::Done, Detail::InEffect)
    }
}
