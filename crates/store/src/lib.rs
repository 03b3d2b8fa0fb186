//! What the console itself has to remember: who is signed in with which credential, the browser sessions, the activity
//! log, and bulk revocations.
//!
//! It is not a cache of a workspace: tokens, people and settings are always read from the workspace. All data is in one
//! SQLite database in the data directory, or in a PostgreSQL database that several instances share. Both run the same
//! statements (`database/statement.rs`); what differs is in `database/connection.rs`, `sqlite.rs`, `postgres.rs` and
//! the two folders of migrations. One task of each instance does all of its writes (`database/writer.rs`).
//!
//! **Dependencies.** [`domain`]. This is the only crate with SQL. It knows no HTTP, and a credential leaves it only as
//! a [`secrecy::SecretString`].
//!
//! **Where to start.**
//!
//! - [`Store`]: the open database. Its methods are in the files of the types below.
//! - [`SignIn`] (`sign_ins.rs`): a stored credential. [`SealingKeys`]: how it is encrypted.
//! - [`BrowserSessions`]: the sessions behind the cookies.
//! - [`ActivityEntry`], [`verify_activity`]: the activity log and its hash chain. [`ActivityKind`], [`RequestedValue`]
//!   and [`Detail`] are what its texts say.
//! - [`AcceptedFinding`]: a finding that someone accepted for a while.
//! - [`BulkChange`], [`BulkItem`]: a bulk change and one token of it.
//! - [`FormDraft`] (`form_drafts.rs`): what someone typed, kept for half an hour.
//! - [`Lease`] (`leases.rs`): the right of one instance to do something.
//! - [`Event`] (`events.rs`): what instances tell each other.
//! - [`DatabaseLocation`], [`PostgresUrl`]: which of the two. [`inspect_postgres`], [`migrate_server`]: for operators.
//! - [`TokenForm`] (`token_creations.rs`): a form that creates a token, once over all instances.
//! - [`ShownList`]: an access control list that someone opened. [`RateLimit`]: how often something can be tried.
//! - [`DataDirLock`]: only one console can use a data directory.
//!
//! Columns and words in the database keep the names that they were first given, such as `jobs` for bulk revocations and
//! `wanted` for what was requested: migrations never change, and the hash chain covers the stored words.

mod accepted_findings;
mod activity;
mod browser_sessions;
mod bulk;
mod data_dir;
mod database;
mod error;
mod events;
mod form_drafts;
mod leak_lookups;
mod leases;
mod postgres_url;
mod private_files;
mod rate_limits;
mod sealing;
mod shown_lists;
mod sign_ins;
mod store;
mod token_creations;
mod write_check;

pub use accepted_findings::AcceptedFinding;
pub use activity::{
    ActivityEntry, ActivityKind, ActivityPage, ActivityQuery, ChainError, ChainHead, Detail, MAX_COUNTED, MAX_SEARCHED,
    Operation, Outcome, Phase, RequestedValue, before_label, operation_id, target_label, verify_activity,
};
pub use browser_sessions::{BeforeChange, BrowserKey, BrowserSessions, SESSION_GRACE, SharedChange};
pub use bulk::{
    BulkChange, BulkCounts, BulkId, BulkIdError, BulkItem, BulkItemIntent, BulkItemPage, BulkItemState, BulkKind,
    BulkPage, BulkState, BulkSummary, DraftItem, EndedItem, ItemResult, NewBulk, NewBulkItem, NewRun, PauseReason,
};
pub use data_dir::DataDirLock;
pub use database::location::DatabaseLocation;
pub use database::postgres_check::{
    MIN_POSTGRES_VERSION, Pooling, PostgresReport, TablesState, WriteObstacle, inspect_postgres,
};
pub use database::postgres_roles::migrate_server;
pub use error::{KeyError, StorageFault, StoreError};
pub use events::{ChangedPart, Event, EventKind, EventWakeup, NewEvent};
pub use form_drafts::{FORM_DRAFT_TTL, FormDraft, FormDraftId, FormDraftIdError};
pub use leak_lookups::{LEAK_LOOKUP_TTL, LeakLookup};
pub use leases::Lease;
pub use postgres_url::{PostgresUrl, PostgresUrlError, PostgresUrlFileError};
pub use private_files::is_exposed;
pub use rate_limits::RateLimit;
pub use sealing::SealingKey;
pub use sealing::key_file::{KeyAccess, KeyOrigin};
pub use sealing::keys::SealingKeys;
pub use shown_lists::ShownList;
pub use sign_ins::manage::{SignInFilter, SignInSummary, end_sign_ins};
pub use sign_ins::{CredentialKind, MAX_SIGN_INS, NewSignIn, Role, SignIn, SignInId, SignInIdError};
pub use store::Store;
pub use token_creations::{TOKEN_VALUE_TTL, TokenCreation, TokenCreationResult, TokenForm};
pub use write_check::WriteCheckError;
