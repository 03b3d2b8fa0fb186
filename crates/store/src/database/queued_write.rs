//! The writes that wait for the writer.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::{iter, ptr};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::caller::Caller;
use super::{BatchWork, Connection, Work};
use crate::StoreError;

/// A write and, once it has run, its result.
pub(super) trait QueuedWrite: Any + Send {
    /// Runs it, stores its result, and returns whether it succeeded.
    fn run<'c>(&'c mut self, connection: &'c mut Connection) -> BoxFuture<'c, bool>;

    /// Sends the callers the write's own error; else `lost`, the error of its lost transaction; else its result.
    fn reply(self: Box<Self>, lost: Option<StoreError>);

    /// How many callers wait for it.
    fn callers(&self) -> usize {
        1
    }

    /// Takes over the callers of the next write, if both can run as one. Otherwise gives it back.
    fn join(&mut self, next: Box<dyn QueuedWrite>) -> Option<Box<dyn QueuedWrite>> {
        Some(next)
    }

    /// One write for each caller, as before they were joined.
    fn split(self: Box<Self>) -> Vec<Box<dyn QueuedWrite>>;
}

/// A write that runs on its own.
pub(super) struct SingleWrite<A, T> {
    arguments: A,
    work: Work<A, T>,
    result: Option<Result<T, StoreError>>,
    caller: Caller<T>,
}

impl<A, T> SingleWrite<A, T> {
    pub(super) fn new(arguments: A, work: Work<A, T>, caller: Caller<T>) -> Self {
        Self {
            arguments,
            work,
            result: None,
            caller,
        }
    }
}

impl<A: Send + Sync + 'static, T: Send + 'static> QueuedWrite for SingleWrite<A, T> {
    fn run<'c>(&'c mut self, connection: &'c mut Connection) -> BoxFuture<'c, bool> {
        Box::pin(async {
            let work = (self.work)(connection, &self.arguments);
            let result = run_for(std::slice::from_ref(&self.caller), work).await;
            self.result.insert(result).is_ok()
        })
    }

    fn reply(self: Box<Self>, lost: Option<StoreError>) {
        self.caller.reply(outcome(self.result, lost));
    }

    fn split(self: Box<Self>) -> Vec<Box<dyn QueuedWrite>> {
        vec![self]
    }
}

/// Writes of the same kind that run as one, with few statements for all.
pub(super) struct WriteBatch<A, T> {
    arguments: Vec<A>,
    work: BatchWork<A, T>,
    result: Option<Result<Vec<T>, StoreError>>,
    callers: Vec<Caller<T>>,
}

impl<A, T> WriteBatch<A, T> {
    pub(super) fn new(arguments: A, work: BatchWork<A, T>, caller: Caller<T>) -> Self {
        Self {
            arguments: vec![arguments],
            work,
            result: None,
            callers: vec![caller],
        }
    }
}

impl<A: Send + Sync + 'static, T: Send + 'static> QueuedWrite for WriteBatch<A, T> {
    fn run<'c>(&'c mut self, connection: &'c mut Connection) -> BoxFuture<'c, bool> {
        Box::pin(async {
            let work = (self.work)(connection, &self.arguments);
            let result = run_for(&self.callers, work).await;
            self.result.insert(result).is_ok()
        })
    }

    fn reply(self: Box<Self>, lost: Option<StoreError>) {
        match outcome(self.result, lost) {
            Ok(values) => {
                for (caller, value) in iter::zip(self.callers, values) {
                    caller.reply(Ok(value));
                }
            }
            Err(error) => {
                for caller in self.callers {
                    caller.reply(Err(error.clone()));
                }
            }
        }
    }

    fn callers(&self) -> usize {
        self.callers.len()
    }

    fn join(&mut self, next: Box<dyn QueuedWrite>) -> Option<Box<dyn QueuedWrite>> {
        let is_same = |next: &Self| ptr::fn_addr_eq(next.work, self.work);
        let any: &dyn Any = &*next;
        if !any.downcast_ref().is_some_and(is_same) {
            return Some(next);
        }
        let any: Box<dyn Any> = next;
        if let Ok(next) = any.downcast::<Self>() {
            self.arguments.extend(next.arguments);
            self.callers.extend(next.callers);
        }
        None
    }

    fn split(self: Box<Self>) -> Vec<Box<dyn QueuedWrite>> {
        let work = self.work;
        let calls = iter::zip(self.arguments, self.callers);
        let writes =
            calls.map(|(arguments, caller)| Box::new(Self::new(arguments, work, caller)) as Box<dyn QueuedWrite>);
        writes.collect()
    }
}

/// The result of `work` for these callers, which is an error if one of them has given up: then it is not committed.
async fn run_for<A, T>(callers: &[Caller<A>], work: BoxFuture<'_, Result<T, StoreError>>) -> Result<T, StoreError> {
    let given_up = || StoreError::from(sqlx::Error::PoolTimedOut);
    if !callers.iter().all(Caller::begin) {
        return Err(given_up());
    }
    let value = catch_panic(work).await?;
    match callers.iter().all(Caller::allow_commit) {
        true => Ok(value),
        false => Err(given_up()),
    }
}

/// The result of `work`, which is an error if it panics.
async fn catch_panic<T>(work: BoxFuture<'_, Result<T, StoreError>>) -> Result<T, StoreError> {
    let caught = AssertUnwindSafe(work).catch_unwind().await;
    caught.unwrap_or(Err(StoreError::Panicked))
}

/// The result for the callers of a write.
fn outcome<T>(result: Option<Result<T, StoreError>>, lost: Option<StoreError>) -> Result<T, StoreError> {
    match (result, lost) {
        (Some(Err(error)), _) | (_, Some(error)) => Err(error),
        (Some(Ok(value)), None) => Ok(value),
        (None, None) => Err(StoreError::Closed),
    }
}
