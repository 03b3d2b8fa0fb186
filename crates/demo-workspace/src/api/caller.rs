//! Who calls: every API handler takes a [`Caller`], and by that refuses whoever has no valid credential.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::error::ApiError;
use crate::app::App;
use crate::clock::day_of;
use crate::config::Cloud;
use crate::traffic::request_log::{AuthKind, CallerSlot};
use crate::workspace::Workspace;
use crate::workspace::directory::PrincipalId;

/// Scope that stands for all others.
const ALL_APIS: &str = "all-apis";

/// Azure refuses an OAuth token this long before it ends.
/// <https://github.com/databricks/databricks-vscode/issues/583>
const AZURE_MARGIN_MS: i64 = 30_000;

/// The principal behind a request, authenticated.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) id: PrincipalId,
    pub(crate) user_name: String,
    pub(crate) is_admin: bool,
    kind: AuthKind,
    /// Absent means all.
    scopes: Option<Vec<String>>,
}

impl Caller {
    /// Refuses a credential that was not given `scope`.
    /// The wording is not recorded in public sources, only that it names the scope.
    pub(crate) fn require_scope(&self, scope: &str) -> Result<(), ApiError> {
        let held = |scopes: &Vec<String>| scopes.iter().any(|held| held == scope || held == ALL_APIS);
        if self.scopes.as_ref().is_none_or(held) {
            return Ok(());
        }
        Err(missing_scope(self.kind, scope))
    }
}

pub(crate) fn missing_scope(kind: AuthKind, scope: &str) -> ApiError {
    let credential = match kind {
        AuthKind::Pat => "personal access token",
        AuthKind::OAuth => "OAuth token",
    };
    ApiError::denied(format!("Provided {credential} does not have required scopes: {scope}"))
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let credential = header.and_then(bearer).ok_or_else(ApiError::no_credential)?;
        let caller = authenticate(app, credential)?;
        if let Some(slot) = parts.extensions.get::<CallerSlot>() {
            slot.fill(&caller.user_name, caller.kind);
        }
        Ok(caller)
    }
}

/// The credential of a bearer header; the scheme's case does not matter.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, credential) = header.split_once(' ')?;
    let credential = credential.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !credential.is_empty()).then_some(credential)
}

fn authenticate(app: &App, credential: &str) -> Result<Caller, ApiError> {
    if credential.starts_with("dapi") {
        by_token(app, credential)
    } else if credential.starts_with("eyJ") {
        by_access_token(&app.workspace(), credential, app.clock.now_ms())
    } else {
        Err(ApiError::no_credential())
    }
}

fn by_token(app: &App, value: &str) -> Result<Caller, ApiError> {
    let now_ms = app.clock.now_ms();
    let workspace = app.workspace();
    let token = workspace
        .tokens
        .by_value(value)
        .ok_or_else(ApiError::invalid_access_token)?;
    // No public source has the text for a token of a workspace where tokens are off, or of a deactivated owner.
    let refused = token.is_expired(now_ms)
        || !workspace.conf.tokens_enabled(now_ms)
        || !workspace.directory.is_active(token.owner);
    if refused {
        return Err(ApiError::invalid_access_token());
    }
    if !workspace.may_use_tokens(token.owner) {
        return Err(ApiError::gateway(StatusCode::FORBIDDEN, NO_TOKEN_PERMISSION));
    }
    let caller = caller(&workspace, token.owner, AuthKind::Pat, token.scopes.clone());
    let first_use_of_day = token.last_used_day != Some(day_of(now_ms));
    let id = token.id.clone();
    drop(workspace);
    if first_use_of_day {
        app.workspace_mut().tokens.record_use(&id, now_ms);
    }
    Ok(caller)
}

/// What a principal without CAN_USE reads.
/// <https://github.com/databricks/terraform-databricks-examples/issues/196>
pub(crate) const NO_TOKEN_PERMISSION: &str = "User does not have permission to use tokens.";

fn by_access_token(workspace: &Workspace, value: &str, now_ms: i64) -> Result<Caller, ApiError> {
    let invalid = || ApiError::gateway(StatusCode::UNAUTHORIZED, "Invalid Token");
    let access = workspace.oauth.access_token(value).ok_or_else(invalid)?;
    let left_ms = access.ends_ms - now_ms;
    if workspace.knobs.cloud == Cloud::Azure && left_ms <= AZURE_MARGIN_MS {
        let message = "Token is expiring within 30 seconds. (token expired)";
        return Err(ApiError::gateway(StatusCode::FORBIDDEN, message));
    }
    if left_ms <= 0 {
        return Err(invalid());
    }
    let principal = access.consent.principal;
    if !workspace.directory.is_active(principal) {
        return Err(ApiError::gateway(StatusCode::FORBIDDEN, "User not authorized."));
    }
    Ok(caller(
        workspace,
        principal,
        AuthKind::OAuth,
        Some(access.consent.scopes.clone()),
    ))
}

fn caller(workspace: &Workspace, id: PrincipalId, kind: AuthKind, scopes: Option<Vec<String>>) -> Caller {
    Caller {
        id,
        user_name: workspace.directory.user_name(id).unwrap_or_default().to_owned(),
        is_admin: workspace.directory.is_admin(id),
        kind,
        scopes,
    }
}
