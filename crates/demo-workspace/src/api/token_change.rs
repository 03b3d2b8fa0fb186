//! Creating and changing tokens, for admins and owners.

use axum::http::StatusCode;
use serde::Deserialize;

use super::error::ApiError;
use crate::clock::DAY_MS;
use crate::config::Knobs;
use crate::seed::token_value;
use crate::workspace::directory::PrincipalId;
use crate::workspace::tokens::{Autoscope, NEVER, Token, hash, hex};
use crate::workspace::{LifetimeError, Workspace};

/// The fields of a request to create a token.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct CreateTokenBody {
    pub(crate) lifetime_seconds: Option<i64>,
    pub(crate) comment: Option<String>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) autoscope_enabled: Option<bool>,
}

/// Body of both PATCH calls. The mask is one string of paths, separated by commas.
#[derive(Debug, Deserialize)]
pub(crate) struct TokenUpdate {
    #[serde(default)]
    token: ChangedFields,
    #[serde(default)]
    update_mask: String,
}

#[derive(Debug, Default, Deserialize)]
struct ChangedFields {
    comment: Option<String>,
    scopes: Option<Vec<String>>,
}

/// A token that was just created.
pub(crate) struct Created {
    /// Its value, which is not stored.
    pub(crate) value: String,
    /// The token as in the response.
    pub(crate) shown: Token,
}

/// Creates a token for `owner`.
pub(crate) fn create(
    workspace: &mut Workspace,
    new: CreateTokenBody,
    owner: PrincipalId,
    creator: PrincipalId,
    now_ms: i64,
) -> Result<Created, ApiError> {
    let lifetime_ms = workspace
        .lifetime_ms(new.lifetime_seconds, now_ms)
        .map_err(lifetime_error)?;
    ensure_below_quota(workspace, owner, now_ms)?;
    let is_default = workspace.knobs.autoscope_default;
    let mut requested = new.scopes.filter(|scopes| !scopes.is_empty());
    requested.iter_mut().for_each(|scopes| scopes.sort_unstable());
    let (scopes, autoscope) = scopes_of_new(requested.clone(), new.autoscope_enabled, lifetime_ms, is_default);
    let value = token_value(workspace.knobs.cloud, &mut rand::rng());
    let value_hash = hash(&value);
    let token = Token {
        id: hex(&value_hash),
        value: value_hash,
        comment: new.comment,
        creation_time: now_ms,
        expiry_time: Some(lifetime_ms.map_or(NEVER, |lifetime| now_ms.saturating_add(lifetime))),
        created_by: creator,
        created_by_username: workspace.directory.user_name(creator).unwrap_or_default().to_owned(),
        owner,
        workspace_id: Some(workspace.id),
        last_used_day: None,
        scopes,
        former_scopes: None,
        autoscope,
        inferred_scopes: Vec::new(),
        backfill_scopes: Vec::new(),
    };
    workspace.tokens.insert(token.clone());
    // The sample at <https://docs.databricks.com/aws/en/dev-tools/auth/pat> shows the requested scopes, even for an
    // observed token.
    let scopes = requested.or(token.scopes.clone());
    let shown = Token { scopes, ..token };
    Ok(Created { value, shown })
}

/// The scopes and the state of a new token. Texts about release notes say what the platform decides for a token of 30
/// days or more (`is_default`). That tokens without auto-scoping have these two states is our assumption.
fn scopes_of_new(
    chosen: Option<Vec<String>>,
    autoscope_enabled: Option<bool>,
    lifetime_ms: Option<i64>,
    is_default: bool,
) -> (Option<Vec<String>>, Option<Autoscope>) {
    let is_long = lifetime_ms.is_none_or(|lifetime| lifetime >= 30 * DAY_MS);
    match (autoscope_enabled, chosen) {
        // The token is observed first, and has all scopes until the observation ends
        // (<https://docs.databricks.com/aws/en/dev-tools/auth/pat>).
        (Some(true), _) => (Some(vec!["all-apis".to_owned()]), Some(Autoscope::Running)),
        (None, None) if is_long && is_default => (Some(vec!["all-apis".to_owned()]), Some(Autoscope::Running)),
        (_, Some(scopes)) => (Some(scopes), Some(Autoscope::UserSelected)),
        (Some(false), None) => (None, Some(Autoscope::Disabled)),
        (None, None) => (None, None),
    }
}

fn lifetime_error(error: LifetimeError) -> ApiError {
    ApiError::invalid_parameter(match error {
        // <https://github.com/databricks/terraform-provider-databricks/issues/494>
        LifetimeError::NotPositive(seconds) => {
            format!("requirement failed: Invalid timeout: {seconds}")
        }
        LifetimeError::AboveMaximum(days) => {
            format!("Token lifetime must be less than or equal to the workspace max of {days} days")
        }
    })
}

/// Only active tokens count. <https://github.com/MicrosoftDocs/azure-docs/issues/49567>
fn ensure_below_quota(workspace: &Workspace, owner: PrincipalId, now_ms: i64) -> Result<(), ApiError> {
    let Knobs { quota, .. } = workspace.knobs;
    let active = workspace
        .tokens
        .iter()
        .filter(|token| token.owner == owner && !token.is_expired(now_ms))
        .count();
    if active >= quota as usize {
        let message = format!("The quota of {quota} tokens has been reached.");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "QUOTA_EXCEEDED", message));
    }
    Ok(())
}

/// When a change of scopes takes effect for calls.
pub(crate) fn scopes_from_ms(knobs: &Knobs, now_ms: i64) -> i64 {
    now_ms.saturating_add(i64::from(knobs.scope_lag_s) * 1000)
}

impl TokenUpdate {
    /// Changes the fields in the mask. Only comment and scopes can be changed; that other paths are errors is our
    /// assumption. Calls have the former scopes until `scopes_from_ms`.
    pub(crate) fn apply(self, token: &mut Token, scopes_from_ms: i64) -> Result<(), ApiError> {
        let paths: Vec<&str> = self.update_mask.split(',').filter(|path| !path.is_empty()).collect();
        if paths.is_empty() {
            return Err(ApiError::invalid_parameter("update_mask must name at least one field"));
        }
        if let Some(path) = paths.iter().find(|path| !["comment", "scopes", "*"].contains(path)) {
            return Err(ApiError::invalid_parameter(format!(
                "Field '{path}' of update_mask cannot be updated"
            )));
        }
        let names = |field| paths.contains(&field) || paths.contains(&"*");
        if names("comment") {
            token.comment = self.token.comment;
        }
        if names("scopes") {
            token.autoscope = self.token.scopes.is_some().then_some(Autoscope::UserSelected);
            let former = std::mem::replace(&mut token.scopes, self.token.scopes);
            token.former_scopes = Some((former, scopes_from_ms));
        }
        Ok(())
    }
}

/// For an unknown token, both PATCH calls return `NOT_FOUND`; GET and DELETE return `RESOURCE_DOES_NOT_EXIST`.
pub(crate) fn nothing_to_update(id: &str) -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        format!("Token with ID {id} does not exist"),
    )
}
