//! The database: one connection that writes, and a pool of connections that only read.

mod caller;
pub(crate) mod columns;
pub(crate) mod connection;
mod files;
pub(crate) mod listener;
pub(crate) mod location;
mod postgres;
pub(crate) mod postgres_check;
pub(crate) mod postgres_roles;
mod queued_write;
mod sqlite;
pub(crate) mod statement;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::timeout;

use crate::sealing::stored_id;
use crate::{DatabaseLocation, PostgresUrl, SealingKeys, StoreError};
use caller::PendingWrite;
use files::DatabaseFiles;
use writer::{Writer, WriterSource};

pub(crate) use connection::{Connection, Dialect, Executor, Readers};
pub(crate) use statement::{Statement, Value, insert_rows, query};

/// What a write does within its transaction, with its arguments. It is a plain function, so that it can run again if
/// the transaction is lost; it must not change anything but the database.
///
/// On both databases, all writes run one after the other, those of other instances too: nothing changes between what a
/// write reads and what it writes.
pub(crate) type Work<A, T> = for<'c> fn(&'c mut Connection, &'c A) -> BoxFuture<'c, Result<T, StoreError>>;

/// Like [`Work`], for several writes of the same kind that run as one: it gets the arguments of each, and returns the
/// result of each.
pub(crate) type BatchWork<A, T> = for<'c> fn(&'c mut Connection, &'c [A]) -> BoxFuture<'c, Result<Vec<T>, StoreError>>;

/// How long a write takes before it is asked whether the server responds.
const RESPONSE_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// An open database. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    readers: Readers,
    writer: Writer,
    place: Arc<DatabasePlace>,
}

/// Where a database is, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DatabasePlace {
    /// A file.
    File(PathBuf),
    /// A host, a port and a name, without the password.
    Server(String),
}

impl fmt::Display for DatabasePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(name) => f.write_str(name),
        }
    }
}

/// Migrates the tables, unless a console with these keys cannot use them.
async fn prepare(connection: &mut Connection, place: &DatabasePlace, keys: &SealingKeys) -> Result<(), StoreError> {
    if let Connection::Postgres(connection) = connection {
        postgres::check_server(place, connection).await?;
    }
    stored_id::check(connection, place, keys).await?;
    match connection {
        Connection::Sqlite(connection) => sqlite::migrate(place, connection).await,
        Connection::Postgres(connection) => {
            postgres::migrate(place, connection).await?;
            postgres::purge_marks(connection).await
        }
    }
}

/// Opens an existing database read-only, without migrating it.
pub(crate) async fn open_read_only(location: &DatabaseLocation) -> Result<Readers, StoreError> {
    Ok(match location {
        DatabaseLocation::DataDir(data_dir) => {
            Readers::Sqlite(sqlite::open_read_only(&DatabaseLocation::file_in(data_dir)).await?)
        }
        DatabaseLocation::Postgres(url) => Readers::Postgres(postgres::read_only(&url.connect_options()).await?),
    })
}

/// Opens an existing database for writing without migrating it, because consoles of another version may be using it.
pub(crate) async fn open_unmigrated(location: &DatabaseLocation) -> Result<Connection, StoreError> {
    Ok(match location {
        DatabaseLocation::DataDir(data_dir) => {
            Connection::Sqlite(sqlite::open_unmigrated(&DatabaseLocation::file_in(data_dir)).await?)
        }
        DatabaseLocation::Postgres(url) => {
            Connection::Postgres(postgres::open_unmigrated(&url.connect_options()).await?)
        }
    })
}

/// Runs `work` in a transaction of its own on a connection that [`open_unmigrated`] opened, and closes that.
pub(crate) async fn write_once<A, T>(
    mut connection: Connection,
    arguments: &A,
    work: Work<A, T>,
) -> Result<T, StoreError> {
    match &mut connection {
        Connection::Sqlite(_) => query("begin immediate").execute(&mut connection).await.map(drop)?,
        // Waits for the writes of all instances.
        Connection::Postgres(postgres) => postgres::begin(postgres).await?,
    }
    // Without the commit, closing rolls back.
    let result = work(&mut connection, arguments).await?;
    query("commit").execute(&mut connection).await?;
    connection.close().await?;
    Ok(result)
}

