//! `/api/2.0/token`: the caller's own tokens.
//! <https://docs.databricks.com/api/workspace/tokens>

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::body::JsonBody;
use super::caller::{Caller, NO_TOKEN_PERMISSION};
use super::error::ApiError;
use super::token_change::{CreateTokenBody, TokenUpdate, nothing_to_update, scopes_from_ms};
use super::token_info::PublicTokenInfo;
use crate::app::App;
use crate::workspace::Workspace;
use crate::workspace::tokens::Token;

#[derive(Debug, Serialize)]
struct OwnTokenList<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    token_infos: Vec<PublicTokenInfo<'a>>,
}

/// Lists only valid tokens, without creator, owner and last use, even for admins.
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, ApiError> {
    let now_ms = app.clock.now_ms();
    let workspace = app.workspace();
    authorise(&workspace, &caller, now_ms)?;
    let own_tokens = workspace
        .tokens
        .iter()
        .filter(|token| token.owner == caller.id && !token.is_expired(now_ms));
    let token_infos = own_tokens
        .map(|token| PublicTokenInfo::new(token, workspace.knobs.int64_as_strings))
        .collect();
    Ok(Json(OwnTokenList { token_infos }).into_response())
}

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(new): JsonBody<CreateTokenBody>,
) -> Result<Response, ApiError> {
    let now_ms = app.clock.now_ms();
    let mut workspace = app.workspace_mut();
    authorise(&workspace, &caller, now_ms)?;
    let created = super::token_change::create(&mut workspace, new, caller.id, caller.id, now_ms)?;
    let token_info = PublicTokenInfo::new(&created.shown, workspace.knobs.int64_as_strings);
    Ok(Json(json!({ "token_value": created.value, "token_info": token_info })).into_response())
}

#[derive(Debug, Deserialize)]
pub(crate) struct Deletion {
    #[serde(default)]
    token_id: String,
}

pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(Deletion { token_id }): JsonBody<Deletion>,
) -> Result<Json<Value>, ApiError> {
    let mut workspace = app.workspace_mut();
    authorise(&workspace, &caller, app.clock.now_ms())?;
    own_token(&workspace, &caller, &token_id).ok_or_else(|| unknown_token(&token_id))?;
    workspace.tokens.remove(&token_id);
    Ok(Json(json!({})))
}

/// Returns `{}`, unlike the PATCH for admins.
pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(update): JsonBody<TokenUpdate>,
) -> Result<Json<Value>, ApiError> {
    let now_ms = app.clock.now_ms();
    let mut workspace = app.workspace_mut();
    authorise(&workspace, &caller, now_ms)?;
    own_token(&workspace, &caller, &id).ok_or_else(|| nothing_to_update(&id))?;
    let scopes_from_ms = scopes_from_ms(&workspace.knobs, now_ms);
    let token = workspace.tokens.get_mut(&id).ok_or_else(|| nothing_to_update(&id))?;
    update.apply(token, scopes_from_ms)?;
    Ok(Json(json!({})))
}

fn own_token<'a>(workspace: &'a Workspace, caller: &Caller, id: &str) -> Option<&'a Token> {
    workspace.tokens.get(id).filter(|token| token.owner == caller.id)
}

fn authorise(workspace: &Workspace, caller: &Caller, now_ms: i64) -> Result<(), ApiError> {
    caller.require_scope("authentication")?;
    // <https://github.com/databricks/terraform-provider-databricks/issues/2607>
    if !workspace.conf.tokens_enabled(now_ms) {
        return Err(ApiError::feature_disabled(super::TOKENS_DISABLED));
    }
    if !workspace.can_use_tokens(caller.id) {
        return Err(ApiError::denied(NO_TOKEN_PERMISSION));
    }
    Ok(())
}

fn unknown_token(id: &str) -> ApiError {
    ApiError::does_not_exist(format!("Token with ID {id} does not exist"))
}
