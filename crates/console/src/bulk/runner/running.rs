//! The bulk changes that are running, here and in other instances.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use store::{BulkChange, BulkId, Lease};
use tokio::sync::watch;

use crate::bulk::progress::Throughput;
use crate::held_lease::HeldLease;
use crate::in_progress::InProgress;

/// A bulk change that is running in this instance.
pub(crate) struct BulkRun {
    pub(in crate::bulk) throughput: Throughput,
    pub(in crate::bulk) held: HeldLease,
    cancelled: watch::Sender<bool>,
}

impl BulkRun {
    pub(super) fn new(held: HeldLease) -> Self {
        Self {
            throughput: Throughput::default(),
            held,
            cancelled: watch::Sender::new(false),
        }
    }

    /// The lease that every write of the run checks.
    pub(in crate::bulk) fn lease(&self) -> &Lease {
        self.held.lease()
    }

    /// Whether nothing more may be sent.
    pub(in crate::bulk) fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }

    /// Resolves when nothing more may be sent.
    pub(in crate::bulk) async fn cancelled(&self) {
        // The sender lives as long as the run.
        let _ = self.cancelled.subscribe().wait_for(|cancelled| *cancelled).await;
    }

    pub(in crate::bulk) fn cancel(&self) {
        self.cancelled.send_replace(true);
    }
}

/// The bulk changes that are running, in this instance and in others.
#[derive(Default)]
pub(crate) struct RunningBulks {
    here: Mutex<HashMap<BulkId, Arc<BulkRun>>>,
    /// The bulk changes that were running anywhere when the database was last read, with the workspace's binding.
    anywhere: Mutex<HashMap<BulkId, String>>,
    /// The bulk changes that this instance runs, or tries to.
    pub(super) attempts: InProgress<BulkId>,
}

/// Removes a bulk change from the list of running ones when it is dropped.
pub(super) struct RunGuard<'a> {
    running: &'a RunningBulks,
    id: &'a BulkId,
}

impl RunningBulks {
    /// The run of a bulk change, if this instance runs it.
    pub(crate) fn get(&self, id: &BulkId) -> Option<Arc<BulkRun>> {
        self.here.lock().get(id).cloned()
    }

    /// Whether no bulk change is running in this instance.
    pub(super) fn is_idle(&self) -> bool {
        self.here.lock().is_empty()
    }

    /// Whether a bulk change is running in any instance, as far as this one knows.
    pub(crate) fn is_running(&self, id: &BulkId) -> bool {
        self.here.lock().contains_key(id) || self.anywhere.lock().contains_key(id)
    }

    /// Whether a bulk change can be running in this workspace. If not, the database need not be read.
    pub(in crate::bulk) fn can_be_in(&self, binding: &str) -> bool {
        !self.is_idle() || self.anywhere.lock().values().any(|of| of == binding)
    }

    /// Replaces what is known by what the database shows as running.
    pub(super) fn update(&self, running: &[BulkChange]) {
        for bulk in running.iter().filter(|bulk| bulk.cancelled) {
            if let Some(run) = self.get(&bulk.id) {
                run.cancel();
            }
        }
        let running = running.iter().map(|bulk| (bulk.id.clone(), bulk.binding.clone()));
        *self.anywhere.lock() = running.collect();
    }

    /// Adds a bulk change that is about to run, here or elsewhere.
    pub(super) fn add_expected(&self, bulk: &BulkChange) {
        let mut anywhere = self.anywhere.lock();
        anywhere.insert(bulk.id.clone(), bulk.binding.clone());
    }

    /// Adds a run.
    pub(super) fn register<'a>(&'a self, id: &'a BulkId, run: &Arc<BulkRun>) -> RunGuard<'a> {
        self.here.lock().insert(id.clone(), Arc::clone(run));
        RunGuard { running: self, id }
    }
}

impl Drop for RunGuard<'_> {
    fn drop(&mut self) {
        self.running.here.lock().remove(self.id);
        // The next look shows whether another instance continues it.
        self.running.anywhere.lock().remove(self.id);
    }
}
