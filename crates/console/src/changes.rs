//! What changes a workspace. Every change takes the same steps, in [`Console::perform`]: it is authorised, recorded as
//! an intent, planned, sent once, looked up until the workspace confirms it, and its outcome is recorded. Only a change
//! that was never sent or that the workspace refused counts as "nothing was changed"; whatever cannot be confirmed is
//! unknown.

pub mod create_token;
pub(crate) mod edit_access;
pub mod edit_comment;
mod edit_scopes;
mod poll;
pub mod revoke_token;
mod set_max_lifetime;
pub mod switch_tokens;

use store::{ActivityKind, ChangedPart, Detail, EventKind, Outcome, Phase};
use workspace_client::Error as WorkspaceError;

use poll::poll;

use crate::activity::{PlannedChange, new_entry};
use crate::actor::is_refusal;
use crate::{Actor, Certainty, Console, Error, now};

/// A change of a workspace: what is recorded about it, the one call that makes it, and the look that confirms it.
pub(crate) trait Change: Sync {
    /// Its kind in the activity log.
    const KIND: ActivityKind;

    /// What the workspace has before the change; `()` if it need not be read.
    type Before: Send + Sync;
    /// The data that [`send`](Self::send) and [`look`](Self::look) need, read before the call.
    type Plan: Send + Sync;
    /// The workspace's response.
    type Accepted: Send + Sync;
    /// The result for the caller.
    type Confirmed: Send;

    /// Reads what the workspace has now. Someone else can have changed it since an earlier read.
    fn read_before(&self, actor: &Actor) -> impl Future<Output = Self::Before> + Send;

    /// What the activity log records of it before anything is sent. `before` is `None` if nothing was read, since the
    /// actor cannot make the change.
    fn describe(&self, actor: &Actor, before: Option<&Self::Before>) -> impl Future<Output = PlannedChange> + Send;

    /// Compares what the call depends on, and prepares the call. Nothing is sent if this fails.
    fn plan(&self, actor: &Actor, before: Self::Before) -> impl Future<Output = Result<Step<Self>, Error>> + Send;

    /// The one call. It is never repeated here.
    fn send(
        &self,
        actor: &Actor,
        plan: &Self::Plan,
    ) -> impl Future<Output = Result<Self::Accepted, WorkspaceError>> + Send;

    /// One look at the workspace. `accepted` is `None` if the call had no response that proves anything.
    fn look(
        &self,
        actor: &Actor,
        plan: &Self::Plan,
        accepted: Option<&Self::Accepted>,
    ) -> impl Future<Output = Look<Self::Confirmed>> + Send;

    /// The outcome and its detail to record for a change that ended like this.
    fn outcome(&self, confirmed: &Self::Confirmed) -> (Outcome, Detail);

    /// The events for other instances about a change that ended like this.
    fn events(&self, _confirmed: &Self::Confirmed) -> Vec<EventKind> {
        vec![all_parts_changed()]
    }

    /// Whether the workspace may have carried out a call that failed like this.
    fn is_ambiguous(&self, error: &WorkspaceError) -> bool {
        error.is_ambiguous()
    }

    /// The error of a call that the workspace refused.
    fn refused(&self, actor: &Actor, error: WorkspaceError) -> Error {
        actor.refused(error)
    }

    /// The result of a change that was sent and is not confirmed: `lost` is the failed call if there was no response.
    ///
    /// # Errors
    /// With [`Certainty::Unknown`].
    fn unconfirmed(&self, lost: Option<WorkspaceError>, last: Look<Self::Confirmed>) -> Result<Self::Confirmed, Error> {
        Err(match (lost, last) {
            (Some(error), _) => Error::Unconfirmed(error),
            (None, Look::Unreadable(error)) => Error::Unconfirmed(error),
            (None, Look::OtherState) => Error::OtherState,
            (None, Look::OldState | Look::Confirmed(_)) => Error::NotConfirmed,
        })
    }
}

/// The result of planning a change.
pub(crate) enum Step<C: Change + ?Sized> {
    /// Send the change.
    Send(C::Plan),
    /// There is nothing to send.
    Done(C::Confirmed),
}

