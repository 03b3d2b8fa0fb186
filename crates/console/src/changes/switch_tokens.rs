//! Enabling and disabling personal access tokens for a whole workspace.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use domain::Timestamp;
use store::Outcome;
use workspace_client::ErrorKind;

use super::{known_policy, poll};
use crate::activity::{PlannedChange, kind};
use crate::actor::is_refusal;
use crate::{Actor, Console, Error, now};

/// How long after sending the switch may read the old state before that counts as a failure.
pub const SWITCH_TIMEOUT: Duration = Duration::from_secs(30);

/// How setting the switch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchResult {
    /// The workspace confirmed the new state.
    Confirmed,
    /// The workspace accepted the change and still reports the old state.
    Accepted,
    /// Tokens are disabled, and with them the session's own: the session has ended.
    DisabledWithSession,
}

impl Console {
    /// Enables or disables personal access tokens, and verifies it.
    ///
    /// # Errors
    /// Why the workspace did not accept it. A switch that still reads the old state is not an error yet, but
    /// [`SwitchResult::Accepted`].
    pub async fn switch_tokens(&self, actor: &Actor, on: bool) -> Result<SwitchResult, Error> {
        let before = known_policy(actor);
        let word = |on: bool| if on { "on" } else { "off" };
        let change = PlannedChange {
            kind: kind::SWITCH_TOKENS,
            target: "personal access tokens".to_owned(),
            before: before.map(|policy| word(policy.enabled)).unwrap_or_default().to_owned(),
            requested: word(on).to_owned(),
        };
        let describe = |result: &SwitchResult| match result {
            SwitchResult::Confirmed => (Outcome::Done, "in effect"),
            SwitchResult::Accepted => (Outcome::Unknown, "sent, not yet in effect"),
            SwitchResult::DisabledWithSession => (Outcome::Done, "in effect; the session's own token stopped"),
        };
        self.perform(actor, change, self.switch_and_verify(actor, on), describe)
            .await
    }

    async fn switch_and_verify(&self, actor: &Actor, on: bool) -> Result<SwitchResult, Error> {
        actor.end_proof_if_refused(actor.api().set_tokens_enabled(on).await)?;
        actor.workspace.record_switch(on, now());
        actor.workspace.snapshots.invalidate();
        poll(|| async {
            match actor.api().policy().await {
                Ok(policy) if policy.enabled == on => {
                    actor.workspace.snapshots.invalidate();
                    Break(Ok(SwitchResult::Confirmed))
                }
                Err(error) if error.kind == ErrorKind::BadCredential && !on && actor.own_token().is_some() => {
                    self.sign_out_if_possible(&actor.sign_in).await;
                    actor.workspace.proofs.end(&actor.sign_in);
                    Break(Ok(SwitchResult::DisabledWithSession))
                }
                Err(error) if is_refusal(&error) => Break(actor.end_proof_if_refused(Err(error))),
                _ => Continue(Ok(SwitchResult::Accepted)),
            }
        })
        .await
    }

    /// The state that was last sent through this console, and when: whether a switch that is not in effect yet is on
    /// its way.
    pub fn last_switch(&self, actor: &Actor) -> Option<(bool, Timestamp)> {
        actor.workspace.last_switch()
    }
}
