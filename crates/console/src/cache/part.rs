//! One part of a workspace's data, read once for everyone, with its own age and its own error.
//!
//! A read is begun only by a request, with the credential of the person who made it, and continues when they leave. A
//! refusal concerns only that person: the next one reads with their own credential. Any other failure is shown to
//! everyone, and the part is not read again for a while. In the meantime, the previous value is shown.

mod state;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use store::SignInId;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument as _;
use workspace_client::{Error as WorkspaceError, ErrorKind, call_log};

use self::state::{Failure, PartState, ReadInProgress, Value};
use super::drop_in_background;
use crate::Actor;
use crate::moment::Moment;

/// A cached part of a workspace's data.
pub(crate) struct Part<T> {
    state: Mutex<PartState<T>>,
    /// Counts the reads that ended.
    ended_reads: watch::Sender<u64>,
    /// Whether a new value is the same as the previous one. Then the previous one stays, and with it everything that
    /// was made from it.
    is_same: fn(&T, &T) -> bool,
}

/// A read that has ended.
struct FinishedRead {
    id: u64,
    sign_in: SignInId,
    generation: u64,
    began: Moment,
    stale_ttl: Duration,
}

/// The value that was read, and why something is missing in it, if so.
pub(crate) type ReadResult<T> = Result<(T, Option<WorkspaceError>), WorkspaceError>;

/// When a value is read again, and how long the old one is shown until then.
#[derive(Clone, Copy)]
pub(crate) struct Ttl {
    pub(crate) fresh: Duration,
    pub(crate) stale: Duration,
}

/// Whether a part that failed a moment ago is read again now or after a pause.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    AfterPause,
    Now,
}

/// Why a part is missing, or only an older one is there.
#[derive(Clone, Debug)]
pub enum PartProblem {
    /// The part is being read.
    Loading,
    /// The part could not be read. After this time, the next request tries again.
    Failed(WorkspaceError, Duration),
}

/// A part, as one person sees it.
pub(crate) struct PartView<T> {
    /// The value that was read last, unless it is too old.
    pub(crate) value: Option<Arc<T>>,
    /// The time since then.
    pub(crate) age: Duration,
    pub(crate) is_fresh: bool,
    pub(crate) problem: Option<PartProblem>,
}

