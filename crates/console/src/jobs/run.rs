//! A job's way: claim a few tokens, send them side by side, write down what became of them, and at the end read back that they are
//! gone. It may be killed at any moment: what was sent and not settled is looked up when it goes on.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::TokenId;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use store::{Entry, Item, ItemState, Job, JobId, JobState, Outcome, PausedBecause, Phase, Settled};
use tokio::time::{Instant, sleep};

use super::item::{Verdict, revoke};
use super::watch::Speed;
use crate::actor::is_refusal;
use crate::record::kind;
use crate::{Actor, Console, Error, now};

/// Tokens that failed in a row, after which the job waits for somebody rather than go through all the others.
const FAILED_IN_A_ROW: usize = 25;

/// How long the workspace is given to forget what it said yes to.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often reading back is tried while the workspace fails.
const READ_BACKS: u32 = 5;

/// Rows that are read or written at once.
const PART: u32 = 500;

/// How often the head of the record goes to the log.
const HEAD_EVERY: Duration = Duration::from_secs(10);

/// The jobs that this process is running.
#[derive(Default)]
pub(crate) struct Runs(Mutex<HashMap<JobId, Arc<Speed>>>);

impl Runs {
    /// The speed of a job that runs here.
    pub(super) fn speed(&self, id: &JobId) -> Option<Arc<Speed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    fn are_none(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Enters a job, unless it runs already.
    fn enter(&self, id: &JobId) -> Option<Arc<Speed>> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if runs.contains_key(id) {
            return None;
        }
        let speed = Arc::new(Speed::default());
        runs.insert(id.clone(), Arc::clone(&speed));
        Some(speed)
    }

