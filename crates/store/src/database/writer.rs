//! The one connection that writes, in a task of its own.
//!
//! A caller queues its work here and waits for the result. A request that is dropped halfway stops nothing and leaves
//! no transaction open, because it never borrows a connection. The waiting writes are committed as a group, each in a
//! savepoint of its own, with one sync of the disk for all; no caller gets its result before that sync. A connection
//! whose transaction did not end cleanly is discarded: if the disk is full, SQLite rolls back automatically, and then
//! nothing shows whether the connection is still in a transaction (<https://sqlite.org/lang_transaction.html>, section
//! 3).
//!
//! With PostgreSQL, each instance has such a task, and each transaction first waits for those of the other instances.
//! So writes never meet each other on either database. If the connection is lost during a commit, the server is asked
//! whether the transaction was committed.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::PgConnectOptions;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::caller::{Caller, PendingWrite};
use super::files::DatabaseFiles;
use super::queued_write::{QueuedWrite, SingleWrite, WriteBatch};
use super::{BatchWork, Connection, Work, postgres, query, sqlite};
use crate::activity::operation_id;
use crate::{StorageFault, StoreError};

/// How many writes are committed together at most.
const MAX_GROUP_SIZE: usize = 64;

const COMMIT: &str = "commit";
const ROLLBACK: &str = "rollback";

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

/// How to open a new connection after one was discarded.
pub(super) enum WriterSource {
    Sqlite(DatabaseFiles),
    Postgres(Box<PgConnectOptions>),
}

/// Why a group was not committed. Nothing of it is stored, except after [`StoreError::CommitUnknown`].
struct GroupError {
    error: StoreError,
    /// Whether its writes can run again: its transaction began, and was certainly not committed.
    can_repeat: bool,
}

/// A connection with an open transaction.
struct OpenTransaction {
    connection: Connection,
    /// With PostgreSQL, what shows whether it was committed.
    mark: String,
}

impl Writer {
    /// Starts the writer on an open connection. It ends with [`Self::close`], or with the last clone.
    pub(super) fn start(connection: Connection, source: WriterSource) -> Self {
        let (queue, requests) = mpsc::channel(QUEUE_SIZE);
        let commits = Arc::new(AtomicU64::new(0));
        let task = WriterTask {
            id: operation_id(),
            connection: Some(connection),
            source,
            commits: Arc::clone(&commits),
        };
        tokio::spawn(task.run(requests));
        Self { queue, commits }
    }

