//! What can go wrong here, in sentences for the operator. None contains a key or a credential.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use sqlx::postgres::PgDatabaseError;

use crate::private_files::changeable_by_others;

/// Why an operation of the store failed. Cheap to clone, because one cause can fail several writes.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory or the database file cannot be created or opened.
    #[error(
        "Cannot create or open {}: {source}. Give the user running the console read and write access to it, or \
         choose another data directory.",
        path.display()
    )]
    File {
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: Arc<io::Error>,
    },
    /// The data directory cannot be locked.
    #[error(
        "Cannot lock {} ({source}). Put the data directory on a local disk that this user can write to.",
        path.display()
    )]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// The system's error.
        source: Arc<io::Error>,
    },
    /// SQLite cannot open the file.
    #[error(
        "Cannot open the database {}: {source}. Check that it is a database of this console, on a local disk with \
         free space, and that the user running the console can write to it and to its directory.",
        database.display()
    )]
    Open {
        /// The database file.
        database: PathBuf,
        /// SQLite's error.
        source: Arc<sqlx::Error>,
    },
    /// The PostgreSQL server cannot be connected to.
    #[error(
        "Cannot connect to the PostgreSQL database {database}: {source}. Check that the server is running and can be \
         reached from here, and that the URL has the right user, password and database."
    )]
    Connect {
        /// The host, the port and the name of the database.
        database: String,
        /// The error of the connection.
        source: Arc<sqlx::Error>,
    },
    /// The PostgreSQL server is too old, or the database has another encoding.
    #[error(
        "The database {database} has PostgreSQL {version} and the encoding {encoding}. The console needs version 14 or \
         newer and UTF8: create the database with encoding 'UTF8' on such a server."
    )]
    UnsupportedServer {
        /// The host, the port and the name of the database.
        database: String,
        /// The version of the server, such as `13.4`.
        version: String,
        /// The encoding of the database.
        encoding: String,
    },
    /// The tables cannot be migrated to this version.
    #[error(
        "Cannot migrate the database {database} to this version of the console: {source}. If a newer version has used \
         this database, run that version again or restore the backup from before."
    )]
    Migrate {
        /// The database file, or the host, the port and the name of the database.
        database: String,
        /// The migration's error.
        source: Arc<sqlx::migrate::MigrateError>,
    },
    /// The tables are those of a newer version.
    #[error(
        "The database {database} has the tables of a newer version of the console. Start that version again. Do not \
         restore a backup: it would lose what was recorded since."
    )]
    NewerTables {
        /// The host, the port and the name of the database.
        database: String,
    },
    /// There are tables to create or to change, and the role cannot do it.
    #[error(
        "The tables of the database {database} are missing or those of an earlier version, and the role of the URL \
         cannot create tables. Run pat-console migrate with the URL of the role that owns them, then start again."
    )]
    MigrationNotAllowed {
        /// The host, the port and the name of the database.
        database: String,
    },
    /// A role did not get the rights of an instance.
    #[error(
        "The role {role} did not get the rights of an instance: {reason}. Check that the role exists, and run this \
         with the URL of the role that owns the tables."
    )]
    Grant {
        /// The role that should get them.
        role: String,
        /// The server's error, or the rights that are missing.
        reason: String,
    },
    /// A stored credential was sealed with another key, or other instances use another key.
    #[error(
        "The credentials in {database} were sealed with the key {sealed_with}, but the console was given the key \
         {given}. Start it with the earlier key, as the sealing key or as the previous one. If that key is lost, run: \
         {delete} and start again. Everyone then has to sign in again; nothing else is lost."
    )]
    WrongKey {
        /// The database file, or the host, the port and the name of the database.
        database: String,
        /// The command that deletes the credentials.
        delete: String,
        /// The ID of the key that the credential needs.
        sealed_with: String,
        /// The IDs of the keys that were given.
        given: String,
    },
    /// A stored credential does not open although its row names the right key.
    #[error(
        "A stored credential cannot be unsealed: its row was changed outside the console or is damaged. Sign in \
         again. If you did not edit the database, investigate."
    )]
    Tampered,
    /// The sign-in no longer exists.
    #[error("This session has ended. Sign in again.")]
    UnknownSignIn,
    /// Another instance has taken over the work of this one.
    #[error("Another instance of the console has taken over. Nothing was stored; look at the current state.")]
    LeaseLost,
    /// The database server cannot be reached, or is not ready.
    #[error(
        "The console's database does not respond: {0}. Nothing was stored. Try again in a moment; if it stays like \
         this, check the database server and the network."
    )]
    Unreachable(#[source] Arc<sqlx::Error>),
    /// The connection was lost during a commit, and the server could not say whether it succeeded.
    #[error(
        "The connection to the console's database was lost while something was being stored. It is not known whether \
         it was stored. Look at the current state before you repeat it."
    )]
    CommitUnknown,
    /// A statement failed.
    #[error(
        "The console's database failed: {0}. Check the free space of the data directory and its permissions, then \
         try again."
    )]
    Database(#[source] Arc<sqlx::Error>),
    /// A file of the database is no longer the one that was opened.
    #[error(
        "{} was deleted or replaced while the console was running, so nothing can be stored. Put the file back, or \
         restart the console to use the current one.",
        path.display()
    )]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The store was closed: the console is stopping.
    #[error("The console is stopping and no longer stores anything. Try again in a moment.")]
    Closed,
    /// A write panicked: a bug in the program.
    #[error("A write to the console's database panicked. Please report this with the server log.")]
    Panicked,
    /// Another console uses the data directory.
    #[error("Another console uses {}. Stop it first, or choose another --data-dir.", .0.display())]
    InUse(PathBuf),
}

