//! Who can create and use tokens: reading the access control list, searching for principals, and reviewing what a
//! change would break. [`crate::changes`] has the change itself.
//!
//! The workspace has one list without a version, and a PUT that replaces all of it. A tool that reads the list early
//! and writes it late therefore deletes grants that were made in between
//! (<https://github.com/databricks/terraform-provider-databricks/issues/2431>). So the console remembers every list
//! that it has shown, by fingerprint and over all instances. A change names the list that it was made from, and nothing
//! is written if the list has changed in the meantime.

mod shown_lists;
mod write_turn;

use std::sync::Arc;

use domain::access::{AccessEdit, AccessImpact, AccessList, Grantee, Group, Membership};
use domain::{Principal, Timestamp};
use workspace_client::{Error as WorkspaceError, SearchResults};

pub use crate::changes::edit_access::SaveResult;
pub use shown_lists::ListFingerprint;
pub(crate) use shown_lists::ShownLists;

use crate::cache::groups;
use crate::cache::part::PartProblem;
use crate::cache::parts::{Permissions, settle_by};
use crate::moment::Moment;
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, Snapshot, now};

/// The access control list as just read.
pub struct FetchedAccessList {
    /// The list.
    pub list: AccessList,
    /// The fingerprint by which the console remembers the list.
    pub fingerprint: ListFingerprint,
    /// When the workspace responded.
    pub as_of: Timestamp,
}

/// How many groups, users and service principals can use tokens, besides the admins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessSummary {
    /// Groups that can use tokens, without `admins` and without `users`.
    pub groups: usize,
    /// Users with a grant of their own.
    pub users: usize,
    /// Service principals with a grant of their own.
    pub service_principals: usize,
    /// Whether the group `users` can use tokens, and with it everyone in the workspace.
    pub all_users: bool,
}

/// The results of a search for principals: for each kind, its matches or the error.
pub struct FoundPrincipals {
    /// Users, searched by username or display name.
    pub users: Result<SearchResults<Principal>, WorkspaceError>,
    /// Groups, searched by name.
    pub groups: Result<SearchResults<Group>, WorkspaceError>,
    /// Service principals, searched by name or application ID.
    pub service_principals: Result<SearchResults<Principal>, WorkspaceError>,
}

/// A review of a change before it is sent.
pub struct Review {
    /// The list that the change was made from; `None` if the console no longer remembers it.
    pub base: Option<AccessList>,
    /// The current list.
    pub current: FetchedAccessList,
    /// The list after the change.
    pub edited: AccessList,
    /// Who would lose access, and which tokens would stop working.
    pub impact: AccessImpact,
    /// Everyone's groups, from which `impact` was computed.
    pub membership: Arc<Membership>,
    /// The tokens and principals from which `impact` was computed.
    pub snapshot: Arc<Snapshot>,
    /// Whether the session's own token would stop working.
    pub ends_own_access: bool,
}

impl AccessSummary {
    /// Counts the grants of `list`.
    pub fn of(list: &AccessList) -> Self {
        let mut summary = Self::default();
        for grant in list.changeable().filter(|grant| grant.can_use()) {
            match &grant.grantee {
                grantee if grantee.is_all_users() => summary.all_users = true,
                Grantee::Group(_) => summary.groups += 1,
                Grantee::User(_) => summary.users += 1,
                Grantee::ServicePrincipal(_) => summary.service_principals += 1,
            }
        }
        summary
    }
}

impl Review {
    /// Whether someone changed the list since this change was begun. Also true if that is unknown.
    pub fn is_conflict(&self) -> bool {
        self.base
            .as_ref()
            .is_none_or(|opened| !opened.grants_same_as(&self.current.list))
    }
}

