//! The store with real files: what survives a restart, what a copied or edited database reveals, and when things end.

#![expect(
    clippy::unwrap_used,
    reason = "clippy counts only test functions as tests, not their helpers"
)]

mod accepted_findings;
mod activity;
mod activity_pages;
mod activity_texts;
mod browser_sessions;
mod bulk;
mod earlier_version;
mod form_drafts;
mod key_rotation;
mod manage_sign_ins;
mod private_files;
mod sign_ins;
mod stored_words;
mod tampering;
mod writer;

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use domain::{PrincipalId, Timestamp};
use sqlx::{Connection as _, SqliteConnection};
use store::{CredentialKind, NewSignIn, Role, SealingKey, Store};
use tempfile::TempDir;

const T0: Timestamp = Timestamp::from_ms(1_795_442_400_000);
const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const SECRET: &str = "dapi0123456789abcdef0123456789abcdef";

fn key(digit: &str) -> SealingKey {
    SealingKey::parse(&digit.repeat(64).into()).unwrap()
}

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

async fn open(dir: &TempDir) -> Store {
    Store::open(dir.path(), key("1")).await.unwrap()
}

/// A sign-in that ends after eight hours, or after one hour without a request.
fn mia() -> NewSignIn {
    NewSignIn {
        workspace: "prod".into(),
        principal: PrincipalId::new((1 << 53) + 1),
        user_name: "mia@acme.example".into(),
        display_name: "Mia Ōta".into(),
        kind: CredentialKind::OAuth,
        role: Role::Admin,
        device: "Firefox on Linux".into(),
        client: "192.0.2.7".parse::<IpAddr>().unwrap().into(),
        secret: SECRET.into(),
        created: T0,
        ends: T0.plus(HOUR * 8),
        idle: Duration::from_secs(3600),
    }
}

async fn connect(dir: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let url = format!("sqlite://{}", dir.join("console.db").display());
    SqliteConnection::connect(&url).await
}

/// Changes the database without the store, and returns the number of changed rows.
async fn sql(dir: &Path, statement: &str) -> Result<u64, sqlx::Error> {
    let mut connection = connect(dir).await?;
    let done = sqlx::query(statement).execute(&mut connection).await?;
    connection.close().await?;
    Ok(done.rows_affected())
}
