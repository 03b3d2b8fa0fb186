//! What the console is told at its start: flags, each also an environment variable, and for several workspaces a file.

mod public_url;
mod workspaces;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use console::{Colour, SignInLimits, WorkspaceSettings};
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as ValueError;

pub use public_url::PublicUrl;
pub(crate) use workspaces::read;
pub use workspaces::{ConfigError, NamedUrl};

use workspaces::{WorkspaceTable, read_file};

/// A console for the personal access tokens of Databricks workspaces: view and revoke them, enable or disable them, and
/// limit the lifetime of new ones. People sign in with their own workspace account.
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
    /// For several: pat-console serve --config console.toml, with one table per workspace:
    ///   [[workspace]]
    ///   name = "acme-prod"
    ///   url = "https://dbc-1a2b3c4d-5e6f.cloud.databricks.com"
    ///   environment = "production"
    ///   oauth_client_id = "…"
    #[command(verbatim_doc_comment)]
    Serve(Box<ServeArgs>),
    /// Check a configuration, with the flags of serve: what it contains, whether the sealing key is usable, and
    /// whether the workspaces and their auditor connections work. Shows no secrets.
    CheckConfig(Box<ServeArgs>),
    /// End sessions immediately, also in a running console: all, or those the flags select.
    EndSessions(EndSessionsArgs),
    /// Verify that the activity log is unchanged: each row is chained to the one before by a hash. Reports the first
    /// row that does not match.
    VerifyActivity(VerifyActivityArgs),
}

/// The flags of `verify-activity`.
#[derive(Args)]
pub struct VerifyActivityArgs {
    /// The directory of the database.
    #[arg(long, env = "CONSOLE_DATA_DIR", value_name = "DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// A hash from the console's log (head=…) that the activity log must still contain.
    #[arg(long, value_name = "HASH")]
    pub head: Option<String>,
}

/// The flags of `end-sessions`.
#[derive(Args)]
pub struct EndSessionsArgs {
    /// The directory of the database.
    #[arg(long, env = "CONSOLE_DATA_DIR", value_name = "DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// Only sessions with this workspace, by its configured name.
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<String>,
    /// Only sessions of this user, by username.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
}

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Human-readable.
    Text,
    /// One JSON object per line.
    Json,
}

/// The flags of `serve`.
#[derive(Args)]
pub struct ServeArgs {
    /// IP address and port to listen on.
    #[arg(long, env = "CONSOLE_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// The URL that people open: https://…, or http:// for localhost only. Requests for any other host are rejected or
    /// redirected. [default: http:// and the --listen address, if that is a loopback address]
    #[arg(long, env = "CONSOLE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,
    /// The directory of the database and, unless it is configured, of the sealing key.
    #[arg(long, env = "CONSOLE_DATA_DIR", value_name = "DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// A single workspace: its name in the console (1 to 40 of the characters a-z, 0-9 and -) and its URL.
    #[arg(
        long,
        env = "CONSOLE_WORKSPACE",
        value_name = "NAME=URL",
        conflicts_with = "config",
        required_unless_present = "config"
    )]
    pub workspace: Option<NamedUrl>,
    /// The workspace's environment, shown on every page; "production" is shown in red.
    #[arg(long, env = "CONSOLE_ENVIRONMENT", value_name = "TEXT", requires = "workspace")]
    pub environment: Option<String>,
    /// The workspace's colour on every page and dialog: red, amber, green, blue, violet or grey. [default: red for
    /// "production", otherwise grey]
    #[arg(long, env = "CONSOLE_COLOUR", value_name = "COLOUR", requires = "workspace", value_parser = colour)]
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
    /// A TOML file with one [[workspace]] table per workspace: name, url, and optionally environment, colour,
    /// oauth_client_id, oauth_client_secret_file, oauth_scopes, oauth_issuer_hosts, token_sign_in, and for auditors
    /// auditor_users, auditor_groups, reader_client_id, reader_client_secret_file.
    #[arg(long, env = "CONSOLE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A file with the key that credentials are sealed with: 32 bytes as 64 hexadecimal digits or base64. It can also
    /// be given as CONSOLE_SEALING_KEY. Without either, one is created in the data directory.
    #[arg(long, env = "CONSOLE_SEALING_KEY_FILE", value_name = "FILE")]
    pub sealing_key_file: Option<PathBuf>,
    /// A file with the key that credentials were sealed with before: at the start they are sealed with the new one, and
    /// no one is signed out.
    #[arg(long, env = "CONSOLE_PREVIOUS_SEALING_KEY_FILE", value_name = "FILE")]
    pub previous_sealing_key_file: Option<PathBuf>,
    /// Disable sign-in with access tokens: only “Sign in with Databricks” remains.
    #[arg(long, env = "CONSOLE_NO_TOKEN_SIGN_IN")]
    pub no_token_sign_in: bool,
    /// A separate IP address and port for /metrics. Keep it off the network that people use.
    #[arg(long, env = "CONSOLE_METRICS_LISTEN", value_name = "IP:PORT")]
    pub metrics_listen: Option<SocketAddr>,
    /// The format of the log.
    #[arg(long, env = "CONSOLE_LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,
    /// Reject every change.
    #[arg(long, env = "CONSOLE_READ_ONLY")]
    pub read_only: bool,
    /// End a session after this many hours.
    #[arg(long, env = "CONSOLE_SESSION_HOURS", value_name = "HOURS", default_value_t = 12, value_parser = clap::value_parser!(u64).range(1..=168))]
    pub session_hours: u64,
    /// End a session after this many minutes without a request.
    #[arg(long, env = "CONSOLE_SESSION_IDLE_MINUTES", value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u64).range(5..=10080))]
    pub session_idle_minutes: u64,
    /// Sign-in attempts allowed per minute and IP address.
    #[arg(long, env = "CONSOLE_SIGN_IN_TRIES", value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub sign_in_tries: u32,
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
                colour: self.colour,
                token_sign_in: None,
                oauth_client_id: self.oauth_client_id.clone(),
                oauth_client_secret_file: self.oauth_client_secret_file.clone(),
                oauth_scopes: None,
                oauth_issuer_hosts: Vec::new(),
                auditor_users: Vec::new(),
                auditor_groups: Vec::new(),
                reader_client_id: None,
                reader_client_secret_file: None,
            }],
            (None, None) => Vec::new(),
        };
        let mut settings: Vec<WorkspaceSettings> = Vec::new();
        for table in tables {
            if settings.iter().any(|s| s.name == table.name) {
                return Err(ConfigError::SameName(table.name));
            }
            settings.push(table.settings(public_url, !self.no_token_sign_in)?);
        }
        Ok(settings)
    }
}

/// A colour by its name.
fn colour(text: &str) -> Result<Colour, String> {
    Colour::deserialize(text.into_deserializer()).map_err(|error: ValueError| error.to_string())
}

#[cfg(test)]
mod tests;
