//! Seeing tokens: the shared snapshot, one token, and whether a revocation took place.

use std::sync::Arc;

use domain::access::{AccessList, Group, TokenAccess};
use domain::{Directory, Inventory, MaxLifetime, Policy, Timestamp, Token, TokenId, TokenQuery};
use workspace_client::{Error as WorkspaceError, ErrorKind};

use crate::cache::snapshot::{Revocation, SNAPSHOT_TTL};
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, Role, Snapshot, access, now};

/// One token as just read, with what is needed to show it.
pub struct TokenDetail {
    /// The token.
    pub token: Token,
    /// Who is who.
    pub directory: Arc<Directory>,
    /// The policy; `None` where it could not be read.
    pub policy: Option<Policy>,
    /// Whether its owner may use tokens; `None` where that is not known.
    pub may_use: Option<bool>,
    /// When the workspace answered.
    pub as_of: Timestamp,
}

impl TokenDetail {
    /// The limit on new tokens, where it could be read.
    pub fn limit(&self) -> Option<MaxLifetime> {
        self.policy.map(|policy| policy.max_lifetime)
    }
}

impl Console {
    /// The workspace's tokens: at most a minute old, read with the actor's own credential where nobody has lately.
    ///
    /// # Errors
    /// Whatever keeps the list of tokens from being read. Where only names or the policy fail, the snapshot says so.
    pub async fn snapshot(&self, actor: &Actor) -> Result<Arc<Snapshot>, Error> {
        if let Some(snapshot) = fresh_snapshot(actor) {
            admin_proof::ensure_admin(actor).await?;
            return Ok(snapshot);
        }
        let _reading = actor.workspace.snapshots.reading.lock().await;
        if let Some(snapshot) = fresh_snapshot(actor) {
            admin_proof::ensure_admin(actor).await?;
            return Ok(snapshot);
        }
        loop {
            let (generation, began) = (actor.workspace.snapshots.generation(), now());
            let snapshot = read(actor).await?;
            if let Some(snapshot) = actor.workspace.snapshots.store_snapshot(snapshot, generation, began) {
                return Ok(snapshot);
            }
        }
    }

    /// Forgets what was read, so that the next page reads everything anew.
    ///
    /// # Errors
    /// Where the actor cannot be proven to be an admin: nobody else may make the console call the workspace.
    pub async fn refresh(&self, actor: &Actor) -> Result<(), Error> {
        admin_proof::ensure_admin(actor).await?;
        actor.workspace.snapshots.forget();
        actor.workspace.snapshots.forget_principals();
        actor.workspace.access.forget_groups();
        Ok(())
    }

    /// One token, read now.
    ///
    /// # Errors
    /// Not found where the workspace does not know the id; else whatever keeps it from being read.
    pub async fn token(&self, actor: &Actor, id: &TokenId) -> Result<TokenDetail, Error> {
        let api = actor.api();
        let policy = async {
            match actor.workspace.snapshots.current() {
                Some(snapshot) if snapshot.policy.is_ok() => snapshot.policy.clone(),
                _ => api.policy().await,
            }
        };
        let (token, (directory, _), policy, access) =
            tokio::join!(api.token(id), read_principals(actor), policy, read_access(actor));
        let token = actor.end_proof_if_refused(token)?;
        let access = match actor.workspace.snapshots.current() {
            Some(snapshot) => snapshot.inventory.access().cloned(),
            None => access.and_then(|(list, groups)| access::access(list, groups, &directory).ok().flatten()),
        };
        let verdict = |access: Arc<TokenAccess>| access.can_use(token.owner?);
        Ok(TokenDetail {
            may_use: access.and_then(verdict),
            token,
            directory,
            policy: policy.ok(),
            as_of: now(),
        })
    }

    /// The revocation of a token through this console within the last hour, for its notice.
    pub fn revocation(&self, actor: &Actor, id: &TokenId) -> Option<Revocation> {
        actor.workspace.snapshots.revocation(id)
    }
}

