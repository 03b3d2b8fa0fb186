//! Managing sign-ins: each person lists their own, and the operator ends anyone's. No credential is read here.

use domain::{ClientAddress, PrincipalId, Timestamp};
use sqlx::FromRow;

use super::{EndedSignIn, publish_ended};
use crate::database::{self, Connection, query};
use crate::{CredentialKind, DatabaseLocation, SignInId, Store, StoreError, operation_id};

/// The migration that creates the table of events, on both databases.
const EVENTS_MIGRATION: i64 = 12;

/// A sign-in as its person sees it: the fields of [`SignIn`](crate::SignIn) without the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of SignIn")]
pub struct SignInSummary {
    pub id: SignInId,
    pub kind: CredentialKind,
    pub device: String,
    pub client: ClientAddress,
    pub created: Timestamp,
    pub last_seen: Timestamp,
    pub ends: Timestamp,
}

/// Which sign-ins the operator ends: those that match every given field.
#[derive(Clone, Debug, Default)]
pub struct SignInFilter {
    /// The configured name of a workspace.
    pub workspace: Option<String>,
    /// A username.
    pub user_name: Option<String>,
}

#[derive(FromRow)]
struct SignInSummaryRow {
    id: String,
    kind: CredentialKind,
    device: String,
    client_address: String,
    created: i64,
    last_seen: i64,
    ends: i64,
}

impl Store {
    /// The sign-ins of a person to a workspace that have not ended at `now`, the most recently used first.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn sign_ins_of(
        &self,
        workspace: &str,
        principal: PrincipalId,
        now: Timestamp,
    ) -> Result<Vec<SignInSummary>, StoreError> {
        let rows: Vec<SignInSummaryRow> = query(
            "select id, kind, device, client_address, created, last_seen, ends from sign_ins
             where workspace = $1 and principal_id = $2 and ends > $3 and $3 - last_seen < idle_ms
             order by last_seen desc, created desc, id",
        )
        .bind(workspace)
        .bind(principal.get())
        .bind(now.ms())
        .fetch_all(self.database.readers())
        .await?;
        Ok(rows.into_iter().filter_map(SignInSummaryRow::into_summary).collect())
    }
}

/// Ends the matching sign-ins, and returns how many there were. It needs no sealing key. Consoles can be running, and
/// get an event.
///
/// # Errors
/// If the database does not exist or fails; then none was ended.
pub async fn end_sign_ins(location: impl Into<DatabaseLocation>, filter: &SignInFilter) -> Result<u64, StoreError> {
    let connection = database::open_unmigrated(&location.into()).await?;
    database::write_once(connection, filter, |connection, filter| {
        Box::pin(end_matching(connection, filter))
    })
    .await
}

async fn end_matching(connection: &mut Connection, filter: &SignInFilter) -> Result<u64, StoreError> {
    // A sign-in is bound to the workspace's name and URL, with a space between.
    let delete = query(
        "delete from sign_ins
         where ($1 is null or substr(workspace, 1, length($1) + 1) = $1 || ' ') and ($2 is null or user_name = $2)
         returning id, workspace",
    );
    let ended: Vec<EndedSignIn> = delete
        .bind(filter.workspace.as_deref())
        .bind(filter.user_name.as_deref())
        .fetch_all(&mut *connection)
        .await?;
    let count = ended.len().try_into().unwrap_or(u64::MAX);
    // The database can be that of a version that has no events.
    let has_events: Option<(i64,)> = query("select version from _sqlx_migrations where version = $1")
        .bind(EVENTS_MIGRATION)
        .fetch_optional(&mut *connection)
        .await?;
    if has_events.is_some() {
        // With a random instance ID, every running instance takes the events for those of another one.
        publish_ended(connection, &operation_id(), ended).await?;
    }
    Ok(count)
}

impl SignInSummaryRow {
    /// `None` if the ID in the database was edited by hand.
    fn into_summary(self) -> Option<SignInSummary> {
        Some(SignInSummary {
            id: self.id.parse().ok()?,
            kind: self.kind,
            device: self.device,
            client: ClientAddress::from_stored(&self.client_address),
            created: Timestamp::from_ms(self.created),
            last_seen: Timestamp::from_ms(self.last_seen),
            ends: Timestamp::from_ms(self.ends),
        })
    }
}
