//! The command line: the commands and their flags, each of which is also an environment variable. The configuration
//! file for several workspaces is in `config/workspaces.rs`.

mod database;
mod error;
mod limits;
mod listen;
mod metrics;
mod proxies;
mod public_url;
mod sealing;
mod workspaces;

use std::path::Path;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use database::DatabaseArgs;
pub use error::ConfigError;
pub use limits::LimitArgs;
pub use listen::ListenArgs;
pub use metrics::MetricsArgs;
pub use proxies::{ClientAddressHeader, ProxyArgs, TrustedProxies};
pub use public_url::PublicUrl;
pub use sealing::SealingArgs;
pub use workspaces::{NamedUrl, WorkspaceArgs};

/// A console for the personal access tokens of Databricks workspaces: view and revoke them, enable or disable them, and
/// limit the lifetime of new ones. People sign in with their own workspace account.
#[derive(Parser)]
#[command(name = "pat-console", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of the program.
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
    /// Create the tables of a PostgreSQL database, or migrate them to this version, and end. It is needed only if the
    /// role of the instances must not change tables: then use the URL of the role that owns them here.
    Migrate(MigrateArgs),
    /// Verify that the activity log is unchanged: each row is chained to the one before by a hash. Reports the first
    /// row that does not match.
    VerifyActivity(VerifyActivityArgs),
}

/// The flags of `migrate`.
#[derive(Args)]
pub struct MigrateArgs {
    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// The role of the instances: it gets the rights that they need, and only those to read and to add to the activity
    /// log.
    #[arg(long, value_name = "ROLE")]
    pub grant_to: Option<String>,
}

/// The flags of `verify-activity`.
#[derive(Args)]
pub struct VerifyActivityArgs {
    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// A hash from the console's log (head=…) that the activity log must still contain.
    #[arg(long, value_name = "HASH")]
    pub head: Option<String>,
}

/// The flags of `end-sessions`.
#[derive(Args)]
pub struct EndSessionsArgs {
    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseArgs,
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

/// The flags of `serve` and `check-config`.
#[derive(Args)]
pub struct ServeArgs {
    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Reject every change.
    #[arg(long, env = "CONSOLE_READ_ONLY", value_parser = BoolishValueParser::new())]
    pub read_only: bool,
    /// How long a page waits for owner names, settings, permissions and groups, in milliseconds. It shows the tokens
    /// after that, and the rest when it has been read.
    #[arg(long, env = "CONSOLE_PART_WAIT_MS", value_name = "MS", default_value_t = 100)]
    pub part_wait_ms: u64,
    /// The format of the log.
    #[arg(long, env = "CONSOLE_LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,
    /// Its address.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// Which proxies are in front of it.
    #[command(flatten)]
    pub proxies: ProxyArgs,
    /// Which workspaces it serves.
    #[command(flatten)]
    pub workspaces: WorkspaceArgs,
    /// How it seals credentials.
    #[command(flatten)]
    pub sealing: SealingArgs,
    /// How long sessions last, and how often someone can try to sign in.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Where its metrics are.
    #[command(flatten)]
    pub metrics: MetricsArgs,
}

/// The text of a file that the configuration names.
fn read_file(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests;