/// The current snapshot, where it is young enough and not the poorer for somebody else's credential.
fn fresh_snapshot(actor: &Actor) -> Option<Arc<Snapshot>> {
    let snapshot = actor.workspace.snapshots.current()?;
    let young = now().duration_since(snapshot.inventory.as_of()) < SNAPSHOT_TTL;
    let usable = snapshot.is_complete() || snapshot.fetched_by == actor.sign_in;
    (young && usable).then_some(snapshot)
}

/// Reads tokens, policy and names side by side. A refused list ends it at once.
async fn read(actor: &Actor) -> Result<Snapshot, Error> {
    let began = now();
    let api = actor.api();
    let tokens = async { actor.end_proof_if_refused(api.tokens().await) };
    let policy = async { Ok(api.policy().await) };
    let names = async { Ok(read_principals(actor).await) };
    let lists = async { Ok(tokio::join!(api.token_permissions(), access::groups(actor))) };
    let (listed, policy, (directory, names), (list, groups)) = tokio::try_join!(tokens, policy, names, lists)?;
    let (mut tokens, mut unreadable) = (listed.tokens, listed.unreadable);
    // What an auditor reads proves the reader, not them.
    if actor.role == Role::Admin {
        actor.workspace.proofs.record(&actor.sign_in, began);
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
    let lingering = actor.workspace.snapshots.apply_revocations(&mut tokens, began);
    actor
        .workspace
        .snapshots
        .apply_revocations_to_unreadable(&mut unreadable, began);
    let limit = policy.as_ref().ok().map(|p| p.max_lifetime);
    let access = access::access(list, groups, &directory);
    let known = access.as_ref().ok().cloned().flatten();
    let as_of = now();
    let index = move || {
        let inventory = Inventory::new(tokens, directory, limit, as_of).with_access(known);
        // With the order that most pages are in, since that takes as long as the rest.
        inventory.page(&TokenQuery::default());
        inventory
    };
    Ok(Snapshot {
        inventory: run_blocking(index).await?,
        policy,
        names,
        access: access.map(drop),
        unreadable,
        still_listed: lingering,
        fetched_by: actor.sign_in,
    })
}

/// Runs work that is long for a large workspace where it holds up nobody else.
async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done),
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is ending, and nobody will see a page.
            Err(_) => Err(WorkspaceError::from(ErrorKind::Timeout).into()),
        },
    }
}

/// The access control list and the groups, for one token's page; nothing where a snapshot has them.
async fn read_access(
    actor: &Actor,
) -> Option<(
    Result<AccessList, WorkspaceError>,
    Result<Arc<Vec<Group>>, WorkspaceError>,
)> {
    if actor.workspace.snapshots.current().is_some() {
        return None;
    }
    let api = actor.api();
    Some(tokio::join!(api.token_permissions(), access::groups(actor)))
}

/// Users and service principals, listed once and kept. Where a kind cannot be read, the other still names its own.
async fn read_principals(actor: &Actor) -> (Arc<Directory>, Result<(), WorkspaceError>) {
    let snapshots = &actor.workspace.snapshots;
    let began = now();
    if let Some(names) = snapshots.principals(began) {
        let read = if names.is_complete() {
            Ok(())
        } else {
            Err(unreadable_principals())
        };
        return (names, read);
    }
    let api = actor.api();
    match tokio::join!(api.users(), api.service_principals()) {
        (Ok(users), Ok(services)) => {
            let is_complete = users.unreadable + services.unreadable == 0;
            let principals = users.rows.into_iter().chain(services.rows);
            let names = Arc::new(match is_complete {
                true => Directory::complete(principals),
                false => Directory::partial(principals),
            });
            snapshots.store_principals(Arc::clone(&names), began);
            (
                names,
                if is_complete {
                    Ok(())
                } else {
                    Err(unreadable_principals())
                },
            )
        }
        (Ok(some), Err(error)) | (Err(error), Ok(some)) => (Arc::new(Directory::partial(some.rows)), Err(error)),
        (Err(error), Err(_)) => (Arc::new(Directory::partial([])), Err(error)),
    }
}

/// Some rows of the lists could not be read: the same for everybody, whoever asks.
fn unreadable_principals() -> WorkspaceError {
    let path = "Resources".to_owned();
    ErrorKind::Undecodable { path }.into()
}
