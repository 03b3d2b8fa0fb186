//! Changes of the workspace by another admin or the platform, which the console does not know about.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::{DAY_MS, day_of};
use crate::config::Knobs;
use crate::seed::token_value;
use crate::workspace::Workspace;
use crate::workspace::directory::PrincipalId;
use crate::workspace::tokens::{Autoscope, NEVER, Token, hash, hex};
use crate::workspace::workspace_conf::Staleness;

/// One change. Users and service principals are identified by `userName`: e-mail address or application ID.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// Revokes a token.
    RevokeToken {
        /// The token's ID.
        token_id: String,
    },
    /// Sets a token's comment.
    SetComment {
        /// The token's ID.
        token_id: String,
        /// The comment.
        comment: String,
    },
    /// Sets a token's scopes.
    SetScopes {
        /// The token's ID.
        token_id: String,
        /// The scopes; `None` means all.
        scopes: Option<Vec<String>>,
    },
    /// Sets what the platform knows about a token's use of scopes.
    SetScopeUse {
        /// The token's ID.
        token_id: String,
        /// Its `autoscope_state`, such as `AUTOSCOPE_STATE_RUNNING`; `None` means that it has none.
        autoscope: Option<String>,
        /// Its `inferred_scopes`.
        inferred_scopes: Vec<String>,
        /// Its `backfill_scopes`.
        backfill_scopes: Vec<String>,
    },
    /// Creates a token.
    CreateToken(NewToken),
    /// Removes all tokens, including those of the demo credentials.
    RemoveAllTokens,
    /// Sets workspace-conf keys immediately and without validation.
    SetConf {
        /// The value of each key; `None` unsets the key.
        values: BTreeMap<String, Option<String>>,
    },
    /// Grants CAN_USE to these principals and to no others. `admins` keeps CAN_MANAGE.
    SetGrants {
        /// E-mail addresses, application IDs and group names.
        can_use: Vec<String>,
    },
    /// Deactivates a user or service principal.
    Deactivate {
        /// E-mail address or application ID.
        user_name: String,
    },
    /// Activates a user or service principal again.
    Activate {
        /// E-mail address or application ID.
        user_name: String,
    },
    /// Deletes a user or service principal. Its tokens stay, with an unknown owner.
    DeletePrincipal {
        /// E-mail address or application ID.
        user_name: String,
    },
    /// Makes a user or service principal a workspace admin.
    MakeAdmin {
        /// E-mail address or application ID.
        user_name: String,
    },
    /// Removes a user or service principal from `admins`, and from the groups through which it is an admin.
    RemoveAdmin {
        /// E-mail address or application ID.
        user_name: String,
    },
    /// Changes the setting "Restrict Workspace Admins".
    RestrictAdmins {
        /// Whether admins need a role to create tokens for a service principal.
        restricted: bool,
    },
    /// Changes some of the knobs, for example `{"tier": "standard"}`.
    SetKnobs {
        /// Fields and their new values.
        knobs: serde_json::Map<String, Value>,
    },
}

/// A token to create, with the given age and last use. No policy applies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewToken {
    /// `userName` of the owner.
    pub owner: String,
    /// `userName` of the creator. `None` means the owner.
    pub creator: Option<String>,
    /// The comment. With `None`, the record has no comment.
    pub comment: Option<String>,
    /// Days since its creation.
    pub created_days_ago: u32,
    /// Days from its creation until it expires. With `None`, it never expires.
    pub lifetime_days: Option<u32>,
    /// Days since its last use. With `None`, it was never used.
    pub used_days_ago: Option<u32>,
    /// `None` means all scopes.
    pub scopes: Option<Vec<String>>,
    /// The state of the detection of its scopes.
    pub autoscope: Option<Autoscope>,
    /// The scopes that the platform saw it use.
    pub inferred_scopes: Vec<String>,
    /// The scopes that the platform computed from past use.
    pub backfill_scopes: Vec<String>,
}

/// The result of a change.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ChangeOutcome {
    /// The change was made; it has no further result.
    Done {},
    /// A token was created.
    Created {
        /// Its ID.
        token_id: String,
        /// Its value, which is not stored anywhere.
        token_value: String,
    },
}

impl fmt::Debug for ChangeOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done {} => f.write_str("Done"),
            Self::Created { token_id, .. } => f
                .debug_struct("Created")
                .field("token_id", token_id)
                .finish_non_exhaustive(),
        }
    }
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeError {
    /// No token has this ID.
    UnknownToken(String),
    /// No user, service principal or group has this name.
    UnknownPrincipal(String),
    /// The platform has no such state.
    UnknownState(String),
    /// A knob does not exist, or the value is not valid for it. Contains the reason.
    Knobs(String),
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownToken(id) => write!(f, "no token has the ID {id}"),
            Self::UnknownPrincipal(name) => write!(f, "no user, service principal or group is named {name}"),
            Self::UnknownState(state) => write!(f, "the platform has no state {state}"),
            Self::Knobs(reason) => write!(f, "the knobs were not changed: {reason}"),
        }
    }
}

impl std::error::Error for ChangeError {}

