//! Sending a job's tokens: a few are claimed, sent side by side, and what became of them is written down. The console may be killed
//! at any moment: what was sent and not settled is looked up when the job goes on.

use std::sync::Arc;
use std::time::Duration;

use store::{ActivityEntry, BulkId, BulkItem, BulkItemState, BulkRevocation, ItemResult, Outcome, PauseReason, Phase};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::NO_ANSWER;
use super::item::{ItemOutcome, ItemTask, StopReason};
use super::runner::BulkRun;
use crate::activity::kind;
use crate::{Console, Error, Workspace, now};

/// Tokens that failed in a row, after which the job waits for somebody rather than go through all the others.
const MAX_CONSECUTIVE_FAILURES: usize = 25;

/// How often the head of the record goes to the log.
const CHAIN_HEAD_LOG_INTERVAL: Duration = Duration::from_secs(10);

/// How long an outcome waits to be written down together with others.
const SETTLE_INTERVAL: Duration = Duration::from_millis(100);

/// Between two tries to write down while the database fails.
const STORE_RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Each in a task of its own.
type InFlight = JoinSet<(BulkItem, ItemOutcome)>;

/// What keeps a job from sending more, as far as it has come.
#[derive(Default)]
struct CircuitBreaker {
    because: Option<PauseReason>,
    failed_in_a_row: usize,
}

impl CircuitBreaker {
    fn note(&mut self, verdict: &ItemOutcome) {
        match verdict {
            ItemOutcome::Failed(_) | ItemOutcome::Unknown => self.failed_in_a_row += 1,
            ItemOutcome::Accepted | ItemOutcome::AlreadyGone => self.failed_in_a_row = 0,
            ItemOutcome::NotSent(StopReason::Paused(because)) | ItemOutcome::MaybeSent(StopReason::Paused(because)) => {
                self.because.get_or_insert(*because);
            }
            ItemOutcome::NotSent(_) | ItemOutcome::MaybeSent(_) => {}
        }
        if self.failed_in_a_row >= MAX_CONSECUTIVE_FAILURES {
            self.because.get_or_insert(PauseReason::WorkspaceFails);
        }
    }
}

impl Console {
    /// Sends every token that waits, and looks up those that were sent before. Returns whether all have been.
    pub(super) async fn send_all(&self, id: &BulkId, run: &Arc<BulkRun>) -> Result<bool, Error> {
        let mut under_way = InFlight::new();
        let mut unsure = self
            .0
            .store
            .bulk_items(id, Some(BulkItemState::Sent), 0, u32::MAX)
            .await?;
        let (mut brake, mut last_head) = (CircuitBreaker::default(), Instant::now());
        // What is known and not written down yet.
        let mut outcomes = Vec::new();
        loop {
            let job = self.running(id).await?;
            let sending = job.as_ref().filter(|_| brake.because.is_none() && !self.is_stopping());
            let workspace = sending.map(|job| self.workspace(&job.workspace));
            let claimed = match (sending, workspace) {
                (Some(job), Some(Ok(workspace))) => {
                    if job.cancelled {
                        run.cancel();
                    }
                    let room = turns_at_once(workspace).saturating_sub(under_way.len());
                    let mut next: Vec<_> = unsure.drain(..room.min(unsure.len())).collect();
                    let claim = u32::try_from(room - next.len()).unwrap_or_default();
                    let claimed = self.advance(job, &mut outcomes, claim).await;
                    next.iter_mut().for_each(|item| item.look_first = true);
                    self.begin_turns(job, workspace, run, &mut under_way, next);
                    claimed.map(|claimed| self.begin_turns(job, workspace, run, &mut under_way, claimed))
                }
                (_, workspace) => {
                    if workspace.is_some() {
                        brake.because = Some(PauseReason::SignedOut);
                    }
                    self.settle(id, &mut outcomes).await
                }
            };
            if let Err(error) = claimed {
                if self.is_stopping() {
                    return Err(error);
                }
                tracing::error!(%error, job = %id, "could not store the progress of a bulk revocation, will retry");
                sleep(STORE_RETRY_INTERVAL).await;
            } else if under_way.is_empty() {
                break;
            }
            let enough = job.as_ref().and_then(|job| self.workspace(&job.workspace).ok());
            let enough = enough.map_or(1, |workspace| workspace.pace.concurrency() as usize);
            let ended = ended_turns(&mut under_way, enough).await;
            ended.iter().for_each(|(_, verdict)| brake.note(verdict));
            let new = job
                .iter()
                .flat_map(|job| ended.iter().map(|(item, verdict)| item_result(job, item, verdict)));
            let before = outcomes.len();
            outcomes.extend(new);
            let answered = outcomes[before..].iter().filter(|s| s.state != BulkItemState::Waiting);
            run.speed.count(answered.count());
            if last_head.elapsed() > CHAIN_HEAD_LOG_INTERVAL {
                last_head = Instant::now();
                self.log_chain_head(id).await?;
            }
        }
        self.log_chain_head(id).await?;
        let Some(job) = self.running(id).await? else {
            return Ok(false);
        };
        if let Some(because) = brake.because {
            self.pause(&job, because).await?;
            return Ok(false);
        }
        Ok(!self.is_stopping())
    }

