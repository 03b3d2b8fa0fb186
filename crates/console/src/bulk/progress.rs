//! How a job stands, for whoever looks.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use store::{BulkCounts, BulkItemState, BulkRevocation, BulkState};
use tokio::time::Instant;

use crate::{Actor, Console, Error};

/// How fast a job goes, since it was started or gone on with in this process.
#[derive(Default)]
pub(crate) struct Throughput(Mutex<Option<(Instant, usize)>>);

impl Throughput {
    pub(super) fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), 0));
    }

    pub(super) fn count(&self, settled: usize) {
        if let Some((_, sum)) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            *sum += settled;
        }
    }

    /// Tokens a second; nothing within the first half second, which tells little.
    fn per_second(&self) -> Option<f64> {
        let (began, settled) = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        let seconds = began.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^52")]
        let rate = settled as f64 / seconds;
        (seconds > 0.5 && settled > 0).then_some(rate)
    }
}

/// What keeps a running job from going on at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkWait {
    /// The workspace limits requests, for so long.
    RateLimited(Duration),
    /// Everything was sent, and is being read back.
    Confirming,
}

/// How a job stands.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The job.
    pub job: BulkRevocation,
    /// Its tokens.
    pub counts: BulkCounts,
    /// Tokens a second, while it runs.
    pub per_second: Option<f64>,
    /// How long it will take, while it runs.
    pub left: Option<Duration>,
    /// What it waits for, while it runs.
    pub waiting: Option<BulkWait>,
}

impl Console {
    /// How a job stands now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn progress(&self, actor: &Actor, job: BulkRevocation) -> Result<Progress, Error> {
        let counts = self.0.store.bulk_counts(&job.id).await?;
        let run = self.0.runs.get(&job.id);
        let per_second = run.and_then(|run| run.speed.per_second());
        let open = counts.total() - counts.settled();
        let running = job.state == BulkState::Running;
        #[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^52")]
        let left = per_second
            .filter(|_| open > 0)
            .map(|rate| Duration::from_secs_f64(open as f64 / rate));
        let pause = actor.workspace().pace.retry_in();
        let waiting = match pause {
            _ if !running => None,
            _ if open == 0 && counts.of(BulkItemState::Accepted) > 0 => Some(BulkWait::Confirming),
            Some(pause) => Some(BulkWait::RateLimited(pause)),
            None => None,
        };
        Ok(Progress {
            job,
            counts,
            per_second: per_second.filter(|_| running),
            left: left.filter(|_| running),
            waiting,
        })
    }
}
