//! The progress of a bulk change, as people see it.

use std::time::Duration;

use parking_lot::Mutex;
use store::{BulkChange, BulkCounts, BulkId, BulkItemPage, BulkItemState, BulkKind, BulkState, EndedItem};
use tokio::time::Instant;

use crate::{Actor, Console, Error};

/// The throughput of a bulk change in this process: when it was started or resumed, and how many tokens have been
/// settled since.
#[derive(Default)]
pub(crate) struct Throughput(Mutex<Option<(Instant, usize)>>);

impl Throughput {
    pub(super) fn begin(&self) {
        *self.0.lock() = Some((Instant::now(), 0));
    }

    pub(super) fn count(&self, settled: usize) {
        if let Some((_, sum)) = self.0.lock().as_mut() {
            *sum += settled;
        }
    }

    /// Tokens per second; `None` within the first half second, which is too short to measure.
    fn per_second(&self) -> Option<f64> {
        let (began, settled) = (*self.0.lock())?;
        let seconds = began.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^52")]
        let rate = settled as f64 / seconds;
        (seconds > 0.5 && settled > 0).then_some(rate)
    }
}

/// What a running bulk change is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkWait {
    /// The workspace limits requests, for this long.
    RateLimited(Duration),
    /// All tokens were sent, and are being verified.
    Confirming,
}

/// The progress of a bulk change.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The bulk change.
    pub bulk: BulkChange,
    /// The number of its tokens in each state.
    pub counts: BulkCounts,
    /// Tokens per second, while it is running in this instance; `None` if another one runs it.
    pub per_second: Option<f64>,
    /// The estimated time until all tokens are settled, while it is running.
    pub left: Option<Duration>,
    /// What it is waiting for, while it is running.
    pub waiting: Option<BulkWait>,
}

/// The progress of a bulk change, with a page of its tokens.
#[derive(Clone, Debug)]
pub struct BulkView {
    /// The progress.
    pub progress: Progress,
    /// How many owners all of its tokens have.
    pub owners: usize,
    /// The tokens of the page: failed ones first, then those in progress, then the others.
    pub items: Vec<EndedItem>,
    /// Whether there are more after them.
    pub has_more: bool,
}

/// A bulk change that is running now, for the bar of every page.
#[derive(Clone, Debug)]
pub struct RunningBulk {
    /// Its ID.
    pub id: BulkId,
    /// What it does to its tokens.
    pub kind: BulkKind,
    /// How many of its tokens have been processed.
    pub settled: usize,
    /// How many it has.
    pub total: usize,
    /// How many others run in the workspace.
    pub others: usize,
}

impl Console {
    /// The bulk change of the actor's workspace that has been running for longest, if one runs, in this instance or
    /// another. The database is read only while one runs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn running_bulk(&self, actor: &Actor) -> Result<Option<RunningBulk>, Error> {
        let binding = actor.workspace().binding();
        if !self.0.running_bulks.can_be_in(&binding) {
            return Ok(None);
        }
        let running = self.0.store.running_bulks().await?;
        let mut running = running.into_iter().filter(|bulk| bulk.binding == binding);
        let Some(bulk) = running.next() else {
            return Ok(None);
        };
        let counts = self.0.store.bulk_counts(&bulk.id).await?;
        Ok(Some(RunningBulk {
            kind: bulk.kind,
            id: bulk.id,
            settled: counts.settled(),
            total: counts.total(),
            others: running.count(),
        }))
    }

    /// A bulk change that was started, with a page of its tokens. Numbers and tokens are read at the same moment.
    ///
    /// # Errors
    /// As [`Console::bulk`].
    pub async fn bulk_view(&self, actor: &Actor, id: &BulkId, page: BulkItemPage) -> Result<BulkView, Error> {
        self.bulk(actor, id).await?;
        let page = self.0.store.bulk_page(id, page).await?.ok_or(Error::BulkNotFound)?;
        Ok(BulkView {
            progress: self.progress(actor, page.bulk, page.counts),
            owners: page.owners,
            items: page.items,
            has_more: page.has_more,
        })
    }

    fn progress(&self, actor: &Actor, bulk: BulkChange, counts: BulkCounts) -> Progress {
        let run = self.0.running_bulks.get(&bulk.id);
        let per_second = run.and_then(|run| run.throughput.per_second());
        let open = counts.total() - counts.settled();
        let is_running = bulk.state == BulkState::Running;
        #[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^52")]
        let left = per_second
            .filter(|_| open > 0)
            .map(|rate| Duration::from_secs_f64(open as f64 / rate));
        let pause = actor.workspace().limiter.retry_in();
        let waiting = match pause {
            _ if !is_running => None,
            _ if counts.of(BulkItemState::Waiting) == 0 => Some(BulkWait::Confirming),
            Some(pause) => Some(BulkWait::RateLimited(pause)),
            None => None,
        };
        Progress {
            bulk,
            counts,
            per_second: per_second.filter(|_| is_running),
            left: left.filter(|_| is_running),
            waiting,
        }
    }
}
