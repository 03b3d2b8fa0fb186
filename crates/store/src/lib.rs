//! What the console itself has to store: who is signed in with which credential, the browser sessions, the activity
//! log, and bulk revocations.
//!
//! It is not a cache of a workspace: tokens, people and settings are always read from the workspace. All data is in one
//! SQLite database in the data directory. Statements use numbered `$1` parameters, which PostgreSQL also accepts; what
//! only SQLite understands is in `database/sqlite.rs` and `migrations/sqlite`. One task does all writes
//! (`database/writer.rs`).
//!
//! **Dependencies.** [`domain`]. This is the only crate with SQL. It knows no HTTP, and a credential leaves it only as
//! a [`secrecy::SecretString`].
//!
//! **Where to start.**
//!
//! - [`Store`]: the open database. Its methods are in the files of the types below.
//! - [`SignIn`] (`sign_ins.rs`): a stored credential. [`SealingKey`]: how it is encrypted.
//! - [`BrowserSessions`]: the sessions behind the cookies.
//! - [`ActivityEntry`], [`verify_activity`]: the activity log and its hash chain.
//! - [`BulkRevocation`], [`BulkItem`]: a bulk revocation and one token of it.
//! - [`DataDirLock`]: only one console can use a data directory.

mod activity;
mod browser_sessions;
mod bulk;
mod data_dir;
mod database;
mod error;
mod private_files;
mod sealing;
mod sign_ins;
mod write_check;

pub use activity::{
    ActivityEntry, ActivityPage, ActivityQuery, ChainError, ChainHead, Operation, Outcome, Phase, before_label,
    detail_label, kind_label, operation_id, outcome_label, requested_label, target_label, verify_activity,
};
pub use browser_sessions::BrowserSessions;
pub use bulk::{
    BulkCounts, BulkId, BulkIdError, BulkItem, BulkItemIntent, BulkItemState, BulkOwner, BulkOwners, BulkRevocation,
    BulkState, ItemResult, NewBulk, NewBulkItem, PauseReason,
};
pub use data_dir::DataDirLock;
pub use error::{KeyError, StorageFault, StoreError};
pub use sealing::SealingKey;
pub use sealing::key_file::KeyOrigin;
pub use sign_ins::manage::{SignInFilter, SignInSummary, end_sign_ins};
pub use sign_ins::{CredentialKind, MAX_SIGN_INS, NewSignIn, Role, SignIn, SignInId, SignInIdError};
pub use write_check::WriteCheckError;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Timestamp;

use database::Database;
use write_check::WriteCheck;

/// The database of one console and the key of the credentials in it. Clones share both.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    key: Arc<SealingKey>,
    sessions: BrowserSessions,
    write_check: Arc<WriteCheck>,
}

impl Store {
    /// Opens `<data_dir>/console.db`, made with mode 0600 where it is missing (a missing directory with 0700), and
    /// brings its tables to this version. Whoever may not be alone takes a [`DataDirLock`] first.
    ///
    /// # Errors
    /// When the files cannot be made, read or migrated, and [`StoreError::WrongKey`] when a stored credential was
    /// sealed with another key: then nobody's sign-in would work, and it is better to say so at the start.
    pub async fn open(data_dir: &Path, key: SealingKey) -> Result<Self, StoreError> {
        Ok(Self::open_after(data_dir, key, None).await?.0)
    }

    /// The same, where credentials may still be sealed with a `previous` key: they are sealed with `key` first, all or none.
    /// Returns how many those were.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub async fn open_after(
        data_dir: &Path,
        key: SealingKey,
        previous: Option<SealingKey>,
    ) -> Result<(Self, u64), StoreError> {
        let path = data_dir.join("console.db");
        let file_error = |path: &Path| {
            let path = path.to_owned();
            move |source: std::io::Error| StoreError::File {
                path,
                source: source.into(),
            }
        };
        private_files::create_dir(data_dir).map_err(file_error(data_dir))?;
        private_files::create_if_missing(&path).map_err(file_error(&path))?;
        let database = Database::open(&path).await?;
        let store = Self {
            sessions: BrowserSessions::new(database.clone()),
            database,
            key: Arc::new(key),
            write_check: Arc::default(),
        };
        let resealed = match previous.filter(|previous| previous.id() != store.key.id()) {
            Some(previous) => store.reseal(previous).await?,
            None => 0,
        };
        store.check_key().await?;
        Ok((store, resealed))
    }

    /// The browser sessions, as tower-sessions wants them.
    pub fn sessions(&self) -> BrowserSessions {
        self.sessions.clone()
    }

    /// Deletes the sign-ins and the sessions that have ended at `now`, and says how many rows that were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sign_ins = self.purge_sign_ins(now).await?;
        let sessions = self.sessions().purge(now).await?;
        Ok(sign_ins + sessions)
    }

    /// How many transactions have been committed since the store was opened; each is one sync of the disk.
    pub fn commits(&self) -> u64 {
        self.database.commits()
    }

    /// For an orderly stop: finishes the writes that are queued, folds the write-ahead log into `console.db`, so that this
    /// one file holds everything, and closes the connections of this store and its clones. Skipping it loses nothing,
    /// because the next [`Self::open`] reads the log.
    ///
    /// # Errors
    /// When the database fails; the connections are closed all the same.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.database.close().await
    }

    async fn check_key(&self) -> Result<(), StoreError> {
        let other: Option<(String,)> = sqlx::query_as("select key_id from sign_ins where key_id <> $1 limit 1")
            .bind(self.key.id())
            .fetch_optional(self.database.readers())
            .await?;
        match other {
            None => Ok(()),
            Some((sealed_with,)) => Err(self.wrong_key(sealed_with)),
        }
    }

    fn wrong_key(&self, sealed_with: String) -> StoreError {
        wrong_key(self.database.path(), &self.key, sealed_with)
    }
}

fn wrong_key(database: &Path, key: &SealingKey, sealed_with: String) -> StoreError {
    StoreError::WrongKey {
        database: PathBuf::from(database),
        sealed_with,
        given: key.id().to_owned(),
    }
}
