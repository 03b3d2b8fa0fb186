//! Running a bulk change from start to end, in a task of its own, and what happens when the console stops and
//! starts.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use store::{BulkChange, BulkId, BulkItemState, BulkState, Outcome, PauseReason, Phase};
use tokio::time::sleep;

use super::entries::{bulk_entry, result_detail};
use super::progress::Throughput;
use super::stop::ActorError;
use crate::{Actor, Console, Error, now};

/// The pause before a bulk change that did not end is started again: the database was busy, or it was resumed or
/// retried while it was ending.
const RESTART_DELAY: Duration = Duration::from_secs(1);

/// A bulk change that is running in this process.
#[derive(Default)]
pub(crate) struct BulkRun {
    pub(super) throughput: Throughput,
    cancelled: AtomicBool,
}

impl BulkRun {
    /// Whether nothing more may be sent.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// The bulk changes that are running in this process.
#[derive(Default)]
pub(crate) struct RunningBulks(Mutex<HashMap<BulkId, Arc<BulkRun>>>);

/// Removes a bulk change from them when it stops running.
struct RunGuard<'a> {
    running: &'a RunningBulks,
    id: &'a BulkId,
    run: Arc<BulkRun>,
}

impl RunningBulks {
    pub(crate) fn get(&self, id: &BulkId) -> Option<Arc<BulkRun>> {
        self.0.lock().get(id).cloned()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }

    /// Adds a bulk change, unless it is running already.
    fn register<'a>(&'a self, id: &'a BulkId) -> Option<RunGuard<'a>> {
        let mut running = self.0.lock();
        if running.contains_key(id) {
            return None;
        }
        let run = Arc::new(BulkRun::default());
        running.insert(id.clone(), Arc::clone(&run));
        Some(RunGuard { running: self, id, run })
    }
}

impl Drop for RunGuard<'_> {
    fn drop(&mut self) {
        self.running.0.lock().remove(self.id);
    }
}

impl Console {
    /// Continues the bulk changes that were running when the console was stopped or killed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_running_bulks(&self) -> Result<(), Error> {
        for bulk in self.0.store.running_bulks().await? {
            self.run_in_background(bulk.id);
        }
        Ok(())
    }

    /// Tells the console to stop: bulk changes finish the calls in progress and send no more, and event streams
    /// end. They continue at the next start.
    pub fn shut_down(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Resolves when no bulk change is running here, and no other work that must not be interrupted.
    pub async fn wait_until_idle(&self) {
        while !(self.0.running_bulks.is_empty() && self.0.tasks.is_empty()) {
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

    /// Runs a bulk change until it has ended or is paused, unless it is running already.
    pub(super) fn run_in_background(&self, id: BulkId) {
        let console = self.clone();
        tokio::spawn(async move {
            while !console.is_stopping() {
                let Some(guard) = console.0.running_bulks.register(&id) else {
                    return;
                };
                let result = console.run(&id, &guard.run).await;
                drop(guard);
                match (result, console.running(&id).await) {
                    (Ok(()), Ok(None)) => return,
                    // It was resumed or retried while it was ending, which started nothing, since it was still running.
                    (Ok(()), Ok(Some(_))) => {}
                    (Err(error), _) | (_, Err(error)) => {
                        tracing::error!(%error, job = %id, "bulk change interrupted, restarting");
                    }
                }
                sleep(RESTART_DELAY).await;
            }
        });
    }

    async fn run(&self, id: &BulkId, run: &Arc<BulkRun>) -> Result<(), Error> {
        run.throughput.begin();
        if !self.send_all(id, run).await? {
            return Ok(());
        }
        let Some(bulk) = self.running(id).await? else {
            return Ok(());
        };
        let actor = match self.actor_of(&bulk).await {
            Ok(actor) => actor,
            Err(ActorError::Permanent(reason)) => return self.pause(&bulk, reason).await,
            Err(ActorError::Temporary) => return Ok(()),
        };
        match self.verify(&bulk, &actor).await? {
            Some(PauseReason::CredentialEnded)
                if self
                    .renew_credential(&actor.workspace, actor.sign_in, &actor.own)
                    .await
                    .unwrap_or(false) =>
            {
                // It runs again with the new credential.
                Ok(())
            }
            Some(reason) => self.pause(&bulk, reason).await,
            None => self.finish(&bulk, &actor).await,
        }
    }

    /// Ends a bulk change that has no open tokens. If it has some, nothing changes.
    pub(super) async fn finish(&self, bulk: &BulkChange, actor: &Actor) -> Result<(), Error> {
        let counts = self.0.store.bulk_counts(&bulk.id).await?;
        let detail = result_detail(bulk.kind, &counts);
        let outcome = match (counts.of(BulkItemState::Unknown), counts.of(BulkItemState::Failed)) {
            (1.., _) => Outcome::Unknown,
            (0, 1..) => Outcome::Failed,
            (0, 0) => Outcome::Done,
        };
        let entry = bulk_entry(bulk, actor, Phase::Outcome, outcome, detail);
        self.0.store.finish_bulk(&bulk.id, now(), entry).await?;
        self.log_chain_head(&bulk.id).await
    }

    pub(super) async fn pause(&self, bulk: &BulkChange, reason: PauseReason) -> Result<(), Error> {
        if self.0.store.pause_bulk(&bulk.id, reason).await? {
            tracing::warn!(job = %bulk.id, workspace = bulk.workspace, because = ?reason, "bulk change paused");
        }
        Ok(())
    }

    /// Writes the head of the hash chain to the server log.
    pub(super) async fn log_chain_head(&self, id: &BulkId) -> Result<(), Error> {
        let head = self.0.store.activity_head().await?;
        tracing::info!(job = %id, %head, "activity");
        Ok(())
    }

    /// The bulk change, if it is in the state "running".
    pub(super) async fn running(&self, id: &BulkId) -> Result<Option<BulkChange>, Error> {
        let bulk = self.0.store.bulk(id).await?;
        Ok(bulk.filter(|bulk| bulk.state == BulkState::Running))
    }
}
