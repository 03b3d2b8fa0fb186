//! The parts of a workspace: its tokens, and what other calls return about them. Each is read once for everyone
//! ([`Part`]), and no part waits for the slowest.

use std::collections::{BTreeSet, HashSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::access::AccessList;
use domain::{Directory, Policy, PrincipalId};
use futures_util::future::select_all;
use moka::sync::Cache;
use store::SignInId;
use tokio::time::{Instant, timeout_at};
use workspace_client::{Error as WorkspaceError, ErrorKind};

use super::gone_owners::{self, GoneOwners};
use super::groups::{self, ReadGroups};
use super::part::{Part, ReadResult, Retry, Ttl};
use super::principals::{self, PRINCIPALS_TTL};
use super::token_list::TokenList;
use crate::{Actor, Timing};

/// How long a group without a grant is read with the others after someone reviewed a change that adds a grant to it.
const REVIEWED_GROUP_TTL: Duration = Duration::from_mins(15);

const MAX_REVIEWED_GROUPS: u64 = 100;

/// How long a person who signed out is remembered: longer than any request that began before.
const ENDED_TTL: Duration = Duration::from_mins(15);

const MAX_ENDED: u64 = 10_000;

/// How much longer a page may take because of parts that it can be shown without, as a share of the time so far.
const WAIT_SHARE: f64 = 0.15;

/// The cached parts of one workspace.
pub(crate) struct Parts {
    /// The list of tokens, without which there is nothing to show.
    pub(crate) tokens: Arc<Part<TokenList>>,
    /// Users and service principals.
    pub(crate) names: Arc<Part<Directory>>,
    pub(crate) policy: Arc<Part<Policy>>,
    pub(crate) permissions: Arc<Part<Permissions>>,
    pub(crate) groups: Arc<Part<ReadGroups>>,
    /// The owners who are in no list of principals, and which of them are gone.
    pub(crate) gone_owners: Arc<Part<GoneOwners>>,
    /// People who signed out: nothing is read with their credentials.
    ended: Cache<SignInId, ()>,
    /// Groups with a grant in a change that someone reviews.
    reviewed_groups: Cache<String, ()>,
}

#[derive(PartialEq)]
pub(crate) struct Permissions {
    /// The list, or why the workspace has none: on a tier without it, before the first token, and while tokens are
    /// disabled.
    pub(crate) list: Result<AccessList, ErrorKind>,
    /// The names of the groups with a grant.
    pub(crate) granted_groups: HashSet<String>,
}

impl Permissions {
    pub(crate) fn new(list: Result<AccessList, ErrorKind>) -> Self {
        Self {
            granted_groups: groups::granted(&list),
            list,
        }
    }
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            tokens: Part::new(|_, _| false),
            names: Part::new(PartialEq::eq),
            policy: Part::new(PartialEq::eq),
            permissions: Part::new(PartialEq::eq),
            groups: Part::new(PartialEq::eq),
            gone_owners: Part::new(PartialEq::eq),
            ended: super::expiring(MAX_ENDED, ENDED_TTL),
            reviewed_groups: super::expiring(MAX_REVIEWED_GROUPS, REVIEWED_GROUP_TTL),
        }
    }
}

impl Parts {
    /// Begins to read everything but the tokens with the actor's credential, as far as that is due.
    pub(crate) fn begin(&self, actor: &Actor, timing: Timing) {
        if self.has_ended(&actor.sign_in) {
            return;
        }
        let (ttl, names_ttl) = (timing.part_ttl(), timing.names_ttl());
        let retry = Retry::AfterPause;
        let read_names = |actor: Actor| async move { principals::read(&actor).await };
        let read_policy = |actor: Actor| async move { without_gap(actor.api().policy().await) };
        let read_permissions = |actor: Actor| async move { without_gap(permissions(&actor).await) };
        let read_groups = |actor: Actor| async move {
            let reviewed = actor.workspace.parts.reviewed_groups();
            groups::read(&actor, reviewed).await
        };
        self.names.begin_if_due(actor, names_ttl, retry, read_names);
        self.policy.begin_if_due(actor, ttl, retry, read_policy);
        self.permissions.begin_if_due(actor, ttl, retry, read_permissions);
        // Groups are read after the permissions, with the members of all groups that the permissions name.
        let permissions = self.permissions.last();
        if permissions.is_some_and(|permissions| !self.has_members_of(&permissions.granted_groups)) {
            self.groups.end_freshness();
        }
        self.groups.begin_if_due(actor, ttl, retry, read_groups);
    }

    /// Waits for everything but the tokens, as long as a page may wait that began at `began` and has everything it
    /// needs.
    pub(crate) async fn settle_for_page(&self, began: Instant, timing: Timing) {
        let end = Instant::now() + began.elapsed().mul_f64(WAIT_SHARE);
        self.settle_by(|since| end.max(since + timing.part_wait)).await;
    }

    /// Waits for everything but the tokens, each until the moment that `end` returns for when its read began.
    pub(crate) async fn settle_by(&self, end: impl Fn(Instant) -> Instant) {
        tokio::join!(
            settle_by(&self.names, &end),
            settle_by(&self.policy, &end),
            settle_by(&self.permissions, &end),
            settle_by(&self.groups, &end),
        );
    }

