//! What only PostgreSQL understands: how its connections are opened, its migrations, and how a transaction begins and
//! ends.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use sqlx::migrate::{Migrate as _, MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection, PgPool, Postgres, Transaction};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::postgres_check::{self, TablesState};
use super::{DatabasePlace, Dialect, StoreError};
use crate::activity::operation_id;
use crate::error::is_unreachable;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// How many connections of one instance read.
const READERS: u32 = 8;

/// How long opening a connection, or waiting for a free one, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a statement waits for a free connection, which can be a new one.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a statement that reads for a page may take. None takes longer than some milliseconds, unless the server or
/// the network does not respond.
const READ_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a statement that reads the whole activity log may take.
const LONG_READ_TIMEOUT: Duration = Duration::from_mins(1);

/// After a server did not respond, how long no statement waits for it.
const DOWN_INTERVAL: Duration = Duration::from_secs(2);

/// After how long without use a connection is tested before it is used again. The network can have dropped it.
const TRUSTED_IDLE: Duration = Duration::from_secs(15);

/// After how long a connection is replaced, so that after a failover, or behind a load balancer, none stays forever.
const MAX_LIFETIME: Duration = Duration::from_mins(30);

/// How long a transaction that writes may take on the side of the console, waiting for other instances included.
pub(super) const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the outcome of a lost commit is asked for.
const OUTCOME_TIMEOUT: Duration = Duration::from_secs(5);

/// The pause between two attempts to ask for it.
const OUTCOME_RETRY_INTERVAL: Duration = Duration::from_millis(200);

/// What the server does for each connection, as statements that run after connecting, in one round trip: PgBouncer
/// refuses settings that come with the connection. A statement ends before [`TRANSACTION_TIMEOUT`]. The transaction of
/// an instance that is gone ends after some seconds, even if the network does not say that it is gone, so that others
/// can write again. The statements are short: compiling them (`jit`) takes longer than they do. A client that is gone
/// without a word is noticed within half a minute (`tcp_keepalives_idle`), and its locks with it.
macro_rules! session {
    () => {
        "set statement_timeout = '8s';
         set lock_timeout = '8s';
         set idle_in_transaction_session_timeout = '5s';
         set timezone = 'UTC';
         set client_min_messages = 'warning';
         set jit = off;
         set tcp_keepalives_idle = 10;"
    };
}

/// A connection that writes: a commit is on the disk before it returns. A server may have another default
/// (<https://www.postgresql.org/docs/current/runtime-config-wal.html>).
const WRITER_SESSION: &str = concat!(session!(), "set synchronous_commit = on;");

/// A connection that reads: the server refuses to write through it.
const READER_SESSION: &str = concat!(session!(), "set default_transaction_read_only = on;");

/// A connection that reads for as long as it takes.
const LONG_READER_SESSION: &str = "set default_transaction_read_only = on;";

/// The advisory lock that the transactions of all instances take before they write. The number is arbitrary and belongs
/// to this program: no other program should use this database.
const WRITE_LOCK: i64 = 0x7061_745f_636f_6e73;

/// Opens a connection that writes.
pub(super) async fn open_writer(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    connect(options).await
}

/// The pool that reads. While the server does not respond, only one statement a second waits for it: a page makes
/// several, and has to show soon what cannot be read.
#[derive(Clone, Debug)]
pub(crate) struct PostgresReaders {
    pool: PgPool,
    timeout: Duration,
    down_until: Arc<Mutex<Option<Instant>>>,
}

impl PostgresReaders {
    fn of(pool: PgPool, timeout: Duration) -> Self {
        Self {
            pool,
            timeout,
            down_until: Arc::default(),
        }
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Begins a transaction whose statements all see the same moment: by default, each sees what was committed before
    /// it.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let begin = self.pool.begin_with("begin isolation level repeatable read read only");
        self.within_time(begin).await
    }

    /// Whether the server responds.
    ///
    /// # Errors
    /// If it does not.
    pub(super) async fn check(&self) -> Result<(), sqlx::Error> {
        self.within_time(sqlx::query("select 1").execute(&self.pool))
            .await
            .map(drop)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// Ends with an error if the server does not respond in time, and at once if it did not a moment ago.
    pub(super) async fn within_time<T>(
        &self,
        work: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        if self.down_until.lock().is_some_and(|end| Instant::now() < end) {
            return Err(sqlx::Error::PoolTimedOut);
        }
        let result = timeout(self.timeout, work).await;
        let result = result.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        let is_down = result.as_ref().is_err_and(is_unreachable);
        *self.down_until.lock() = is_down.then(|| Instant::now() + DOWN_INTERVAL);
        result
    }
}

/// Opens the pool that reads. The server refuses to write through it.
pub(super) async fn open_readers(options: &PgConnectOptions) -> Result<PostgresReaders, StoreError> {
    let pool = PgPoolOptions::new()
        .min_connections(1)
        .max_connections(READERS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .max_lifetime(MAX_LIFETIME)
        // Asking before each use would double the round trips.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                match meta.idle_for < TRUSTED_IDLE {
                    true => Ok(true),
                    false => connection.ping().await.map(|()| true),
                }
            })
        })
        .after_connect(|connection, _| configure(connection, READER_SESSION))
        .connect_with(options.clone())
        .await
        .map_err(|source| open_error(options, source))?;
    Ok(PostgresReaders::of(pool, READ_TIMEOUT))
}

