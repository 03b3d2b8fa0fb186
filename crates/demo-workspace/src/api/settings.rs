//! `/api/2.0/settings/types/restrict_workspace_admins/names/default`: whether admins can create tokens for any service
//! principal. A change contains the version (etag) that it is based on.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use crate::app::App;
use crate::workspace::{RestrictAdmins, Workspace};

const RESTRICTED: &str = "RESTRICT_TOKENS_AND_JOB_RUN_AS";
const ALLOW_ALL: &str = "ALLOW_ALL";

#[derive(Debug, Deserialize)]
pub(crate) struct SettingUpdate {
    setting: Setting,
}

#[derive(Debug, Deserialize)]
struct Setting {
    #[serde(default)]
    etag: String,
    restrict_workspace_admins: Status,
}

#[derive(Debug, Deserialize)]
struct Status {
    status: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Etag {
    #[serde(default)]
    etag: String,
}

pub(crate) async fn get(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<Value>, ApiError> {
    let workspace = app.workspace();
    authorise(&workspace, &caller)?;
    Ok(Json(setting(&workspace.restrict_admins)))
}

pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(SettingUpdate { setting: requested }): JsonBody<SettingUpdate>,
) -> Result<Response, ApiError> {
    let restricted = match requested.restrict_workspace_admins.status.as_str() {
        RESTRICTED => true,
        ALLOW_ALL => false,
        other => return Err(ApiError::invalid_parameter(format!("Unknown status {other}"))),
    };
    set(&app, &caller, &requested.etag, restricted)
}

pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(Etag { etag }): Query<Etag>,
) -> Result<Response, ApiError> {
    set(&app, &caller, &etag, false)
}

/// Changes the setting. If `etag` is not the current version, returns a 409 with the current version.
fn set(app: &App, caller: &Caller, etag: &str, restricted: bool) -> Result<Response, ApiError> {
    let mut workspace = app.workspace_mut();
    authorise(&workspace, caller)?;
    let current = &mut workspace.restrict_admins;
    if etag != current.version.to_string() {
        let mut conflict = setting(current);
        conflict["error_code"] = Value::from("RESOURCE_CONFLICT");
        conflict["message"] = Value::from("The setting was changed by someone else.");
        return Ok((StatusCode::CONFLICT, Json(conflict)).into_response());
    }
    *current = RestrictAdmins {
        restricted,
        version: current.version + 1,
    };
    Ok(Json(setting(current)).into_response())
}

fn setting(current: &RestrictAdmins) -> Value {
    json!({
        "etag": current.version.to_string(),
        "setting_name": "default",
        "restrict_workspace_admins": { "status": if current.restricted { RESTRICTED } else { ALLOW_ALL } },
    })
}

fn authorise(workspace: &Workspace, caller: &Caller) -> Result<(), ApiError> {
    caller.require_scope("settings")?;
    if caller.is_admin {
        return Ok(());
    }
    Err(super::not_an_admin(
        &workspace.knobs,
        super::requesting_user_is_not_an_admin(caller),
    ))
}
