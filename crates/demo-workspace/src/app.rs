//! The state that all handlers share: the workspace behind a lock, its clock, its faults and its log.

use std::time::Duration;

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::watch;

use crate::api::scope_uses::ScopeUses;
use crate::clock::Clock;
use crate::config::Config;
use crate::credentials::Credentials;
use crate::traffic::call_queue::CallQueue;
use crate::traffic::fault::Faults;
use crate::traffic::rate_limit::ApiRateLimiter;
use crate::traffic::request_log::RequestLog;
use crate::workspace::Workspace;

#[derive(Debug)]
pub(crate) struct App {
    /// `http://localhost:PORT`, without a slash at the end.
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) credentials: Credentials,
    pub(crate) faults: Faults,
    pub(crate) call_queue: CallQueue,
    pub(crate) log: RequestLog,
    pub(crate) rate_limiter: ApiRateLimiter,
    /// The scopes that tokens used, not yet added to the workspace.
    pub(crate) scope_uses: ScopeUses,
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
            call_queue: CallQueue::default(),
            log: RequestLog::default(),
            rate_limiter: ApiRateLimiter::default(),
            scope_uses: ScopeUses::default(),
            config,
            workspace: RwLock::new(workspace),
            stopping,
        }
    }

    /// The current workspace, updated first: without tokens that the platform removes automatically, and with the
    /// recorded uses of scopes.
    pub(crate) fn workspace(&self) -> RwLockReadGuard<'_, Workspace> {
        self.sweep_if_due();
        self.workspace.read()
    }

    pub(crate) fn workspace_mut(&self) -> RwLockWriteGuard<'_, Workspace> {
        self.sweep_if_due();
        self.workspace.write()
    }

    fn sweep_if_due(&self) {
        let uses = self.scope_uses.take();
        if !uses.is_empty() {
            let mut workspace = self.workspace.write();
            for (token, scope) in uses {
                workspace.tokens.record_scope_use(&token, scope);
            }
        }
        let now_ms = self.clock.now_ms();
        let is_due = self.workspace.read().is_sweep_due(now_ms);
        if is_due {
            self.workspace.write().sweep(now_ms);
        }
    }

    /// Restores the initial state: clock, workspace and knobs, no faults, an empty log.
    pub(crate) fn reset(&self) {
        self.clock.reset();
        let (workspace, _) = crate::seed::workspace(&self.config, self.clock.now_ms());
        *self.workspace.write() = workspace;
        self.faults.clear();
        self.log.clear();
        self.rate_limiter.refill();
        self.scope_uses.take();
    }

    /// Waits until the server is asked to stop.
    pub(crate) async fn stopping(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the sender was dropped, which is a stop too.
        let _ = stopping.wait_for(|stop| *stop).await;
    }

    /// Waits for `ms` milliseconds, or until the server is asked to stop.
    pub(crate) async fn pause(&self, ms: u64) {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(ms)) => {}
            () = self.stopping() => {}
        }
    }
}
