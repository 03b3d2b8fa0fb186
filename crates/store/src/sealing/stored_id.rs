//! The ID of the key that a database's credentials are sealed with, in the database itself. An instance with another
//! key does not start: it could not open what the others sealed, and they not what it seals.

use crate::StoreError;
use crate::database::{Connection, DatabasePlace, Dialect, query};
use crate::sealing::keys::SealingKeys;
use crate::store::wrong_key;

/// Checks whether a console with these keys can use the database. It only reads, so that an instance with another key
/// is refused before it changes anything; the tables may be missing, or those of another version.
///
/// # Errors
/// [`StoreError::WrongKey`] if the stored ID, or a stored credential, is of none of the keys.
pub(crate) async fn check(
    connection: &mut Connection,
    place: &DatabasePlace,
    keys: &SealingKeys,
) -> Result<(), StoreError> {
    if has_table(connection, "sealing_keys").await? {
        check_stored_id(connection, place, keys).await?;
    }
    if has_table(connection, "sign_ins").await? {
        check_credentials(connection, place, keys).await?;
    }
    Ok(())
}

/// Stores the ID of the current key, within a write. It stays as it is if the stored one is that of the next key: then
/// other instances have gone ahead, and this one still knows what it needs.
///
/// # Errors
/// As for [`check`]: another instance may have been faster.
pub(crate) async fn record(
    connection: &mut Connection,
    place: &DatabasePlace,
    keys: &SealingKeys,
) -> Result<(), StoreError> {
    let stored = check_stored_id(connection, place, keys).await?;
    let is_kept = |id: &str| id == keys.current().id() || keys.next().is_some_and(|next| next.id() == id);
    if stored.is_some_and(|id| is_kept(&id)) {
        return Ok(());
    }
    query(
        "insert into sealing_keys (role, key_id) values ('current', $1)
         on conflict (role) do update set key_id = excluded.key_id",
    )
    .bind(keys.current().id())
    .execute(connection)
    .await?;
    Ok(())
}

/// The stored ID, if it is that of a known key. With SQLite, which only one console uses, any key is accepted as long
/// as nothing is sealed.
async fn check_stored_id(
    connection: &mut Connection,
    place: &DatabasePlace,
    keys: &SealingKeys,
) -> Result<Option<String>, StoreError> {
    let stored: Option<(String,)> = query("select key_id from sealing_keys where role = 'current'")
        .fetch_optional(&mut *connection)
        .await?;
    let Some((id,)) = stored else { return Ok(None) };
    let is_shared = connection.dialect() == Dialect::Postgres;
    if keys.find(&id).is_none() && (is_shared || is_anything_sealed(connection).await?) {
        return Err(wrong_key(place, keys, id));
    }
    Ok(Some(id))
}

async fn check_credentials(
    connection: &mut Connection,
    place: &DatabasePlace,
    keys: &SealingKeys,
) -> Result<(), StoreError> {
    let mut other = query("select key_id from sign_ins where key_id not in (");
    other.push_list(keys.ids()).push(") limit 1");
    let other: Option<(String,)> = other.fetch_optional(connection).await?;
    match other {
        None => Ok(()),
        Some((id,)) => Err(wrong_key(place, keys, id)),
    }
}

async fn is_anything_sealed(connection: &mut Connection) -> Result<bool, StoreError> {
    let row: Option<(String,)> = query("select key_id from sign_ins limit 1")
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

async fn has_table(connection: &mut Connection, name: &'static str) -> Result<bool, StoreError> {
    let find = query(match connection.dialect() {
        Dialect::Sqlite => "select name from sqlite_schema where type = 'table' and name = $1",
        // In the schemas where a statement would find it.
        Dialect::Postgres => "select cast($1 as text) where to_regclass($1) is not null",
    });
    let found: Option<(String,)> = find.bind(name).fetch_optional(connection).await?;
    Ok(found.is_some())
}
