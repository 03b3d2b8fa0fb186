//! The one connection that writes, in a task of its own.
//!
//! A caller queues its work here and waits for the result. A request that is dropped halfway stops nothing and leaves
//! no transaction open, because it never borrows a connection. The waiting writes are committed as a group, each in a
//! savepoint of its own, with one sync of the disk for all; no caller gets its result before that sync. A connection
//! whose transaction did not end cleanly is discarded: if the disk is full, SQLite rolls back automatically, and then
//! nothing shows whether the connection is still in a transaction (<https://sqlite.org/lang_transaction.html>, section
//! 3).

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::files::DatabaseFiles;
use super::{Work, sqlite};
use crate::{StorageFault, StoreError};

/// How many writes are committed together at most.
const MAX_GROUP_SIZE: usize = 64;

/// How many writes fit in the queue. After that, callers wait for a place.
const QUEUE_SIZE: usize = 1024;

/// A handle to the task that writes. Clones share the task.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Request>,
    commits: Arc<AtomicU64>,
}

enum Request {
    Write(Box<dyn QueuedWrite>),
    Close(oneshot::Sender<Result<(), StoreError>>),
}

/// A write and, once it has run, its result.
trait QueuedWrite: Send {
    /// Runs it, stores its result, and returns whether it succeeded.
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool>;

    /// Sends the caller its own error, or else `lost`, the error of its lost transaction, or else its result.
    fn reply(self: Box<Self>, lost: Option<StoreError>);
}

struct Queued<A, T> {
    arguments: A,
    work: Work<A, T>,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<A: Send + Sync, T: Send> QueuedWrite for Queued<A, T> {
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool> {
        Box::pin(async {
            let work = AssertUnwindSafe((self.work)(connection, &self.arguments));
            let result = work.catch_unwind().await.unwrap_or(Err(StoreError::Panicked));
            self.result.insert(result).is_ok()
        })
    }

    fn reply(self: Box<Self>, lost: Option<StoreError>) {
        let result = match (self.result, lost) {
            (Some(Err(error)), _) | (_, Some(error)) => Err(error),
            (Some(Ok(value)), None) => Ok(value),
            (None, None) => Err(StoreError::Closed),
        };
        // The caller may have stopped waiting.
        let _ = self.reply.send(result);
    }
}

/// Why a group was not committed. Nothing of it is stored.
struct GroupError {
    error: StoreError,
    /// Whether its transaction began, so that its writes may have run.
    begun: bool,
}

impl Writer {
    /// Starts the writer on an open connection. It ends with [`Self::close`], or with the last clone.
    pub(super) fn start(connection: SqliteConnection, files: Arc<DatabaseFiles>) -> Self {
        let (queue, requests) = mpsc::channel(QUEUE_SIZE);
        let commits = Arc::new(AtomicU64::new(0));
        let task = WriterTask {
            connection: Some(connection),
            files,
            commits: Arc::clone(&commits),
        };
        tokio::spawn(task.run(requests));
        Self { queue, commits }
    }

    pub(super) async fn write<A, T>(&self, arguments: A, work: Work<A, T>) -> Result<T, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (reply, result) = oneshot::channel();
        let queued = Queued {
            arguments,
            work,
            result: None,
            reply,
        };
        let request = Request::Write(Box::new(queued));
        self.queue.send(request).await.map_err(|_| StoreError::Closed)?;
        result.await.unwrap_or(Err(StoreError::Closed))
    }

    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let (reply, closed) = oneshot::channel();
        if self.queue.send(Request::Close(reply)).await.is_err() {
            return Ok(());
        }
        closed.await.unwrap_or(Ok(()))
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("commits", &self.commits()).finish()
    }
}

struct WriterTask {
    /// `None` after a transaction that did not end cleanly.
    connection: Option<SqliteConnection>,
    files: Arc<DatabaseFiles>,
    commits: Arc<AtomicU64>,
}

impl WriterTask {
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut waiting = Vec::new();
        while requests.recv_many(&mut waiting, MAX_GROUP_SIZE).await > 0 {
            let mut group = Vec::new();
            let mut closing = None;
            for request in waiting.drain(..) {
                match request {
                    Request::Write(write) => group.push(write),
                    Request::Close(reply) => closing = Some(reply),
                }
            }
            if !group.is_empty() {
                self.write_group(group).await;
            }
            if let Some(reply) = closing {
                let _ = reply.send(self.close().await);
                return;
            }
        }
    }

    async fn close(&mut self) -> Result<(), StoreError> {
        match self.connection.take() {
            Some(connection) => sqlite::checkpoint_and_close(connection).await,
            None => Ok(()),
        }
    }

    /// Commits the writes together. If their transaction is lost, each is tried again on its own, so that a write that
    /// cannot be done does not fail the others.
    async fn write_group(&mut self, mut group: Vec<Box<dyn QueuedWrite>>) {
        match self.transaction(&mut group).await {
            Err(failed) if failed.begun && group.len() > 1 => {
                for write in group {
                    let mut alone = [write];
                    let lost = self.transaction(&mut alone).await.err();
                    let [write] = alone;
                    write.reply(lost.map(|failed| failed.error));
                }
            }
            result => {
                let lost = result.err().map(|failed| failed.error);
                for write in group {
                    write.reply(lost.clone());
                }
            }
        }
    }

    async fn transaction(&mut self, group: &mut [Box<dyn QueuedWrite>]) -> Result<(), GroupError> {
        let mut connection = match self.begin().await {
            Ok(connection) => connection,
            Err(error) => return Err(GroupError { error, begun: false }),
        };
        match run_in_transaction(&mut connection, group).await {
            Ok(()) => {
                self.commits.fetch_add(1, Ordering::Relaxed);
                self.connection = Some(connection);
                Ok(())
            }
            Err(error) => {
                discard(connection).await;
                Err(GroupError { error, begun: true })
            }
        }
    }

    async fn begin(&mut self) -> Result<SqliteConnection, StoreError> {
        self.files.check()?;
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => sqlite::reopen_writer(self.files.database()).await?,
        };
        // Takes the write lock immediately, so that nothing changes between what a write reads and what it writes.
        match execute(&mut connection, "begin immediate").await {
            Ok(()) => Ok(connection),
            // No transaction began: another program has the lock.
            Err(error) if error.fault() == Some(StorageFault::Locked) => {
                self.connection = Some(connection);
                Err(error)
            }
            Err(error) => {
                discard(connection).await;
                Err(error)
            }
        }
    }
}

async fn run_in_transaction(
    connection: &mut SqliteConnection,
    group: &mut [Box<dyn QueuedWrite>],
) -> Result<(), StoreError> {
    for write in group {
        execute(connection, "savepoint one_write").await?;
        if !write.run(connection).await {
            execute(connection, "rollback to one_write").await?;
        }
        execute(connection, "release one_write").await?;
    }
    execute(connection, "commit").await
}

async fn execute(connection: &mut SqliteConnection, statement: &str) -> Result<(), StoreError> {
    sqlx::query(statement).execute(connection).await?;
    Ok(())
}

/// Closes a connection, which rolls back its open transaction. Whether that works makes no difference, because the
/// connection is never used again.
async fn discard(connection: SqliteConnection) {
    let _ = connection.close_hard().await;
}
