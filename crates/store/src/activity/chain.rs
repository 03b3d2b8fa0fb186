//! The chain of hashes over the record, and checking it.

use core::fmt;
use std::path::Path;

use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::{ActivityEntry, Outcome, Phase};
use crate::{StoreError, database};
use domain::Timestamp;

/// The hash of the latest row: SHA-256 in hex. It is written to the log with each row, where a hand at the database does
/// not reach; empty where there is no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead(pub String);

impl fmt::Display for ChainHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a record is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A row does not follow from the rows before it.
    #[error("row {id} does not match the rows before it: it, or one right before it, was changed or removed")]
    Row {
        /// The row's number.
        id: i64,
    },
    /// No row has the hash that was asked for.
    #[error("no row has the hash {head}: the log was truncated or rewritten after that hash was noted")]
    NoSuchHead {
        /// What was asked for.
        head: String,
    },
}

/// The hash of a row after the row with the hash `before`. A JSON list, so that no field can run into the next.
pub(super) fn hash(before: &str, entry: &ActivityEntry) -> String {
    let fields = [
        before,
        &entry.at.ms().to_string(),
        &entry.workspace,
        &entry.operation,
        entry.phase.slug(),
        &entry.actor,
        &entry.kind,
        &entry.target,
        &entry.before,
        &entry.requested,
        &entry.reason,
        entry.outcome.slug(),
        &entry.detail,
        &entry.request_id,
    ];
    // Strings always serialise.
    let text = serde_json::to_vec(&fields).unwrap_or_default();
    hex::encode(Sha256::digest(text))
}

/// A row as it is stored.
#[derive(FromRow)]
struct Row {
    id: i64,
    at: i64,
    workspace: String,
    operation: String,
    phase: Phase,
    actor: String,
    kind: String,
    target: String,
    was: String,
    wanted: String,
    reason: String,
    outcome: Outcome,
    detail: String,
    request_id: String,
    hash: String,
}

impl Row {
    fn into_entry(self) -> ActivityEntry {
        ActivityEntry {
            at: Timestamp::from_ms(self.at),
            workspace: self.workspace,
            operation: self.operation,
            phase: self.phase,
            actor: self.actor,
            kind: self.kind,
            target: self.target,
            before: self.was,
            requested: self.wanted,
            reason: self.reason,
            outcome: self.outcome,
            detail: self.detail,
            request_id: self.request_id,
        }
    }
}

/// Checks the record in `<data_dir>/console.db` and answers its length and head. With `head`, also that the row which had
/// that hash is still there. Reads only; the console may run meanwhile.
///
/// # Errors
/// When the database cannot be read. The inner error names the first row that is not what was written.
pub async fn verify_activity(
    data_dir: &Path,
    head: Option<&str>,
) -> Result<Result<(u64, ChainHead), ChainError>, StoreError> {
    let pool = database::open_for_reading(&data_dir.join("console.db")).await?;
    let mut rows = sqlx::query_as::<_, Row>("select * from activity order by id").fetch(&pool);
    let (mut count, mut last, mut seen) = (0, String::new(), head.is_none());
    while let Some(row) = rows.try_next().await? {
        let (id, stored) = (row.id, row.hash.clone());
        if hash(&last, &row.into_entry()) != stored {
            return Ok(Err(ChainError::Row { id }));
        }
        seen |= head.is_some_and(|head| head.eq_ignore_ascii_case(&stored));
        last = stored;
        count += 1;
    }
    Ok(match head {
        Some(head) if !seen => Err(ChainError::NoSuchHead { head: head.to_owned() }),
        _ => Ok((count, ChainHead(last))),
    })
}
