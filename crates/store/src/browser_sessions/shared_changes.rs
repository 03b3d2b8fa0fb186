//! Changes that requests of one browser make to its sessions at the same time, on whichever instance.
//!
//! A session is loaded and stored as a whole, and each sign-in gives the browser another one. Of two requests at the
//! same time, the one that ends last would therefore overwrite what the other one changed, and it is not known which
//! session's cookie the browser keeps. So each change is stored as a patch too, and every session of these requests
//! gets the patches of all of them, whenever it is stored. Sign-ins are passed on only to sessions that a sign-in
//! created: someone else may know the ID of the session that the requests began with, because they planted it.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tower_sessions::session::{Id, Record};

use super::{BrowserSessions, hash};
use crate::StoreError;
use crate::database::{Connection, query};

/// How long a change is passed on: longer than a request to sign in takes.
const SHARED_CHANGE_TTL: Duration = Duration::from_mins(2);

/// The requests of one browser that began with the same session. Stored as a hash, so that a copied database does not
/// contain valid cookies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserKey(String);

impl BrowserKey {
    /// The key of the requests with the cookies of this session and of this proof, which only one browser has.
    pub fn of(session: &Id, proof: &str) -> Self {
        let hash = Sha256::new().chain_update(session.0.to_le_bytes());
        Self(hex::encode(hash.chain_update(proof).finalize()))
    }
}

/// A change of a session's data.
#[derive(Clone, Debug)]
pub struct SharedChange {
    /// The requests that share it.
    pub browser: BrowserKey,
    /// The session that is changed first.
    pub session: Id,
    /// A JSON merge patch for the data (<https://www.rfc-editor.org/rfc/rfc7396>).
    pub patch: Map<String, Value>,
    /// Whether it signs in. Then the session has to be one that the sign-in created.
    pub signs_in: bool,
}

/// The state in the database before a change.
#[derive(Clone, Debug, Default)]
pub struct BeforeChange {
    /// The data of the session, with the changes of the other requests; empty if it does not exist.
    pub data: HashMap<String, Value>,
    /// Whether another request had made the same change.
    pub is_repeated: bool,
}

