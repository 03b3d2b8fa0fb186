//! The console's own record of changes: who did what, when, and how it ended. The workspace's audit log has the truth;
//! this one also has what failed.

use store::{Action, Store};

use crate::{Actor, Error, now};

/// Records a change by `actor`. A database that fails here is logged, not shown: the change has been made.
pub(crate) async fn record(store: &Store, actor: &Actor, kind: &str, target: &str, result: Result<&str, &Error>) {
    let outcome = match result {
        Ok(outcome) => outcome.to_owned(),
        Err(error) => format!("failed: {error}"),
    };
    let action = Action {
        at: now(),
        workspace: actor.workspace.name().to_owned(),
        actor: actor.user_name.clone(),
        kind: kind.to_owned(),
        target: target.to_owned(),
        outcome,
        request_id: actor.request_id.clone(),
    };
    tracing::info!(
        workspace = action.workspace,
        actor = action.actor,
        kind,
        target,
        outcome = action.outcome,
        "change"
    );
    if let Err(error) = store.record(&action).await {
        tracing::error!(%error, kind, target, "a change could not be recorded");
    }
}
