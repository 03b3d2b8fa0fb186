//! The chain of hashes over the activity log, and verifying it.

use std::fmt;

use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::ActivityEntry;
use crate::database::statement::storable;
use crate::database::{self, Dialect, Readers, Value, query};
use crate::{DatabaseLocation, StoreError};

/// The hash of the latest row: SHA-256 in hexadecimal, empty if the log is empty. It is written to the server's log
/// with each row, out of reach of someone with database access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead(pub String);

impl fmt::Display for ChainHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an activity log differs from what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A row does not match the rows before it.
    #[error("row {id} does not match the rows before it: it, or one right before it, was changed or removed")]
    Row {
        /// The row's number.
        id: i64,
    },
    /// No row has the given hash.
    #[error("no row has the hash {head}: the log was truncated or rewritten after that hash was noted")]
    NoSuchHead {
        /// The given hash.
        head: String,
    },
    /// The list of operations, which pages and exports read, differs from the rows of an operation.
    #[error("the operation of row {id} is not listed as it was written, so that pages and exports can miss it")]
    Listed {
        /// The number of the operation's first row.
        id: i64,
    },
}

/// A row as it is stored, which is what its hash covers. Its words are not parsed, so that rows of other versions can
/// be verified too.
#[derive(FromRow)]
pub(super) struct StoredEntry {
    pub(super) at: i64,
    pub(super) workspace: String,
    pub(super) operation: String,
    pub(super) phase: String,
    pub(super) actor: String,
    pub(super) kind: String,
    pub(super) target: String,
    pub(super) was: String,
    pub(super) wanted: String,
    pub(super) reason: String,
    pub(super) outcome: String,
    pub(super) detail: String,
    pub(super) request_id: String,
    /// `None` in a row from before the column, which the database may not even have.
    #[sqlx(default)]
    pub(super) client_address: Option<String>,
}

impl StoredEntry {
    pub(super) fn of(entry: &ActivityEntry) -> Self {
        // The hash covers what the database stores.
        let text = |text: &str| storable(text).into_owned();
        Self {
            at: entry.at.ms(),
            workspace: text(&entry.workspace),
            operation: text(&entry.operation),
            phase: <&str>::from(entry.phase).to_owned(),
            actor: text(&entry.actor),
            kind: text(entry.kind.to_stored()),
            target: text(&entry.target),
            was: text(&entry.before),
            wanted: text(&entry.requested.to_stored()),
            reason: text(&entry.reason),
            outcome: entry.outcome.slug().to_owned(),
            detail: text(&entry.detail.to_stored()),
            request_id: text(&entry.request_id),
            client_address: Some(entry.client.to_stored()),
        }
    }

    /// The values of its columns, in the order of [`super::append`], with its hash.
    pub(super) fn into_row(self, hash: &str) -> [Value; 15] {
        [
            self.at.into(),
            self.workspace.into(),
            self.operation.into(),
            self.phase.into(),
            self.actor.into(),
            self.kind.into(),
            self.target.into(),
            self.was.into(),
            self.wanted.into(),
            self.reason.into(),
            self.outcome.into(),
            self.detail.into(),
            self.request_id.into(),
            (&self.client_address).into(),
            hash.into(),
        ]
    }

    /// The hash of this row after the row with the hash `before`. It covers a JSON list, so that the end of one field
    /// cannot be taken for the beginning of the next. The list ends with the client's address, if the row has one.
    pub(super) fn hash(&self, before: &str) -> String {
        let at = self.at.to_string();
        let mut fields = vec![
            before,
            &at,
            &self.workspace,
            &self.operation,
            &self.phase,
            &self.actor,
            &self.kind,
            &self.target,
            &self.was,
            &self.wanted,
            &self.reason,
            &self.outcome,
            &self.detail,
            &self.request_id,
        ];
        fields.extend(self.client_address.as_deref());
        // Strings always serialise.
        let text = serde_json::to_vec(&fields).unwrap_or_default();
        hex::encode(Sha256::digest(text))
    }
}

#[derive(FromRow)]
struct ActivityRow {
    id: i64,
    #[sqlx(flatten)]
    entry: StoredEntry,
    hash: String,
}

/// How many rows are read at a time.
const BATCH_SIZE: u32 = 10_000;

/// Verifies the activity log, and returns its number of rows and its head. With `head`, also verifies that the row with
/// that hash is still there. Only reads; consoles can be running.
///
/// # Errors
/// If the database cannot be read. The inner error names the first row that differs from what was written.
pub async fn verify_activity(
    location: impl Into<DatabaseLocation>,
    head: Option<&str>,
) -> Result<Result<(u64, ChainHead), ChainError>, StoreError> {
    let readers = database::open_read_only(&location.into()).await?;
    verify(&readers, head).await
}

