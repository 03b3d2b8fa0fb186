//! Operations as people read them: a bulk change is one row, which contains the operations of its tokens.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use domain::Timestamp;
use store::{ActivityKind, ActivityPage, ActivityQuery, BulkId, Operation, Outcome};

use crate::{Actor, Console, Error};

/// How many further operations are read at once, if many operations of a page belong to bulk changes.
const BATCH_SIZE: u32 = 500;

/// The most operations that the rows of a page contain. A larger bulk change continues on the next page.
const MAX_OPERATIONS: usize = 2000;

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivityRow {
    /// An operation on its own.
    One(Operation),
    /// A bulk change.
    Bulk(BulkRow),
}

/// The operations of one run of a bulk change: from its start, or from a retry of its failed tokens, to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRow {
    /// The bulk change.
    pub id: BulkId,
    /// The operation of the run itself. `None` if it was not read, because it is on another page or filtered out.
    pub run: Option<Operation>,
    /// The operations of its tokens, as far as they were read, latest first.
    pub items: Vec<Operation>,
}

/// A page of rows of the activity log, latest first; like [`ActivityPage`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityRows {
    /// Latest first.
    pub rows: Vec<ActivityRow>,
    /// See [`ActivityPage::older`].
    pub older: Option<i64>,
    /// See [`ActivityPage::newer`].
    pub newer: Option<i64>,
    /// See [`ActivityPage::searched_back_to`].
    pub searched_back_to: Option<Timestamp>,
}

impl ActivityRow {
    /// The operation that determines the row's place: for a bulk change the start of the run, if that was read.
    pub fn first(&self) -> Option<&Operation> {
        match self {
            Self::One(operation) => Some(operation),
            Self::Bulk(bulk) => bulk.run.as_ref().or(bulk.items.first()),
        }
    }

    /// Every operation that the row stands for.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        let (one, bulk) = match self {
            Self::One(operation) => (Some(operation), None),
            Self::Bulk(bulk) => (bulk.run.as_ref(), Some(bulk)),
        };
        one.into_iter().chain(bulk.into_iter().flat_map(|bulk| &bulk.items))
    }
}

impl Console {
    /// At most `limit` rows of the log of the actor's workspace, latest first. See [`Console::activity`].
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin, or the database fails.
    pub async fn activity_rows(&self, actor: &Actor, query: ActivityQuery, limit: u32) -> Result<ActivityRows, Error> {
        let mut page = self.activity(actor, query.clone(), limit).await?;
        let query = ActivityQuery {
            workspace: actor.workspace.name().to_owned(),
            ..query
        };
        // A search is limited, and reads nothing more.
        if query.text.is_empty() {
            match query.before.is_none() && query.after.is_some() && page.newer.is_some() {
                true => self.fill_towards_newest(&query, &mut page, limit as usize).await?,
                false => self.fill_towards_oldest(&query, &mut page, limit as usize).await?,
            }
        }
        Ok(ActivityRows {
            rows: fold(page.operations),
            older: page.older,
            newer: page.newer,
            searched_back_to: page.searched_back_to,
        })
    }

    /// Adds older operations until they make enough rows.
    async fn fill_towards_oldest(
        &self,
        query: &ActivityQuery,
        page: &mut ActivityPage,
        limit: usize,
    ) -> Result<(), Error> {
        while let Some(place) = page.older.filter(|_| needs_more(&page.operations, limit)) {
            let next = ActivityQuery {
                before: Some(place),
                after: None,
                ..query.clone()
            };
            let more = self.0.store.activity(&next, BATCH_SIZE).await?;
            page.operations.extend(more.operations);
            page.older = more.older;
        }
        let fitting = fitting_from_newest(&page.operations, limit);
        if fitting < page.operations.len() {
            page.operations.truncate(fitting);
            page.older = page.operations.last().map(|last| last.id);
        }
        Ok(())
    }