/// Opens one connection that only reads, without migrating the database.
pub(super) async fn read_only(options: &PgConnectOptions) -> Result<PostgresReaders, StoreError> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(CONNECT_TIMEOUT)
        .after_connect(|connection, _| configure(connection, LONG_READER_SESSION))
        .connect_with(options.clone())
        .await
        .map_err(|source| open_error(options, source))?;
    Ok(PostgresReaders::of(pool, LONG_READ_TIMEOUT))
}

/// Opens a connection that writes without migrating the database, because instances of another version may use it.
pub(super) async fn open_unmigrated(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    connect(options).await
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    match timeout(CONNECT_TIMEOUT, open(options)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(source)) => Err(open_error(options, source)),
        Err(_) => Err(open_error(options, sqlx::Error::PoolTimedOut)),
    }
}

async fn open(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    configure(&mut connection, WRITER_SESSION).await?;
    Ok(connection)
}

fn configure<'c>(connection: &'c mut PgConnection, session: &'static str) -> BoxFuture<'c, Result<(), sqlx::Error>> {
    Box::pin(async move { connection.execute(session).await.map(drop) })
}

/// The oldest version of PostgreSQL that the console is used with, as the server numbers it: 14.
const MIN_VERSION: i32 = 140_000;

/// Checks the version of the server and the encoding of the database, before anything is read or written.
pub(super) async fn check_server(place: &DatabasePlace, connection: &mut PgConnection) -> Result<(), StoreError> {
    let settings = "select cast(current_setting('server_version_num') as integer), current_setting('server_version'),
                           current_setting('server_encoding')";
    let (number, version, encoding): (i32, String, String) = sqlx::query_as(settings).fetch_one(connection).await?;
    match number >= MIN_VERSION && encoding == "UTF8" {
        true => Ok(()),
        false => Err(StoreError::UnsupportedServer {
            database: place.to_string(),
            version,
            encoding,
        }),
    }
}

/// The versions of all migrations.
pub(super) fn versions() -> impl Iterator<Item = i64> {
    MIGRATIONS.iter().map(|migration| migration.version)
}

/// Migrates the tables to this version. sqlx lets one instance at a time do it.
pub(super) async fn migrate(place: &DatabasePlace, connection: &mut PgConnection) -> Result<(), StoreError> {
    // sqlx would begin with `create table if not exists`, which takes the right to create tables even if there is
    // nothing to create; an instance can do without it.
    if is_migrated(connection).await {
        return Ok(());
    }
    let database = place.to_string();
    match postgres_check::tables(connection).await? {
        TablesState::Newer => return Err(StoreError::NewerTables { database }),
        TablesState::Missing | TablesState::Older(_) | TablesState::Current | TablesState::Unreadable => {}
    }
    if !postgres_check::can_create_tables(connection).await? {
        return Err(StoreError::MigrationNotAllowed { database });
    }
    let result = async {
        // A migration can take longer than a statement, and another instance may be running it.
        sqlx::raw_sql("set statement_timeout = 0; set lock_timeout = 0")
            .execute(&mut *connection)
            .await?;
        MIGRATIONS.run(&mut *connection).await?;
        configure(connection, WRITER_SESSION).await?;
        Ok(())
    };
    result.await.map_err(|source: MigrateError| StoreError::Migrate {
        database,
        source: source.into(),
    })
}

/// Whether exactly the migrations of this version were made.
async fn is_migrated(connection: &mut PgConnection) -> bool {
    let dirty = connection.dirty_version().await;
    let applied = connection.list_applied_migrations().await.unwrap_or_default();
    let applied = applied.iter().map(|applied| (applied.version, &applied.checksum));
    let known = MIGRATIONS.iter().map(|known| (known.version, &known.checksum));
    matches!(dirty, Ok(None)) && applied.eq(known)
}

