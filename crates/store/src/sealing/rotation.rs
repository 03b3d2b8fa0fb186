//! Replacing the sealing key by a new one. Everyone stays signed in.

use sqlx::FromRow;

use crate::StoreError;
use crate::database::{Connection, query};
use crate::sealing::keys::SealingKeys;
use crate::sign_ins::SealedRow;

#[derive(FromRow)]
struct ResealedRow {
    id: String,
    #[sqlx(flatten)]
    sealed: SealedRow,
}

/// Seals every credential of the previous key with the current one, all or none, within a write. Returns how many there
/// were.
///
/// # Errors
/// [`StoreError::Tampered`] if one does not open with the key that its row names; otherwise if the database fails.
pub(crate) async fn reseal(connection: &mut Connection, keys: &SealingKeys) -> Result<u64, StoreError> {
    let Some(previous) = keys.previous() else {
        return Ok(0);
    };
    let rows: Vec<ResealedRow> =
        query("select id, workspace, principal_id, key_id, sealed from sign_ins where key_id = $1")
            .bind(previous.id())
            .fetch_all(&mut *connection)
            .await?;
    let mut resealed = 0;
    for row in rows {
        let id = row.id.parse().map_err(|_| StoreError::Tampered)?;
        let owner = row.sealed.owner(&id);
        let secret = previous.open(&row.sealed.sealed, &owner)?;
        query("update sign_ins set sealed = $2, key_id = $3 where id = $1")
            .bind(&row.id)
            .bind(keys.current().seal(&secret, &owner)?)
            .bind(keys.current().id())
            .execute(&mut *connection)
            .await?;
        resealed += 1;
    }
    Ok(resealed)
}