async fn verify(readers: &Readers, head: Option<&str>) -> Result<Result<(u64, ChainHead), ChainError>, StoreError> {
    let (mut count, mut last, mut is_head_found) = (0, String::new(), head.is_none());
    let mut last_id = i64::MIN;
    loop {
        let batch = query("select * from activity where id > $1 order by id limit $2");
        let batch: Vec<ActivityRow> = batch.bind(last_id).bind(BATCH_SIZE).fetch_all(readers).await?;
        if batch.is_empty() {
            break;
        }
        for ActivityRow { id, entry, hash } in batch {
            if entry.hash(&last) != hash {
                return Ok(Err(ChainError::Row { id }));
            }
            is_head_found |= head.is_some_and(|head| head.eq_ignore_ascii_case(&hash));
            (last, last_id) = (hash, id);
            count += 1;
        }
    }
    Ok(match (head, first_misreported_operation(readers).await?) {
        (Some(head), _) if !is_head_found => Err(ChainError::NoSuchHead { head: head.to_owned() }),
        (_, Some(id)) => Err(ChainError::Listed { id }),
        _ => Ok((count, ChainHead(last))),
    })
}

/// The first operation that is missing in the list of operations, or differs there from its rows. `None` also if the
/// database has no such list, because this version has not opened it yet.
async fn first_misreported_operation(readers: &Readers) -> Result<Option<i64>, StoreError> {
    let is_listed = match readers.dialect() {
        Dialect::Sqlite => "select exists (select 1 from sqlite_schema where type = 'table' and name = 'operations')",
        Dialect::Postgres => "select to_regclass('operations') is not null",
    };
    let (is_listed,): (bool,) = query(is_listed).fetch_one(readers).await?;
    if !is_listed {
        return Ok(None);
    }
    let id: Option<(i64,)> = query(
        "select i.id from activity i left join operations o on o.id = i.id
         where i.phase <> 'outcome'
           and (o.at, o.workspace, o.actor, o.kind, o.target, o.outcome) is distinct from
               (i.at, i.workspace, lower(i.actor), i.kind, i.target,
                coalesce((select outcome from activity where operation = i.operation and phase = 'outcome'
                          order by id desc limit 1),
                         i.outcome))
         order by i.id limit 1",
    )
    .fetch_optional(readers)
    .await?;
    Ok(id.map(|(id,)| id))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use domain::{ClientAddress, Timestamp};

    use super::*;
    use crate::{ActivityKind, Detail, Outcome, Phase, RequestedValue};

    /// With another way to hash, every existing activity log would fail verification. The expected hash was computed
    /// with Python: `sha256(json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode())`.
    #[test]
    fn the_hash_of_a_row_never_changes() {
        let entry = ActivityEntry {
            at: Timestamp::from_ms(1_795_442_400_000),
            workspace: "prod".into(),
            operation: "0f".repeat(16),
            phase: Phase::Outcome,
            actor: "mia@acme.example".into(),
            kind: ActivityKind::EditComment,
            target: "token-1".into(),
            before: "Naïve \"CI\"\n".into(),
            requested: RequestedValue::Comment("nightly export".into()),
            reason: "leaked".into(),
            outcome: Outcome::Unknown,
            detail: Detail::NoResponse,
            request_id: "request-1".into(),
            client: ClientAddress::UNKNOWN,
        };
        let hash = |client_address: Option<String>| {
            let stored = StoredEntry {
                client_address,
                ..StoredEntry::of(&entry)
            };
            stored.hash(&"0".repeat(64))
        };
        let from = |ip: &str| Some(ClientAddress::from(ip.parse::<IpAddr>().unwrap()).to_stored());
        for (client_address, expected) in [
            (None, "a660478652f8a2e74f9a6653700d4f51f6a6f922c71d46e32773c0932e599df9"),
            (
                Some(String::new()),
                "66b1715f667cf6218e899a037518c4e047005857f7533d71c511196caf6ab6ba",
            ),
            (
                from("2001:db8::7"),
                "9e2a6a92f698733b03ae2688101e72ce6f3eacce7d48a3b7e97ac5fae5b8cfe1",
            ),
        ] {
            assert_eq!(hash(client_address.clone()), expected, "{client_address:?}");
        }
        assert_eq!(StoredEntry::of(&entry).client_address.as_deref(), Some(""));
    }
}