    /// Queues a write.
    pub(super) async fn write<A, T>(&self, arguments: A, work: Work<A, T>) -> Result<PendingWrite<T>, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (caller, pending) = Caller::new();
        self.enqueue(Box::new(SingleWrite::new(arguments, work, caller)))
            .await?;
        Ok(pending)
    }

    /// Queues a write that can run as one with others.
    pub(super) async fn write_in_batch<A, T>(
        &self,
        arguments: A,
        work: BatchWork<A, T>,
    ) -> Result<PendingWrite<T>, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let (caller, pending) = Caller::new();
        self.enqueue(Box::new(WriteBatch::new(arguments, work, caller))).await?;
        Ok(pending)
    }

    async fn enqueue(&self, write: Box<dyn QueuedWrite>) -> Result<(), StoreError> {
        let request = Request::Write(write);
        self.queue.send(request).await.map_err(|_| StoreError::Closed)
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
    /// Random, and different in each process.
    id: String,
    /// `None` after a transaction that did not end cleanly.
    connection: Option<Connection>,
    source: WriterSource,
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
                    Request::Write(write) => add_to_group(&mut group, write),
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
            Some(Connection::Sqlite(connection)) => sqlite::checkpoint_and_close(connection).await,
            Some(connection) => Ok(connection.close().await?),
            None => Ok(()),
        }
    }

    /// Commits the writes together. If their transaction is lost, each is tried again on its own, so that a write that
    /// cannot be done does not fail the others. A single write is tried again if the connection was lost.
    async fn write_group(&mut self, mut group: Vec<Box<dyn QueuedWrite>>) {
        match self.transaction(&mut group).await {
            Err(failed) if failed.can_repeat && (has_several_callers(&group) || failed.error.is_unreachable()) => {
                let writes: Vec<_> = group.into_iter().flat_map(QueuedWrite::split).collect();
                for write in writes {
                    let mut alone = vec![write];
                    let lost = self.transaction(&mut alone).await.err();
                    let lost = lost.map(|failed| failed.error);
                    alone.into_iter().for_each(|write| write.reply(lost.clone()));
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

    async fn transaction(&mut self, group: &mut Vec<Box<dyn QueuedWrite>>) -> Result<(), GroupError> {
        let mut open = match self.begin().await {
            Ok(open) => open,
            Err(error) => {
                return Err(GroupError {
                    error,
                    can_repeat: false,
                });
            }
        };
        let end = match self.within_time(run_writes(&mut open.connection, group)).await {
            Ok(end) => end,
            Err(error) => {
                discard(open.connection).await;
                return Err(GroupError {
                    error,
                    can_repeat: true,
                });
            }
        };
        match self.within_time(execute(&mut open.connection, end)).await {
            Ok(()) => self.connection = Some(open.connection),
            Err(error) => {
                discard(open.connection).await;
                if end == ROLLBACK {
                    return Err(GroupError {
                        error,
                        can_repeat: true,
                    });
                }
                self.ensure_committed(&open.mark, error).await?;
            }
        }
        self.commits.fetch_add(u64::from(end == COMMIT), Ordering::Relaxed);
        Ok(())
    }

    /// Finds out whether a transaction was committed whose commit failed with `error`.
    async fn ensure_committed(&self, mark: &str, error: StoreError) -> Result<(), GroupError> {
        let WriterSource::Postgres(options) = &self.source else {
            return Err(GroupError {
                error,
                can_repeat: true,
            });
        };
        if !error.is_unreachable() {
            return Err(GroupError {
                error,
                can_repeat: true,
            });
        }
        match postgres::was_committed(options, &self.id, mark).await {
            Some(true) => Ok(()),
            Some(false) => Err(GroupError {
                error,
                can_repeat: true,
            }),
            None => Err(GroupError {
                error: StoreError::CommitUnknown,
                can_repeat: false,
            }),
        }
    }

    /// Ends with an error if a server does not respond. A file always does.
    async fn within_time<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        match self.source {
            WriterSource::Sqlite(_) => work.await,
            WriterSource::Postgres(_) => match timeout(postgres::TRANSACTION_TIMEOUT, work).await {
                Ok(result) => result,
                Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
            },
        }
    }

    async fn begin(&mut self) -> Result<OpenTransaction, StoreError> {
        if let WriterSource::Sqlite(files) = &self.source {
            files.check()?;
        }
        if let Some(connection) = self.connection.take() {
            match self.begin_on(connection).await {
                // The server closed the connection while it was not in use.
                Err(error) if error.is_unreachable() => {}
                result => return result,
            }
        }
        let connection = match &self.source {
            WriterSource::Sqlite(files) => Connection::Sqlite(sqlite::reopen_writer(files.database()).await?),
            WriterSource::Postgres(options) => Connection::Postgres(postgres::open_writer(options).await?),
        };
        self.begin_on(connection).await
    }

    /// Takes the write lock immediately, so that nothing changes between what a write reads and what it writes.
    async fn begin_on(&mut self, mut connection: Connection) -> Result<OpenTransaction, StoreError> {
        let begun = match &mut connection {
            Connection::Sqlite(_) => execute(&mut connection, "begin immediate")
                .await
                .map(|()| String::new()),
            Connection::Postgres(postgres) => {
                match timeout(
                    postgres::TRANSACTION_TIMEOUT,
                    postgres::begin_marked(postgres, &self.id),
                )
                .await
                {
                    Ok(begun) => begun.map_err(StoreError::from),
                    Err(_) => Err(sqlx::Error::PoolTimedOut.into()),
                }
            }
        };
        match begun {
            Ok(mark) => Ok(OpenTransaction { connection, mark }),
            // No transaction began: another program has the lock.
            Err(error)
                if error.fault() == Some(StorageFault::Locked) && matches!(connection, Connection::Sqlite(_)) =>
            {
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

/// Adds a write to a group, as part of the last one if both can run as one.
fn add_to_group(group: &mut Vec<Box<dyn QueuedWrite>>, write: Box<dyn QueuedWrite>) {
    let rest = match group.last_mut() {
        Some(last) => last.join(write),
        None => Some(write),
    };
    group.extend(rest);
}

/// Whether a group has more than one caller.
fn has_several_callers(group: &[Box<dyn QueuedWrite>]) -> bool {
    match group {
        [write] => write.callers() > 1,
        _ => true,
    }
}

/// Runs the writes, each in a savepoint if there are several callers, and returns the statement that ends the
/// transaction. If several that run as one fail, they are replaced by single ones.
async fn run_writes(
    connection: &mut Connection,
    group: &mut Vec<Box<dyn QueuedWrite>>,
) -> Result<&'static str, StoreError> {
    if let [write] = group.as_mut_slice()
        && write.callers() == 1
    {
        // If the connection was lost, the rollback shows it, and the write can run again.
        return Ok(if write.run(connection).await { COMMIT } else { ROLLBACK });
    }
    let mut next = 0;
    while let Some(write) = group.get_mut(next) {
        execute(connection, "savepoint one_write").await?;
        let has_failed = !write.run(connection).await;
        if has_failed {
            execute(connection, "rollback to one_write").await?;
        }
        execute(connection, "release one_write").await?;
        if has_failed && write.callers() > 1 {
            let single = group.remove(next).split();
            group.splice(next..next, single);
        } else {
            next += 1;
        }
    }
    Ok(COMMIT)
}

async fn execute(connection: &mut Connection, statement: &'static str) -> Result<(), StoreError> {
    query(statement).execute(connection).await?;
    Ok(())
}

/// Closes a connection, which rolls back its open transaction. Whether that works makes no difference, because the
/// connection is never used again.
async fn discard(connection: Connection) {
    let _ = connection.close_hard().await;
}
