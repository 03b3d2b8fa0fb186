//! Reading bulk revocations.

use std::collections::HashMap;

use domain::{ClientAddress, PrincipalId, Timestamp};
use sqlx::FromRow;

use super::{BulkCounts, BulkId, BulkItem, BulkItemState, BulkRevocation, BulkState};
use crate::{Store, StoreError};

#[derive(FromRow)]
struct BulkRow {
    id: String,
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
    names_missing: bool,
    cancelled: bool,
    created: i64,
    started: Option<i64>,
    ended: Option<i64>,
}

impl BulkRow {
    /// `None` if an ID in the database was edited by hand.
    fn into_bulk(self) -> Option<BulkRevocation> {
        Some(BulkRevocation {
            id: self.id.parse().ok()?,
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
            names_missing: self.names_missing,
            cancelled: self.cancelled,
            created: Timestamp::from_ms(self.created),
            started: self.started.map(Timestamp::from_ms),
            ended: self.ended.map(Timestamp::from_ms),
        })
    }
}

impl Store {
    /// The bulk revocation with this ID.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn bulk(&self, id: &BulkId) -> Result<Option<BulkRevocation>, StoreError> {
        let row: Option<BulkRow> = sqlx::query_as("select * from jobs where id = $1")
            .bind(id.as_str())
            .fetch_optional(self.database.readers())
            .await?;
        Ok(row.and_then(BulkRow::into_bulk))
    }

    /// At most `limit` started bulk revocations of a workspace, by its name and URL, newest first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn bulks(&self, binding: &str, limit: u32) -> Result<Vec<BulkRevocation>, StoreError> {
        let rows: Vec<BulkRow> = sqlx::query_as(
            "select * from jobs where binding = $1 and state <> 'draft' order by created desc, id limit $2",
        )
        .bind(binding)
        .bind(limit)
        .fetch_all(self.database.readers())
        .await?;
        Ok(rows.into_iter().filter_map(BulkRow::into_bulk).collect())
    }

    /// The bulk revocations that a console resumes when it starts.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn running_bulks(&self) -> Result<Vec<BulkRevocation>, StoreError> {
        let rows: Vec<BulkRow> = sqlx::query_as("select * from jobs where state = 'running' order by created")
            .fetch_all(self.database.readers())
            .await?;
        Ok(rows.into_iter().filter_map(BulkRow::into_bulk).collect())
    }

    /// How many tokens failed or were not confirmed in each finished bulk revocation of a workspace, by its name and
    /// URL. Those without any are left out.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn failed_items(&self, binding: &str) -> Result<HashMap<BulkId, usize>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "select job, count(*) from job_items where state in ('failed', 'unknown') and job in
                 (select id from jobs where binding = $1 and state = 'finished') group by job",
        )
        .bind(binding)
        .fetch_all(self.database.readers())
        .await?;
        let rows = rows.into_iter();
        Ok(rows.filter_map(|(id, n)| Some((id.parse().ok()?, count(n)))).collect())
    }

    /// How many of its tokens are in each state.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn bulk_counts(&self, id: &BulkId) -> Result<BulkCounts, StoreError> {
        let rows: Vec<(BulkItemState, i64)> =
            sqlx::query_as("select state, count(*) from job_items where job = $1 group by state")
                .bind(id.as_str())
                .fetch_all(self.database.readers())
                .await?;
        let mut counts = BulkCounts::default();
        for (state, n) in rows {
            counts.by_state[state as usize] = count(n);
        }
        Ok(counts)
    }

    /// At most `limit` of its tokens in order, from `position` on; if `state` is given, only those in that state.
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
        let sql =
            "select position, token_id, comment, owner_id, owner, state, detail, operation, look_first from job_items
                   where job = $1 and position >= $2 ";
        let sql = match state {
            Some(_) => format!("{sql} and state = $4 order by position limit $3"),
            None => format!("{sql} order by position limit $3"),
        };
        let mut query = sqlx::query_as(&sql).bind(id.as_str()).bind(position).bind(limit);
        if let Some(state) = state {
            query = query.bind(state);
        }
        Ok(query.fetch_all(self.database.readers()).await?)
    }
}

fn count(n: i64) -> usize {
    usize::try_from(n).unwrap_or_default()
}