impl BrowserSessions {
    /// Makes a change in a session and in all others of the same requests.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn share_change(&self, change: SharedChange) -> Result<BeforeChange, StoreError> {
        let before = self
            .database
            .write(change, |connection, change| Box::pin(share(connection, change)))
            .await;
        // Only the hashes of the changed sessions are known, so all are discarded. This is as rare as sign-ins.
        self.cache.invalidate_all();
        before
    }

    /// Stops passing on the changes that were first made in this session, because the browser has not received it.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn withdraw_changes(&self, session: &Id) -> Result<(), StoreError> {
        self.database
            .write(hash(session), |connection, session| {
                Box::pin(async move {
                    query("delete from shared_session_changes where session = $1")
                        .bind(session)
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    pub(crate) async fn purge_shared_changes(&self) -> Result<u64, StoreError> {
        self.database
            .write((), |connection, ()| Box::pin(purge(connection)))
            .await
    }
}

/// The data of a session that is about to be stored as `record`, with the changes of other requests. `None` without
/// such changes.
pub(super) async fn with_changes(
    connection: &mut Connection,
    session: &str,
    record: &Record,
) -> Result<Option<Record>, StoreError> {
    let now = connection.dialect().now_ms();
    let patches = format!(
        "select patch from shared_session_changes change
         where at >= {now} - $2 and exists (
             select 1 from shared_session_changes own
             where own.session = $1 and own.browser = change.browser and (own.signs_in or not change.signs_in))
         order by id"
    );
    let patches = query(patches).bind(session).bind(ttl_ms());
    let patches: Vec<(String,)> = patches.fetch_all(connection).await?;
    if patches.is_empty() {
        return Ok(None);
    }
    let mut record = record.clone();
    apply_all(&mut record.data, &patches);
    Ok(Some(record))
}

async fn share(connection: &mut Connection, change: &SharedChange) -> Result<BeforeChange, StoreError> {
    purge(connection).await?;
    let BrowserKey(browser) = &change.browser;
    let (session, patch) = (hash(&change.session), Value::Object(change.patch.clone()).to_string());
    let earlier = "select patch from shared_session_changes where browser = $1 and ($2 or not signs_in) order by id";
    let earlier: Vec<(String,)> = query(earlier)
        .bind(browser)
        .bind(change.signs_in)
        .fetch_all(&mut *connection)
        .await?;
    let mut before = BeforeChange {
        data: stored(connection, &session).await?.unwrap_or_default(),
        is_repeated: earlier.iter().any(|(earlier,)| *earlier == patch),
    };
    apply_all(&mut before.data, &earlier);
    let now = connection.dialect().now_ms();
    let insert = format!(
        "insert into shared_session_changes (browser, session, patch, signs_in, at) values ($1, $2, $3, $4, {now})"
    );
    query(insert)
        .bind(browser)
        .bind(session)
        .bind(patch)
        .bind(change.signs_in)
        .execute(&mut *connection)
        .await?;
    let sessions: Vec<(String, Vec<u8>)> = query(
        "select id, data from browser_sessions
         where id in (select session from shared_session_changes where browser = $1)",
    )
    .bind(browser)
    .fetch_all(&mut *connection)
    .await?;
    for (id, data) in sessions {
        let Ok(record) = rmp_serde::from_slice::<Record>(&data) else {
            // The row was changed by hand, and counts as no session.
            continue;
        };
        if let Some(changed) = with_changes(connection, &id, &record).await?
            && let Ok(data) = rmp_serde::to_vec(&changed)
        {
            query("update browser_sessions set data = $2 where id = $1")
                .bind(id)
                .bind(data)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(before)
}

/// The data of a session; `None` if it does not exist, or was changed by hand.
async fn stored(connection: &mut Connection, session: &str) -> Result<Option<HashMap<String, Value>>, StoreError> {
    let row: Option<(Vec<u8>,)> = query("select data from browser_sessions where id = $1")
        .bind(session)
        .fetch_optional(connection)
        .await?;
    let record = row.and_then(|(data,)| rmp_serde::from_slice::<Record>(&data).ok());
    Ok(record.map(|record| record.data))
}

async fn purge(connection: &mut Connection) -> Result<u64, StoreError> {
    let now = connection.dialect().now_ms();
    let delete = query(format!("delete from shared_session_changes where at < {now} - $1"));
    Ok(delete.bind(ttl_ms()).execute(connection).await?)
}

fn ttl_ms() -> i64 {
    i64::try_from(SHARED_CHANGE_TTL.as_millis()).unwrap_or(i64::MAX)
}

fn apply_all(data: &mut HashMap<String, Value>, patches: &[(String,)]) {
    let patches = patches.iter().filter_map(|(patch,)| serde_json::from_str(patch).ok());
    for patch in patches.collect::<Vec<Map<String, Value>>>() {
        for (key, patch) in patch {
            match patch {
                Value::Null => drop(data.remove(&key)),
                patch => apply(data.entry(key).or_default(), patch),
            }
        }
    }
}

/// Changes a value as RFC 7396 says: objects are merged, null removes, and everything else replaces.
fn apply(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, patch) in patch {
        match patch {
            Value::Null => drop(target.remove(&key)),
            patch => apply(target.entry(key).or_insert(Value::Null), patch),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_merges_objects_removes_what_is_null_and_replaces_everything_else() {
        // From the appendix of RFC 7396.
        for (target, patch, result) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ] {
            let mut changed = target.clone();
            apply(&mut changed, patch.clone());
            assert_eq!(changed, result, "{target} and {patch}");
        }
    }

    #[test]
    fn the_key_of_a_browser_contains_neither_cookie_and_depends_on_both() {
        let (session, other) = (Id(7), Id(8));
        let BrowserKey(key) = BrowserKey::of(&session, "proof");
        assert_eq!(key.len(), 64);
        assert!(!key.contains("proof") && !key.contains(&session.to_string()));
        assert_ne!(BrowserKey::of(&other, "proof").0, key);
        assert_ne!(BrowserKey::of(&session, "other").0, key);
    }
}