impl<T: Send + Sync + 'static> Part<T> {
    pub(crate) fn new(is_same: fn(&T, &T) -> bool) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(PartState::default()),
            ended_reads: watch::Sender::new(0),
            is_same,
        })
    }

    /// The value that was read last, however old it is.
    pub(crate) fn last(&self) -> Option<Arc<T>> {
        self.state.lock().value.as_ref().map(|value| Arc::clone(&value.value))
    }

    /// The time since the value was read.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.state.lock().value.as_ref()?.read.age()
    }

    pub(crate) fn view(&self, sign_in: &SignInId, ttl: Ttl) -> PartView<T> {
        let state = self.state.lock();
        let value = state.value.as_ref().filter(|value| value.read.is_within(ttl.stale));
        let refusal = state.refusal(sign_in);
        let is_fresh = state.is_fresh(ttl.fresh);
        let problem = match (refusal, &state.reading, &state.failure) {
            _ if is_fresh => None,
            (Some(refusal), ..) => Some(PartProblem::Failed(refusal.error.clone(), Duration::ZERO)),
            (None, None, Some(failure)) => Some(PartProblem::Failed(failure.error.clone(), failure.pause())),
            (None, None, None) if value.is_some() => None,
            (None, ..) => Some(PartProblem::Loading),
        };
        PartView {
            age: value.and_then(|value| value.read.age()).unwrap_or_default(),
            value: value.map(|value| Arc::clone(&value.value)),
            is_fresh,
            problem,
        }
    }

    /// Why the last read failed for everyone or for this person, if it ended at `since` or later.
    pub(crate) fn failure_since(&self, sign_in: &SignInId, since: Instant) -> Option<WorkspaceError> {
        let state = self.state.lock();
        let mut failures = state.refusals.get(sign_in).into_iter().chain(&state.failure);
        let latest = failures.find(|failure| failure.at >= since)?;
        Some(latest.error.clone())
    }

    /// Begins to read the part with the actor's credential, if that is due.
    pub(crate) fn begin_if_due<F>(
        self: &Arc<Self>,
        actor: &Actor,
        ttl: Ttl,
        retry: Retry,
        read: impl Fn(Actor) -> F + Send + 'static,
    ) where
        F: Future<Output = ReadResult<T>> + Send + 'static,
    {
        let id = {
            let mut state = self.state.lock();
            let is_paused = state.is_paused() || state.refusal(&actor.sign_in).is_some();
            if state.reading.is_some() || state.is_fresh(ttl.fresh) || (is_paused && retry == Retry::AfterPause) {
                return;
            }
            state.reads += 1;
            state.reading = Some(ReadInProgress {
                id: state.reads,
                sign_in: actor.sign_in,
                began: Instant::now(),
                task: None,
                waiters: 0,
            });
            state.reads
        };
        let (end, actor) = (
            ReadEnd {
                part: Arc::clone(self),
                id,
            },
            actor.clone(),
        );
        let work = async move {
            let end = end;
            loop {
                let (generation, began) = (end.part.state.lock().generation, Moment::now());
                let result = read(actor.clone()).await;
                let read = FinishedRead {
                    id: end.id,
                    sign_in: actor.sign_in,
                    generation,
                    began,
                    stale_ttl: ttl.stale,
                };
                if end.part.store_read(read, result) {
                    return;
                }
            }
        };
        let task = tokio::spawn(call_log::in_current_log(work.in_current_span())).abort_handle();
        match self.state.lock().reading.as_mut().filter(|reading| reading.id == id) {
            Some(reading) => reading.task = Some(task),
            // The read has ended already, or was discarded.
            None => task.abort(),
        }
    }

    /// Stores the result of a read. Returns whether that ends the read: it begins again if something was changed in the
    /// meantime.
    fn store_read(&self, read: FinishedRead, result: ReadResult<T>) -> bool {
        let mut state = self.state.lock();
        if state.reading.as_ref().is_none_or(|reading| reading.id != read.id) {
            return true;
        }
        if state.generation != read.generation {
            return false;
        }
        let (value, error) = match result {
            Ok((value, gap)) => (Some(value), gap),
            Err(error) => (None, Some(error)),
        };
        let old = value.and_then(|value| {
            let value = Value {
                value: Arc::new(value),
                read: read.began,
                gap: error.clone(),
            };
            state.replace(value, read.stale_ttl, self.is_same)
        });
        match error {
            None => {
                state.failure = None;
                state.refusals.clear();
                state.is_expired = false;
            }
            Some(error) if error.kind.is_about_caller() => state.refuse(read.sign_in, error),
            Some(error) => {
                state.failure = Some(Failure::new(error));
                state.is_expired = false;
            }
        }
        drop(state);
        drop_in_background(old);
        true
    }

    /// Increases with every change that invalidates a read in progress.
    pub(crate) fn generation(&self) -> u64 {
        self.state.lock().generation
    }

    /// Stores a value that someone read for another purpose at `read`, unless the part has changed since that
    /// `generation`.
    pub(crate) fn store(&self, value: T, read: Moment, generation: u64) {
        let mut state = self.state.lock();
        let is_newer = |value: &Value<T>| value.read.wall > read.wall;
        if state.generation != generation || state.value.as_ref().is_some_and(is_newer) {
            return;
        }
        state.generation += 1;
        let value = Value {
            value: Arc::new(value),
            read,
            gap: None,
        };
        let old = state.replace(value, Duration::ZERO, self.is_same);
        state.failure = None;
        state.is_expired = false;
        drop(state);
        drop_in_background(old);
    }

    /// Waits until no one is reading the part.
    pub(crate) async fn settled(&self) {
        let mut ended_reads = self.ended_reads.subscribe();
        while self.state.lock().reading.is_some() {
            if ended_reads.changed().await.is_err() {
                return;
            }
        }
    }

    /// Like [`settled`](Self::settled), for a request that needs the part. If the person who began the read leaves, the
    /// read ends: its call may hang, and others must not wait for that.
    pub(crate) async fn settled_for(&self, sign_in: &SignInId) {
        let own_read = match self.state.lock().reading.as_mut() {
            Some(reading) if reading.sign_in == *sign_in => {
                reading.waiters += 1;
                Some(reading.id)
            }
            _ => None,
        };
        let _waiter = own_read.map(|id| Waiter { part: self, id });
        self.settled().await;
    }

    /// When the current read began.
    pub(crate) fn reading_since(&self) -> Option<Instant> {
        self.state.lock().reading.as_ref().map(|reading| reading.began)
    }

    /// Makes the next page read a new value. The old one stays, in case that fails.
    pub(crate) fn expire(&self) {
        let mut state = self.state.lock();
        state.is_expired = true;
        state.failure = None;
        state.refusals.clear();
    }

    /// Makes the next page read a new value, since this one lacks something that is needed now. Not while the last read
    /// failed a moment ago.
    pub(crate) fn end_freshness(&self) {
        let mut state = self.state.lock();
        state.is_expired |= !state.is_paused();
    }

    /// Whether someone asked for a new value that has not been read yet.
    pub(crate) fn is_expired(&self) -> bool {
        self.state.lock().is_expired
    }

    /// Discards the value, and the results of reads that began before now.
    pub(crate) fn invalidate(&self) {
        let mut state = self.state.lock();
        state.generation += 1;
        state.failure = None;
        state.refusals.clear();
        let old = state.value.take();
        drop(state);
        drop_in_background(old);
    }

    /// Ends the read in progress if it uses this person's credential.
    pub(crate) fn discard_read_of(&self, sign_in: &SignInId) {
        self.state.lock().refusals.remove(sign_in);
        self.end_read_if(|reading| reading.sign_in == *sign_in);
    }

    fn end_read_if(&self, matches: impl Fn(&ReadInProgress) -> bool) {
        let reading = self.state.lock().reading.take_if(|reading| matches(reading));
        if let Some(task) = reading.and_then(|reading| reading.task) {
            task.abort();
        }
        self.ended_reads.send_modify(|reads| *reads += 1);
    }
}

/// Ends a read when its task ends in any way.
struct ReadEnd<T: Send + Sync + 'static> {
    part: Arc<Part<T>>,
    id: u64,
}

impl<T: Send + Sync + 'static> Drop for ReadEnd<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A new read would panic again, so this counts as a failure, which has a pause.
            let path = String::new();
            self.part.state.lock().failure = Some(Failure::new(ErrorKind::Undecodable { path }.into()));
        }
        self.part.end_read_if(|reading| reading.id == self.id);
    }
}

/// A request of the person who began the read, which cannot continue without the part.
struct Waiter<'a, T: Send + Sync + 'static> {
    part: &'a Part<T>,
    id: u64,
}

impl<T: Send + Sync + 'static> Drop for Waiter<'_, T> {
    fn drop(&mut self) {
        let is_last = match self.part.state.lock().reading.as_mut() {
            Some(reading) if reading.id == self.id => {
                reading.waiters -= 1;
                reading.waiters == 0
            }
            _ => false,
        };
        if is_last {
            self.part.end_read_if(|reading| reading.id == self.id);
        }
    }
}
