//! Looking at jobs.

use std::collections::HashMap;

use domain::{PrincipalId, PrincipalKind, Timestamp, TokenId};
use sqlx::FromRow;

use super::{BulkCounts, BulkId, BulkItem, BulkItemState, BulkRevocation, BulkState, PauseReason};
use crate::{Store, StoreError};

/// An owner of a job's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkOwner {
    /// How they are shown.
    pub name: String,
    /// What they are, where that is known.
    pub kind: Option<PrincipalKind>,
    /// Their tokens in the job.
    pub tokens: usize,
    /// Of those, used within the seven days before it was drafted.
    pub recent: usize,
}

/// The owners of a job's tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkOwners {
    /// The first of them: service principals, then whoever has most.
    pub first: Vec<BulkOwner>,
    /// All of them.
    pub owners: usize,
    /// The service principals among them.
    pub service_principals: usize,
    /// Tokens used within the seven days before the job was drafted.
    pub recent: usize,
}

#[derive(FromRow)]
struct JobRow {
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
    operation: String,
    own_left_out: bool,
    names_missing: bool,
    cancelled: bool,
    created: i64,
    started: Option<i64>,
    ended: Option<i64>,
}

impl JobRow {
    /// `None` where somebody edited the ids by hand.
    fn bulk(self) -> Option<BulkRevocation> {
        Some(BulkRevocation {
            id: self.id.parse().ok()?,
            workspace: self.workspace,
            binding: self.binding,
            principal: PrincipalId::new(self.principal_id),
            user_name: self.user_name,
            sign_in: self.sign_in.parse().ok()?,
            state: self.state,
            paused_because: from_stored(&self.paused_because),
            filters: self.filters,
            reason: self.reason,
            request_id: self.request_id,
            operation: self.operation,
            own_left_out: self.own_left_out,
            names_missing: self.names_missing,
            cancelled: self.cancelled,
            created: Timestamp::from_ms(self.created),
            started: self.started.map(Timestamp::from_ms),
            ended: self.ended.map(Timestamp::from_ms),
        })
    }
}

fn from_stored(text: &str) -> Option<PauseReason> {
    Some(match text {
        "signed_out" => PauseReason::SignedOut,
        "credential_ended" => PauseReason::CredentialEnded,
        "not_allowed" => PauseReason::NotAllowed,
        "read_only" => PauseReason::ReadOnly,
        "workspace_fails" => PauseReason::WorkspaceFails,
        _ => return None,
    })
}

#[derive(FromRow)]
pub(super) struct ItemRow {
    position: i64,
    token_id: String,
    comment: String,
    owner: String,
    state: BulkItemState,
    detail: String,
    operation: String,
    look_first: bool,
}

impl From<ItemRow> for BulkItem {
    fn from(row: ItemRow) -> Self {
        Self {
            position: row.position,
            token: TokenId::new(row.token_id),
            comment: row.comment,
            owner: row.owner,
            state: row.state,
            detail: row.detail,
            operation: row.operation,
            look_first: row.look_first,
        }
    }
}

