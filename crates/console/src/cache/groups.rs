//! A workspace's groups, and the members of those on which access to tokens depends.
//!
//! Lists with members time out in large workspaces, and leave out the members of some groups. So groups are listed
//! without members if the other list takes long. Groups that have a grant and no members in the list are then read one
//! by one, with the groups in them. If a group cannot be read, only this group is unknown.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use domain::PrincipalId;
use domain::access::{AccessList, Grantee, Group, GroupOrigin, Member, Members};
use futures_util::{StreamExt as _, stream};
use parking_lot::Mutex;
use tokio::time::{Instant, timeout, timeout_at};
use workspace_client::{Error as WorkspaceError, ErrorKind};

use super::part::ReadResult;
use crate::Actor;

/// How long reading the members of all groups can take. What is not read by then is unknown.
const MEMBERS_BUDGET: Duration = Duration::from_secs(10);

/// How long the list with members can take. In a small workspace it saves a call for each group.
const LIST_BUDGET: Duration = Duration::from_secs(5);

/// How many groups are read at the same time: as many as the workspace allows.
const GROUPS_AT_A_TIME: usize = 4;

/// The groups, and the names of those whose members were read or found to be unknown.
#[derive(PartialEq, Eq)]
pub(crate) struct ReadGroups {
    pub(crate) groups: Vec<Group>,
    pub(crate) names: HashSet<String>,
}

/// Whether the workspace offers the identity API, which many do not. Remembered until the console ends, so that it is
/// asked once and not for every group.
#[derive(Default)]
pub(crate) struct IdentityApi {
    state: Mutex<IdentityState>,
    /// Held while the first call is in progress.
    first_call: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum IdentityState {
    #[default]
    Untried,
    Works,
    Missing,
}

/// All groups. Includes the members of groups that have a grant in the list of permissions or are in `reviewed`. The
/// groups are listed while that list is being read.
pub(crate) async fn read(actor: &Actor, reviewed: HashSet<String>) -> ReadResult<ReadGroups> {
    let permissions = &actor.workspace.parts.permissions;
    let (listed, ()) = tokio::join!(list(actor), permissions.settled());
    let mut names = reviewed;
    if let Some(permissions) = permissions.last() {
        names.extend(permissions.granted_groups.iter().cloned());
    }
    let (groups, refusal) = with_members(actor, listed?, &names).await;
    // Others may be able to read what this person cannot.
    Ok((ReadGroups { groups, names }, refusal))
}

/// The names of the groups with a grant. The group `users` contains everyone, whatever its members.
pub(crate) fn granted<'a>(lists: impl IntoIterator<Item = &'a AccessList>) -> HashSet<String> {
    let grants = lists.into_iter().flat_map(AccessList::grants);
    let names = grants
        .filter(|grant| grant.can_use())
        .filter_map(|grant| match &grant.grantee {
            grantee if grantee.is_all_users() => None,
            Grantee::Group(name) => Some(name.clone()),
            Grantee::User(_) | Grantee::ServicePrincipal(_) => None,
        });
    names.collect()
}

/// All groups, with the members that lists show.
async fn list(actor: &Actor) -> Result<Vec<Group>, WorkspaceError> {
    let api = actor.api();
    match timeout(LIST_BUDGET, api.groups_with_members()).await {
        Ok(Ok(listed)) => Ok(listed.rows),
        Ok(Err(_)) | Err(_) => api.groups().await.map(|listed| listed.rows),
    }
}

/// Reads the members of the groups with these names, and of the groups in them. Returns the error if the workspace
/// refused the caller.
async fn with_members(
    actor: &Actor,
    mut groups: Vec<Group>,
    names: &HashSet<String>,
) -> (Vec<Group>, Option<WorkspaceError>) {
    let deadline = Instant::now() + MEMBERS_BUDGET;
    let indices: HashMap<PrincipalId, usize> = groups.iter().map(|group| group.id).zip(0..).collect();
    let is_named = |(_, group): &(usize, &Group)| names.contains(&group.name);
    let mut next: Vec<_> = groups
        .iter()
        .enumerate()
        .filter(is_named)
        .map(|(index, _)| index)
        .collect();
    let mut visited: HashSet<_> = next.iter().copied().collect();
    let (mut refusal, mut failed) = (None, 0);
    while !next.is_empty() {
        let reads = next.drain(..).map(|index| {
            let group = &groups[index];
            async move {
                let members = match &group.members {
                    Members::Unknown => members(actor, group, deadline).await,
                    listed => Ok(listed.clone()),
                };
                (index, members)
            }
        });
        let read: Vec<_> = stream::iter(reads).buffer_unordered(GROUPS_AT_A_TIME).collect().await;
        for (index, members) in read {
            let members = members.unwrap_or_else(|error| {
                failed += 1;
                if error.kind.is_about_caller() {
                    refusal = Some(error);
                }
                Members::Unknown
            });
            let inner = members.listed().iter().filter_map(|member| match member {
                Member::Principal(_) => None,
                Member::Group(id) | Member::Unidentified(id) => indices.get(id).copied(),
            });
            next.extend(inner.filter(|index| visited.insert(*index)));
            groups[index].members = members;
        }
    }
    if failed > 0 {
        let workspace = actor.workspace.name();
        tracing::warn!(
            workspace,
            request = actor.request_id,
            failed,
            "could not read the members of some groups"
        );
    }
    (groups, refusal)
}

/// The members of one group, until the deadline.
async fn members(actor: &Actor, group: &Group, deadline: Instant) -> Result<Members, WorkspaceError> {
    let late = || WorkspaceError::from(ErrorKind::Timeout);
    if Instant::now() >= deadline {
        return Err(late());
    }
    let api = actor.api();
    let read = timeout_at(deadline, api.group(group.id))
        .await
        .unwrap_or_else(|_| Err(late()));
    // The identity API is not known to have groups of the workspace itself.
    let is_silent = !matches!(&read, Ok(group) if group.members != Members::Unknown);
    if is_silent && group.origin != GroupOrigin::Workspace {
        let identity = &actor.workspace.identity;
        if let Ok(Some(members)) = timeout_at(deadline, identity.direct_members(actor, group.id)).await {
            return Ok(Members::AtLeast(members));
        }
    }
    read.map(|group| group.members)
}

impl IdentityApi {
    /// The direct members of a group, if the workspace offers the identity API and knows the group.
    async fn direct_members(&self, actor: &Actor, group: PrincipalId) -> Option<Vec<Member>> {
        let state = *self.state.lock();
        match state {
            IdentityState::Missing => None,
            IdentityState::Works => actor.api().direct_members(group).await.ok(),
            IdentityState::Untried => {
                let _first = self.first_call.lock().await;
                let state = *self.state.lock();
                if state == IdentityState::Missing {
                    return None;
                }
                let result = actor.api().direct_members(group).await;
                *self.state.lock() = match &result {
                    Ok(_) => IdentityState::Works,
                    // If the identity API does not know a group that the workspace lists, the workspace does not offer
                    // it.
                    Err(error) if state == IdentityState::Untried && error.kind == ErrorKind::NotFound => {
                        IdentityState::Missing
                    }
                    Err(error) if error.is_interface_missing() => IdentityState::Missing,
                    Err(_) => state,
                };
                result.ok()
            }
        }
    }
}
