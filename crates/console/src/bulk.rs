//! Bulk revocations: the selection is frozen as a draft, reviewed and started. Then it runs in the background until
//! every token has an outcome, even if no one is looking.
//!
//! A bulk revocation uses the credential of the person who started it, so that the workspace's audit log names them. If
//! that ends, it is paused until they sign in and resume it.
//!
//! - `runner.rs`: from start to end, and what happens when the console stops and starts
//! - `send.rs`: claiming tokens and settling their outcomes; `item.rs`: one token; `stop.rs`: why a token is not sent
//! - `adaptive_limiter.rs`: how fast; `verify.rs`: which tokens are gone; `progress.rs`: what people see while it runs

mod adaptive_limiter;
mod item;
mod progress;
mod runner;
mod send;
mod stop;
mod verify;

use std::collections::HashMap;
use std::time::Duration;

use domain::{Owner, Principal, Selection, Status, TokenQuery, UnreadPart};
use store::{
    ActivityEntry, ActivityKind, BulkId, BulkItem, BulkItemState, BulkOwners, BulkRevocation, BulkState, Detail,
    NewBulk, NewBulkItem, Outcome, Phase, RequestedValue,
};
use tokio::time::timeout;

pub(crate) use adaptive_limiter::AdaptiveLimiter;
pub use progress::{BulkWait, Progress};
pub(crate) use runner::RunningBulks;

use crate::activity::truncated;
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, now};

/// How long a draft can be started. After that its selection is out of date.
const DRAFT_TTL: Duration = Duration::from_hours(1);

/// How long a person waits for a look at tokens that were sent.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// How many owners a review lists.
const MAX_OWNERS_LISTED: u32 = 50;

/// Whether `typed` is this number of tokens, with or without separators.
pub fn count_matches(typed: &str, tokens: usize) -> bool {
    let digits: String = typed
        .chars()
        .filter(|c| !matches!(c, ',' | '.' | ' ' | '\u{a0}'))
        .collect();
    digits.parse() == Ok(tokens)
}

impl Console {
    /// Freezes a selection of the workspace's tokens as a draft to be reviewed. The session's own token is left out:
    /// revoking it would interrupt the bulk revocation.
    ///
    /// # Errors
    /// [`Error::NothingSelected`] or [`Error::OnlyOwnTokenSelected`]; [`Error::FilterNotAvailable`] if what a filter
    /// needs was not read, because without it more tokens would match; [`Error::StillLoading`] while names or
    /// permissions are being read; whatever keeps the tokens from being read; or
    /// why nothing can be changed, which is recorded.
    pub async fn draft_revocation(
        &self,
        actor: &Actor,
        query: &TokenQuery,
        selection: &Selection,
    ) -> Result<BulkId, Error> {
        self.ensure_can_run(actor, ActivityKind::RevokeTokens, "a selection")
            .await?;
        let snapshot = self.snapshot(actor).await?;
        if !snapshot.loading().is_empty() {
            return Err(Error::StillLoading);
        }
        let inventory = &snapshot.inventory;
        let own = actor.own_token();
        let mut own_left_out = false;
        let mut items = Vec::new();
        let selected = inventory.selected(query, selection);
        for token in selected.ok().map_err(Error::FilterNotAvailable)? {
            if own.as_ref() == Some(&token.id) {
                own_left_out = true;
                continue;
            }
            let (owner, principal) = match inventory.owner(token) {
                Owner::Known(principal) => (principal.label().to_owned(), Some(principal)),
                Owner::Gone(id) | Owner::Unknown(id) | Owner::NotLoaded(id) => (id.to_string(), None),
                Owner::NotReported => ("No owner given".to_owned(), None),
            };
            items.push(NewBulkItem {
                token: token.id.clone(),
                comment: truncated(&token.comment),
                owner_id: token.owner.map(|id| id.to_string()).unwrap_or_default(),
                owner,
                owner_kind: principal.map(|Principal { kind, .. }| *kind),
                recent: inventory.is_recent(token) && token.status(inventory.as_of()) == Status::Active,
            });
        }
        if items.is_empty() {
            return Err(if own_left_out {
                Error::OnlyOwnTokenSelected
            } else {
                Error::NothingSelected
            });
        }
        let draft = NewBulk {
            workspace: actor.workspace.name().to_owned(),
            binding: actor.workspace.binding(),
            principal: actor.principal,
            user_name: actor.user_name.clone(),
            sign_in: actor.sign_in,
            filters: query.unordered().to_query_string(),
            request_id: actor.request_id.clone(),
            own_token_excluded: own_left_out,
            names_missing: inventory.unread().has(UnreadPart::Names),
            created: now(),
        };
        self.0.store.purge_drafts(now().minus(DRAFT_TTL)).await?;
        Ok(self.0.store.draft_bulk(draft, items).await?)
    }

