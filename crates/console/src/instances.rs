//! The events between instances of the console that share a database, and the background work of each instance.
//!
//! Each instance remembers what it read from a workspace, and who is signed in. If an instance changes any of that, it
//! publishes an event, and the others apply it within two seconds. Most events are stored in the same transaction as
//! the change. The others wait in the [`Outbox`] for a moment, so that no request waits for a write because of them.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use store::{ChangedPart, Event, EventKind, NewEvent, SignInId};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::{Console, Error, Revocation, Workspace, now};

mod outbox;

pub(crate) use outbox::Outbox;

/// How often an instance looks for events and for bulk changes without being woken. A wake-up can get lost, and an
/// instance that was killed wakes no one.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// How many events are read at once.
const BATCH_SIZE: u32 = 500;

/// Runs `task` to its end, and again after a panic, which is a bug: without these tasks, the other instances would work
/// with outdated data from then on.
async fn run_despite_panics<F: Future<Output = ()>>(task: impl Fn() -> F) {
    while AssertUnwindSafe(task()).catch_unwind().await.is_err() {
        tracing::error!("a task of this instance panicked, and starts again. Please report this with the server log");
        sleep(LOOK_INTERVAL).await;
    }
}

impl Console {
    /// Starts the background work of this instance, until the console is told to stop: it applies the events of other
    /// instances, publishes its own, and continues bulk changes that no instance runs. At first it applies the events
    /// of the last hour, so that the notices about revoked tokens outlive a restart.
    pub fn start_instance_task(&self) -> JoinHandle<()> {
        let console = self.clone();
        tokio::spawn(async move {
            tokio::join!(
                run_despite_panics(|| console.look_regularly()),
                run_despite_panics(|| console.publish_announced())
            );
        })
    }

    async fn look_regularly(&self) {
        let mut wakeup = self.0.store.event_wakeup();
        let mut has_failed = false;
        while !self.is_stopping() {
            let looked = self.look(has_failed).await;
            if let Err(error) = &looked
                && !has_failed
            {
                tracing::warn!(%error, "could not read the events of other instances, will retry");
            }
            has_failed = looked.is_err();
            tokio::select! {
                () = wakeup.wait() => {}
                () = sleep(LOOK_INTERVAL) => {}
                () = self.stopping() => {}
            }
        }
    }

    /// Applies the events of other instances that are stored by now. The page after a change can be requested from an
    /// instance that has not heard of the change yet. With one instance, this does nothing.
    pub async fn apply_new_events(&self) {
        if self.0.store.is_shared()
            && let Err(error) = self.read_events(false).await
        {
            tracing::warn!(%error, "could not look for what other instances just did");
        }
    }

    /// Applies new events, and continues the bulk changes that no instance runs.
    async fn look(&self, has_failed: bool) -> Result<(), Error> {
        self.read_events(has_failed).await?;
        self.resume_running_bulks().await
    }

    async fn read_events(&self, has_failed: bool) -> Result<(), Error> {
        let mut last_seen = self.0.last_event.lock().await;
        if has_failed {
            // A database that was replaced by its replica can lack the last events, and use their IDs again.
            *last_seen = self.0.store.last_event().await?.min(*last_seen);
        }
        loop {
            let events = self.0.store.events_after(*last_seen, BATCH_SIZE).await?;
            let Some(last) = events.last() else {
                return Ok(());
            };
            *last_seen = last.id;
            for event in events.into_iter().filter(|event| !event.is_own) {
                self.apply(event);
            }
        }
    }

    /// Applies the event of another instance to the caches of this one.
    fn apply(&self, event: Event) {
        let workspace = self.workspaces().find(|workspace| workspace.binding() == event.binding);
        match (event.kind, workspace) {
            (Some(EventKind::SignInEnded { sign_in }), _) => {
                self.end_reads_of(&sign_in);
                self.0.refreshes.discard(&sign_in);
            }
            (Some(EventKind::CredentialReplaced { sign_in }), _) => self.0.recent_sign_ins.invalidate(&sign_in),
            // The bulk changes are read after the events.
            (Some(EventKind::BulkChanged { .. }), _) => {}
            (Some(kind), Some(workspace)) => workspace.apply(kind, event.age),
            // Only a later version knows what changed.
            (None, Some(workspace)) => workspace.parts.invalidate(),
            (_, None) => {}
        }
    }

    /// Ends the reads for a session that has ended, and discards what it could read.
    pub(crate) fn end_reads_of(&self, id: &SignInId) {
        self.0.recent_sign_ins.invalidate(id);
        for workspace in self.workspaces() {
            workspace.forget_proof(id);
            workspace.parts.end(id);
        }
    }
}

impl Workspace {
    /// Publishes an event to the other instances soon, without waiting.
    pub(crate) fn announce(&self, kind: EventKind) {
        self.outbox.add(self.event(kind));
    }

    /// An event about this workspace.
    pub(crate) fn event(&self, kind: EventKind) -> NewEvent {
        NewEvent {
            binding: self.binding(),
            kind,
        }
    }

    /// Discards the list of tokens, here and in the other instances.
    pub(crate) fn invalidate_tokens(&self) {
        self.parts.tokens.invalidate();
        self.announce(EventKind::PartsChanged {
            parts: vec![ChangedPart::Tokens],
        });
    }

    fn apply(&self, kind: EventKind, age: Duration) {
        match kind {
            EventKind::TokenRevoked { token, comment, owner } => {
                // By the clock of this machine, like the times of lists.
                let at = now().minus(age);
                self.revocations.record([(token, Revocation { at, comment, owner })]);
            }
            EventKind::PartsChanged { parts } => parts.into_iter().for_each(|part| match part {
                ChangedPart::Tokens => self.parts.tokens.invalidate(),
                ChangedPart::Policy => self.parts.policy.invalidate(),
                ChangedPart::Permissions => self.parts.permissions.invalidate(),
            }),
            EventKind::TokensSwitched { on } => self.record_switch(on, now().minus(age)),
            EventKind::RefreshRequested => self.parts.expire(),
            EventKind::ProofEnded { sign_in } => self.forget_proof(&sign_in),
            EventKind::RateLimited { pause_ms } => {
                self.limiter.pause(Duration::from_millis(pause_ms).saturating_sub(age));
            }
            // These events are not about one workspace.
            EventKind::SignInEnded { .. } | EventKind::CredentialReplaced { .. } | EventKind::BulkChanged { .. } => {}
        }
    }
}
