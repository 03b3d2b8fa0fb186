//! Searching the activity log for a text. No index helps, so a search looks at every operation that matches the other
//! filters, newest first, and ends at a limit. It looks at a few at a time: no statement runs for long, a search whose
//! request is dropped ends with the statement that runs, and searches take turns.

use domain::Timestamp;
use tokio::sync::Mutex;

use super::page::push_operations_at;
use super::place::{Place, Span, push_places};
use super::{ActivityPage, ActivityQuery, Operation};
use crate::database::query as statement_of;
use crate::{Store, StoreError};

/// How many operations a search looks at before it asks whether to continue.
pub const MAX_SEARCHED: u32 = 200_000;

/// How many operations one statement looks at: less than a millisecond.
const CHUNK_SIZE: u32 = 500;

/// Held by the search that runs. All searches together run one statement at a time, so that other connections and
/// processors are free for pages and changes.
pub(crate) type SearchLock = Mutex<()>;

impl Store {
    pub(super) async fn search(
        &self,
        query: &ActivityQuery,
        mut span: Span,
        limit: u32,
    ) -> Result<ActivityPage, StoreError> {
        let mut operations: Vec<Operation> = Vec::new();
        let mut looked_at = 0;
        loop {
            // One operation more than fits on the page shows that there is another page.
            let missing = limit as usize + 1 - operations.len();
            let (found, end) = self.search_chunk(query, span, missing).await?;
            operations.extend(found);
            if operations.len() > limit as usize {
                operations.truncate(limit as usize);
                return Ok(ActivityPage {
                    older: operations.last().map(|last| last.id),
                    operations,
                    ..ActivityPage::default()
                });
            }
            let Some(end) = end else {
                return Ok(ActivityPage {
                    operations,
                    ..ActivityPage::default()
                });
            };
            looked_at += CHUNK_SIZE;
            if looked_at >= MAX_SEARCHED {
                return Ok(ActivityPage {
                    operations,
                    older: Some(end.id),
                    searched_back_to: Some(Timestamp::from_ms(end.at)),
                    ..ActivityPage::default()
                });
            }
            span = span.before(end);
        }
    }

    /// The matches among the newest operations of this part of the log, and the last place that was looked at unless
    /// that is the end of the part.
    async fn search_chunk(
        &self,
        query: &ActivityQuery,
        span: Span,
        limit: usize,
    ) -> Result<(Vec<Operation>, Option<Place>), StoreError> {
        let _held = self.search_lock.lock().await;
        let readers = self.database.readers();
        let dialect = readers.dialect();
        let mut statement = statement_of("");
        push_places(&mut statement, dialect, query, span);
        statement.push(" order by at desc, id desc limit 2 offset ");
        statement.push_bind(CHUNK_SIZE - 1);
        let last_and_next: Vec<Place> = statement.fetch_all(readers).await?;
        let end = last_and_next.first().copied().filter(|_| last_and_next.len() == 2);

        let chunk = end.map_or(span, |end| span.after(end.previous()));
        let mut statement = statement_of("");
        push_operations_at(&mut statement, dialect, |places| {
            push_places(places, dialect, query, chunk);
        });
        statement.push(" where ").push(dialect.position_function());
        statement.push("(lower(i.target || ' ' || i.wanted || ' ' || i.was || ' ' || i.reason), ");
        statement.push_bind(query.text.to_ascii_lowercase());
        statement.push(") > 0 order by i.at desc, i.id desc limit ");
        statement.push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok((statement.fetch_all(readers).await?, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ActivityEntry, ActivityKind, Detail, Outcome, Phase, RequestedValue, SealingKey};

    fn entry() -> ActivityEntry {
        ActivityEntry {
            at: Timestamp::from_ms(1),
            workspace: "prod".into(),
            operation: crate::operation_id(),
            phase: Phase::Refused,
            actor: "mia@acme.example".into(),
            kind: ActivityKind::RevokeToken,
            target: "x".into(),
            before: String::new(),
            requested: RequestedValue::Empty,
            reason: String::new(),
            outcome: Outcome::Refused,
            detail: Detail::Empty,
            request_id: String::new(),
            client: domain::ClientAddress::UNKNOWN,
        }
    }

    #[tokio::test]
    async fn pages_and_changes_wait_for_no_search_and_a_dropped_search_leaves_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let key = SealingKey::parse(&"1".repeat(64).into()).unwrap();
        let store = Store::open(dir.path(), key).await.unwrap();
        store.append(&entry()).await.unwrap();
        let mut query = ActivityQuery {
            workspace: "prod".into(),
            text: "x".into(),
            ..ActivityQuery::default()
        };
        let running = store.search_lock.lock().await;
        let searches: Vec<_> = (0..8)
            .map(|_| {
                let (store, query) = (store.clone(), query.clone());
                tokio::spawn(async move { store.activity(&query, 9).await })
            })
            .collect();
        store.append(&entry()).await.unwrap();
        query.text.clear();
        assert_eq!(store.activity(&query, 9).await.unwrap().operations.len(), 2);
        assert!(searches.iter().all(|search| !search.is_finished()));
        searches[..4].iter().for_each(tokio::task::JoinHandle::abort);
        drop(running);
        for (n, search) in searches.into_iter().enumerate() {
            match search.await {
                Ok(page) => assert_eq!((n >= 4, page.unwrap().operations.len()), (true, 2)),
                Err(error) => assert!(error.is_cancelled() && n < 4),
            }
        }
    }
}
