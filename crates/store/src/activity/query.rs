//! Reading the record: one line an operation, the latest first.

use domain::Timestamp;
use sqlx::FromRow;

use super::Outcome;
use crate::{Store, StoreError};

/// Which operations. Empty fields narrow nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityQuery {
    /// The configured name of the workspace.
    pub workspace: String,
    /// Exactly this user name, in any case.
    pub actor: String,
    /// This kind.
    pub kind: String,
    /// A part of what it was done to, of what was wanted or of the reason, in any case.
    pub text: String,
    /// Exactly this target.
    pub target: String,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Only operations that began before the one with this number: the way to the next page.
    pub before: Option<i64>,
}

/// An operation with how it ended, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its number, rising with time.
    pub id: i64,
    /// Ties its rows.
    pub operation: String,
    /// When it began.
    pub at: Timestamp,
    /// User name of who did it.
    pub actor: String,
    /// What was done.
    pub kind: String,
    /// What it was done to.
    pub target: String,
    /// What was before.
    pub was: String,
    /// What was to be.
    pub wanted: String,
    /// Why, in the words of who did it.
    pub reason: String,
    /// Id of the request to the console.
    pub request_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The same in words.
    pub detail: String,
}

/// Some operations and whether there are older ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityPage {
    /// The latest first.
    pub operations: Vec<Operation>,
    /// Whether older ones follow.
    pub more: bool,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    operation: String,
    at: i64,
    actor: String,
    kind: String,
    target: String,
    was: String,
    wanted: String,
    reason: String,
    request_id: String,
    outcome: Outcome,
    detail: String,
}

impl From<Row> for Operation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            operation: row.operation,
            at: Timestamp::from_ms(row.at),
            actor: row.actor,
            kind: row.kind,
            target: row.target,
            was: row.was,
            wanted: row.wanted,
            reason: row.reason,
            request_id: row.request_id,
            outcome: row.outcome,
            detail: row.detail,
        }
    }
}

impl Store {
    /// At most `limit` operations, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn activity(&self, query: &ActivityQuery, limit: u32) -> Result<ActivityPage, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select * from (
                 select i.id, i.operation, i.at, i.actor, i.kind, i.target, i.was, i.wanted, i.reason, i.request_id,
                        coalesce(o.outcome, i.outcome) as outcome, coalesce(o.detail, i.detail) as detail
                 from activity i
                 left join activity o on o.id =
                     (select max(id) from activity where operation = i.operation and phase = 'outcome')
                 where i.phase <> 'outcome' and i.workspace = $1
                   and ($2 = '' or lower(i.actor) = lower($2))
                   and ($3 = '' or i.kind = $3)
                   and ($4 = '' or i.target = $4)
                   and ($5 is null or i.id < $5)
                   and ($6 = '' or instr(lower(i.target || ' ' || i.wanted || ' ' || i.was || ' ' || i.reason), lower($6)) > 0)
             ) where $7 = '' or outcome = $7
             order by id desc limit $8",
        )
        .bind(&query.workspace)
        .bind(&query.actor)
        .bind(&query.kind)
        .bind(&query.target)
        .bind(query.before)
        .bind(&query.text)
        .bind(query.outcome.map_or("", Outcome::slug))
        .bind(i64::from(limit) + 1)
        .fetch_all(self.database.readers())
        .await?;
        let more = rows.len() > limit as usize;
        Ok(ActivityPage {
            operations: rows.into_iter().take(limit as usize).map(Operation::from).collect(),
            more,
        })
    }
}
