//! Freezing a selection of tokens, before anything is sent.

use domain::{AutoscopeState, GrantedScopes, PrincipalId, PrincipalKind, ScopesPlan, ScopesSkip, Timestamp, TokenId};
use sqlx::FromRow;

use super::{BulkId, BulkItemState, BulkKind, scopes_plan};
use crate::database::columns::{OwnerKindText, ScopesText, TokenIdText};
use crate::database::{Connection, Value, insert_rows, query};
use crate::{SignInId, Store, StoreError, operation_id};

/// How many rows one statement inserts. SQLite accepts at most 32 766 parameters
/// (<https://sqlite.org/limits.html#max_variable_number>).
const ROWS_PER_INSERT: usize = 1000;

/// How many drafts one person can have in one workspace.
const MAX_DRAFTS: i64 = 20;

/// A bulk change to be drafted.
#[derive(Clone, Debug)]
pub struct NewBulk {
    /// What it does to each token.
    pub kind: BulkKind,
    /// The bulk change of scopes that it puts back.
    pub puts_back: Option<BulkId>,
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
    /// When it is drafted.
    pub created: Timestamp,
}

/// A token of a draft: IDs and scopes only. Many selections are never started, so comments and names are not stored for
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftItem {
    /// Its position among the tokens, from 0.
    pub position: i64,
    /// Its ID.
    pub token: TokenId,
    /// The owner's ID; empty if the workspace named none.
    pub owner_id: String,
    /// How its scopes are changed, or why they are not; `None` if it is revoked.
    pub scopes: Option<Result<ScopesPlan, ScopesSkip>>,
}

#[derive(FromRow)]
struct DraftRow {
    position: i64,
    #[sqlx(try_from = "TokenIdText")]
    token_id: TokenId,
    owner_id: String,
    #[sqlx(try_from = "ScopesText")]
    scopes_before: Option<GrantedScopes>,
    #[sqlx(try_from = "ScopesText")]
    scopes_after: Option<GrantedScopes>,
    autoscope_before: String,
    left_out: String,
}

impl From<DraftRow> for DraftItem {
    fn from(row: DraftRow) -> Self {
        let plan = scopes_plan(row.scopes_before, &row.autoscope_before, row.scopes_after.as_ref());
        Self {
            position: row.position,
            token: row.token_id,
            owner_id: row.owner_id,
            scopes: row.left_out.parse().ok().map(Err).or(plan.map(Ok)),
        }
    }
}

/// A token of a bulk change that starts, as the workspace shows it then.
#[derive(Clone, Debug)]
pub struct NewBulkItem {
    /// The token and its position.
    pub ids: DraftItem,
    /// The comment; empty if it has none or is not listed any more.
    pub comment: String,
    /// The owner's name, as it is displayed.
    pub owner: String,
    /// The owner's kind, if it is known.
    pub owner_kind: Option<PrincipalKind>,
}

impl NewBulkItem {
    /// A token that is only selected.
    fn drafted(ids: DraftItem) -> Self {
        Self {
            ids,
            comment: String::new(),
            owner: String::new(),
            owner_kind: None,
        }
    }
}

impl Store {
    /// Stores a draft with its tokens, all or none. If the person has too many in this workspace, the oldest is
    /// deleted.
    ///
    /// # Errors
    /// If the database fails; then nothing has changed.
    pub async fn draft_bulk(&self, new: NewBulk, items: Vec<DraftItem>) -> Result<BulkId, StoreError> {
        let id = BulkId::random();
        let draft = Draft {
            id: id.clone(),
            operation: operation_id(),
            new,
            items: items.into_iter().map(NewBulkItem::drafted).collect(),
        };
        self.database
            .write(draft, |connection, draft| {
                Box::pin(async move {
                    insert_bulk(connection, draft).await?;
                    insert_items(connection, &draft.id, &draft.items).await
                })
            })
            .await?;
        Ok(id)
    }

    /// All tokens of a draft, in order.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn draft_items(&self, id: &BulkId) -> Result<Vec<DraftItem>, StoreError> {
        let items = "select position, token_id, owner_id, scopes_before, scopes_after, autoscope_before, left_out
                     from job_items where job = $1 order by position";
        let items: Vec<DraftRow> = query(items)
            .bind(id.as_str())
            .fetch_all(self.database.readers())
            .await?;
        Ok(items.into_iter().map(DraftItem::from).collect())
    }

    /// Deletes the drafts that were created before `before`, and returns how many. Drafts have sent nothing.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn purge_drafts(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.database
            .write(before.ms(), |connection, before| {
                Box::pin(async move {
                    let done = query("delete from jobs where state = 'draft' and created < $1")
                        .bind(*before)
                        .execute(connection)
                        .await?;
                    Ok(done)
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

async fn insert_bulk(connection: &mut Connection, draft: &Draft) -> Result<(), StoreError> {
    let new = &draft.new;
    query(
        "delete from jobs where id in
             (select id from jobs where state = 'draft' and binding = $1 and principal_id = $2
              order by created desc, id limit $4 offset $3)",
    )
    .bind(&new.binding)
    .bind(new.principal.get())
    .bind(MAX_DRAFTS - 1)
    .bind(i64::MAX)
    .execute(&mut *connection)
    .await?;
    query(
        "insert into jobs (id, workspace, binding, principal_id, user_name, sign_in, state, filters, reason, request_id,
                           operation, own_left_out, names_missing, created, kind, puts_back)
         values ($1, $2, $3, $4, $5, $6, 'draft', $7, '', $8, $9, $10, false, $11, $12, $13)",
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
    .bind(new.created.ms())
    .bind(new.kind)
    .bind(new.puts_back.as_ref().map(BulkId::as_str).unwrap_or_default())
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn insert_items(
    connection: &mut Connection,
    id: &BulkId,
    items: &[NewBulkItem],
) -> Result<(), StoreError> {
    for part in items.chunks(ROWS_PER_INSERT) {
        let insert = insert_rows(
            "insert into job_items (job, position, token_id, comment, owner_id, owner, owner_kind, recent, state,
                                    scopes_before, scopes_after, autoscope_before, left_out) ",
            part.iter().map(|item| item_row(id, item)),
        );
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

fn item_row(id: &BulkId, item: &NewBulkItem) -> [Value; 13] {
    let (plan, skip) = match &item.ids.scopes {
        None => (None, None),
        Some(Ok(plan)) => (Some(plan), None),
        Some(Err(skip)) => (None, Some(*skip)),
    };
    let state_before = plan.and_then(|plan| plan.state_before.as_ref());
    let after = plan.map(|plan| GrantedScopes::of(Some(&plan.after)));
    [
        id.as_str().into(),
        item.ids.position.into(),
        item.ids.token.as_str().into(),
        (&item.comment).into(),
        (&item.ids.owner_id).into(),
        (&item.owner).into(),
        OwnerKindText::word(item.owner_kind).into(),
        // An earlier version counted the recently used tokens of a draft by this column.
        false.into(),
        BulkItemState::Waiting.into(),
        plan.map(|plan| ScopesText::of(&plan.before)).unwrap_or_default().into(),
        after.as_ref().map(ScopesText::of).unwrap_or_default().into(),
        state_before.map_or("", AutoscopeState::name).into(),
        skip.map(ScopesSkip::slug).unwrap_or_default().into(),
    ]
}
