//! The activity log.

use std::collections::HashSet;
use std::time::Duration;

use domain::ClientAddress;
use store::{
    ActivityEntry, ActivityKind, ActivityQuery, ChainError, Detail, Outcome, Phase, RequestedValue, Store,
    operation_id, verify_activity,
};

use crate::{HOUR, T0, dir, open, sql};

pub(crate) fn entry(milliseconds: u64, workspace: &str, target: &str) -> ActivityEntry {
    ActivityEntry {
        at: T0.plus(Duration::from_millis(milliseconds)),
        workspace: workspace.into(),
        operation: operation_id(),
        phase: Phase::Intent,
        actor: "Mia@acme.example".into(),
        kind: ActivityKind::RevokeToken,
        target: target.into(),
        before: "nightly export (ci)".into(),
        requested: RequestedValue::Empty,
        reason: "leaked in a log".into(),
        outcome: Outcome::Open,
        detail: Detail::Empty,
        request_id: format!("request-{target}"),
        client: ClientAddress::UNKNOWN,
    }
}

fn outcome_of(intent: &ActivityEntry, outcome: Outcome, detail: Detail) -> ActivityEntry {
    ActivityEntry {
        phase: Phase::Outcome,
        outcome,
        detail,
        ..intent.clone()
    }
}

