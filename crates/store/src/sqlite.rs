//! What only SQLite understands: how it is opened, its migrations, and the few statements without a spelling that
//! PostgreSQL shares.

use crate::StoreError;
use domain::Timestamp;
use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, time::Duration};
use tower_sessions_sqlx_store::SqliteStore;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Starts a transaction that holds the write lock from its first read on, so that nothing changes between that read
/// and the write after it. A plain `begin` takes the lock at the first write, and fails there when another
/// connection has written since (<https://sqlite.org/lang_transaction.html>, §2.2).
pub(crate) const BEGIN_WRITE: &str = "begin immediate";

/// Opens an existing file (an empty one will do) and migrates it.
pub(crate) async fn open(database: &Path) -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        // Readers never wait for the writer. With `normal` a power cut may undo the last commits but damages
        // nothing; a crash of the console undoes none (<https://sqlite.org/pragma.html#pragma_synchronous>).
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let pool = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(5))
        // A file does not hang up: connections keep their prepared statements, and need no ping before each use.
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .map_err(|source| StoreError::Open {
            database: database.to_owned(),
            source,
        })?;
    MIGRATIONS.run(&pool).await.map_err(|source| StoreError::Migrate {
        database: database.to_owned(),
        source,
    })?;
    Ok(pool)
}

/// Opens an existing file for reading alone, without migrating it.
pub(crate) async fn open_to_read(database: &Path) -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
    pool.map_err(|source| StoreError::Open {
        database: database.to_owned(),
        source,
    })
}

/// The session table of our own migration; the library's `migrate` is not called.
#[expect(clippy::expect_used, reason = "the name is a constant of letters")]
pub(crate) fn sessions(pool: &SqlitePool) -> SqliteStore {
    SqliteStore::new(pool.clone())
        .with_table_name("sessions")
        .expect("letters only")
}

/// Deletes sessions that have expired, to the second; the library's own deletion neither counts nor takes a time.
pub(crate) async fn purge_sessions(pool: &SqlitePool, now: Timestamp) -> Result<u64, StoreError> {
    let done = sqlx::query("delete from sessions where unixepoch(expiry_date) <= $1")
        .bind(now.ms().div_euclid(1000))
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}

/// Moves everything from the write-ahead log into the database file. SQLite does so by itself when the last
/// connection closes, but sqlx 0.8's `Pool::close` may leave one open that is on its way back to the pool.
pub(crate) async fn fold_log(pool: &SqlitePool) -> Result<(), StoreError> {
    sqlx::query("pragma wal_checkpoint(truncate)").execute(pool).await?;
    Ok(())
}
