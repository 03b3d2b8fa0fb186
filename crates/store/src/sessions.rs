//! Browser sessions under hashed ids, so that a copied database is no set of cookies.

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use tower_sessions::{
    ExpiredDeletion, SessionStore,
    session::{Id, Record},
    session_store,
};
use tower_sessions_sqlx_store::SqliteStore;

/// The library's session store, which sees only the SHA-256 of each session id, cut to the 128 bits that its id
/// type holds.
///
/// That is enough: the ids are 128 random bits, so a plain fast hash has nothing to be guessed from, and finding an
/// id for a stored hash takes about 2^128 tries with 128 bits of hash, as many as finding the id itself. Two ids
/// with one hash, which is all that a shorter hash makes likelier, give an attacker nothing, because the console
/// draws the ids; and by chance they are as rare as two equal ids, which [`create`](SessionStore::create) handles.
#[derive(Clone, Debug)]
pub struct HashedSessions {
    inner: SqliteStore,
}

impl HashedSessions {
    pub(crate) fn new(inner: SqliteStore) -> Self {
        Self { inner }
    }
}

#[async_trait]
impl SessionStore for HashedSessions {
    /// Stores a new session; where its id is taken, under a new one, which `record` then has.
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        loop {
            let mut stored = hashed(record);
            let wanted = stored.id;
            self.inner.create(&mut stored).await?;
            if stored.id == wanted {
                return Ok(());
            }
            // The inner store met a taken id and drew another hash, of which nobody knows an id.
            self.inner.delete(&stored.id).await?;
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.inner.save(&hashed(record)).await
    }

    async fn load(&self, session_id: &Id) -> session_store::Result<Option<Record>> {
        let stored = self.inner.load(&hash(session_id)).await?;
        Ok(stored.map(|record| Record {
            id: *session_id,
            ..record
        }))
    }

    async fn delete(&self, session_id: &Id) -> session_store::Result<()> {
        self.inner.delete(&hash(session_id)).await
    }
}

#[async_trait]
impl ExpiredDeletion for HashedSessions {
    async fn delete_expired(&self) -> session_store::Result<()> {
        self.inner.delete_expired().await
    }
}

/// The record as it is stored: its bytes hold the id too, so that one is replaced with it.
fn hashed(record: &Record) -> Record {
    Record {
        id: hash(&record.id),
        ..record.clone()
    }
}

fn hash(id: &Id) -> Id {
    let digest: [u8; 32] = Sha256::digest(id.0.to_le_bytes()).into();
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    Id(i128::from_le_bytes(half))
}
