//! The console's own record of changes: who did what, when, and how it ended. The workspace's audit log has the truth;
//! this one also has what failed.

use store::{Action, Store};

use crate::{Actor, Console, Error, now};

/// How long after a change its notice may be shown, in milliseconds.
const LATELY_MS: i64 = 5 * 60_000;

/// The changes, as the record names them.
pub mod kind {
    /// A token was revoked.
    pub const REVOKE_TOKEN: &str = "revoke_token";
    /// A token's comment was changed.
    pub const EDIT_COMMENT: &str = "edit_comment";
    /// The switch was flipped; the target is `on` or `off`.
    pub const SWITCH_TOKENS: &str = "switch_tokens";
    /// The limit on lifetimes was set; the target is the number of days.
    pub const SET_MAX_LIFETIME: &str = "set_max_lifetime";
    /// Grants were added or removed; the target says which.
    pub const EDIT_ACCESS: &str = "edit_access";
}

/// How a failed change's outcome begins.
const FAILED: &str = "failed: ";

impl Console {
    /// What `actor` changed of this kind last, and how it ended, where that was within the last minutes and did not fail.
    pub async fn lately(&self, actor: &Actor, kind: &str) -> Option<(String, String)> {
        let recent = self.recent(actor).await;
        let last = recent.into_iter().find(|action| action.kind == kind)?;
        (!last.outcome.starts_with(FAILED)).then_some((last.target, last.outcome))
    }

    /// Whether `actor` made such a change within the last minutes. An address may claim it; the record knows.
    pub async fn lately_did(&self, actor: &Actor, kind: &str, target: &str) -> bool {
        let same = |action: &Action| action.kind == kind && action.target == target;
        let recent = self.recent(actor).await;
        recent
            .iter()
            .any(|action| same(action) && !action.outcome.starts_with(FAILED))
    }

    /// What `actor` did within the last minutes, the latest first.
    async fn recent(&self, actor: &Actor) -> Vec<Action> {
        let mut recent = match self.store.actions(actor.workspace.name(), 20).await {
            Ok(recent) => recent,
            Err(error) => {
                tracing::error!(%error, "the record could not be read");
                Vec::new()
            }
        };
        recent.retain(|action| action.actor == actor.user_name && now().since(action.at) < LATELY_MS);
        recent
    }
}

/// Records a change by `actor`. A database that fails here is logged, not shown: the change has been made.
pub(crate) async fn record(store: &Store, actor: &Actor, kind: &str, target: &str, result: Result<&str, &Error>) {
    let outcome = match result {
        Ok(outcome) => outcome.to_owned(),
        Err(error) => format!("{FAILED}{error}"),
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
