//! The workspaces of a configuration: one by flags, or several in a file.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use console::{Auditing, Colour, WorkspaceSettings};
use domain::PrincipalId;
use secrecy::SecretString;
use serde::Deserialize;
use workspace_client::oidc::{DEFAULT_SCOPES, OAuthApp, ServicePrincipalLogin};
use workspace_client::{WorkspaceUrl, WorkspaceUrlError};

use super::PublicUrl;

/// Why the console cannot start with what it was told.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("Cannot read {path} ({source}). Check the path and its permissions.")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no configuration.
    #[error("{path} is not a valid configuration: {source}")]
    Toml {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// No workspace at all.
    #[error("{0} contains no workspace. Add a [[workspace]] table with a name and a url.")]
    NoWorkspace(PathBuf),
    /// A workspace's name breaks the rule.
    #[error("\"{0}\" is not a valid workspace name. Use 1 to 40 of the characters a-z, 0-9 and -.")]
    Name(String),
    /// Two of the same name.
    #[error("Two workspaces are named \"{0}\". Give each its own name.")]
    SameName(String),
    /// An address breaks the rule.
    #[error("The URL of workspace \"{0}\" is not valid. {1}")]
    Url(String, WorkspaceUrlError),
    /// No way in at all.
    #[error(
        "No one can sign in to workspace \"{0}\": token sign-in is disabled and it has no oauth_client_id. Add one, or \
         allow token sign-in."
    )]
    NoWayIn(String),
    /// An auditor who is no number.
    #[error(
        "\"{1}\", an auditor of workspace \"{0}\", is not a SCIM ID: the number that the workspace shows for a user or \
         group."
    )]
    AuditorId(String, String),
    /// Auditors who could not read, or a reader for nobody.
    #[error(
        "Workspace \"{0}\" needs all or none of these: auditor_users or auditor_groups, reader_client_id, and \
         reader_client_secret_file."
    )]
    HalfAuditing(String),
    /// A secret without a client.
    #[error("Workspace \"{0}\" has an OAuth secret but no oauth_client_id. Add it, or remove the secret.")]
    SecretWithoutClient(String),
}

/// `NAME=URL`.
#[derive(Clone, Debug)]
pub struct NamedUrl {
    pub(super) name: String,
    pub(super) url: String,
}

impl FromStr for NamedUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, url) = text
            .split_once('=')
            .ok_or("for example acme=https://dbc-1a2b3c4d-5e6f.cloud.databricks.com")?;
        Ok(Self {
            name: name.trim().to_owned(),
            url: url.trim().to_owned(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkspacesFile {
    #[serde(default)]
    workspace: Vec<WorkspaceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkspaceTable {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) environment: Option<String>,
    pub(super) colour: Option<Colour>,
    pub(super) token_sign_in: Option<bool>,
    pub(super) oauth_client_id: Option<String>,
    pub(super) oauth_client_secret_file: Option<PathBuf>,
    pub(super) oauth_scopes: Option<Vec<String>>,
    #[serde(default)]
    pub(super) oauth_issuer_hosts: Vec<String>,
    /// SCIM ids, as text or as numbers.
    #[serde(default)]
    pub(super) auditor_users: Vec<ScimId>,
    #[serde(default)]
    pub(super) auditor_groups: Vec<ScimId>,
    pub(super) reader_client_id: Option<String>,
    pub(super) reader_client_secret_file: Option<PathBuf>,
}

/// A SCIM id, as the workspace's own pages and interfaces show it.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum ScimId {
    Number(i64),
    Text(String),
}

impl ScimId {
    fn convert(&self, workspace: &str) -> Result<PrincipalId, ConfigError> {
        match self {
            Self::Number(id) => Ok(PrincipalId::new(*id)),
            Self::Text(text) => {
                let id = text.trim().parse().map(PrincipalId::new);
                id.map_err(|_| ConfigError::AuditorId(workspace.to_owned(), text.clone()))
            }
        }
    }
}

pub(super) fn read_file(path: &Path) -> Result<Vec<WorkspaceTable>, ConfigError> {
    let file: WorkspacesFile = toml::from_str(&read(path)?).map_err(|source| ConfigError::Toml {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    if file.workspace.is_empty() {
        return Err(ConfigError::NoWorkspace(path.to_owned()));
    }
    Ok(file.workspace)
}

pub(crate) fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::File {
        path: path.to_owned(),
        source,
    })
}

impl WorkspaceTable {
    pub(super) fn settings(self, public_url: &PublicUrl, tokens: bool) -> Result<WorkspaceSettings, ConfigError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=40).contains(&self.name.len()) || !self.name.bytes().all(allowed) {
            return Err(ConfigError::Name(self.name));
        }
        let url: WorkspaceUrl = self
            .url
            .parse()
            .map_err(|error| ConfigError::Url(self.name.clone(), error))?;
        let auditing = self.auditing()?;
        let secret = self.oauth_client_secret_file.as_deref().map(secret).transpose()?;
        let colour = self.colour.unwrap_or(match self.environment.as_deref() {
            Some("production") => Colour::Red,
            _ => Colour::Grey,
        });
        let token_sign_in = tokens && self.token_sign_in.unwrap_or(true);
        let oauth = match (self.oauth_client_id, secret) {
            (Some(client_id), client_secret) => Some(OAuthApp {
                client_id,
                client_secret,
                redirect_uri: public_url.callback(),
                scopes: self
                    .oauth_scopes
                    .unwrap_or_else(|| DEFAULT_SCOPES.map(str::to_owned).to_vec()),
                issuer_hosts: self.oauth_issuer_hosts,
            }),
            (None, Some(_)) => return Err(ConfigError::SecretWithoutClient(self.name)),
            (None, None) => None,
        };
        if oauth.is_none() && !token_sign_in {
            return Err(ConfigError::NoWayIn(self.name));
        }
        Ok(WorkspaceSettings {
            name: self.name,
            url,
            environment: self.environment,
            colour,
            oauth,
            token_sign_in,
            auditing,
        })
    }

    fn auditing(&self) -> Result<Option<Auditing>, ConfigError> {
        let nobody = self.auditor_users.is_empty() && self.auditor_groups.is_empty();
        let (client_id, path) = match (&self.reader_client_id, &self.reader_client_secret_file) {
            (None, None) if nobody => return Ok(None),
            (Some(client_id), Some(path)) if !nobody => (client_id, path),
            _ => return Err(ConfigError::HalfAuditing(self.name.clone())),
        };
        let ids = |ids: &[ScimId]| ids.iter().map(|id| id.convert(&self.name)).collect::<Result<_, _>>();
        Ok(Some(Auditing {
            users: ids(&self.auditor_users)?,
            groups: ids(&self.auditor_groups)?,
            reader: ServicePrincipalLogin {
                client_id: client_id.clone(),
                client_secret: secret(path)?,
                issuer_hosts: self.oauth_issuer_hosts.clone(),
            },
        }))
    }
}

/// What a file holds, without the line break at its end.
fn secret(path: &Path) -> Result<SecretString, ConfigError> {
    Ok(SecretString::from(read(path)?.trim().to_owned()))
}
