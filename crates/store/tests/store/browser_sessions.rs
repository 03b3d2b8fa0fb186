//! Browser sessions under hashed ids.

use crate::*;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

fn record(lives: time::Duration) -> Record {
    Record {
        id: Id::default(),
        data: [("sign_in".to_owned(), "a-sign-in".into())].into(),
        expiry_date: OffsetDateTime::now_utc() + lives,
    }
}

const LONG: time::Duration = time::Duration::DAY;

#[tokio::test]
async fn a_session_survives_a_restart_under_its_own_id() {
    let dir = dir();
    let store = open(&dir).await;
    let mut session = record(LONG);
    let drawn = session.id;
    store.sessions().create(&mut session).await.unwrap();
    assert_eq!(session.id, drawn);
    store.close().await.unwrap();

    let sessions = open(&dir).await.sessions();
    assert_eq!(sessions.load(&drawn).await.unwrap(), Some(session.clone()));

    session.data.insert("next".into(), "/w/prod/tokens".into());
    sessions.save(&session).await.unwrap();
    assert_eq!(sessions.load(&drawn).await.unwrap(), Some(session));

    sessions.delete(&drawn).await.unwrap();
    assert_eq!(sessions.load(&drawn).await.unwrap(), None);
}

#[tokio::test]
async fn a_taken_id_gives_the_new_session_another_one() {
    let dir = dir();
    let store = open(&dir).await;
    let sessions = store.sessions();
    let mut first = record(LONG);
    sessions.create(&mut first).await.unwrap();

    let mut second = record(LONG);
    second.id = first.id;
    second.data.insert("whose".into(), "second".into());
    sessions.create(&mut second).await.unwrap();
    assert_ne!(second.id, first.id);
    assert_eq!(sessions.load(&first.id).await.unwrap(), Some(first));
    assert_eq!(sessions.load(&second.id).await.unwrap(), Some(second));
    // And the row that met the taken id is not left behind.
    assert_eq!(sql(dir.path(), "delete from browser_sessions").await.unwrap(), 2);
}

#[tokio::test]
async fn what_is_stored_is_no_cookie() {
    let dir = dir();
    let store = open(&dir).await;
    let mut session = record(LONG);
    store.sessions().create(&mut session).await.unwrap();
    let stored: String = sqlx::query_scalar("select id from browser_sessions")
        .fetch_one(&mut connect(dir.path()).await.unwrap())
        .await
        .unwrap();
    let stored: Id = stored.parse().unwrap();
    let hash = Sha256::digest(session.id.0.to_le_bytes());
    assert_eq!(stored.0.to_le_bytes(), hash[..16]);
    assert_eq!(store.sessions().load(&stored).await.unwrap(), None);
}

#[tokio::test]
async fn expired_sessions_are_not_loaded_and_go_with_a_purge() {
    let dir = dir();
    let store = open(&dir).await;
    let sessions = store.sessions();
    let (mut old, mut new) = (record(-time::Duration::HOUR), record(LONG));
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
