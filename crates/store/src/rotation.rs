//! A new sealing key in the place of an old one, with everybody staying signed in.

use sqlx::FromRow;

use crate::sealing::SealingKey;
use crate::sign_ins::SealedRow;
use crate::{Store, StoreError, sqlite};

#[derive(FromRow)]
struct Row {
    id: String,
    #[sqlx(flatten)]
    sealed: SealedRow,
}

impl Store {
    /// Seals every credential that was sealed with `previous` with this store's key, all or none, and says how many.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] where one does not open with the key that it names; otherwise when the database fails.
    pub(crate) async fn reseal(&self, previous: &SealingKey) -> Result<u64, StoreError> {
        let mut transaction = self.pool.begin_with(sqlite::BEGIN_WRITE).await?;
        let rows: Vec<Row> =
            sqlx::query_as("select id, workspace, principal_id, key_id, sealed from sign_ins where key_id = $1")
                .bind(previous.id())
                .fetch_all(&mut *transaction)
                .await?;
        let mut resealed = 0;
        for row in rows {
            let id = row.id.parse().map_err(|_| StoreError::Tampered)?;
            let owner = row.sealed.owner(&id);
            let secret = previous.open(&row.sealed.sealed, &owner)?;
            sqlx::query("update sign_ins set sealed = $2, key_id = $3 where id = $1")
                .bind(&row.id)
                .bind(self.key.seal(&secret, &owner)?)
                .bind(self.key.id())
                .execute(&mut *transaction)
                .await?;
            resealed += 1;
        }
        transaction.commit().await?;
        Ok(resealed)
    }
}