    /// Starts one of the actor's own drafts. Starting it twice has no further effect.
    ///
    /// # Errors
    /// [`Error::CountMismatch`] if `typed` is not the number of tokens, which is recorded; or why nothing can be
    /// changed.
    pub async fn start_bulk(&self, actor: &Actor, id: &BulkId, typed: &str) -> Result<(), Error> {
        self.ensure_can_run(actor, ActivityKind::RevokeTokens, id.as_str())
            .await?;
        let bulk = self.own_bulk(actor, id).await?;
        if bulk.state != BulkState::Draft {
            return Ok(());
        }
        let tokens = self.0.store.bulk_counts(id).await?.total();
        if tokens > 1 && !count_matches(typed, tokens) {
            self.record_refusal(actor, ActivityKind::RevokeTokens, id.as_str(), Detail::CountMismatch)
                .await?;
            return Err(Error::CountMismatch);
        }
        let entry = ActivityEntry {
            requested: RequestedValue::Tokens(tokens),
            reason: actor.reason.clone(),
            ..bulk_entry(&bulk, actor, Phase::Intent, Outcome::Open, Detail::Empty)
        };
        if self.0.store.start_bulk(id, &actor.sign_in, now(), entry).await? {
            self.run_in_background(id.clone());
        }
        Ok(())
    }

    /// Cancels the tokens that have not been sent. Any admin can do that, since it only prevents changes.
    ///
    /// # Errors
    /// Why nothing can be changed.
    pub async fn cancel_bulk(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        self.ensure_can_run(actor, ActivityKind::CancelBulk, id.as_str())
            .await?;
        let bulk = self.bulk(actor, id).await?;
        let entry = ActivityEntry {
            kind: ActivityKind::CancelBulk,
            operation: store::operation_id(),
            phase: Phase::Intent,
            ..bulk_entry(&bulk, actor, Phase::Intent, Outcome::Done, Detail::RestCancelled)
        };
        self.0.store.cancel_remaining(id, entry).await?;
        if let Some(run) = self.0.running_bulks.get(id) {
            run.cancel();
        }
        if bulk.state == BulkState::Paused {
            drop(self.settle_after_cancel(bulk, actor));
        }
        Ok(())
    }

    /// Looks again at the tokens of a paused bulk revocation whose rest was cancelled: which of those that were sent
    /// are gone. Any admin can do that, since it only reads.
    ///
    /// # Errors
    /// Why nothing can be changed.
    pub async fn check_bulk(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        self.ensure_can_change(actor)?;
        admin_proof::prove_admin(actor).await.map_err(Error::before_sending)?;
        let bulk = self.bulk(actor, id).await?;
        if bulk.state == BulkState::Paused && bulk.cancelled {
            // It continues after that.
            let _ = timeout(CHECK_TIMEOUT, self.settle_after_cancel(bulk, actor)).await;
        }
        Ok(())
    }

    /// Resumes a paused bulk revocation with the actor's current session. Only the person who started it can.
    ///
    /// # Errors
    /// [`Error::NotYourBulk`]; or why nothing can be changed.
    pub async fn resume_bulk(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        self.ensure_can_run(actor, ActivityKind::RevokeTokens, id.as_str())
            .await?;
        let bulk = self.own_bulk(actor, id).await?;
        let entry = ActivityEntry {
            kind: ActivityKind::ResumeBulk,
            operation: store::operation_id(),
            ..bulk_entry(&bulk, actor, Phase::Intent, Outcome::Done, Detail::Resumed)
        };
        if self.0.store.resume_bulk(&bulk.id, &actor.sign_in, entry).await? {
            self.run_in_background(bulk.id);
        }
        Ok(())
    }

    /// Tries the tokens of a bulk revocation that failed or were not confirmed again. Only the person who started it
    /// can.
    ///
    /// # Errors
    /// [`Error::NotYourBulk`]; or why nothing can be changed.
    pub async fn retry_failed(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        self.ensure_can_run(actor, ActivityKind::RevokeTokens, id.as_str())
            .await?;
        let bulk = self.own_bulk(actor, id).await?;
        let entry = ActivityEntry {
            operation: store::operation_id(),
            requested: RequestedValue::FailedTokens,
            reason: bulk.reason.clone(),
            ..bulk_entry(&bulk, actor, Phase::Intent, Outcome::Open, Detail::Empty)
        };
        if self.0.store.retry_failed(id, &actor.sign_in, entry).await? > 0 {
            self.run_in_background(bulk.id);
        }
        Ok(())
    }

