//! Browser sessions under hashed IDs, so that a copied database does not contain valid cookies.

mod shared_changes;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Timestamp;
use moka::sync::Cache;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use crate::StoreError;
use crate::database::{Connection, Database, query};

pub use shared_changes::{BeforeChange, BrowserKey, SharedChange};

/// A session store for tower-sessions that writes through the store's one writer. The published one
/// (tower-sessions-sqlx-store) uses a pool, where a dropped request leaves its transaction open.
///
/// The database contains only the SHA-256 of each session ID, cut to the 128 bits that the library's ID type holds.
/// That is enough: the IDs are 128 random bits, so that they cannot be guessed from a plain fast hash, and finding an
/// ID for a stored hash of 128 bits takes about 2^128 attempts, as many as finding the ID itself. A shorter hash only
/// makes two IDs with the same hash more likely. That does not help an attacker, because the console draws the IDs; and
/// by chance it is as rare as two equal IDs, which [`create`](SessionStore::create) handles.
#[derive(Clone, Debug)]
pub struct BrowserSessions {
    database: Database,
    /// The sessions that were read or stored within [`SESSION_GRACE`]. If only this process uses the database, they are
    /// used instead of what is stored, so that a request costs one read instead of two: a session only says which
    /// sign-ins a browser has, and whether a sign-in is still valid is read each time. With other instances, they are
    /// used only while the database does not respond.
    cache: Cache<Id, Record>,
    /// How many requests retain each session.
    retained: Arc<Mutex<HashMap<Id, usize>>>,
}

/// How long someone can continue to read with a session that was found in the database, while the database does not
/// respond. In such an outage, it takes this long until the end of a session takes effect everywhere.
pub const SESSION_GRACE: Duration = Duration::from_secs(30);

const MAX_CACHED_SESSIONS: u64 = 10_000;

/// A session as it is stored.
struct StoredSession {
    /// The hash of its ID.
    id: String,
    /// Without its ID.
    record: Record,
    /// The record, serialised.
    data: Vec<u8>,
    ends: i64,
}

impl BrowserSessions {
    pub(crate) fn new(database: Database) -> Self {
        Self {
            database,
            cache: Cache::builder()
                .max_capacity(MAX_CACHED_SESSIONS)
                .time_to_live(SESSION_GRACE)
                .build(),
            retained: Arc::default(),
        }
    }

    /// Keeps a session from being deleted until [`Self::release`]. Signing in gives the browser a new session, and
    /// tower-sessions deletes the old one before it is known whether the browser receives the new one.
    pub fn retain(&self, id: Id) {
        *self.retained.lock().entry(id).or_default() += 1;
    }

    /// Allows a session to be deleted again.
    pub fn release(&self, id: Id) {
        let mut retained = self.retained.lock();
        if let Some(count) = retained.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                retained.remove(&id);
            }
        }
    }

    fn cached(&self, id: &Id) -> Option<Record> {
        let record = self.cache.get(id)?;
        (record.expiry_date > time::OffsetDateTime::now_utc()).then_some(record)
    }

    /// The data of a session that has not ended.
    async fn read(&self, id: &Id) -> std::result::Result<Option<Vec<u8>>, StoreError> {
        let now = time::OffsetDateTime::now_utc();
        let data: Option<(Vec<u8>,)> = query("select data from browser_sessions where id = $1 and ends > $2")
            .bind(hash(id))
            .bind(milliseconds(now))
            .fetch_optional(self.database.readers())
            .await?;
        Ok(data.map(|(data,)| data))
    }

    /// Deletes the sessions that have ended at `now`, and returns how many.
    pub(crate) async fn purge(&self, now: Timestamp) -> std::result::Result<u64, StoreError> {
        self.database
            .write(now.ms(), |connection, now| {
                Box::pin(async move {
                    let done = query("delete from browser_sessions where ends <= $1")
                        .bind(*now)
                        .execute(connection)
                        .await?;
                    Ok(done)
                })
            })
            .await
    }
}

