//! The workspaces that the console serves: one from flags, or several from a TOML file.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use console::{Auditing, Colour, WorkspaceSettings};
use domain::PrincipalId;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as ValueError;
use workspace_client::oidc::{DEFAULT_READER_SCOPES, DEFAULT_SCOPES, OAuthApp, ServicePrincipalLogin};
use workspace_client::{WorkspaceId, WorkspaceUrl};

use super::{ConfigError, PublicUrl, read_file};

/// The flags for the workspaces.
#[derive(Args)]
#[command(next_help_heading = "Workspaces")]
pub struct WorkspaceArgs {
    /// A single workspace: its name in the console (1 to 40 of the characters a-z, 0-9 and -) and its URL. On a host
    /// that several workspaces share, the URL ends with ?o= and the workspace's ID.
    #[arg(
        long,
        env = "CONSOLE_WORKSPACE",
        value_name = "NAME=URL",
        conflicts_with = "config",
        required_unless_present = "config"
    )]
    pub workspace: Option<NamedUrl>,
    /// The workspace's environment, shown on every page. One that is "prod", or begins with "production" or "prod-", is
    /// shown in red, and disabling tokens there takes the workspace's name.
    #[arg(long, env = "CONSOLE_ENVIRONMENT", value_name = "TEXT", requires = "workspace")]
    pub environment: Option<String>,
    /// The workspace's colour on every page and dialog: red, amber, green, blue, violet or grey. [default: red for
    /// production, otherwise grey]
    #[arg(
        long,
        env = "CONSOLE_COLOUR",
        value_name = "COLOUR",
        requires = "workspace",
        value_parser = parse_colour
    )]
    pub colour: Option<Colour>,
    /// The client ID of an OAuth app with the redirect URL {public-url}/sign-in/callback. Without it, people sign in
    /// with an access token.
    #[arg(long, env = "CONSOLE_OAUTH_CLIENT_ID", value_name = "ID", requires = "workspace")]
    pub oauth_client_id: Option<String>,
    /// A file with the OAuth app's client secret, if it has one.
    #[arg(
        long,
        env = "CONSOLE_OAUTH_CLIENT_SECRET_FILE",
        value_name = "FILE",
        requires = "oauth_client_id"
    )]
    pub oauth_client_secret_file: Option<PathBuf>,
    /// A TOML file with one [[workspace]] table per workspace: name, url, and optionally workspace_id, environment,
    /// colour, production, oauth_client_id, oauth_client_secret_file, oauth_scopes, oauth_issuer_hosts, token_sign_in,
    /// and for auditors auditor_users, auditor_groups, reader_client_id, reader_client_secret_file, reader_scopes.
    #[arg(long, env = "CONSOLE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Disable sign-in with access tokens: only “Sign in with Databricks” remains.
    #[arg(long, env = "CONSOLE_NO_TOKEN_SIGN_IN")]
    pub no_token_sign_in: bool,
}

impl WorkspaceArgs {
    /// The configured workspaces, in order. `public_url` is where OAuth returns to.
    ///
    /// # Errors
    ///
    /// What is wrong with the first invalid workspace, and what to write instead.
    pub fn settings(&self, public_url: &PublicUrl) -> Result<Vec<WorkspaceSettings>, ConfigError> {
        let tables = match (&self.config, &self.workspace) {
            (Some(path), _) => read_tables(path)?,
            (None, Some(named)) => vec![self.table(named)],
            (None, None) => Vec::new(),
        };
        let mut settings: Vec<WorkspaceSettings> = Vec::new();
        for table in tables {
            if settings.iter().any(|s| s.name == table.name) {
                return Err(ConfigError::DuplicateName(table.name));
            }
            settings.push(table.into_settings(public_url, !self.no_token_sign_in)?);
        }
        Ok(settings)
    }

    /// The workspace that is configured by flags, as a table of the configuration file.
    fn table(&self, named: &NamedUrl) -> WorkspaceTable {
        WorkspaceTable {
            name: named.name.clone(),
            url: named.url.clone(),
            environment: self.environment.clone(),
            colour: self.colour,
            oauth_client_id: self.oauth_client_id.clone(),
            oauth_client_secret_file: self.oauth_client_secret_file.clone(),
            ..WorkspaceTable::default()
        }
    }
}

fn parse_colour(name: &str) -> Result<Colour, String> {
    Colour::deserialize(name.into_deserializer()).map_err(|error: ValueError| error.to_string())
}

/// A workspace on the command line: `NAME=URL`. Neither part is checked yet.
#[derive(Clone, Debug)]
pub struct NamedUrl {
    name: String,
    url: String,
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

/// The configuration file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkspacesFile {
    #[serde(default)]
    workspace: Vec<WorkspaceTable>,
}

