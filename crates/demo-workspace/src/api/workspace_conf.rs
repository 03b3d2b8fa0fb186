//! `/api/2.0/workspace-conf`: whether tokens are enabled, and the maximum lifetime of new ones.
//! <https://docs.databricks.com/api/workspace/workspaceconf>

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::body::JsonBody;
use super::caller::Caller;
use super::error::ApiError;
use crate::app::App;
use crate::config::UnsetConf;
use crate::workspace::workspace_conf::{Conf, Staleness};

#[derive(Debug, Deserialize)]
pub(crate) struct Keys {
    #[serde(default)]
    keys: String,
}

pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(Keys { keys }): Query<Keys>,
) -> Result<Json<Map<String, Value>>, ApiError> {
    caller.require_scope("settings")?;
    let keys: Vec<&str> = keys.split(',').map(str::trim).filter(|key| !key.is_empty()).collect();
    if keys.is_empty() {
        return Err(ApiError::bad_request("Missing required field: keys"));
    }
    let now_ms = app.clock.now_ms();
    let mut workspace = app.workspace_mut();
    if !caller.is_admin {
        let message = format!("unauthorized to perform ReadAction on /org_admin_conf/{}", keys[0]);
        return Err(super::not_an_admin(&workspace.knobs, message));
    }
    ensure_known(Conf::unknown_keys(keys.iter().copied()))?;
    let mut values = Map::new();
    for key in keys {
        match (workspace.conf.get(key, now_ms), workspace.knobs.unset_conf) {
            (Some(value), _) => drop(values.insert(key.to_owned(), Value::from(value))),
            (None, UnsetConf::Null) => drop(values.insert(key.to_owned(), Value::Null)),
            (None, UnsetConf::Absent) => {}
        }
    }
    workspace.conf.count_read(now_ms);
    Ok(Json(values))
}

pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(changes): JsonBody<BTreeMap<String, Value>>,
) -> Result<StatusCode, ApiError> {
    caller.require_scope("settings")?;
    let mut workspace = app.workspace_mut();
    if !caller.is_admin {
        return Err(super::not_an_admin(
            &workspace.knobs,
            super::requesting_user_is_not_an_admin(&caller),
        ));
    }
    ensure_known(Conf::unknown_keys(changes.keys().map(String::as_str)))?;
    let changes: BTreeMap<String, Value> = changes.into_iter().map(|(key, value)| (key, as_text(value))).collect();
    let rejected: BTreeMap<&String, &Value> = changes
        .iter()
        .filter(|(key, value)| !value.as_str().is_some_and(|value| Conf::allows(key, value)))
        .collect();
    if !rejected.is_empty() {
        let pairs = serde_json::to_string(&rejected).unwrap_or_default();
        return Err(ApiError::bad_request(format!("Some values are not allowed: {pairs}")));
    }
    let now_ms = app.clock.now_ms();
    let knobs = &workspace.knobs;
    let stale = Staleness {
        reads: knobs.conf_stale_reads,
        until_ms: now_ms + i64::from(knobs.conf_stale_ms),
    };
    let values = changes
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())));
    workspace.conf.set(values, stale, now_ms);
    Ok(StatusCode::NO_CONTENT)
}

/// One unknown key fails the whole call.
/// <https://github.com/databricks/terraform-provider-databricks/issues/1769>
fn ensure_known(unknown: Vec<&str>) -> Result<(), ApiError> {
    if unknown.is_empty() {
        return Ok(());
    }
    let list = serde_json::to_string(&unknown).unwrap_or_default();
    Err(ApiError::bad_request(format!("Invalid keys: {list}")))
}

/// Numbers and booleans are accepted as text. No source confirms this.
fn as_text(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.to_string()),
        Value::Bool(flag) => Value::from(flag.to_string()),
        other => other,
    }
}