/// The state that a look at the workspace shows.
pub(crate) enum Look<T> {
    /// The new state.
    Confirmed(T),
    /// The state from before the change.
    OldState,
    /// Neither the old state nor the new one.
    OtherState,
    /// Unknown: the workspace could not be read, or not in a way that proves anything.
    Unreadable(WorkspaceError),
}

impl Console {
    /// Makes a change. The caller's task runs to its end even if no one waits for it ([`Console::run_to_end`]).
    ///
    /// # Errors
    /// [`Error::certainty`] says whether the workspace is certainly unchanged.
    pub(crate) async fn perform<C: Change>(&self, actor: &Actor, change: &C) -> Result<C::Confirmed, Error> {
        if let Err(error) = self.ensure_can_change(actor) {
            let described = change.describe(actor, None).await;
            let why = Detail::from(&error);
            let refusal = new_entry(actor, C::KIND, &described, Phase::Refused, Outcome::Refused, why);
            self.append_entry(refusal).await?;
            return Err(error);
        }
        let before = change.read_before(actor).await;
        let described = change.describe(actor, Some(&before)).await;
        let mut entry = new_entry(actor, C::KIND, &described, Phase::Intent, Outcome::Open, Detail::Empty);
        // While this exists, no later look decides the operation.
        let _in_progress = self.0.reconciliation.in_progress.begin(&entry.operation);
        self.append_entry(entry.clone()).await.map_err(Error::before_sending)?;
        let result = self.plan_send_and_verify(actor, change, before).await;
        let ((outcome, detail), events) = match &result {
            Ok(confirmed) => (change.outcome(confirmed), change.events(confirmed)),
            Err(error) => match error.certainty() {
                Certainty::Unchanged => ((Outcome::Failed, error.into()), Vec::new()),
                Certainty::Unknown => ((Outcome::Unknown, error.into()), vec![all_parts_changed()]),
            },
        };
        entry.at = now();
        entry.phase = Phase::Outcome;
        entry.outcome = outcome;
        entry.detail = detail;
        if let Err(error) = self.append_and_publish(actor, entry.clone(), events).await {
            // The person must still get the true result.
            tracing::error!(%error, request = actor.request_id, "could not record the outcome of a change");
            self.record_outcome_later(entry);
        }
        result
    }

    async fn plan_send_and_verify<C: Change>(
        &self,
        actor: &Actor,
        change: &C,
        before: C::Before,
    ) -> Result<C::Confirmed, Error> {
        let plan = match change.plan(actor, before).await {
            Ok(Step::Send(plan)) => plan,
            Ok(Step::Done(confirmed)) => {
                actor.workspace.parts.invalidate();
                return Ok(confirmed);
            }
            // Cached pages must not show what was read before.
            Err(error @ (Error::ValueChanged | Error::ScopesChanged | Error::AccessChanged)) => {
                actor.workspace.parts.invalidate();
                actor.workspace.announce(all_parts_changed());
                return Err(error);
            }
            Err(error) => return Err(error.before_sending()),
        };
        let response = change.send(actor, &plan).await;
        actor.workspace.parts.invalidate();
        let (accepted, lost) = match response {
            Ok(accepted) => (Some(accepted), None),
            Err(error) if change.is_ambiguous(&error) => {
                tracing::warn!(request = actor.request_id, %error, "no response to a change that proves anything");
                (None, Some(error))
            }
            Err(error) => return Err(change.refused(actor, error)),
        };
        let last = poll(self.0.timing, || change.look(actor, &plan, accepted.as_ref())).await;
        // A part that was read in the meantime can be from before the change took effect.
        actor.workspace.parts.invalidate();
        match last {
            Look::Confirmed(confirmed) => Ok(confirmed),
            last => {
                if let Look::Unreadable(error) = &last {
                    tracing::warn!(request = actor.request_id, %error, "could not read the result of a change");
                    if is_refusal(error) {
                        actor.workspace.end_proof(&actor.sign_in);
                    }
                }
                change.unconfirmed(lost, last)
            }
        }
    }
}

/// The parts that a change can affect: those that [`Parts::invalidate`](crate::cache::parts::Parts::invalidate)
/// discards.
fn all_parts_changed() -> EventKind {
    EventKind::PartsChanged {
        parts: vec![ChangedPart::Tokens, ChangedPart::Policy, ChangedPart::Permissions],
    }
}
