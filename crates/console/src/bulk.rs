//! Revoking many tokens: what was picked is frozen as a draft, reviewed, started, and then goes on by itself, whether or not anybody
//! looks, until every token has an outcome.
//!
//! A job rides on its starter's own credential, so that the workspace's audit log names them. Where that ends, the job waits for them.
//! - `run`: the whole way; `send`: claiming and settling; `item`: one token; `pace`: how fast; `read_back`: what counts as gone;
//!   `watch`: how it stands

mod adaptive_limiter;
mod item;
mod progress;
mod runner;
mod send;
mod verify;

use std::collections::HashMap;
use std::time::Duration;

use domain::{Owner, Principal, Selection, Status, TokenQuery};
use store::{
    ActivityEntry, BulkId, BulkItem, BulkItemState, BulkOwners, BulkRevocation, BulkState, NewBulk, NewBulkItem,
    Outcome, Phase,
};

pub(crate) use adaptive_limiter::AdaptiveLimiter;
pub use progress::{BulkWait, Progress};
pub(crate) use runner::RunningBulks;

use crate::activity::{kind, truncated};
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, now};

/// How long a draft is kept, in milliseconds. What it holds grows old.
const DRAFT_TTL: Duration = Duration::from_hours(1);

/// The detail of a token whose answer was lost and could not be found out: the list tells.
const NO_ANSWER: &str = "no answer came";

/// Owners that a review lists.
const MAX_OWNERS_LISTED: u32 = 50;

/// What is typed to start a job over more than one token.
pub fn count_matches(typed: &str, tokens: usize) -> bool {
    let digits: String = typed
        .chars()
        .filter(|c| !matches!(c, ',' | '.' | ' ' | '\u{a0}'))
        .collect();
    digits.parse() == Ok(tokens)
}

impl Console {
    /// Freezes what is picked of the workspace's tokens, to be reviewed. The token that the session rides on is left out: it would end
    /// the job in its middle.
    ///
    /// # Errors
    /// [`Error::NothingPicked`]; whatever keeps the tokens from being read; or why nothing may be changed, which is recorded.
    pub async fn draft_revocation(
        &self,
        actor: &Actor,
        query: &TokenQuery,
        selection: &Selection,
    ) -> Result<BulkId, Error> {
        self.ensure_can_run(actor, kind::REVOKE_TOKENS, "a selection").await?;
        let snapshot = self.snapshot(actor).await?;
        let inventory = &snapshot.inventory;
        let own = actor.own_token();
        let mut own_left_out = false;
        let mut items = Vec::new();
        for token in inventory.selected(query, selection) {
            if own.as_ref() == Some(&token.id) {
                own_left_out = true;
                continue;
            }
            let (owner, principal) = match inventory.owner(token) {
                Owner::Known(principal) => (principal.label().to_owned(), Some(principal)),
                Owner::Unknown(id) | Owner::NotLoaded(id) => (id.to_string(), None),
                Owner::NotReported => ("Not named".to_owned(), None),
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
            own_left_out,
            names_missing: snapshot.names.is_err(),
            created: now(),
        };
        self.0.store.purge_drafts(now().minus(DRAFT_TTL)).await?;
        Ok(self.0.store.draft_bulk(draft, items).await?)
    }

    /// Starts a draft of the actor's own. Starting it twice is starting it once.
    ///
    /// # Errors
    /// [`Error::CountMismatch`] where the number of tokens was not `typed` as it has to be, which is recorded; or why nothing may be
    /// changed.
    pub async fn start_bulk(&self, actor: &Actor, id: &BulkId, typed: &str) -> Result<(), Error> {
        self.ensure_can_run(actor, kind::REVOKE_TOKENS, id.as_str()).await?;
        let job = self.own_bulk(actor, id).await?;
        if job.state != BulkState::Draft {
            return Ok(());
        }
        let tokens = self.0.store.bulk_counts(id).await?.total();
        if tokens > 1 && !count_matches(typed, tokens) {
            self.record_refusal(
                actor,
                kind::REVOKE_TOKENS,
                id.as_str(),
                "the number of tokens was not typed as asked",
            )
            .await?;
            return Err(Error::CountMismatch);
        }
        let intent = ActivityEntry {
            requested: format!("{tokens} tokens revoked"),
            reason: actor.reason.clone(),
            ..job_entry(&job, actor, Phase::Intent, Outcome::Open, "")
        };
        if self.0.store.start_bulk(id, &actor.sign_in, now(), intent).await? {
            self.run_job(id.clone());
        }
        Ok(())
    }

    /// Leaves the tokens that have not been sent as they are. Any admin may: it only keeps things from happening.
    ///
    /// # Errors
    /// Why nothing may be changed.
    pub async fn cancel_bulk(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        self.ensure_can_run(actor, kind::CANCEL_JOB, id.as_str()).await?;
        let job = self.bulk(actor, id).await?;
        let entry = ActivityEntry {
            kind: kind::CANCEL_JOB.to_owned(),
            operation: store::operation_id(),
            phase: Phase::Intent,
            ..job_entry(&job, actor, Phase::Intent, Outcome::Done, "the rest was cancelled")
        };
        self.0.store.cancel_remaining(id, entry).await?;
        if let Some(run) = self.0.runs.get(id) {
            run.cancel();
        }
        if job.state == BulkState::Paused {
            self.settle_after_cancel(job, actor);
        }
        Ok(())
    }

    /// Goes on with a paused job, on the sign-in that the actor has now. Only who started it may.
    ///
    /// # Errors
    /// [`Error::OthersJob`]; or why nothing may be changed.
    pub async fn resume_bulk(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        self.ensure_can_run(actor, kind::REVOKE_TOKENS, id.as_str()).await?;
        let job = self.own_bulk(actor, id).await?;
        let entry = ActivityEntry {
            kind: kind::RESUME_JOB.to_owned(),
            operation: store::operation_id(),
            ..job_entry(&job, actor, Phase::Intent, Outcome::Done, "it goes on")
        };
        if self.0.store.resume_bulk(&job.id, &actor.sign_in, entry).await? {
            self.run_job(job.id);
        }
        Ok(())
    }

    /// Tries the failed tokens of a job once more. Only who started it may.
    ///
    /// # Errors
    /// [`Error::OthersJob`]; or why nothing may be changed.
    pub async fn retry_job(&self, actor: &Actor, id: &BulkId) -> Result<(), Error> {
        self.ensure_can_run(actor, kind::REVOKE_TOKENS, id.as_str()).await?;
        let job = self.own_bulk(actor, id).await?;
        let entry = ActivityEntry {
            operation: store::operation_id(),
            requested: "the failed tokens revoked".to_owned(),
            reason: job.reason.clone(),
            ..job_entry(&job, actor, Phase::Intent, Outcome::Open, "")
        };
        if self.0.store.retry_failed(id, &actor.sign_in, entry).await? > 0 {
            self.run_job(job.id);
        }
        Ok(())
    }

    /// A job of the actor's workspace. Drafts are seen by who made them alone.
    ///
    /// # Errors
    /// [`Error::UnknownJob`]; or where the actor cannot be proven to be what they signed in as.
    pub async fn bulk(&self, actor: &Actor, id: &BulkId) -> Result<BulkRevocation, Error> {
        admin_proof::ensure_admin(actor).await?;
        let job = self.0.store.bulk(id).await?.ok_or(Error::BulkNotFound)?;
        // Another workspace that is configured under the same name has nothing to do with it.
        let here = job.binding == actor.workspace.binding();
        let fresh = now().duration_since(job.created) < DRAFT_TTL;
        let shown = job.state != BulkState::Draft || (is_own(&job, actor) && fresh);
        if here && shown {
            Ok(job)
        } else {
            Err(Error::BulkNotFound)
        }
    }

    /// The jobs of the actor's workspace, the latest first.
    ///
    /// # Errors
    /// Where the actor cannot be proven to be what they signed in as.
    pub async fn bulks(&self, actor: &Actor, limit: u32) -> Result<Vec<BulkRevocation>, Error> {
        admin_proof::ensure_admin(actor).await?;
        Ok(self.0.store.bulks(&actor.workspace.binding(), limit).await?)
    }

    /// How many tokens of the workspace's finished bulk revocations failed. Without those where none did.
    ///
    /// # Errors
    /// Where the actor cannot be proven to be what they signed in as.
    pub async fn failed_items(&self, actor: &Actor) -> Result<HashMap<BulkId, usize>, Error> {
        admin_proof::ensure_admin(actor).await?;
        Ok(self.0.store.failed_items(&actor.workspace.binding()).await?)
    }

    /// Whose tokens a job revokes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bulk_owners(&self, job: &BulkRevocation) -> Result<BulkOwners, Error> {
        Ok(self.0.store.bulk_owners(&job.id, MAX_OWNERS_LISTED).await?)
    }

