//! What changes a workspace. Each change is recorded before and after its call, and done only when the workspace
//! confirms it.

pub mod create_token;
pub(crate) mod edit_access;
mod edit_comment;
mod edit_scopes;
mod poll;
pub mod revoke_token;
mod set_max_lifetime;
pub mod switch_tokens;

use domain::Policy;
use store::{Outcome, Phase};
use workspace_client::ErrorKind;

use poll::poll;

use crate::activity::{PlannedChange, new_entry};
use crate::{Actor, Console, Error, now};

impl Console {
    /// Makes a change: `work` sends and verifies it. It is refused if this console or this person changes nothing, and
    /// it is recorded before and after. `describe` gives the outcome and its detail to record for a success.
    pub(crate) async fn perform<T, D: Into<String>>(
        &self,
        actor: &Actor,
        change: PlannedChange,
        work: impl Future<Output = Result<T, Error>>,
        describe: impl FnOnce(&T) -> (Outcome, D),
    ) -> Result<T, Error> {
        if let Err(error) = self.ensure_can_change(actor) {
            let why = error.to_string();
            self.append_entry(new_entry(actor, &change, Phase::Refused, Outcome::Refused, &why))
                .await?;
            return Err(error);
        }
        let mut entry = new_entry(actor, &change, Phase::Intent, Outcome::Open, "");
        self.append_entry(entry.clone()).await?;
        let result = work.await;
        let (outcome, detail) = match &result {
            Ok(value) => {
                let (outcome, detail) = describe(value);
                (outcome, detail.into())
            }
            Err(error) => (outcome_of(error), error.to_string()),
        };
        entry.at = now();
        entry.phase = Phase::Outcome;
        entry.outcome = outcome;
        entry.detail = detail;
        if let Err(error) = self.append_entry(entry).await {
            // The change has been made, and a later look will find out. The person must still get the true result.
            tracing::error!(%error, request = actor.request_id, "could not record the outcome of a change");
        }
        result
    }
}

/// The outcome of a failed change: unknown if the call may have arrived.
fn outcome_of(error: &Error) -> Outcome {
    match error {
        Error::ResultUnknown | Error::CreationUnknown => Outcome::Unknown,
        Error::Workspace(error) if is_ambiguous(&error.kind) => Outcome::Unknown,
        _ => Outcome::Failed,
    }
}

/// Whether the workspace may have carried out a call that failed like this.
fn is_ambiguous(kind: &ErrorKind) -> bool {
    use ErrorKind::{Redirect, Server, Timeout, TooLarge, Undecodable, UnexpectedHtml, Unreachable};
    matches!(
        kind,
        Timeout | Unreachable | TooLarge | Undecodable { .. } | UnexpectedHtml | Redirect | Server { .. }
    )
}

/// The policy before a change, for the activity log: as the current snapshot has it.
fn known_policy(actor: &Actor) -> Option<Policy> {
    let snapshot = actor.workspace.snapshots.current()?;
    snapshot.policy.clone().ok()
}
