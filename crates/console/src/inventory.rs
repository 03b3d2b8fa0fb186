//! Reading tokens: the shared snapshot, one token, and the notice of a revocation.

mod token;

use std::sync::Arc;
use std::time::Duration;

use domain::TokenId;
use store::EventKind;
use tokio::time::{Instant, timeout};

use crate::cache::part::{PartProblem, ReadResult, Retry};
use crate::cache::revocations::Revocation;
use crate::cache::snapshot::PartViews;
use crate::cache::token_list::{self, TokenList};
use crate::sign_in::{STORE_TIMEOUT, admin_proof};
use crate::{Actor, Console, Error, Role, Snapshot};

pub use self::token::TokenDetail;

/// How long a request waits for parts that are loading, so that its page can show them.
const LOADING_TIMEOUT: Duration = Duration::from_secs(25);

/// How long a page waits for the newer list that someone asked for, if it can show the older one: a workspace that
/// limits requests can take longer.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(10);

/// How old a snapshot is.
#[derive(Clone, Debug)]
pub struct SnapshotAge {
    /// Whether a newer one is due.
    pub is_stale: bool,
    /// The time since it was read.
    pub age: Duration,
    /// Why a newer one could not be read, and how long it takes until the next try.
    pub failure: Option<(Error, Duration)>,
}

impl Console {
    /// The workspace's tokens, at most a minute old. If no one has read them recently, they are read with the actor's
    /// own credential; older ones are shown while that takes long or fails, for up to fifteen minutes
    /// ([`snapshot_age`](Self::snapshot_age)). Names, policy, permissions and groups are read at the same time, and
    /// missing in the snapshot if they take longer.
    ///
    /// # Errors
    /// If the list of tokens cannot be read. If anything else cannot be read, the snapshot says so.
    pub async fn snapshot(&self, actor: &Actor) -> Result<Arc<Snapshot>, Error> {
        let (workspace, timing, began) = (&actor.workspace, self.0.timing, Instant::now());
        // The workspace shows less of its principals to people who are not admins.
        let is_proven = workspace.proofs.is_valid(&actor.sign_in);
        if is_proven {
            workspace.parts.begin(actor, timing);
        }
        let (list, age) = self.token_list(actor).await?;
        if !is_proven {
            workspace.parts.begin(actor, timing);
        }
        workspace.parts.settle_for_page(began, timing).await;
        let parts = PartViews::of(workspace, &actor.sign_in, timing);
        let accepted = self.acceptances(actor).await?;
        let snapshot = workspace
            .assembly
            .snapshot(workspace, &list, age, parts, accepted)
            .await?;
        workspace
            .parts
            .begin_asking_for(&snapshot.unknown_owners, actor, timing);
        Ok(Arc::new(snapshot))
    }

    /// Like [`snapshot`](Self::snapshot), but the tokens are read again if `has_all` says that some are missing and
    /// they were not read just now: another instance may have listed them since.
    ///
    /// # Errors
    /// As [`Self::snapshot`].
    pub(crate) async fn snapshot_with(
        &self,
        actor: &Actor,
        has_all: impl Fn(&Snapshot) -> bool,
    ) -> Result<Arc<Snapshot>, Error> {
        let snapshot = self.snapshot(actor).await?;
        if snapshot.is_recent() || has_all(&snapshot) {
            return Ok(snapshot);
        }
        actor.workspace.parts.tokens.invalidate();
        self.snapshot(actor).await
    }

    /// Like [`snapshot`](Self::snapshot), for a page that can do without it: `None` if the tokens cannot be read
    /// quickly. Reading them continues for the next page.
    pub async fn snapshot_if_quick(&self, actor: &Actor) -> Option<Arc<Snapshot>> {
        let (part, timing) = (&actor.workspace.parts.tokens, self.0.timing);
        let ttl = timing.part_ttl();
        if part.view(&actor.sign_in, ttl).value.is_none() {
            admin_proof::ensure_reader(actor).await.ok()?;
            part.begin_if_due(actor, ttl, Retry::Now, read_tokens);
            let _ = timeout(timing.stale_wait, part.settled()).await;
            part.view(&actor.sign_in, ttl).value?;
        }
        self.snapshot(actor).await.ok()
    }

    /// The ID of the token with this handle ([`domain::Inventory::short_id`]), as URLs contain it. `None` if no token
    /// has it, or more than one. A token that was revoked here is found in the activity log.
    ///
    /// # Errors
    /// If the list of tokens or the activity log cannot be read.
    pub async fn token_with_handle(&self, actor: &Actor, handle: &TokenId) -> Result<Option<TokenId>, Error> {
        let is_listed = |snapshot: &Snapshot| {
            let inventory = &snapshot.inventory;
            inventory.get(handle).is_some() || !inventory.ids_with_handle(handle.as_str()).is_empty()
        };
        let snapshot = self.snapshot_with(actor, is_listed).await?;
        let inventory = &snapshot.inventory;
        if inventory.get(handle).is_some() {
            return Ok(Some(handle.clone()));
        }
        match inventory.ids_with_handle(handle.as_str()).as_slice() {
            [] => {}
            [id] => return Ok(Some(TokenId::clone(id))),
            [..] => return Ok(None),
        }
        let workspace = actor.workspace.name();
        let targets = self.0.store.activity_targets(workspace, handle.as_str(), 2).await?;
        let ids: Vec<_> = targets.into_iter().map(TokenId::new).collect();
        Ok(match &ids[..] {
            [id] if id.is_hash() => Some(id.clone()),
            _ => None,
        })
    }

