//! `/api/2.0/token-management`: every token of the workspace, for admins.
//! <https://docs.databricks.com/api/workspace/tokenmanagement>

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::body::JsonBody;
use super::caller::{Caller, NO_TOKEN_PERMISSION};
use super::error::ApiError;
use super::token_change::{CreateTokenBody, TokenUpdate, create, nothing_to_update, scopes_from_ms};
use super::token_info::TokenInfo;
use crate::app::App;
use crate::config::{Cloud, Tier};
use crate::workspace::Workspace;
use crate::workspace::directory::PrincipalId;
use crate::workspace::tokens::Token;

/// Both filter by creator. The API cannot filter by owner. Other query parameters are ignored.
#[derive(Debug, Deserialize)]
pub(crate) struct Filters {
    created_by_id: Option<String>,
    created_by_username: Option<String>,
}

impl Filters {
    /// If both are given, a token has to match both. No source confirms this.
    fn matches(&self, token: &Token) -> bool {
        let id = self
            .created_by_id
            .as_ref()
            .is_none_or(|id| token.created_by.to_string() == *id);
        let name = self
            .created_by_username
            .as_ref()
            .is_none_or(|name| token.created_by_username == *name);
        id && name
    }
}

#[derive(Debug, Serialize)]
struct TokenList<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    token_infos: Vec<TokenInfo<'a>>,
}

/// Returns all tokens in one response, without pages.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(filters): Query<Filters>,
) -> Result<Response, ApiError> {
    let workspace = app.workspace();
    authorise(&workspace, &caller)?;
    let as_strings = workspace.knobs.int64_as_strings;
    let matching = workspace.tokens.iter().filter(|token| filters.matches(token));
    let token_infos = matching.map(|token| TokenInfo::new(token, as_strings)).collect();
    Ok(Json(TokenList { token_infos }).into_response())
}

/// The token is wrapped in `token_info`, unlike in the response to PATCH.
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let workspace = app.workspace();
    authorise(&workspace, &caller)?;
    let token = workspace.tokens.get(&id).ok_or_else(|| unknown_token(&id))?;
    Ok(Json(json!({ "token_info": TokenInfo::new(token, workspace.knobs.int64_as_strings) })).into_response())
}

/// Returns an empty 200. The caller's own token can be revoked too.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let mut workspace = app.workspace_mut();
    authorise(&workspace, &caller)?;
    workspace.tokens.remove(&id).ok_or_else(|| unknown_token(&id))?;
    Ok(StatusCode::OK)
}

pub(crate) async fn patch(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBody(update): JsonBody<TokenUpdate>,
) -> Result<Response, ApiError> {
    let mut workspace = app.workspace_mut();
    authorise(&workspace, &caller)?;
    let as_strings = workspace.knobs.int64_as_strings;
    let scopes_from_ms = scopes_from_ms(&workspace.knobs, app.clock.now_ms());
    let token = workspace.tokens.get_mut(&id).ok_or_else(|| nothing_to_update(&id))?;
    update.apply(token, scopes_from_ms)?;
    Ok(Json(TokenInfo::new(token, as_strings)).into_response())
}

#[derive(Debug, Deserialize)]
pub(crate) struct OnBehalfOf {
    #[serde(default)]
    application_id: String,
    #[serde(flatten)]
    new: CreateTokenBody,
}

/// Creates a token for a service principal. The admin is its creator, the service principal its owner.
pub(crate) async fn create_on_behalf_of(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(request): JsonBody<OnBehalfOf>,
) -> Result<Response, ApiError> {
    let mut workspace = app.workspace_mut();
    authorise(&workspace, &caller)?;
    // <https://github.com/databricks/cli/issues/596>
    if workspace.knobs.cloud == Cloud::Azure {
        let message = "On-behalf-of token creation for service principals is not enabled for this workspace";
        return Err(ApiError::feature_disabled(message));
    }
    let owner = service_principal(&workspace, &request.application_id)?;
    if !workspace.can_use_tokens(owner) {
        let message = format!(
            "Service principal {} does not have permission to use tokens.",
            request.application_id
        );
        return Err(ApiError::denied(message));
    }
    ensure_can_create_for(&workspace, owner, &caller)?;
    let created = create(&mut workspace, request.new, owner, caller.id, app.clock.now_ms())?;
    let token_info = TokenInfo::new(&created.shown, workspace.knobs.int64_as_strings);
    Ok(Json(json!({ "token_value": created.value, "token_info": token_info })).into_response())
}

fn service_principal(workspace: &Workspace, application_id: &str) -> Result<PrincipalId, ApiError> {
    let directory = &workspace.directory;
    let is_user = application_id
        .parse()
        .is_ok_and(|id: PrincipalId| directory.users.contains_key(&id));
    if is_user || directory.user_by_name(application_id).is_some() {
        return Err(ApiError::invalid_parameter(format!(
            "User {application_id} is not a service principal"
        )));
    }
    let found = directory.service_principal_by_application_id(application_id);
    found.ok_or_else(|| ApiError::invalid_parameter(format!("{application_id} does not exist")))
}

/// With "Restrict Workspace Admins", an admin needs the role Service Principal User on the service principal.
fn ensure_can_create_for(workspace: &Workspace, service: PrincipalId, caller: &Caller) -> Result<(), ApiError> {
    let service_principal = workspace.directory.service_principals.get(&service);
    let has_role = service_principal.is_some_and(|service| service.role_users.contains(&caller.id));
    if workspace.restrict_admins.restricted && !has_role {
        let message = "You need the Service Principal User role on this service principal to create a token for it.";
        return Err(ApiError::denied(message));
    }
    if workspace.directory.is_active(service) {
        Ok(())
    } else {
        Err(ApiError::denied(NO_TOKEN_PERMISSION))
    }
}

fn authorise(workspace: &Workspace, caller: &Caller) -> Result<(), ApiError> {
    caller.require_scope("authentication")?;
    if workspace.knobs.tier == Tier::Standard {
        return Err(ApiError::feature_disabled(
            "Token management is not enabled for this feature tier",
        ));
    }
    if !caller.is_admin {
        return Err(super::not_an_admin(
            &workspace.knobs,
            super::requesting_user_is_not_an_admin(caller),
        ));
    }
    Ok(())
}

fn unknown_token(id: &str) -> ApiError {
    ApiError::does_not_exist(format!("Token with ID {id} does not exist"))
}
