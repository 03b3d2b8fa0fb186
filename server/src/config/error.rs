//! Errors in the configuration.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use store::{KeyError, PostgresUrl, PostgresUrlError, PostgresUrlFileError};
use workspace_client::WorkspaceUrlError;

/// Why the console cannot start with this configuration, in sentences for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The console is reachable from other machines, but its public URL is not configured.
    #[error("--listen {0} is reachable from other machines and needs --public-url, the URL that people open.")]
    PublicUrlNeeded(SocketAddr),
    /// A configured sealing key is not valid.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database is on a server, and no sealing key is given.
    #[error(
        "With PostgreSQL, the sealing key has to be given with --sealing-key-file or CONSOLE_SEALING_KEY, to every \
         instance the same one; none is created in the data directory. Create one with: openssl rand -hex 32"
    )]
    SealingKeyNeeded,
    /// `migrate` was called for a database file.
    #[error(
        "Only a PostgreSQL database is migrated with this command, and none is given: use --database-url-file. The \
         database in a data directory is migrated when serve starts."
    )]
    NoServerToMigrate,
    /// `--reseal` was given without the previous key.
    #[error("--reseal needs --previous-sealing-key-file, the key that credentials were sealed with before.")]
    NothingToReseal,
    /// The URL of the database is given both by a file and by a variable.
    #[error(
        "The URL of the database is given twice. Remove --database-url-file (CONSOLE_DATABASE_URL_FILE) or \
         CONSOLE_DATABASE_URL."
    )]
    TwoDatabaseUrls,
    /// The variable with the URL of the database is not valid.
    #[error("CONSOLE_DATABASE_URL: {0}")]
    DatabaseUrlVariable(PostgresUrlError),
    /// The file with the URL of the database cannot be used.
    #[error(transparent)]
    DatabaseUrlFile(#[from] PostgresUrlFileError),
    /// The database is on a server, but the data directory contains one too.
    #[error(
        "The console was given the database {url}, but there is another one in its data directory: {}/console.db. \
         To use PostgreSQL, move console.db to another place (its sessions and activity log are not migrated), or \
         choose a --data-dir without a database. To use console.db, remove the URL of the database.",
        data_dir.display()
    )]
    TwoDatabases {
        /// The data directory.
        data_dir: PathBuf,
        /// The given URL.
        url: PostgresUrl,
    },
    /// A file cannot be read.
    #[error("Cannot read {path} ({source}). Check the path and its permissions.")]
    File {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// The configuration file is not valid.
    #[error("{path} is not a valid configuration: {source}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is not valid, and in which line.
        source: Box<toml::de::Error>,
    },
    /// The configuration file is empty.
    #[error("{0} contains no workspace. Add a [[workspace]] table with a name and a url.")]
    NoWorkspace(PathBuf),
    /// A workspace's name is too long, empty, or has other characters than are allowed.
    #[error("\"{0}\" is not a valid workspace name. Use 1 to 40 of the characters a-z, 0-9 and -.")]
    Name(String),
    /// Two workspaces have the same name.
    #[error("Two workspaces are named \"{0}\". Give each its own name.")]
    DuplicateName(String),
    /// The URL of a workspace is not valid.
    #[error("The URL of workspace \"{0}\" is not valid. {1}")]
    Url(String, WorkspaceUrlError),
    /// The ID of a workspace is not valid, or differs from the one in its URL.
    #[error(
        "The workspace_id of workspace \"{0}\" is not valid, or not the one in its URL. It is the number after ?o= in \
         the URLs of the workspace's pages."
    )]
    WorkspaceId(String),
    /// Users cannot sign in to a workspace, with neither access tokens nor OAuth.
    #[error(
        "No one can sign in to workspace \"{0}\": token sign-in is disabled and it has no oauth_client_id. Add one, or \
         allow token sign-in."
    )]
    NoSignInMethod(String),
    /// An auditor is configured by name instead of by ID.
    #[error(
        "\"{1}\", an auditor of workspace \"{0}\", is not a SCIM ID: the number that the workspace shows for a user or \
         group."
    )]
    AuditorId(String, String),
    /// Auditors are configured without an auditor connection, or the other way round.
    #[error(
        "Workspace \"{0}\" needs all or none of these: auditor_users or auditor_groups, reader_client_id, and \
         reader_client_secret_file. Only then can it have reader_scopes."
    )]
    IncompleteAuditing(String),
    /// The service principal of the auditor connection has an empty list of scopes.
    #[error("The reader_scopes of workspace \"{0}\" are empty. List the scopes of its secret, or remove the key.")]
    NoReaderScope(String),
    /// A client secret is configured without a client ID.
    #[error("Workspace \"{0}\" has an OAuth secret but no oauth_client_id. Add it, or remove the secret.")]
    SecretWithoutClient(String),
}
