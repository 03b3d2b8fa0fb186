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
mod bulk_leases;
mod earlier_version;
mod events;
mod form_drafts;
mod key_rotation;
mod manage_sign_ins;
mod migrations;
mod postgres;
mod private_files;
mod rate_limits;
mod shown_lists;
mod sign_ins;
mod stored_words;
mod tampering;
mod token_creations;
mod writer;

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use domain::{PrincipalId, Timestamp};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use store::{CredentialKind, DatabaseLocation, Lease, NewSignIn, Role, SealingKey, Store};
use tempfile::TempDir;
use test_postgres::TestDatabase;

const T0: Timestamp = Timestamp::from_ms(1_795_442_400_000);
const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const SECRET: &str = "dapi0123456789abcdef0123456789abcdef";

fn key(digit: &str) -> SealingKey {
    SealingKey::parse(&digit.repeat(64).into()).unwrap()
}

/// Where a test has its database: a directory or, if the tests run on PostgreSQL, a database on a server.
struct TestPlace {
    dir: TempDir,
    location: DatabaseLocation,
    postgres: Option<TestDatabase>,
}

fn dir() -> TestPlace {
    place(test_postgres::chosen_database())
}

/// A directory, for what only SQLite has.
fn sqlite_dir() -> TestPlace {
    place(None)
}

fn place(postgres: Option<TestDatabase>) -> TestPlace {
    let dir = tempfile::tempdir().unwrap();
    let location = match &postgres {
        Some(database) => DatabaseLocation::Postgres(database.url().parse().unwrap()),
        None => DatabaseLocation::DataDir(dir.path().to_owned()),
    };
    TestPlace {
        dir,
        location,
        postgres,
    }
}

impl TestPlace {
    fn location(&self) -> &DatabaseLocation {
        &self.location
    }

    /// The directory, which has the database if it is SQLite.
    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }
}

async fn open(dir: &TestPlace) -> Store {
    Store::open(dir.location(), key("1")).await.unwrap()
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

/// A lease that no one else asks for.
async fn any_lease(store: &Store) -> Lease {
    let lease = store.acquire_lease(store::operation_id(), "", MINUTE).await;
    lease.unwrap().unwrap()
}

async fn connect(dir: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let url = format!("sqlite://{}", dir.join("console.db").display());
    SqliteConnection::connect(&url).await
}

/// Changes the database without the store, and returns the number of changed rows.
async fn sql(place: &TestPlace, statement: &str) -> Result<u64, sqlx::Error> {
    match &place.postgres {
        Some(database) => {
            let mut connection = PgConnection::connect(database.url()).await?;
            let done = sqlx::query(statement).execute(&mut connection).await?;
            connection.close().await?;
            Ok(done.rows_affected())
        }
        None => {
            let mut connection = connect(place.path()).await?;
            let done = sqlx::query(statement).execute(&mut connection).await?;
            connection.close().await?;
            Ok(done.rows_affected())
        }
    }
}

/// The rows of a query whose columns are texts.
async fn texts(place: &TestPlace, query: &str) -> Vec<Vec<String>> {
    fn row<R: sqlx::Row>(row: &R) -> Vec<String>
    where
        usize: sqlx::ColumnIndex<R>,
        for<'r> String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    {
        (0..row.len()).map(|column| row.get(column)).collect()
    }
    match &place.postgres {
        Some(database) => {
            let mut connection = PgConnection::connect(database.url()).await.unwrap();
            let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(row).collect()
        }
        None => {
            let mut connection = connect(place.path()).await.unwrap();
            let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
            rows.iter().map(row).collect()
        }
    }
}
