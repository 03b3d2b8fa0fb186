//! Form drafts: what people typed, kept for a while because it does not fit into a URL, or was sent after the session
//! had ended. A draft belongs to one person and one workspace.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use domain::{PrincipalId, Timestamp};
use sqlx::FromRow;

use crate::database::{Connection, query};
use crate::{Store, StoreError, operation_id};

/// How long a draft is kept after it was typed.
pub const FORM_DRAFT_TTL: Duration = Duration::from_mins(30);

/// How many drafts of one person in one workspace are kept; the oldest is deleted. Drafts of unknown people count as
/// those of one person.
const MAX_FORM_DRAFTS: i64 = 50;

/// How old an equal draft can be to be used instead of a new one.
const REUSE_AGE: Duration = Duration::from_mins(5);

/// The ID of a form draft: 128 random bits as 32 lower-case hexadecimal digits. Only its person can use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormDraftId(String);

/// The text is not a [`FormDraftId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A form draft ID has 32 hexadecimal digits.")]
pub struct FormDraftIdError;

impl fmt::Display for FormDraftId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FormDraftId {
    type Err = FormDraftIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_id = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_id.then(|| Self(text.to_owned())).ok_or(FormDraftIdError)
    }
}

/// What someone typed into a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormDraft {
    /// The name and URL of the workspace.
    pub binding: String,
    /// Who typed it; `None` if the browser no longer knew.
    pub principal: Option<PrincipalId>,
    /// The fields, as a query string. It must not contain a token value.
    pub fields: String,
    /// Whether it was sent after the session had ended, so that nothing was changed.
    pub interrupted: bool,
    /// When it was typed.
    pub created: Timestamp,
}

#[derive(FromRow)]
struct FormDraftRow {
    binding: String,
    principal: Option<i64>,
    fields: String,
    interrupted: bool,
    created: i64,
}

impl Store {
    /// Stores a draft, and deletes those that are too old or too many. An equal one of the last minutes is used again.
    ///
    /// # Errors
    /// If the database fails; then the draft is not kept.
    pub async fn keep_form_draft(&self, draft: FormDraft) -> Result<FormDraftId, StoreError> {
        let reusable = "select id from form_drafts where binding = $1 and principal is not distinct from $2
                        and created > $3 and fields = $4 and interrupted = $5";
        let id: Option<(String,)> = query(reusable)
            .bind(&draft.binding)
            .bind(draft.principal.map(PrincipalId::get))
            .bind(draft.created.minus(REUSE_AGE).ms())
            .bind(&draft.fields)
            .bind(draft.interrupted)
            .fetch_optional(self.database.readers())
            .await?;
        if let Some(id) = id.and_then(|(id,)| id.parse().ok()) {
            return Ok(id);
        }
        let id = FormDraftId(operation_id());
        self.database
            .write((id.clone(), draft), |connection, (id, draft)| {
                Box::pin(insert(connection, id, draft))
            })
            .await?;
        Ok(id)
    }

    /// The draft with this ID, if it is still kept at `now`.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn form_draft(&self, id: &FormDraftId, now: Timestamp) -> Result<Option<FormDraft>, StoreError> {
        let row: Option<FormDraftRow> = query(
            "select binding, principal, fields, interrupted, created from form_drafts where id = $1 and created > $2",
        )
        .bind(&id.0)
        .bind(now.minus(FORM_DRAFT_TTL).ms())
        .fetch_optional(self.database.readers())
        .await?;
        Ok(row.map(|row| FormDraft {
            binding: row.binding,
            principal: row.principal.map(PrincipalId::new),
            fields: row.fields,
            interrupted: row.interrupted,
            created: Timestamp::from_ms(row.created),
        }))
    }

    /// Deletes the drafts that are too old at `now`, and returns how many.
    pub(crate) async fn purge_form_drafts(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.database
            .write(now, |connection, now| Box::pin(purge(connection, *now)))
            .await
    }
}

async fn insert(connection: &mut Connection, id: &FormDraftId, draft: &FormDraft) -> Result<(), StoreError> {
    purge(connection, draft.created).await?;
    query(
        "delete from form_drafts where id in
             (select id from form_drafts where binding = $1 and principal is not distinct from $2
              order by created desc, id limit $4 offset $3)",
    )
    .bind(&draft.binding)
    .bind(draft.principal.map(PrincipalId::get))
    .bind(MAX_FORM_DRAFTS - 1)
    .bind(i64::MAX)
    .execute(&mut *connection)
    .await?;
    query(
        "insert into form_drafts (id, binding, principal, fields, interrupted, created)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&id.0)
    .bind(&draft.binding)
    .bind(draft.principal.map(PrincipalId::get))
    .bind(&draft.fields)
    .bind(draft.interrupted)
    .bind(draft.created.ms())
    .execute(connection)
    .await?;
    Ok(())
}

async fn purge(connection: &mut Connection, now: Timestamp) -> Result<u64, StoreError> {
    let done = query("delete from form_drafts where created <= $1")
        .bind(now.minus(FORM_DRAFT_TTL).ms())
        .execute(connection)
        .await?;
    Ok(done)
}
