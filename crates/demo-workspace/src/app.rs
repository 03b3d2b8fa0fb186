//! What all handlers share: the workspace behind a lock, its clock, its faults and its log.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::Config;
use crate::credentials::Credentials;
use crate::traffic::fault::Faults;
use crate::traffic::rate_limit::Rate;
use crate::traffic::request_log::RequestLog;
use crate::workspace::Workspace;

#[derive(Debug)]
pub(crate) struct App {
    /// `http://localhost:PORT`, without a slash at the end.
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) credentials: Credentials,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) rate: Rate,
    config: Config,
    workspace: RwLock<Workspace>,
    stopping: watch::Receiver<bool>,
}

impl App {
    pub(crate) fn new(config: Config, url: String, stopping: watch::Receiver<bool>) -> Self {
        let clock = Clock::starting_at(config.now_ms);
        let (workspace, credentials) = crate::seed::workspace(&config, clock.now_ms());
        Self {
            url,
            clock,
            credentials,
            faults: Faults::new(config.seed),
            log: RequestLog::default(),
            rate: Rate::default(),
            config,
            workspace: RwLock::new(workspace),
            stopping,
        }
    }

    /// The workspace as it is now: what the platform removes by itself is gone.
    pub(crate) fn workspace(&self) -> RwLockReadGuard<'_, Workspace> {
        self.sweep_if_due();
        self.workspace.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn workspace_mut(&self) -> RwLockWriteGuard<'_, Workspace> {
        self.sweep_if_due();
        self.workspace.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn sweep_if_due(&self) {
        let now_ms = self.clock.now_ms();
        let due = self
            .workspace
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .sweep_is_due(now_ms);
        if due {
            self.workspace
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .sweep(now_ms);
        }
    }

    /// Everything is as it was at the start: clock, workspace, knobs; no faults, an empty log.
    pub(crate) fn reset(&self) {
        self.clock.reset();
        let (workspace, _) = crate::seed::workspace(&self.config, self.clock.now_ms());
        *self.workspace.write().unwrap_or_else(PoisonError::into_inner) = workspace;
        self.faults.clear();
        self.log.clear();
        self.rate.refill();
    }

    /// Ends when the server is told to stop.
    pub(crate) async fn stopping(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the sender is gone, which is a stop too.
        let _ = stopping.wait_for(|stop| *stop).await;
    }

    /// Ends after `ms`, or when the server is told to stop.
    pub(crate) async fn pause(&self, ms: u64) {
        tokio::select! {
            () = tokio::time::sleep(std::time::Duration::from_millis(ms)) => {}
            () = self.stopping() => {}
        }
    }
}
