//! Setting the maximum lifetime of new tokens.

use std::ops::ControlFlow::{Break, Continue};

use domain::MaxLifetime;
use store::Outcome;

use super::{known_policy, poll};
use crate::activity::{PlannedChange, kind};
use crate::{Actor, Console, Error};

impl Console {
    /// Sets the maximum lifetime of new tokens, and verifies it.
    ///
    /// # Errors
    /// [`Error::NotConfirmed`] if the workspace accepted it but still reports another limit; otherwise why it refused.
    pub async fn set_max_lifetime(&self, actor: &Actor, limit: MaxLifetime) -> Result<(), Error> {
        let before = known_policy(actor);
        let change = PlannedChange {
            kind: kind::SET_MAX_LIFETIME,
            target: "maximum lifetime of new tokens (days)".to_owned(),
            before: before.map(|policy| policy.max_lifetime.to_wire()).unwrap_or_default(),
            requested: limit.to_wire(),
        };
        let work = set_and_verify(actor, limit);
        self.perform(actor, change, work, |()| (Outcome::Done, "in effect"))
            .await
    }
}

async fn set_and_verify(actor: &Actor, limit: MaxLifetime) -> Result<(), Error> {
    actor.end_proof_if_refused(actor.api().set_max_token_lifetime(limit).await)?;
    actor.workspace.snapshots.invalidate();
    poll(|| async {
        match actor.end_proof_if_refused(actor.api().policy().await) {
            Ok(policy) if policy.max_lifetime == limit => {
                actor.workspace.snapshots.invalidate();
                Break(Ok(()))
            }
            Ok(_) => Continue(Err(Error::NotConfirmed)),
            Err(error) => Break(Err(error)),
        }
    })
    .await
}
