//! Sending the tokens of a bulk change: some are claimed and sent concurrently, and their outcomes are stored. The
//! console may be killed at any time: tokens that were sent and not settled are looked up when it continues.

use std::sync::Arc;
use std::time::Duration;

use store::{BulkChange, BulkId, BulkItem, BulkItemState, Detail, ItemResult, Lease, Outcome, PauseReason, Phase};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::entries::item_entry;
use super::item::{ItemOutcome, ItemTask};
use super::runner::BulkRun;
use super::stop::StopReason;
use crate::{Console, Error, Workspace};

/// After this many failures in a row, the bulk change is paused, and does not try the other tokens.
const MAX_CONSECUTIVE_FAILURES: usize = 25;

/// How often the head of the hash chain is written to the server log.
const CHAIN_HEAD_LOG_INTERVAL: Duration = Duration::from_secs(10);

/// How long an outcome waits to be stored together with others.
const SETTLE_INTERVAL: Duration = Duration::from_millis(100);

/// The pause between two attempts to store outcomes while the database fails.
const STORE_RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// The tokens that are being sent, each in a task of its own.
type InFlight = JoinSet<(BulkItem, ItemOutcome)>;

/// Stops sending when too much fails.
#[derive(Default)]
struct CircuitBreaker {
    reason: Option<PauseReason>,
    consecutive_failures: usize,
}

impl CircuitBreaker {
    fn record(&mut self, outcome: &ItemOutcome) {
        match outcome {
            ItemOutcome::Failed(_) | ItemOutcome::Unknown => self.consecutive_failures += 1,
            ItemOutcome::Accepted | ItemOutcome::AlreadyGone | ItemOutcome::AlreadySet => self.consecutive_failures = 0,
            // The workspace works but changed nothing, or nothing was sent.
            ItemOutcome::Outdated | ItemOutcome::Refused(_) => {}
            ItemOutcome::NotSent(StopReason::Paused(reason)) | ItemOutcome::MaybeSent(StopReason::Paused(reason)) => {
                self.reason.get_or_insert(*reason);
            }
            ItemOutcome::NotSent(_) | ItemOutcome::MaybeSent(_) => {}
        }
        if self.consecutive_failures >= MAX_CONSECUTIVE_FAILURES {
            self.reason.get_or_insert(PauseReason::WorkspaceFails);
        }
    }
}

/// The state of sending one bulk change.
#[derive(Default)]
struct SendState {
    in_flight: InFlight,
    /// Tokens that were sent by an earlier run and not settled. They are looked up first.
    unsettled: Vec<BulkItem>,
    breaker: CircuitBreaker,
    /// Results that are not stored yet.
    results: Vec<ItemResult>,
}

impl Console {
    /// Sends every waiting token, and looks up those that were sent before. Returns whether all tokens have been sent.
    pub(super) async fn send_all(&self, id: &BulkId, run: &Arc<BulkRun>) -> Result<bool, Error> {
        let sent_before = self.0.store.all_bulk_items(id, BulkItemState::Sent);
        let mut sending = SendState {
            unsettled: sent_before.await?,
            ..SendState::default()
        };
        let mut last_head = Instant::now();
        loop {
            let bulk = match self.send_more(id, run, &mut sending).await {
                Ok(_) if sending.in_flight.is_empty() => break,
                Ok(bulk) => bulk,
                Err(error) if self.is_stopping() || error.is_lease_lost() => return Err(error),
                Err(error) => {
                    tracing::error!(%error, job = %id, "could not store the progress of a bulk change, will retry");
                    sleep(STORE_RETRY_INTERVAL).await;
                    continue;
                }
            };
            let workspace = bulk.as_ref().and_then(|bulk| self.workspace(&bulk.workspace).ok());
            let enough = workspace.map_or(1, |workspace| workspace.limiter.concurrency() as usize);
            let ended = next_outcomes(&mut sending.in_flight, enough).await;
            ended.iter().for_each(|(_, outcome)| sending.breaker.record(outcome));
            let results = bulk
                .iter()
                .flat_map(|bulk| ended.iter().map(|(item, outcome)| item_result(bulk, item, outcome)));
            let results: Vec<_> = results.collect();
            let sent = results.iter().filter(|result| result.state != BulkItemState::Waiting);
            run.throughput.count(sent.count());
            sending.results.extend(results);
            if last_head.elapsed() > CHAIN_HEAD_LOG_INTERVAL {
                last_head = Instant::now();
                self.log_chain_head(id).await;
            }
        }
        self.log_chain_head(id).await;
        let Some(bulk) = self.find_running(id).await? else {
            return Ok(false);
        };
        if let Some(reason) = sending.breaker.reason {
            self.pause(run.lease(), &bulk, reason).await?;
            return Ok(false);
        }
        Ok(!self.is_stopping())
    }

    /// Stores the results, and starts sending as many further tokens as there is room for. Returns the bulk change, or
    /// `None` if it is no longer running; then nothing more is sent.
    ///
    /// # Errors
    /// If the database fails; then the results are stored the next time.
    async fn send_more(
        &self,
        id: &BulkId,
        run: &Arc<BulkRun>,
        sending: &mut SendState,
    ) -> Result<Option<BulkChange>, Error> {
        let running = self.find_running(id).await?;
        let bulk = running.as_ref();
        let bulk = bulk.filter(|_| sending.breaker.reason.is_none() && !self.is_stopping());
        let Some(bulk) = bulk else {
            self.settle(run.lease(), id, &mut sending.results).await?;
            return Ok(running);
        };
        let Ok(workspace) = self.workspace(&bulk.workspace) else {
            sending.breaker.reason = Some(PauseReason::SignedOut);
            self.settle(run.lease(), id, &mut sending.results).await?;
            return Ok(running);
        };
        if bulk.cancelled {
            run.cancel();
        }
        let room = max_in_flight(workspace).saturating_sub(sending.in_flight.len());
        let unsettled: Vec<_> = sending.unsettled.drain(..room.min(sending.unsettled.len())).collect();
        let claim = u32::try_from(room - unsettled.len()).unwrap_or_default();
        let claimed = self.send_next(run.lease(), bulk, &mut sending.results, claim).await;
        self.spawn_items(bulk, workspace, run, &mut sending.in_flight, unsettled, true);
        self.spawn_items(bulk, workspace, run, &mut sending.in_flight, claimed?, false);
        Ok(running)
    }

