//! The record of what was done.

use crate::*;
use store::{ActivityEntry, ActivityQuery, ChainError, Outcome, Phase, operation_id, verify_activity};

fn entry(at: u64, workspace: &str, target: &str) -> ActivityEntry {
    ActivityEntry {
        at: T0.plus(Duration::from_millis(at)),
        workspace: workspace.into(),
        operation: operation_id(),
        phase: Phase::Intent,
        actor: "Mia@acme.example".into(),
        kind: "revoke_token".into(),
        target: target.into(),
        before: "nightly export (ci)".into(),
        requested: String::new(),
        reason: "leaked in a log".into(),
        outcome: Outcome::Open,
        detail: String::new(),
        request_id: format!("request-{target}"),
    }
}

fn ended(of: &ActivityEntry, outcome: Outcome, detail: &str) -> ActivityEntry {
    ActivityEntry {
        phase: Phase::Outcome,
        outcome,
        detail: detail.into(),
        ..of.clone()
    }
}

fn of(workspace: &str) -> ActivityQuery {
    ActivityQuery {
        workspace: workspace.into(),
        ..ActivityQuery::default()
    }
}

async fn targets(store: &Store, query: ActivityQuery) -> Vec<String> {
    let page = store.activity(&query, 9).await.unwrap();
    page.operations.into_iter().map(|o| o.target).collect()
}

#[tokio::test]
async fn operations_come_newest_first_with_their_latest_ending_and_survive_a_restart() {
    let dir = dir();
    let store = open(&dir).await;
    let [a, b, c] = [entry(0, "prod", "a"), entry(2, "prod", "b"), entry(1, "dev", "c")];
    for entry in [&a, &b, &ended(&a, Outcome::Unknown, "no answer"), &c] {
        store.append(entry).await.unwrap();
    }
    store.close().await.unwrap();

    let store = open(&dir).await;
    assert_eq!(targets(&store, of("prod")).await, ["b", "a"]);
    store.append(&ended(&a, Outcome::Done, "found gone")).await.unwrap();
    let page = store.activity(&of("prod"), 9).await.unwrap();
    let told: Vec<_> = page.operations.iter().map(|o| (o.outcome, o.detail.as_str())).collect();
    assert_eq!(told, [(Outcome::Open, ""), (Outcome::Done, "found gone")]);
    assert_eq!(page.operations[1].reason, "leaked in a log");
    assert!(!page.more && store.activity(&of("prod"), 1).await.unwrap().more);
    let older = ActivityQuery {
        before: Some(page.operations[0].id),
        ..of("prod")
    };
    assert_eq!(targets(&store, older).await, ["a"]);
    assert_eq!(targets(&store, of("prod' or '1'='1")).await, [""; 0]);
}

#[tokio::test]
async fn filters_narrow() {
    let dir = dir();
    let store = open(&dir).await;
    let (a, b) = (entry(0, "prod", "aa11"), entry(1, "prod", "bb22"));
    let other = ActivityEntry {
        actor: "tom@acme.example".into(),
        kind: "edit_comment".into(),
        reason: String::new(),
        ..entry(2, "prod", "cc33")
    };
    for entry in [&a, &ended(&a, Outcome::Done, ""), &b, &other] {
        store.append(entry).await.unwrap();
    }
    let with = |change: fn(&mut ActivityQuery)| {
        let mut query = of("prod");
        change(&mut query);
        query
    };
    assert_eq!(
        targets(&store, with(|q| q.actor = "MIA@acme.example".into())).await,
        ["bb22", "aa11"]
    );
    assert_eq!(
        targets(&store, with(|q| q.kind = "edit_comment".into())).await,
        ["cc33"]
    );
    assert_eq!(
        targets(&store, with(|q| q.text = "LEAKED".into())).await,
        ["bb22", "aa11"]
    );
    assert_eq!(targets(&store, with(|q| q.text = "%".into())).await, [""; 0]);
    assert_eq!(targets(&store, with(|q| q.target = "aa11".into())).await, ["aa11"]);
    assert_eq!(
        targets(&store, with(|q| q.outcome = Some(Outcome::Done))).await,
        ["aa11"]
    );
    assert_eq!(
        targets(&store, with(|q| q.outcome = Some(Outcome::Open))).await,
        ["cc33", "bb22"]
    );
}

#[tokio::test]
async fn a_row_is_neither_changed_nor_deleted() {
    let dir = dir();
    let store = open(&dir).await;
    store.append(&entry(0, "prod", "a")).await.unwrap();
    for statement in ["update activity set actor = 'noa'", "delete from activity"] {
        let error = sql(dir.path(), statement).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    store.purge(T0.plus(HOUR * 1000)).await.unwrap();
    assert_eq!(targets(&store, of("prod")).await, ["a"]);
}

#[tokio::test]
async fn the_chain_names_the_first_row_that_is_not_what_was_written() {
    let dir = dir();
    let store = open(&dir).await;
    let empty = verify_activity(dir.path(), None).await.unwrap().unwrap();
    assert_eq!((empty.0, empty.1.to_string().as_str()), (0, ""));
    let mut heads = Vec::new();
    for n in 0..5 {
        heads.push(store.append(&entry(n, "prod", &n.to_string())).await.unwrap());
    }
    let whole = verify_activity(dir.path(), None).await.unwrap().unwrap();
    assert_eq!(whole, (5, heads[4].clone()));
    for head in &heads {
        assert!(verify_activity(dir.path(), Some(&head.0)).await.unwrap().is_ok());
    }
    let unknown = "0".repeat(64);
    let cut = verify_activity(dir.path(), Some(&unknown)).await.unwrap();
    assert_eq!(cut, Err(ChainError::NoSuchHead { head: unknown }));

    // A hand that goes around the triggers.
    for statement in [
        "drop trigger activity_is_not_changed",
        "drop trigger activity_is_not_deleted",
    ] {
        sql(dir.path(), statement).await.unwrap();
    }
    // Cutting off the end is not seen by itself; a head that was noted shows it.
    sql(dir.path(), "delete from activity where id = 5").await.unwrap();
    assert_eq!(
        verify_activity(dir.path(), None).await.unwrap(),
        Ok((4, heads[3].clone()))
    );
    assert!(verify_activity(dir.path(), Some(&heads[4].0)).await.unwrap().is_err());
    sql(dir.path(), "update activity set actor = 'noa' where id = 3")
        .await
        .unwrap();
    assert_eq!(
        verify_activity(dir.path(), None).await.unwrap(),
        Err(ChainError::Row { id: 3 })
    );
    sql(dir.path(), "delete from activity where id = 2").await.unwrap();
    assert_eq!(
        verify_activity(dir.path(), None).await.unwrap(),
        Err(ChainError::Row { id: 3 })
    );
}

#[tokio::test]
async fn writers_at_once_keep_one_chain() {
    let dir = dir();
    let store = open(&dir).await;
    let writers = (0..20).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.append(&entry(n, "prod", "x")).await.unwrap() })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(verify_activity(dir.path(), None).await.unwrap().unwrap().0, 20);
}
