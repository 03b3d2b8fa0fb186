//! The rate limit of the APIs.

use std::time::{Duration, Instant};

use demo_workspace::Change;
use serde_json::{Value, json};

use crate::support::{Api, ApiResponse, BOTH_KEYS, CONF, SCIM, TOKENS};

/// Makes `calls` calls one after the other. Returns how many were accepted, and how many seconds they took.
async fn count_accepted(api: &Api, path: &str, calls: usize) -> (usize, f64) {
    let started = Instant::now();
    let mut accepted = 0;
    for _ in 0..calls {
        accepted += usize::from(api.get(path, &api.pat()).await.status != 429);
    }
    (accepted, started.elapsed().as_secs_f64())
}

/// A workspace that accepts one call per second, and three at once.
async fn rate_limited() -> Api {
    Api::with(|config| {
        config.knobs.rate_per_second = 1;
        config.knobs.rate_burst = 3;
        config.knobs.rate_retry_after = 7;
    })
    .await
}

/// Changes knobs through the control interface.
fn set_knobs(api: &Api, knobs: Value) {
    let knobs = knobs.as_object().unwrap().clone();
    api.workspace.change(Change::SetKnobs { knobs }).unwrap();
}

#[tokio::test]
async fn a_burst_passes_and_then_the_rate_applies() {
    let api = rate_limited().await;
    let me = format!("{SCIM}/Me");
    let (accepted, seconds) = count_accepted(&api, &me, 20).await;
    assert!(
        accepted >= 3 && accepted as f64 <= 3.0 + seconds + 1.0,
        "{accepted} in {seconds} s"
    );
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(api.get(&me, &api.pat()).await.status, 200);
}

#[tokio::test]
async fn a_rejected_call_returns_retry_after_and_has_no_effect() {
    let api = rate_limited().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let path = format!("{TOKENS}/{id}");
    let mut rejected = api.get(TOKENS, &api.pat()).await;
    while rejected.status == 200 {
        rejected = api.get(TOKENS, &api.pat()).await;
    }
    assert_eq!((rejected.status, rejected.header("retry-after")), (429, "7"));
    assert_eq!(rejected.json()["error_code"], "RESOURCE_EXHAUSTED");
    set_knobs(&api, json!({ "rate_per_second": 1, "rate_burst": 1 }));
    // The bucket is new and accepts one call.
    let statuses = [
        api.get(&path, &api.pat()).await.status,
        api.delete(&path, &api.pat()).await.status,
    ];
    set_knobs(&api, json!({ "rate_per_second": 0 }));
    assert_eq!(statuses[0], 200);
    let is_kept = api.get(&path, &api.pat()).await.status == 200;
    assert_eq!(is_kept, statuses[1] == 429, "{statuses:?}");
}

#[tokio::test]
async fn all_callers_share_one_bucket() {
    let api = rate_limited().await;
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
async fn the_limit_applies_only_to_the_apis_or_to_a_part_of_them() {
    let api = rate_limited().await;
    assert!(count_accepted(&api, CONF, 12).await.0 < 12);
    let (discovery, _) = count_accepted(&api, "/.well-known/databricks-config", 12).await;
    assert_eq!(discovery, 12);
    let control = format!("{}/knobs", api.workspace.control_url());
    for _ in 0..12 {
        let knobs = ApiResponse::read(api.http.get(&control).send().await.unwrap())
            .await
            .ok();
        assert_eq!(knobs["rate_path"], "/api/");
    }
    set_knobs(&api, json!({ "rate_path": "/api/2.0/token-management" }));
    assert_eq!(count_accepted(&api, BOTH_KEYS, 12).await.0, 12);
    assert!(count_accepted(&api, TOKENS, 12).await.0 < 12);
}

#[tokio::test]
async fn the_rate_can_change_at_any_time_and_reset_fills_the_bucket() {
    let api = Api::start().await;
    let me = format!("{SCIM}/Me");
    assert_eq!(count_accepted(&api, &me, 40).await.0, 40);
    set_knobs(&api, json!({ "rate_per_second": 2 }));
    // Without a configured burst, as many calls as in one second are accepted at once.
    let (accepted, seconds) = count_accepted(&api, &me, 30).await;
    assert!(
        accepted >= 2 && accepted as f64 <= 2.0 + 2.0 * seconds + 1.0,
        "{accepted} in {seconds} s"
    );
    set_knobs(&api, json!({ "rate_per_second": 0 }));
    assert_eq!(count_accepted(&api, &me, 30).await.0, 30);

    let api = rate_limited().await;
    count_accepted(&api, &me, 10).await;
    api.workspace.reset();
    assert_eq!(count_accepted(&api, &me, 3).await.0, 3);
    assert!(count_accepted(&api, &me, 10).await.0 < 10);
}
