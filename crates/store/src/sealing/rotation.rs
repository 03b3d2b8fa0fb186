//! Replacing the sealing key by a new one. Everyone stays signed in.

use std::sync::Arc;

use sqlx::FromRow;

use crate::database::{Connection, query};
use crate::sealing::SealingKey;
use crate::sign_ins::SealedRow;
use crate::{Store, StoreError};

#[derive(FromRow)]
struct ResealedRow {
    id: String,
    #[sqlx(flatten)]
    sealed: SealedRow,
}

impl Store {
    /// Seals every credential that was sealed with `previous` again with this store's key, all or none. Returns how
    /// many those were.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] if one does not open with the key that its row names; otherwise if the database fails.
    pub(crate) async fn reseal(&self, previous: SealingKey) -> Result<u64, StoreError> {
        let keys = Keys {
            previous,
            current: Arc::clone(&self.key),
        };
        self.database
            .write(keys, |connection, keys| Box::pin(reseal(connection, keys)))
            .await
    }
}

struct Keys {
    previous: SealingKey,
    current: Arc<SealingKey>,
}

async fn reseal(connection: &mut Connection, keys: &Keys) -> Result<u64, StoreError> {
    let rows: Vec<ResealedRow> =
        query("select id, workspace, principal_id, key_id, sealed from sign_ins where key_id = $1")
            .bind(keys.previous.id())
            .fetch_all(&mut *connection)
            .await?;
    let mut resealed = 0;
    for row in rows {
        let id = row.id.parse().map_err(|_| StoreError::Tampered)?;
        let owner = row.sealed.owner(&id);
        let secret = keys.previous.open(&row.sealed.sealed, &owner)?;
        query("update sign_ins set sealed = $2, key_id = $3 where id = $1")
            .bind(&row.id)
            .bind(keys.current.seal(&secret, &owner)?)
            .bind(keys.current.id())
            .execute(&mut *connection)
            .await?;
        resealed += 1;
    }
    Ok(resealed)
}