/// Why the database cannot be written to, if it is something that the operator can fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFault {
    /// The disk is full.
    Full,
    /// Another program has the database's lock.
    Locked,
    /// A file of the database was deleted or replaced.
    Replaced,
    /// The database server does not respond.
    Unreachable,
}

impl StoreError {
    /// Whether the database server cannot be reached, or is not ready.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Connect { .. })
    }

    /// What the operator has to fix, if that is known.
    pub fn fault(&self) -> Option<StorageFault> {
        let error = match self {
            Self::Replaced { .. } => return Some(StorageFault::Replaced),
            Self::Unreachable(_) | Self::Connect { .. } | Self::CommitUnknown => {
                return Some(StorageFault::Unreachable);
            }
            Self::Database(error) | Self::Open { source: error, .. } => error.as_database_error()?,
            _ => return None,
        };
        if let Some(error) = error.try_downcast_ref::<PgDatabaseError>() {
            // <https://www.postgresql.org/docs/current/errcodes-appendix.html>
            return (error.code() == "53100").then_some(StorageFault::Full);
        }
        // An extended result code has the primary one in its low byte (<https://sqlite.org/rescode.html>).
        let code: u32 = error.code()?.parse().ok()?;
        match code & 0xff {
            5 | 6 => Some(StorageFault::Locked),
            13 => Some(StorageFault::Full),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match is_unreachable(&error) {
            true => Self::Unreachable(Arc::new(error)),
            false => Self::Database(Arc::new(error)),
        }
    }
}

/// Whether the server cannot be reached, or does not accept statements now.
pub(crate) fn is_unreachable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            // Lost connections, a server that stops or starts or has too many connections, one that only reads, and
            // timeouts (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
            Some(error) => {
                let code = error.code();
                code.starts_with("08")
                    || code.starts_with("57P")
                    || matches!(code, "53300" | "25006" | "25P03" | "57014" | "55P03")
            }
            None => false,
        },
        _ => false,
    }
}

/// Why no sealing key could be loaded.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The configured text is not a key.
    #[error(
        "The sealing key must be 32 random bytes, as 64 hexadecimal digits or in base64. Create one with: \
         openssl rand -hex 32"
    )]
    NotAKey,
    /// The file contains something else.
    #[error(
        "{path} does not contain a sealing key (64 hexadecimal digits, or 32 bytes in base64). Restore it from a \
         backup. If it is lost, delete it: a new key is created at the next start, which then explains what to do \
         about the credentials that were sealed with the old one.",
        path = path.display()
    )]
    NotAKeyFile {
        /// The file.
        path: PathBuf,
    },
    /// Other users of the machine have access to the file.
    #[error(
        "{path} is accessible to other users of this machine (mode {mode:04o}). On Kubernetes, where a volume's files \
         are given to a group, put the key into a Secret and name its file with --sealing-key-file, or allow the group \
         with CONSOLE_ALLOW_GROUP_KEY=1. Anywhere else, run: chmod 600 '{path}'",
        path = path.display()
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// The permission bits of the file.
        mode: u32,
    },
    /// Others than its owner can change a file that the operator named.
    #[error("{}", changeable_by_others(path, *mode))]
    NamedTooOpen {
        /// The file.
        path: PathBuf,
        /// The permission bits of the file.
        mode: u32,
    },
    /// The file or its directory cannot be created or read.
    #[error(
        "Cannot read or create {}: {source}. Give the user running the console access to it, or choose another \
         data directory.",
        path.display()
    )]
    File {
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}
