//! The open database of one console.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Timestamp;
use tokio::sync::watch;

use crate::activity::SearchLock;
use crate::database::listener::Listener;
use crate::database::{Database, DatabasePlace};
use crate::sealing::rotation::reseal;
use crate::sealing::stored_id;
use crate::write_check::WriteCheck;
use crate::{BrowserSessions, DatabaseLocation, SealingKeys, StoreError, operation_id, private_files};

/// The database of one console and the keys of the credentials in it. Clones share both.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: Database,
    pub(crate) keys: Arc<SealingKeys>,
    /// Random; names this process among the instances that share the database.
    pub(crate) instance: String,
    /// Wakes those who read events.
    pub(crate) event_wakeups: watch::Sender<()>,
    /// With PostgreSQL: what wakes the readers of events when another instance publishes some.
    _listener: Option<Arc<Listener>>,
    sessions: BrowserSessions,
    pub(crate) write_check: Arc<WriteCheck>,
    pub(crate) search_lock: Arc<SearchLock>,
}

/// The writes that opening a database makes.
struct Opening {
    place: DatabasePlace,
    keys: Arc<SealingKeys>,
    reseals: bool,
}

impl Store {
    /// Opens the database and migrates its tables to this version. A missing file is created with mode 0600, and a
    /// missing data directory with mode 0700. If another console could be using the directory, acquire a
    /// [`DataDirLock`](crate::DataDirLock) first.
    ///
    /// # Errors
    /// If the database cannot be created, connected to, read or migrated, and [`StoreError::WrongKey`] if the console
    /// of this database has another key, or a stored credential was sealed with one that is not among `keys`: then some
    /// could not use their sign-in, and it is better to report that at the start. Nothing was changed then.
    pub async fn open(location: impl Into<DatabaseLocation>, keys: impl Into<SealingKeys>) -> Result<Self, StoreError> {
        let (store, _) = Self::open_at(location.into(), keys.into(), false).await?;
        Ok(store)
    }

    /// Like [`Self::open`], and seals the credentials that are still sealed with the previous key again with the
    /// current one, all or none. Also returns how many those were.
    ///
    /// # Errors
    /// As for [`Self::open`], and [`StoreError::Tampered`] if a credential does not open with the previous key.
    pub async fn open_resealed(
        location: impl Into<DatabaseLocation>,
        keys: impl Into<SealingKeys>,
    ) -> Result<(Self, u64), StoreError> {
        Self::open_at(location.into(), keys.into(), true).await
    }

    async fn open_at(location: DatabaseLocation, keys: SealingKeys, reseals: bool) -> Result<(Self, u64), StoreError> {
        let database = match &location {
            DatabaseLocation::DataDir(data_dir) => Database::open(&create_file(data_dir)?, &keys).await?,
            DatabaseLocation::Postgres(url) => Database::connect(url, &keys).await?,
        };
        let store = Self::of(database, keys, &location);
        if matches!(location, DatabaseLocation::DataDir(_)) {
            // Only one console uses the file, so no one else can have a lease.
            store.end_all_leases().await?;
        }
        let opening = Opening {
            place: store.database.place().clone(),
            keys: Arc::clone(&store.keys),
            reseals,
        };
        let resealed = store.database.write(opening, |connection, opening| {
            Box::pin(async move {
                stored_id::record(connection, &opening.place, &opening.keys).await?;
                match opening.reseals {
                    true => reseal(connection, &opening.keys).await,
                    false => Ok(0),
                }
            })
        });
        let resealed = resealed.await?;
        Ok((store, resealed))
    }

    fn of(database: Database, keys: SealingKeys, location: &DatabaseLocation) -> Self {
        let event_wakeups = watch::Sender::new(());
        let listener = match location {
            DatabaseLocation::DataDir(_) => None,
            DatabaseLocation::Postgres(url) => {
                Some(Arc::new(Listener::start(url.connect_options(), event_wakeups.clone())))
            }
        };
        Self {
            instance: operation_id(),
            event_wakeups,
            _listener: listener,
            sessions: BrowserSessions::new(database.clone()),
            database,
            keys: Arc::new(keys),
            write_check: Arc::default(),
            search_lock: Arc::default(),
        }
    }

    /// The browser sessions, as a session store for tower-sessions.
    pub fn sessions(&self) -> BrowserSessions {
        self.sessions.clone()
    }

    /// Deletes the sign-ins and browser sessions that have ended at `now`, and what is too old of form drafts,
    /// acceptances, leases, events, shown lists, shared changes of sessions, forms that created tokens, lookups of
    /// leaked tokens, and counted attempts. Returns how many rows those were.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn purge(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sign_ins = self.purge_sign_ins(now).await?;
        let sessions = self.sessions.purge(now).await? + self.sessions.purge_shared_changes().await?;
        let form_drafts = self.purge_form_drafts(now).await?;
        let acceptances = self.purge_acceptances(now).await?;
        let leases = self.purge_leases().await?;
        let shown_lists = self.purge_shown_lists(now).await?;
        let token_forms = self.purge_token_creations().await?;
        let rate_limits = self.purge_rate_limits().await?;
        let lookups = self.purge_leak_lookups().await?;
        let events = self.purge_events().await?;
        let counted = rate_limits + lookups;
        let kept_a_while = form_drafts + acceptances + leases + shown_lists + token_forms + counted + events;
        Ok(sign_ins + sessions + kept_a_while)
    }

    /// The error of a read whose cause is no longer known.
    pub fn unreadable(&self) -> StoreError {
        let source = Arc::new(sqlx::Error::PoolTimedOut);
        match self.is_shared() {
            true => StoreError::Unreachable(source),
            false => StoreError::Database(source),
        }
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
    /// If the database fails; the connections are closed even then.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.database.close().await
    }

    /// Whether other instances can use the same database. If not, no one else can have a lease.
    pub fn is_shared(&self) -> bool {
        self.database.is_shared()
    }
}

/// Creates the file of the database if it is missing, and returns its path.
fn create_file(data_dir: &Path) -> Result<PathBuf, StoreError> {
    let path = DatabaseLocation::file_in(data_dir);
    let file_error = |path: &Path| {
        let path = path.to_owned();
        move |source: std::io::Error| StoreError::File {
            path,
            source: source.into(),
        }
    };
    private_files::create_dir(data_dir).map_err(file_error(data_dir))?;
    private_files::create_if_missing(&path).map_err(file_error(&path))?;
    Ok(path)
}

pub(crate) fn wrong_key(database: &DatabasePlace, keys: &SealingKeys, sealed_with: String) -> StoreError {
    StoreError::WrongKey {
        database: database.to_string(),
        delete: match database {
            DatabasePlace::File(path) => format!("sqlite3 '{}' 'DELETE FROM sign_ins'", path.display()),
            // Another instance could store something in between, so that an empty table is not enough.
            DatabasePlace::Server(_) => {
                "psql --command 'DELETE FROM sign_ins; DELETE FROM sealing_keys' in that database, \
                                 with every instance stopped,"
                    .to_owned()
            }
        },
        sealed_with,
        given: keys.ids().join(", "),
    }
}