    /// Waits until one of the parts that are being read has been read, or until `end`. Returns whether any part was
    /// being read. Does not consider the tokens.
    pub(crate) async fn settle_next_by(&self, end: Instant) -> bool {
        let reads = [
            next_read(&self.names),
            next_read(&self.policy),
            next_read(&self.permissions),
            next_read(&self.groups),
            next_read(&self.gone_owners),
        ];
        let reads: Vec<_> = reads.into_iter().flatten().collect();
        if reads.is_empty() {
            return false;
        }
        let _ = timeout_at(end, select_all(reads)).await;
        true
    }

    /// Includes the members of these groups in the next reads.
    pub(crate) fn review_groups(&self, names: &HashSet<String>) {
        for name in names {
            self.reviewed_groups.insert(name.clone(), ());
        }
        self.groups.end_freshness();
    }

    /// Begins to ask the workspace about owners that the lists of principals do not contain. No page waits for that.
    pub(crate) fn begin_asking_for(&self, unknown: &Arc<[PrincipalId]>, actor: &Actor, timing: Timing) {
        let last = self.gone_owners.last().unwrap_or_default();
        if (unknown.is_empty() && last.gone.is_empty()) || self.has_ended(&actor.sign_in) {
            return;
        }
        if !unknown.iter().all(|id| last.asked.contains(id)) {
            self.gone_owners.end_freshness();
        }
        let unknown = Arc::clone(unknown);
        let read = move |actor: Actor| {
            // Owners who are gone are asked for again like the others, so that they stay known.
            let ids: BTreeSet<_> = unknown.iter().chain(&last.gone).copied().collect();
            async move { gone_owners::read(&actor, ids).await }
        };
        let ttl = timing.names_ttl();
        self.gone_owners.begin_if_due(actor, ttl, Retry::AfterPause, read);
    }

    /// Whether the members of these groups were read, or found to be unknown.
    pub(crate) fn has_members_of(&self, names: &HashSet<String>) -> bool {
        let groups = self.groups.last();
        groups.is_none_or(|groups| names.is_subset(&groups.names))
    }

    fn reviewed_groups(&self) -> HashSet<String> {
        let names = self.reviewed_groups.iter();
        names.map(|(name, ())| String::clone(&name)).collect()
    }

    /// Makes the next page read everything again.
    pub(crate) fn expire(&self) {
        self.tokens.expire();
        self.names.expire();
        self.policy.expire();
        self.permissions.expire();
        self.groups.expire();
        self.gone_owners.expire();
    }

    /// Discards what a change to tokens, the policy or permissions can have changed.
    pub(crate) fn invalidate(&self) {
        self.tokens.invalidate();
        self.policy.invalidate();
        self.permissions.invalidate();
    }

    /// Ends the reads with the credential of someone who signed out, and prevents new ones.
    pub(crate) fn end(&self, sign_in: &SignInId) {
        self.ended.insert(*sign_in, ());
        self.discard_reads_of(sign_in);
    }

    /// Whether this person signed out.
    pub(crate) fn has_ended(&self, sign_in: &SignInId) -> bool {
        self.ended.contains_key(sign_in)
    }

    /// Ends the reads in progress with this person's credential.
    pub(crate) fn discard_reads_of(&self, sign_in: &SignInId) {
        self.tokens.discard_read_of(sign_in);
        self.names.discard_read_of(sign_in);
        self.policy.discard_read_of(sign_in);
        self.permissions.discard_read_of(sign_in);
        self.groups.discard_read_of(sign_in);
        self.gone_owners.discard_read_of(sign_in);
    }
}

impl Timing {
    /// The lifetime of the parts that change while people work.
    pub(crate) fn part_ttl(self) -> Ttl {
        Ttl {
            fresh: self.snapshot_ttl,
            stale: self.stale_ttl,
        }
    }

    /// The lifetime of users and service principals.
    pub(crate) fn names_ttl(self) -> Ttl {
        Ttl {
            fresh: PRINCIPALS_TTL,
            stale: self.stale_ttl,
        }
    }
}

async fn permissions(actor: &Actor) -> Result<Permissions, WorkspaceError> {
    match actor.api().token_permissions().await {
        Ok(list) => Ok(Permissions::new(Ok(list))),
        Err(error) if matches!(error.kind, ErrorKind::NoTokenYet | ErrorKind::FeatureOff { .. }) => {
            Ok(Permissions::new(Err(error.kind)))
        }
        Err(error) => Err(error),
    }
}

fn without_gap<T>(result: Result<T, WorkspaceError>) -> ReadResult<T> {
    result.map(|value| (value, None))
}

/// Resolves when the read of a part that is in progress ends; `None` if nothing is being read.
fn next_read<T: Send + Sync + 'static>(part: &Part<T>) -> Option<Pin<Box<dyn Future<Output = ()> + Send + '_>>> {
    part.reading_since().map(|_| Box::pin(part.settled()) as _)
}

pub(crate) async fn settle_by<T: Send + Sync + 'static>(part: &Part<T>, end: impl Fn(Instant) -> Instant) {
    if let Some(since) = part.reading_since() {
        // The next page shows what is read later.
        let _ = timeout_at(end(since), part.settled()).await;
    }
}
