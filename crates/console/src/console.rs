//! The console: its workspaces, and what requests share.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::{Timestamp, TokenId};
use secrecy::SecretString;
use store::{BrowserSessions, Role, Store, WriteCheckError};
use tokio_util::task::TaskTracker;
use workspace_client::Credential;

use crate::activity::Reconciliation;
use crate::cache::sign_ins::RecentSignIns;
use crate::cache::workspace_messages::WorkspaceMessages;
use crate::instances::Outbox;
use crate::leak_lookup::LeakLookups;
use crate::{Actor, Error, Timing, Workspace, bulk, changes, sign_in};

/// How long a session lasts.
#[derive(Clone, Copy, Debug)]
pub struct SignInLimits {
    /// From the sign-in to the end, with or without requests.
    pub absolute: Duration,
    /// After the last request.
    pub idle: Duration,
}

/// The console: its workspaces, and what requests share. Cloning it copies a pointer.
#[derive(Clone)]
pub struct Console(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) workspaces: Vec<Arc<Workspace>>,
    pub(crate) limits: SignInLimits,
    pub(crate) read_only: bool,
    pub(crate) timing: Timing,
    pub(crate) refreshes: sign_in::Refreshes,
    /// Work that continues even if no one waits for it. A console that stops waits until it is done.
    pub(crate) tasks: TaskTracker,
    pub(crate) recent_sign_ins: RecentSignIns,
    pub(crate) workspace_messages: WorkspaceMessages,
    pub(crate) running_bulks: bulk::RunningBulks,
    pub(crate) reconciliation: Reconciliation,
    /// The events that are about to be published to other instances.
    pub(crate) outbox: Outbox,
    pub(crate) stopping: tokio::sync::watch::Sender<bool>,
    /// The ID of the last event that was applied here.
    pub(crate) last_event: tokio::sync::Mutex<i64>,
    pub(crate) leak_lookups: LeakLookups,
    pub(crate) creations: changes::create_token::IdempotencyKeys,
}

impl Console {
    /// A console for `workspaces`. If it is `read_only`, it refuses every change.
    pub fn new(
        store: Store,
        workspaces: impl IntoIterator<Item = Workspace>,
        limits: SignInLimits,
        read_only: bool,
    ) -> Self {
        let outbox = Outbox::default();
        let workspaces = workspaces.into_iter();
        let workspaces = workspaces
            .map(|workspace| Arc::new(workspace.with_outbox(outbox.clone())))
            .collect();
        Self(Arc::new(Inner {
            store,
            workspaces,
            limits,
            read_only,
            timing: Timing::default(),
            refreshes: sign_in::Refreshes::default(),
            tasks: TaskTracker::new(),
            recent_sign_ins: RecentSignIns::default(),
            workspace_messages: WorkspaceMessages::default(),
            running_bulks: bulk::RunningBulks::default(),
            reconciliation: Reconciliation::default(),
            outbox,
            stopping: tokio::sync::watch::Sender::new(false),
            last_event: tokio::sync::Mutex::default(),
            leak_lookups: LeakLookups::default(),
            creations: changes::create_token::IdempotencyKeys::default(),
        }))
    }

    /// The same console with another timing, for tests. It must not have been cloned before.
    #[must_use]
    pub fn with_timing(mut self, timing: Timing) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.timing = timing;
        }
        self
    }

    /// The workspaces, in their configured order.
    pub fn workspaces(&self) -> impl Iterator<Item = &Arc<Workspace>> {
        self.0.workspaces.iter()
    }

    /// The workspace of this name.
    ///
    /// # Errors
    /// [`Error::UnknownWorkspace`].
    pub fn workspace(&self, name: &str) -> Result<&Arc<Workspace>, Error> {
        let found = self.0.workspaces.iter().find(|workspace| workspace.name() == name);
        found.ok_or(Error::UnknownWorkspace)
    }

    /// Runs `work` to its end in a task of its own, even if no one waits for it. Dropping the handle stops nothing, and
    /// a console that stops waits for the task ([`Self::wait_until_idle`]). The handle returns an error if the work
    /// panicked.
    pub fn run_to_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.0.tasks.spawn(work)
    }

    /// Whether every change is refused.
    pub fn is_read_only(&self) -> bool {
        self.0.read_only
    }

    /// The store of browsers' sessions.
    pub fn session_store(&self) -> BrowserSessions {
        self.0.store.sessions()
    }

    /// The error to return if a browser's session cannot be read.
    pub fn session_unreadable(&self, error: &dyn std::fmt::Display) -> Error {
        tracing::error!(%error, "could not read a browser session");
        Error::Store(self.0.store.unreadable())
    }

    /// Whether the database can be written to, according to the latest small write. Such a write is made at most every
    /// 5 s, and only when this is called. Returns within a second.
    ///
    /// # Errors
    /// Why the database cannot be written to.
    pub async fn readiness(&self) -> Result<(), WriteCheckError> {
        self.0.store.readiness(now()).await
    }

    /// How many transactions the database has committed since the console started.
    pub fn commits(&self) -> u64 {
        self.0.store.commits()
    }

    /// Checks whether this console and this person can change anything. Every change checks it again.
    ///
    /// # Errors
    /// [`Error::ReadOnly`] or [`Error::AuditorReadOnly`].
    pub fn ensure_can_change(&self, actor: &Actor) -> Result<(), Error> {
        match actor.role {
            _ if self.0.read_only => Err(Error::ReadOnly),
            Role::Auditor => Err(Error::AuditorReadOnly),
            Role::Admin => Ok(()),
        }
    }
}

/// The current time. A clock that is set before 1970 reads as 1970.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// The ID under which a workspace lists the token with this value.
pub fn token_id_of(value: &SecretString) -> TokenId {
    Credential::new(value.clone()).token_id()
}
