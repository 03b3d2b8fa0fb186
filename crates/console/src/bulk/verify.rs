//! Verifying a bulk revocation: only tokens that the workspace no longer lists count as revoked.

use std::collections::HashSet;
use std::time::Duration;

use domain::TokenId;
use store::{BulkItemState, BulkRevocation, Detail, Outcome, PauseReason};
use tokio::time::{Instant, sleep};
use workspace_client::{ErrorKind, TokenList};

use super::send::final_result;
use crate::actor::is_refusal;
use crate::{Actor, Console, Error};

/// How long the workspace may still list tokens whose revocation it accepted.
const VERIFY_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause between two looks.
const VERIFY_INTERVAL: Duration = Duration::from_secs(1);

/// How often reading the list is tried again while the workspace fails.
const MAX_VERIFY_ATTEMPTS: u32 = 5;

/// How many rows are read or written at once.
const BATCH_SIZE: u32 = 500;

/// The tokens in a list.
struct Listed {
    ids: HashSet<TokenId>,
    /// Whether a token that is not among them is gone: the ID of every row could be read.
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

    /// Whether the workspace has the token. If the list does not show that, this token is read, within the limiter's
    /// pace. It is gone only if it is not found; another failure leaves it unknown.
    async fn presence(&self, actor: &Actor, id: &TokenId) -> Presence {
        match self.ids.contains(id) {
            true => return Presence::Listed,
            false if self.is_complete => return Presence::Gone,
            false => {}
        }
        let _permit = actor.workspace.limiter.acquire().await;
        match actor.api().token(id).await {
            Ok(_) => Presence::Listed,
            Err(error) if error.kind == ErrorKind::NotFound => Presence::Gone,
            Err(_) => Presence::Unknown,
        }
    }
}

/// Whether the workspace has a token, according to one look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Gone,
    Listed,
    Unknown,
}

impl Console {
    /// Verifies that tokens whose revocation was accepted, or that were reported as gone, are no longer listed. Returns
    /// why the bulk revocation has to be paused, if the workspace cannot be read.
    pub(super) async fn verify(&self, bulk: &BulkRevocation, actor: &Actor) -> Result<Option<PauseReason>, Error> {
        let deadline = Instant::now() + VERIFY_TIMEOUT;
        let mut failures = 0;
        loop {
            match actor.api().tokens().await {
                Ok(list) => {
                    let listed = Listed::of(list);
                    let is_last = Instant::now() >= deadline;
                    let open = self.settle_by_list(bulk, actor, &listed, is_last).await?;
                    actor.workspace.snapshots.invalidate();
                    if open == 0 || self.is_stopping() {
                        return Ok(None);
                    }
                    if is_last {
                        // The rest could not be looked at.
                        return Ok(Some(PauseReason::WorkspaceFails));
                    }
                }
                Err(error) if is_refusal(&error) => return Ok(Some(PauseReason::CredentialEnded)),
                Err(_) if failures < MAX_VERIFY_ATTEMPTS && !self.is_stopping() => failures += 1,
                Err(_) => return Ok(Some(PauseReason::WorkspaceFails)),
            }
            sleep(VERIFY_INTERVAL).await;
        }
    }

    /// Settles the tokens whose revocation was accepted, and those that were sent without a response. Tokens that are
    /// still listed stay open, or fail if this is the last look. Tokens that could not be looked at stay open. Returns
    /// the number of open tokens.
    async fn settle_by_list(
        &self,
        bulk: &BulkRevocation,
        actor: &Actor,
        listed: &Listed,
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
                    let (state, outcome, detail) = match (listed.presence(actor, &item.token).await, state) {
                        (Presence::Gone, BulkItemState::Gone) => continue,
                        (Presence::Gone, _) => (BulkItemState::Revoked, Outcome::Done, Detail::Revoked),
                        (Presence::Unknown, _) => {
                            open += 1;
                            continue;
                        }
                        (Presence::Listed, _) if !is_last => {
                            open += 1;
                            continue;
                        }
                        (Presence::Listed, BulkItemState::Accepted) if item.detail != Detail::NoResponse => {
                            (BulkItemState::Failed, Outcome::Failed, Detail::AcceptedButListed)
                        }
                        (Presence::Listed, BulkItemState::Gone) => {
                            (BulkItemState::Failed, Outcome::Failed, Detail::GoneButListed)
                        }
                        (Presence::Listed, _) => (BulkItemState::Failed, Outcome::Failed, Detail::NoResponseButListed),
                    };
                    settled.push(final_result(bulk, &actor.user_name, item, state, outcome, detail));
                }
                self.0.store.settle_items(&bulk.id, settled).await?;
            }
        }
        Ok(open)
    }

    /// Settles the open tokens of a paused bulk revocation whose rest was cancelled. It only reads, so it uses the
    /// credential of the person who cancelled it.
    pub(super) fn settle_after_cancel(&self, bulk: BulkRevocation, actor: &Actor) {
        let (console, sign_in, request_id) = (self.clone(), actor.sign_in, actor.request_id.clone());
        tokio::spawn(async move {
            let settling = async {
                let actor = console.actor(&bulk.workspace, &sign_in, &request_id).await?;
                if console.verify(&bulk, &actor).await?.is_none() {
                    console.finish(&bulk, &actor).await?;
                }
                Ok::<_, Error>(())
            };
            if let Err(error) = settling.await {
                tracing::error!(%error, job = %bulk.id, "could not confirm a cancelled bulk revocation yet");
            }
        });
    }
}
