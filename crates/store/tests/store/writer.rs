//! The one writer: writes are committed as groups, even if no one waits for them, and one that fails does not fail the
//! others.

use std::time::Duration;

use domain::ClientAddress;
use store::{
    ActivityEntry, ActivityKind, Detail, Outcome, Phase, RequestedValue, StorageFault, Store, StoreError,
    WriteCheckError, verify_activity,
};
use tokio::time::{sleep, timeout};

use crate::{T0, any_lease, connect, mia, open, sqlite_dir};

fn entry(target: &str) -> ActivityEntry {
    ActivityEntry {
        at: T0,
        workspace: "prod".into(),
        operation: "0".repeat(32),
        phase: Phase::Intent,
        actor: "mia@acme.example".into(),
        kind: ActivityKind::RevokeToken,
        target: target.into(),
        before: String::new(),
        requested: RequestedValue::Empty,
        reason: String::new(),
        outcome: Outcome::Open,
        detail: Detail::Empty,
        request_id: "request-1".into(),
        client: ClientAddress::UNKNOWN,
    }
}

#[tokio::test]
async fn waiting_writes_share_a_commit() {
    let dir = sqlite_dir();
    let store = open(&dir).await;
    let before = store.commits();
    let writes: Vec<_> = (0..200)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.append(&entry(&n.to_string())).await.unwrap() })
        })
        .collect();
    for write in writes {
        write.await.unwrap();
    }
    let commits = store.commits() - before;
    assert!((1..=50).contains(&commits), "{commits} commits for 200 writes");
    assert_eq!(verify_activity(dir.path(), None).await.unwrap().unwrap().0, 200);
}

#[tokio::test]
async fn a_queued_write_is_done_even_if_the_caller_stops_waiting() {
    let dir = sqlite_dir();
    let store = open(&dir).await;
    for n in 0..200 {
        let target = entry(&n.to_string());
        let append = store.append(&target);
        // Polled for a moment and dropped, each time at a later point.
        let _ = timeout(Duration::from_micros(n * 20), append).await;
    }
    // Waiting for the last one means waiting for all that were queued before it.
    store.append(&entry("last")).await.unwrap();
    let (written, _) = verify_activity(dir.path(), None).await.unwrap().unwrap();
    assert!(written > 100, "{written} of 201 were queued");
}

#[tokio::test]
async fn a_lock_is_reported_and_writes_work_again_after_it() {
    let dir = sqlite_dir();
    let store = open(&dir).await;
    let mut other = connect(dir.path()).await.unwrap();
    sqlx::query("begin immediate").execute(&mut other).await.unwrap();
    let (first, second) = (entry("1"), entry("2"));
    let (first, second) = tokio::join!(store.append(&first), store.append(&second));
    for refused in [first, second] {
        assert_eq!(refused.unwrap_err().fault(), Some(StorageFault::Locked));
    }
    let ready = store.readiness(T0).await;
    assert!(matches!(ready, Err(WriteCheckError::TimedOut)), "{ready:?}");
    sqlx::query("rollback").execute(&mut other).await.unwrap();
    store.append(&entry("3")).await.unwrap();
    assert_eq!(verify_activity(dir.path(), None).await.unwrap().unwrap().0, 1);
}

/// Appends rows at the same time, one in ten of them with the target "bad". Only these must fail.
async fn append_with_bad_ones(store: &Store, rows: usize) {
    let writes: Vec<_> = (0..rows)
        .map(|n| {
            let store = store.clone();
            let target = if n % 10 == 5 { "bad".to_owned() } else { n.to_string() };
            tokio::spawn(async move { (target.clone(), store.append(&entry(&target)).await) })
        })
        .collect();
    for write in writes {
        let (target, result) = write.await.unwrap();
        assert_eq!(result.is_err(), target == "bad", "{target}: {result:?}");
    }
}

