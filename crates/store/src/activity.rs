//! The console's own record of what was done through it: append-only, also against a hand at the database (triggers
//! refuse to change or delete a row), and chained by hashes, so that a hand that goes around the triggers is noticed. The
//! workspace's audit log stays the authority on what happened.

mod chain;
mod label;
mod query;

use chacha20poly1305::aead::{OsRng, rand_core::RngCore};
use domain::Timestamp;
use sqlx::SqliteConnection;

use crate::{Store, StoreError};

pub use chain::{ChainError, ChainHead, verify_activity};
pub use label::{before_label, detail_label, kind_label, outcome_label, requested_label, target_label};
pub use query::{ActivityPage, ActivityQuery, Operation};

/// Which of an operation's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Phase {
    /// Before the call.
    Intent,
    /// After it.
    Outcome,
    /// It was refused here: there was no call.
    Refused,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum Outcome {
    /// Not yet: it is under way, or the console was stopped in the middle of it.
    Open,
    /// As wanted, by read-back.
    Done,
    /// Not as wanted.
    Failed,
    /// Sent, and not known.
    Unknown,
    /// Never sent.
    Refused,
}

impl Outcome {
    /// Every one, in the order of a filter.
    pub const ALL: [Self; 5] = [Self::Done, Self::Failed, Self::Unknown, Self::Open, Self::Refused];

    /// The word in the database and in addresses.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
        }
    }
}

impl Phase {
    const fn slug(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Outcome => "outcome",
            Self::Refused => "refused",
        }
    }
}

/// One row of the record. Holds no credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityEntry {
    /// When.
    pub at: Timestamp,
    /// The configured name of the workspace.
    pub workspace: String,
    /// Ties the rows of one operation.
    pub operation: String,
    /// Which of its rows.
    pub phase: Phase,
    /// User name of who did it.
    pub actor: String,
    /// What was done, such as `revoke_token`.
    pub kind: String,
    /// What it was done to, such as a token's id.
    pub target: String,
    /// What was before; empty where that says nothing.
    pub before: String,
    /// What was to be.
    pub requested: String,
    /// Why, in the words of who did it; may be empty.
    pub reason: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The same in words; empty in an intent.
    pub detail: String,
    /// Id of the request to the console.
    pub request_id: String,
}

/// A new operation's id: 128 random bits in hex.
pub fn operation_id() -> String {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    hex::encode(bytes)
}

impl Store {
    /// Adds a row and answers the new head of the chain.
    ///
    /// # Errors
    /// When the database fails; then nothing was added.
    pub async fn append(&self, entry: &ActivityEntry) -> Result<ChainHead, StoreError> {
        self.database
            .write(entry.clone(), |connection, entry| {
                Box::pin(append_within(connection, entry))
            })
            .await
    }
}

impl Store {
    /// Adds the outcome that a later look found, unless the operation has that outcome already: two looks at once find the same.
    /// Returns the new head of the chain where a row was added.
    ///
    /// # Errors
    /// When the database fails; then nothing was added.
    pub async fn append_outcome_once(&self, entry: &ActivityEntry) -> Result<Option<ChainHead>, StoreError> {
        self.database
            .write(entry.clone(), |connection, entry| {
                Box::pin(async move {
                    let known: Option<(i64,)> = sqlx::query_as(
                        "select id from activity where operation = $1 and phase = 'outcome' and outcome = $2 and detail = $3",
                    )
                    .bind(&entry.operation)
                    .bind(entry.outcome)
                    .bind(&entry.detail)
                    .fetch_optional(&mut *connection)
                    .await?;
                    match known {
                        Some(_) => Ok(None),
                        None => append_within(connection, entry).await.map(Some),
                    }
                })
            })
            .await
    }

    /// The head of the chain, for the log; empty where the record is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activity_head(&self) -> Result<ChainHead, StoreError> {
        let last: Option<(String,)> = sqlx::query_as("select hash from activity order by id desc limit 1")
            .fetch_optional(self.database.readers())
            .await?;
        Ok(ChainHead(last.map(|(hash,)| hash).unwrap_or_default()))
    }
}

/// Adds a row within a transaction that holds the write lock, and answers the new head of the chain.
pub(crate) async fn append_within(
    connection: &mut SqliteConnection,
    entry: &ActivityEntry,
) -> Result<ChainHead, StoreError> {
    let before: Option<(String,)> = sqlx::query_as("select hash from activity order by id desc limit 1")
        .fetch_optional(&mut *connection)
        .await?;
    let hash = chain::hash(before.as_ref().map_or("", |(hash,)| hash), entry);
    sqlx::query(
        "insert into activity (at, workspace, operation, phase, actor, kind, target, was, wanted, reason, outcome,
                               detail, request_id, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(entry.at.ms())
    .bind(&entry.workspace)
    .bind(&entry.operation)
    .bind(entry.phase)
    .bind(&entry.actor)
    .bind(&entry.kind)
    .bind(&entry.target)
    .bind(&entry.before)
    .bind(&entry.requested)
    .bind(&entry.reason)
    .bind(entry.outcome)
    .bind(&entry.detail)
    .bind(&entry.request_id)
    .bind(&hash)
    .execute(connection)
    .await?;
    Ok(ChainHead(hash))
}
