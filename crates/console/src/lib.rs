//! The use cases of the console: what an admin does, from the first call to the workspace to the read-back and the
//! record of it. The only place that orchestrates; it knows neither HTML nor HTTP servers.
//!
//! - [`sign_in`]: who acts, with which credential, and how it stays fresh
//! - [`inventory`]: the shared snapshot of a workspace's tokens, one token, finding a leaked one
//! - [`changes`], [`policy`]: changes, each idempotent, read back and recorded
//! - [`bulk`]: revoking many, durably
//! - [`activity`]: the record of changes
//! - [`overview`]: several workspaces at a glance
//! - `auditing`: people who may read everything without being admins
//! - [`access`]: who may create and use tokens

pub mod access;
pub mod activity;
mod actor;
mod auditing;
pub mod bulk;
mod cache;
pub mod changes;
mod console;
mod error;
pub mod inventory;
pub mod overview;
pub mod policy;
pub mod sign_in;
mod workspace;

pub use actor::Actor;
pub use auditing::{Auditing, check_reader};
pub use cache::snapshot::{Revocation, Snapshot};
pub use console::{Console, SignInLimits, now};
pub use error::Error;
pub use store::{
    BulkCounts, BulkId, BulkItemState, BulkOwners, BulkRevocation, BulkState, CredentialKind, PauseReason, Role,
    StorageFault,
};
pub use workspace::{Colour, Workspace, WorkspaceSettings};
pub use workspace_client::UnreadableRow;
