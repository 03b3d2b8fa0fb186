//! Reads a list page by page, and finds out whether it is complete.
//!
//! A page may have fewer rows than requested, so the next one starts after the rows that came. A list that only ends
//! can still lack rows: services repeat a page, stop early or return less than they have
//! (<https://github.com/databrickslabs/ucx/issues/192>). So what counts is the number of different IDs.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::access::Group;
use domain::{Principal, PrincipalId};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::PAGE_KEYS;
use crate::call::Call;
use crate::client::SCIM_PERMITS;
use crate::response::MAX_LIST_BYTES;
use crate::wire::ScimList;
use crate::{Api, Error};

/// The page size that the vendor's SDKs request; a workspace may return fewer rows.
const SCIM_PAGE_SIZE: i64 = 10_000;

/// The most pages of one list.
const MAX_PAGES: i64 = 200;

/// The pages beyond those that the first one announces: for rows that are added in between, and for a short page.
const SPARE_PAGES: i64 = 2;

/// All rows of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// The rows, in the workspace's order, each ID once.
    pub rows: Vec<T>,
    /// How many rows were left out because they could not be read.
    pub unreadable: usize,
    /// Whether these are certainly all rows. If not, nothing follows from a row that is missing.
    pub is_complete: bool,
}

/// A row of a list.
pub(crate) trait ListedRow {
    /// Its ID, by which a repeated row is recognised.
    fn row_id(&self) -> PrincipalId;
}

impl ListedRow for Principal {
    fn row_id(&self) -> PrincipalId {
        self.id
    }
}

impl ListedRow for Group {
    fn row_id(&self) -> PrincipalId {
        self.id
    }
}

/// The rows with each ID once: the first of those that are repeated.
pub(super) fn without_repeats<T: ListedRow>(rows: Vec<T>, seen: &mut HashSet<PrincipalId>) -> Vec<T> {
    rows.into_iter().filter(|row| seen.insert(row.row_id())).collect()
}

/// A list that is read page by page.
pub(super) struct PagedList<'a> {
    pub(super) api: Api<'a>,
    pub(super) route: &'static str,
    pub(super) attributes: &'a str,
    pub(super) deadline: Instant,
}

/// The part of a list that has been read.
struct ListProgress<T> {
    seen: HashSet<PrincipalId>,
    rows: Vec<T>,
    unreadable: usize,
    /// How many rows there are, according to the last page that says so.
    total: Option<i64>,
}

impl<T: ListedRow> ListProgress<T> {
    fn new() -> Self {
        Self {
            seen: HashSet::new(),
            rows: Vec::new(),
            unreadable: 0,
            total: None,
        }
    }

    /// Adds a page. Returns whether anything on it is new.
    fn add(&mut self, page: ScimList<T>) -> bool {
        let before = self.count();
        self.rows.extend(without_repeats(page.rows, &mut self.seen));
        self.unreadable += page.unreadable;
        self.total = page.total.or(self.total);
        self.count() > before
    }

    fn count(&self) -> usize {
        self.rows.len() + self.unreadable
    }

    fn lacks(&self, count: usize) -> Option<bool> {
        Some(self.total? > i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Whether the workspace says that it has more rows than came.
    fn is_short(&self) -> bool {
        self.lacks(self.count()) == Some(true)
    }

    fn into_listed(self) -> Listed<T> {
        Listed {
            is_complete: self.unreadable == 0 && self.lacks(self.rows.len()) == Some(false),
            rows: self.rows,
            unreadable: self.unreadable,
        }
    }
}

impl PagedList<'_> {
    /// All rows. A list that lacks some is read once more, since it may have changed in between.
    pub(super) async fn all<W, T>(&self) -> Result<Listed<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: ListedRow + Send + 'static,
    {
        let first = self.read::<W, T>().await?;
        if !first.is_short() {
            return Ok(first.into_listed());
        }
        let second = self.read::<W, T>().await;
        Ok(second.unwrap_or(first).into_listed())
    }

    /// The first page shows how many rows there are in total and on one page. The other pages are requested at the same
    /// time. A page without anything new is the end, whatever the workspace claims to have.
    async fn read<W, T>(&self) -> Result<ListProgress<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: ListedRow + Send + 'static,
    {
        let first = self.page::<W, T>(1, SCIM_PAGE_SIZE).await?;
        let (total, size) = (first.total, first.size());
        let mut reading = ListProgress::new();
        if !reading.add(first) {
            return Ok(reading);
        }
        let announced = total.map_or(MAX_PAGES, |total| total / size + SPARE_PAGES);
        let pages_left = AtomicI64::new(announced.min(MAX_PAGES) - 1);
        let (step, end) = match total {
            Some(total) => (size, total.saturating_add(1)),
            // Each page shows where the next one starts.
            None => (i64::MAX, i64::MAX),
        };
        let starts = (size + 1..end).step_by(usize::try_from(step).unwrap_or(usize::MAX));
        let parts = starts.map(|start| self.range::<W, T>(start..start.saturating_add(step).min(end), &pages_left));
        let mut parts = stream::iter(parts).buffered(SCIM_PERMITS);
        while let Some(part) = parts.try_next().await? {
            let news: Vec<_> = part.into_iter().map(|page| reading.add(page)).collect();
            if !news.contains(&true) {
                break;
            }
        }
        Ok(reading)
    }

    /// The pages of a range of positions, which start at 1.
    async fn range<W, T>(&self, range: Range<i64>, pages_left: &AtomicI64) -> Result<Vec<ScimList<T>>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: ListedRow + Send + 'static,
    {
        let (mut pages, mut seen) = (Vec::new(), HashSet::new());
        let mut start = range.start;
        while start < range.end && pages_left.fetch_sub(1, Ordering::Relaxed) > 0 {
            let page = self.page::<W, T>(start, SCIM_PAGE_SIZE.min(range.end - start)).await?;
            start += page.size();
            let before = seen.len();
            seen.extend(page.rows.iter().map(ListedRow::row_id));
            let has_news = page.unreadable > 0 || seen.len() > before;
            pages.push(page);
            if !has_news {
                break;
            }
        }
        Ok(pages)
    }

    async fn page<W, T>(&self, start: i64, count: i64) -> Result<ScimList<T>, Error>
    where
        W: DeserializeOwned + Into<T> + 'static,
        T: Send + 'static,
    {
        let call = Call::new(self.api.client, Method::GET, self.route)
            .query("attributes", self.attributes)
            .query("startIndex", &start.to_string())
            .query("count", &count.to_string())
            .deadline(self.deadline)
            .max_bytes(MAX_LIST_BYTES)
            .expected_keys(&PAGE_KEYS);
        let response = call.credential(self.api.credential)?.send().await?;
        response.decode_page::<W, T>().await
    }
}
