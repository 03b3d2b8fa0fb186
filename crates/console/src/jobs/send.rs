//! Sending a job's tokens: a few are claimed, sent side by side, and what became of them is written down. The console may be killed
//! at any moment: what was sent and not settled is looked up when the job goes on.

use std::sync::Arc;
use std::time::Duration;

use store::{Entry, Item, ItemState, Job, JobId, Outcome, PausedBecause, Phase, Settled};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::NO_ANSWER;
use super::item::{Halt, Turn, Verdict};
use super::run::Run;
use crate::record::kind;
use crate::{Console, Error, Workspace, now};

/// Tokens that failed in a row, after which the job waits for somebody rather than go through all the others.
const FAILED_IN_A_ROW: usize = 25;

/// How often the head of the record goes to the log.
const HEAD_EVERY: Duration = Duration::from_secs(10);

/// Each in a task of its own: one that waits for the database must not keep what it has of it while the job waits too.
type UnderWay = JoinSet<(Item, Verdict)>;

/// What keeps a job from sending more, as far as it has come.
#[derive(Default)]
struct Brake {
    because: Option<PausedBecause>,
    failed_in_a_row: usize,
}

impl Brake {
    fn note(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Failed(_) | Verdict::Unknown => self.failed_in_a_row += 1,
            Verdict::Accepted | Verdict::GoneBefore => self.failed_in_a_row = 0,
            Verdict::Unsent(Halt::Paused(because)) | Verdict::Unsure(Halt::Paused(because)) => {
                self.because.get_or_insert(*because);
            }
            Verdict::Unsent(_) | Verdict::Unsure(_) => {}
        }
        if self.failed_in_a_row >= FAILED_IN_A_ROW {
            self.because.get_or_insert(PausedBecause::WorkspaceFails);
        }
    }
}

impl Console {
    /// Sends every token that waits, and looks up those that were sent before. Answers whether all have been.
    pub(super) async fn send_all(&self, id: &JobId, run: &Arc<Run>) -> Result<bool, Error> {
        let mut under_way = UnderWay::new();
        let mut unsure = self.0.store.job_items(id, Some(ItemState::Sent), 0, u32::MAX).await?;
        let (mut brake, mut told) = (Brake::default(), Instant::now());
        loop {
            let job = self.running(id).await?;
            if let Some(job) = job.as_ref().filter(|_| brake.because.is_none() && !self.is_stopping()) {
                if job.cancelled {
                    run.cancel();
                }
                match self.workspace(&job.workspace) {
                    Ok(workspace) => self.take_more(job, workspace, run, &mut unsure, &mut under_way).await?,
                    Err(_) => brake.because = Some(PausedBecause::SignedOut),
                }
            }
            let Some(first) = under_way.join_next().await else {
                break;
            };
            // One that broke stays as it is: sent, to be looked up.
            let mut ended: Vec<_> = first.into_iter().collect();
            while let Some(another) = under_way.try_join_next() {
                ended.extend(another);
            }
            ended.iter().for_each(|(_, verdict)| brake.note(verdict));
            let settled: Vec<_> = job
                .iter()
                .flat_map(|job| ended.iter().map(|(item, verdict)| settled(job, item, verdict)))
                .collect();
            run.speed
                .count(settled.iter().filter(|s| s.state != ItemState::Waiting).count());
            self.0.store.settle_items(id, &settled).await?;
            if told.elapsed() > HEAD_EVERY {
                told = Instant::now();
                self.log_head(id).await?;
            }
        }
        self.log_head(id).await?;
        let Some(job) = self.running(id).await? else {
            return Ok(false);
        };
        if let Some(because) = brake.because {
            self.pause(&job, because).await?;
            return Ok(false);
        }
        Ok(!self.is_stopping())
    }

    /// Adds turns, up to what the workspace takes side by side.
    async fn take_more(
        &self,
        job: &Job,
        workspace: &Arc<Workspace>,
        run: &Arc<Run>,
        unsure: &mut Vec<Item>,
        under_way: &mut UnderWay,
    ) -> Result<(), Error> {
        let room = (workspace.pace.side_by_side() as usize).saturating_sub(under_way.len());
        let mut next: Vec<_> = unsure
            .drain(..room.min(unsure.len()))
            .map(|item| (item, true))
            .collect();
        let room = u32::try_from(room - next.len()).unwrap_or_default();
        if room > 0 {
            let intent = |item: &Item| item_entry(job, &job.user_name, item, Phase::Intent, Outcome::Open, "");
            let claimed = self.0.store.claim_items(&job.id, room, intent).await?;
            next.extend(claimed.into_iter().map(|item| {
                let look_first = item.look_first;
                (item, look_first)
            }));
        }
        for (item, look_first) in next {
            let turn = Turn {
                console: self.clone(),
                workspace: Arc::clone(workspace),
                job: job.clone(),
                run: Arc::clone(run),
                item,
                look_first,
            };
            under_way.spawn(turn.take());
        }
        Ok(())
    }
}

fn settled(job: &Job, item: &Item, verdict: &Verdict) -> Settled {
    let end = |state, outcome, text: &str| ending(job, &job.user_name, item, state, outcome, text);
    let open = |state, detail: &str| Settled {
        position: item.position,
        state,
        detail: detail.to_owned(),
        entry: None,
    };
    match verdict {
        Verdict::Accepted => open(ItemState::Accepted, ""),
        Verdict::Unknown => open(ItemState::Accepted, NO_ANSWER),
        Verdict::GoneBefore => end(ItemState::Gone, Outcome::Done, "was already gone"),
        Verdict::Failed(text) => end(ItemState::Failed, Outcome::Failed, text),
        Verdict::Unsent(Halt::Cancelled) => end(
            ItemState::Cancelled,
            Outcome::Failed,
            "not sent: the rest was cancelled",
        ),
        Verdict::Unsent(_) if job.cancelled => end(
            ItemState::Cancelled,
            Outcome::Failed,
            "not sent: the rest was cancelled",
        ),
        Verdict::Unsent(_) => end(ItemState::Waiting, Outcome::Failed, "not sent yet"),
        Verdict::Unsure(_) => open(ItemState::Sent, ""),
    }
}

/// How a token's operation ended, for the job and for the record.
pub(super) fn ending(job: &Job, actor: &str, item: &Item, state: ItemState, outcome: Outcome, text: &str) -> Settled {
    Settled {
        position: item.position,
        state,
        detail: text.to_owned(),
        entry: Some(item_entry(job, actor, item, Phase::Outcome, outcome, text)),
    }
}

fn item_entry(job: &Job, actor: &str, item: &Item, phase: Phase, outcome: Outcome, detail: &str) -> Entry {
    Entry {
        at: now(),
        workspace: job.workspace.clone(),
        operation: item.operation.clone(),
        phase,
        actor: actor.to_owned(),
        kind: kind::REVOKE_TOKEN.to_owned(),
        target: item.token.to_string(),
        was: match item.comment.as_str() {
            "" => item.owner.clone(),
            comment => format!("{comment} ({})", item.owner),
        },
        wanted: format!("job {}", job.id),
        reason: job.reason.clone(),
        outcome,
        detail: detail.to_owned(),
        request_id: job.request_id.clone(),
    }
}
