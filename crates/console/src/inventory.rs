//! Reading tokens: the shared snapshot, one token, and the notice of a revocation.

use std::sync::Arc;
use std::time::Duration;

use domain::access::{AccessList, Group, TokenAccess};
use domain::{
    Directory, Inventory, Known, MaxLifetime, Policy, Timestamp, Token, TokenFindings, TokenId, TokenQuery, UnreadPart,
    permission_of,
};
use tokio::time::timeout;
use workspace_client::{Error as WorkspaceError, ErrorKind};

use crate::cache::snapshot::Revocation;
use crate::cache::{groups, principals};
use crate::moment::Moment;
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, Role, Snapshot, access, now};

/// How old a snapshot is.
#[derive(Clone, Debug)]
pub struct SnapshotAge {
    /// Whether a newer one should be there.
    pub is_stale: bool,
    /// The time since it was read.
    pub age: Duration,
    /// Why a newer one could not be read, and how long it takes until the next try.
    pub failure: Option<(Error, Duration)>,
}

/// One token as just read, with what is needed to show it.
pub struct TokenDetail {
    /// The token.
    pub token: Token,
    /// The users and service principals of the workspace.
    pub directory: Arc<Directory>,
    /// The policy; `None` if it could not be read.
    pub policy: Option<Policy>,
    /// Whether its owner can use tokens. Without an owner, it means nothing.
    pub can_use: Known<bool>,
    /// When the workspace responded.
    pub as_of: Timestamp,
}

impl TokenDetail {
    /// The maximum lifetime of new tokens.
    pub fn limit(&self) -> Known<MaxLifetime> {
        limit_of(self.policy.as_ref())
    }

    /// The token's findings, and those that could not be determined.
    pub fn findings(&self) -> TokenFindings {
        let owner = self.directory.owner(self.token.owner);
        domain::findings(&self.token, owner, self.limit(), self.can_use, self.as_of)
    }
}

impl Console {
    /// The workspace's tokens, at most a minute old. If no one has read them recently, they are read with the actor's
    /// own credential; older ones are shown while that takes long or fails, for up to fifteen minutes
    /// ([`snapshot_age`](Self::snapshot_age)).
    ///
    /// # Errors
    /// Whatever keeps the list of tokens from being read. If only names, permissions or the policy cannot be read, the
    /// snapshot says so.
    pub async fn snapshot(&self, actor: &Actor) -> Result<Arc<Snapshot>, Error> {
        let timing = self.0.timing;
        if let Some(snapshot) = self.fresh_snapshot(actor) {
            admin_proof::ensure_reader(actor).await?;
            return Ok(snapshot);
        }
        let Some(stale) = shared_snapshot(actor, timing.stale_ttl) else {
            return self.read_snapshot(actor).await;
        };
        admin_proof::ensure_reader(actor).await?;
        let snapshots = &actor.workspace.snapshots;
        if let Some((_, 1..)) = snapshots.failure().map(|(error, wait)| (error, wait.as_millis())) {
            return Ok(stale);
        }
        let reading = self.read_in_background(actor);
        let read = match snapshots.is_expired() {
            true => reading.await,
            false => timeout(timing.stale_wait, reading).await.unwrap_or(Ok(None)),
        };
        match read {
            Ok(new) => Ok(new.unwrap_or(stale)),
            Err(Error::Workspace(error)) if error.kind.is_outage() => Ok(stale),
            Err(error) => Err(error),
        }
    }

    fn fresh_snapshot(&self, actor: &Actor) -> Option<Arc<Snapshot>> {
        match actor.workspace.snapshots.is_expired() {
            true => None,
            false => shared_snapshot(actor, self.0.timing.snapshot_ttl),
        }
    }

    /// Reads a new snapshot, unless someone else has in the meantime.
    async fn read_snapshot(&self, actor: &Actor) -> Result<Arc<Snapshot>, Error> {
        let snapshots = &actor.workspace.snapshots;
        let _reading = snapshots.reading.lock().await;
        if let Some(snapshot) = self.fresh_snapshot(actor) {
            admin_proof::ensure_reader(actor).await?;
            return Ok(snapshot);
        }
        loop {
            let (generation, began) = (snapshots.generation(), now());
            let snapshot = read(actor).await.inspect_err(|error| {
                if let Error::Workspace(error) = error
                    && error.kind.is_outage()
                {
                    snapshots.record_failure(error);
                }
            })?;
            if let Some(snapshot) = snapshots.store_snapshot(snapshot, generation, began) {
                return Ok(snapshot);
            }
        }
    }

