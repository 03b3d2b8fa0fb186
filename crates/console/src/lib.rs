//! The use cases of the console: what an admin does, from the first call to the workspace to its confirmation and the
//! entry in the activity log. This is the only crate that orchestrates.
//!
//! **Dependencies.** [`domain`], [`store`] and [`workspace_client`]. It knows no HTML and no HTTP server, so it must
//! not depend on `app`, `server` or their frameworks. For `app` it re-exports what pages need.
//!
//! **Where to start.**
//!
//! - [`Console`]: the workspaces and what is shared between requests; every use case is one of its methods.
//! - [`Actor`]: who acts, in which workspace, with which credential. [`Error`]: why a use case failed.
//! - [`sign_in`]: signing in, and keeping credentials fresh
//! - [`inventory`]: the shared snapshot of a workspace's tokens, and one token
//! - [`changes`]: what changes a workspace; every change is verified and recorded
//! - [`bulk`]: bulk revocations, which continue after a restart
//! - [`access`]: who can create and use tokens; `policy.rs`: whether tokens are enabled, and how long they last
//! - [`activity`]: the activity log
//! - [`leak_lookup`]: which tokens a leaked text contains
//! - [`findings`]: what an admin should look at, and what was accepted
//! - [`overview`]: several workspaces at a glance
//! - `instances.rs`: what instances tell each other
//! - `form_drafts.rs`: what people typed, kept for half an hour
//! - `held_lease.rs`: what only one instance at a time can do; `rate_limits.rs`: attempts, counted over all instances
//! - `auditing.rs`: people who can view everything without being admins

pub mod access;
pub mod activity;
mod actor;
mod auditing;
pub mod bulk;
mod cache;
pub mod changes;
mod console;
mod error;
pub mod findings;
mod form_drafts;
mod held_lease;
mod in_progress;
mod instances;
pub mod inventory;
pub mod leak_lookup;
mod moment;
pub mod overview;
mod policy;
mod rate_limits;
mod short_hash;
pub mod sign_in;
mod timing;
mod token_presence;
mod workspace;

pub use actor::{Actor, Device, MAX_REASON_CHARS, RequestSource};
pub use auditing::{Auditing, check_reader};
pub use cache::part::PartProblem;
pub use cache::revocations::Revocation;
pub use cache::snapshot::{OutdatedPart, Snapshot};
pub use console::{Console, SignInLimits, now, token_id_of};
pub use error::{Certainty, Error};
pub use rate_limits::CountedAttempt;
pub use store::{
    BeforeChange, BrowserKey, BrowserSessions, BulkChange, BulkCounts, BulkId, BulkItem, BulkItemPage, BulkItemState,
    BulkKind, BulkState, BulkSummary, CredentialKind, EndedItem, FORM_DRAFT_TTL, FormDraft, FormDraftId, PauseReason,
    RateLimit, Role, SharedChange, SignInId, StorageFault, WriteCheckError,
};
pub use timing::Timing;
pub use workspace::{Colour, ProductionReason, Workspace, WorkspaceSettings, is_called_production};
pub use workspace_client::{
    ClockSkew, CreationRefusal, Error as WorkspaceError, ErrorKind as WorkspaceErrorKind, SearchResults, UnreadableRow,
};
