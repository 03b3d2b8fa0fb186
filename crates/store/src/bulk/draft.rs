//! Freezing what was picked.

use domain::{PrincipalId, PrincipalKind, Timestamp, TokenId};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::BulkId;
use crate::{SignInId, Store, StoreError, operation_id};

/// Rows that one statement adds: SQLite takes 32 766 parameters.
const ROWS_PER_INSERT: usize = 1000;

/// A job to be drafted.
#[derive(Clone, Debug)]
pub struct NewBulk {
    /// The configured name of the workspace.
    pub workspace: String,
    /// Name and address of the workspace.
    pub binding: String,
    /// The SCIM id of who drafts it.
    pub principal: PrincipalId,
    /// Their user name.
    pub user_name: String,
    /// Their sign-in.
    pub sign_in: SignInId,
    /// The filters that picked the tokens.
    pub filters: String,
    /// Id of the request.
    pub request_id: String,
    /// Whether the session's own token was picked and left out.
    pub own_left_out: bool,
    /// Whether owners' names could not be read.
    pub names_missing: bool,
    /// When.
    pub created: Timestamp,
}

/// A token that was picked.
#[derive(Clone, Debug)]
pub struct NewBulkItem {
    /// The token.
    pub token: TokenId,
    /// Its comment.
    pub comment: String,
    /// Its owner's id; empty where the workspace named none.
    pub owner_id: String,
    /// How its owner is shown.
    pub owner: String,
    /// What its owner is, where that is known.
    pub owner_kind: Option<PrincipalKind>,
    /// Whether it was used within the last seven days.
    pub recent: bool,
}

impl Store {
    /// Writes a draft down with its tokens, all or nothing, in the place of any other draft of this person.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn draft_bulk(&self, new: NewBulk, items: Vec<NewBulkItem>) -> Result<BulkId, StoreError> {
        let id = BulkId::random();
        let draft = Draft {
            id: id.clone(),
            operation: operation_id(),
            new,
            items,
        };
        self.database
            .write(draft, |connection, draft| {
                Box::pin(async move {
                    insert_bulk(connection, draft).await?;
                    insert_items(connection, draft).await
                })
            })
            .await?;
        Ok(id)
    }

    /// Forgets drafts from before `before`: nothing was ever sent of them. Says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge_drafts(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.database
            .write(before.ms(), |connection, before| {
                Box::pin(async move {
                    let done = sqlx::query("delete from jobs where state = 'draft' and created < $1")
                        .bind(*before)
                        .execute(connection)
                        .await?;
                    Ok(done.rows_affected())
                })
            })
            .await
    }
}

struct Draft {
    id: BulkId,
    operation: String,
    new: NewBulk,
    items: Vec<NewBulkItem>,
}

async fn insert_bulk(connection: &mut SqliteConnection, draft: &Draft) -> Result<(), StoreError> {
    let new = &draft.new;
    sqlx::query("delete from jobs where state = 'draft' and binding = $1 and principal_id = $2")
        .bind(&new.binding)
        .bind(new.principal.get())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "insert into jobs (id, workspace, binding, principal_id, user_name, sign_in, state, filters, reason, request_id,
                           operation, own_left_out, names_missing, created)
         values ($1, $2, $3, $4, $5, $6, 'draft', $7, '', $8, $9, $10, $11, $12)",
    )
    .bind(draft.id.as_str())
    .bind(&new.workspace)
    .bind(&new.binding)
    .bind(new.principal.get())
    .bind(&new.user_name)
    .bind(new.sign_in.to_string())
    .bind(&new.filters)
    .bind(&new.request_id)
    .bind(&draft.operation)
    .bind(new.own_left_out)
    .bind(new.names_missing)
    .bind(new.created.ms())
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_items(connection: &mut SqliteConnection, draft: &Draft) -> Result<(), StoreError> {
    let mut position = 0_i64;
    for part in draft.items.chunks(ROWS_PER_INSERT) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "insert into job_items (job, position, token_id, comment, owner_id, owner, owner_kind, recent, state) ",
        );
        insert.push_values(part, |mut row, item| {
            row.push_bind(draft.id.as_str())
                .push_bind(position)
                .push_bind(item.token.as_str())
                .push_bind(&item.comment)
                .push_bind(&item.owner_id)
                .push_bind(&item.owner)
                .push_bind(kind_slug(item.owner_kind))
                .push_bind(item.recent)
                .push_bind("waiting");
            position += 1;
        });
        insert.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

fn kind_slug(kind: Option<PrincipalKind>) -> &'static str {
    match kind {
        Some(PrincipalKind::ServicePrincipal) => "service_principal",
        Some(PrincipalKind::User) => "user",
        None => "unknown",
    }
}