    /// The same in a task of its own, with the credential of the person who asks. `None` if that is being done.
    async fn read_in_background(&self, actor: &Actor) -> Result<Option<Arc<Snapshot>>, Error> {
        let (console, workspace) = (self.clone(), actor.workspace.name().to_owned());
        let (sign_in, request_id) = (actor.sign_in, actor.request_id.clone());
        let reading = tokio::spawn(async move {
            let actor = console.actor(&workspace, &sign_in, &request_id).await?;
            console.read_snapshot(&actor).await.map(Some)
        });
        reading.await.unwrap_or(Ok(None))
    }

    /// Makes sure that the actor was proven to be an admin or auditor within the last five minutes, for what leaves the
    /// console.
    ///
    /// # Errors
    /// If they are not, or the workspace cannot be asked.
    pub async fn ensure_fresh_proof(&self, actor: &Actor) -> Result<(), Error> {
        admin_proof::ensure_admin(actor).await
    }

    /// How old a snapshot is, and why a newer one could not be read.
    pub fn snapshot_age(&self, actor: &Actor, snapshot: &Snapshot) -> SnapshotAge {
        let age = snapshot.read.age().unwrap_or_default();
        SnapshotAge {
            is_stale: age >= self.0.timing.snapshot_ttl,
            age,
            failure: actor
                .workspace
                .snapshots
                .failure()
                .map(|(error, next_try)| (Error::from(error), next_try)),
        }
    }

    /// Discards what was read, so that the next page reads everything again.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin: no one else may cause calls to the workspace.
    pub async fn refresh(&self, actor: &Actor) -> Result<(), Error> {
        admin_proof::ensure_admin(actor).await?;
        actor.workspace.snapshots.expire();
        actor.workspace.principals.invalidate(&());
        actor.workspace.groups.invalidate(&());
        Ok(())
    }

    /// One token, read now.
    ///
    /// # Errors
    /// [`Error::TokenNotFound`] if the workspace does not know the ID; otherwise whatever keeps the token from being
    /// read.
    pub async fn token(&self, actor: &Actor, id: &TokenId) -> Result<TokenDetail, Error> {
        let api = actor.api();
        let policy = async {
            match actor.workspace.snapshots.current() {
                Some(snapshot) if snapshot.policy.is_ok() => snapshot.policy.clone(),
                _ => api.policy().await,
            }
        };
        let (token, (directory, _), policy, access) =
            tokio::join!(api.token(id), principals::read(actor), policy, read_access(actor));
        let token = match token {
            // An interface that is missing answers alike, unless it answers other questions.
            Err(error) if error.is_missing_resource() && api.me().await.is_ok() => {
                return Err(Error::TokenNotFound(error));
            }
            token => actor.end_proof_if_refused(token)?,
        };
        let access = match (actor.workspace.snapshots.current(), access) {
            (_, Some((list, groups))) => known_access(list, groups, &directory).0,
            (Some(snapshot), None) => snapshot.inventory.known_access().clone(),
            (None, None) => Known::NotAvailable(UnreadPart::Permissions),
        };
        Ok(TokenDetail {
            can_use: permission_of(&access, &directory, token.owner),
            token,
            directory,
            policy: policy.ok(),
            as_of: actor.workspace.time(),
        })
    }

    /// The revocation of a token through this console within the last hour, for its notice.
    pub fn revocation(&self, actor: &Actor, id: &TokenId) -> Option<Revocation> {
        actor.workspace.snapshots.revocation(id)
    }
}

/// The current snapshot, if it was read within `ttl` and lacks nothing because of someone else's credential.
fn shared_snapshot(actor: &Actor, ttl: Duration) -> Option<Arc<Snapshot>> {
    let snapshot = actor.workspace.snapshots.within(ttl)?;
    let is_usable = snapshot.is_complete() || snapshot.fetched_by == actor.sign_in;
    is_usable.then_some(snapshot)
}

