//! The use cases of the console: what an admin does, from the first call to the workspace to the read-back and the
//! record of it. The only place that orchestrates; it knows neither HTML nor HTTP servers.
//!
//! - [`sign_in`]: who acts, with which credential, and how it stays fresh
//! - [`inventory`]: the shared snapshot of a workspace's tokens, one token, finding a leaked one
//! - [`revocation`], [`policy`], [`comment`], [`scopes`]: changes, each idempotent, read back and recorded
//! - [`jobs`]: revoking many, durably
//! - [`on_behalf`]: creating a token for a service principal, once
//! - [`overview`]: several workspaces at a glance; [`own_sign_ins`]: where one is signed in
//! - `auditing`: people who may read everything without being admins
//! - [`access`]: who may create and use tokens, and changing that without losing what others changed

pub mod access;
mod actor;
mod auditing;
pub mod comment;
mod error;
pub mod inventory;
pub mod jobs;
pub mod on_behalf;
pub mod overview;
pub mod own_sign_ins;
pub mod policy;
mod proof;
mod recent;
pub mod record;
pub mod revocation;
pub mod scopes;
pub mod sign_in;
mod snapshot;
mod workspace;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use store::Store;
use tokio_util::task::TaskTracker;

/// The record as it is read.
pub mod activity {
    pub use store::{ActivityPage, ActivityQuery, Operation, Outcome};
}

pub use actor::Actor;
pub use auditing::{Auditing, check_reader};
pub use error::Error;
pub use snapshot::{Revocation, Snapshot};
pub use store::{
    CredentialKind, ItemCounts, ItemState, Job, JobId, JobOwners, JobState, PausedBecause, Role, StorageFault,
};
pub use workspace::{Colour, Workspace, WorkspaceSettings};
pub use workspace_client::UnreadableRow;

/// How long a sign-in holds.
#[derive(Clone, Copy, Debug)]
pub struct SignInLimits {
    /// From sign-in to the end, whatever happens.
    pub absolute: Duration,
    /// Without a request.
    pub idle: Duration,
}

/// The console: its workspaces and what it remembers. A clone is one pointer.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

struct Inner {
    store: Store,
    workspaces: BTreeMap<String, Arc<Workspace>>,
    limits: SignInLimits,
    read_only: bool,
    refreshes: sign_in::Refreshes,
    /// What runs to its end whoever waits for it; a stopping console waits for it.
    tasks: TaskTracker,
    recent: recent::RecentSignIns,
    runs: jobs::Runs,
    stopping: tokio::sync::watch::Sender<bool>,
    creations: on_behalf::Creations,
}

impl Console {
    /// A console over `workspaces`. With `read_only` it refuses every change.
    pub fn new(
        store: Store,
        workspaces: impl IntoIterator<Item = Workspace>,
        limits: SignInLimits,
        read_only: bool,
    ) -> Self {
        let workspaces = workspaces
            .into_iter()
            .map(|w| (w.name().to_owned(), Arc::new(w)))
            .collect();
        Self(Arc::new(Inner {
            store,
            workspaces,
            limits,
            read_only,
            refreshes: sign_in::Refreshes::default(),
            tasks: TaskTracker::new(),
            recent: recent::RecentSignIns::default(),
            runs: jobs::Runs::default(),
            stopping: tokio::sync::watch::Sender::new(false),
            creations: on_behalf::Creations::default(),
        }))
    }

    /// The configured workspaces, by name.
    pub fn workspaces(&self) -> impl Iterator<Item = &Arc<Workspace>> {
        self.0.workspaces.values()
    }

    /// The workspace of this name.
    ///
    /// # Errors
    /// [`Error::UnknownWorkspace`].
    pub fn workspace(&self, name: &str) -> Result<&Arc<Workspace>, Error> {
        self.0.workspaces.get(name).ok_or(Error::UnknownWorkspace)
    }

    /// Runs `work` to its end in a task of its own, whether or not anybody waits for it. Dropping what is returned stops
    /// nothing, and a console that stops waits for it ([`Self::at_rest`]).
    ///
    /// # Errors
    /// Where the work panicked.
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

    /// What the console remembers.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Whether this console and this person may change anything: the gate of every change, asked again by each.
    ///
    /// # Errors
    /// Why not.
    pub fn may_change(&self, actor: &Actor) -> Result<(), Error> {
        match actor.role {
            _ if self.0.read_only => Err(Error::ReadOnly),
            Role::Auditor => Err(Error::AuditorsOnlyRead),
            Role::Admin => Ok(()),
        }
    }
}

/// The clock of the console. A clock before 1970 reads as 1970.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
