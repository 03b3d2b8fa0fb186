//! Queries of the activity log, and their results: operations, newest first.

use domain::Timestamp;
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};

use super::{ActivityKind, Detail, Outcome, RequestedValue};

/// Which operations to return, all in one workspace. Empty fields do not filter.
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
    /// Exactly one of these targets. Empty: all.
    pub targets: Vec<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Only operations that began at this moment or later.
    pub from: Option<Timestamp>,
    /// Only operations that began before this moment.
    pub until: Option<Timestamp>,
    /// Only operations that are older than the one with this number: for the next page. A number of another workspace
    /// does not filter.
    pub before: Option<i64>,
    /// Only operations that are newer than the one with this number: for the previous page. Ignored if [`Self::before`]
    /// or a text is set.
    pub after: Option<i64>,
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

// Implemented by hand, because the meaning of the requested value depends on the kind.
impl<'r, R: Row> FromRow<'r, R> for Operation
where
    for<'i> &'i str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
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

/// A page of operations, and where the neighbouring pages begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityPage {
    /// Newest first.
    pub operations: Vec<Operation>,
    /// The [`ActivityQuery::before`] of the next page, if there are older operations.
    pub older: Option<i64>,
    /// The [`ActivityQuery::after`] of the previous page, if there are newer operations; `None` for a search.
    pub newer: Option<i64>,
    /// How far back a search has looked, if it ended before it had looked at everything. It continues at
    /// [`Self::older`].
    pub searched_back_to: Option<Timestamp>,
}
