//! Looking at the workspace later, to find out how an operation with an unknown outcome ended.

use domain::TokenId;
use store::{ActivityEntry, ActivityKind, ActivityQuery, Detail, Operation, Outcome, Phase, RequestedValue};

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
                .filter(|o| outcome == Outcome::Open || can_be_proven(&o.kind));
            for operation in due.take(MAX_RECONCILED) {
                let Some((found, detail)) = look_later(actor, &operation).await else {
                    continue;
                };
                if found == Outcome::Unknown && outcome == Outcome::Unknown {
                    continue;
                }
                let entry = reconciled_entry(actor, operation, found, detail);
                if let Some(head) = self.0.store.append_outcome_once(&entry).await? {
                    log_entry(&entry, &head);
                }
            }
        }
        Ok(())
    }
}

/// Whether a later look can turn an unknown outcome of this kind into a known one. Any other stays unknown.
fn can_be_proven(kind: &ActivityKind) -> bool {
    match kind {
        ActivityKind::RevokeToken => true,
        ActivityKind::RevokeTokens
        | ActivityKind::ResumeBulk
        | ActivityKind::CancelBulk
        | ActivityKind::EditComment
        | ActivityKind::SwitchTokens
        | ActivityKind::SetMaxLifetime
        | ActivityKind::EditAccess
        | ActivityKind::CreateToken
        | ActivityKind::EditScopes
        | ActivityKind::Other(_) => false,
    }
}

/// What a look at the workspace says about an operation long after it was sent; `None` if nothing can be read. A token
/// that is gone proves its revocation. A token that is still listed proves nothing, since the workspace can process a
/// call late; nor does a value, since someone else can have set it.
async fn look_later(actor: &Actor, operation: &Operation) -> Option<(Outcome, Detail)> {
    let api = actor.api();
    let token = async || api.token(&TokenId::new(operation.target.as_str())).await;
    let seen = match &operation.kind {
        ActivityKind::RevokeToken => {
            return match token().await {
                Ok(_) => Some((Outcome::Unknown, Detail::FoundListed)),
                Err(error) if error.is_missing_resource() && api.me().await.is_ok() => {
                    Some((Outcome::Done, Detail::FoundDone))
                }
                Err(_) => None,
            };
        }
        ActivityKind::EditComment => token().await.ok()?.comment,
        ActivityKind::EditScopes => domain::format_scopes(token().await.ok()?.scopes.as_deref()),
        ActivityKind::SwitchTokens => RequestedValue::switch(api.policy().await.ok()?.enabled)
            .to_stored()
            .into_owned(),
        ActivityKind::SetMaxLifetime => api.policy().await.ok()?.max_lifetime.to_wire(),
        // A later list does not show whether one edit among several was made, nor which of several similar tokens is
        // the new one.
        ActivityKind::EditAccess | ActivityKind::CreateToken => return Some((Outcome::Unknown, Detail::NotRecorded)),
        // A bulk revocation verifies itself.
        ActivityKind::RevokeTokens | ActivityKind::ResumeBulk | ActivityKind::CancelBulk => return None,
        // What it was is not known here.
        ActivityKind::Other(_) => return None,
    };
    Some((Outcome::Unknown, Detail::SeenLater(seen)))
}

/// The outcome that is added to an operation afterwards. Its actor is the person whose credential was used for looking.
fn reconciled_entry(actor: &Actor, operation: Operation, outcome: Outcome, detail: Detail) -> ActivityEntry {
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
        detail,
        request_id: actor.request_id.clone(),
    }
}
