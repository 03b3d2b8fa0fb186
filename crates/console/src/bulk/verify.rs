//! Verifying a bulk change. Of a bulk revocation, only tokens that the workspace no longer lists count as revoked.

use std::time::Duration;

use domain::TokenId;
use store::{BulkChange, BulkItem, BulkItemState, BulkKind, Detail, Lease, Outcome, PauseReason};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::item::pause_reason;
use super::send::final_result;
use super::verify_scopes::ListedTokens;
use crate::held_lease::HeldLease;
use crate::token_presence::{ListedIds, TokenPresence, look_for};
use crate::{Actor, Console, Error, Timing};

/// How often reading the list is tried again while the workspace fails.
const MAX_VERIFY_ATTEMPTS: u32 = 5;

/// How many rows are read or written at once.
const BATCH_SIZE: u32 = 500;

/// The result of a look at a token.
pub(super) enum Verdict {
    /// The stored state is final.
    Stays,
    /// The token has to be looked at again.
    Open,
    /// The change ends in this state.
    Ends(BulkItemState, Outcome, Detail),
}

impl Verdict {
    /// The verdict on an unconfirmed change: only the last look decides, since the workspace may process a call late.
    pub(super) fn unconfirmed(detail: Detail, is_last: bool) -> Self {
        match is_last {
            true => Self::Ends(BulkItemState::Unknown, Outcome::Unknown, detail),
            false => Self::Open,
        }
    }
}

/// A list of tokens, in the form that a kind of change needs.
enum Listed<'a> {
    Ids(ListedIds),
    Tokens(ListedTokens<'a>),
}

impl Listed<'_> {
    async fn verdict(&self, actor: &Actor, item: &BulkItem, is_last: bool) -> Verdict {
        match self {
            Self::Ids(ids) => revocation_verdict(item.state, &presence(ids, actor, &item.token).await, is_last),
            Self::Tokens(tokens) => tokens.verdict(actor, item, is_last).await,
        }
    }
}

/// Whether the workspace has the token. If the list does not show that, this token is read, within the limiter's pace.
async fn presence(listed: &ListedIds, actor: &Actor, id: &TokenId) -> TokenPresence {
    if let Some(presence) = listed.presence(id) {
        return presence;
    }
    let _permit = actor.workspace.limiter.acquire().await;
    look_for(actor, id).await
}

fn revocation_verdict(state: BulkItemState, presence: &TokenPresence, is_last: bool) -> Verdict {
    match (presence, state) {
        (TokenPresence::Gone, BulkItemState::Gone) => Verdict::Stays,
        (TokenPresence::Gone, _) => Verdict::Ends(BulkItemState::Revoked, Outcome::Done, Detail::Revoked),
        (TokenPresence::Unreadable(_), _) => Verdict::Open,
        (TokenPresence::Exists, BulkItemState::Accepted) => Verdict::unconfirmed(Detail::AcceptedButListed, is_last),
        (TokenPresence::Exists, BulkItemState::Gone) => Verdict::unconfirmed(Detail::GoneButListed, is_last),
        (TokenPresence::Exists, _) => Verdict::unconfirmed(Detail::NoResponseButListed, is_last),
    }
}

/// When the tokens of a change are looked at, and until when.
struct LookSchedule {
    deadline: Instant,
    pause: Duration,
    min_pause: Duration,
    max_pause: Duration,
}

impl LookSchedule {
    /// A change of scopes can take many minutes to be shown, and each look reads the whole list: the pauses grow.
    fn new(kind: BulkKind, timing: &Timing) -> Self {
        let (timeout, max_pause) = match kind.sets_scopes() {
            true => (timing.scopes_verify_timeout, timing.scopes_max_pause),
            false => (timing.list_verify_timeout, timing.max_pause),
        };
        Self {
            deadline: Instant::now() + timeout,
            pause: timing.max_pause,
            min_pause: timing.max_pause,
            max_pause,
        }
    }

    fn is_last(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// The pause before the next look, which is not later than the end.
    fn next_pause(&mut self) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let pause = self.pause.min(left).max(self.min_pause);
        self.pause = (self.pause * 2).min(self.max_pause);
        pause
    }
}

