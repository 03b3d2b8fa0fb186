//! Changes behind the back of whoever uses the workspace, as another admin or the platform would make them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::{DAY_MS, day_of};
use crate::config::Knobs;
use crate::seed::token_value;
use crate::workspace::Workspace;
use crate::workspace::directory::PrincipalId;
use crate::workspace::tokens::{NEVER, Token, hash, hex};
use crate::workspace::workspace_conf::Staleness;

/// One change. People and service principals are named by `userName`: e-mail address or application id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// A token is gone.
    RevokeToken {
        /// The token's id.
        token_id: String,
    },
    /// A token appears.
    CreateToken(NewToken),
    /// Every token is gone, those of the demo credentials included.
    RemoveAllTokens,
    /// Workspace-conf keys are set, unchecked and at once; null makes a key unset again.
    SetConf {
        /// By key.
        values: BTreeMap<String, Option<String>>,
    },
    /// Exactly these hold CAN_USE; `admins` keeps CAN_MANAGE.
    SetGrants {
        /// E-mail addresses, application ids and group names.
        can_use: Vec<String>,
    },
    /// A person or service principal is deactivated.
    Deactivate {
        /// Whom.
        user_name: String,
    },
    /// And active again.
    Activate {
        /// Whom.
        user_name: String,
    },
    /// A person or service principal is deleted; the tokens stay, with an owner that nobody knows.
    DeletePrincipal {
        /// Whom.
        user_name: String,
    },
    /// Somebody becomes a workspace admin.
    MakeAdmin {
        /// Who.
        user_name: String,
    },
    /// Somebody is no admin any more, neither directly nor through a group.
    RemoveAdmin {
        /// Who.
        user_name: String,
    },
    /// The setting "Restrict Workspace Admins".
    RestrictAdmins {
        /// Whether admins need a role to create tokens for a service principal.
        restricted: bool,
    },
    /// Some knobs are turned: any of their fields, such as `{"tier": "standard"}`.
    SetKnobs {
        /// Fields and their new values.
        knobs: serde_json::Map<String, Value>,
    },
}

/// A token that appears, as old and as used as it is told to be. No policy applies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewToken {
    /// `userName` of the owner.
    pub owner: String,
    /// `userName` of the creator; the owner when absent.
    pub creator: Option<String>,
    /// Absent in the record when absent here.
    pub comment: Option<String>,
    /// Days since its creation.
    pub created_days_ago: u32,
    /// Days from its creation to its end; never when absent.
    pub lifetime_days: Option<u32>,
    /// Days since its last use; never used when absent.
    pub used_days_ago: Option<u32>,
    /// Absent means all.
    pub scopes: Option<Vec<String>>,
}

/// What came of a change.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ChangeOutcome {
    /// Nothing more to say.
    Done {},
    /// A token was created.
    Created {
        /// Its id.
        token_id: String,
        /// Its value, told nowhere else.
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
    /// No token has this id.
    UnknownToken(String),
    /// No user, service principal or group has this name.
    UnknownPrincipal(String),
    /// A knob does not exist or does not take the value.
    Knobs(String),
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownToken(id) => write!(f, "there is no token with id {id}"),
            Self::UnknownPrincipal(name) => write!(f, "there is no user, service principal or group named {name}"),
            Self::Knobs(reason) => write!(f, "the knobs were not changed: {reason}"),
        }
    }
}

impl std::error::Error for ChangeError {}

pub(crate) fn apply(workspace: &mut Workspace, change: Change, now_ms: i64) -> Result<ChangeOutcome, ChangeError> {
    match change {
        Change::RevokeToken { token_id } => {
            workspace
                .tokens
                .remove(&token_id)
                .ok_or(ChangeError::UnknownToken(token_id))?;
        }
        Change::CreateToken(new) => return create_token(workspace, new, now_ms),
        Change::RemoveAllTokens => workspace.tokens.remove_where(|_| true),
        Change::SetConf { values } => set_conf(workspace, values, now_ms),
        Change::SetGrants { can_use } => {
            let named = can_use.into_iter().map(|name| any_principal(workspace, name));
            let grantees = named.collect::<Result<Vec<_>, _>>()?;
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
        autoscope: None,
        inferred_scopes: Vec::new(),
        backfill_scopes: Vec::new(),
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

fn principal(workspace: &Workspace, user_name: String) -> Result<PrincipalId, ChangeError> {
    let found = workspace.directory.principal_by_user_name(&user_name);
    found.ok_or(ChangeError::UnknownPrincipal(user_name))
}

fn any_principal(workspace: &Workspace, name: String) -> Result<PrincipalId, ChangeError> {
    let group = workspace.directory.group_by_name(&name);
    group.map_or_else(|| principal(workspace, name), Ok)
}

/// The knobs with some of them turned.
fn with_changes(knobs: &Knobs, changes: serde_json::Map<String, Value>) -> Result<Knobs, ChangeError> {
    let unusable = |error: serde_json::Error| ChangeError::Knobs(error.to_string());
    let mut fields: serde_json::Map<String, Value> =
        serde_json::from_value(serde_json::to_value(knobs).map_err(unusable)?).map_err(unusable)?;
    fields.extend(changes);
    serde_json::from_value(Value::Object(fields)).map_err(unusable)
}