impl Store {
    /// The job with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bulk(&self, id: &BulkId) -> Result<Option<BulkRevocation>, StoreError> {
        let row: Option<JobRow> = sqlx::query_as("select * from jobs where id = $1")
            .bind(id.as_str())
            .fetch_optional(self.database.readers())
            .await?;
        Ok(row.and_then(JobRow::bulk))
    }

    /// The jobs of a workspace, by name and address, that were started, the latest first, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bulks(&self, binding: &str, limit: u32) -> Result<Vec<BulkRevocation>, StoreError> {
        let rows: Vec<JobRow> = sqlx::query_as(
            "select * from jobs where binding = $1 and state <> 'draft' order by created desc, id limit $2",
        )
        .bind(binding)
        .bind(limit)
        .fetch_all(self.database.readers())
        .await?;
        Ok(rows.into_iter().filter_map(JobRow::bulk).collect())
    }

    /// The jobs that are to be gone on with when a console starts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn running_bulks(&self) -> Result<Vec<BulkRevocation>, StoreError> {
        let rows: Vec<JobRow> = sqlx::query_as("select * from jobs where state = 'running' order by created")
            .fetch_all(self.database.readers())
            .await?;
        Ok(rows.into_iter().filter_map(JobRow::bulk).collect())
    }

    /// How many tokens failed, by finished bulk revocation of a workspace, by its name and address. Without those where
    /// none did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn failed_items(&self, binding: &str) -> Result<HashMap<BulkId, usize>, StoreError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "select job, count(*) from job_items where state = 'failed' and job in
                 (select id from jobs where binding = $1 and state = 'finished') group by job",
        )
        .bind(binding)
        .fetch_all(self.database.readers())
        .await?;
        let count = |(id, n): (String, i64)| Some((id.parse::<BulkId>().ok()?, usize::try_from(n).ok()?));
        Ok(rows.into_iter().filter_map(count).collect())
    }

    /// How many of its tokens stand where.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bulk_counts(&self, id: &BulkId) -> Result<BulkCounts, StoreError> {
        let rows: Vec<(BulkItemState, i64)> =
            sqlx::query_as("select state, count(*) from job_items where job = $1 group by state")
                .bind(id.as_str())
                .fetch_all(self.database.readers())
                .await?;
        let mut counts = BulkCounts::default();
        for (state, n) in rows {
            if let Some(place) = BulkItemState::ALL.iter().position(|s| *s == state) {
                counts.by_state[place] = usize::try_from(n).unwrap_or_default();
            }
        }
        Ok(counts)
    }

    /// Its tokens from `position` on, in order, at most `limit`; of one state, where one is asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bulk_items(
        &self,
        id: &BulkId,
        state: Option<BulkItemState>,
        position: i64,
        limit: u32,
    ) -> Result<Vec<BulkItem>, StoreError> {
        let sql = "select position, token_id, comment, owner, state, detail, operation, look_first from job_items
                   where job = $1 and position >= $2 ";
        let sql = match state {
            Some(_) => format!("{sql} and state = $4 order by position limit $3"),
            None => format!("{sql} order by position limit $3"),
        };
        let mut query = sqlx::query_as(&sql).bind(id.as_str()).bind(position).bind(limit);
        if let Some(state) = state {
            query = query.bind(state);
        }
        let rows: Vec<ItemRow> = query.fetch_all(self.database.readers()).await?;
        Ok(rows.into_iter().map(BulkItem::from).collect())
    }

    /// Whose tokens they are: the first `limit` owners, and how many there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bulk_owners(&self, id: &BulkId, limit: u32) -> Result<BulkOwners, StoreError> {
        let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
            "select owner, owner_kind, count(*), sum(recent) from job_items where job = $1 group by owner_id, owner, owner_kind
             order by owner_kind <> 'service_principal', count(*) desc, owner limit $2",
        )
        .bind(id.as_str())
        .bind(limit)
        .fetch_all(self.database.readers())
        .await?;
        let (owners, service_principals): (i64, i64) = sqlx::query_as(
            "select count(*), coalesce(sum(owner_kind = 'service_principal'), 0)
             from (select distinct owner_id, owner_kind from job_items where job = $1)",
        )
        .bind(id.as_str())
        .fetch_one(self.database.readers())
        .await?;
        let (recent,): (i64,) = sqlx::query_as("select coalesce(sum(recent), 0) from job_items where job = $1")
            .bind(id.as_str())
            .fetch_one(self.database.readers())
            .await?;
        let number = |n: i64| usize::try_from(n).unwrap_or_default();
        let owner = |(name, kind, tokens, recent): (String, String, i64, i64)| BulkOwner {
            name,
            kind: match kind.as_str() {
                "service_principal" => Some(PrincipalKind::ServicePrincipal),
                "user" => Some(PrincipalKind::User),
                _ => None,
            },
            tokens: number(tokens),
            recent: number(recent),
        };
        Ok(BulkOwners {
            first: rows.into_iter().map(owner).collect(),
            owners: number(owners),
            service_principals: number(service_principals),
            recent: number(recent),
        })
    }
}