impl Console {
    /// The access control list, read now.
    ///
    /// # Errors
    /// [`ErrorKind::NoTokenYet`] if the workspace has no token: the list exists only from the first one on
    /// (<https://github.com/databricks/terraform-provider-databricks/issues/1122>). Otherwise if the list cannot be
    /// read.
    pub async fn access_list(&self, actor: &Actor) -> Result<FetchedAccessList, Error> {
        admin_proof::ensure_admin(actor).await?;
        let (asked_at, generation) = (Moment::now(), actor.workspace.parts.permissions.generation());
        let list = actor.end_proof_if_refused(actor.api().token_permissions().await)?;
        let parts = &actor.workspace.parts;
        // The list was changed elsewhere: cached pages must not show the old one.
        if parts
            .permissions
            .last()
            .is_some_and(|shown| shown.list.as_ref() != Ok(&list))
        {
            parts
                .permissions
                .store(Permissions::new(Ok(list.clone())), asked_at, generation);
        }
        let version = self.remember_shown_list(&actor.workspace, &list).await;
        Ok(FetchedAccessList {
            list,
            fingerprint: version,
            as_of: now(),
        })
    }

    /// Counts who can create and use tokens besides the admins. A list from the last minute is used if reading takes
    /// long.
    ///
    /// # Errors
    /// As [`Self::access_list`]; [`Error::StillLoading`] if it takes longer than a page waits for a part.
    pub async fn access_summary(&self, actor: &Actor) -> Result<AccessSummary, Error> {
        admin_proof::ensure_admin(actor).await?;
        let (parts, timing) = (&actor.workspace.parts, self.0.timing);
        parts.permissions.end_freshness();
        parts.begin(actor, timing);
        settle_by(&parts.permissions, |since| since + timing.part_wait).await;
        let view = parts.permissions.view(&actor.sign_in, timing.part_ttl());
        // While the workspace is slow, an older list is better than none.
        let is_recent = view.age < timing.snapshot_ttl;
        match (view.value, view.problem) {
            (Some(permissions), None | Some(PartProblem::Loading)) if is_recent => match &permissions.list {
                Ok(list) => Ok(AccessSummary::of(list)),
                Err(kind) => Err(WorkspaceError::from(kind.clone()).into()),
            },
            (_, Some(PartProblem::Failed(error, _))) => Err(actor.refused(error)),
            (_, Some(PartProblem::Loading) | None) => Err(Error::StillLoading),
        }
    }

    /// Searches for users, groups and service principals by a part of their name, with one concurrent call for each
    /// kind.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin, or none of the kinds could be searched.
    pub async fn find_principals(&self, actor: &Actor, text: &str) -> Result<FoundPrincipals, Error> {
        admin_proof::ensure_admin(actor).await?;
        let api = actor.api();
        let (users, groups, service_principals) = tokio::join!(
            api.find_users(text),
            api.find_groups(text),
            api.find_service_principals(text)
        );
        if let (Err(error), Err(_), Err(_)) = (&users, &groups, &service_principals) {
            return actor.end_proof_if_refused(Err(error.clone()));
        }
        Ok(FoundPrincipals {
            users,
            groups,
            service_principals,
        })
    }

    /// What `edit` would do to the current list. `opened` is the list that the edit was made from.
    ///
    /// # Errors
    /// If the list or the tokens cannot be read.
    pub async fn review_access(
        &self,
        actor: &Actor,
        opened: &ListFingerprint,
        edit: &AccessEdit,
    ) -> Result<Review, Error> {
        let (current, snapshot) = tokio::join!(self.access_list(actor), self.snapshot(actor));
        let (current, snapshot) = (current?, snapshot?);
        let edited = edit.apply(&current.list);
        let (parts, timing) = (&actor.workspace.parts, self.0.timing);
        let granted = groups::granted([&current.list, &edited]);
        let snapshot = match parts.has_members_of(&granted) {
            true => snapshot,
            false => {
                parts.review_groups(&granted);
                parts.begin(actor, timing);
                parts.settle_by(|since| since + timing.review_wait).await;
                self.snapshot(actor).await?
            }
        };
        let membership = snapshot.membership();
        let impact = AccessImpact::of(&current.list, &edited, &membership, &snapshot.inventory);
        Ok(Review {
            base: self.shown_list(&actor.workspace, opened).await?,
            ends_own_access: actor.own_token().is_some() && impact.affects(actor.principal),
            current,
            edited,
            impact,
            membership,
            snapshot,
        })
    }
}
