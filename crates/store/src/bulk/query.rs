//! Reading bulk changes.

use domain::{ClientAddress, PrincipalId, Timestamp};
use sqlx::FromRow;

use super::{BulkChange, BulkCounts, BulkId, BulkItem, BulkItemState, BulkKind, BulkState, LEASE_PREFIX};
use crate::database::{Executor, query};
use crate::{Detail, Store, StoreError};

/// The columns of a [`BulkItem`](super::BulkItem).
pub(super) const ITEM_COLUMNS: &str =
    "position, token_id, comment, owner_id, owner, owner_kind, state, detail, operation, look_first > 0 as check_first,
     look_first = 2 as maybe_sent_before, scopes_before, scopes_after, autoscope_before";

#[derive(FromRow)]
pub(super) struct BulkRow {
    id: String,
    kind: BulkKind,
    puts_back: String,
    workspace: String,
    binding: String,
    principal_id: i64,
    user_name: String,
    sign_in: String,
    state: BulkState,
    paused_because: String,
    filters: String,
    reason: String,
    request_id: String,
    client_address: String,
    operation: String,
    own_left_out: bool,
    cancelled: bool,
    created: i64,
    started: Option<i64>,
    ended: Option<i64>,
}

impl BulkRow {
    /// `None` if an ID in the database was edited by hand.
    pub(super) fn into_bulk(self) -> Option<BulkChange> {
        Some(BulkChange {
            id: self.id.parse().ok()?,
            kind: self.kind,
            puts_back: self.puts_back.parse().ok(),
            workspace: self.workspace,
            binding: self.binding,
            principal: PrincipalId::new(self.principal_id),
            user_name: self.user_name,
            sign_in: self.sign_in.parse().ok()?,
            state: self.state,
            pause_reason: self.paused_because.parse().ok(),
            filters: self.filters,
            reason: self.reason,
            request_id: self.request_id,
            client: ClientAddress::from_stored(&self.client_address),
            operation: self.operation,
            own_token_excluded: self.own_left_out,
            cancelled: self.cancelled,
            created: Timestamp::from_ms(self.created),
            started: self.started.map(Timestamp::from_ms),
            ended: self.ended.map(Timestamp::from_ms),
        })
    }
}

impl Store {
    /// The bulk change with this ID.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn bulk(&self, id: &BulkId) -> Result<Option<BulkChange>, StoreError> {
        bulk(self.database.readers(), id).await
    }

    /// The bulk changes that run, in whichever instance, or wait for one.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn running_bulks(&self) -> Result<Vec<BulkChange>, StoreError> {
        let rows: Vec<BulkRow> = query("select * from jobs where state = 'running' order by created")
            .fetch_all(self.database.readers())
            .await?;
        Ok(rows.into_iter().filter_map(BulkRow::into_bulk).collect())
    }

    /// The running bulk changes that no instance has the lease of, and that this one can run.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn unclaimed_bulks(&self) -> Result<Vec<BulkChange>, StoreError> {
        let now = self.database.readers().dialect().now_ms();
        let unclaimed = format!(
            "select * from jobs where state = 'running' and not exists (
                 select 1 from leases
                 where ends > {now}
                       and (name = $1 || jobs.id or (affinity = $1 || jobs.binding and holder <> $2)))
             order by created"
        );
        let rows: Vec<BulkRow> = query(unclaimed)
            .bind(LEASE_PREFIX)
            .bind(&self.instance)
            .fetch_all(self.database.readers())
            .await?;
        Ok(rows.into_iter().filter_map(BulkRow::into_bulk).collect())
    }

    /// How many tokens of a bulk change are in each state.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn bulk_counts(&self, id: &BulkId) -> Result<BulkCounts, StoreError> {
        bulk_counts(self.database.readers(), id).await
    }

    /// At most `limit` tokens of a bulk change in order, from `position` on; if `state` is given, only those in that
    /// state.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn bulk_items(
        &self,
        id: &BulkId,
        state: Option<BulkItemState>,
        position: i64,
        limit: u32,
    ) -> Result<Vec<BulkItem>, StoreError> {
        let sql = format!("select {ITEM_COLUMNS} from job_items where job = $1 and position >= $2");
        let sql = match state {
            Some(_) => format!("{sql} and state = $4 order by position limit $3"),
            None => format!("{sql} order by position limit $3"),
        };
        let mut items = query(sql).bind(id.as_str()).bind(position).bind(limit);
        if let Some(state) = state {
            items = items.bind(state);
        }
        Ok(items.fetch_all(self.database.readers()).await?)
    }

    /// All tokens of a bulk change in this state, in order.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn all_bulk_items(&self, id: &BulkId, state: BulkItemState) -> Result<Vec<BulkItem>, StoreError> {
        self.bulk_items(id, Some(state), 0, u32::MAX).await
    }
}

pub(super) async fn bulk(connection: impl Into<Executor<'_>>, id: &BulkId) -> Result<Option<BulkChange>, StoreError> {
    let row: Option<BulkRow> = query("select * from jobs where id = $1")
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(row.and_then(BulkRow::into_bulk))
}

pub(super) async fn bulk_counts(connection: impl Into<Executor<'_>>, id: &BulkId) -> Result<BulkCounts, StoreError> {
    let rows: Vec<(BulkItemState, i64, i64)> = query(
        "select state, count(*), sum(case when detail = $2 then 1 else 0 end)
         from job_items where job = $1 group by state",
    )
    .bind(id.as_str())
    .bind(&*Detail::ChangedSinceReview.to_stored())
    .fetch_all(connection)
    .await?;
    let mut counts = BulkCounts::default();
    for (state, n, changed_since) in rows {
        counts.add(state, count(n));
        if state == BulkItemState::Failed {
            counts.add_changed_since(count(changed_since));
        }
    }
    Ok(counts)
}

pub(super) fn count(n: i64) -> usize {
    usize::try_from(n).unwrap_or_default()
}
