//! Principals as SCIM resources. IDs are strings here, but numbers in token records.

use serde_json::{Value, json};

use super::Resource;
use crate::config::{AccountMembers, GroupHome, Knobs};
use crate::workspace::directory::{Directory, PrincipalId};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const WORKSPACE_USER: &str = "urn:ietf:params:scim:schemas:extension:workspace:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const SERVICE_PRINCIPAL: &str = "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal";

/// The caller as a user. The `userName` of a service principal is its application ID.
pub(super) fn me(directory: &Directory, id: PrincipalId) -> Resource {
    user(directory, id).unwrap_or_else(|| {
        resource(json!({
            "schemas": [USER, WORKSPACE_USER],
            "id": id.to_string(),
            "userName": directory.user_name(id),
            "displayName": directory.display_name(id),
            "active": true,
            "groups": groups(directory, id),
            "entitlements": entitlements(),
        }))
    })
}

pub(super) fn user(directory: &Directory, id: PrincipalId) -> Option<Resource> {
    let user = directory.users.get(&id)?;
    Some(resource(json!({
        "schemas": [USER, WORKSPACE_USER],
        "id": id.to_string(),
        "userName": user.user_name,
        "displayName": user.display_name(),
        "name": { "givenName": user.given_name, "familyName": user.family_name },
        "emails": [{ "value": user.user_name, "type": "work", "primary": true }],
        "active": user.active,
        "groups": groups(directory, id),
        "entitlements": entitlements(),
    })))
}

pub(super) fn service_principal(directory: &Directory, id: PrincipalId) -> Option<Resource> {
    let service = directory.service_principals.get(&id)?;
    Some(resource(json!({
        "schemas": [SERVICE_PRINCIPAL],
        "id": id.to_string(),
        "applicationId": service.application_id,
        "displayName": service.display_name,
        "active": service.active,
        "groups": groups(directory, id),
        "entitlements": entitlements(),
    })))
}

/// The response that shows a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupResponse {
    InList,
    Alone,
}

pub(super) fn group(directory: &Directory, id: PrincipalId, knobs: &Knobs, shown: GroupResponse) -> Option<Resource> {
    let group = directory.groups.get(&id)?;
    let home = group.home(knobs);
    let hides_members = match knobs.account_members {
        _ if home == GroupHome::Workspace => false,
        AccountMembers::Listed => false,
        AccountMembers::OnlyInGet => shown == GroupResponse::InList,
        AccountMembers::Hidden => true,
    };
    let members = group.members().filter(|_| !hides_members).map(|member| {
        let mut row = json!({ "value": member.to_string(), "display": directory.display_name(member) });
        if !knobs.no_member_refs {
            row["$ref"] = Value::from(reference(directory, member));
        }
        row
    });
    let mut found = resource(json!({
        "schemas": [GROUP],
        "id": id.to_string(),
        "displayName": group.display_name,
        "members": Value::from_iter(members),
        "groups": groups(directory, id),
        "meta": { "resourceType": if home == GroupHome::Workspace { "WorkspaceGroup" } else { "Group" } },
    }));
    if home == GroupHome::Directory {
        found.insert("externalId".to_owned(), Value::from(external_id(id)));
    }
    Some(found)
}

/// The ID of a principal in the identity provider.
pub(crate) fn external_id(id: PrincipalId) -> String {
    format!("{:08x}-1111-4222-8333-{:012x}", id & 0xffff_ffff, id & 0xffff_ffff_ffff)
}

fn groups(directory: &Directory, id: PrincipalId) -> Value {
    let memberships = directory.groups_of(id).into_iter();
    Value::from_iter(memberships.map(|membership| {
        json!({
            "display": directory.display_name(membership.group),
            "type": if membership.direct { "direct" } else { "indirect" },
            "value": membership.group.to_string(),
            "$ref": format!("Groups/{}", membership.group),
        })
    }))
}

fn reference(directory: &Directory, id: PrincipalId) -> String {
    let collection = match () {
        () if directory.users.contains_key(&id) => "Users",
        () if directory.groups.contains_key(&id) => "Groups",
        () => "ServicePrincipals",
    };
    format!("{collection}/{id}")
}

fn entitlements() -> Value {
    json!([{ "value": "workspace-access" }, { "value": "databricks-sql-access" }])
}

/// Omits empty lists, as the vendor does.
fn resource(value: Value) -> Resource {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| value.as_array().is_none_or(|list| !list.is_empty()))
            .collect(),
        _ => Resource::new(),
    }
}