/// Makes the change.
///
/// # Errors
/// If the change names a token, a principal or a knob that does not exist.
pub(crate) fn apply(workspace: &mut Workspace, change: Change, now_ms: i64) -> Result<ChangeOutcome, ChangeError> {
    match change {
        Change::RevokeToken { token_id } => {
            workspace
                .tokens
                .remove(&token_id)
                .ok_or(ChangeError::UnknownToken(token_id))?;
        }
        Change::SetComment { token_id, comment } => token(workspace, token_id)?.comment = Some(comment),
        Change::SetScopes { token_id, scopes } => token(workspace, token_id)?.scopes = scopes,
        Change::SetScopeUse {
            token_id,
            autoscope,
            inferred_scopes,
            backfill_scopes,
        } => {
            let state = |text: String| {
                let state = serde_json::from_value(Value::from(text.as_str()));
                state.map_err(|_| ChangeError::UnknownState(text))
            };
            let autoscope = autoscope.map(state).transpose()?;
            let token = token(workspace, token_id)?;
            token.autoscope = autoscope;
            token.inferred_scopes = inferred_scopes;
            token.backfill_scopes = backfill_scopes;
        }
        Change::CreateToken(new) => return create_token(workspace, new, now_ms),
        Change::RemoveAllTokens => workspace.tokens.remove_where(|_| true),
        Change::SetConf { values } => set_conf(workspace, values, now_ms),
        Change::SetGrants { can_use } => {
            let principals = can_use.into_iter().map(|name| any_principal(workspace, name));
            let grantees = principals.collect::<Result<Vec<_>, _>>()?;
            workspace.change_access(|workspace| workspace.grants.replace(grantees));
        }
        Change::Deactivate { user_name } => set_active(workspace, user_name, false)?,
        Change::Activate { user_name } => set_active(workspace, user_name, true)?,
        Change::DeletePrincipal { user_name } => {
            let id = principal(workspace, user_name)?;
            workspace.directory.remove(id);
            workspace.grants.remove(id);
        }
        Change::MakeAdmin { user_name } => {
            let id = principal(workspace, user_name)?;
            workspace.directory.add_member(workspace.directory.admins, id);
        }
        Change::RemoveAdmin { user_name } => {
            let id = principal(workspace, user_name)?;
            workspace.change_access(|workspace| remove_admin(workspace, id));
        }
        Change::RestrictAdmins { restricted } => {
            workspace.restrict_admins.restricted = restricted;
            workspace.restrict_admins.version += 1;
        }
        Change::SetKnobs { knobs } => workspace.knobs = with_changes(&workspace.knobs, knobs)?,
    }
    Ok(ChangeOutcome::Done {})
}

fn create_token(workspace: &mut Workspace, new: NewToken, now_ms: i64) -> Result<ChangeOutcome, ChangeError> {
    let owner = principal(workspace, new.owner)?;
    let created_by = new.creator.map_or(Ok(owner), |creator| principal(workspace, creator))?;
    let token_value = token_value(workspace.knobs.cloud, &mut rand::rng());
    let token_id = hex(&hash(&token_value));
    let creation_time = now_ms - i64::from(new.created_days_ago) * DAY_MS;
    workspace.tokens.insert(Token {
        id: token_id.clone(),
        value: hash(&token_value),
        comment: new.comment,
        creation_time,
        expiry_time: Some(
            new.lifetime_days
                .map_or(NEVER, |days| creation_time + i64::from(days) * DAY_MS),
        ),
        created_by,
        created_by_username: workspace.directory.user_name(created_by).unwrap_or_default().to_owned(),
        owner,
        workspace_id: Some(workspace.id),
        last_used_day: new.used_days_ago.map(|days| day_of(now_ms - i64::from(days) * DAY_MS)),
        scopes: new.scopes,
        former_scopes: None,
        autoscope: new.autoscope,
        inferred_scopes: new.inferred_scopes,
        backfill_scopes: new.backfill_scopes,
    });
    Ok(ChangeOutcome::Created { token_id, token_value })
}

fn set_conf(workspace: &mut Workspace, values: BTreeMap<String, Option<String>>, now_ms: i64) {
    let (set, unset): (Vec<_>, Vec<_>) = values.into_iter().partition(|(_, value)| value.is_some());
    let set = set.into_iter().filter_map(|(key, value)| Some((key, value?)));
    workspace.conf.set(set, Staleness { reads: 0, until_ms: 0 }, now_ms);
    for (key, _) in unset {
        workspace.conf.unset(&key);
    }
}

fn set_active(workspace: &mut Workspace, user_name: String, active: bool) -> Result<(), ChangeError> {
    let id = principal(workspace, user_name)?;
    if let Some(user) = workspace.directory.users.get_mut(&id) {
        user.active = active;
    }
    if let Some(service) = workspace.directory.service_principals.get_mut(&id) {
        service.active = active;
    }
    Ok(())
}

fn remove_admin(workspace: &mut Workspace, id: PrincipalId) {
    let directory = &mut workspace.directory;
    for group in directory.direct_groups_of(id) {
        if group == directory.admins || directory.is_admin(group) {
            directory.remove_member(group, id);
        }
    }
}

fn token(workspace: &mut Workspace, token_id: String) -> Result<&mut Token, ChangeError> {
    let found = workspace.tokens.get_mut(&token_id);
    found.ok_or(ChangeError::UnknownToken(token_id))
}

fn principal(workspace: &Workspace, user_name: String) -> Result<PrincipalId, ChangeError> {
    let found = workspace.directory.principal_by_user_name(&user_name);
    found.ok_or(ChangeError::UnknownPrincipal(user_name))
}

fn any_principal(workspace: &Workspace, name: String) -> Result<PrincipalId, ChangeError> {
    let group = workspace.directory.group_by_name(&name);
    group.map_or_else(|| principal(workspace, name), Ok)
}

/// The knobs, with `changes` applied.
fn with_changes(knobs: &Knobs, changes: serde_json::Map<String, Value>) -> Result<Knobs, ChangeError> {
    let invalid = |error: serde_json::Error| ChangeError::Knobs(error.to_string());
    let mut fields: serde_json::Map<String, Value> =
        serde_json::from_value(serde_json::to_value(knobs).map_err(invalid)?).map_err(invalid)?;
    fields.extend(changes);
    serde_json::from_value(Value::Object(fields)).map_err(invalid)
}