/// Begins a transaction and waits until no other instance writes: in one message, since each message costs a round
/// trip.
pub(super) async fn begin(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // Without parameters, so that the server takes several statements at once.
    let begin = format!("begin; select pg_advisory_xact_lock({WRITE_LOCK})");
    connection.execute(begin.as_str()).await.map(drop)
}

/// Like [`begin`], for the writer with this ID, which has one transaction at a time. Returns the mark by which
/// [`was_committed`] finds the transaction. The number of the transaction would not be enough: if a server crashes
/// before it is on the disk, another transaction gets the same number.
pub(super) async fn begin_marked(connection: &mut PgConnection, writer: &str) -> Result<String, sqlx::Error> {
    let mark = operation_id();
    let now = Dialect::Postgres.now_ms();
    let begin = format!(
        "begin; select pg_advisory_xact_lock({WRITE_LOCK});
         insert into latest_transactions (writer, mark, at) values ('{writer}', '{mark}', {now})
         on conflict (writer) do update set mark = excluded.mark, at = excluded.at"
    );
    connection.execute(begin.as_str()).await?;
    Ok(mark)
}

/// Whether the latest transaction of this writer was committed, whose connection was lost during the commit. `None` if
/// the server does not respond in time.
pub(super) async fn was_committed(options: &PgConnectOptions, writer: &str, mark: &str) -> Option<bool> {
    let deadline = Instant::now() + OUTCOME_TIMEOUT;
    loop {
        match timeout_at(deadline, latest_mark(options, writer)).await {
            Ok(Ok(latest)) => return Some(latest.as_deref() == Some(mark)),
            // The server is starting.
            Ok(Err(_)) => sleep(OUTCOME_RETRY_INTERVAL).await,
            Err(_) => return None,
        }
    }
}

/// The mark of a writer's latest transaction, once that has ended: until then it holds the lock.
async fn latest_mark(options: &PgConnectOptions, writer: &str) -> Result<Option<String>, StoreError> {
    let mut connection = open_writer(options).await?;
    begin(&mut connection).await?;
    let latest = sqlx::query_scalar("select mark from latest_transactions where writer = $1").bind(writer);
    let latest = latest.fetch_optional(&mut connection).await?;
    connection.close().await?;
    Ok(latest)
}

/// Deletes the marks of writers that have made no transaction for a day.
pub(super) async fn purge_marks(connection: &mut PgConnection) -> Result<(), StoreError> {
    let (now, day) = (Dialect::Postgres.now_ms(), Duration::from_hours(24).as_millis());
    let delete = format!("delete from latest_transactions where at < {now} - {day}");
    connection.execute(delete.as_str()).await?;
    Ok(())
}

/// The server and the database, without anything secret.
pub(super) fn place(options: &PgConnectOptions) -> DatabasePlace {
    let (port, database) = (options.get_port(), options.get_database().unwrap_or_default());
    // As `PostgresUrl` is shown.
    DatabasePlace::Server(match options.get_socket() {
        Some(folder) => format!("postgres:///{database}?host={}&port={port}", folder.display()),
        None if options.get_host().contains(':') => format!("postgres://[{}]:{port}/{database}", options.get_host()),
        None => format!("postgres://{}:{port}/{database}", options.get_host()),
    })
}

fn open_error(options: &PgConnectOptions, source: sqlx::Error) -> StoreError {
    StoreError::Connect {
        database: place(options).to_string(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PostgresUrl, migrate_server};

    const COMMIT: &str = "commit";

    #[tokio::test]
    async fn a_lost_commit_is_found_by_its_mark_once_its_transaction_has_ended() {
        let Some(database) = test_postgres::fresh_database() else {
            return;
        };
        let url: PostgresUrl = database.url().parse().unwrap();
        migrate_server(&url, None).await.unwrap();
        let options = url.connect_options();
        let mut writer = open_writer(&options).await.unwrap();
        let first = begin_marked(&mut writer, "writer").await.unwrap();
        writer.execute(COMMIT).await.unwrap();
        let second = begin_marked(&mut writer, "writer").await.unwrap();
        writer.execute("rollback").await.unwrap();
        assert_eq!(was_committed(&options, "writer", &first).await, Some(true));
        assert_eq!(was_committed(&options, "writer", &second).await, Some(false));
        assert_eq!(was_committed(&options, "other", &first).await, Some(false));

        let third = begin_marked(&mut writer, "writer").await.unwrap();
        let asked = tokio::spawn(async move { was_committed(&options, "writer", &third).await });
        // The question waits for the transaction: until that ends, nothing is known about it.
        sleep(Duration::from_millis(300)).await;
        assert!(!asked.is_finished());
        writer.execute(COMMIT).await.unwrap();
        assert_eq!(asked.await.unwrap(), Some(true));
    }
}
