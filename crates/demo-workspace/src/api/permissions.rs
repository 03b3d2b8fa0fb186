//! `/api/2.0/permissions/authorization/tokens`: who can create and use tokens.
//! <https://docs.databricks.com/aws/en/security/auth/api-access-permissions>

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use crate::app::App;
use crate::config::Tier;
use crate::workspace::Workspace;
use crate::workspace::directory::{Directory, PrincipalId};

const CAN_USE: &str = "CAN_USE";
const CAN_MANAGE: &str = "CAN_MANAGE";

/// One element of a request. Exactly one of the names must be given.
#[derive(Debug, Deserialize)]
struct Grant {
    user_name: Option<String>,
    group_name: Option<String>,
    service_principal_name: Option<String>,
    #[serde(default)]
    permission_level: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct GrantList {
    #[serde(default)]
    access_control_list: Vec<Grant>,
}

/// The complete access control list.
#[derive(Debug, Serialize)]
pub(crate) struct ObjectPermissions {
    object_id: &'static str,
    object_type: &'static str,
    access_control_list: Vec<AccessControl>,
}

#[derive(Debug, Default, Serialize)]
struct AccessControl {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_principal_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    all_permissions: Vec<Permission>,
}

#[derive(Debug, Serialize)]
struct Permission {
    permission_level: &'static str,
    /// Always false, since token permissions have no parent object.
    inherited: bool,
}

/// The request's method. Only a PUT can contain CAN_MANAGE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Put,
    Patch,
}

pub(crate) async fn get(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<ObjectPermissions>, ApiError> {
    let workspace = app.workspace();
    authorise(&workspace, &caller, app.clock.now_ms())?;
    Ok(Json(permissions(&workspace)))
}

pub(crate) async fn put(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(request): JsonBody<GrantList>,
) -> Result<Json<ObjectPermissions>, ApiError> {
    let mut workspace = app.workspace_mut();
    authorise(&workspace, &caller, app.clock.now_ms())?;
    let grantees = resolve(&workspace.directory, &request, Verb::Put)?;
    let keeps_admins = request
        .access_control_list
        .iter()
        .any(|grant| grant.group_name.as_deref() == Some("admins") && grant.permission_level == CAN_MANAGE);
    if !keeps_admins {
        return Err(admins_cannot_change("None"));
    }
    workspace.change_access(|workspace| workspace.grants.replace(grantees));
    Ok(Json(permissions(&workspace)))
}

pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(request): JsonBody<GrantList>,
) -> Result<Json<ObjectPermissions>, ApiError> {
    let mut workspace = app.workspace_mut();
    authorise(&workspace, &caller, app.clock.now_ms())?;
    let grantees = resolve(&workspace.directory, &request, Verb::Patch)?;
    workspace.grants.add(grantees);
    Ok(Json(permissions(&workspace)))
}

/// The response is the same for every caller, and in every state of the workspace.
pub(crate) async fn levels(caller: Caller) -> Result<Json<Value>, ApiError> {
    caller.require_scope("access-management")?;
    Ok(Json(json!({ "permission_levels": [
        { "permission_level": CAN_MANAGE, "description": "Can use and modify permissions on tokens" },
        { "permission_level": CAN_USE, "description": "Can use tokens" },
    ] })))
}

/// Any other object of the permissions API.
pub(crate) async fn other_object(_: Caller, Path((object_type, id)): Path<(String, String)>) -> ApiError {
    match object_type.as_str() {
        "authorization" => ApiError::bad_request(format!("Bad object ID: {id}")),
        _ => ApiError::bad_request(format!("request_object_type is not recognized: {object_type}")),
    }
}

