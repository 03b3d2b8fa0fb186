//! The console's own record of changes: who did what, when, why, and how it ended. The workspace's audit log has the truth;
//! this one also has what failed, what was refused here, and what nobody knows.
//!
//! What is about to be done is written before the call, how it ended after it. A change that cannot be written down is not
//! made.

use std::time::Duration;

use store::{ActivityEntry, ChainHead, Phase};
use tokio::time::timeout;
use workspace_client::ErrorKind;

use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, now};

pub use store::{
    ActivityPage, ActivityQuery, Operation, Outcome, before_label, detail_label, kind_label, outcome_label,
    requested_label, target_label,
};

/// How long after a change its notice may be shown, in milliseconds.
const RECENT: Duration = Duration::from_mins(5);

/// How long an operation may be under way before a later look decides how it ended, in milliseconds: longer than any call.
const RECONCILE_AFTER: Duration = Duration::from_mins(2);

/// How long a page waits until open operations are decided.
const RECONCILE_TIMEOUT: Duration = Duration::from_secs(3);

/// How many undecided operations one look decides, and among how many of the latest it finds them.
const MAX_RECONCILED: usize = 10;
const MAX_SCANNED: u32 = 100;

/// The changes, as the record names them.
pub mod kind {
    /// A token was revoked.
    pub const REVOKE_TOKEN: &str = "revoke_token";
    /// A token's comment was changed.
    pub const EDIT_COMMENT: &str = "edit_comment";
    /// The switch was flipped.
    pub const SWITCH_TOKENS: &str = "switch_tokens";
    /// The limit on lifetimes was set, in days.
    pub const SET_MAX_LIFETIME: &str = "set_max_lifetime";
    /// Many tokens were revoked, by a job.
    pub const REVOKE_TOKENS: &str = "revoke_tokens";
    /// A paused job was gone on with.
    pub const RESUME_JOB: &str = "resume_job";
    /// The rest of a job was cancelled.
    pub const CANCEL_JOB: &str = "cancel_job";
    /// Grants were added or removed.
    pub const EDIT_ACCESS: &str = "edit_access";
    /// A token was created for a service principal.
    pub const CREATE_TOKEN: &str = "create_token";
    /// A token's scopes were changed.
    pub const EDIT_SCOPES: &str = "edit_scopes";

    /// Every kind, in the order of a filter.
    pub const ALL: [&str; 10] = [
        REVOKE_TOKEN,
        REVOKE_TOKENS,
        RESUME_JOB,
        CANCEL_JOB,
        EDIT_COMMENT,
        SWITCH_TOKENS,
        SET_MAX_LIFETIME,
        EDIT_ACCESS,
        CREATE_TOKEN,
        EDIT_SCOPES,
    ];
}

/// What is about to be done.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlannedChange {
    /// One of [`kind`].
    pub(crate) kind: &'static str,
    /// To what.
    pub(crate) target: String,
    /// What is there before; empty where that is not known.
    pub(crate) before: String,
    /// What is to be there; empty where the kind says it.
    pub(crate) requested: String,
}

impl Console {
    /// Makes a change: refused where this console changes nothing, and written down before and after. `ended` says in words
    /// how a success ended.
    pub(crate) async fn perform<T, D: Into<String>>(
        &self,
        actor: &Actor,
        intent: PlannedChange,
        work: impl Future<Output = Result<T, Error>>,
        ended: impl FnOnce(&T) -> (Outcome, D),
    ) -> Result<T, Error> {
        if let Err(error) = self.ensure_can_change(actor) {
            self.append_entry(new_entry(
                actor,
                &intent,
                Phase::Refused,
                Outcome::Refused,
                &error.to_string(),
            ))
            .await?;
            return Err(error);
        }
        let mut begun = new_entry(actor, &intent, Phase::Intent, Outcome::Open, "");
        self.append_entry(begun.clone()).await?;
        let result = work.await;
        let (outcome, detail) = match &result {
            Ok(value) => {
                let (outcome, detail) = ended(value);
                (outcome, detail.into())
            }
            Err(error) => (outcome_of(error), error.to_string()),
        };
        begun.at = now();
        begun.phase = Phase::Outcome;
        begun.outcome = outcome;
        begun.detail = detail;
        if let Err(error) = self.append_entry(begun).await {
            // The change has been made, and a later look finds out; the person must not be told otherwise.
            tracing::error!(%error, request = actor.request_id, "could not record the outcome of a change");
        }
        result
    }