/// One `[[workspace]]` table of the configuration file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkspaceTable {
    name: String,
    url: String,
    workspace_id: Option<IdText>,
    environment: Option<String>,
    colour: Option<Colour>,
    #[serde(default)]
    production: bool,
    token_sign_in: Option<bool>,
    oauth_client_id: Option<String>,
    oauth_client_secret_file: Option<PathBuf>,
    oauth_scopes: Option<Vec<String>>,
    #[serde(default)]
    oauth_issuer_hosts: Vec<String>,
    #[serde(default)]
    auditor_users: Vec<IdText>,
    #[serde(default)]
    auditor_groups: Vec<IdText>,
    reader_client_id: Option<String>,
    reader_client_secret_file: Option<PathBuf>,
    reader_scopes: Option<Vec<String>>,
}

/// An ID, as the workspace's own pages and APIs show it: as text or as a number.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum IdText {
    Number(i64),
    Text(String),
}

impl IdText {
    fn principal_id(&self, workspace: &str) -> Result<PrincipalId, ConfigError> {
        match self {
            Self::Number(id) => Ok(PrincipalId::new(*id)),
            Self::Text(text) => {
                let id = text.trim().parse().map(PrincipalId::new);
                id.map_err(|_| ConfigError::AuditorId(workspace.to_owned(), text.clone()))
            }
        }
    }
}

fn read_tables(path: &Path) -> Result<Vec<WorkspaceTable>, ConfigError> {
    let file: WorkspacesFile = toml::from_str(&read_file(path)?).map_err(|source| ConfigError::Toml {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    if file.workspace.is_empty() {
        return Err(ConfigError::NoWorkspace(path.to_owned()));
    }
    Ok(file.workspace)
}

impl WorkspaceTable {
    fn into_settings(
        self,
        public_url: &PublicUrl,
        allow_token_sign_in: bool,
    ) -> Result<WorkspaceSettings, ConfigError> {
        let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=40).contains(&self.name.len()) || !self.name.bytes().all(is_allowed) {
            return Err(ConfigError::Name(self.name));
        }
        let url = self.url_with_id()?;
        let auditing = self.auditing()?;
        let secret = self.oauth_client_secret_file.as_deref().map(read_secret).transpose()?;
        let token_sign_in = allow_token_sign_in && self.token_sign_in.unwrap_or(true);
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
            return Err(ConfigError::NoSignInMethod(self.name));
        }
        let mut settings = WorkspaceSettings {
            name: self.name,
            url,
            environment: self.environment,
            colour: Colour::Grey,
            production: self.production,
            oauth,
            token_sign_in,
            auditing,
        };
        let default_colour = match settings.counts_as_production() {
            Some(_) => Colour::Red,
            None => Colour::Grey,
        };
        settings.colour = self.colour.unwrap_or(default_colour);
        Ok(settings)
    }

    /// The URL with the workspace's ID, which either of two keys can contain.
    fn url_with_id(&self) -> Result<WorkspaceUrl, ConfigError> {
        let url = self.url.parse::<WorkspaceUrl>();
        let url = url.map_err(|error| ConfigError::Url(self.name.clone(), error))?;
        let id = match &self.workspace_id {
            None => return Ok(url),
            Some(IdText::Number(id)) => id.to_string(),
            Some(IdText::Text(text)) => text.clone(),
        };
        let id: WorkspaceId = id.parse().map_err(|_| ConfigError::WorkspaceId(self.name.clone()))?;
        match url.workspace_id().is_some_and(|in_url| *in_url != id) {
            true => Err(ConfigError::WorkspaceId(self.name.clone())),
            false => Ok(url.with_workspace_id(id)),
        }
    }

    fn auditing(&self) -> Result<Option<Auditing>, ConfigError> {
        let has_auditors = !self.auditor_users.is_empty() || !self.auditor_groups.is_empty();
        let (client_id, secret_file) = match (&self.reader_client_id, &self.reader_client_secret_file) {
            (None, None) if !has_auditors && self.reader_scopes.is_none() => return Ok(None),
            (Some(client_id), Some(secret_file)) if has_auditors => (client_id, secret_file),
            _ => return Err(ConfigError::IncompleteAuditing(self.name.clone())),
        };
        let principal_ids = |ids: &[IdText]| {
            ids.iter()
                .map(|id| id.principal_id(&self.name))
                .collect::<Result<_, _>>()
        };
        Ok(Some(Auditing {
            users: principal_ids(&self.auditor_users)?,
            groups: principal_ids(&self.auditor_groups)?,
            reader: ServicePrincipalLogin {
                client_id: client_id.clone(),
                client_secret: read_secret(secret_file)?,
                scopes: match &self.reader_scopes {
                    Some(scopes) if scopes.is_empty() => return Err(ConfigError::NoReaderScope(self.name.clone())),
                    Some(scopes) => scopes.clone(),
                    None => DEFAULT_READER_SCOPES.map(str::to_owned).to_vec(),
                },
                issuer_hosts: self.oauth_issuer_hosts.clone(),
            },
        }))
    }
}

/// The text of a file, trimmed because editors end files with a line break.
fn read_secret(path: &Path) -> Result<SecretString, ConfigError> {
    Ok(SecretString::from(read_file(path)?.trim().to_owned()))
}
