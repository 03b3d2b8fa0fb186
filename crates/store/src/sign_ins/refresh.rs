//! Replacing the credential of a sign-in by a refreshed one.

use std::sync::Arc;

use secrecy::SecretString;

use super::{SealedRow, unseal};
use crate::database::{Connection, DatabasePlace, query};
use crate::events::publish_within;
use crate::leases::{Lease, check_lease};
use crate::{EventKind, NewEvent, SealingKeys, SignInId, Store, StoreError};

impl Store {
    /// Records that the refresh token is about to be sent, which uses it up. Until the new one is stored, or this is
    /// taken back, it must not be sent again: some sign-in services then end everything that came from it. Returns
    /// `false` if it was sent under another lease: the instance that did is gone, and the new token with it.
    ///
    /// `lease` is that of [`Self::replace_secret`].
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another instance has the lease by now, [`StoreError::UnknownSignIn`] if the sign-in
    /// is gone; otherwise if the database fails. The refresh token must not be sent then.
    pub async fn mark_refresh_sent(&self, id: &SignInId, lease: &Lease) -> Result<bool, StoreError> {
        self.database
            .write((*id, lease.clone()), |connection, (id, lease)| {
                Box::pin(mark_sent(connection, id, lease))
            })
            .await
    }

    /// Takes [`Self::mark_refresh_sent`] back, because sending produced no new token.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn unmark_refresh_sent(&self, id: &SignInId, lease: &Lease) -> Result<(), StoreError> {
        self.database
            .write((*id, lease.clone()), |connection, (id, lease)| {
                Box::pin(async move {
                    query("update sign_ins set refresh_sent = 0 where id = $1 and refresh_sent = $2")
                        .bind(id.to_string())
                        .bind(lease.epoch())
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Replaces the credential by a refreshed one, which is committed when this returns. It must not be used before
    /// that, because the refresh token of the old one has been spent.
    ///
    /// `lease` is the right to refresh this sign-in, which the caller has had since before it read the old credential.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if another instance has it by now, [`StoreError::UnknownSignIn`] if the sign-in is
    /// gone, and those of [`Self::sign_in`]: a row whose old credential does not open was relabelled, and gets no new
    /// one.
    pub async fn replace_secret(&self, id: &SignInId, secret: &SecretString, lease: &Lease) -> Result<(), StoreError> {
        let new = NewSecret {
            id: *id,
            instance: self.instance.clone(),
            lease: lease.clone(),
            secret: secret.clone(),
            keys: Arc::clone(&self.keys),
            database: self.database.place().clone(),
        };
        self.write_and_publish(new, |connection, new| Box::pin(replace(connection, new)))
            .await
    }
}

/// A credential that is about to replace another.
struct NewSecret {
    id: SignInId,
    instance: String,
    lease: Lease,
    secret: SecretString,
    keys: Arc<SealingKeys>,
    database: DatabasePlace,
}

async fn mark_sent(connection: &mut Connection, id: &SignInId, lease: &Lease) -> Result<bool, StoreError> {
    check_lease(connection, lease).await?;
    let update = query("update sign_ins set refresh_sent = $2 where id = $1 and refresh_sent in (0, $2)");
    let update = update.bind(id.to_string()).bind(lease.epoch());
    if update.execute(&mut *connection).await? > 0 {
        return Ok(true);
    }
    let exists: Option<(String,)> = query("select id from sign_ins where id = $1")
        .bind(id.to_string())
        .fetch_optional(connection)
        .await?;
    exists.map(|_| false).ok_or(StoreError::UnknownSignIn)
}

async fn replace(connection: &mut Connection, new: &NewSecret) -> Result<(), StoreError> {
    check_lease(connection, &new.lease).await?;
    let row: SealedRow = query("select workspace, principal_id, key_id, sealed from sign_ins where id = $1")
        .bind(new.id.to_string())
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(StoreError::UnknownSignIn)?;
    unseal(&new.database, &new.keys, &row, &new.id)?;
    let key = new.keys.current();
    let sealed = key.seal(&new.secret, &row.owner(&new.id))?;
    query("update sign_ins set sealed = $2, key_id = $3, refresh_sent = 0 where id = $1")
        .bind(new.id.to_string())
        .bind(sealed)
        .bind(key.id())
        .execute(&mut *connection)
        .await?;
    let event = NewEvent {
        binding: row.workspace.clone(),
        kind: EventKind::CredentialReplaced { sign_in: new.id },
    };
    publish_within(connection, &new.instance, &[event]).await
}