impl Database {
    /// Opens an existing file, which can be empty, and migrates it.
    ///
    /// # Errors
    /// If it cannot be opened or migrated, or if `keys` do not fit it; then it is as it was.
    pub(crate) async fn open(path: &Path, keys: &SealingKeys) -> Result<Self, StoreError> {
        let place = DatabasePlace::File(path.to_owned());
        let mut connection = Connection::Sqlite(sqlite::open_writer(path).await?);
        prepare(&mut connection, &place, keys).await?;
        let readers = Readers::Sqlite(sqlite::open_readers(path).await?);
        let writer = Writer::start(connection, WriterSource::Sqlite(DatabaseFiles::of(path)?));
        let place = Arc::new(place);
        Ok(Self { readers, writer, place })
    }

    /// Connects to a PostgreSQL server and migrates the database there, unless another instance is doing it.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(crate) async fn connect(url: &PostgresUrl, keys: &SealingKeys) -> Result<Self, StoreError> {
        let place = DatabasePlace::Server(url.to_string());
        let options = url.connect_options();
        let mut connection = Connection::Postgres(postgres::open_writer(&options).await?);
        prepare(&mut connection, &place, keys).await?;
        let readers = Readers::Postgres(postgres::open_readers(&options).await?);
        let writer = Writer::start(connection, WriterSource::Postgres(Box::new(options)));
        let place = Arc::new(place);
        Ok(Self { readers, writer, place })
    }

    /// The connections that only read: the database refuses to write through them.
    pub(crate) fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Whether other instances can use it.
    pub(crate) fn is_shared(&self) -> bool {
        self.readers.dialect() == Dialect::Postgres
    }

    /// Where it is.
    pub(crate) fn place(&self) -> &DatabasePlace {
        &self.place
    }

    /// Runs `work` in a transaction and returns its result once that is committed and synced to the disk. It runs to
    /// the end even if the caller stops waiting.
    ///
    /// # Errors
    /// Those of `work`, or why the transaction could not be committed. Then nothing of it is stored, except after
    /// [`StoreError::CommitUnknown`]. A server that does not respond is an error after some seconds.
    pub(crate) async fn write<A, T>(&self, arguments: A, work: Work<A, T>) -> Result<T, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let pending = self.writer.write(arguments, work).await?;
        self.result_of(pending).await
    }

    /// As [`Self::write`], but writes with the same `work` that wait at the same time run as one.
    ///
    /// # Errors
    /// As [`Self::write`]. If some that run as one fail, each is tried again on its own.
    pub(crate) async fn write_in_batch<A, T>(&self, arguments: A, work: BatchWork<A, T>) -> Result<T, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let pending = self.writer.write_in_batch(arguments, work).await?;
        self.result_of(pending).await
    }

    /// The result of a write. If it takes long and the server does not respond either, the write is given up, unless it
    /// may already be stored: a person is waiting, and the writer can wait much longer, also for other instances.
    async fn result_of<T>(&self, mut pending: PendingWrite<T>) -> Result<T, StoreError> {
        let Readers::Postgres(readers) = &self.readers else {
            // A file always responds.
            return pending.result().await;
        };
        loop {
            if let Ok(result) = timeout(RESPONSE_CHECK_INTERVAL, pending.result()).await {
                return result;
            }
            tokio::select! {
                result = pending.result() => return result,
                checked = readers.check() => {
                    if let Err(error) = checked && pending.give_up() {
                        return Err(error.into());
                    }
                }
            }
        }
    }

    /// How many transactions have been committed since the database was opened.
    pub(crate) fn commits(&self) -> u64 {
        self.writer.commits()
    }

    /// Finishes the queued writes, and closes every connection. SQLite moves its write-ahead log into the database
    /// file. Later writes fail.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        self.readers.close().await;
        self.writer.close().await
    }
}
