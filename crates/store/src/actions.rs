//! The console's own record of what was done through it: append-only, also against a hand at the database (triggers
//! refuse to change or delete a row). The workspace's audit log stays the authority on what happened.

use crate::{Store, StoreError};
use domain::Timestamp;
use sqlx::FromRow;

/// One thing that somebody did to a workspace through the console. Holds no credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// When.
    pub at: Timestamp,
    /// The configured name of the workspace.
    pub workspace: String,
    /// User name of who did it.
    pub actor: String,
    /// What was done, such as `revoke_token`.
    pub kind: String,
    /// What it was done to, such as a token's id.
    pub target: String,
    /// How it ended.
    pub outcome: String,
    /// Id of the request to the console.
    pub request_id: String,
}

#[derive(FromRow)]
struct ActionRow {
    at: i64,
    workspace: String,
    actor: String,
    kind: String,
    target: String,
    outcome: String,
    request_id: String,
}

impl From<ActionRow> for Action {
    fn from(row: ActionRow) -> Self {
        Self {
            at: Timestamp::from_ms(row.at),
            workspace: row.workspace,
            actor: row.actor,
            kind: row.kind,
            target: row.target,
            outcome: row.outcome,
            request_id: row.request_id,
        }
    }
}

impl Store {
    /// Adds an action to the record.
    ///
    /// # Errors
    /// When the database fails; then nothing was added.
    pub async fn record(&self, action: &Action) -> Result<(), StoreError> {
        sqlx::query(
            "insert into actions (at, workspace, actor, kind, target, outcome, request_id)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(action.at.ms())
        .bind(&action.workspace)
        .bind(&action.actor)
        .bind(&action.kind)
        .bind(&action.target)
        .bind(&action.outcome)
        .bind(&action.request_id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The latest `limit` actions of a workspace, newest first; of two at the same moment, the one recorded later
    /// comes first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn actions(&self, workspace: &str, limit: u32) -> Result<Vec<Action>, StoreError> {
        let rows: Vec<ActionRow> = sqlx::query_as(
            "select at, workspace, actor, kind, target, outcome, request_id from actions
             where workspace = $1 order by at desc, id desc limit $2",
        )
        .bind(workspace)
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(Action::from).collect())
    }
}
