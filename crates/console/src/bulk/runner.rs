//! Running a bulk change from start to end, in a task of its own, and what happens when the console stops and
//! starts.
//!
//! Of the instances that share a database, only the one that has the lease of a bulk change runs it. All bulk changes
//! of a workspace run in the same instance, which keeps one pace for all of them. Every write of a run checks the lease
//! in its transaction, so that a run changes nothing after another instance has taken over.

mod running;

use std::sync::Arc;
use std::time::Duration;

use store::{BulkChange, BulkId, BulkItemState, BulkState, Lease, Outcome, PauseReason, Phase};
use tokio::time::sleep;

use super::entries::{bulk_entry, result_detail};
use super::stop::ActorError;
use crate::held_lease::HeldLease;
use crate::{Actor, Console, Error, now};

pub(crate) use running::{BulkRun, RunningBulks};

/// The pause before a bulk change that did not end is started again: the database was busy, or it was resumed or
/// retried while it was ending.
const RESTART_DELAY: Duration = Duration::from_secs(1);

/// How a run ended, if without an error.
enum RunEnd {
    /// The bulk change has ended or is paused, or has to wait for a moment.
    Ended,
    /// Another instance runs it.
    Elsewhere,
    /// The lease could not be extended, so that another instance may run it by now.
    LeaseEnded,
}