    /// The list of tokens and its age. It is read now if no list is cached.
    async fn token_list(&self, actor: &Actor) -> Result<(Arc<TokenList>, Duration), Error> {
        let (part, timing) = (&actor.workspace.parts.tokens, self.0.timing);
        let ttl = timing.part_ttl();
        loop {
            if actor.workspace.parts.has_ended(&actor.sign_in) {
                return Err(Error::SignedOut);
            }
            let view = part.view(&actor.sign_in, ttl);
            let Some(list) = view.value else {
                let since = Instant::now();
                part.begin_if_due(actor, ttl, Retry::Now, read_tokens);
                part.settled_for(&actor.sign_in).await;
                match part.failure_since(&actor.sign_in, since) {
                    Some(error) => return Err(actor.refused(error)),
                    // The list has arrived; or someone else was refused, and this person's credential is tried next.
                    None => continue,
                }
            };
            admin_proof::ensure_reader(actor).await?;
            if view.is_fresh {
                return Ok((list, view.age));
            }
            let since = Instant::now();
            part.begin_if_due(actor, ttl, Retry::AfterPause, read_tokens);
            let wait = match part.is_expired() {
                true => REFRESH_TIMEOUT,
                false => timing.stale_wait,
            };
            // A list that takes longer is shown by the next page.
            let _ = timeout(wait, part.settled()).await;
            if let Some(error) = part.failure_since(&actor.sign_in, since) {
                match error.kind.is_inconclusive() {
                    false => return Err(actor.refused(error)),
                    // The workspace may have sent this response to someone who is no longer an admin.
                    true if !error.kind.is_outage() => admin_proof::ensure_reader(actor).await?,
                    true => {}
                }
            }
            let view = part.view(&actor.sign_in, ttl);
            // Without a value, a change has invalidated it in the meantime.
            if let Some(list) = view.value {
                return Ok((list, view.age));
            }
        }
    }

    /// Waits until one of the parts that are being read has been read, or for 25 seconds. Returns whether any was being
    /// read. Reads nothing itself.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin or auditor.
    pub async fn wait_for_next_part(&self, actor: &Actor) -> Result<bool, Error> {
        admin_proof::ensure_reader(actor).await?;
        let end = Instant::now() + LOADING_TIMEOUT;
        Ok(actor.workspace.parts.settle_next_by(end).await)
    }

    /// Makes sure that the actor was proven to be an admin or auditor within the last five minutes, before data leaves
    /// the console.
    ///
    /// # Errors
    /// If they are not, or the workspace cannot be asked.
    pub async fn ensure_fresh_proof(&self, actor: &Actor) -> Result<(), Error> {
        actor.ensure_session_checked()?;
        admin_proof::ensure_admin(actor).await
    }

    /// Makes sure that the workspace accepts the actor as an admin now, or that they are an auditor.
    ///
    /// # Errors
    /// If they are not, or the workspace cannot be asked.
    pub async fn prove_now(&self, actor: &Actor) -> Result<(), Error> {
        match actor.role {
            Role::Admin => admin_proof::prove_admin(actor).await,
            Role::Auditor => admin_proof::ensure_admin(actor).await,
        }
    }

    /// How old a snapshot is, and why a newer one could not be read.
    pub fn snapshot_age(&self, actor: &Actor, snapshot: &Snapshot) -> SnapshotAge {
        let ttl = self.0.timing.part_ttl();
        let part = &actor.workspace.parts.tokens;
        let failure = match part.view(&actor.sign_in, ttl).problem {
            Some(PartProblem::Failed(error, next_try)) => Some((Error::from(error), next_try)),
            Some(PartProblem::Loading) | None => None,
        };
        SnapshotAge {
            is_stale: snapshot.age >= ttl.fresh || part.is_expired() || failure.is_some(),
            age: snapshot.age,
            failure,
        }
    }

    /// Discards what was read, so that the next page reads everything again, also if another instance serves it.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin: no one else may cause calls to the workspace.
    pub async fn refresh(&self, actor: &Actor) -> Result<(), Error> {
        admin_proof::ensure_admin(actor).await?;
        actor.workspace.parts.expire();
        let event = actor.workspace.event(EventKind::RefreshRequested);
        let published = timeout(STORE_TIMEOUT, self.0.store.publish(vec![event])).await;
        if !matches!(published, Ok(Ok(()))) {
            actor.workspace.announce(EventKind::RefreshRequested);
        }
        Ok(())
    }

    /// Whether other instances may use the same database.
    pub fn is_shared(&self) -> bool {
        self.0.store.is_shared()
    }

    /// The revocation of a token through this console within the last hour, for its notice.
    pub fn revocation(&self, actor: &Actor, id: &TokenId) -> Option<Revocation> {
        actor.workspace.revocations.get(id)
    }
}

async fn read_tokens(actor: Actor) -> ReadResult<TokenList> {
    token_list::read(&actor).await
}