    /// A bulk revocation of the actor's workspace. Only the person who made a draft can see it.
    ///
    /// # Errors
    /// [`Error::BulkNotFound`]; or if the actor cannot be proven to be an admin or auditor.
    pub async fn bulk(&self, actor: &Actor, id: &BulkId) -> Result<BulkRevocation, Error> {
        admin_proof::ensure_reader(actor).await?;
        let bulk = self.0.store.bulk(id).await?.ok_or(Error::BulkNotFound)?;
        // Another workspace may be configured under the same name by now.
        let is_here = bulk.binding == actor.workspace.binding();
        let is_fresh = now().age_of(bulk.created).is_some_and(|age| age < DRAFT_TTL);
        let is_visible = bulk.state != BulkState::Draft || (is_own(&bulk, actor) && is_fresh);
        if is_here && is_visible {
            Ok(bulk)
        } else {
            Err(Error::BulkNotFound)
        }
    }

    /// The bulk revocations of the actor's workspace, latest first.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin or auditor.
    pub async fn bulks(&self, actor: &Actor, limit: u32) -> Result<Vec<BulkRevocation>, Error> {
        admin_proof::ensure_reader(actor).await?;
        Ok(self.0.store.bulks(&actor.workspace.binding(), limit).await?)
    }

    /// The number of tokens that failed or were not confirmed, of each of the workspace's finished bulk revocations
    /// that has any.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin or auditor.
    pub async fn failed_items(&self, actor: &Actor) -> Result<HashMap<BulkId, usize>, Error> {
        admin_proof::ensure_reader(actor).await?;
        Ok(self.0.store.failed_items(&actor.workspace.binding()).await?)
    }

    /// The owners whose tokens a bulk revocation revokes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bulk_owners(&self, bulk: &BulkRevocation) -> Result<BulkOwners, Error> {
        Ok(self.0.store.bulk_owners(&bulk.id, MAX_OWNERS_LISTED).await?)
    }

    /// Up to `limit` tokens of a bulk revocation, from the position `from` on; only those in `state`, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bulk_items(
        &self,
        bulk: &BulkRevocation,
        state: Option<BulkItemState>,
        from: i64,
        limit: u32,
    ) -> Result<Vec<BulkItem>, Error> {
        Ok(self.0.store.bulk_items(&bulk.id, state, from, limit).await?)
    }

    /// Checks that the console and the role allow changes, and that the workspace accepts the actor as an admin now. A
    /// refusal by the console is recorded.
    async fn ensure_can_run(&self, actor: &Actor, kind: ActivityKind, target: &str) -> Result<(), Error> {
        if let Err(error) = self.ensure_can_change(actor) {
            self.record_refusal(actor, kind, target, (&error).into()).await?;
            return Err(error);
        }
        admin_proof::prove_admin(actor).await.map_err(Error::before_sending)
    }

    async fn own_bulk(&self, actor: &Actor, id: &BulkId) -> Result<BulkRevocation, Error> {
        let bulk = self.bulk(actor, id).await?;
        if is_own(&bulk, actor) {
            Ok(bulk)
        } else {
            Err(Error::NotYourBulk)
        }
    }
}

/// A row of the activity log about a bulk revocation, in the operation that it currently runs under.
fn bulk_entry(bulk: &BulkRevocation, actor: &Actor, phase: Phase, outcome: Outcome, detail: Detail) -> ActivityEntry {
    ActivityEntry {
        at: now(),
        workspace: bulk.workspace.clone(),
        operation: bulk.operation.clone(),
        phase,
        actor: actor.user_name.clone(),
        kind: ActivityKind::RevokeTokens,
        target: bulk.id.to_string(),
        before: String::new(),
        requested: RequestedValue::Empty,
        reason: String::new(),
        outcome,
        detail,
        request_id: actor.request_id.clone(),
        client: actor.client,
    }
}

/// Whether the actor started the bulk revocation, in this workspace.
pub fn is_own(bulk: &BulkRevocation, actor: &Actor) -> bool {
    bulk.principal == actor.principal && bulk.binding == actor.workspace.binding()
}

#[cfg(test)]
mod tests {
    use super::count_matches;

    #[test]
    fn a_count_can_be_typed_with_or_without_separators() {
        for typed in ["1284", "1,284", " 1 284 "] {
            assert!(count_matches(typed, 1284), "{typed:?}");
        }
        for typed in ["", "1285", "128", "many", "-1284"] {
            assert!(!count_matches(typed, 1284), "{typed:?}");
        }
    }
}