#[async_trait]
impl SessionStore for BrowserSessions {
    /// Stores a new session. If its ID is taken, stores it under a new one and updates `record`.
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let session = StoredSession::of(record)?;
            let stored = self
                .database
                .write(session, |connection, session| {
                    Box::pin(async move {
                        let insert = "insert into browser_sessions (id, data, ends) values ($1, $2, $3)
                                      on conflict (id) do nothing";
                        let done = query(insert)
                            .bind(&session.id)
                            .bind(&session.data)
                            .bind(session.ends)
                            .execute(connection)
                            .await?;
                        Ok(done > 0)
                    })
                })
                .await;
            if stored.map_err(backend)? {
                self.cache.insert(record.id, record.clone());
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.cache.invalidate(&record.id);
        let saved = self
            .database
            .write(StoredSession::of(record)?, |connection, session| {
                Box::pin(save(connection, session))
            })
            .await;
        let saved = saved.map_err(backend)?;
        self.cache.insert(record.id, Record { id: record.id, ..saved });
        Ok(())
    }

    async fn load(&self, session_id: &Id) -> Result<Option<Record>> {
        if let Some(record) = self.cached(session_id).filter(|_| !self.database.is_shared()) {
            return Ok(Some(record));
        }
        match self.read(session_id).await {
            Ok(Some(data)) => {
                let record: Record = rmp_serde::from_slice(&data).map_err(|error| Error::Decode(error.to_string()))?;
                let record = Record {
                    id: *session_id,
                    ..record
                };
                self.cache.insert(*session_id, record.clone());
                Ok(Some(record))
            }
            Ok(None) => {
                self.cache.invalidate(session_id);
                Ok(None)
            }
            Err(error) if error.is_unreachable() => self.cached(session_id).map(Some).ok_or_else(|| backend(error)),
            Err(error) => Err(backend(error)),
        }
    }

    async fn delete(&self, session_id: &Id) -> Result<()> {
        if self.retained.lock().contains_key(session_id) {
            return Ok(());
        }
        self.cache.invalidate(session_id);
        let deleted = self
            .database
            .write(hash(session_id), |connection, id| {
                Box::pin(async move {
                    query("delete from browser_sessions where id = $1")
                        .bind(id)
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await;
        deleted.map_err(backend)
    }
}

impl StoredSession {
    /// The serialised record contains the ID too, so it is blanked out there.
    fn of(record: &Record) -> Result<Self> {
        let without_id = Record {
            id: Id(0),
            ..record.clone()
        };
        let data = rmp_serde::to_vec(&without_id).map_err(|error| Error::Encode(error.to_string()))?;
        Ok(Self {
            id: hash(&record.id),
            record: without_id,
            data,
            ends: milliseconds(record.expiry_date),
        })
    }
}

/// Stores a session, and what other requests changed in it since it was loaded. Returns all of it.
async fn save(connection: &mut Connection, session: &StoredSession) -> std::result::Result<Record, StoreError> {
    let changed = shared_changes::with_changes(connection, &session.id, &session.record).await?;
    let data = changed.as_ref().and_then(|record| rmp_serde::to_vec(record).ok());
    let upsert = "insert into browser_sessions (id, data, ends) values ($1, $2, $3)
                  on conflict (id) do update set data = excluded.data, ends = excluded.ends";
    query(upsert)
        .bind(&session.id)
        .bind(data.unwrap_or_else(|| session.data.clone()))
        .bind(session.ends)
        .execute(connection)
        .await?;
    Ok(changed.unwrap_or_else(|| session.record.clone()))
}

fn backend(error: StoreError) -> Error {
    Error::Backend(error.to_string())
}

fn milliseconds(at: time::OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn hash(id: &Id) -> String {
    let digest: [u8; 32] = Sha256::digest(id.0.to_le_bytes()).into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    Id(i128::from_le_bytes(half)).to_string()
}
