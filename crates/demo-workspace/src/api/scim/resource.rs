//! Principals as SCIM resources. IDs are strings here, but numbers in token records.

use serde_json::{Value, json};

use super::Resource;
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

pub(super) fn group(directory: &Directory, id: PrincipalId) -> Option<Resource> {
    let group = directory.groups.get(&id)?;
    let members = group.members().map(|member| {
        json!({
            "value": member.to_string(),
            "display": directory.display_name(member),
            "$ref": reference(directory, member),
        })
    });
    Some(resource(json!({
        "schemas": [GROUP],
        "id": id.to_string(),
        "displayName": group.display_name,
        "members": Value::from_iter(members),
        "groups": groups(directory, id),
        "meta": { "resourceType": if group.workspace_local { "WorkspaceGroup" } else { "Group" } },
    })))
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
