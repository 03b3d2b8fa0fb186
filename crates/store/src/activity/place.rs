//! Places in the activity log, where pages begin.

use super::{ActivityKind, ActivityQuery, Outcome};
use crate::database::{Dialect, Statement, query as statement_of};
use crate::{Store, StoreError};

/// A place in the order of the log: by time, and among operations of the same millisecond by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub(super) struct Place {
    /// Milliseconds since the Unix epoch.
    pub(super) at: i64,
    pub(super) id: i64,
}

impl Place {
    const OLDEST: Self = Self {
        at: i64::MIN,
        id: i64::MIN,
    };
    const NEWEST: Self = Self {
        at: i64::MAX,
        id: i64::MAX,
    };

    /// The place right before this one.
    pub(super) const fn previous(self) -> Self {
        Self {
            id: self.id.saturating_sub(1),
            ..self
        }
    }
}

/// The part of the log between two places, neither of which belongs to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) oldest: Place,
    pub(super) newest: Place,
}

impl Span {
    /// The time that the query asks for.
    pub(super) fn of_time(query: &ActivityQuery) -> Self {
        // Every number is greater than 0, so these are the places before the first operation of a moment.
        let start = |at: domain::Timestamp| Place { at: at.ms(), id: 0 };
        Self {
            oldest: query.from.map_or(Place::OLDEST, start),
            newest: query.until.map_or(Place::NEWEST, start),
        }
    }

    pub(super) fn before(self, place: Place) -> Self {
        Self {
            newest: self.newest.min(place),
            ..self
        }
    }

    pub(super) fn after(self, place: Place) -> Self {
        Self {
            oldest: self.oldest.max(place),
            ..self
        }
    }
}

/// Adds to a statement: the places in this part of the log whose operations match the query, apart from the text. They
/// are not in order yet. Only the filters that are set are in the statement, so that SQLite uses their index.
pub(super) fn push_places(statement: &mut Statement, dialect: Dialect, query: &ActivityQuery, span: Span) {
    statement.push("select at, id from operations");
    // SQLite cannot know that targets filter out most rows. The few operations of several targets are sorted.
    if !query.targets.is_empty() {
        statement.push(&dialect.indexed_by("operations_by_target"));
    }
    statement.push(" where workspace = ").push_bind(&query.workspace);
    if !query.targets.is_empty() {
        statement.push(" and target in (").push_list(&query.targets).push(")");
    }
    if !query.actor.is_empty() {
        statement
            .push(" and actor = ")
            .push_bind(query.actor.to_ascii_lowercase());
    }
    if let Some(kind) = query.kind.as_ref().map(ActivityKind::to_stored) {
        statement.push(" and kind = ").push_bind(kind);
    }
    if let Some(outcome) = query.outcome.map(Outcome::slug) {
        statement.push(" and outcome = ").push_bind(outcome);
    }
    push_range(statement, ">", span.oldest);
    push_range(statement, "<", span.newest);
}

fn push_range(statement: &mut Statement, comparison: &str, place: Place) {
    statement.push(&format!(" and (at, id) {comparison} ("));
    statement.push_bind(place.at).push(", ").push_bind(place.id).push(")");
}

impl Store {
    /// The place of an operation of this workspace, if it has one with this number.
    pub(super) async fn place(&self, workspace: &str, id: Option<i64>) -> Result<Option<Place>, StoreError> {
        let Some(id) = id else { return Ok(None) };
        let place = statement_of("select at, id from operations where id = $1 and workspace = $2")
            .bind(id)
            .bind(workspace)
            .fetch_optional(self.database.readers())
            .await?;
        Ok(place)
    }
}
