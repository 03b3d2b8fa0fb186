//! Bulk changes as pages show them. Everything on a page is read in one transaction, so that its numbers and its rows
//! are of the same moment.

use std::collections::HashMap;

use domain::Timestamp;
use sqlx::FromRow;

use super::query::{BulkRow, ITEM_COLUMNS, bulk, bulk_counts, count};
use super::{BulkChange, BulkCounts, BulkId, BulkItem, BulkItemState};
use crate::database::query;
use crate::{Store, StoreError};

/// Failed ones first, then those in progress, then the others.
const FAILED_FIRST: &str = "case state when 'failed' then 0 when 'unknown' then 1 when 'accepted' then 2
     when 'sent' then 3 when 'waiting' then 4 when 'cancelled' then 5 else 6 end, position";

/// Which tokens of a bulk change a page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkItemPage {
    /// Only those in this state, if there is one.
    pub state: Option<BulkItemState>,
    /// How many tokens to skip.
    pub offset: u32,
    /// The most tokens on the page.
    pub limit: u32,
    /// Whether they are in the order in which they were selected, which does not change while it runs.
    pub by_position: bool,
}

/// A token, and when its operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedItem {
    /// The token.
    pub item: BulkItem,
    /// When its last operation ended; `None` if it did not, or was not sent.
    pub ended: Option<Timestamp>,
}

/// A bulk change with some of its tokens, at one moment.
#[derive(Clone, Debug)]
pub struct BulkPage {
    /// The bulk change.
    pub bulk: BulkChange,
    /// How many of its tokens are in each state.
    pub counts: BulkCounts,
    /// How many owners its tokens have. All tokens without a reported owner count as one.
    pub owners: usize,
    /// The tokens: failed ones first, then those in progress, then the others; or by position.
    pub items: Vec<EndedItem>,
    /// Whether there are more after them.
    pub has_more: bool,
}

/// A bulk change in a list.
#[derive(Clone, Debug)]
pub struct BulkSummary {
    /// The bulk change.
    pub bulk: BulkChange,
    /// How many of its tokens are in each state.
    pub counts: BulkCounts,
    /// How many owners its tokens have.
    pub owners: usize,
    /// The ID and the name of one of them.
    pub owner: (String, String),
}

#[derive(FromRow)]
struct EndedRow {
    #[sqlx(flatten)]
    item: BulkItem,
    ended: Option<i64>,
}

impl Store {
    /// A bulk change with a page of its tokens.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn bulk_page(&self, id: &BulkId, page: BulkItemPage) -> Result<Option<BulkPage>, StoreError> {
        let mut transaction = self.database.readers().begin().await?;
        let Some(bulk) = bulk(&mut transaction, id).await? else {
            return Ok(None);
        };
        let counts = bulk_counts(&mut transaction, id).await?;
        let (owners,): (i64,) = query("select count(distinct owner_id) from job_items where job = $1")
            .bind(id.as_str())
            .fetch_one(&mut transaction)
            .await?;
        let order = match page.by_position {
            true => "position",
            false => FAILED_FIRST,
        };
        // The outcome of an operation is in the activity log. A token that waits again has that of its last attempt.
        let items = format!(
            "select {ITEM_COLUMNS}, case when operation <> '' and state <> 'waiting' then
                 (select max(at) from activity a where a.operation = i.operation and a.phase = 'outcome') end as ended
             from job_items i where job = $1 and state = coalesce($2, state)
             order by {order} limit $3 offset $4"
        );
        let rows: Vec<EndedRow> = query(items)
            .bind(id.as_str())
            .bind(page.state)
            .bind(i64::from(page.limit) + 1)
            .bind(page.offset)
            .fetch_all(&mut transaction)
            .await?;
        let has_more = rows.len() > page.limit as usize;
        let items = rows.into_iter().take(page.limit as usize).map(|row| EndedItem {
            item: row.item,
            ended: row.ended.map(Timestamp::from_ms),
        });
        Ok(Some(BulkPage {
            bulk,
            counts,
            owners: count(owners),
            items: items.collect(),
            has_more,
        }))
    }

    /// At most `limit` started bulk changes of a workspace, by its name and URL, newest first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn bulk_summaries(&self, binding: &str, limit: u32) -> Result<Vec<BulkSummary>, StoreError> {
        const LISTED: &str = "from jobs where binding = $1 and state <> 'draft' order by created desc, id limit $2";
        let mut transaction = self.database.readers().begin().await?;
        let bulks = format!("select * {LISTED}");
        let bulks: Vec<BulkRow> = query(bulks)
            .bind(binding)
            .bind(limit)
            .fetch_all(&mut transaction)
            .await?;
        let counted =
            format!("select job, state, count(*) from job_items where job in (select id {LISTED}) group by job, state");
        let counted: Vec<(String, BulkItemState, i64)> = query(counted)
            .bind(binding)
            .bind(limit)
            .fetch_all(&mut transaction)
            .await?;
        let owners = format!(
            "select job, count(distinct owner_id), max(owner_id), max(owner) from job_items
             where job in (select id {LISTED}) group by job"
        );
        let owners: Vec<(String, i64, String, String)> = query(owners)
            .bind(binding)
            .bind(limit)
            .fetch_all(&mut transaction)
            .await?;
        let mut counts = HashMap::<String, BulkCounts>::new();
        for (id, state, n) in counted {
            counts.entry(id).or_default().add(state, count(n));
        }
        let mut owners: HashMap<_, _> = owners
            .into_iter()
            .map(|(id, n, owner, name)| (id, (n, (owner, name))))
            .collect();
        let bulks = bulks.into_iter().filter_map(BulkRow::into_bulk);
        let summaries = bulks.map(|bulk| {
            let (n, owner) = owners.remove(bulk.id.as_str()).unwrap_or_default();
            BulkSummary {
                counts: counts.remove(bulk.id.as_str()).unwrap_or_default(),
                owners: count(n),
                owner,
                bulk,
            }
        });
        Ok(summaries.collect())
    }
}
