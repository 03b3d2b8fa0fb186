//! Looking at the workspace later, to find out the outcome of operations that ended unknown.

mod later_look;

use std::collections::HashMap;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use parking_lot::Mutex;
use store::{ActivityEntry, ActivityKind, ActivityQuery, Detail, Operation, Outcome, Phase, RequestedValue, SignInId};
use tokio::time::{Instant, sleep};

use super::log::log_entry;
use crate::in_progress::InProgress;
use crate::{Actor, Console, Error, RequestSource, now};

use later_look::LaterLook;

/// How many operations are looked at simultaneously.
const MAX_LOOKS: usize = 4;

/// How many operations are read from the log at once.
const BATCH_SIZE: u32 = 500;

/// How long after its start a creation is still looked for. The workspace has long processed it by then.
const CREATION_WINDOW: Duration = Duration::from_hours(24);

/// The reconciliations in progress, and the operations that were looked at recently.
#[derive(Default)]
pub(crate) struct Reconciliation {
    /// The names of the workspaces that are being reconciled.
    running: InProgress<String>,
    /// The operations that this process is carrying out. It will record their outcome itself.
    pub(crate) in_progress: InProgress<String>,
    /// When each operation that is still unknown was last looked at.
    looked_at: Mutex<HashMap<String, Instant>>,
}

impl Reconciliation {
    /// Returns whether an operation was not looked at within `interval`. If so, it counts as looked at from now on.
    fn begin_look(&self, operation: &str, interval: Duration) -> bool {
        let mut looked_at = self.looked_at.lock();
        looked_at.retain(|_, at| at.elapsed() < interval);
        match looked_at.contains_key(operation) {
            true => false,
            false => looked_at.insert(operation.to_owned(), Instant::now()).is_none(),
        }
    }
}

impl Console {
    /// Reconciles the operations of the actor's workspace in the background, unless that is already in progress.
    pub(super) fn reconcile_in_background(&self, actor: &Actor) {
        let (console, workspace) = (self.clone(), actor.workspace.name().to_owned());
        let (sign_in, request) = (actor.sign_in, actor.request());
        tokio::spawn(async move { console.reconcile_as(&workspace, &sign_in, request).await });
    }

    /// Reconciles the operations of the actor's workspace repeatedly, with growing pauses, for as long as the workspace
    /// can take to show new scopes. If the console stops before that, the operations are looked at when someone opens
    /// the activity log.
    pub(crate) fn reconcile_scopes_later(&self, actor: &Actor) {
        let (console, workspace) = (self.clone(), actor.workspace.name().to_owned());
        let (sign_in, request) = (actor.sign_in, actor.request());
        let timing = self.0.timing;
        tokio::spawn(async move {
            let (mut pause, mut waited) = (timing.reconcile_after, Duration::ZERO);
            while waited <= timing.scopes_verify_timeout {
                tokio::select! {
                    () = sleep(pause) => {}
                    () = console.stopping() => return,
                }
                waited += pause;
                pause *= 2;
                console.reconcile_as(&workspace, &sign_in, request.clone()).await;
            }
        });
    }

    async fn reconcile_as(&self, workspace: &str, sign_in: &SignInId, request: RequestSource) {
        let Some(_running) = self.0.reconciliation.running.begin(&workspace.to_owned()) else {
            return;
        };
        let reconciling = async {
            let actor = self.actor(workspace, sign_in, request).await?;
            self.reconcile(&actor).await
        };
        if let Err(error) = reconciling.await {
            tracing::warn!(%error, workspace, "could not check the operations with an unknown outcome");
        }
    }

    /// Looks once at every operation of the actor's workspace whose outcome a look may show, and records what it found.
    async fn reconcile(&self, actor: &Actor) -> Result<(), Error> {
        let due = self.due_operations(actor).await?;
        let look = LaterLook::new(self, actor, &due).await;
        let mut looks = stream::iter(due)
            .map(|operation| async {
                let found = look.outcome_of(&operation).await;
                (operation, found)
            })
            .buffer_unordered(MAX_LOOKS);
        while let Some((operation, found)) = looks.next().await {
            let Some((outcome, detail)) = found else {
                continue;
            };
            let entry = reconciled_entry(actor, operation, outcome, detail);
            if let Some(head) = self.0.store.append_later_outcome(&entry).await? {
                log_entry(&entry, &head);
            }
        }
        Ok(())
    }

    /// Whether the operation belongs to a bulk change that is running, here or elsewhere, which verifies its tokens
    /// itself.
    fn is_running_bulk(&self, requested: &RequestedValue) -> bool {
        let bulk = requested.part_of();
        bulk.is_some_and(|id| self.0.running_bulks.is_running(id))
    }

    /// The operations to look at, oldest first, so that no new one keeps an old one waiting.
    async fn due_operations(&self, actor: &Actor) -> Result<Vec<Operation>, Error> {
        let (reconciliation, interval) = (&self.0.reconciliation, self.0.timing.reconcile_after);
        let mut due = Vec::new();
        for outcome in [Outcome::Open, Outcome::Unknown] {
            let mut query = ActivityQuery {
                workspace: actor.workspace.name().to_owned(),
                outcome: Some(outcome),
                ..ActivityQuery::default()
            };
            loop {
                let page = self.0.store.activity(&query, BATCH_SIZE).await?;
                query.before = page.older;
                due.extend(page.operations.into_iter().filter(|o| {
                    now().duration_since(o.at) > interval
                        && can_be_looked_at(o)
                        && !self.is_running_bulk(&o.requested)
                        && !reconciliation.in_progress.contains(&o.operation)
                        && reconciliation.begin_look(&o.operation, interval)
                }));
                if query.before.is_none() {
                    break;
                }
            }
        }
        due.sort_by_key(|operation| operation.id);
        Ok(due)
    }
}

/// Whether a look may show more about an operation that is open or unknown.
fn can_be_looked_at(operation: &Operation) -> bool {
    let is_open = operation.outcome == Outcome::Open;
    match &operation.kind {
        ActivityKind::RevokeToken => true,
        ActivityKind::CreateToken | ActivityKind::CreateFirstToken => {
            is_open || now().duration_since(operation.at) < CREATION_WINDOW
        }
        ActivityKind::EditAccess
        | ActivityKind::EditComment
        | ActivityKind::EditScopes
        | ActivityKind::SwitchTokens
        | ActivityKind::SetMaxLifetime => is_open || !operation.detail.is_of_later_look(),
        // A bulk change verifies itself, an acceptance concerns only the console, and the others are kinds of another
        // version.
        ActivityKind::RevokeTokens
        | ActivityKind::ResumeBulk
        | ActivityKind::CancelBulk
        | ActivityKind::EditScopesInBulk
        | ActivityKind::ResumeScopesInBulk
        | ActivityKind::CancelScopesInBulk
        | ActivityKind::AcceptFinding
        | ActivityKind::WithdrawAcceptance
        | ActivityKind::Other(_) => false,
    }
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
        client: actor.client,
    }
}