    /// Writes down what is known, and claims more tokens in the same transaction. Where that fails, `outcomes` are kept.
    async fn advance(
        &self,
        job: &BulkRevocation,
        outcomes: &mut Vec<ItemResult>,
        claim: u32,
    ) -> Result<Vec<BulkItem>, Error> {
        let (id, owned) = (job.id.clone(), job.clone());
        let intent =
            move |item: &BulkItem| item_entry(&owned, &owned.user_name, item, Phase::Intent, Outcome::Open, "");
        let store = &self.0.store;
        let claimed = match claim {
            0 => store.settle_items(&id, outcomes.clone()).await.map(|()| Vec::new()),
            _ => store.advance_bulk(&id, outcomes.clone(), claim, Arc::new(intent)).await,
        }?;
        outcomes.clear();
        Ok(claimed)
    }

    async fn settle(&self, id: &BulkId, outcomes: &mut Vec<ItemResult>) -> Result<(), Error> {
        self.0.store.settle_items(id, outcomes.clone()).await?;
        outcomes.clear();
        Ok(())
    }

    fn begin_turns(
        &self,
        job: &BulkRevocation,
        workspace: &Arc<Workspace>,
        run: &Arc<BulkRun>,
        under_way: &mut InFlight,
        items: Vec<BulkItem>,
    ) {
        for item in items {
            let turn = ItemTask {
                console: self.clone(),
                workspace: Arc::clone(workspace),
                job: job.clone(),
                run: Arc::clone(run),
                look_first: item.look_first,
                item,
            };
            under_way.spawn(turn.run());
        }
    }
}

/// How many tokens are claimed at once: those that the workspace takes side by side, and as many that wait for their turn, so
/// that writing down is done for several at once and keeps no call waiting.
fn turns_at_once(workspace: &Workspace) -> usize {
    2 * workspace.pace.concurrency() as usize
}

/// The turns that have ended, once there are `enough` of them, none is under way any more, or a moment has passed since the
/// first. One that broke is left out: its token stays as it is, sent, to be looked up.
async fn ended_turns(under_way: &mut InFlight, enough: usize) -> Vec<(BulkItem, ItemOutcome)> {
    let mut ended: Vec<_> = under_way.join_next().await.into_iter().flatten().collect();
    let deadline = Instant::now() + SETTLE_INTERVAL;
    while ended.len() < enough {
        match timeout_at(deadline, under_way.join_next()).await {
            Ok(Some(turn)) => ended.extend(turn),
            Ok(None) | Err(_) => break,
        }
    }
    ended
}

fn item_result(job: &BulkRevocation, item: &BulkItem, verdict: &ItemOutcome) -> ItemResult {
    let end = |state, outcome, text: &str| final_result(job, &job.user_name, item, state, outcome, text);
    let open = |state, detail: &str| ItemResult {
        position: item.position,
        state,
        detail: detail.to_owned(),
        entry: None,
    };
    match verdict {
        ItemOutcome::Accepted => open(BulkItemState::Accepted, ""),
        ItemOutcome::Unknown => open(BulkItemState::Accepted, NO_ANSWER),
        ItemOutcome::AlreadyGone => end(BulkItemState::Gone, Outcome::Done, "was already gone"),
        ItemOutcome::Failed(text) => end(BulkItemState::Failed, Outcome::Failed, text),
        ItemOutcome::NotSent(StopReason::Cancelled) => end(
            BulkItemState::Cancelled,
            Outcome::Failed,
            "not sent: the rest was cancelled",
        ),
        ItemOutcome::NotSent(_) if job.cancelled => end(
            BulkItemState::Cancelled,
            Outcome::Failed,
            "not sent: the rest was cancelled",
        ),
        ItemOutcome::NotSent(_) => end(BulkItemState::Waiting, Outcome::Failed, "not sent yet"),
        ItemOutcome::MaybeSent(_) => open(BulkItemState::Sent, ""),
    }
}

/// How a token's operation ended, for the job and for the record.
pub(super) fn final_result(
    job: &BulkRevocation,
    actor: &str,
    item: &BulkItem,
    state: BulkItemState,
    outcome: Outcome,
    text: &str,
) -> ItemResult {
    ItemResult {
        position: item.position,
        state,
        detail: text.to_owned(),
        entry: Some(item_entry(job, actor, item, Phase::Outcome, outcome, text)),
    }
}

fn item_entry(
    job: &BulkRevocation,
    actor: &str,
    item: &BulkItem,
    phase: Phase,
    outcome: Outcome,
    detail: &str,
) -> ActivityEntry {
    ActivityEntry {
        at: now(),
        workspace: job.workspace.clone(),
        operation: item.operation.clone(),
        phase,
        actor: actor.to_owned(),
        kind: kind::REVOKE_TOKEN.to_owned(),
        target: item.token.to_string(),
        before: match item.comment.as_str() {
            "" => item.owner.clone(),
            comment => format!("{comment} ({})", item.owner),
        },
        requested: format!("job {}", job.id),
        reason: job.reason.clone(),
        outcome,
        detail: detail.to_owned(),
        request_id: job.request_id.clone(),
    }
}
