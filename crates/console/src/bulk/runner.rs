//! A job's way from start to end, in a task of its own, and what a console does about jobs when it starts and stops.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use store::{BulkId, BulkItemState, BulkRevocation, BulkState, Outcome, PauseReason, Phase};
use tokio::time::sleep;

use super::progress::Throughput;
use crate::{Actor, Console, Error, now};

/// Before a job is gone on with that could not be ended, because the database was busy or it was resumed meanwhile.
const RESTART_DELAY: Duration = Duration::from_secs(1);

/// A job at work in this process.
#[derive(Default)]
pub(crate) struct BulkRun {
    pub(super) speed: Throughput,
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

/// The jobs that this process is running.
#[derive(Default)]
pub(crate) struct RunningBulks(Mutex<HashMap<BulkId, Arc<BulkRun>>>);

/// A job's place among them, for as long as it is at work.
struct RunGuard<'a> {
    runs: &'a RunningBulks,
    id: &'a BulkId,
    run: Arc<BulkRun>,
}

impl RunningBulks {
    pub(super) fn get(&self, id: &BulkId) -> Option<Arc<BulkRun>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Enters a job, unless it runs already.
    fn register<'a>(&'a self, id: &'a BulkId) -> Option<RunGuard<'a>> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if runs.contains_key(id) {
            return None;
        }
        let run = Arc::new(BulkRun::default());
        runs.insert(id.clone(), Arc::clone(&run));
        Some(RunGuard { runs: self, id, run })
    }
}

impl Drop for RunGuard<'_> {
    fn drop(&mut self) {
        self.runs
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(self.id);
    }
}

impl Console {
    /// Goes on with the jobs that were running when the console was stopped or killed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume_running_bulks(&self) -> Result<(), Error> {
        for job in self.0.store.running_bulks().await? {
            self.run_job(job.id);
        }
        Ok(())
    }

    /// Lets jobs end what is under way and send no more, and streams of news end. They go on at the next start.
    pub fn shut_down(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Resolves when no job is at work here any more, and nothing else that runs to its end.
    pub async fn wait_until_idle(&self) {
        while !(self.0.runs.is_empty() && self.0.tasks.is_empty()) {
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

    pub(super) fn run_job(&self, id: BulkId) {
        let console = self.clone();
        tokio::spawn(async move {
            while !console.is_stopping() {
                let Some(entered) = console.0.runs.register(&id) else {
                    return;
                };
                let result = console.run(&id, &entered.run).await;
                drop(entered);
                match (result, console.running(&id).await) {
                    (Ok(()), Ok(None)) => return,
                    // Resumed or retried while it was ending: that start found it still here.
                    (Ok(()), Ok(Some(_))) => {}
                    (Err(error), _) | (_, Err(error)) => {
                        tracing::error!(%error, job = %id, "bulk revocation interrupted, restarting");
                    }
                }
                sleep(RESTART_DELAY).await;
            }
        });
    }

    async fn run(&self, id: &BulkId, run: &Arc<BulkRun>) -> Result<(), Error> {
        run.speed.begin();
        if !self.send_all(id, run).await? {
            return Ok(());
        }
        let Some(job) = self.running(id).await? else {
            return Ok(());
        };
        let actor = match self.actor_of(&job).await {
            Ok(actor) => actor,
            Err(super::item::ActorError::Permanent(because)) => return self.pause(&job, because).await,
            Err(super::item::ActorError::Temporary) => return Ok(()),
        };
        match self.verify(&job, &actor).await? {
            Some(because) => self.pause(&job, because).await,
            None => self.finish(&job, &actor).await,
        }
    }

    /// Ends a job of which nothing is open any more. Where something is, it stays as it is.
    pub(super) async fn finish(&self, job: &BulkRevocation, actor: &Actor) -> Result<(), Error> {
        let counts = self.0.store.bulk_counts(&job.id).await?;
        let n = |state| counts.of(state);
        let failed = n(BulkItemState::Failed);
        let words = format!(
            "{} revoked, {} already gone, {failed} failed, {} cancelled",
            n(BulkItemState::Revoked),
            n(BulkItemState::Gone),
            n(BulkItemState::Cancelled)
        );
        let outcome = if failed == 0 { Outcome::Done } else { Outcome::Failed };
        let entry = super::job_entry(job, actor, Phase::Outcome, outcome, &words);
        self.0.store.finish_bulk(&job.id, now(), entry).await?;
        self.log_chain_head(&job.id).await
    }

    pub(super) async fn pause(&self, job: &BulkRevocation, because: PauseReason) -> Result<(), Error> {
        if self.0.store.pause_bulk(&job.id, because).await? {
            tracing::warn!(job = %job.id, workspace = job.workspace, ?because, "bulk revocation paused");
        }
        Ok(())
    }

    pub(super) async fn log_chain_head(&self, id: &BulkId) -> Result<(), Error> {
        let head = self.0.store.activity_head().await?;
        tracing::info!(job = %id, %head, "activity");
        Ok(())
    }

    /// The job, while it is running.
    pub(super) async fn running(&self, id: &BulkId) -> Result<Option<BulkRevocation>, Error> {
        let job = self.0.store.bulk(id).await?;
        Ok(job.filter(|job| job.state == BulkState::Running))
    }
}
