//! Freezing a selection of tokens, before anything is sent.

use domain::{PrincipalId, PrincipalKind, Timestamp, TokenId};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{BulkId, BulkItemState};
use crate::{SignInId, Store, StoreError, operation_id};

/// How many rows one statement inserts. SQLite accepts at most 32 766 parameters
/// (<https://sqlite.org/limits.html#max_variable_number>).
const ROWS_PER_INSERT: usize = 1000;

/// How many drafts one person can have in one workspace.
const MAX_DRAFTS: i64 = 20;

/// A bulk revocation to be drafted.
#[derive(Clone, Debug)]
pub struct NewBulk {
    /// The configured name of the workspace.
    pub workspace: String,
    /// The name and URL of the workspace.
    pub binding: String,
    /// The SCIM ID of the person who drafts it.
    pub principal: PrincipalId,
    /// The username of that person.
    pub user_name: String,
    /// The sign-in of that person.
    pub sign_in: SignInId,
    /// The filters that selected the tokens, as in the URL of the list.
    pub filters: String,
    /// The ID of the request.
    pub request_id: String,
    /// Whether the session's own token was selected and excluded.
    pub own_token_excluded: bool,
    /// Whether the owners' names could not be read.
    pub names_missing: bool,
    /// When it is drafted.
    pub created: Timestamp,
}

/// A selected token.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the other fields are what their names say")]
pub struct NewBulkItem {
    pub token: TokenId,
    pub comment: String,
    /// The owner's ID; empty if the workspace named none.
    pub owner_id: String,
    /// The owner's name, as it is displayed.
    pub owner: String,
    /// The owner's kind, if it is known.
    pub owner_kind: Option<PrincipalKind>,
    /// Whether it was used within the last seven days.
    pub recent: bool,
}

impl Store {
    /// Stores a draft with its tokens, all or none. If the person has too many in this workspace, the oldest goes.
    ///
    /// # Errors
    /// If the database fails; then nothing has changed.
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

    /// Deletes the drafts that were created before `before`, of which nothing was ever sent. Returns how many.
    ///
    /// # Errors
    /// If the database fails.
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
    sqlx::query(
        "delete from jobs where id in
             (select id from jobs where state = 'draft' and binding = $1 and principal_id = $2
              order by created desc, id limit -1 offset $3)",
    )
    .bind(&new.binding)
    .bind(new.principal.get())
    .bind(MAX_DRAFTS - 1)
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
    .bind(new.own_token_excluded)
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
                .push_bind(item.owner_kind.map_or("unknown", PrincipalKind::slug))
                .push_bind(item.recent)
                .push_bind(BulkItemState::Waiting);
            position += 1;
        });
        insert.build().persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}