impl Console {
    /// Continues the bulk changes that no instance runs: their instance was stopped or killed, or could not run them.
    /// Also stops the runs in this instance that were cancelled in another one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_running_bulks(&self) -> Result<(), Error> {
        let running = self.0.store.running_bulks().await?;
        self.0.running_bulks.update(&running);
        if running.iter().any(|bulk| self.0.running_bulks.get(&bulk.id).is_none()) {
            for bulk in self.0.store.unclaimed_bulks().await? {
                self.run_in_background(&bulk);
            }
        }
        Ok(())
    }

    /// Tells the console to stop: bulk changes finish the calls in progress and send no more, and event streams
    /// end. Another instance continues them, or this one at the next start.
    pub fn shut_down(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Resolves when no bulk change is running here, and all other work that must not be interrupted has ended.
    pub async fn wait_until_idle(&self) {
        while !(self.0.running_bulks.is_idle() && self.0.tasks.is_empty()) {
            sleep(Duration::from_millis(20)).await;
        }
        if !self.0.refreshes.are_stored() {
            tracing::error!("could not store a refreshed credential; its user has to sign in again");
        }
    }

    /// Resolves when the console is told to stop.
    pub async fn stopping(&self) {
        let mut stopping = self.0.stopping.subscribe();
        // The sender lives as long as the console.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    /// Runs a bulk change until it has ended or is paused, unless it is running already, here or elsewhere.
    pub(super) fn run_in_background(&self, bulk: &BulkChange) {
        // The next page shows it as running, whichever instance runs it.
        self.0.running_bulks.add_expected(bulk);
        let (console, bulk) = (self.clone(), bulk.clone());
        tokio::spawn(async move {
            while !console.is_stopping() {
                let Some(attempt) = console.0.running_bulks.attempts.begin(&bulk.id) else {
                    return;
                };
                let result = console.run_if_unclaimed(&bulk).await;
                let result = match result {
                    Ok(RunEnd::Elsewhere) => return,
                    Ok(RunEnd::LeaseEnded) => Ok(()),
                    Ok(RunEnd::Ended) => {
                        drop(attempt);
                        match console.find_running(&bulk.id).await {
                            Ok(None) => return,
                            // It was resumed or retried while it was ending, when this attempt kept it from being
                            // started.
                            Ok(Some(_)) => Ok(()),
                            Err(error) => Err(error),
                        }
                    }
                    Err(error) => Err(error),
                };
                if let Err(error) = result {
                    tracing::error!(%error, job = %bulk.id, "bulk change interrupted, restarting");
                }
                sleep(RESTART_DELAY).await;
            }
        });
    }

    async fn run_if_unclaimed(&self, bulk: &BulkChange) -> Result<RunEnd, Error> {
        let id = &bulk.id;
        let duration = self.0.timing.bulk_lease;
        let held = HeldLease::acquire(self, bulk.lease_name(), &bulk.lease_affinity(), duration).await?;
        let Some(held) = held else {
            // It is running, or the instance that runs another one of this workspace is about to run it.
            return Ok(RunEnd::Elsewhere);
        };
        let run = Arc::new(BulkRun::new(held));
        let _registered = self.0.running_bulks.register(id, &run);
        let result = run.held.hold(self.run(id, &run)).await;
        run.held.release().await;
        match result {
            Some(Ok(())) => Ok(RunEnd::Ended),
            Some(Err(error)) if error.is_lease_lost() => {
                tracing::warn!(job = %id, "another instance has taken over a bulk change");
                Ok(RunEnd::Elsewhere)
            }
            Some(Err(error)) => Err(error),
            None => Ok(RunEnd::LeaseEnded),
        }
    }

    async fn run(&self, id: &BulkId, run: &Arc<BulkRun>) -> Result<(), Error> {
        run.throughput.begin();
        if !self.send_all(id, run).await? {
            return Ok(());
        }
        let Some(bulk) = self.find_running(id).await? else {
            return Ok(());
        };
        let actor = match self.actor_of(&bulk).await {
            Ok(actor) => actor,
            Err(ActorError::Permanent(reason)) => return self.pause(run.lease(), &bulk, reason).await,
            Err(ActorError::Temporary) => return Ok(()),
        };
        match self.verify(run.lease(), &bulk, &actor).await? {
            Some(PauseReason::CredentialEnded)
                if self
                    .renew_credential(&actor.workspace, actor.sign_in, &actor.own_credential)
                    .await
                    .unwrap_or(false) =>
            {
                // The next run uses the new credential.
                Ok(())
            }
            Some(reason) => self.pause(run.lease(), &bulk, reason).await,
            None => self.finish(run.lease(), &bulk, &actor).await,
        }
    }

    /// Ends a bulk change that has no open tokens. If it has some, nothing changes.
    pub(super) async fn finish(&self, lease: &Lease, bulk: &BulkChange, actor: &Actor) -> Result<(), Error> {
        let counts = self.0.store.bulk_counts(&bulk.id).await?;
        let detail = result_detail(bulk.kind, &counts);
        let outcome = match (counts.of(BulkItemState::Unknown), counts.of(BulkItemState::Failed)) {
            (1.., _) => Outcome::Unknown,
            (0, 1..) => Outcome::Failed,
            (0, 0) => Outcome::Done,
        };
        let entry = bulk_entry(bulk, actor, Phase::Outcome, outcome, detail);
        self.0.store.finish_bulk(lease, &bulk.id, now(), entry).await?;
        self.log_chain_head(&bulk.id).await;
        Ok(())
    }

    pub(super) async fn pause(&self, lease: &Lease, bulk: &BulkChange, reason: PauseReason) -> Result<(), Error> {
        if self.0.store.pause_bulk(lease, &bulk.id, reason).await? {
            tracing::warn!(job = %bulk.id, workspace = bulk.workspace, because = ?reason, "bulk change paused");
        }
        Ok(())
    }

    /// Writes the head of the hash chain to the server log.
    pub(super) async fn log_chain_head(&self, id: &BulkId) {
        match self.0.store.activity_head().await {
            Ok(head) => tracing::info!(job = %id, %head, "activity"),
            Err(error) => tracing::warn!(%error, job = %id, "could not read the head of the activity log"),
        }
    }

    /// The bulk change, if it is in the state "running".
    pub(super) async fn find_running(&self, id: &BulkId) -> Result<Option<BulkChange>, Error> {
        let bulk = self.0.store.bulk(id).await?;
        Ok(bulk.filter(|bulk| bulk.state == BulkState::Running))
    }
}
