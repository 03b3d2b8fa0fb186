//! Reading the activity log, and adding rows to it.

use std::time::Duration;

use store::{
    ActivityEntry, ActivityKind, ActivityPage, ActivityQuery, ChainHead, Detail, EventKind, Outcome, Phase,
    RequestedValue,
};

use tokio::time::sleep;

use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, now};

/// The pause between two attempts to record an outcome while the database fails.
const RECORD_RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// The longest text that is recorded: enough for any name or comment, and too little to use the log as storage.
const MAX_RECORDED_CHARS: usize = 2000;

/// A change that is about to be made.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlannedChange {
    pub(crate) target: String,
    /// The value before the change; empty if it is unknown.
    pub(crate) before: String,
    pub(crate) requested: RequestedValue,
}

impl Console {
    /// The log of the actor's workspace, latest first. Operations whose outcome is not known are reconciled in the
    /// background, by looking at the workspace.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin, or the database fails.
    pub async fn activity(&self, actor: &Actor, query: ActivityQuery, limit: u32) -> Result<ActivityPage, Error> {
        admin_proof::ensure_reader(actor).await?;
        if query.before.is_none() && query.after.is_none() {
            self.reconcile_in_background(actor);
        }
        let query = ActivityQuery {
            workspace: actor.workspace.name().to_owned(),
            ..query
        };
        Ok(self.0.store.activity(&query, limit).await?)
    }

    /// How many operations of the actor's workspace match; `None` if there are more than [`store::MAX_COUNTED`]. The
    /// text of the query is ignored.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin, or the database fails.
    pub async fn count_activity(&self, actor: &Actor, query: ActivityQuery) -> Result<Option<u32>, Error> {
        admin_proof::ensure_reader(actor).await?;
        let query = ActivityQuery {
            workspace: actor.workspace.name().to_owned(),
            ..query
        };
        Ok(self.0.store.count_activity(&query).await?)
    }

    /// Records an attempt that was refused before any call; `why` becomes its detail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_refusal(
        &self,
        actor: &Actor,
        kind: ActivityKind,
        target: &str,
        why: Detail,
    ) -> Result<(), Error> {
        let change = PlannedChange {
            target: target.to_owned(),
            ..PlannedChange::default()
        };
        self.append_entry(new_entry(actor, kind, &change, Phase::Refused, Outcome::Refused, why))
            .await
    }

    /// Records the outcome of a change, and publishes its events to the other instances.
    pub(crate) async fn append_and_publish(
        &self,
        actor: &Actor,
        entry: ActivityEntry,
        events: Vec<EventKind>,
    ) -> Result<(), Error> {
        let workspace = &actor.workspace;
        let published = events.iter().cloned().map(|kind| workspace.event(kind)).collect();
        let appended = self.0.store.append_and_publish(&entry, published).await;
        if appended.is_err() {
            // The outbox publishes the events as soon as the database works.
            events.into_iter().for_each(|kind| workspace.announce(kind));
        }
        log_entry(&entry, &appended?);
        Ok(())
    }

    /// Records an outcome as soon as the database works again, unless a later look does it first. If the console stops
    /// before that, the operation stays in progress until a later look.
    pub(crate) fn record_outcome_later(&self, entry: ActivityEntry) {
        let console = self.clone();
        self.0.tasks.spawn(async move {
            while !console.is_stopping() {
                sleep(RECORD_RETRY_INTERVAL).await;
                match console.0.store.append_later_outcome(&entry).await {
                    Ok(Some(head)) => return log_entry(&entry, &head),
                    Ok(None) => return,
                    Err(error) => tracing::warn!(%error, "could not record the outcome of a change, will retry"),
                }
            }
        });
    }

    pub(crate) async fn append_entry(&self, entry: ActivityEntry) -> Result<(), Error> {
        let head = self.0.store.append(&entry).await?;
        log_entry(&entry, &head);
        Ok(())
    }
}

/// Writes a row and the head of the hash chain to the server log. A comparison with them reveals if rows of the
/// database were changed or removed from its end.
pub(crate) fn log_entry(entry: &ActivityEntry, head: &ChainHead) {
    tracing::info!(
        workspace = entry.workspace,
        actor = entry.actor,
        kind = entry.kind.to_stored(),
        target = entry.target,
        outcome = entry.outcome.slug(),
        %head,
        "activity"
    );
}

/// A row of a new operation.
pub(crate) fn new_entry(
    actor: &Actor,
    kind: ActivityKind,
    change: &PlannedChange,
    phase: Phase,
    outcome: Outcome,
    detail: Detail,
) -> ActivityEntry {
    ActivityEntry {
        at: now(),
        workspace: actor.workspace.name().to_owned(),
        operation: store::operation_id(),
        phase,
        actor: actor.user_name.clone(),
        target: truncated(&change.target),
        before: truncated(&change.before),
        requested: RequestedValue::from_stored(&kind, &truncated(&change.requested.to_stored())),
        reason: actor.reason.clone(),
        outcome,
        detail,
        request_id: actor.request_id.clone(),
        client: actor.client,
        kind,
    }
}

/// Shortens a text for the log and removes U+0000, which PostgreSQL and many tools treat as the end of a text.
pub(crate) fn truncated(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(MAX_RECORDED_CHARS).collect()
}
