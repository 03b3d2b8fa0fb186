//! Finding out later how an operation ended whose outcome is not known, by looking at the workspace.

use std::time::Duration;

use domain::TokenId;
use store::{ActivityEntry, ActivityQuery, Operation, Outcome, Phase};
use workspace_client::ErrorKind;

use super::kind;
use super::log::log_entry;
use crate::{Actor, Console, Error, now};

/// How long an operation may be in progress before a later look decides its outcome: longer than any call takes.
const RECONCILE_AFTER: Duration = Duration::from_mins(2);

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
                .filter(|o| now().duration_since(o.at) > RECONCILE_AFTER)
                // An unknown outcome of such a kind stays unknown.
                .filter(|o| outcome == Outcome::Open || !cannot_be_verified_later(&o.kind));
            for operation in due.take(MAX_RECONCILED) {
                let (outcome, detail) = match self.is_in_effect(actor, &operation).await {
                    Some(true) => (Outcome::Done, "a later look found it done"),
                    Some(false) => (Outcome::Failed, "a later look found it not done"),
                    None if cannot_be_verified_later(&operation.kind) => (
                        Outcome::Unknown,
                        "how it ended was not written down; look at the workspace for what became of it",
                    ),
                    None => continue,
                };
                let entry = reconciled_entry(actor, operation, outcome, detail);
                if let Some(head) = self.0.store.append_outcome_once(&entry).await? {
                    log_entry(&entry, &head);
                }
            }
        }
        Ok(())
    }

    /// Whether the workspace has the state that the operation requested. `None` if that cannot be determined.
    async fn is_in_effect(&self, actor: &Actor, operation: &Operation) -> Option<bool> {
        let api = actor.api();
        match operation.kind.as_str() {
            kind::REVOKE_TOKEN => match api.token(&TokenId::new(operation.target.as_str())).await {
                Ok(_) => Some(false),
                Err(error) => (error.kind == ErrorKind::NotFound).then_some(true),
            },
            kind::EDIT_COMMENT => {
                let token = api.token(&TokenId::new(operation.target.as_str())).await.ok()?;
                Some(token.comment == operation.requested)
            }
            kind::EDIT_SCOPES => {
                let token = api.token(&TokenId::new(operation.target.as_str())).await.ok()?;
                let requested = domain::parse_scopes(&operation.requested).ok()?;
                Some(domain::are_same_scopes(token.scopes.as_deref(), Some(&requested)))
            }
            kind::SWITCH_TOKENS => Some(api.policy().await.ok()?.enabled == (operation.requested == "on")),
            kind::SET_MAX_LIFETIME => Some(api.policy().await.ok()?.max_lifetime.to_wire() == operation.requested),
            // The kinds of `cannot_be_verified_later`, and bulk revocations, which verify themselves.
            _ => None,
        }
    }
}

/// A later list does not show whether one edit among several was made, nor which of several similar tokens is the new
/// one.
fn cannot_be_verified_later(operation_kind: &str) -> bool {
    matches!(operation_kind, kind::EDIT_ACCESS | kind::CREATE_TOKEN)
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
