//! Reading back: only what the workspace does not list any more counts as revoked.

use std::collections::HashSet;
use std::time::Duration;

use domain::TokenId;
use store::{BulkItemState, BulkRevocation, Outcome, PauseReason};
use tokio::time::{Instant, sleep};
use workspace_client::{ErrorKind, TokenList};

use super::NO_ANSWER;
use super::send::final_result;
use crate::actor::is_refusal;
use crate::{Actor, Console, Error};

/// How long the workspace is given to forget what it said yes to.
const VERIFY_TIMEOUT: Duration = Duration::from_secs(10);

/// Between two looks.
const VERIFY_INTERVAL: Duration = Duration::from_secs(1);

/// How often reading back is tried while the workspace fails.
const MAX_VERIFY_ATTEMPTS: u32 = 5;

/// Rows that are read or written at once.
const BATCH_SIZE: u32 = 500;

/// What a list says of tokens.
struct Listed {
    ids: HashSet<TokenId>,
    /// Whether a token that is not among them is gone: every row could be read.
    is_complete: bool,
}

impl Listed {
    fn of(list: TokenList) -> Self {
        let unreadable = list.unreadable.iter();
        let unreadable = unreadable.filter_map(|row| row.id.as_deref().map(TokenId::new));
        Self {
            is_complete: list.unreadable.iter().all(|row| row.id.is_some()),
            ids: list
                .tokens
                .iter()
                .map(|token| token.id.clone())
                .chain(unreadable)
                .collect(),
        }
    }

    /// Whether the workspace has the token. Where the list does not tell, the workspace is asked for this one, at its pace; only
    /// that it is not found says that it is gone, and a failure says nothing.
    async fn presence(&self, actor: &Actor, id: &TokenId) -> Presence {
        match self.ids.contains(id) {
            true => return Presence::Listed,
            false if self.is_complete => return Presence::Gone,
            false => {}
        }
        let _permit = actor.workspace.pace.acquire().await;
        match actor.api().token(id).await {
            Ok(_) => Presence::Listed,
            Err(error) if error.kind == ErrorKind::NotFound => Presence::Gone,
            Err(_) => Presence::Unknown,
        }
    }
}

/// Where a token is, as far as a look tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Gone,
    Listed,
    Unknown,
}

impl Console {
    /// Reads back that what was accepted, or said to be gone, is not listed any more. Where it cannot, the job has to wait, for what is
    /// answered.
    pub(super) async fn verify(&self, job: &BulkRevocation, actor: &Actor) -> Result<Option<PauseReason>, Error> {
        let deadline = Instant::now() + VERIFY_TIMEOUT;
        let mut tries = 0;
        loop {
            match actor.api().tokens().await {
                Ok(list) => {
                    let listed = Listed::of(list);
                    let last = Instant::now() >= deadline;
                    let left = self.settle_by_list(job, actor, &listed, last).await?;
                    actor.workspace.snapshots.forget();
                    if left == 0 || self.is_stopping() {
                        return Ok(None);
                    }
                    if last {
                        // What is left could not be looked at.
                        return Ok(Some(PauseReason::WorkspaceFails));
                    }
                }
                Err(error) if is_refusal(&error) => return Ok(Some(PauseReason::CredentialEnded)),
                Err(_) if tries < MAX_VERIFY_ATTEMPTS && !self.is_stopping() => tries += 1,
                Err(_) => return Ok(Some(PauseReason::WorkspaceFails)),
            }
            sleep(VERIFY_INTERVAL).await;
        }
    }

    /// Settles what was accepted, and what was sent and never answered, by what is listed. What is still listed waits, or with `last` has
    /// failed; one that could not be looked at waits on. Returns how many wait.
    async fn settle_by_list(
        &self,
        job: &BulkRevocation,
        actor: &Actor,
        listed: &Listed,
        last: bool,
    ) -> Result<usize, Error> {
        let mut left = 0;
        for state in [BulkItemState::Accepted, BulkItemState::Sent, BulkItemState::Gone] {
            let mut from = 0;
            loop {
                let items = self.0.store.bulk_items(&job.id, Some(state), from, BATCH_SIZE).await?;
                let Some(end) = items.last().map(|item| item.position + 1) else {
                    break;
                };
                from = end;
                let mut settled = Vec::new();
                for item in &items {
                    if self.is_stopping() {
                        return Ok(left);
                    }
                    let (state, outcome, text) = match (listed.presence(actor, &item.token).await, state) {
                        (Presence::Gone, BulkItemState::Gone) => continue,
                        (Presence::Gone, _) => (BulkItemState::Revoked, Outcome::Done, "revoked"),
                        (Presence::Unknown, _) => {
                            left += 1;
                            continue;
                        }
                        (Presence::Listed, _) if !last => {
                            left += 1;
                            continue;
                        }
                        (Presence::Listed, BulkItemState::Accepted) if item.detail != NO_ANSWER => {
                            let text = "the workspace accepted it, and still lists the token";
                            (BulkItemState::Failed, Outcome::Failed, text)
                        }
                        (Presence::Listed, BulkItemState::Gone) => {
                            let text = "the workspace said that it is gone, and still lists the token";
                            (BulkItemState::Failed, Outcome::Failed, text)
                        }
                        (Presence::Listed, _) => {
                            let text = "no answer came, and the workspace still lists the token";
                            (BulkItemState::Failed, Outcome::Failed, text)
                        }
                    };
                    settled.push(final_result(job, &actor.user_name, item, state, outcome, text));
                }
                self.0.store.settle_items(&job.id, settled).await?;
            }
        }
        Ok(left)
    }

    /// Settles what is open of a paused job of which the rest was cancelled, with the credential of whoever did that: it only reads.
    pub(super) fn settle_after_cancel(&self, job: BulkRevocation, actor: &Actor) {
        let (console, sign_in, request) = (self.clone(), actor.sign_in, actor.request_id.clone());
        tokio::spawn(async move {
            let settled = async {
                let actor = console.actor(&job.workspace, &sign_in, &request).await?;
                if console.verify(&job, &actor).await?.is_none() {
                    console.finish(&job, &actor).await?;
                }
                Ok::<_, Error>(())
            };
            if let Err(error) = settled.await {
                tracing::error!(%error, job = %job.id, "could not confirm a cancelled bulk revocation yet");
            }
        });
    }
}
