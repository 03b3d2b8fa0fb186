//! Bulk changes: the selection is frozen as a draft, reviewed and started. Then its tokens are revoked, or their scopes
//! set, in the background until every token has an outcome, even if no one is looking.
//!
//! A bulk change uses the credential of the person who started it, so that the workspace's audit log names them. If the
//! credential ends, the bulk change is paused until they sign in and resume it.
//!
//! - `draft.rs`: drafting, reviewing and starting; `scopes_draft.rs`: which scopes are set; `owners.rs`: whose tokens
//!   they are
//! - `runner.rs`: from start to end, by one instance at a time, and what happens when it stops and starts
//! - `send.rs`: claiming tokens and settling their outcomes; `item.rs`: one token; `set_scopes.rs`: its scopes;
//!   `stop.rs`: why a token is not sent
//! - `adaptive_limiter.rs`: how fast; `verify.rs`: which tokens are gone; `verify_scopes.rs`: which have their scopes;
//!   `progress.rs`: what people see while it runs; `look_after_end.rs`: whether tokens that failed still work
//! - `entries.rs`: the rows of the activity log

mod adaptive_limiter;
mod draft;
mod entries;
mod item;
mod look_after_end;
mod owners;
mod progress;
mod runner;
mod scopes_draft;
mod send;
mod set_scopes;
mod stop;
mod verify;
mod verify_scopes;

use std::time::Duration;

use store::{
    ActivityEntry, ActivityKind, BulkChange, BulkId, BulkItemState, BulkKind, BulkState, BulkSummary, Detail, Outcome,
    Phase,
};
use tokio::time::timeout;

pub(crate) use adaptive_limiter::AdaptiveLimiter;
pub use draft::DraftReview;
pub use look_after_end::{LaterState, LookAfterEnd};
pub use owners::{BulkOwner, BulkOwnerKind, BulkOwners, ListedToken, ReviewedItem, ReviewedOwner};
pub use progress::{BulkView, BulkWait, Progress, RunningBulk};
pub(crate) use runner::RunningBulks;
pub use scopes_draft::{ScopesChange, SkippedItem};

use self::entries::{bulk_entry, cancel_kind, resume_kind, retry_value, run_kind};
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, now};

/// How long a draft can be started. After that its selection is out of date.
const DRAFT_TTL: Duration = Duration::from_hours(1);

/// How long a request waits for a look at tokens that were sent. The look continues after that.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// Whether `typed` is this number of tokens, with or without separators.
pub fn count_matches(typed: &str, tokens: usize) -> bool {
    let digits: String = typed
        .chars()
        .filter(|c| !matches!(c, ',' | '.' | ' ' | '\u{a0}'))
        .collect();
    digits.parse() == Ok(tokens)
}

impl Console {
    /// Cancels the tokens that have not been sent. Any admin can do that, since it only prevents changes.
    ///
    /// # Errors
    /// If the actor cannot change anything.
    pub async fn cancel_bulk(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        let kind = cancel_kind(self.kind_of(id).await?);
        self.ensure_can_run(actor, kind.clone(), id.as_str()).await?;
        let bulk = self.bulk(actor, id).await?;
        let entry = ActivityEntry {
            kind,
            operation: store::operation_id(),
            phase: Phase::Intent,
            ..bulk_entry(&bulk, actor, Phase::Intent, Outcome::Done, Detail::RestCancelled)
        };
        // No lease is needed: this only keeps tokens from being claimed, and a run claims them in a separate write.
        self.0.store.cancel_remaining(id, entry).await?;
        if let Some(run) = self.0.running_bulks.get(id) {
            run.cancel();
        }
        if bulk.state == BulkState::Paused {
            drop(self.settle_after_cancel(bulk, actor));
        }
        Ok(())
    }

    /// Looks again at the tokens of a paused bulk change that has nothing more to send, and settles those that are gone
    /// or changed. Any admin can do that, since it only reads.
    ///
    /// # Errors
    /// If the actor cannot change anything.
    pub async fn check_bulk(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        self.ensure_can_change(actor)?;
        admin_proof::prove_admin(actor).await.map_err(Error::before_sending)?;
        let bulk = self.bulk(actor, id).await?;
        let waiting = self.0.store.bulk_counts(id).await?.of(BulkItemState::Waiting);
        if bulk.state == BulkState::Paused && (bulk.cancelled || waiting == 0) {
            // The look continues after the timeout.
            let _ = timeout(CHECK_TIMEOUT, self.settle_after_cancel(bulk, actor)).await;
        }
        Ok(())
    }

