//! The database: one connection that writes, and a pool of connections that only read.

pub(crate) mod columns;
pub(crate) mod connection;
mod files;
mod postgres;
pub(crate) mod location;
mod sqlite;
pub(crate) mod statement;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::postgres::PgConnectOptions;

use crate::StoreError;
use files::DatabaseFiles;
use writer::{Writer, WriterSource};

pub(crate) use connection::{Connection, Dialect, Executor, Readers};
pub(crate) use postgres::{open_unmigrated as open_unmigrated_postgres, read_only as read_only_postgres};
pub(crate) use sqlite::{open_read_only, open_unmigrated};
pub(crate) use statement::{Statement, Value, query};

/// What a write does within its transaction, with its arguments. It is a plain function, so that it can run again if
/// the transaction is lost; it must not change anything but the database.
///
/// On both databases, all writes run one after the other, those of other instances too: nothing changes between what a
/// write reads and what it writes.
pub(crate) type Work<A, T> = for<'c> fn(&'c mut Connection, &'c A) -> BoxFuture<'c, Result<T, StoreError>>;

/// An open database. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    readers: Readers,
    writer: Writer,
    place: Arc<Place>,
}

/// Where a database is, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A file.
    File(PathBuf),
    /// A host, a port and a name, without the password.
    Server(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(name) => f.write_str(name),
        }
    }
}

impl Database {
    /// Opens an existing file, which can be empty, and migrates it.
    pub(crate) async fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = sqlite::open_writer(path).await?;
        sqlite::migrate(path, &mut connection).await?;
        let readers = Readers::Sqlite(sqlite::open_readers(path).await?);
        let files = DatabaseFiles::of(path)?;
        let writer = Writer::start(Connection::Sqlite(connection), WriterSource::Sqlite(files));
        let place = Arc::new(Place::File(path.to_owned()));
        Ok(Self { readers, writer, place })
    }

    /// Connects to a PostgreSQL server and migrates the database there, unless another instance is doing it.
    pub(crate) async fn connect(options: PgConnectOptions) -> Result<Self, StoreError> {
        let place = postgres::place(&options);
        let mut connection = postgres::open_writer(&options).await?;
        postgres::migrate(&place, &mut connection).await?;
        let readers = Readers::Postgres(postgres::open_readers(&options).await?);
        let writer = Writer::start(Connection::Postgres(connection), WriterSource::Postgres(options));
        let place = Arc::new(place);
        Ok(Self { readers, writer, place })
    }

    /// The connections that only read: the database refuses to write through them.
    pub(crate) fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Where it is.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Runs `work` in a transaction and returns its result once that is committed and synced to the disk. It runs to
    /// the end even if the caller stops waiting.
    ///
    /// # Errors
    /// Those of `work`, or why the transaction could not be committed. Then nothing of it is stored, except after
    /// [`StoreError::CommitUnknown`].
    pub(crate) async fn write<A, T>(&self, arguments: A, work: Work<A, T>) -> Result<T, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.writer.write(arguments, work).await
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
