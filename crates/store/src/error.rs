//! What can go wrong here, in sentences for the person who runs the console. None holds a key or a credential.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the store could not do its work. A clone is cheap: several writes can fail for one reason.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory or the database file cannot be made or reached.
    #[error(
        "Cannot create or open {}: {source}. Give the user running the console read and write access to it, or \
         choose another data directory.",
        path.display()
    )]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The data directory cannot be locked.
    #[error(
        "Cannot lock {} ({source}). Put the data directory on a local disk that this user can write to.",
        path.display()
    )]
    Lock {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// SQLite cannot open the file.
    #[error(
        "Cannot open the database {}: {source}. Check that it is a database of this console, on a local disk with \
         free space, and that the user running the console can write to it and to its directory.",
        database.display()
    )]
    Open {
        /// Which file.
        database: PathBuf,
        /// What SQLite said.
        source: Arc<sqlx::Error>,
    },
    /// The tables cannot be brought to this version.
    #[error(
        "Cannot migrate the database {} to this version of the console: {source}. If a newer version has used this \
         data directory, run that version again or restore the backup from before.",
        database.display()
    )]
    Migrate {
        /// Which file.
        database: PathBuf,
        /// What the migration said.
        source: Arc<sqlx::migrate::MigrateError>,
    },
    /// The key is not the one that a stored credential was sealed with.
    #[error(
        "The credentials in {database} were sealed with the key {sealed_with}, but the console was given the key \
         {given}. Start it with the earlier key. If that key is lost, run: sqlite3 '{database}' 'DELETE FROM \
         sign_ins' and start again. Everyone then has to sign in again; nothing else is lost.",
        database = database.display()
    )]
    WrongKey {
        /// Which file.
        database: PathBuf,
        /// Id of the key that the stored credential needs.
        sealed_with: String,
        /// Id of the key at hand.
        given: String,
    },
    /// A stored credential does not open although the key is right.
    #[error(
        "A stored credential cannot be unsealed: its row was changed outside the console or is damaged. Sign in \
         again. If you did not edit the database, investigate."
    )]
    Tampered,
    /// There is no such sign-in any more.
    #[error("This session has ended. Sign in again.")]
    UnknownSignIn,
    /// A statement failed.
    #[error(
        "The console's database failed: {0}. Check the free space of the data directory and its permissions, then \
         try again."
    )]
    Database(#[source] Arc<sqlx::Error>),
    /// A file of the database is not the one that was opened.
    #[error(
        "{} was deleted or replaced while the console was running, so nothing can be stored. Put the file back, or \
         restart the console to use the current one.",
        path.display()
    )]
    Replaced {
        /// Which file.
        path: PathBuf,
    },
    /// The store was closed: the console is stopping.
    #[error("The console is stopping and no longer stores anything. Try again in a moment.")]
    Closed,
    /// A write of ours broke: an error in the program.
    #[error("A write to the console's database panicked. Please report this with the server log.")]
    Panicked,
    /// Another console works on the data directory.
    #[error("Another console uses {}. Stop it first, or choose another --data-dir.", .0.display())]
    InUse(PathBuf),
}

/// What keeps the database from being written to, where that is something a person can mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFault {
    /// The disk is full.
    Full,
    /// Another program holds the database's lock.
    Locked,
    /// A file of the database was deleted or replaced.
    Replaced,
}

impl StoreError {
    /// What has to be mended, where that can be told.
    pub fn fault(&self) -> Option<StorageFault> {
        let error = match self {
            Self::Replaced { .. } => return Some(StorageFault::Replaced),
            Self::Database(error) | Self::Open { source: error, .. } => error.as_database_error()?,
            _ => return None,
        };
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
        Self::Database(Arc::new(error))
    }
}

/// Why there is no sealing key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The configured text is no key.
    #[error(
        "The sealing key must be 32 random bytes, as 64 hexadecimal digits or in base64. Create one with: \
         openssl rand -hex 32"
    )]
    NotAKey,
    /// The file holds something else.
    #[error(
        "{path} does not contain a sealing key (64 hexadecimal digits, or 32 bytes in base64). Restore it from a \
         backup. If it is lost, delete it: a new key is created at the next start, which then explains what to do \
         about the credentials that were sealed with the old one.",
        path = path.display()
    )]
    NotAKeyFile {
        /// Which file.
        path: PathBuf,
    },
    /// Other users of the machine may read the key.
    #[error(
        "{path} is accessible to other users of this machine (mode {mode:04o}). Run: chmod 600 '{path}'",
        path = path.display()
    )]
    TooOpen {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file or its directory cannot be made or read.
    #[error(
        "Cannot read or create {}: {source}. Give the user running the console access to it, or choose another \
         data directory.",
        path.display()
    )]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
