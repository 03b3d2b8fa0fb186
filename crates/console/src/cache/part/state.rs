//! The state of a part: the value, failures, and the read in progress.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use store::SignInId;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use workspace_client::Error as WorkspaceError;

use crate::moment::Moment;

/// The pause before a part is read again after a failure, if the workspace asks for none.
const RETRY_INTERVAL: Duration = Duration::from_secs(10);

/// How long the refusal of a person is remembered for them.
const REFUSAL_TTL: Duration = Duration::from_mins(1);

pub(super) struct PartState<T> {
    pub(super) value: Option<Value<T>>,
    pub(super) failure: Option<Failure>,
    pub(super) refusals: HashMap<SignInId, Failure>,
    pub(super) reading: Option<ReadInProgress>,
    pub(super) reads: u64,
    /// Counts the changes that invalidate reads that began before them.
    pub(super) generation: u64,
    /// Whether someone asked for a new value.
    pub(super) is_expired: bool,
}

pub(super) struct Value<T> {
    pub(super) value: Arc<T>,
    pub(super) read: Moment,
    /// Why something is missing in the value, if another credential or a later attempt may read more.
    pub(super) gap: Option<WorkspaceError>,
}

pub(super) struct Failure {
    pub(super) error: WorkspaceError,
    pub(super) at: Instant,
}

pub(super) struct ReadInProgress {
    pub(super) id: u64,
    pub(super) sign_in: SignInId,
    pub(super) began: Instant,
    pub(super) task: Option<AbortHandle>,
    /// How many requests of the person who began it cannot continue without it.
    pub(super) waiters: usize,
}

impl Failure {
    pub(super) fn new(error: WorkspaceError) -> Self {
        let at = Instant::now();
        Self { error, at }
    }

    /// How much longer the part is not read again.
    pub(super) fn pause(&self) -> Duration {
        let pause = self.error.retry_after().unwrap_or(RETRY_INTERVAL);
        (self.at + pause).saturating_duration_since(Instant::now())
    }
}

impl<T> PartState<T> {
    /// Whether the value need not be read again now. It has to be if it is incomplete, if the last read failed, or if
    /// someone asked for a new one.
    pub(super) fn is_fresh(&self, ttl: Duration) -> bool {
        let is_recent = |value: &Value<T>| value.gap.is_none() && value.read.is_within(ttl);
        !self.is_expired && self.failure.is_none() && self.value.as_ref().is_some_and(is_recent)
    }

    pub(super) fn refusal(&self, sign_in: &SignInId) -> Option<&Failure> {
        let refusal = self.refusals.get(sign_in)?;
        (refusal.at.elapsed() < REFUSAL_TTL).then_some(refusal)
    }

    /// Whether the last read failed for everyone a moment ago.
    pub(super) fn is_paused(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| !failure.pause().is_zero())
    }

    /// Records a refusal, and discards those that are too old.
    pub(super) fn refuse(&mut self, sign_in: SignInId, error: WorkspaceError) {
        self.refusals.retain(|_, refusal| refusal.at.elapsed() < REFUSAL_TTL);
        self.refusals.insert(sign_in, Failure::new(error));
    }

    /// Replaces the value, unless the new one has a gap and the old one has not and can still be shown. Returns the
    /// value that can be dropped.
    pub(super) fn replace(
        &mut self,
        mut new: Value<T>,
        stale_ttl: Duration,
        is_same: fn(&T, &T) -> bool,
    ) -> Option<Value<T>> {
        match &self.value {
            Some(old) if new.gap.is_some() && old.gap.is_none() && old.read.is_within(stale_ttl) => return Some(new),
            Some(old) if is_same(&old.value, &new.value) => new.value = Arc::clone(&old.value),
            _ => {}
        }
        self.value.replace(new)
    }
}

impl<T> Default for PartState<T> {
    fn default() -> Self {
        Self {
            value: None,
            failure: None,
            refusals: HashMap::new(),
            reading: None,
            reads: 0,
            generation: 0,
            is_expired: false,
        }
    }
}
