//! Enabling and disabling personal access tokens for a whole workspace.

use std::time::Duration;

use domain::{Policy, Timestamp};
use store::{ActivityKind, Detail, EventKind, Outcome, RequestedValue};
use tokio::time::timeout;
use workspace_client::{Error as WorkspaceError, ErrorKind};

use super::{Change, Look, Step, all_parts_changed};
use crate::activity::PlannedChange;
use crate::{Actor, Console, Error, now};

/// How long after sending the switch may have its old state before that counts as a failure.
pub const SWITCH_TIMEOUT: Duration = Duration::from_secs(30);

/// How setting the switch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchResult {
    /// The workspace confirmed the new state.
    Confirmed,
    /// The workspace accepted the change, and has not confirmed it yet.
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
        let change = SwitchTokens {
            on,
            read_timeout: self.0.timing.stale_wait,
        };
        let result = self.perform(actor, &change).await?;
        if result == SwitchResult::DisabledWithSession {
            self.sign_out_if_possible(&actor.sign_in).await;
            actor.workspace.end_proof(&actor.sign_in);
        }
        Ok(result)
    }

    /// The state that was last sent through this console, and when: it shows whether a switch that is not in effect yet
    /// was sent.
    pub fn last_switch(&self, actor: &Actor) -> Option<(bool, Timestamp)> {
        actor.workspace.last_switch()
    }
}

struct SwitchTokens {
    on: bool,
    /// How long reading the state before may take. In an emergency, disabling tokens has to be possible without it.
    read_timeout: Duration,
}

impl Change for SwitchTokens {
    const KIND: ActivityKind = ActivityKind::SwitchTokens;

    /// `None` if it could not be read quickly.
    type Before = Option<Policy>;
    type Plan = ();
    type Accepted = ();
    type Confirmed = SwitchResult;

    async fn read_before(&self, actor: &Actor) -> Self::Before {
        timeout(self.read_timeout, actor.api().policy()).await.ok()?.ok()
    }

    async fn describe(&self, _actor: &Actor, before: Option<&Self::Before>) -> PlannedChange {
        let before = before.and_then(Option::as_ref);
        let before = before.map(|policy| RequestedValue::switch(policy.enabled));
        PlannedChange {
            target: "personal access tokens".to_owned(),
            before: before.unwrap_or_default().to_stored().into_owned(),
            requested: RequestedValue::switch(self.on),
        }
    }

    async fn plan(&self, _actor: &Actor, _before: Self::Before) -> Result<Step<Self>, Error> {
        Ok(Step::Send(()))
    }

    async fn send(&self, actor: &Actor, (): &()) -> Result<(), WorkspaceError> {
        actor.api().set_tokens_enabled(self.on).await?;
        actor.workspace.record_switch(self.on, now());
        Ok(())
    }

    async fn look(&self, actor: &Actor, (): &(), accepted: Option<&()>) -> Look<SwitchResult> {
        match actor.api().policy().await {
            Ok(policy) if policy.enabled == self.on => {
                // The notice needs the time of the switch, even if the response was lost.
                if accepted.is_none() {
                    actor.workspace.record_switch(self.on, now());
                }
                Look::Confirmed(SwitchResult::Confirmed)
            }
            Ok(_) => Look::OldState,
            // An accepted switch stops the session's own token too.
            Err(error)
                if !self.on && actor.own_token().is_some() && is_stopped(actor, &error, accepted.is_some()).await =>
            {
                Look::Confirmed(SwitchResult::DisabledWithSession)
            }
            Err(error) => Look::Unreadable(error),
        }
    }

    fn outcome(&self, result: &SwitchResult) -> (Outcome, Detail) {
        match result {
            SwitchResult::Confirmed => (Outcome::Done, Detail::InEffect),
            SwitchResult::Accepted => (Outcome::Unknown, Detail::NotYetInEffect),
            SwitchResult::DisabledWithSession => (Outcome::Done, Detail::InEffectSessionEnded),
        }
    }

    fn events(&self, _result: &SwitchResult) -> Vec<EventKind> {
        vec![EventKind::TokensSwitched { on: self.on }, all_parts_changed()]
    }

    fn unconfirmed(&self, lost: Option<WorkspaceError>, _last: Look<SwitchResult>) -> Result<SwitchResult, Error> {
        match lost {
            Some(error) => Err(Error::Unconfirmed(error)),
            None => Ok(SwitchResult::Accepted),
        }
    }
}

/// Whether the session's own token no longer works because tokens are disabled. It is not documented how a workspace
/// refuses it then. So any refusal of the caller counts that has no other explanation and also meets the simplest call.
/// A gateway's bare 401 or 403 does not count. If the switch was not accepted, only the workspace's own words prove it.
async fn is_stopped(actor: &Actor, error: &WorkspaceError, is_accepted: bool) -> bool {
    match error.kind {
        ErrorKind::FeatureOff { tokens_disabled: true } => true,
        _ if !is_accepted => false,
        ErrorKind::BadCredential | ErrorKind::TokensNotAllowed => true,
        _ if error.is_ambiguous() => false,
        ErrorKind::NotAllowed | ErrorKind::FeatureOff { .. } => {
            let me = actor.api().me().await;
            me.is_err_and(|refused| refused.kind.is_about_caller() || refused.kind == error.kind)
        }
        _ => false,
    }
}
