//! Faults that apply to a share of the calls, the same ones in each run.

use std::collections::BTreeMap;
use std::time::Duration;

use demo_workspace::{Effect, Fault, FaultBody, RetryAfter};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Api, ApiResponse, SCIM, TOKENS, until};

fn failing(status: u16) -> Effect {
    let body = FaultBody::Empty;
    Effect::Answer { status, body }
}

/// The statuses of `calls` calls, made one after the other.
async fn statuses(api: &Api, calls: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..calls {
        statuses.push(api.get(&format!("{SCIM}/Me"), &api.pat()).await.status);
    }
    statuses
}

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|found| **found == status).count()
}

#[tokio::test]
async fn a_share_of_the_calls_fails_and_the_same_ones_in_each_run() {
    let tenth = || Fault::forever("GET", SCIM, failing(500)).share(0.1);
    let api = Api::start().await;
    api.workspace.fault(tenth());
    let first = statuses(&api, 300).await;
    assert!((10..=60).contains(&count(&first, 500)), "{first:?}");
    assert_eq!(count(&first, 500) + count(&first, 200), 300);

    api.workspace.clear_faults();
    api.workspace.fault(tenth());
    assert_eq!(statuses(&api, 300).await, first);

    let second = Api::start().await;
    second.workspace.fault(tenth());
    assert_eq!(statuses(&second, 300).await, first);

    let other = Api::with(|config| config.seed = 2).await;
    other.workspace.fault(tenth());
    assert_ne!(statuses(&other, 300).await, first);
}

#[tokio::test]
async fn calls_that_one_fault_spares_pass_on_to_the_next() {
    let api = Api::start().await;
    api.workspace
        .fault(Fault::forever("GET", SCIM, failing(500)).share(0.5));
    api.workspace
        .fault(Fault::forever("GET", SCIM, failing(502)).share(0.5));
    let found = statuses(&api, 200).await;
    assert!((70..=130).contains(&count(&found, 500)), "{found:?}");
    assert!((25..=75).contains(&count(&found, 502)), "{found:?}");
    assert!((25..=75).contains(&count(&found, 200)), "{found:?}");
}

#[tokio::test]
async fn a_fault_with_a_share_applies_as_often_as_specified() {
    let api = Api::start().await;
    api.workspace
        .fault(Fault::next("GET", SCIM, failing(500)).share(0.3).times(3));
    assert_eq!(count(&statuses(&api, 100).await, 500), 3);
    assert_eq!(api.workspace.waiting_faults(), []);
    api.workspace
        .fault(Fault::forever("GET", SCIM, failing(500)).share(0.0));
    assert_eq!(count(&statuses(&api, 50).await, 200), 50);
}

#[tokio::test]
async fn a_share_over_http_must_be_from_0_to_1() {
    let api = Api::start().await;
    let add = async |share: serde_json::Value| {
        let fault =
            json!({ "path": SCIM, "times": "forever", "share": share, "effect": { "kind": "answer", "status": 500 } });
        let url = format!("{}/faults", api.workspace.control_url());
        ApiResponse::read(api.http.post(url).json(&fault).send().await.unwrap()).await
    };
    for invalid in [json!(1.5), json!(-0.1), json!("half"), json!(null)] {
        assert_eq!(add(invalid).await.status, 422);
    }
    assert_eq!(add(json!(0.25)).await.status, 204);
    assert!((25..=80).contains(&count(&statuses(&api, 200).await, 500)));
    assert_eq!(
        api.workspace.waiting_faults(),
        [Fault::forever(None, SCIM, failing(500)).share(0.25)]
    );
}

#[tokio::test]
async fn the_log_shows_for_every_fault_which_deletions_got_a_response() {
    let api = Api::start().await;
    let effects = [
        failing(500),
        Effect::Reset,
        Effect::ResetAfter,
        Effect::Hang,
        Effect::RateLimit {
            retry_after: RetryAfter::Seconds(1),
        },
    ];
    for effect in effects {
        api.workspace.fault(Fault::forever("DELETE", TOKENS, effect).share(0.1));
    }
    let owner = api.non_admin().user_name.clone();
    let ids: Vec<String> = (0..120).map(|_| api.token_of(&owner).0).collect();
    let delete = async |id: &String| {
        let call = api
            .http
            .delete(api.url(&format!("{TOKENS}/{id}")))
            .bearer_auth(api.pat());
        call.timeout(Duration::from_secs(3))
            .send()
            .await
            .map(|response| response.status().as_u16())
            .ok()
    };
    let seen: BTreeMap<String, Option<u16>> = ids
        .iter()
        .cloned()
        .zip(join_all(ids.iter().map(delete)).await)
        .collect();
    let deletes = || api.workspace.log().into_iter().filter(|call| call.method == "DELETE");
    until(|| deletes().count() == ids.len()).await;

    let remaining = api.tokens(&api.pat()).await;
    let remaining: Vec<&str> = crate::support::ids(&remaining);
    let (mut revoked_without_response, mut kept_without_response) = (0, 0);
    for call in deletes() {
        let id = call.path.rsplit('/').next().unwrap();
        assert_eq!(call.status, seen[id], "{id}");
        match call.status {
            Some(200) => assert!(!remaining.contains(&id), "{id}"),
            Some(_) => assert!(remaining.contains(&id), "{id}"),
            None if remaining.contains(&id) => kept_without_response += 1,
            None => revoked_without_response += 1,
        }
    }
    let times = |status: Option<u16>| seen.values().filter(|found| **found == status).count();
    assert!(revoked_without_response > 0 && kept_without_response > 0, "{seen:?}");
    assert!(
        times(Some(500)) > 0 && times(Some(429)) > 0 && times(Some(200)) > 40,
        "{seen:?}"
    );
}
