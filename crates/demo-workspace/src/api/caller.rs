//! Authentication: every API handler has a [`Caller`] parameter, so that it rejects requests without a valid
//! credential.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::error::ApiError;
use super::scope_uses::ScopeUses;
use crate::app::App;
use crate::clock::day_of;
use crate::config::Cloud;
use crate::traffic::request_log::{AuthKind, CallerSlot};
use crate::workspace::Workspace;
use crate::workspace::directory::PrincipalId;
use crate::workspace::tokens::Autoscope;

/// The scope that includes all others.
const ALL_APIS: &str = "all-apis";

/// Azure rejects an OAuth token this long before it expires.
/// <https://github.com/databricks/databricks-vscode/issues/583>
const AZURE_MARGIN_MS: i64 = 30_000;

/// The authenticated principal that sent a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) id: PrincipalId,
    pub(crate) user_name: String,
    pub(crate) is_admin: bool,
    kind: AuthKind,
    /// `None` means all scopes.
    scopes: Option<Vec<String>>,
    /// The ID of a token whose use of scopes the platform observes, and where uses are recorded.
    observed: Option<(String, ScopeUses)>,
}

impl Caller {
    /// Rejects a credential without `scope`, and records the use if the token is observed.
    pub(crate) fn require_scope(&self, scope: &'static str) -> Result<(), ApiError> {
        let contains_scope =
            |scopes: &Vec<String>| scopes.iter().any(|granted| granted == scope || granted == ALL_APIS);
        if self.scopes.as_ref().is_none_or(contains_scope) {
            if let Some((token, uses)) = &self.observed {
                uses.add(token, scope);
            }
            return Ok(());
        }
        Err(missing_scope(self.kind, scope))
    }
}

/// The error for a credential without a scope, from public reports. Its code is a number.
pub(crate) fn missing_scope(kind: AuthKind, scope: &str) -> ApiError {
    let credential = match kind {
        AuthKind::Pat => "access token",
        AuthKind::OAuth => "OAuth token",
    };
    let message = format!("Provided {credential} does not have required scopes: {scope}");
    ApiError::gateway(StatusCode::FORBIDDEN, message)
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

/// The credential of a bearer header. The scheme is case-insensitive.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, credential) = header.split_once(' ')?;
    let credential = credential.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !credential.is_empty()).then_some(credential)
}

fn authenticate(app: &App, credential: &str) -> Result<Caller, ApiError> {
    if credential.starts_with("dapi") {
        authenticate_pat(app, credential)
    } else if credential.starts_with("eyJ") {
        authenticate_oauth(&app.workspace(), credential, app.clock.now_ms())
    } else {
        Err(ApiError::no_credential())
    }
}

fn authenticate_pat(app: &App, value: &str) -> Result<Caller, ApiError> {
    let now_ms = app.clock.now_ms();
    let workspace = app.workspace();
    let token = workspace
        .tokens
        .by_value(value)
        .ok_or_else(ApiError::invalid_access_token)?;
    // The error texts for disabled tokens and deactivated owners are not in public sources.
    let is_rejected = token.is_expired(now_ms)
        || !workspace.conf.tokens_enabled(now_ms)
        || !workspace.directory.is_active(token.owner);
    if is_rejected {
        return Err(ApiError::invalid_access_token());
    }
    if !workspace.can_use_tokens(token.owner) {
        return Err(ApiError::gateway(StatusCode::FORBIDDEN, NO_TOKEN_PERMISSION));
    }
    let scopes = token.scopes_in_effect(now_ms).cloned();
    let mut caller = new_caller(&workspace, token.owner, AuthKind::Pat, scopes);
    let is_first_use_today = token.last_used_day != Some(day_of(now_ms));
    let id = token.id.clone();
    let is_observed = token.autoscope == Some(Autoscope::Running);
    caller.observed = is_observed.then(|| (id.clone(), app.scope_uses.clone()));
    drop(workspace);
    if is_first_use_today {
        app.workspace_mut().tokens.record_use(&id, now_ms);
    }
    Ok(caller)
}

/// The error message for a principal without CAN_USE.
/// <https://github.com/databricks/terraform-databricks-examples/issues/196>
pub(crate) const NO_TOKEN_PERMISSION: &str = "User does not have permission to use tokens.";

fn authenticate_oauth(workspace: &Workspace, value: &str, now_ms: i64) -> Result<Caller, ApiError> {
    let invalid = || ApiError::gateway(StatusCode::UNAUTHORIZED, "Invalid Token");
    let access = workspace.oauth.access_token(value).ok_or_else(invalid)?;
    let left_ms = access.expires_ms - now_ms;
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
    Ok(new_caller(
        workspace,
        principal,
        AuthKind::OAuth,
        Some(access.consent.scopes.clone()),
    ))
}

fn new_caller(workspace: &Workspace, id: PrincipalId, kind: AuthKind, scopes: Option<Vec<String>>) -> Caller {
    Caller {
        id,
        user_name: workspace.directory.user_name(id).unwrap_or_default().to_owned(),
        is_admin: workspace.directory.is_admin(id),
        kind,
        scopes,
        observed: None,
    }
}
