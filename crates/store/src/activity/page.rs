//! Reading a page of the activity log. A page begins at a place and not at a number of rows, so that the last of a
//! million rows are read as fast as the first.

use super::place::{Span, push_places};
use super::{ActivityPage, ActivityQuery, Operation};
use crate::database::{Dialect, Statement, query as statement_of};
use crate::{Store, StoreError};

/// The number up to which operations are counted.
pub const MAX_COUNTED: u32 = 10_000;

/// The two orders of the list.
#[derive(Clone, Copy)]
pub(super) enum Order {
    NewestFirst,
    OldestFirst,
}

impl Store {
    /// At most `limit` operations, newest first. A text is searched for until that many are found, or until
    /// [`MAX_SEARCHED`](super::MAX_SEARCHED) operations were looked at.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn activity(&self, query: &ActivityQuery, limit: u32) -> Result<ActivityPage, StoreError> {
        let time = Span::of_time(query);
        let before = self.place(&query.workspace, query.before).await?;
        let span = before.map_or(time, |place| time.before(place));
        if !query.text.is_empty() {
            return self.search(query, span, limit).await;
        }
        if let (None, Some(after)) = (before, self.place(&query.workspace, query.after).await?) {
            let page = self.newer_page(query, time.after(after), limit).await?;
            // If fewer than a page of operations are newer, the newest page is returned, which has all of them.
            if page.operations.len() == limit as usize {
                return Ok(page);
            }
        }
        let mut operations = self.operations(query, span, Order::NewestFirst, limit + 1).await?;
        let has_older = truncate(&mut operations, limit);
        Ok(ActivityPage {
            older: operations.last().map(|last| last.id).filter(|_| has_older),
            newer: operations.first().map(|first| first.id).filter(|_| before.is_some()),
            operations,
            searched_back_to: None,
        })
    }

    /// The page right after a place, towards the newest. The operation at that place is older.
    async fn newer_page(&self, query: &ActivityQuery, span: Span, limit: u32) -> Result<ActivityPage, StoreError> {
        let mut operations = self.operations(query, span, Order::OldestFirst, limit + 1).await?;
        let has_newer = truncate(&mut operations, limit);
        operations.reverse();
        Ok(ActivityPage {
            older: operations.last().map(|last| last.id),
            newer: operations.first().map(|first| first.id).filter(|_| has_newer),
            operations,
            searched_back_to: None,
        })
    }

    async fn operations(
        &self,
        query: &ActivityQuery,
        span: Span,
        order: Order,
        limit: u32,
    ) -> Result<Vec<Operation>, StoreError> {
        let readers = self.database.readers();
        let statement = operations(readers.dialect(), query, span, order, limit);
        Ok(statement.fetch_all(readers).await?)
    }

    /// How many operations match, apart from the text and the place of the query; `None` if there are more than
    /// [`MAX_COUNTED`].
    ///
    /// # Errors
    /// If the database fails.
    pub async fn count_activity(&self, query: &ActivityQuery) -> Result<Option<u32>, StoreError> {
        let readers = self.database.readers();
        let (count,): (i64,) = count(readers.dialect(), query).fetch_one(readers).await?;
        Ok(u32::try_from(count).ok().filter(|count| *count <= MAX_COUNTED))
    }
}

/// Keeps the first `limit` operations, and returns whether there were more.
fn truncate(operations: &mut Vec<Operation>, limit: u32) -> bool {
    let has_more = operations.len() > limit as usize;
    operations.truncate(limit as usize);
    has_more
}

fn operations(dialect: Dialect, query: &ActivityQuery, span: Span, order: Order, limit: u32) -> Statement {
    let mut statement = statement_of("");
    push_operations_at(&mut statement, dialect, |places| {
        push_places(places, dialect, query, span);
        places.push(match order {
            Order::NewestFirst => " order by at desc, id desc",
            Order::OldestFirst => " order by at, id",
        });
        places.push(" limit ").push_bind(limit);
    });
    statement.push(match order {
        Order::NewestFirst => " order by i.at desc, i.id desc",
        Order::OldestFirst => " order by i.at, i.id",
    });
    statement
}

/// Adds to a statement: the operations at the places that `push` adds, which are read first.
pub(super) fn push_operations_at(statement: &mut Statement, dialect: Dialect, push: impl FnOnce(&mut Statement)) {
    statement.push(
        "select i.id, i.operation, i.at, i.actor, i.kind, i.target, i.was, i.wanted, i.reason, i.request_id,
                i.client_address,
                coalesce(o.outcome, i.outcome) as outcome, coalesce(o.detail, i.detail) as detail
         from (",
    );
    push(statement);
    statement.push(") as place ").push(dialect.ordered_join()).push(
        " activity i on i.id = place.id
         left join activity o on o.id =
             (select max(id) from activity where operation = i.operation and phase = 'outcome')",
    );
}

fn count(dialect: Dialect, query: &ActivityQuery) -> Statement {
    let mut statement = statement_of("select count(*) from (");
    push_places(&mut statement, dialect, query, Span::of_time(query));
    statement.push(" limit ").push_bind(MAX_COUNTED + 1).push(") as place");
    statement
}

#[cfg(test)]
mod tests;