impl Console {
    /// Verifies that tokens whose revocation was accepted, or that were reported as gone, are no longer listed, or that
    /// tokens have their new scopes. Returns why the bulk change has to be paused, if the workspace cannot be read.
    /// After a restart of the console, the time limit starts again.
    pub(super) async fn verify(
        &self,
        lease: &Lease,
        bulk: &BulkChange,
        actor: &Actor,
    ) -> Result<Option<PauseReason>, Error> {
        let mut looks = LookSchedule::new(bulk.kind, &self.0.timing);
        let mut failures = 0;
        let mut later: Option<Actor> = None;
        loop {
            let actor = later.as_ref().unwrap_or(actor);
            match actor.api().tokens().await {
                Ok(list) => {
                    failures = 0;
                    let is_last = looks.is_last();
                    let listed = match bulk.kind.sets_scopes() {
                        true => Listed::Tokens(ListedTokens::of(&list)),
                        false => Listed::Ids(ListedIds::of(&list)),
                    };
                    let open = self.settle_by_list(lease, bulk, actor, &listed, is_last).await?;
                    actor.workspace.invalidate_tokens();
                    if open == 0 || self.is_stopping() {
                        return Ok(None);
                    }
                    if is_last {
                        // The rest could not be looked at.
                        return Ok(Some(PauseReason::WorkspaceFails));
                    }
                }
                Err(error) if pause_reason(&error).is_some() => return Ok(pause_reason(&error)),
                Err(_) if failures < MAX_VERIFY_ATTEMPTS && !self.is_stopping() => failures += 1,
                Err(_) => return Ok(Some(PauseReason::WorkspaceFails)),
            }
            tokio::select! {
                () = sleep(looks.next_pause()) => {}
                () = self.stopping() => return Ok(None),
            }
            // The person can have signed out, or have another credential by now.
            let next = self.actor(&bulk.workspace, &actor.sign_in, actor.request()).await;
            match next {
                Ok(actor) => later = Some(actor),
                Err(Error::SignedOut | Error::UnknownWorkspace) => return Ok(Some(PauseReason::SignedOut)),
                Err(error) if error.is_bad_credential() => return Ok(Some(PauseReason::CredentialEnded)),
                // The next look shows whether the credential still works.
                Err(_) => {}
            }
        }
    }

    /// Settles the tokens whose change was accepted, and those that were sent without a response or reported as gone.
    /// Tokens that do not show the change yet stay open, or end as not confirmed if this is the last look. Tokens that
    /// could not be looked at stay open. Returns the number of open tokens.
    async fn settle_by_list(
        &self,
        lease: &Lease,
        bulk: &BulkChange,
        actor: &Actor,
        listed: &Listed<'_>,
        is_last: bool,
    ) -> Result<usize, Error> {
        let mut open = 0;
        for state in [BulkItemState::Accepted, BulkItemState::Sent, BulkItemState::Gone] {
            let mut from = 0;
            loop {
                let items = self.0.store.bulk_items(&bulk.id, Some(state), from, BATCH_SIZE).await?;
                let Some(last) = items.last() else {
                    break;
                };
                from = last.position + 1;
                let mut settled = Vec::new();
                for item in &items {
                    if self.is_stopping() {
                        return Ok(open);
                    }
                    match listed.verdict(actor, item, is_last).await {
                        Verdict::Stays => {}
                        Verdict::Open => open += 1,
                        Verdict::Ends(state, outcome, detail) => {
                            settled.push(final_result(bulk, &actor.user_name, item, state, outcome, detail));
                        }
                    }
                }
                self.0.store.settle_items(lease, &bulk.id, settled).await?;
            }
        }
        Ok(open)
    }

    /// Verifies and finishes a paused bulk change, unless another instance or request is doing it. Holds the lease of a
    /// run, since the person who started the bulk change can resume it at any time, and two tasks must not write its
    /// results. Unlike a run, it can happen in any instance, since it sends nothing that changes tokens.
    async fn settle_under_lease(&self, bulk: &BulkChange, actor: &Actor) -> Result<(), Error> {
        let duration = self.0.timing.bulk_lease;
        let Some(held) = HeldLease::acquire(self, bulk.lease_name(), "", duration).await? else {
            return Ok(());
        };
        let settling = async {
            match self.verify(held.lease(), bulk, actor).await? {
                None => self.finish(held.lease(), bulk, actor).await,
                Some(_) => Ok(()),
            }
        };
        let settled = held.hold(settling).await;
        held.release().await;
        if let Some(bulk) = self.find_running(&bulk.id).await? {
            // It was resumed in the meantime, and could not run without the lease.
            self.run_in_background(&bulk);
        }
        settled.unwrap_or(Ok(()))
    }

    /// Settles the open tokens of a paused bulk change whose rest was cancelled. It only reads, so it uses the
    /// credential of the person who cancelled it.
    pub(super) fn settle_after_cancel(&self, bulk: BulkChange, actor: &Actor) -> JoinHandle<()> {
        let (console, sign_in, request) = (self.clone(), actor.sign_in, actor.request());
        self.run_to_end(async move {
            let settling = async {
                let actor = console.actor(&bulk.workspace, &sign_in, request).await?;
                console.settle_under_lease(&bulk, &actor).await
            };
            if let Err(error) = settling.await {
                tracing::error!(%error, job = %bulk.id, "could not confirm a cancelled bulk change yet");
            }
        })
    }
}
