//! What the console itself must remember between two starts: who is signed in with which credential, the browser
//! sessions, what was done through the console, and what is being done: jobs over many tokens.
//!
//! It is no cache of a workspace: tokens, people and settings are read from the workspace each time. Nothing here
//! knows HTTP, and a credential leaves only as a [`secrecy::SecretString`].
//!
//! All of it lives in one SQLite database in the data directory. Statements are written with numbered `$1`
//! parameters, which PostgreSQL reads too; what only SQLite understands is in `sqlite.rs` and in
//! `migrations/sqlite`.

mod activity;
mod error;
mod jobs;
mod key_file;
mod own_sign_ins;
mod private_files;
mod rotation;
mod sealing;
mod sessions;
mod sign_ins;
mod sqlite;

pub use activity::{
    ActivityPage, ActivityQuery, Broken, ChainHead, Entry, Operation, Outcome, Phase, operation_id, verify_activity,
};
pub use error::{KeyError, StoreError};
pub use jobs::{
    Item, ItemCounts, ItemState, Job, JobId, JobIdError, JobOwner, JobOwners, JobState, NewItem, NewJob, PausedBecause,
    Settled,
};
pub use key_file::KeyOrigin;
pub use own_sign_ins::{EndedSignIns, OwnSignIn, end_sign_ins};
pub use sealing::SealingKey;
pub use sessions::HashedSessions;
pub use sign_ins::{CredentialKind, NewSignIn, Role, SignIn, SignInId, SignInIdError};

use domain::Timestamp;
use sqlx::SqlitePool;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The database of one console and the key of the credentials in it. Clones share both.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    key: Arc<SealingKey>,
    database: Arc<Path>,
}

impl Store {
    /// Opens `<data_dir>/console.db`, made with mode 0600 where it is missing (a missing directory with 0700), and
    /// brings its tables to this version.
    ///
    /// # Errors
    /// When the files cannot be made, read or migrated, and [`StoreError::WrongKey`] when a stored credential was
    /// sealed with another key: then nobody's sign-in would work, and it is better to say so at the start.
    pub async fn open(data_dir: &Path, key: SealingKey) -> Result<Self, StoreError> {
        Ok(Self::open_after(data_dir, key, None).await?.0)
    }

    /// The same, where credentials may still be sealed with a `previous` key: they are sealed with `key` first, all or none.
    /// Answers how many those were.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub async fn open_after(
        data_dir: &Path,
        key: SealingKey,
        previous: Option<&SealingKey>,
    ) -> Result<(Self, u64), StoreError> {
        let database = data_dir.join("console.db");
        let file_error = |path: &Path| {
            let path = path.to_owned();
            move |source| StoreError::File { path, source }
        };
        private_files::create_dir(data_dir).map_err(file_error(data_dir))?;
        private_files::create_if_missing(&database).map_err(file_error(&database))?;
        let pool = sqlite::open(&database).await?;
        let store = Self {
            pool,
            key: Arc::new(key),
            database: database.into(),
        };
        let resealed = match previous.filter(|previous| previous.id() != store.key.id()) {
            Some(previous) => store.reseal(previous).await?,
            None => 0,
        };
        store.check_key().await?;
        Ok((store, resealed))
    }

    /// Whether the database answers, by one trivial read.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ready(&self) -> Result<(), StoreError> {
        sqlx::query("select 1 from sign_ins limit 1")
            .fetch_optional(&self.pool)
            .await?;
        Ok(())
    }

    /// The browser sessions, as tower-sessions wants them.
    pub fn sessions(&self) -> HashedSessions {
        HashedSessions::new(sqlite::sessions(&self.pool))
    }

    /// Deletes the sign-ins and the sessions that have ended at `now`, and says how many rows that were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sign_ins = self.purge_sign_ins(now).await?;
        let sessions = sqlite::purge_sessions(&self.pool, now).await?;
        Ok(sign_ins + sessions)
    }

    /// For an orderly stop: folds the write-ahead log into `console.db`, so that this one file holds everything, and
    /// closes the connections of this store and its clones. Skipping it loses nothing, because the next
    /// [`Self::open`] reads the log.
    ///
    /// # Errors
    /// When the database fails; the connections are closed all the same.
    pub async fn close(&self) -> Result<(), StoreError> {
        let folded = sqlite::fold_log(&self.pool).await;
        self.pool.close().await;
        folded
    }

    async fn check_key(&self) -> Result<(), StoreError> {
        let other: Option<(String,)> = sqlx::query_as("select key_id from sign_ins where key_id <> $1 limit 1")
            .bind(self.key.id())
            .fetch_optional(&self.pool)
            .await?;
        match other {
            None => Ok(()),
            Some((sealed_with,)) => Err(self.wrong_key(sealed_with)),
        }
    }

    fn wrong_key(&self, sealed_with: String) -> StoreError {
        StoreError::WrongKey {
            database: PathBuf::from(&*self.database),
            sealed_with,
            given: self.key.id().to_owned(),
        }
    }
}
