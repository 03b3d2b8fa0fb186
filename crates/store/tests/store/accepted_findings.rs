//! Accepted findings: until when they count, and that each is recorded with its acceptance or not at all.

use domain::{DAY, Day, FindingKind, Rule, Timestamp, TokenId};
use store::{AcceptedFinding, ActivityEntry, ActivityKind, ActivityQuery, RequestedValue, Store};

use crate::activity::entry;
use crate::{T0, dir, open};

const RULE: Rule = Rule::Token(FindingKind::NeverExpires);

fn accepted(token: Option<&str>, until: Day, created: Timestamp) -> AcceptedFinding {
    AcceptedFinding {
        rule: RULE,
        token: token.map(TokenId::new),
        reason: "runs four times a year".to_owned(),
        until,
        accepted_by: "mia@acme.example".to_owned(),
        created,
    }
}

fn entry_of(finding: &AcceptedFinding) -> ActivityEntry {
    ActivityEntry {
        kind: ActivityKind::AcceptFinding,
        requested: RequestedValue::Acceptance {
            rule: finding.rule,
            until: Some(finding.until),
        },
        operation: store::operation_id(),
        ..entry(0, "prod", "aa")
    }
}

async fn accept(store: &Store, finding: &AcceptedFinding) -> bool {
    let result = store.accept_finding("prod", finding.clone(), entry_of(finding)).await;
    result.unwrap().is_some()
}

async fn rows(store: &Store) -> usize {
    let query = ActivityQuery {
        workspace: "prod".into(),
        ..ActivityQuery::default()
    };
    store.activity(&query, 100).await.unwrap().operations.len()
}

#[tokio::test]
async fn an_acceptance_counts_until_its_last_day_and_survives_a_restart() {
    let dir = dir();
    let last = T0.plus(DAY * 10).day();
    let (all, one) = (accepted(None, last, T0), accepted(Some("aa"), last, T0));
    {
        let store = open(&dir).await;
        assert!(accept(&store, &all).await && accept(&store, &one).await);
        store.close().await.unwrap();
    }
    let store = open(&dir).await;
    assert_eq!(store.accepted_findings("prod", last).await.unwrap(), [all, one]);
    let day_after = T0.plus(DAY * 11);
    assert_eq!(store.accepted_findings("prod", day_after.day()).await.unwrap(), []);
    assert_eq!(
        store.accepted_findings("dev", last).await.unwrap(),
        [],
        "another workspace"
    );
    assert_eq!(
        store.purge(day_after).await.unwrap(),
        0,
        "a workspace's clock can be behind"
    );
    assert_eq!(store.purge(T0.plus(DAY * 18)).await.unwrap(), 2);
}

#[tokio::test]
async fn the_same_twice_is_recorded_once_and_another_date_replaces_the_first() {
    let dir = dir();
    let store = open(&dir).await;
    let first = accepted(Some("aa"), T0.day(), T0);
    assert!(accept(&store, &first).await);
    assert!(!accept(&store, &accepted(Some("aa"), T0.day(), T0.plus(DAY))).await);
    assert_eq!(store.accepted_findings("prod", T0.day()).await.unwrap(), [first]);
    let longer = accepted(Some("aa"), T0.plus(DAY).day(), T0);
    assert!(accept(&store, &longer).await);
    assert_eq!(store.accepted_findings("prod", T0.day()).await.unwrap(), [longer]);
    assert_eq!(rows(&store).await, 2);
}

#[tokio::test]
async fn a_withdrawn_acceptance_is_gone_and_recorded_once() {
    let dir = dir();
    let store = open(&dir).await;
    let (one, other) = (accepted(Some("aa"), T0.day(), T0), accepted(Some("bb"), T0.day(), T0));
    assert!(accept(&store, &one).await && accept(&store, &other).await);
    let withdraw = || {
        let entry = ActivityEntry {
            kind: ActivityKind::WithdrawAcceptance,
            ..entry_of(&one)
        };
        store.withdraw_acceptance("prod", RULE, one.token.as_ref(), entry)
    };
    assert!(withdraw().await.unwrap().is_some());
    assert!(withdraw().await.unwrap().is_none());
    assert_eq!(store.accepted_findings("prod", T0.day()).await.unwrap(), [other]);
    assert_eq!(rows(&store).await, 3);
}