fn query(workspace: &str) -> ActivityQuery {
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
async fn operations_are_listed_newest_first_with_their_latest_outcome_and_survive_a_restart() {
    let dir = dir();
    let store = open(&dir).await;
    let [a, b, c] = [entry(0, "prod", "a"), entry(2, "prod", "b"), entry(1, "dev", "c")];
    for entry in [&a, &b, &outcome_of(&a, Outcome::Unknown, Detail::NoResponse), &c] {
        store.append(entry).await.unwrap();
    }
    store.close().await.unwrap();

    let store = open(&dir).await;
    assert_eq!(targets(&store, query("prod")).await, ["b", "a"]);
    store
        .append(&outcome_of(&a, Outcome::Done, Detail::FoundDone))
        .await
        .unwrap();
    let page = store.activity(&query("prod"), 9).await.unwrap();
    let outcomes: Vec<_> = page.operations.iter().map(|o| (o.outcome, &o.detail)).collect();
    assert_eq!(
        outcomes,
        [(Outcome::Open, &Detail::Empty), (Outcome::Done, &Detail::FoundDone)]
    );
    assert_eq!(page.operations[1].reason, "leaked in a log");
    assert_eq!(page.older, None);
    let first = store.activity(&query("prod"), 1).await.unwrap();
    assert_eq!(first.older, Some(first.operations[0].id));
    let older = ActivityQuery {
        before: Some(page.operations[0].id),
        ..query("prod")
    };
    assert_eq!(targets(&store, older).await, ["a"]);
    assert_eq!(targets(&store, query("prod' or '1'='1")).await, [""; 0]);
}

#[tokio::test]
async fn each_filter_reduces_the_operations_to_those_that_match() {
    let dir = dir();
    let store = open(&dir).await;
    let (a, b) = (entry(0, "prod", "aa11"), entry(1, "prod", "bb22"));
    let other = ActivityEntry {
        actor: "tom@acme.example".into(),
        kind: ActivityKind::EditComment,
        reason: String::new(),
        ..entry(2, "prod", "cc33")
    };
    for entry in [&a, &outcome_of(&a, Outcome::Done, Detail::Empty), &b, &other] {
        store.append(entry).await.unwrap();
    }
    let with = |change: fn(&mut ActivityQuery)| {
        let mut query = query("prod");
        change(&mut query);
        query
    };
    assert_eq!(
        targets(&store, with(|q| q.actor = "MIA@acme.example".into())).await,
        ["bb22", "aa11"]
    );
    assert_eq!(
        targets(&store, with(|q| q.kind = Some(ActivityKind::EditComment))).await,
        ["cc33"]
    );
    assert_eq!(
        targets(&store, with(|q| q.text = "LEAKED".into())).await,
        ["bb22", "aa11"]
    );
    assert_eq!(targets(&store, with(|q| q.text = "%".into())).await, [""; 0]);
    assert_eq!(
        targets(&store, with(|q| q.targets = vec!["aa11".into()])).await,
        ["aa11"]
    );
    assert_eq!(
        targets(
            &store,
            with(|q| q.targets = vec!["cc33".into(), "aa11".into(), "x".into()])
        )
        .await,
        ["cc33", "aa11"]
    );
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
async fn a_row_can_be_neither_changed_nor_deleted() {
    let dir = dir();
    let store = open(&dir).await;
    store.append(&entry(0, "prod", "a")).await.unwrap();
    let truncate = dir.is_postgres().then_some("truncate activity");
    for statement in ["update activity set actor = 'noa'", "delete from activity"]
        .into_iter()
        .chain(truncate)
    {
        let error = sql(&dir, statement).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    store.purge(T0.plus(HOUR * 1000)).await.unwrap();
    assert_eq!(targets(&store, query("prod")).await, ["a"]);
}

#[tokio::test]
async fn verification_names_the_first_row_that_differs_from_what_was_written() {
    let dir = dir();
    let store = open(&dir).await;
    let empty = verify_activity(dir.location(), None).await.unwrap().unwrap();
    assert_eq!((empty.0, empty.1.to_string().as_str()), (0, ""));
    let mut heads = Vec::new();
    for n in 0..5 {
        heads.push(store.append(&entry(n, "prod", &n.to_string())).await.unwrap());
    }
    let verified = verify_activity(dir.location(), None).await.unwrap().unwrap();
    assert_eq!(verified, (5, heads[4].clone()));
    for head in &heads {
        assert!(verify_activity(dir.location(), Some(&head.0)).await.unwrap().is_ok());
    }
    let unknown = "0".repeat(64);
    let truncated = verify_activity(dir.location(), Some(&unknown)).await.unwrap();
    assert_eq!(truncated, Err(ChainError::NoSuchHead { head: unknown }));

    // Someone with database access goes around the triggers.
    let triggers = match dir.is_postgres() {
        true => vec!["drop trigger activity_is_not_changed on activity"],
        false => vec![
            "drop trigger activity_is_not_changed",
            "drop trigger activity_is_not_deleted",
        ],
    };
    for statement in triggers {
        sql(&dir, statement).await.unwrap();
    }
    // A truncated end is not detected automatically; a head that was noted reveals it.
    sql(&dir, "delete from activity where id = 5").await.unwrap();
    assert_eq!(
        verify_activity(dir.location(), None).await.unwrap(),
        Ok((4, heads[3].clone()))
    );
    assert!(
        verify_activity(dir.location(), Some(&heads[4].0))
            .await
            .unwrap()
            .is_err()
    );
    sql(&dir, "update activity set actor = 'noa' where id = 3")
        .await
        .unwrap();
    assert_eq!(
        verify_activity(dir.location(), None).await.unwrap(),
        Err(ChainError::Row { id: 3 })
    );
    sql(&dir, "delete from activity where id = 2").await.unwrap();
    assert_eq!(
        verify_activity(dir.location(), None).await.unwrap(),
        Err(ChainError::Row { id: 3 })
    );
}

#[tokio::test]
async fn concurrent_writers_append_to_one_chain() {
    let dir = dir();
    let store = open(&dir).await;
    let writers = (0..20).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.append(&entry(n, "prod", "x")).await.unwrap() })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(verify_activity(dir.location(), None).await.unwrap().unwrap().0, 20);
}

/// Two instances, as far as the chain is concerned.
#[tokio::test]
async fn two_stores_append_to_one_chain_that_has_no_fork() {
    let dir = dir();
    let stores = [open(&dir).await, open(&dir).await];
    for round in 1..=10 {
        let writers = (0..400_usize).map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move { store.append(&entry(0, "prod", "x")).await.unwrap().0 })
        });
        let mut heads = HashSet::new();
        for writer in writers.collect::<Vec<_>>() {
            heads.insert(writer.await.unwrap());
        }
        assert_eq!(heads.len(), 400);
        let (rows, head) = verify_activity(dir.location(), None).await.unwrap().unwrap();
        assert_eq!(rows, round * 400);
        assert!(heads.contains(&head.0));
    }
}
