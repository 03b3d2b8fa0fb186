//! Reading the activity log by operation, newest first.

use domain::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row as _};

use super::{ActivityKind, Detail, Outcome, RequestedValue};
use crate::{Store, StoreError};

/// Which operations to return, all in one workspace. Other fields that are empty filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityQuery {
    /// The configured name of the workspace.
    pub workspace: String,
    /// Exactly this username, ignoring the case of ASCII letters.
    pub actor: String,
    /// Exactly this kind.
    pub kind: Option<ActivityKind>,
    /// A part of the target, the values or the reason, ignoring the case of ASCII letters.
    pub text: String,
    /// Exactly this target.
    pub target: String,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Only operations that began before the one with this number: for the next page.
    pub before: Option<i64>,
}

/// An operation with its outcome, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the other fields are what their names say")]
pub struct Operation {
    /// Its number, which increases with time.
    pub id: i64,
    /// The ID that its rows share.
    pub operation: String,
    /// When it began.
    pub at: Timestamp,
    /// The username of the person who acted.
    pub actor: String,
    pub kind: ActivityKind,
    pub target: String,
    /// The state before the change.
    pub before: String,
    pub requested: RequestedValue,
    /// Why, as the actor typed it.
    pub reason: String,
    /// The ID of the request to the console.
    pub request_id: String,
    /// Where that request came from, as it is stored: empty if it is unknown, `None` if it was not recorded yet.
    pub client_address: Option<String>,
    pub outcome: Outcome,
    /// Details of the outcome.
    pub detail: Detail,
}

// By hand, because what the requested value says depends on the kind.
impl FromRow<'_, SqliteRow> for Operation {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        let kind = ActivityKind::from_stored(row.try_get("kind")?);
        Ok(Self {
            id: row.try_get("id")?,
            operation: row.try_get("operation")?,
            at: Timestamp::from_ms(row.try_get("at")?),
            actor: row.try_get("actor")?,
            target: row.try_get("target")?,
            before: row.try_get("was")?,
            requested: RequestedValue::from_stored(&kind, row.try_get("wanted")?),
            reason: row.try_get("reason")?,
            request_id: row.try_get("request_id")?,
            client_address: row.try_get("client_address")?,
            outcome: row.try_get("outcome")?,
            detail: Detail::from_stored(row.try_get("detail")?),
            kind,
        })
    }
}

/// Some operations, and whether there are older ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityPage {
    /// Newest first.
    pub operations: Vec<Operation>,
    /// Whether there are older ones.
    pub more: bool,
}

impl Store {
    /// At most `limit` operations, newest first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn activity(&self, query: &ActivityQuery, limit: u32) -> Result<ActivityPage, StoreError> {
        let mut operations: Vec<Operation> = sqlx::query_as(
            "select * from (
                 select i.id, i.operation, i.at, i.actor, i.kind, i.target, i.was, i.wanted, i.reason, i.request_id,
                        i.client_address,
                        coalesce(o.outcome, i.outcome) as outcome, coalesce(o.detail, i.detail) as detail
                 from activity i
                 left join activity o on o.id =
                     (select max(id) from activity where operation = i.operation and phase = 'outcome')
                 where i.phase <> 'outcome' and i.workspace = $1
                   and ($2 = '' or lower(i.actor) = lower($2))
                   and ($3 is null or i.kind = $3)
                   and ($4 = '' or i.target = $4)
                   and ($5 is null or i.id < $5)
                   and ($6 = ''
                        or instr(lower(i.target || ' ' || i.wanted || ' ' || i.was || ' ' || i.reason), lower($6)) > 0)
             ) where $7 = '' or outcome = $7
             order by id desc limit $8",
        )
        .bind(&query.workspace)
        .bind(&query.actor)
        .bind(query.kind.as_ref().map(ActivityKind::to_stored))
        .bind(&query.target)
        .bind(query.before)
        .bind(&query.text)
        .bind(query.outcome.map_or("", Outcome::slug))
        .bind(i64::from(limit) + 1)
        .fetch_all(self.database.readers())
        .await?;
        let more = operations.len() > limit as usize;
        operations.truncate(limit as usize);
        Ok(ActivityPage { operations, more })
    }
}
