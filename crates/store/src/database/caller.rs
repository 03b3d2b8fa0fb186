//! The caller of a write, who waits for it. While a server does not respond, callers can give up, as long as it is
//! certain that nothing of the write will be stored.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::StoreError;

/// How far a write is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// The write waits, or runs.
    #[default]
    Open,
    /// The write has run, so that its transaction can be committed at any moment.
    Ready,
    /// Its caller no longer waits. It must not be committed.
    GivenUp,
}

/// The writer's side.
#[derive(Debug)]
pub(super) struct Caller<T> {
    reply: oneshot::Sender<Result<T, StoreError>>,
    stage: Arc<Mutex<Stage>>,
}

/// The caller's side.
#[derive(Debug)]
pub(super) struct PendingWrite<T> {
    result: oneshot::Receiver<Result<T, StoreError>>,
    stage: Arc<Mutex<Stage>>,
}

impl<T> Caller<T> {
    pub(super) fn new() -> (Self, PendingWrite<T>) {
        let (reply, result) = oneshot::channel();
        let stage = Arc::new(Mutex::new(Stage::Open));
        let pending = PendingWrite {
            result,
            stage: Arc::clone(&stage),
        };
        (Self { reply, stage }, pending)
    }

    /// The write is about to run, perhaps once more. Returns `false` if it must not.
    pub(super) fn begin(&self) -> bool {
        self.set(Stage::Open)
    }

    /// The write has run. Returns `false` if it must not be committed.
    pub(super) fn allow_commit(&self) -> bool {
        self.set(Stage::Ready)
    }

    fn set(&self, next: Stage) -> bool {
        let mut stage = self.stage.lock();
        if *stage != Stage::GivenUp {
            *stage = next;
        }
        *stage == next
    }

    pub(super) fn reply(self, result: Result<T, StoreError>) {
        // The caller may have stopped waiting.
        let _ = self.reply.send(result);
    }
}

impl<T> PendingWrite<T> {
    /// The result. Must not be asked for again.
    pub(super) async fn result(&mut self) -> Result<T, StoreError> {
        (&mut self.result).await.unwrap_or(Err(StoreError::Closed))
    }

    /// Gives up. Returns `false` if the write may be stored all the same: then only its result shows that.
    pub(super) fn give_up(&self) -> bool {
        let mut stage = self.stage.lock();
        if *stage == Stage::Open {
            *stage = Stage::GivenUp;
        }
        *stage == Stage::GivenUp
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_was_given_up_is_not_committed() {
        let (caller, pending) = Caller::<()>::new();
        assert!(caller.begin());
        assert!(pending.give_up());
        assert!(!caller.allow_commit() && !caller.begin());
    }

    #[test]
    fn a_write_that_can_be_committed_is_not_given_up_until_it_runs_again() {
        let (caller, pending) = Caller::<()>::new();
        assert!(caller.begin() && caller.allow_commit());
        assert!(!pending.give_up());
        assert!(caller.begin());
        assert!(pending.give_up());
        assert!(!caller.allow_commit());
    }
}