fn authorise(workspace: &Workspace, caller: &Caller, now_ms: i64) -> Result<(), ApiError> {
    caller.require_scope("access-management")?;
    if workspace.knobs.tier == Tier::Standard {
        return Err(ApiError::feature_disabled(
            "Token permissions is not enabled for this feature tier",
        ));
    }
    if !caller.is_admin {
        let message = "Please contact the owner or an administrator for access.";
        return Err(super::not_an_admin(&workspace.knobs, message.to_owned()));
    }
    if !workspace.conf.tokens_enabled(now_ms) {
        return Err(ApiError::feature_disabled(super::TOKENS_DISABLED));
    }
    // <https://github.com/databricks/terraform-provider-databricks/issues/1122>
    if workspace.tokens.is_empty() {
        return Err(ApiError::does_not_exist("tokens tokens does not exist"));
    }
    Ok(())
}

/// The principals to which the request grants CAN_USE. If one is invalid, the whole request fails.
fn resolve(directory: &Directory, request: &GrantList, verb: Verb) -> Result<Vec<PrincipalId>, ApiError> {
    let mut grantees = Vec::new();
    for grant in &request.access_control_list {
        let id = principal(directory, grant)?;
        match (grant.permission_level.as_str(), id == directory.admins) {
            (CAN_MANAGE, true) if verb == Verb::Put => {}
            (CAN_USE, true) => return Err(admins_cannot_change(CAN_USE)),
            (CAN_USE, false) => grantees.push(id),
            (CAN_MANAGE, _) => {
                let message = "Permission level CAN_MANAGE on tokens can only be held by group 'admins'.";
                return Err(ApiError::invalid_parameter(message));
            }
            (level, _) => {
                let message = format!("Permission level '{level}' is not supported for object type tokens.");
                return Err(ApiError::invalid_parameter(message));
            }
        }
    }
    Ok(grantees)
}

/// The exact text in the vendor's Terraform provider: `permissions/update/customizers.go` in
/// <https://github.com/databricks/terraform-provider-databricks>.
fn admins_cannot_change(level: &str) -> ApiError {
    ApiError::invalid_parameter(format!("Cannot change permissions for group 'admins' to {level}."))
}

fn principal(directory: &Directory, grant: &Grant) -> Result<PrincipalId, ApiError> {
    let (kind, name, found) = match (&grant.user_name, &grant.group_name, &grant.service_principal_name) {
        (Some(name), None, None) => ("UserName", name, directory.user_by_name(name)),
        (None, Some(name), None) => ("GroupName", name, directory.group_by_name(name)),
        (None, None, Some(name)) => (
            "ServicePrincipalName",
            name,
            directory.service_principal_by_application_id(name),
        ),
        _ => {
            let message = "Exactly one of user_name, group_name, service_principal_name must be given.";
            return Err(ApiError::invalid_parameter(message));
        }
    };
    found.ok_or_else(|| ApiError::does_not_exist(format!("Principal: {kind}({name}) does not exist")))
}

/// The access control list for tokens.
pub(crate) fn permissions(workspace: &Workspace) -> ObjectPermissions {
    let admins = element(&workspace.directory, workspace.directory.admins, CAN_MANAGE);
    let others = workspace
        .grants
        .iter()
        .map(|id| element(&workspace.directory, id, CAN_USE));
    ObjectPermissions {
        object_id: "/authorization/tokens",
        object_type: "tokens",
        access_control_list: std::iter::once(admins).chain(others).collect(),
    }
}

fn element(directory: &Directory, id: PrincipalId, permission_level: &'static str) -> AccessControl {
    let all_permissions = vec![Permission {
        permission_level,
        inherited: false,
    }];
    let display_name = directory.display_name(id);
    let user_name = directory.user_name(id).map(str::to_owned);
    if directory.groups.contains_key(&id) {
        AccessControl {
            group_name: display_name,
            all_permissions,
            ..AccessControl::default()
        }
    } else if directory.users.contains_key(&id) {
        AccessControl {
            user_name,
            display_name,
            all_permissions,
            ..AccessControl::default()
        }
    } else {
        let service_principal_name = user_name;
        AccessControl {
            service_principal_name,
            display_name,
            all_permissions,
            ..AccessControl::default()
        }
    }
}
