//! The database file: one connection that writes, and a pool of connections that only read.

pub(crate) mod columns;
mod files;
mod sqlite;
mod writer;

use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::{SqliteConnection, SqlitePool};

use crate::StoreError;
use files::DatabaseFiles;
use writer::Writer;

pub(crate) use sqlite::{open_read_only, open_unmigrated};

/// What a write does within its transaction, with its arguments. It is a plain function, so that it can run again if
/// the transaction is lost; it must not change anything but the database.
pub(crate) type Work<A, T> = for<'c> fn(&'c mut SqliteConnection, &'c A) -> BoxFuture<'c, Result<T, StoreError>>;

/// An open database. Clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    readers: SqlitePool,
    writer: Writer,
    files: Arc<DatabaseFiles>,
}

impl Database {
    /// Opens an existing file, which can be empty, and migrates it.
    pub(crate) async fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = sqlite::open_writer(path).await?;
        sqlite::migrate(path, &mut connection).await?;
        let readers = sqlite::open_readers(path).await?;
        let files = Arc::new(DatabaseFiles::of(path)?);
        let writer = Writer::start(connection, Arc::clone(&files));
        Ok(Self { readers, writer, files })
    }

    /// The connections that only read: SQLite refuses to write through them.
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// The path of the database file.
    pub(crate) fn path(&self) -> &Path {
        self.files.database()
    }

    /// Runs `work` in a transaction and returns its result once that is committed and synced to the disk. It runs to
    /// the end even if the caller stops waiting.
    ///
    /// # Errors
    /// Those of `work`, or why the transaction could not be committed. Then nothing of it is stored.
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

    /// Finishes the queued writes, moves the write-ahead log into the database file, and closes every connection. Later
    /// writes fail.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        self.readers.close().await;
        self.writer.close().await
    }
}
