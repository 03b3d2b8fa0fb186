//! What the console is told at its start: flags, each also an environment variable, and for several workspaces a file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use console::{SignInLimits, WorkspaceSettings};
use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};
use workspace_client::oidc::{DEFAULT_SCOPES, OAuthApp};
use workspace_client::{WorkspaceUrl, WorkspaceUrlError};

/// A console for the personal access tokens of Databricks workspaces: see them, revoke them, switch them off and on,
/// and limit how long new ones live. People sign in with their own workspace account.
#[derive(Parser)]
#[command(name = "pat-console", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Subcommand)]
pub enum Command {
    /// Serve the console.
    ///
    /// For one workspace:
    ///   pat-console serve --workspace acme=https://dbc-1a2b3c4d-5e6f.cloud.databricks.com
    ///
    /// For several: pat-console serve --config console.toml, with a table for each:
    ///   [[workspace]]
    ///   name = "acme-prod"
    ///   url = "https://dbc-1a2b3c4d-5e6f.cloud.databricks.com"
    ///   environment = "production"
    ///   oauth_client_id = "…"
    #[command(verbatim_doc_comment)]
    Serve(Box<ServeArgs>),
    /// Check that the record of what was done is what was written: each row follows from the one before by a hash. Names
    /// the first that does not.
    VerifyActivity(VerifyArgs),
}

/// The flags of `verify-activity`.
#[derive(Args)]
pub struct VerifyArgs {
    /// Where the database is kept.
    #[arg(long, env = "CONSOLE_DATA_DIR", value_name = "DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// A hash from the console's log (head=…): the row with it must still be there.
    #[arg(long, value_name = "HASH")]
    pub head: Option<String>,
}

/// The flags of `serve`.
#[derive(Args)]
pub struct ServeArgs {
    /// Address and port to listen on.
    #[arg(long, env = "CONSOLE_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// The address that people open: https://…, or http:// on this machine only. Everything else is refused or
    /// redirected. [default: http://127.0.0.1 with the port listened on]
    #[arg(long, env = "CONSOLE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,
    /// Where the database and, unless given, the sealing key are kept.
    #[arg(long, env = "CONSOLE_DATA_DIR", value_name = "DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// The one workspace: its name on the console ([a-z0-9-], at most 40) and its address.
    #[arg(
        long,
        env = "CONSOLE_WORKSPACE",
        value_name = "NAME=URL",
        conflicts_with = "config",
        required_unless_present = "config"
    )]
    pub workspace: Option<NamedUrl>,
    /// What the workspace is for, shown on every page; "production" is shown in red.
    #[arg(long, env = "CONSOLE_ENVIRONMENT", value_name = "TEXT", requires = "workspace")]
    pub environment: Option<String>,
    /// The client id of an OAuth app with the redirect URL {public-url}/sign-in/callback. Without it people sign in by
    /// pasting an access token.
    #[arg(long, env = "CONSOLE_OAUTH_CLIENT_ID", value_name = "ID", requires = "workspace")]
    pub oauth_client_id: Option<String>,
    /// A file with the OAuth app's secret, where it has one.
    #[arg(
        long,
        env = "CONSOLE_OAUTH_CLIENT_SECRET_FILE",
        value_name = "FILE",
        requires = "oauth_client_id"
    )]
    pub oauth_client_secret_file: Option<PathBuf>,
    /// A TOML file with a [[workspace]] table for each of several workspaces: name, url, and optionally environment,
    /// oauth_client_id, oauth_client_secret_file, oauth_scopes, oauth_issuer_hosts.
    #[arg(long, env = "CONSOLE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A file with the key that credentials are sealed with: 32 bytes as 64 hex digits or base64. It may also be given
    /// as CONSOLE_SEALING_KEY. Without either, one is made in the data directory.
    #[arg(long, env = "CONSOLE_SEALING_KEY_FILE", value_name = "FILE")]
    pub sealing_key_file: Option<PathBuf>,
    /// Refuse every change.
    #[arg(long, env = "CONSOLE_READ_ONLY")]
    pub read_only: bool,
    /// End a sign-in after so many hours, whatever happens.
    #[arg(long, env = "CONSOLE_SESSION_HOURS", value_name = "HOURS", default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..=168))]
    pub session_hours: u64,
    /// End a sign-in after so many minutes without a request.
    #[arg(long, env = "CONSOLE_SESSION_IDLE_MINUTES", value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u64).range(5..=10080))]
    pub session_idle_minutes: u64,
    /// How many tries to sign in one network address has in a minute.
    #[arg(long, env = "CONSOLE_SIGN_IN_TRIES", value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub sign_in_tries: u32,
}

