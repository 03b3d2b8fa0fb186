//! Groups, as SCIM and the identity API send them, and what follows from members that are not there.
//!
//! Workspaces leave out members without saying so: in a list, those of the groups of the account
//! (<https://github.com/databricks/databricks-sdk-py/issues/1118>); and everywhere those that come from the identity
//! provider, which are resolved only when they are needed.

use domain::PrincipalId;
use domain::access::{Group, GroupOrigin, Member, Members};
use serde::Deserialize;

use super::lenient;
use super::scim::text;

#[derive(Debug, Deserialize)]
pub(crate) struct ScimGroup {
    #[serde(deserialize_with = "lenient::some_int")]
    id: i64,
    #[serde(rename = "displayName")]
    display_name: Option<String>,
    meta: Option<GroupMeta>,
    /// The ID in the identity provider.
    #[serde(rename = "externalId", default, deserialize_with = "lenient::text")]
    external_id: Option<String>,
    members: Option<Vec<GroupMember>>,
}

#[derive(Debug, Deserialize)]
struct GroupMeta {
    #[serde(rename = "resourceType")]
    resource_type: Option<String>,
}

#[derive(Debug, Deserialize)]
struct GroupMember {
    #[serde(default, deserialize_with = "lenient::int")]
    value: Option<i64>,
    #[serde(rename = "$ref")]
    reference: Option<String>,
}

impl ScimGroup {
    /// A group whose members were not requested.
    pub(crate) fn without_members(self) -> Group {
        Group {
            origin: self.origin(),
            id: PrincipalId::new(self.id),
            name: text(self.display_name),
            members: Members::Unknown,
        }
    }

    /// A group whose members were requested, together with its `externalId`.
    pub(crate) fn with_members(self) -> Group {
        let origin = self.origin();
        let rows = self.members.as_deref().unwrap_or_default();
        let members: Vec<_> = rows.iter().filter_map(GroupMember::convert).collect();
        let are_all = origin == GroupOrigin::Workspace && members.len() == rows.len();
        let members = match (are_all, members.is_empty()) {
            (true, _) => Members::Known(members),
            (false, false) => Members::AtLeast(members),
            (false, true) => Members::Unknown,
        };
        Group {
            members,
            ..self.without_members()
        }
    }

    /// A group whose members were requested without its `externalId`, so that the identity provider may feed it.
    pub(crate) fn with_some_members(self) -> Group {
        let mut group = self.with_members();
        if let Members::Known(members) = group.members {
            group.members = match members.is_empty() {
                true => Members::Unknown,
                false => Members::AtLeast(members),
            };
        }
        group
    }

    fn origin(&self) -> GroupOrigin {
        if self.external_id.as_ref().is_some_and(|id| !id.is_empty()) {
            return GroupOrigin::Directory;
        }
        let kind = self.meta.as_ref().and_then(|meta| meta.resource_type.as_deref());
        match kind {
            Some("WorkspaceGroup") => GroupOrigin::Workspace,
            Some("Group") => GroupOrigin::Account,
            _ => GroupOrigin::Unreported,
        }
    }
}

/// A row of a list whose members were requested.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct ScimGroupWithMembers(ScimGroup);

impl From<ScimGroupWithMembers> for Group {
    fn from(ScimGroupWithMembers(group): ScimGroupWithMembers) -> Self {
        group.with_members()
    }
}

impl From<ScimGroup> for Group {
    fn from(group: ScimGroup) -> Self {
        group.without_members()
    }
}

impl GroupMember {
    /// `$ref` says what a member is: `Groups/310`, `Users/1`, `ServicePrincipals/2`.
    fn convert(&self) -> Option<Member> {
        let id = PrincipalId::new(self.value?);
        let reference = self.reference.as_deref().unwrap_or_default();
        let is_in = |kind: &str| reference.split('/').any(|segment| segment == kind);
        Some(if is_in("Groups") {
            Member::Group(id)
        } else if is_in("Users") || is_in("ServicePrincipals") {
            Member::Principal(id)
        } else {
            Member::Unidentified(id)
        })
    }
}

/// A page of `GET /api/2.0/identity/groups/{group_id}/direct-members` (`iamv2.py` of the vendor's Python SDK).
#[derive(Debug, Deserialize)]
pub(crate) struct DirectMembers {
    #[serde(default, deserialize_with = "lenient::or_default")]
    direct_group_members: Vec<DirectMember>,
    pub(crate) next_page_token: Option<String>,
}

#[derive(Debug, Deserialize)]
struct DirectMember {
    #[serde(default, deserialize_with = "lenient::int")]
    principal_id: Option<i64>,
    principal_type: Option<String>,
}

impl DirectMembers {
    pub(crate) fn members(&self) -> impl Iterator<Item = Member> + '_ {
        self.direct_group_members.iter().filter_map(|row| {
            let id = PrincipalId::new(row.principal_id?);
            Some(match row.principal_type.as_deref() {
                Some("USER" | "SERVICE_PRINCIPAL") => Member::Principal(id),
                Some("GROUP") => Member::Group(id),
                _ => Member::Unidentified(id),
            })
        })
    }
}