    /// Adds newer operations until they make enough rows.
    async fn fill_towards_newest(
        &self,
        query: &ActivityQuery,
        page: &mut ActivityPage,
        limit: usize,
    ) -> Result<(), Error> {
        while let Some(place) = page.newer.filter(|_| needs_more(&page.operations, limit)) {
            let next = ActivityQuery {
                before: None,
                after: Some(place),
                ..query.clone()
            };
            let mut more = self.0.store.activity(&next, BATCH_SIZE).await?;
            // Close to the newest operation, the store returns the newest page, which repeats some of these operations.
            if let Some(newest) = page.operations.first() {
                more.operations.retain(|o| (o.at, o.id) > (newest.at, newest.id));
            }
            more.operations.append(&mut page.operations);
            page.operations = more.operations;
            page.newer = more.newer;
        }
        let fitting = fitting_from_oldest(&page.operations, limit);
        if fitting < page.operations.len() {
            page.operations.drain(..page.operations.len() - fitting);
            page.newer = page.operations.first().map(|first| first.id);
        }
        Ok(())
    }
}

fn needs_more(operations: &[Operation], limit: usize) -> bool {
    operations.len() < MAX_OPERATIONS && fitting_from_newest(operations, limit) == operations.len()
}

/// How many of the first operations make at most `limit` rows.
fn fitting_from_newest(operations: &[Operation], limit: usize) -> usize {
    let (mut rows, mut open) = (0, HashSet::new());
    let exceeds = |operation: &Operation| {
        let adds_row = match BulkPart::of(operation) {
            BulkPart::One => true,
            BulkPart::Item(id) => open.insert(id),
            BulkPart::Run(id) => !open.remove(&id),
        };
        rows += usize::from(adds_row);
        rows > limit
    };
    operations.iter().position(exceeds).unwrap_or(operations.len())
}

/// How many of the last operations make at most `limit` rows.
fn fitting_from_oldest(operations: &[Operation], limit: usize) -> usize {
    let (mut rows, mut open) = (0, HashSet::new());
    let exceeds = |operation: &Operation| {
        let adds_row = match BulkPart::of(operation) {
            BulkPart::One => true,
            BulkPart::Item(id) => open.insert(id),
            BulkPart::Run(id) => {
                open.insert(id);
                true
            }
        };
        rows += usize::from(adds_row);
        rows > limit
    };
    operations.iter().rev().position(exceeds).unwrap_or(operations.len())
}

/// The part of an operation in a bulk change.
enum BulkPart {
    One,
    Run(BulkId),
    Item(BulkId),
}

impl BulkPart {
    fn of(operation: &Operation) -> Self {
        match (&operation.kind, operation.requested.part_of()) {
            (ActivityKind::RevokeToken | ActivityKind::EditScopes, Some(id)) => Self::Item(id.clone()),
            // A refusal started nothing.
            (ActivityKind::RevokeTokens | ActivityKind::EditScopesInBulk, _)
                if operation.outcome != Outcome::Refused =>
            {
                operation.target.parse().map_or(Self::One, Self::Run)
            }
            _ => Self::One,
        }
    }
}

/// Folds operations, which come latest first, into rows. The tokens of a bulk change belong to the run that began last
/// before them. Tokens without a run are a row of their own, unless there is only one.
pub fn fold(operations: impl IntoIterator<Item = Operation>) -> Vec<ActivityRow> {
    let mut rows: Vec<ActivityRow> = Vec::new();
    // The positions of rows with tokens whose run comes later in the list.
    let mut open: HashMap<BulkId, usize> = HashMap::new();
    for operation in operations {
        let (id, is_item) = match BulkPart::of(&operation) {
            BulkPart::One => {
                rows.push(ActivityRow::One(operation));
                continue;
            }
            BulkPart::Item(id) => (id, true),
            BulkPart::Run(id) => (id, false),
        };
        let place = match open.get(&id) {
            Some(place) => *place,
            None => {
                rows.push(ActivityRow::Bulk(BulkRow {
                    id: id.clone(),
                    run: None,
                    items: Vec::new(),
                }));
                rows.len() - 1
            }
        };
        if let Some(ActivityRow::Bulk(bulk)) = rows.get_mut(place) {
            if is_item {
                open.insert(id, place);
                bulk.items.push(operation);
            } else {
                open.remove(&id);
                bulk.run = Some(operation);
            }
        }
    }
    let mut rows: Vec<_> = rows.into_iter().map(unfold_single).collect();
    rows.sort_by_key(|row| Reverse(row.first().map(|o| (o.at, o.id))));
    rows
}

fn unfold_single(row: ActivityRow) -> ActivityRow {
    match row {
        ActivityRow::Bulk(BulkRow {
            run: None, mut items, ..
        }) if items.len() == 1 => ActivityRow::One(items.remove(0)),
        row => row,
    }
}

#[cfg(test)]
mod tests;