    fn leave(&self, id: &JobId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// How a stretch of work ended.
enum Stretch {
    /// Every token has been sent and answered.
    AllSent,
    /// It goes on some other time, or not at all.
    Left,
}

impl Console {
    /// Goes on with the jobs that were running when the console was stopped or killed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn go_on_with_jobs(&self) -> Result<(), Error> {
        for job in self.0.store.running_jobs().await? {
            self.run_job(job.id);
        }
        Ok(())
    }

    /// Lets jobs end what is under way and send no more, and streams of news end. They go on at the next start.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Resolves when no job is at work here any more.
    pub async fn at_rest(&self) {
        while !self.0.runs.are_none() {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Resolves when the console is told to stop.
    pub async fn stopping(&self) {
        let mut stopping = self.0.stopping.subscribe();
        // The sender lives as long as the console.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    pub(super) fn run_job(&self, id: JobId) {
        let console = self.clone();
        tokio::spawn(async move {
            let Some(speed) = console.0.runs.enter(&id) else { return };
            loop {
                if let Err(error) = console.run(&id, &speed).await {
                    tracing::error!(%error, job = %id, "a job stopped; it goes on when the console is started again, or resumed");
                }
                console.0.runs.leave(&id);
                // Resumed or retried while it was ending: that start found it still here.
                match console.0.store.job(&id).await {
                    Ok(Some(job)) if job.state == JobState::Running && !console.is_stopping() => {}
                    _ => return,
                }
                sleep(Duration::from_secs(1)).await;
                if console.0.runs.enter(&id).is_none() {
                    return;
                }
            }
        });
    }

    fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    async fn run(&self, id: &JobId, speed: &Arc<Speed>) -> Result<(), Error> {
        speed.begin();
        if let Stretch::Left = self.send_all(id, speed).await? {
            return Ok(());
        }
        let Some(job) = self.running(id).await? else {
            return Ok(());
        };
        let actor = match self.actor_of(&job).await {
            Ok(actor) => actor,
            Err(because) => return self.pause(&job, because).await,
        };
        if self.read_back(&job, &actor).await? {
            self.finish(&job, &actor).await?;
        }
        Ok(())
    }

    /// Sends every token that waits, and looks up those that were sent before.
    async fn send_all(&self, id: &JobId, speed: &Arc<Speed>) -> Result<Stretch, Error> {
        let mut under_way: FuturesUnordered<BoxFuture<'static, (Item, Verdict)>> = FuturesUnordered::new();
        let mut unsure = self.0.store.job_items(id, Some(ItemState::Sent), 0, u32::MAX).await?;
        let (mut pausing, mut failed_in_a_row) = (None, 0);
        let mut told = Instant::now();
        loop {
            let job = self.running(id).await?;
            let actor = match &job {
                Some(job) if pausing.is_none() && !self.is_stopping() => match self.actor_of(job).await {
                    Ok(actor) => Some((job, actor)),
                    Err(because) => {
                        pausing = Some(because);
                        None
                    }
                },
                _ => None,
            };
            if let Some((job, actor)) = &actor {
                let room = (actor.workspace.pace.side_by_side() as usize).saturating_sub(under_way.len());
                let mut next: Vec<_> = unsure
                    .drain(..room.min(unsure.len()))
                    .map(|item| (item, true))
                    .collect();
                let room = u32::try_from(room - next.len()).unwrap_or_default();
                if room > 0 {
                    let claimed = self
                        .0
                        .store
                        .claim_items(id, room, |item| item_intent(job, actor, item))
                        .await?;
                    next.extend(claimed.into_iter().map(|item| (item, false)));
                }
                under_way.extend(next.into_iter().map(|(item, look)| one(Arc::clone(actor), item, look)));
            }
            let Some(first) = under_way.next().await else {
                break;
            };
            let mut ended = vec![first];
            while let Some(Some(another)) = futures_util::FutureExt::now_or_never(under_way.next()) {
                ended.push(another);
            }
            let mut settled = Vec::with_capacity(ended.len());
            for (item, verdict) in ended {
                failed_in_a_row = match verdict {
                    Verdict::Failed(_) => failed_in_a_row + 1,
                    Verdict::Accepted | Verdict::Gone | Verdict::GoneBefore => 0,
                    _ => failed_in_a_row,
                };
                if let Verdict::Stopped(because) | Verdict::StoppedUnsure(because) = &verdict {
                    pausing = pausing.or(Some(*because));
                }
                settled.extend(job.as_ref().map(|job| self.settled(job, &item, verdict)));
            }
            if failed_in_a_row >= FAILED_IN_A_ROW {
                pausing = pausing.or(Some(PausedBecause::WorkspaceFails));
            }
            speed.count(settled.iter().filter(|s| s.state != ItemState::Waiting).count());
            self.0.store.settle_items(id, &settled).await?;
            if told.elapsed() > HEAD_EVERY {
                told = Instant::now();
                self.log_head(id).await?;
            }
        }
        self.log_head(id).await?;
        let Some(job) = self.running(id).await? else {
            return Ok(Stretch::Left);
        };
        if let Some(because) = pausing {
            self.pause(&job, because).await?;
            return Ok(Stretch::Left);
        }
        Ok(if self.is_stopping() {
            Stretch::Left
        } else {
            Stretch::AllSent
        })
    }

    /// Reads back that what was accepted, or said to be gone, is not listed any more. Answers whether everything is settled.
    async fn read_back(&self, job: &Job, actor: &Actor) -> Result<bool, Error> {
        let deadline = Instant::now() + PATIENCE;
        let mut tries = 0;
        loop {
            let listed: HashSet<TokenId> = match actor.api().tokens().await {
                Ok(tokens) => tokens.into_iter().map(|token| token.id).collect(),
                Err(error) if is_refusal(&error) => {
                    self.pause(job, PausedBecause::CredentialEnded).await?;
                    return Ok(false);
                }
                Err(_) if tries < READ_BACKS && !self.is_stopping() => {
                    tries += 1;
                    sleep(Duration::from_secs(1)).await;
                    continue;
                }
                Err(_) => {
                    self.pause(job, PausedBecause::WorkspaceFails).await?;
                    return Ok(false);
                }
            };
            let last = Instant::now() >= deadline;
            let left = self.compare(job, actor, &listed, last).await?;
            actor.workspace.snapshots.forget();
            if left == 0 {
                return Ok(true);
            }
            if self.is_stopping() {
                return Ok(false);
            }
            sleep(Duration::from_secs(1)).await;
        }
    }

    /// Settles what was accepted by what is listed. What is still listed waits, or with `last` has failed. Answers how many wait.
    async fn compare(&self, job: &Job, actor: &Actor, listed: &HashSet<TokenId>, last: bool) -> Result<usize, Error> {
        let mut left = 0;
        for (state, gone) in [
            (ItemState::Accepted, ItemState::Revoked),
            (ItemState::Gone, ItemState::Gone),
        ] {
            let mut from = 0;
            loop {
                let items = self.0.store.job_items(&job.id, Some(state), from, PART).await?;
                let Some(end) = items.last().map(|item| item.position + 1) else {
                    break;
                };
                from = end;
                let mut settled = Vec::new();
                for item in &items {
                    match (listed.contains(&item.token), last) {
                        (true, false) => left += 1,
                        (true, true) => {
                            let text = "the workspace accepted it, and still lists the token";
                            settled.push(ending(
                                job,
                                &actor.user_name,
                                item,
                                ItemState::Failed,
                                Outcome::Failed,
                                text,
                            ));
                        }
                        (false, _) if gone == ItemState::Revoked => {
                            settled.push(ending(job, &actor.user_name, item, gone, Outcome::Done, "revoked"));
                        }
                        (false, _) => {}
                    }
                }
                self.0.store.settle_items(&job.id, &settled).await?;
            }
        }
        Ok(left)
    }

    async fn finish(&self, job: &Job, actor: &Actor) -> Result<(), Error> {
        let counts = self.0.store.job_counts(&job.id).await?;
        let (failed, revoked) = (counts.of(ItemState::Failed), counts.of(ItemState::Revoked));
        let words = format!(
            "{revoked} revoked, {} already gone, {failed} failed, {} cancelled",
            counts.of(ItemState::Gone),
            counts.of(ItemState::Cancelled)
        );
        let outcome = if failed == 0 { Outcome::Done } else { Outcome::Failed };
        let entry = self.job_entry(job, actor, Phase::Outcome, outcome, &words);
        self.0.store.finish_job(&job.id, now(), &entry).await?;
        self.log_head(&job.id).await
    }

    async fn pause(&self, job: &Job, because: PausedBecause) -> Result<(), Error> {
        if self.0.store.pause_job(&job.id, because).await? {
            tracing::warn!(job = %job.id, workspace = job.workspace, ?because, "a job waits for who started it");
        }
        Ok(())
    }

    async fn log_head(&self, id: &JobId) -> Result<(), Error> {
        let head = self.0.store.activity_head().await?;
        tracing::info!(job = %id, %head, "activity");
        Ok(())
    }

    /// The job, while it is running.
    async fn running(&self, id: &JobId) -> Result<Option<Job>, Error> {
        let job = self.0.store.job(id).await?;
        Ok(job.filter(|job| job.state == JobState::Running))
    }

    /// Who started it, with their credential, kept fresh. Their sign-in does not end by idling while it works.
    async fn actor_of(&self, job: &Job) -> Result<Arc<Actor>, PausedBecause> {
        match self.actor(&job.workspace, &job.sign_in, &job.request_id).await {
            Ok(actor) if self.may_change(&actor).is_err() => Err(PausedBecause::ReadOnly),
            Ok(actor) if actor.principal == job.principal && actor.workspace.binding() == job.binding => {
                Ok(Arc::new(actor.because(&job.reason)))
            }
            Ok(_) | Err(Error::SignedOut | Error::UnknownWorkspace) => Err(PausedBecause::SignedOut),
            Err(error) if error.is_bad_credential() => Err(PausedBecause::CredentialEnded),
            Err(_) => Err(PausedBecause::WorkspaceFails),
        }
    }

    fn settled(&self, job: &Job, item: &Item, verdict: Verdict) -> Settled {
        let end = |state, outcome, text: &str| ending(job, &job.user_name, item, state, outcome, text);
        let open = |state| Settled {
            position: item.position,
            state,
            detail: String::new(),
            entry: None,
        };
        match verdict {
            Verdict::Accepted => open(ItemState::Accepted),
            // Its first answer was lost, so it counts as ours, and is read back like the others.
            Verdict::Gone => open(ItemState::Accepted),
            Verdict::GoneBefore => end(ItemState::Gone, Outcome::Done, "was already gone"),
            Verdict::Failed(text) => end(ItemState::Failed, Outcome::Failed, &text),
            Verdict::Stopped(_) => open(ItemState::Waiting),
            Verdict::StoppedUnsure(_) => open(ItemState::Sent),
        }
    }
}

fn one(actor: Arc<Actor>, item: Item, look_first: bool) -> BoxFuture<'static, (Item, Verdict)> {
    Box::pin(async move {
        let verdict = revoke(&actor, &actor.workspace.pace, &item.token, look_first).await;
        (item, verdict)
    })
}

/// What is written down before a token is sent.
fn item_intent(job: &Job, actor: &Actor, item: &Item) -> Entry {
    item_entry(job, &actor.user_name, item, Phase::Intent, Outcome::Open, "")
}

/// How a token's operation ended, for the job and for the record.
fn ending(job: &Job, actor: &str, item: &Item, state: ItemState, outcome: Outcome, text: &str) -> Settled {
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
