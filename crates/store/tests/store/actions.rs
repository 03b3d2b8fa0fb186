//! The record of what was done.

use crate::*;
use store::Action;

fn action(at: i64, workspace: &str, target: &str) -> Action {
    Action {
        at: T0.plus_ms(at),
        workspace: workspace.into(),
        actor: "mia@acme.example".into(),
        kind: "revoke_token".into(),
        target: target.into(),
        outcome: "done".into(),
        request_id: format!("request-{target}"),
    }
}

#[tokio::test]
async fn actions_come_newest_first_by_workspace_and_survive_a_restart() {
    let dir = dir();
    let store = open(&dir).await;
    let [a, b, c, d] = [
        action(0, "prod", "a"),
        action(2, "prod", "b"),
        action(2, "prod", "c"),
        action(1, "prod", "d"),
    ];
    for action in [&a, &b, &c, &d, &action(3, "dev", "e")] {
        store.record(action).await.unwrap();
    }
    store.close().await.unwrap();

    let store = open(&dir).await;
    assert_eq!(store.actions("prod", 9).await.unwrap(), [c.clone(), b.clone(), d, a]);
    assert_eq!(store.actions("prod", 2).await.unwrap(), [c, b]);
    assert_eq!(store.actions("prod", 0).await.unwrap(), []);
    assert_eq!(store.actions("prod' or '1'='1", 9).await.unwrap(), []);
}

#[tokio::test]
async fn a_recorded_action_is_neither_changed_nor_deleted() {
    let dir = dir();
    let store = open(&dir).await;
    let done = action(0, "prod", "a");
    store.record(&done).await.unwrap();
    for statement in ["update actions set actor = 'noa'", "delete from actions"] {
        let error = sql(dir.path(), statement).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    store.purge(T0.plus_ms(1000 * HOUR)).await.unwrap();
    assert_eq!(store.actions("prod", 9).await.unwrap(), [done]);
}