/// Reads tokens, policy, names and permissions concurrently. If the tokens cannot be read, it stops at once.
async fn read(actor: &Actor) -> Result<Snapshot, Error> {
    let began = Moment::now();
    let api = actor.api();
    let tokens = async { actor.end_proof_if_refused(api.tokens().await) };
    let policy = async { Ok(api.policy().await) };
    let names = async { Ok(principals::read(actor).await) };
    let lists = async { Ok(groups::read_with_list(actor).await) };
    let (listed, policy, (directory, names), (list, groups)) = tokio::try_join!(tokens, policy, names, lists)?;
    let listed_by_admin = listed.is_present;
    let (mut tokens, mut unreadable) = (listed.tokens, listed.unreadable);
    // An auditor reads through the service principal, which proves nothing about the auditor.
    if actor.role == Role::Admin {
        match listed_by_admin {
            true => actor.workspace.proofs.record(&actor.sign_in, began),
            // No one else sees a snapshot that an empty object made.
            false => admin_proof::prove_admin(actor).await?,
        }
    }
    if !unreadable.is_empty() {
        let paths: Vec<_> = unreadable.iter().take(10).map(|row| row.path.as_str()).collect();
        tracing::warn!(
            workspace = actor.workspace.name(),
            rows = unreadable.len(),
            ?paths,
            "could not read some tokens"
        );
    }
    let still_listed = actor.workspace.snapshots.apply_revocations(&mut tokens, began.wall);
    actor
        .workspace
        .snapshots
        .apply_revocations_to_unreadable(&mut unreadable, began.wall);
    let limit = limit_of(policy.as_ref().ok());
    let (known_access, access) = known_access(list, groups, &directory);
    let (as_of, has_unreadable_rows) = (actor.workspace.time(), !unreadable.is_empty());
    let index = move || {
        let inventory = Inventory::new(tokens, directory, limit, as_of)
            .with_access(known_access)
            .with_unreadable_rows(has_unreadable_rows);
        // Sorts in the order that most pages use, since that takes as long as building the rest.
        inventory.page(&TokenQuery::default());
        inventory
    };
    Ok(Snapshot {
        inventory: run_blocking(index).await?,
        policy,
        principals: names,
        access,
        unreadable,
        still_listed,
        fetched_by: actor.sign_in,
        read: Moment::now(),
    })
}

fn limit_of(policy: Option<&Policy>) -> Known<MaxLifetime> {
    let limit = policy.map(|policy| policy.max_lifetime);
    limit.map_or(Known::NotAvailable(UnreadPart::Policy), Known::Known)
}

/// Who can use tokens, as far as that is known, and why it is not if something could not be read. The workspace can
/// also have no such list; then it is not known, and nothing failed.
fn known_access(
    list: Result<AccessList, WorkspaceError>,
    groups: Result<Arc<Vec<Group>>, WorkspaceError>,
    directory: &Directory,
) -> (Known<Arc<TokenAccess>>, Result<(), WorkspaceError>) {
    let unread = match (&list, &groups) {
        (Ok(_), Err(_)) => UnreadPart::Groups,
        _ => UnreadPart::Permissions,
    };
    match access::token_access(list, groups, directory) {
        Ok(Some(access)) => (Known::Known(access), Ok(())),
        Ok(None) => (Known::NotAvailable(unread), Ok(())),
        Err(error) => (Known::NotAvailable(unread), Err(error)),
    }
}

/// Runs work that takes long for a large workspace in a thread of its own, so that it delays no one else.
async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is ending: no one will see this page.
            Err(_) => Err(WorkspaceError::from(ErrorKind::Timeout).into()),
        },
    }
}

/// The access control list and the groups, for the page of one token; `None` if a snapshot has them.
async fn read_access(
    actor: &Actor,
) -> Option<(
    Result<AccessList, WorkspaceError>,
    Result<Arc<Vec<Group>>, WorkspaceError>,
)> {
    if actor.workspace.snapshots.current().is_some() {
        return None;
    }
    Some(groups::read_with_list(actor).await)
}