/// Why the console cannot start with what it was told.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("{path} cannot be read ({source}). Check the path and who may read it.")]
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
    #[error("{0} names no workspace. Add a [[workspace]] table with a name and a url.")]
    NoWorkspace(PathBuf),
    /// A workspace's name breaks the rule.
    #[error("\"{0}\" cannot be a workspace's name. Use 1 to 40 of the characters a-z, 0-9 and -.")]
    Name(String),
    /// Two of the same name.
    #[error("Two workspaces are called \"{0}\". Give each its own name.")]
    SameName(String),
    /// An address breaks the rule.
    #[error("The address of workspace \"{0}\" cannot be used. {1}")]
    Url(String, WorkspaceUrlError),
    /// A secret without a client.
    #[error("Workspace \"{0}\" has an OAuth secret but no oauth_client_id. Add it, or remove the secret.")]
    SecretWithoutClient(String),
}

/// The console's own origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// What the `Origin` header of the console's own pages says.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// What the `Host` header says.
    pub fn authority(&self) -> &str {
        &self.0[url::Position::BeforeHost..url::Position::AfterPort]
    }

    /// Whether browsers keep its cookies to https.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address that OAuth comes back to.
    pub fn callback(&self) -> Url {
        let mut url = self.0.clone();
        url.set_path("/sign-in/callback");
        url
    }

    /// The address under which a listener on this machine is opened.
    pub(crate) fn of_listener(listen: SocketAddr) -> Option<Self> {
        listen
            .ip()
            .is_loopback()
            .then(|| format!("http://{listen}").parse().ok())
            .flatten()
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| "write it like https://pat-console.example.com")?;
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return Err("it must be https://, or http:// on this machine (localhost, 127.0.0.1)"),
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err("it must end after the host and port: no path, no query");
        }
        Ok(Self(url))
    }
}

/// `NAME=URL`.
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
            .ok_or("write it like acme=https://dbc-1a2b3c4d-5e6f.cloud.databricks.com")?;
        Ok(Self {
            name: name.trim().to_owned(),
            url: url.trim().to_owned(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    workspace: Vec<WorkspaceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkspaceTable {
    name: String,
    url: String,
    environment: Option<String>,
    oauth_client_id: Option<String>,
    oauth_client_secret_file: Option<PathBuf>,
    oauth_scopes: Option<Vec<String>>,
    #[serde(default)]
    oauth_issuer_hosts: Vec<String>,
}

impl ServeArgs {
    /// How long a sign-in holds.
    pub fn limits(&self) -> SignInLimits {
        SignInLimits {
            absolute: Duration::from_secs(self.session_hours * 3600),
            idle: Duration::from_secs(self.session_idle_minutes * 60),
        }
    }

    /// The configured workspaces.
    ///
    /// # Errors
    /// What is wrong with them, and what to write instead.
    pub fn workspaces(&self, public_url: &PublicUrl) -> Result<Vec<WorkspaceSettings>, ConfigError> {
        let tables = match (&self.config, &self.workspace) {
            (Some(path), _) => read_file(path)?,
            (None, Some(named)) => vec![WorkspaceTable {
                name: named.name.clone(),
                url: named.url.clone(),
                environment: self.environment.clone(),
                oauth_client_id: self.oauth_client_id.clone(),
                oauth_client_secret_file: self.oauth_client_secret_file.clone(),
                oauth_scopes: None,
                oauth_issuer_hosts: Vec::new(),
            }],
            (None, None) => Vec::new(),
        };
        let mut settings: Vec<WorkspaceSettings> = Vec::new();
        for table in tables {
            if settings.iter().any(|s| s.name == table.name) {
                return Err(ConfigError::SameName(table.name));
            }
            settings.push(table.settings(public_url)?);
        }
        Ok(settings)
    }
}

fn read_file(path: &Path) -> Result<Vec<WorkspaceTable>, ConfigError> {
    let file: File = toml::from_str(&read(path)?).map_err(|source| ConfigError::Toml {
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
    fn settings(self, public_url: &PublicUrl) -> Result<WorkspaceSettings, ConfigError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=40).contains(&self.name.len()) || !self.name.bytes().all(allowed) {
            return Err(ConfigError::Name(self.name));
        }
        let url: WorkspaceUrl = self
            .url
            .parse()
            .map_err(|error| ConfigError::Url(self.name.clone(), error))?;
        let secret = match &self.oauth_client_secret_file {
            Some(path) => Some(SecretString::from(read(path)?.trim().to_owned())),
            None => None,
        };
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
        Ok(WorkspaceSettings {
            name: self.name,
            url,
            environment: self.environment,
            oauth,
        })
    }
}

#[cfg(test)]
mod tests;
