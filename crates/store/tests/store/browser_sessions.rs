//! Browser sessions under hashed IDs.

use domain::Timestamp;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

use crate::{dir, open, sql, texts};

fn record(lifetime: time::Duration) -> Record {
    Record {
        id: Id::default(),
        data: [("sign_in".to_owned(), "a-sign-in".into())].into(),
        expiry_date: OffsetDateTime::now_utc() + lifetime,
    }
}

const ONE_DAY: time::Duration = time::Duration::DAY;

#[tokio::test]
async fn a_session_survives_a_restart_under_its_id() {
    let dir = dir();
    let store = open(&dir).await;
    let mut session = record(ONE_DAY);
    let id = session.id;
    store.sessions().create(&mut session).await.unwrap();
    assert_eq!(session.id, id);
    store.close().await.unwrap();

    let sessions = open(&dir).await.sessions();
    assert_eq!(sessions.load(&id).await.unwrap(), Some(session.clone()));

    session.data.insert("next".into(), "/w/prod/tokens".into());
    sessions.save(&session).await.unwrap();
    assert_eq!(sessions.load(&id).await.unwrap(), Some(session));

    sessions.delete(&id).await.unwrap();
    assert_eq!(sessions.load(&id).await.unwrap(), None);
}

#[tokio::test]
async fn a_new_session_whose_id_is_taken_gets_another_id() {
    let dir = dir();
    let store = open(&dir).await;
    let sessions = store.sessions();
    let mut first = record(ONE_DAY);
    sessions.create(&mut first).await.unwrap();

    let mut second = record(ONE_DAY);
    second.id = first.id;
    second.data.insert("whose".into(), "second".into());
    sessions.create(&mut second).await.unwrap();
    assert_ne!(second.id, first.id);
    assert_eq!(sessions.load(&first.id).await.unwrap(), Some(first));
    assert_eq!(sessions.load(&second.id).await.unwrap(), Some(second));
    // No other row was left behind.
    assert_eq!(sql(&dir, "delete from browser_sessions").await.unwrap(), 2);
}

#[tokio::test]
async fn a_stored_session_id_is_not_a_valid_cookie() {
    let dir = dir();
    let store = open(&dir).await;
    let mut session = record(ONE_DAY);
    store.sessions().create(&mut session).await.unwrap();
    let stored: Id = texts(&dir, "select id from browser_sessions").await[0][0]
        .parse()
        .unwrap();
    let hash = Sha256::digest(session.id.0.to_le_bytes());
    assert_eq!(stored.0.to_le_bytes(), hash[..16]);
    assert_eq!(store.sessions().load(&stored).await.unwrap(), None);
}

#[tokio::test]
async fn expired_sessions_are_not_loaded_and_are_deleted_by_a_purge() {
    let dir = dir();
    let store = open(&dir).await;
    let sessions = store.sessions();
    let (mut old, mut new) = (record(-time::Duration::HOUR), record(ONE_DAY));
    sessions.create(&mut old).await.unwrap();
    sessions.create(&mut new).await.unwrap();
    assert_eq!(sessions.load(&old.id).await.unwrap(), None);

    let at =
        |moment: OffsetDateTime| Timestamp::from_ms(i64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap());
    assert_eq!(
        store.purge(at(old.expiry_date - time::Duration::SECOND)).await.unwrap(),
        0
    );
    assert_eq!(store.purge(at(old.expiry_date)).await.unwrap(), 1);
    assert_eq!(sessions.load(&new.id).await.unwrap(), Some(new.clone()));
    assert_eq!(store.purge(at(new.expiry_date)).await.unwrap(), 1);
}