    /// Writes down a try that was refused before any call.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_refusal(
        &self,
        actor: &Actor,
        kind: &'static str,
        target: &str,
        why: &str,
    ) -> Result<(), Error> {
        let intent = PlannedChange {
            kind,
            target: target.to_owned(),
            ..PlannedChange::default()
        };
        self.append_entry(new_entry(actor, &intent, Phase::Refused, Outcome::Refused, why))
            .await
    }

    async fn append_entry(&self, entry: ActivityEntry) -> Result<(), Error> {
        let head = self.0.store.append(&entry).await?;
        log_entry(&entry, &head);
        Ok(())
    }

    /// The record of the actor's workspace, the latest first. Operations whose end is not known are decided first, by a look
    /// at the workspace.
    ///
    /// # Errors
    /// Where the actor cannot be proven to be an admin, or the database fails.
    pub async fn activity(&self, actor: &Actor, query: ActivityQuery, limit: u32) -> Result<ActivityPage, Error> {
        admin_proof::ensure_admin(actor).await?;
        // Best effort: the list is there to be read, also where nothing can be written.
        if query.before.is_none() {
            match timeout(RECONCILE_TIMEOUT, self.reconcile(actor)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "could not check the open operations"),
                Err(_) => tracing::warn!("could not check the open operations in time"),
            }
        }
        let query = ActivityQuery {
            workspace: actor.workspace.name().to_owned(),
            ..query
        };
        Ok(self.0.store.activity(&query, limit).await?)
    }

    async fn reconcile(&self, actor: &Actor) -> Result<(), Error> {
        for outcome in [Outcome::Open, Outcome::Unknown] {
            let query = ActivityQuery {
                workspace: actor.workspace.name().to_owned(),
                outcome: Some(outcome),
                ..ActivityQuery::default()
            };
            let open = self.0.store.activity(&query, MAX_SCANNED).await?.operations;
            let due = open
                .into_iter()
                .filter(|o| now().duration_since(o.at) > RECONCILE_AFTER);
            // Of these it is known already that nobody will know.
            let due = due.filter(|o| outcome == Outcome::Open || !cannot_be_verified_later(&o.kind));
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

    /// Whether the workspace is as the operation wanted it. `None` where that cannot be told.
    async fn is_in_effect(&self, actor: &Actor, operation: &Operation) -> Option<bool> {
        let api = actor.api();
        match operation.kind.as_str() {
            kind::REVOKE_TOKEN => match api.token(&domain::TokenId::new(operation.target.as_str())).await {
                Ok(_) => Some(false),
                Err(error) => (error.kind == ErrorKind::NotFound).then_some(true),
            },
            kind::EDIT_COMMENT => {
                let token = api.token(&domain::TokenId::new(operation.target.as_str())).await.ok()?;
                Some(token.comment == operation.wanted)
            }
            kind::EDIT_SCOPES => {
                let token = api.token(&domain::TokenId::new(operation.target.as_str())).await.ok()?;
                let wanted = domain::parse_scopes(&operation.wanted).ok()?;
                Some(domain::are_same_scopes(token.scopes.as_deref(), Some(&wanted)))
            }
            kind::SWITCH_TOKENS => Some(api.policy().await.ok()?.enabled == (operation.wanted == "on")),
            kind::SET_MAX_LIFETIME => Some(api.policy().await.ok()?.max_lifetime.to_wire() == operation.wanted),
            // What is in `no_look_tells`, and jobs, which find out by themselves.
            _ => None,
        }
    }

    /// What `actor` changed of this kind last, and how it ended, where that was within the last minutes and did not fail.
    pub async fn last_recent_change(&self, actor: &Actor, kind: &str) -> Option<(String, String)> {
        let recent = self.recent_changes(actor).await;
        let last = recent.into_iter().find(|operation| operation.kind == kind)?;
        succeeded(&last).then_some((last.wanted, last.detail))
    }

    /// Whether `actor` made such a change within the last minutes, to `what` or with `what` as the result. An address may
    /// claim it; the record knows.
    pub async fn did_recently(&self, actor: &Actor, kind: &str, what: &str) -> bool {
        let same = |o: &&Operation| o.kind == kind && (o.target == what || o.wanted == what);
        self.recent_changes(actor).await.iter().filter(same).any(succeeded)
    }

    /// What `actor` did within the last minutes, the latest first.
    async fn recent_changes(&self, actor: &Actor) -> Vec<Operation> {
        let query = ActivityQuery {
            workspace: actor.workspace.name().to_owned(),
            actor: actor.user_name.clone(),
            ..ActivityQuery::default()
        };
        match self.0.store.activity(&query, 20).await {
            Ok(mut page) => {
                page.operations.retain(|o| now().duration_since(o.at) < RECENT);
                page.operations
            }
            Err(error) => {
                tracing::error!(%error, "could not read the activity log");
                Vec::new()
            }
        }
    }
}

/// A later list says nothing of one edit among several, nor of one token among those of the same kind.
fn cannot_be_verified_later(operation_kind: &str) -> bool {
    matches!(operation_kind, kind::EDIT_ACCESS | kind::CREATE_TOKEN)
}

/// The head in the log is what a changed or cut record is found by.
fn log_entry(entry: &ActivityEntry, head: &ChainHead) {
    tracing::info!(
        workspace = entry.workspace,
        actor = entry.actor,
        kind = entry.kind,
        target = entry.target,
        outcome = entry.outcome.slug(),
        %head,
        "activity"
    );
}

fn succeeded(operation: &Operation) -> bool {
    // What is sent and not known yet has notices of its own kind.
    matches!(operation.outcome, Outcome::Done | Outcome::Unknown)
}

/// What a failure says of the workspace: unknown where the call may have arrived.
fn outcome_of(error: &Error) -> Outcome {
    match error {
        Error::ResultUnknown | Error::CreationUnknown => Outcome::Unknown,
        Error::Workspace(error) if may_have_arrived(&error.kind) => Outcome::Unknown,
        _ => Outcome::Failed,
    }
}

/// Whether a call that failed so may have been acted on all the same.
pub(crate) fn may_have_arrived(kind: &ErrorKind) -> bool {
    use ErrorKind::{Redirect, Server, Timeout, TooLarge, Undecodable, UnexpectedHtml, Unreachable};
    matches!(
        kind,
        Timeout | Unreachable | TooLarge | Undecodable { .. } | UnexpectedHtml | Redirect | Server { .. }
    )
}

fn new_entry(actor: &Actor, intent: &PlannedChange, phase: Phase, outcome: Outcome, detail: &str) -> ActivityEntry {
    ActivityEntry {
        at: now(),
        workspace: actor.workspace.name().to_owned(),
        operation: store::operation_id(),
        phase,
        actor: actor.user_name.clone(),
        kind: intent.kind.to_owned(),
        target: truncated(&intent.target),
        before: truncated(&intent.before),
        requested: truncated(&intent.requested),
        reason: actor.reason.clone(),
        outcome,
        detail: detail.to_owned(),
        request_id: actor.request_id.clone(),
    }
}

/// What is written down of a text: enough for any name or comment, and no place to store books.
pub(crate) fn truncated(text: &str) -> String {
    // PostgreSQL and many tools take U+0000 for the end of a text.
    text.chars().filter(|c| *c != '\0').take(2000).collect()
}

/// The ending that somebody's later look adds to an operation.
fn reconciled_entry(actor: &Actor, operation: Operation, outcome: Outcome, detail: &str) -> ActivityEntry {
    ActivityEntry {
        at: now(),
        workspace: actor.workspace.name().to_owned(),
        operation: operation.operation,
        phase: Phase::Outcome,
        actor: actor.user_name.clone(),
        kind: operation.kind,
        target: operation.target,
        before: operation.was,
        requested: operation.wanted,
        reason: String::new(),
        outcome,
        detail: detail.to_owned(),
        request_id: actor.request_id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The sources in a folder without their tests, one after the other.
    fn sources(folder: &Path) -> String {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let texts = paths.map(|path| match path.is_dir() {
            true => sources(&path),
            false => std::fs::read_to_string(path).unwrap(),
        });
        texts
            .map(|text| text.split("\n#[cfg(test)]").next().unwrap_or_default().to_owned())
            .collect()
    }

    /// The literals that a source stores as the detail of an outcome.
    fn details(source: &str) -> Vec<&str> {
        let outcomes = source.split("Outcome::").skip(1);
        let outcomes = outcomes.filter_map(|rest| rest.trim_start_matches(char::is_alphanumeric).strip_prefix(','));
        let others = ["let text = ", "ItemOutcome::Failed(", "ANSWER: &str = "];
        let others = others.into_iter().flat_map(|before| source.split(before).skip(1));
        outcomes
            .chain(others)
            .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
            .filter(|text| !text.is_empty())
            .collect()
    }

    #[test]
    fn every_text_that_is_stored_has_a_label() {
        let source = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let details = details(&source);
        assert!(details.len() > 20, "{details:?}");
        for detail in details {
            assert_ne!(detail_label(detail), detail);
        }
        for slug in kind::ALL {
            assert_ne!(kind_label(slug), slug);
        }
    }

    #[test]
    fn every_error_that_a_change_can_end_with_has_a_label() {
        let of_workspace = [
            ErrorKind::BadCredential,
            ErrorKind::ScopeMissing,
            ErrorKind::IpBlocked,
            ErrorKind::NotAllowed,
            ErrorKind::TokensNotAllowed,
            ErrorKind::FeatureOff { tokens_disabled: true },
            ErrorKind::FeatureOff { tokens_disabled: false },
            ErrorKind::NoTokenYet,
            ErrorKind::NotFound,
            ErrorKind::Rejected,
            ErrorKind::RateLimited { retry_after: None },
            ErrorKind::UnexpectedHtml,
            ErrorKind::Redirect,
            ErrorKind::Timeout,
            ErrorKind::Unreachable,
            ErrorKind::TooLarge,
            ErrorKind::Undecodable { path: ".".to_owned() },
            ErrorKind::ForeignEndpoint,
        ];
        let of_workspace = of_workspace.into_iter().map(|kind| Error::Workspace(kind.into()));
        let own = [
            Error::SignedOut,
            Error::ReadOnly,
            Error::AuditorReadOnly,
            Error::NotConfirmed,
            Error::AccessChanged,
            Error::OldStateAfterNoResponse,
            Error::UnexpectedPermissions,
            Error::ResultUnknown,
            Error::ScopesChanged,
            Error::NotCreated,
            Error::CreationUnknown,
        ];
        for error in own.into_iter().chain(of_workspace) {
            let detail = error.to_string();
            assert_ne!(detail_label(&detail), detail);
        }
    }
}
