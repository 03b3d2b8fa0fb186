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
    /// Check a configuration, with the flags of serve: what it says, whether the key and the database open, and what of
    /// the workspaces cannot be reached. Shows no secret.
    CheckConfig(Box<ServeArgs>),
    /// End sign-ins, at once and also those of a running console: everybody's, or only those that the flags name.
    EndSessions(EndArgs),
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

/// The flags of `end-sessions`.
#[derive(Args)]
pub struct EndArgs {
    /// Where the database is kept.
    #[arg(long, env = "CONSOLE_DATA_DIR", value_name = "DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// Only those to this workspace, by its name on the console.
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<String>,
    /// Only those of this person, by user name.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
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
    /// Its colour on every page and dialog: red, amber, green, blue, violet or grey. [default: red for "production", else
    /// grey]
    #[arg(long, env = "CONSOLE_COLOUR", value_name = "COLOUR", requires = "workspace", value_parser = colour)]
    pub colour: Option<Colour>,
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
    /// colour, oauth_client_id, oauth_client_secret_file, oauth_scopes, oauth_issuer_hosts, token_sign_in, and for auditors
    /// auditor_users, auditor_groups, reader_client_id, reader_client_secret_file.
    #[arg(long, env = "CONSOLE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A file with the key that credentials are sealed with: 32 bytes as 64 hex digits or base64. It may also be given
    /// as CONSOLE_SEALING_KEY. Without either, one is made in the data directory.
    #[arg(long, env = "CONSOLE_SEALING_KEY_FILE", value_name = "FILE")]
    pub sealing_key_file: Option<PathBuf>,
    /// A file with the key that credentials were sealed with before: they are sealed with the new one at the start, and
    /// nobody is signed out.
    #[arg(long, env = "CONSOLE_PREVIOUS_SEALING_KEY_FILE", value_name = "FILE")]
    pub previous_sealing_key_file: Option<PathBuf>,
    /// Take no pasted tokens: people sign in with Databricks only.
    #[arg(long, env = "CONSOLE_NO_TOKEN_SIGN_IN")]
    pub no_token_sign_in: bool,
    /// Another address and port, for /metrics only. Keep it off the network that people come from.
    #[arg(long, env = "CONSOLE_METRICS_LISTEN", value_name = "IP:PORT")]
    pub metrics_listen: Option<SocketAddr>,
    /// How the log is written.
    #[arg(long, env = "CONSOLE_LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,
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
