//! Browser sessions under hashed IDs.

use domain::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use store::{BrowserKey, BrowserSessions, SharedChange};
use time::OffsetDateTime;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

use crate::{TestPlace, dir, open, sql, texts};

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

/// The change that a sign-in to a workspace makes.
fn sign_in(workspace: &str, session: Id, browser: &BrowserKey) -> SharedChange {
    SharedChange {
        browser: browser.clone(),
        session,
        patch: patch(&json!({ "sign_ins": { (workspace): "an-id" } })),
        signs_in: true,
    }
}

fn patch(patch: &Value) -> Map<String, Value> {
    patch.as_object().unwrap().clone()
}

/// Stores a session that was created by a sign-in to a workspace.
async fn signed_in(sessions: &BrowserSessions, workspace: &str) -> Record {
    let mut session = record(ONE_DAY);
    session.data = [("sign_ins".to_owned(), json!({ (workspace): "an-id" }))].into();
    sessions.create(&mut session).await.unwrap();
    session
}

async fn workspaces(sessions: &BrowserSessions, session: &Id) -> Vec<String> {
    let session = sessions.load(session).await.unwrap().unwrap();
    let mut all: Vec<_> = session.data["sign_ins"].as_object().unwrap().keys().cloned().collect();
    all.sort();
    all
}

/// The sessions as two instances see them; with SQLite there is one.
async fn two_instances(dir: &TestPlace) -> (BrowserSessions, BrowserSessions) {
    let one = open(dir).await.sessions();
    let other = match dir.is_postgres() {
        true => open(dir).await.sessions(),
        false => one.clone(),
    };
    (one, other)
}

#[tokio::test]
async fn requests_of_one_browser_that_sign_in_on_two_instances_both_last() {
    let dir = dir();
    let (one, other) = two_instances(&dir).await;
    let browser = BrowserKey::of(&Id::default(), "proof");
    let (first, second) = (signed_in(&one, "dev").await, signed_in(&other, "prod").await);
    let before = one.share_change(sign_in("dev", first.id, &browser)).await.unwrap();
    assert!(!before.is_repeated);
    let before = other.share_change(sign_in("prod", second.id, &browser)).await.unwrap();
    // This session has the sign-in of the other one too.
    assert_eq!(before.data["sign_ins"], json!({ "dev": "an-id", "prod": "an-id" }));
    for sessions in [&one, &other] {
        for session in [&first, &second] {
            assert_eq!(workspaces(sessions, &session.id).await, ["dev", "prod"]);
        }
    }
    // A request that does not know of the other one stores its session again as it knows it.
    one.save(&first).await.unwrap();
    other.save(&second).await.unwrap();
    for sessions in [&one, &other] {
        for session in [&first, &second] {
            assert_eq!(workspaces(sessions, &session.id).await, ["dev", "prod"]);
        }
    }
    // Neither does one that could not be delivered.
    let third = signed_in(&one, "test").await;
    one.share_change(sign_in("test", third.id, &browser)).await.unwrap();
    one.withdraw_changes(&third.id).await.unwrap();
    let fourth = signed_in(&other, "next").await;
    other.share_change(sign_in("next", fourth.id, &browser)).await.unwrap();
    assert_eq!(workspaces(&other, &fourth.id).await, ["dev", "next", "prod"]);
}

#[tokio::test]
async fn another_browser_and_the_session_that_requests_began_with_get_no_sign_in() {
    let dir = dir();
    let (one, other) = two_instances(&dir).await;
    // Someone else knows its ID.
    let mut planted = record(ONE_DAY);
    one.create(&mut planted).await.unwrap();
    let browser = BrowserKey::of(&planted.id, "proof");
    let begun = SharedChange {
        browser: browser.clone(),
        session: planted.id,
        patch: patch(&json!({ "oauth_starts": { "a-state": { "verifier": "v" } } })),
        signs_in: false,
    };
    other.share_change(begun.clone()).await.unwrap();
    let session = signed_in(&one, "dev").await;
    one.share_change(sign_in("dev", session.id, &browser)).await.unwrap();
    let stranger = signed_in(&other, "prod").await;
    let elsewhere = BrowserKey::of(&planted.id, "another proof");
    other
        .share_change(sign_in("prod", stranger.id, &elsewhere))
        .await
        .unwrap();
    one.save(&planted).await.unwrap();
    assert!(
        !one.load(&planted.id)
            .await
            .unwrap()
            .unwrap()
            .data
            .contains_key("sign_ins")
    );
    assert_eq!(workspaces(&one, &session.id).await, ["dev"]);
    assert_eq!(workspaces(&one, &stranger.id).await, ["prod"]);
    // A change that was begun can be completed with either session.
    for id in [&planted.id, &session.id] {
        let data = one.load(id).await.unwrap().unwrap().data;
        assert_eq!(data["oauth_starts"]["a-state"]["verifier"], "v");
    }
    assert!(other.share_change(begun).await.unwrap().is_repeated);
}

#[tokio::test]
async fn what_a_browser_changes_is_not_passed_on_after_some_minutes() {
    let dir = dir();
    let store = open(&dir).await;
    let sessions = store.sessions();
    let browser = BrowserKey::of(&Id::default(), "proof");
    let first = signed_in(&sessions, "dev").await;
    sessions.share_change(sign_in("dev", first.id, &browser)).await.unwrap();
    sql(&dir, "update shared_session_changes set at = at - 130000")
        .await
        .unwrap();
    let second = signed_in(&sessions, "prod").await;
    sessions
        .share_change(sign_in("prod", second.id, &browser))
        .await
        .unwrap();
    assert_eq!(workspaces(&sessions, &second.id).await, ["prod"]);
    assert_eq!(sql(&dir, "delete from shared_session_changes").await.unwrap(), 1);
}
