//! Faults that strike a share of the calls, the same ones in each run.

use std::collections::BTreeMap;
use std::time::Duration;

use demo_workspace::{Effect, Fault, FaultBody, RetryAfter};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Answer, Api, SCIM, TOKENS, until};

fn failing(status: u16) -> Effect {
    let body = FaultBody::Empty;
    Effect::Answer { status, body }
}

/// Statuses of a number of calls, one after the other.
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
async fn a_share_of_the_calls_is_struck_the_same_ones_in_each_run() {
    let tenth = || Fault::forever("GET", SCIM, failing(500)).share(0.1);
    let api = Api::start().await;
    api.workspace.fault(tenth());
    let first = statuses(&api, 300).await;
    assert!((10..=60).contains(&count(&first, 500)), "{first:?}");
    assert_eq!(count(&first, 500) + count(&first, 200), 300);

    api.workspace.clear_faults();
    api.workspace.fault(tenth());
    assert_eq!(statuses(&api, 300).await, first);

    let again = Api::start().await;
    again.workspace.fault(tenth());
    assert_eq!(statuses(&again, 300).await, first);

    let other = Api::with(|config| config.seed = 2).await;
    other.workspace.fault(tenth());
    assert_ne!(statuses(&other, 300).await, first);
}

#[tokio::test]
async fn what_one_fault_lets_pass_meets_the_next_one() {
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
async fn a_fault_of_a_share_strikes_as_often_as_it_says() {
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
async fn a_share_by_http_is_from_0_to_1() {
    let api = Api::start().await;
    let add = async |share: serde_json::Value| {
        let fault =
            json!({ "path": SCIM, "times": "forever", "share": share, "effect": { "kind": "answer", "status": 500 } });
        let url = format!("{}/faults", api.workspace.control_url());
        Answer::read(api.http.post(url).json(&fault).send().await.unwrap()).await
    };
    for refused in [json!(1.5), json!(-0.1), json!("half"), json!(null)] {
        assert_eq!(add(refused).await.status, 422);
    }
    assert_eq!(add(json!(0.25)).await.status, 204);
    assert!((25..=80).contains(&count(&statuses(&api, 200).await, 500)));
    assert_eq!(
        api.workspace.waiting_faults(),
        [Fault::forever(None, SCIM, failing(500)).share(0.25)]
    );
}

#[tokio::test]
async fn of_deletions_that_fail_in_every_way_the_log_tells_which_were_answered() {
    let api = Api::start().await;
    let ways = [
        failing(500),
        Effect::Reset,
        Effect::ResetAfter,
        Effect::Hang,
        Effect::RateLimit {
            retry_after: RetryAfter::Seconds(1),
        },
    ];
    for effect in ways {
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
            .map(|answer| answer.status().as_u16())
            .ok()
    };
    let seen: BTreeMap<String, Option<u16>> = ids
        .iter()
        .cloned()
        .zip(join_all(ids.iter().map(delete)).await)
        .collect();
    let deletes = || api.workspace.log().into_iter().filter(|call| call.method == "DELETE");
    until(|| deletes().count() == ids.len()).await;

    let left = api.tokens(&api.pat()).await;
    let left: Vec<&str> = crate::support::ids(&left);
    let (mut gone_unanswered, mut kept_unanswered) = (0, 0);
    for call in deletes() {
        let id = call.path.rsplit('/').next().unwrap();
        assert_eq!(call.status, seen[id], "{id}");
        match call.status {
            Some(200) => assert!(!left.contains(&id), "{id}"),
            Some(_) => assert!(left.contains(&id), "{id}"),
            None if left.contains(&id) => kept_unanswered += 1,
            None => gone_unanswered += 1,
        }
    }
    let times = |status: Option<u16>| seen.values().filter(|found| **found == status).count();
    assert!(gone_unanswered > 0 && kept_unanswered > 0, "{seen:?}");
    assert!(
        times(Some(500)) > 0 && times(Some(429)) > 0 && times(Some(200)) > 40,
        "{seen:?}"
    );
}