    /// Stores the results, and claims more tokens in the same transaction. If that fails, `results` stays as it is.
    async fn send_next(
        &self,
        lease: &Lease,
        bulk: &BulkChange,
        results: &mut Vec<ItemResult>,
        claim: u32,
    ) -> Result<Vec<BulkItem>, Error> {
        let (id, intent_of) = (bulk.id.clone(), bulk.clone());
        let intent = move |item: &BulkItem| {
            let actor = &intent_of.user_name;
            item_entry(&intent_of, actor, item, Phase::Intent, Outcome::Open, Detail::Empty)
        };
        let store = &self.0.store;
        let claimed = match claim {
            0 => store
                .settle_items(lease, &id, results.clone())
                .await
                .map(|()| Vec::new()),
            _ => {
                let intent = Arc::new(intent);
                store.advance_bulk(lease, &id, results.clone(), claim, intent).await
            }
        }?;
        results.clear();
        Ok(claimed)
    }

    async fn settle(&self, lease: &Lease, id: &BulkId, results: &mut Vec<ItemResult>) -> Result<(), Error> {
        self.0.store.settle_items(lease, id, results.clone()).await?;
        results.clear();
        Ok(())
    }

    fn spawn_items(
        &self,
        bulk: &BulkChange,
        workspace: &Arc<Workspace>,
        run: &Arc<BulkRun>,
        in_flight: &mut InFlight,
        items: Vec<BulkItem>,
        maybe_sent: bool,
    ) {
        for item in items {
            let task = ItemTask {
                console: self.clone(),
                workspace: Arc::clone(workspace),
                bulk: bulk.clone(),
                run: Arc::clone(run),
                maybe_sent: maybe_sent || item.maybe_sent_before,
                item,
            };
            in_flight.spawn(task.run());
        }
    }
}

/// How many tokens are claimed at once: those that are sent concurrently, and as many that wait for a permit. So
/// outcomes are stored several at a time, and no call waits for the database.
fn max_in_flight(workspace: &Workspace) -> usize {
    2 * workspace.limiter.concurrency() as usize
}

/// The outcomes of tasks that have ended, as soon as there are `enough`, no task is left, or [`SETTLE_INTERVAL`] has
/// passed since the first one. A task that panicked has none: its token stays in the state "sent", and is looked up
/// later.
async fn next_outcomes(in_flight: &mut InFlight, enough: usize) -> Vec<(BulkItem, ItemOutcome)> {
    let mut ended: Vec<_> = in_flight.join_next().await.into_iter().flatten().collect();
    let deadline = Instant::now() + SETTLE_INTERVAL;
    while ended.len() < enough {
        match timeout_at(deadline, in_flight.join_next()).await {
            Ok(Some(task)) => ended.extend(task),
            Ok(None) | Err(_) => break,
        }
    }
    ended
}

fn item_result(bulk: &BulkChange, item: &BulkItem, outcome: &ItemOutcome) -> ItemResult {
    let end = |state, outcome, detail| final_result(bulk, &bulk.user_name, item, state, outcome, detail);
    let open = |state, detail| ItemResult {
        position: item.position,
        state,
        detail,
        entry: None,
    };
    match outcome {
        ItemOutcome::Accepted => open(BulkItemState::Accepted, Detail::Empty),
        ItemOutcome::Unknown | ItemOutcome::MaybeSent(_) => open(BulkItemState::Sent, Detail::Empty),
        // A token that is gone is revoked, but has no new scopes.
        ItemOutcome::AlreadyGone if bulk.kind.sets_scopes() => {
            end(BulkItemState::Gone, Outcome::Failed, Detail::AlreadyGone)
        }
        ItemOutcome::AlreadyGone => end(BulkItemState::Gone, Outcome::Done, Detail::AlreadyGone),
        ItemOutcome::AlreadySet => end(BulkItemState::Changed, Outcome::Done, Detail::NoChange),
        ItemOutcome::Outdated => end(BulkItemState::Failed, Outcome::Failed, Detail::ChangedSinceReview),
        ItemOutcome::Failed(detail) | ItemOutcome::Refused(detail) => {
            end(BulkItemState::Failed, Outcome::Failed, detail.clone())
        }
        ItemOutcome::NotSent(StopReason::Cancelled) => {
            end(BulkItemState::Cancelled, Outcome::Failed, Detail::NotSentCancelled)
        }
        ItemOutcome::NotSent(_) if bulk.cancelled => {
            end(BulkItemState::Cancelled, Outcome::Failed, Detail::NotSentCancelled)
        }
        ItemOutcome::NotSent(_) => end(BulkItemState::Waiting, Outcome::Failed, Detail::NotSentYet),
    }
}

/// How the operation of a token ended, for the bulk change and for the activity log.
pub(super) fn final_result(
    bulk: &BulkChange,
    actor: &str,
    item: &BulkItem,
    state: BulkItemState,
    outcome: Outcome,
    detail: Detail,
) -> ItemResult {
    ItemResult {
        position: item.position,
        state,
        detail: detail.clone(),
        entry: Some(item_entry(bulk, actor, item, Phase::Outcome, outcome, detail)),
    }
}
