//! Looking at the workspace later, to find out how an operation with an unknown outcome ended.

use domain::TokenId;
use store::{ActivityEntry, ActivityQuery, Operation, Outcome, Phase};

use super::kind;
use super::log::log_entry;
use crate::{Actor, Console, Error, now};

/// How many operations are reconciled at once.
const MAX_RECONCILED: usize = 10;

/// Among how many of the latest operations they are looked for.
const MAX_SCANNED: u32 = 100;

impl Console {
    /// Reconciles open and unknown operations of the actor's workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn reconcile(&self, actor: &Actor) -> Result<(), Error> {
        for outcome in [Outcome::Open, Outcome::Unknown] {
            let query = ActivityQuery {
                workspace: actor.workspace.name().to_owned(),
                outcome: Some(outcome),
                ..ActivityQuery::default()
            };
            let operations = self.0.store.activity(&query, MAX_SCANNED).await?.operations;
            let due = operations
                .into_iter()
                .filter(|o| now().duration_since(o.at) > self.0.timing.reconcile_after)
                // Only a revocation can be proven later. Any other unknown outcome stays unknown.
                .filter(|o| outcome == Outcome::Open || o.kind == kind::REVOKE_TOKEN);
            for operation in due.take(MAX_RECONCILED) {
                let Some((found, detail)) = look_later(actor, &operation).await else {
                    continue;
                };
                if found == Outcome::Unknown && outcome == Outcome::Unknown {
                    continue;
                }
                let entry = reconciled_entry(actor, operation, found, &detail);
                if let Some(head) = self.0.store.append_outcome_once(&entry).await? {
                    log_entry(&entry, &head);
                }
            }
        }
        Ok(())
    }
}

/// What a look at the workspace says about an operation long after it was sent; `None` if nothing can be read. A token
/// that is gone proves its revocation. A token that is still listed proves nothing, since the workspace can process a
/// call late; nor does a value, since someone else can have set it.
async fn look_later(actor: &Actor, operation: &Operation) -> Option<(Outcome, String)> {
    let api = actor.api();
    let token = async || api.token(&TokenId::new(operation.target.as_str())).await;
    let seen = match operation.kind.as_str() {
        kind::REVOKE_TOKEN => {
            return match token().await {
                Ok(_) => Some((Outcome::Unknown, "a later look found it still listed".to_owned())),
                Err(error) if error.is_missing_resource() && api.me().await.is_ok() => {
                    Some((Outcome::Done, "a later look found it done".to_owned()))
                }
                Err(_) => None,
            };
        }
        kind::EDIT_COMMENT => token().await.ok()?.comment,
        kind::EDIT_SCOPES => domain::format_scopes(token().await.ok()?.scopes.as_deref()),
        kind::SWITCH_TOKENS => match api.policy().await.ok()?.enabled {
            true => "on".to_owned(),
            false => "off".to_owned(),
        },
        kind::SET_MAX_LIFETIME => api.policy().await.ok()?.max_lifetime.to_wire(),
        // A later list does not show whether one edit among several was made, nor which of several similar tokens is
        // the new one.
        kind::EDIT_ACCESS | kind::CREATE_TOKEN => {
            let detail = "how it ended was not written down; look at the workspace for what became of it";
            return Some((Outcome::Unknown, detail.to_owned()));
        }
        // A bulk revocation verifies itself.
        _ => return None,
    };
    Some((Outcome::Unknown, format!("seen later: {seen}")))
}

/// The outcome that is added to an operation afterwards. Its actor is the person whose credential was used for looking.
fn reconciled_entry(actor: &Actor, operation: Operation, outcome: Outcome, detail: &str) -> ActivityEntry {
    ActivityEntry {
        at: now(),
        workspace: actor.workspace.name().to_owned(),
        operation: operation.operation,
        phase: Phase::Outcome,
        actor: actor.user_name.clone(),
        kind: operation.kind,
        target: operation.target,
        before: operation.before,
        requested: operation.requested,
        reason: String::new(),
        outcome,
        detail: detail.to_owned(),
        request_id: actor.request_id.clone(),
    }
}
