//! The sign-ins of one person, as they look after them, and of everybody, as the operator ends them. No credential is read
//! here.

use std::path::Path;

use domain::{PrincipalId, Timestamp};
use sqlx::{Connection as _, FromRow};

use crate::{CredentialKind, SignInId, Store, StoreError, database};

/// A sign-in as its person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInSummary {
    /// Its id.
    pub id: SignInId,
    /// What they signed in with.
    pub kind: CredentialKind,
    /// The browser and system.
    pub device: String,
    /// When they signed in.
    pub created: Timestamp,
    /// When a request of theirs was last noted, up to a minute ago.
    pub last_seen: Timestamp,
    /// The end that no activity moves.
    pub ends: Timestamp,
}

/// Whose sign-ins the operator ends; each field that is given narrows it.
#[derive(Clone, Debug, Default)]
pub struct SignInFilter {
    /// The configured name of a workspace.
    pub workspace: Option<String>,
    /// A user name.
    pub user_name: Option<String>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    kind: CredentialKind,
    device: String,
    created: i64,
    last_seen: i64,
    ends: i64,
}

impl Store {
    /// The sign-ins of a person to a workspace that have not ended at `now`, the latest used first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_ins_of(
        &self,
        workspace: &str,
        principal: PrincipalId,
        now: Timestamp,
    ) -> Result<Vec<SignInSummary>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select id, kind, device, created, last_seen, ends from sign_ins
             where workspace = $1 and principal_id = $2 and ends > $3 and $3 - last_seen < idle_ms
             order by last_seen desc, created desc, id",
        )
        .bind(workspace)
        .bind(principal.get())
        .bind(now.ms())
        .fetch_all(self.database.readers())
        .await?;
        Ok(rows.into_iter().filter_map(Row::convert).collect())
    }
}

/// Ends sign-ins in `<data_dir>/console.db` of whoever it names, and says how many those were. Needs no sealing key; the console
/// may run meanwhile.
///
/// # Errors
/// When there is no such database, or it fails; then none was ended.
pub async fn end_sign_ins(data_dir: &Path, whose: &SignInFilter) -> Result<u64, StoreError> {
    let mut connection = database::open_unmigrated(&data_dir.join("console.db")).await?;
    // A sign-in is bound to the workspace's name and address, with a space between.
    let done = sqlx::query(
        "delete from sign_ins
         where ($1 is null or substr(workspace, 1, length($1) + 1) = $1 || ' ') and ($2 is null or user_name = $2)",
    )
    .bind(whose.workspace.as_deref())
    .bind(whose.user_name.as_deref())
    .execute(&mut connection)
    .await;
    connection.close().await?;
    Ok(done?.rows_affected())
}

impl Row {
    /// Every stored id is one.
    fn convert(self) -> Option<SignInSummary> {
        Some(SignInSummary {
            id: self.id.parse().ok()?,
            kind: self.kind,
            device: self.device,
            created: Timestamp::from_ms(self.created),
            last_seen: Timestamp::from_ms(self.last_seen),
            ends: Timestamp::from_ms(self.ends),
        })
    }
}
