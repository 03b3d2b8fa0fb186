//! Groups and their members: from SCIM (<https://docs.databricks.com/api/workspace/groups>), and for members that SCIM
//! does not show from the identity API (<https://docs.databricks.com/api/iam/v2/workspaceiamv2>).

use std::collections::HashSet;

use domain::PrincipalId;
use domain::access::{Group, Member};
use reqwest::Method;
use tokio::time::Instant;

use super::scim::{Listed, SearchResults, quoted};
use crate::call::Call;
use crate::response::MAX_LIST_BYTES;
use crate::wire::{DirectMembers, ScimGroup, ScimGroupWithMembers};
use crate::{Api, Error, ErrorKind};

const GROUPS: &str = "/api/2.0/preview/scim/v2/Groups";
const GROUP: &str = "/api/2.0/preview/scim/v2/Groups/{id}";
const DIRECT_MEMBERS: &str = "/api/2.0/identity/groups/{group_id}/direct-members";

/// The most direct members on a page.
const DIRECT_MEMBERS_PAGE: &str = "1000";

/// The most pages of direct members.
const MAX_PAGES: usize = 200;

impl Api<'_> {
    /// All groups without their members: with them, long lists time out
    /// (<https://github.com/databrickslabs/ucx/issues/660>). Uses the list budget.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn groups(&self) -> Result<Listed<Group>, Error> {
        let list = async |attributes| self.all::<ScimGroup, Group>(GROUPS, attributes).await;
        match list("id,displayName,meta,externalId").await {
            Err(error) if is_about_attributes(&error) => list("id,displayName,meta").await,
            listed => listed,
        }
    }

    /// All groups with their direct members, as far as lists show them: one call in a small workspace. In a large one
    /// it can time out ([`groups`](Self::groups)). Uses the list budget.
    ///
    /// # Errors
    /// Those of any call, also if this caller cannot read `externalId`.
    pub async fn groups_with_members(&self) -> Result<Listed<Group>, Error> {
        self.all::<ScimGroupWithMembers, Group>(GROUPS, "id,displayName,meta,externalId,members")
            .await
    }

    /// One group with its direct members, which come without pages.
    ///
    /// # Errors
    /// Those of any call. They say nothing about the group's members.
    pub async fn group(&self, id: PrincipalId) -> Result<Group, Error> {
        let deadline = Instant::now() + self.client.budgets().interactive;
        let call = |attributes| {
            let call = Call::new(self.client, Method::GET, GROUP).query("attributes", attributes);
            call.deadline(deadline)
                .max_bytes(MAX_LIST_BYTES)
                .expected_keys(&["id"])
                .id(&id.to_string())?
                .credential(self.credential)
        };
        match call("id,displayName,meta,externalId,members")?.send().await {
            Ok(response) => response.decode(|group: ScimGroup| Ok(group.with_members())).await,
            Err(error) if is_about_attributes(&error) => {
                let response = call("id,displayName,meta,members")?.send().await?;
                response.decode(|group: ScimGroup| Ok(group.with_some_members())).await
            }
            Err(error) => Err(error),
        }
    }

    /// Groups whose name contains `text`, without their members.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn find_groups(&self, text: &str) -> Result<SearchResults<Group>, Error> {
        let filter = format!("displayName co {}", quoted(text));
        self.find::<ScimGroup, Group>(GROUPS, "id,displayName", &filter).await
    }

    /// The direct members of a group that the account has provisioned. People who have never signed in may be missing.
    /// The identity API is in beta, and many workspaces do not offer it; see [`Error::is_interface_missing`].
    ///
    /// Only this call of the API is used. Others look like reads, but create objects in the account.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn direct_members(&self, group: PrincipalId) -> Result<Vec<Member>, Error> {
        let deadline = Instant::now() + self.client.budgets().interactive;
        let (mut members, mut tokens) = (Vec::new(), HashSet::new());
        let mut next = None::<String>;
        for _ in 0..MAX_PAGES {
            let call = Call::new(self.client, Method::GET, DIRECT_MEMBERS)
                .number(group.get())
                .query("page_size", DIRECT_MEMBERS_PAGE)
                .deadline(deadline)
                .expected_keys(&["direct_group_members", "next_page_token"]);
            let call = match &next {
                Some(token) => call.query("page_token", token),
                None => call,
            };
            let response = call.credential(self.credential)?.send().await?;
            let page = response.decode(|page: DirectMembers| Ok(page)).await?;
            members.extend(page.members());
            next = page.next_page_token.filter(|token| !token.is_empty());
            match &next {
                Some(token) if tokens.insert(token.clone()) => {}
                _ => break,
            }
        }
        Ok(members)
    }
}

/// Whether a call may have been refused because it names `externalId`, which only admins can read
/// (<https://github.com/databricks/terraform-provider-databricks/issues/4994>).
fn is_about_attributes(error: &Error) -> bool {
    let kinds = [ErrorKind::Rejected, ErrorKind::NotAllowed, ErrorKind::GatewayRefusal];
    kinds.contains(&error.kind) && error.status().is_some_and(|status| (400..500).contains(&status))
}
