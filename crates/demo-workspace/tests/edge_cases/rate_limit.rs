//! The rate limit of the APIs.

use std::time::{Duration, Instant};

use demo_workspace::Change;
use serde_json::{Value, json};

use crate::support::{Answer, Api, BOTH_KEYS, CONF, SCIM, TOKENS};

/// How many of that many calls, one after the other, are let in; and how many seconds they took.
async fn let_in(api: &Api, path: &str, calls: usize) -> (usize, f64) {
    let began = Instant::now();
    let mut passed = 0;
    for _ in 0..calls {
        passed += usize::from(api.get(path, &api.pat()).await.status != 429);
    }
    (passed, began.elapsed().as_secs_f64())
}

/// A workspace that takes one call a second, three at once.
async fn limited() -> Api {
    Api::with(|config| {
        config.knobs.rate_per_second = 1;
        config.knobs.rate_burst = 3;
        config.knobs.rate_retry_after = 7;
    })
    .await
}

/// Turns knobs as one would from outside.
fn turn(api: &Api, knobs: Value) {
    let knobs = knobs.as_object().unwrap().clone();
    api.workspace.change(Change::SetKnobs { knobs }).unwrap();
}

#[tokio::test]
async fn a_burst_passes_and_then_as_many_as_the_rate_allows() {
    let api = limited().await;
    let me = format!("{SCIM}/Me");
    let (passed, seconds) = let_in(&api, &me, 20).await;
    assert!(
        passed >= 3 && passed as f64 <= 3.0 + seconds + 1.0,
        "{passed} in {seconds} s"
    );
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(api.get(&me, &api.pat()).await.status, 200);
}

#[tokio::test]
async fn a_call_too_many_is_told_when_to_come_back_and_does_nothing() {
    let api = limited().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let path = format!("{TOKENS}/{id}");
    let mut refused = api.get(TOKENS, &api.pat()).await;
    while refused.status == 200 {
        refused = api.get(TOKENS, &api.pat()).await;
    }
    assert_eq!((refused.status, refused.header("retry-after")), (429, "7"));
    assert_eq!(refused.json()["error_code"], "RESOURCE_EXHAUSTED");
    turn(&api, json!({ "rate_per_second": 1, "rate_burst": 1 }));
    // A new bucket: its one call goes first.
    let statuses = [
        api.get(&path, &api.pat()).await.status,
        api.delete(&path, &api.pat()).await.status,
    ];
    turn(&api, json!({ "rate_per_second": 0 }));
    assert_eq!(statuses[0], 200);
    let kept = api.get(&path, &api.pat()).await.status == 200;
    assert_eq!(kept, statuses[1] == 429, "{statuses:?}");
}

#[tokio::test]
async fn the_bucket_is_the_workspaces_whoever_calls() {
    let api = limited().await;
    let credentials = [
        api.pat(),
        api.non_admin_pat(),
        "dapi00000000000000000000000000000000".to_owned(),
    ];
    let mut statuses = Vec::new();
    for credential in credentials.iter().cycle().take(18) {
        statuses.push(api.get(&format!("{SCIM}/Me"), credential).await.status);
    }
    assert_eq!(&statuses[..3], [200, 200, 403]);
    for credential in 0..credentials.len() {
        let own = statuses.iter().skip(credential).step_by(credentials.len());
        assert!(own.filter(|status| **status == 429).count() > 0, "{statuses:?}");
    }
}

#[tokio::test]
async fn only_the_apis_are_limited_or_a_part_of_them() {
    let api = limited().await;
    assert!(let_in(&api, CONF, 12).await.0 < 12);
    let (discovery, _) = let_in(&api, "/.well-known/databricks-config", 12).await;
    assert_eq!(discovery, 12);
    let control = format!("{}/knobs", api.workspace.control_url());
    for _ in 0..12 {
        let knobs = Answer::read(api.http.get(&control).send().await.unwrap()).await.ok();
        assert_eq!(knobs["rate_path"], "/api/");
    }
    turn(&api, json!({ "rate_path": "/api/2.0/token-management" }));
    assert_eq!(let_in(&api, BOTH_KEYS, 12).await.0, 12);
    assert!(let_in(&api, TOKENS, 12).await.0 < 12);
}

#[tokio::test]
async fn the_rate_changes_while_the_workspace_runs_and_reset_fills_the_bucket() {
    let api = Api::start().await;
    let me = format!("{SCIM}/Me");
    assert_eq!(let_in(&api, &me, 40).await.0, 40);
    turn(&api, json!({ "rate_per_second": 2 }));
    // Without a burst of its own, a second's worth comes at once.
    let (passed, seconds) = let_in(&api, &me, 30).await;
    assert!(
        passed >= 2 && passed as f64 <= 2.0 + 2.0 * seconds + 1.0,
        "{passed} in {seconds} s"
    );
    turn(&api, json!({ "rate_per_second": 0 }));
    assert_eq!(let_in(&api, &me, 30).await.0, 30);

    let api = limited().await;
    let_in(&api, &me, 10).await;
    api.workspace.reset();
    assert_eq!(let_in(&api, &me, 3).await.0, 3);
    assert!(let_in(&api, &me, 10).await.0 < 10);
}