    /// The tokens of a job from a place on, at most `limit`; of one state, where one is asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bulk_items(
        &self,
        job: &BulkRevocation,
        state: Option<BulkItemState>,
        from: i64,
        limit: u32,
    ) -> Result<Vec<BulkItem>, Error> {
        Ok(self.0.store.bulk_items(&job.id, state, from, limit).await?)
    }

    /// The gate of everything here: the console and the role allow it, and the workspace says now that the actor is an admin.
    async fn ensure_can_run(&self, actor: &Actor, kind: &'static str, target: &str) -> Result<(), Error> {
        if let Err(error) = self.ensure_can_change(actor) {
            self.record_refusal(actor, kind, target, &error.to_string()).await?;
            return Err(error);
        }
        admin_proof::prove_admin(actor).await
    }

    async fn own_bulk(&self, actor: &Actor, id: &BulkId) -> Result<BulkRevocation, Error> {
        let job = self.bulk(actor, id).await?;
        if is_own(&job, actor) {
            Ok(job)
        } else {
            Err(Error::NotYourBulk)
        }
    }
}

/// A row of the record about a job, of the operation that it runs under.
fn job_entry(job: &BulkRevocation, actor: &Actor, phase: Phase, outcome: Outcome, detail: &str) -> ActivityEntry {
    ActivityEntry {
        at: now(),
        workspace: job.workspace.clone(),
        operation: job.operation.clone(),
        phase,
        actor: actor.user_name.clone(),
        kind: kind::REVOKE_TOKENS.to_owned(),
        target: job.id.to_string(),
        before: String::new(),
        requested: String::new(),
        reason: String::new(),
        outcome,
        detail: detail.to_owned(),
        request_id: actor.request_id.clone(),
    }
}

/// Whether the actor started it.
pub fn is_own(job: &BulkRevocation, actor: &Actor) -> bool {
    job.principal == actor.principal && job.binding == actor.workspace.binding()
}

#[cfg(test)]
mod tests {
    use super::count_matches;

    #[test]
    fn a_count_is_typed_with_or_without_its_separators() {
        for typed in ["1284", "1,284", " 1 284 "] {
            assert!(count_matches(typed, 1284), "{typed:?}");
        }
        for typed in ["", "1285", "128", "many", "-1284"] {
            assert!(!count_matches(typed, 1284), "{typed:?}");
        }
    }
}
