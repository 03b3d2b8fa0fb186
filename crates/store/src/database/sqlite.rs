//! What only SQLite understands: how its connections are opened, its migrations, and its maintenance.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool};

use super::DatabasePlace;
use crate::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a connection waits for a lock that another program has.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many connections read.
const READERS: u32 = 4;

/// After how many pages the write-ahead log is moved into the database file: 2 MiB at SQLite's page size of 4 KiB.
/// Small, so that it does not fill up a small disk, and large enough that the two syncs of a move are shared by dozens
/// of commits.
const CHECKPOINT_PAGES: &str = "512";

/// The same limit in bytes: a log that has grown larger is truncated to this size once it is empty.
const MAX_LOG_BYTES: &str = "2097152";

/// Opens the connection that writes. With `synchronous = full`, a commit is on the disk before it returns, and so
/// survives a power cut (<https://sqlite.org/pragma.html#pragma_synchronous>).
pub(super) async fn open_writer(database: &Path) -> Result<SqliteConnection, StoreError> {
    let options = options(database)
        .journal_mode(SqliteJournalMode::Wal)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .pragma("journal_size_limit", MAX_LOG_BYTES)
        .synchronous(SqliteSynchronous::Full);
    options.connect().await.map_err(|source| open_error(database, source))
}

/// Opens the pool that reads. Readers never wait for the writer, because the journal is a write-ahead log.
///
/// All connections are opened now and stay open. That way, SQLite never removes the log while the console runs, and no
/// connection is opened later on a file that replaced this one: if that file is empty, SQLite deletes the log of the
/// old one.
pub(super) async fn open_readers(database: &Path) -> Result<SqlitePool, StoreError> {
    let pool = SqlitePoolOptions::new()
        .min_connections(READERS)
        .max_connections(READERS)
        .acquire_timeout(Duration::from_secs(5))
        // A file does not disconnect: connections keep their prepared statements, and need no ping before each use.
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options(database).pragma("query_only", "on"))
        .await
        .map_err(|source| open_error(database, source))?;
    let mut connections = Vec::new();
    for _ in 0..READERS {
        let mut connection = pool.acquire().await?;
        // A connection opens the log with its first read.
        sqlx::query("select count(*) from sqlite_schema")
            .execute(&mut *connection)
            .await?;
        connections.push(connection);
    }
    Ok(pool)
}

/// Migrates the tables to this version.
pub(super) async fn migrate(place: &DatabasePlace, connection: &mut SqliteConnection) -> Result<(), StoreError> {
    MIGRATIONS.run(connection).await.map_err(|source| StoreError::Migrate {
        database: place.to_string(),
        source: source.into(),
    })
}

/// Opens an existing file read-only, without migrating it.
pub(super) async fn open_read_only(database: &Path) -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
    pool.map_err(|source| open_error(database, source))
}

/// Opens an existing file for writing without migrating it, because a console of another version may be using it.
pub(super) async fn open_unmigrated(database: &Path) -> Result<SqliteConnection, StoreError> {
    let connection = options(database).synchronous(SqliteSynchronous::Full).connect().await;
    connection.map_err(|source| open_error(database, source))
}

/// Opens the connection that writes again, after a transaction was lost. If the disk is full, the write-ahead log may
/// be what fills it, and SQLite moves the log into the database only after a commit; so this attempts to do it.
pub(super) async fn reopen_writer(database: &Path) -> Result<SqliteConnection, StoreError> {
    let mut connection = open_writer(database).await?;
    // The next transaction shows whether there was room for it. `passive` waits for no other connection.
    let _ = sqlx::query("pragma wal_checkpoint(passive)")
        .execute(&mut connection)
        .await;
    Ok(connection)
}

async fn checkpoint_wal(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query("pragma wal_checkpoint(truncate)")
        .execute(connection)
        .await?;
    Ok(())
}

/// Moves everything from the write-ahead log into the database file and closes the connection. SQLite does that
/// automatically when the last connection closes, but sqlx 0.8's `Pool::close` may leave one open that is being
/// returned to the pool.
pub(super) async fn checkpoint_and_close(mut connection: SqliteConnection) -> Result<(), StoreError> {
    let result = checkpoint_wal(&mut connection).await;
    connection.close().await?;
    result
}

fn options(database: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(database)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}

fn open_error(database: &Path, source: sqlx::Error) -> StoreError {
    StoreError::Open {
        database: database.to_owned(),
        source: source.into(),
    }
}
