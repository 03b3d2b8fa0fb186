//! The open database of one console.

use std::path::Path;
use std::sync::Arc;

use domain::Timestamp;
use sqlx::postgres::PgConnectOptions;

use crate::activity::SearchTurn;
use crate::database::{Database, Place, query};
use crate::write_check::WriteCheck;
use crate::{BrowserSessions, SealingKey, StoreError, operation_id, private_files};

/// The database of one console and the key of the credentials in it. Clones share both.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: Database,
    pub(crate) key: Arc<SealingKey>,
    /// Random; names this process among the instances that share the database.
    pub(crate) instance: String,
    sessions: BrowserSessions,
    pub(crate) write_check: Arc<WriteCheck>,
    pub(crate) search_turn: Arc<SearchTurn>,
}

impl Store {
    /// Opens `<data_dir>/console.db` and migrates its tables to this version. If it is missing, it is created with mode
    /// 0600; a missing directory is created with mode 0700. If another console could be using the directory, acquire a
    /// [`DataDirLock`](crate::DataDirLock) first.
    ///
    /// # Errors
    /// If the files cannot be created, read or migrated, and [`StoreError::WrongKey`] if a stored credential was sealed
    /// with another key: then no one could use their sign-in, and it is better to report that at the start.
    pub async fn open(data_dir: &Path, key: SealingKey) -> Result<Self, StoreError> {
        Ok(Self::open_after(data_dir, key, None).await?.0)
    }

    /// Like [`Self::open`], but first seals the credentials that are still sealed with the `previous` key again with
    /// `key`, all or none. Also returns how many those were.
    ///
    /// # Errors
    /// Those of [`Self::open`], and [`StoreError::Tampered`] if a credential does not open with the `previous` key.
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
        let store = Self::of(Database::open(&path).await?, key);
        // Only one console uses the file, so that no one else can have them.
        store.end_all_leases().await?;
        let resealed = match previous.filter(|previous| previous.id() != store.key.id()) {
            Some(previous) => store.reseal(previous).await?,
            None => 0,
        };
        store.check_key().await?;
        Ok((store, resealed))
    }

    /// Connects to a PostgreSQL server, which several consoles can use, and migrates the tables to this version.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn connect(options: PgConnectOptions, key: SealingKey) -> Result<Self, StoreError> {
        let store = Self::of(Database::connect(options).await?, key);
        store.check_key().await?;
        Ok(store)
    }

    fn of(database: Database, key: SealingKey) -> Self {
        Self {
            instance: operation_id(),
            sessions: BrowserSessions::new(database.clone()),
            database,
            key: Arc::new(key),
            write_check: Arc::default(),
            search_turn: Arc::default(),
        }
    }

    /// The browser sessions, as a session store for tower-sessions.
    pub fn sessions(&self) -> BrowserSessions {
        self.sessions.clone()
    }

    /// Deletes the sign-ins and browser sessions that have ended at `now`, and form drafts and
    /// acceptances that are too old. Returns how many rows those were.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sign_ins = self.purge_sign_ins(now).await?;
        let sessions = self.sessions.purge(now).await?;
        let form_drafts = self.purge_form_drafts(now).await?;
        let acceptances = self.purge_acceptances(now).await?;
        let leases = self.purge_leases().await?;
        Ok(sign_ins + sessions + form_drafts + acceptances + leases)
    }

    /// How many transactions have been committed since the store was opened. Each is one sync of the disk.
    pub fn commits(&self) -> u64 {
        self.database.commits()
    }

    /// Finishes the queued writes, moves the write-ahead log into `console.db`, so that this one file contains
    /// everything, and closes the connections of this store and its clones. Skipping it loses nothing, because the next
    /// [`Self::open`] reads the log.
    ///
    /// # Errors
    /// If the database fails; the connections are closed all the same.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.database.close().await
    }

    async fn check_key(&self) -> Result<(), StoreError> {
        let other: Option<(String,)> = query("select key_id from sign_ins where key_id <> $1 limit 1")
            .bind(self.key.id())
            .fetch_optional(self.database.readers())
            .await?;
        match other {
            None => Ok(()),
            Some((sealed_with,)) => Err(wrong_key(self.database.place(), &self.key, sealed_with)),
        }
    }
}

pub(crate) fn wrong_key(database: &Place, key: &SealingKey, sealed_with: String) -> StoreError {
    let delete = "DELETE FROM sign_ins";
    StoreError::WrongKey {
        database: database.to_string(),
        delete: match database {
            Place::File(path) => format!("sqlite3 '{}' '{delete}'", path.display()),
            Place::Server(_) => format!("psql --command '{delete}' in that database"),
        },
        sealed_with,
        given: key.id().to_owned(),
    }
}
