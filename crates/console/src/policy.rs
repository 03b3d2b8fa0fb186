//! The switch and the limit on lifetimes. Nothing counts as done before the workspace's own answer says so.

use std::time::Duration;

use domain::{MaxLifetime, Policy, Timestamp};
use store::Outcome;
use workspace_client::ErrorKind;

use crate::activity::{PlannedChange, kind};
use crate::actor::is_refusal;
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, now};

/// How long a change is waited for before it is called "sent, not yet confirmed". The vendor's text: "a few seconds".
const VERIFY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long after sending a switch that still reads the old way is a failure, in milliseconds.
pub const SWITCH_TIMEOUT: Duration = Duration::from_secs(30);

/// How flipping the switch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchResult {
    /// The workspace says so.
    Confirmed,
    /// Sent, and the workspace still says the old.
    Accepted,
    /// Off, and with it the token that the session rode on: the sign-in has ended.
    DisabledWithSession,
}

impl Console {
    /// The policy, read now.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    pub async fn policy(&self, actor: &Actor) -> Result<(Policy, Timestamp), Error> {
        admin_proof::ensure_admin(actor).await?;
        let policy = actor.end_proof_if_refused(actor.api().policy().await)?;
        let snapshots = &actor.workspace.snapshots;
        // Somebody changed it elsewhere: no page may go on with the old.
        if snapshots
            .current()
            .is_some_and(|s| s.policy.as_ref().is_ok_and(|shown| *shown != policy))
        {
            snapshots.forget();
        }
        Ok((policy, now()))
    }

    /// Switches personal access tokens on or off and reads back.
    ///
    /// # Errors
    /// Why the workspace did not take it. A switch that only reads the old way is no error yet: [`SwitchResult::Accepted`].
    pub async fn switch_tokens(&self, actor: &Actor, on: bool) -> Result<SwitchResult, Error> {
        let before = known_policy(actor);
        let word = |on: bool| if on { "on" } else { "off" };
        let intent = PlannedChange {
            kind: kind::SWITCH_TOKENS,
            target: "personal access tokens".to_owned(),
            before: before.map(|policy| word(policy.enabled)).unwrap_or_default().to_owned(),
            requested: word(on).to_owned(),
        };
        let ended = |switched: &SwitchResult| match switched {
            SwitchResult::Confirmed => (Outcome::Done, "in effect"),
            SwitchResult::Accepted => (Outcome::Unknown, "sent, not yet in effect"),
            SwitchResult::DisabledWithSession => (Outcome::Done, "in effect; the session's own token stopped"),
        };
        self.perform(actor, intent, self.switch_and_read_back(actor, on), ended)
            .await
    }

    async fn switch_and_read_back(&self, actor: &Actor, on: bool) -> Result<SwitchResult, Error> {
        actor.end_proof_if_refused(actor.api().set_tokens_enabled(on).await)?;
        actor.workspace.record_switch(on, now());
        actor.workspace.snapshots.forget();
        let deadline = tokio::time::Instant::now() + VERIFY_TIMEOUT;
        let mut pause = Duration::from_millis(150);
        loop {
            match actor.api().policy().await {
                Ok(policy) if policy.enabled == on => {
                    actor.workspace.snapshots.forget();
                    return Ok(SwitchResult::Confirmed);
                }
                Err(error) if error.kind == ErrorKind::BadCredential && !on && actor.own_token().is_some() => {
                    self.sign_out_if_possible(&actor.sign_in).await;
                    actor.workspace.proofs.end(&actor.sign_in);
                    return Ok(SwitchResult::DisabledWithSession);
                }
                Err(error) if is_refusal(&error) => return actor.end_proof_if_refused(Err(error)),
                _ if tokio::time::Instant::now() + pause > deadline => {
                    return Ok(SwitchResult::Accepted);
                }
                _ => tokio::time::sleep(pause).await,
            }
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// What was last sent through this console, and when: whether a switch that is not yet in effect is on its way.
    pub fn switch_sent(&self, actor: &Actor) -> Option<(bool, Timestamp)> {
        actor.workspace.last_switch()
    }

    /// Limits the lifetime of new tokens and reads back.
    ///
    /// # Errors
    /// [`Error::NotInEffect`] where the workspace said yes but still tells another limit; else why it refused.
    pub async fn set_max_lifetime(&self, actor: &Actor, limit: MaxLifetime) -> Result<(), Error> {
        let before = known_policy(actor);
        let intent = PlannedChange {
            kind: kind::SET_MAX_LIFETIME,
            target: "maximum lifetime of new tokens (days)".to_owned(),
            before: before.map(|policy| policy.max_lifetime.to_wire()).unwrap_or_default(),
            requested: limit.to_wire(),
        };
        let work = limit_and_read_back(actor, limit);
        self.perform(actor, intent, work, |()| (Outcome::Done, "in effect"))
            .await
    }
}

/// The policy as it was last read, for the record.
fn known_policy(actor: &Actor) -> Option<Policy> {
    let snapshot = actor.workspace.snapshots.current()?;
    snapshot.policy.clone().ok()
}

async fn limit_and_read_back(actor: &Actor, limit: MaxLifetime) -> Result<(), Error> {
    actor.end_proof_if_refused(actor.api().set_max_token_lifetime(limit).await)?;
    actor.workspace.snapshots.forget();
    let deadline = tokio::time::Instant::now() + VERIFY_TIMEOUT;
    let mut pause = Duration::from_millis(150);
    loop {
        let policy = actor.end_proof_if_refused(actor.api().policy().await)?;
        if policy.max_lifetime == limit {
            actor.workspace.snapshots.forget();
            return Ok(());
        }
        if tokio::time::Instant::now() + pause > deadline {
            return Err(Error::NotConfirmed);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}