/// If the disk is full, SQLite rolls a transaction back automatically, and a connection that does not know that keeps
/// failing.
#[tokio::test]
async fn a_lost_transaction_fails_only_the_write_that_caused_it() {
    let dir = sqlite_dir();
    let store = open(&dir).await;
    // A row that makes SQLite end the whole transaction, as it does automatically for a full disk.
    let mut other = connect(dir.path()).await.unwrap();
    let trigger = "create trigger lost before insert on activity when new.target = 'bad'
                   begin select raise(rollback, 'lost'); end";
    sqlx::query(trigger).execute(&mut other).await.unwrap();
    append_with_bad_ones(&store, 30).await;
    store.append(&entry("after")).await.unwrap();
    assert_eq!(verify_activity(dir.path(), None).await.unwrap().unwrap().0, 28);
}

#[tokio::test]
async fn a_failed_write_does_not_affect_the_others_of_its_group() {
    let dir = sqlite_dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    let secret = "another".to_owned().into();
    let unknown = "f".repeat(32).parse().unwrap();
    let target = entry("1");
    let lease = any_lease(&store).await;
    let (refused, replaced, appended) = tokio::join!(
        store.replace_secret(&unknown, &secret, &lease),
        store.replace_secret(&id, &secret, &lease),
        store.append(&target),
    );
    assert!(matches!(refused, Err(StoreError::UnknownSignIn)));
    replaced.unwrap();
    appended.unwrap();
}

#[tokio::test]
async fn a_closed_store_reports_that_it_is_closed() {
    let dir = sqlite_dir();
    let store = open(&dir).await;
    store.append(&entry("1")).await.unwrap();
    store.close().await.unwrap();
    assert!(matches!(store.append(&entry("2")).await, Err(StoreError::Closed)));
    let log = dir.path().join("console.db-wal");
    assert!(
        !log.exists() || log.metadata().unwrap().len() == 0,
        "the log was not moved into the database"
    );
}

#[tokio::test]
async fn readiness_writes_at_most_once_in_five_seconds() {
    let dir = sqlite_dir();
    let store = open(&dir).await;
    let before = store.commits();
    for _ in 0..50 {
        store.readiness(T0).await.unwrap();
    }
    assert_eq!(store.commits() - before, 1);
    sleep(Duration::from_millis(5100)).await;
    store.readiness(T0).await.unwrap();
    assert_eq!(store.commits() - before, 2);
}

#[tokio::test]
async fn a_person_has_at_most_twenty_sign_ins_and_the_oldest_ends_first() {
    let dir = sqlite_dir();
    let store = open(&dir).await;
    let mut ids = Vec::new();
    for n in 0..25 {
        let new = store::NewSignIn {
            created: T0.plus(Duration::from_millis(n)),
            ..mia()
        };
        let id = store.add_sign_in(new).await.unwrap();
        store.settle_sign_in(&id, None).await.unwrap();
        ids.push(id);
    }
    let other = store::NewSignIn {
        principal: domain::PrincipalId::new(7),
        ..mia()
    };
    let other = store.add_sign_in(other).await.unwrap();
    store.settle_sign_in(&other, None).await.unwrap();
    let mut existing = Vec::new();
    for id in &ids {
        existing.push(exists(&store, id).await);
    }
    assert_eq!(existing, [vec![false; 5], vec![true; 20]].concat());
    assert!(exists(&store, &other).await);
    // A sign-in that replaces another also ends that one.
    store.settle_sign_in(&ids[24], Some(ids[5])).await.unwrap();
    assert!(!exists(&store, &ids[5]).await);
}

async fn exists(store: &Store, id: &store::SignInId) -> bool {
    store
        .sign_in(id, T0.plus(Duration::from_millis(100)))
        .await
        .unwrap()
        .is_some()
}

/// Rows that wait at the same time are added by one statement, which fails as a whole.
#[tokio::test]
async fn a_row_that_cannot_be_added_does_not_fail_those_that_wait_with_it() {
    let dir = sqlite_dir();
    let store = open(&dir).await;
    let mut other = connect(dir.path()).await.unwrap();
    let trigger = "create trigger refused before insert on activity when new.target = 'bad'
                   begin select raise(abort, 'refused'); end";
    sqlx::query(trigger).execute(&mut other).await.unwrap();
    append_with_bad_ones(&store, 64).await;
    assert_eq!(verify_activity(dir.path(), None).await.unwrap().unwrap().0, 58);
}