    /// Resumes a paused bulk change with the actor's current session. Only the person who started it can.
    ///
    /// # Errors
    /// [`Error::NotYourBulk`]; or if the actor cannot change anything.
    pub async fn resume_bulk(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        let kind = self.kind_of(id).await?;
        self.ensure_can_run(actor, run_kind(kind), id.as_str()).await?;
        let bulk = self.own_bulk(actor, id).await?;
        let entry = ActivityEntry {
            kind: resume_kind(kind),
            operation: store::operation_id(),
            ..bulk_entry(&bulk, actor, Phase::Intent, Outcome::Done, Detail::Resumed)
        };
        if self.0.store.resume_bulk(&bulk.id, &actor.sign_in, entry).await? {
            self.run_in_background(&bulk);
        }
        Ok(())
    }

    /// Tries again the tokens of a bulk change that failed or were not confirmed. Only the person who started it can.
    ///
    /// # Errors
    /// [`Error::NotYourBulk`]; or if the actor cannot change anything.
    pub async fn retry_failed(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        let kind = self.kind_of(id).await?;
        self.ensure_can_run(actor, run_kind(kind), id.as_str()).await?;
        let bulk = self.own_bulk(actor, id).await?;
        let entry = ActivityEntry {
            operation: store::operation_id(),
            requested: retry_value(kind),
            reason: bulk.reason.clone(),
            ..bulk_entry(&bulk, actor, Phase::Intent, Outcome::Open, Detail::Empty)
        };
        if self.0.store.retry_failed(id, &actor.sign_in, entry).await? > 0 {
            self.run_in_background(&bulk);
        }
        Ok(())
    }

    /// A bulk change of the actor's workspace. Someone else's draft is shown only to people who could start it, and
    /// whom the workspace accepts as admins now.
    ///
    /// # Errors
    /// [`Error::BulkNotFound`]; or if the actor cannot be proven to be an admin or auditor.
    pub async fn bulk(&self, actor: &Actor, id: &BulkId) -> Result<BulkChange, Error> {
        admin_proof::ensure_reader(actor).await?;
        let bulk = self.readable_bulk(actor, id).await?;
        if bulk.state == BulkState::Draft && !is_own(&bulk, actor) {
            admin_proof::prove_admin(actor).await?;
        }
        Ok(bulk)
    }

    /// Like [`bulk`](Self::bulk), for an actor who has been proven to be an admin or auditor.
    async fn readable_bulk(&self, actor: &Actor, id: &BulkId) -> Result<BulkChange, Error> {
        let bulk = self.0.store.bulk(id).await?.ok_or(Error::BulkNotFound)?;
        // Another workspace may be configured under the same name by now.
        let is_here = bulk.binding == actor.workspace.binding();
        let is_fresh = now().age_of(bulk.created).is_some_and(|age| age < DRAFT_TTL);
        let can_start = is_own(&bulk, actor) || actor.can_change();
        let is_visible = bulk.state != BulkState::Draft || (is_fresh && can_start);
        if is_here && is_visible {
            Ok(bulk)
        } else {
            Err(Error::BulkNotFound)
        }
    }

    /// The bulk changes of the actor's workspace, latest first.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin or auditor.
    pub async fn bulks(&self, actor: &Actor, limit: u32) -> Result<Vec<BulkSummary>, Error> {
        admin_proof::ensure_reader(actor).await?;
        Ok(self.0.store.bulk_summaries(&actor.workspace.binding(), limit).await?)
    }

    /// The kind of a bulk change, for recording a refusal. One that does not exist counts as a revocation.
    async fn kind_of(&self, id: &BulkId) -> Result<BulkKind, Error> {
        let bulk = self.0.store.bulk(id).await?;
        Ok(bulk.map_or(BulkKind::Revoke, |bulk| bulk.kind))
    }

    /// Checks that the console and the role allow changes, and that the workspace accepts the actor as an admin now. A
    /// refusal by the console is recorded.
    pub(crate) async fn ensure_can_run(&self, actor: &Actor, kind: ActivityKind, target: &str) -> Result<(), Error> {
        self.ensure_can_change_recorded(actor, kind, target).await?;
        admin_proof::prove_admin(actor).await.map_err(Error::before_sending)
    }

    /// Checks that the console and the role allow changes. A refusal is recorded.
    async fn ensure_can_change_recorded(&self, actor: &Actor, kind: ActivityKind, target: &str) -> Result<(), Error> {
        if let Err(error) = self.ensure_can_change(actor) {
            self.record_refusal(actor, kind, target, (&error).into()).await?;
            return Err(error);
        }
        Ok(())
    }

    async fn own_bulk(&self, actor: &Actor, id: &BulkId) -> Result<BulkChange, Error> {
        let bulk = self.bulk(actor, id).await?;
        if is_own(&bulk, actor) {
            Ok(bulk)
        } else {
            Err(Error::NotYourBulk)
        }
    }
}

/// Whether the actor started the bulk change, in this workspace.
pub fn is_own(bulk: &BulkChange, actor: &Actor) -> bool {
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
