//! Who may create and use tokens: the list, finding people for it, what a change would stop, and the change itself.
//!
//! The workspace has one list, no version of it, and a PUT that replaces everything; teams wipe each other's grants
//! with tools that read early and write late
//! (<https://github.com/databricks/terraform-provider-databricks/issues/2431>). So every list that is shown is
//! remembered by its fingerprint, a change names the one that it was made from, and nothing is written where the list
//! has become another one meanwhile.

mod shown_lists;

use std::sync::Arc;

use domain::access::{AccessEdit, AccessImpact, AccessList, Grantee, Group, Membership, TokenAccess};
use domain::{Directory, Principal, Timestamp};
use workspace_client::{Error as WorkspaceError, ErrorKind, SearchResults};

pub use crate::changes::edit_access::SaveResult;
pub use shown_lists::ListFingerprint;
pub(crate) use shown_lists::ShownLists;

use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, Snapshot, now};

/// The list as just read.
pub struct FetchedAccessList {
    /// The list.
    pub list: AccessList,
    /// What it is remembered by.
    pub version: ListFingerprint,
    /// When the workspace answered.
    pub as_of: Timestamp,
}

/// The workspace's access control list for tokens, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessSummary {
    /// Groups that may use tokens, without `admins` and without `users`.
    pub groups: usize,
    /// Users that are named themselves.
    pub users: usize,
    /// Service principals that are named themselves.
    pub service_principals: usize,
    /// Whether `users`, and so everybody in the workspace, may.
    pub everybody: bool,
}

/// What a search for people found. A kind that could not be searched says why.
pub struct FoundPrincipals {
    /// By user name or name for people.
    pub users: Result<SearchResults<Principal>, WorkspaceError>,
    /// By name.
    pub groups: Result<SearchResults<Group>, WorkspaceError>,
    /// By name or application id.
    pub service_principals: Result<SearchResults<Principal>, WorkspaceError>,
}

/// A change before it is made: the list that it was made from, the list now, and what it would do to that.
pub struct Review {
    /// The list that the change was made from; `None` where the console does not remember it, as after a restart.
    pub opened: Option<AccessList>,
    /// The list now.
    pub now: FetchedAccessList,
    /// The list that the change would make of it.
    pub wanted: AccessList,
    /// What would stop.
    pub loss: AccessImpact,
    /// Everybody's groups, that the loss was counted with.
    pub membership: Arc<Membership>,
    /// Tokens, and who is who, that the loss was counted over.
    pub snapshot: Arc<Snapshot>,
    /// Whether the token that the session rides on would stop.
    pub ends_own_access: bool,
}

impl Review {
    /// Whether somebody changed the list since the change was begun, or may have.
    pub fn is_conflict(&self) -> bool {
        self.opened
            .as_ref()
            .is_none_or(|opened| !opened.grants_same_as(&self.now.list))
    }
}

impl Console {
    /// The list, read now.
    ///
    /// # Errors
    /// "No token yet" where the workspace has none: it keeps no list before the first one
    /// (<https://github.com/databricks/terraform-provider-databricks/issues/1122>); else whatever keeps it from being
    /// read.
    pub async fn access_list(&self, actor: &Actor) -> Result<FetchedAccessList, Error> {
        admin_proof::ensure_admin(actor).await?;
        let list = actor.end_proof_if_refused(actor.api().token_permissions().await)?;
        let version = actor.workspace.access.remember(&list);
        Ok(FetchedAccessList {
            list,
            version,
            as_of: now(),
        })
    }

    /// Counts who may create and use tokens besides the admins, read now.
    ///
    /// # Errors
    /// As [`Self::access_list`].
    pub async fn access_summary(&self, actor: &Actor) -> Result<AccessSummary, Error> {
        let mut summary = AccessSummary::default();
        let read = self.access_list(actor).await?;
        for grant in read.list.changeable().filter(|grant| grant.can_use()) {
            match &grant.grantee {
                everybody if everybody.is_all_users() => summary.everybody = true,
                Grantee::Group(_) => summary.groups += 1,
                Grantee::User(_) => summary.users += 1,
                Grantee::ServicePrincipal(_) => summary.service_principals += 1,
            }
        }
        Ok(summary)
    }

    /// Users, groups and service principals by a part of their name: one call a kind, side by side.
    ///
    /// # Errors
    /// Where the actor cannot be proven to be an admin, or no kind at all could be searched.
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

    /// Everybody's groups, at most a minute old. Where they cannot be read, every group's reach is open.
    pub async fn membership(&self, actor: &Actor, snapshot: &Snapshot) -> Arc<Membership> {
        if let Some(access) = snapshot.inventory.access() {
            return Arc::clone(&access.membership);
        }
        let groups = groups(actor).await.unwrap_or_else(|error| {
            tracing::warn!(request = actor.request_id, %error, "could not read the groups");
            Arc::default()
        });
        Arc::new(Membership::new(snapshot.inventory.directory(), &groups))
    }

    /// What `edit`, made from the list `opened`, would do to the list as it is now.
    ///
    /// # Errors
    /// Whatever keeps the list or the tokens from being read.
    pub async fn review_access(
        &self,
        actor: &Actor,
        opened: &ListFingerprint,
        edit: &AccessEdit,
    ) -> Result<Review, Error> {
        let (now, snapshot) = tokio::join!(self.access_list(actor), self.snapshot(actor));
        let (now, snapshot) = (now?, snapshot?);
        let membership = self.membership(actor, &snapshot).await;
        let wanted = edit.apply(&now.list);
        let loss = AccessImpact::of(&now.list, &wanted, &membership, &snapshot.inventory);
        Ok(Review {
            opened: actor.workspace.access.list(opened),
            ends_own_access: actor.own_token().is_some() && loss.affects(actor.principal),
            now,
            wanted,
            loss,
            membership,
            snapshot,
        })
    }
}

/// The groups with their members, kept for a minute.
pub(crate) async fn groups(actor: &Actor) -> Result<Arc<Vec<Group>>, WorkspaceError> {
    let kept = &actor.workspace.access;
    let began = now();
    if let Some(groups) = kept.groups(began) {
        return Ok(groups);
    }
    let groups = Arc::new(actor.api().groups().await?);
    kept.keep_groups(Arc::clone(&groups), began);
    Ok(groups)
}

/// Whom a list that was just read lets use tokens. `None` where the workspace has no list that could say so: on a tier
/// without one, before the first token, and while tokens are switched off.
pub(crate) fn access(
    list: Result<AccessList, WorkspaceError>,
    groups: Result<Arc<Vec<Group>>, WorkspaceError>,
    directory: &Directory,
) -> Result<Option<Arc<TokenAccess>>, WorkspaceError> {
    match list {
        Ok(list) => {
            let membership = Arc::new(Membership::new(directory, &groups?));
            Ok(Some(Arc::new(TokenAccess::new(membership, &list))))
        }
        Err(error) if matches!(error.kind, ErrorKind::NoTokenYet | ErrorKind::FeatureOff { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
