//! A bulk change of scopes while some calls fail and the console is killed twice.

use std::collections::HashMap;
use std::time::Duration;

use demo_workspace::{Change, ChangeOutcome, Effect, Fault, FaultBody, NewToken, Running};

use crate::bulk::field;
use crate::support::{LIST, RunningConsole, demo};

const TOKENS: &str = "/api/2.0/token-management/tokens";

const COUNT: usize = 300;

/// Creates a token that has full access and uses one scope. Returns its ID.
fn create(demo: &Running, n: usize) -> String {
    let new = NewToken {
        owner: demo.credentials().non_admin.user_name.clone(),
        comment: Some(format!("wide {n}")),
        lifetime_days: Some(90),
        ..NewToken::default()
    };
    let created = demo.change(Change::CreateToken(new)).unwrap();
    let ChangeOutcome::Created { token_id, .. } = created else {
        unreachable!("a token is created")
    };
    let observe = Change::SetScopeUse {
        token_id: token_id.clone(),
        autoscope: Some("AUTOSCOPE_STATE_RUNNING".to_owned()),
        inferred_scopes: vec!["sql".to_owned()],
        backfill_scopes: Vec::new(),
    };
    demo.change(observe).unwrap();
    token_id
}

/// How many times each token's scopes were set with a response.
fn patches(demo: &Running) -> HashMap<String, usize> {
    let mut patches = HashMap::new();
    for call in demo.log() {
        if call.method == "PATCH" && call.status == Some(200) {
            *patches.entry(call.path).or_default() += 1;
        }
    }
    patches
}

async fn wait_for_patches(demo: &Running, count: usize) {
    for _ in 0..6000 {
        if patches(demo).len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(patches(demo).len() >= count, "{} are set", patches(demo).len());
}

#[tokio::test]
async fn each_token_is_narrowed_once_through_faults_and_crashes_and_the_refused_one_says_so() {
    let (demo, data) = (demo().await, tempfile::tempdir().unwrap());
    let tokens: Vec<_> = (0..COUNT).map(|n| create(&demo, n)).collect();
    let pat = demo.credentials().admin.pat.clone().unwrap();
    let first = RunningConsole::start(&demo, data.path()).await;
    let session = first.sign_in(&pat).await;
    let of = field(&first.page(&format!("{LIST}?q=wide"), &session).await, "of");
    let fields = [
        ("q", "wide"),
        ("all", "1"),
        ("of", of.as_str()),
        ("change", "narrow-scopes"),
    ];
    let bulk = first
        .post("/api/bulk_revocations/draft?workspace=acme", &session, &fields)
        .await;
    let refused = Effect::Answer {
        status: 400,
        body: FaultBody::JsonError {
            error_code: "INVALID_PARAMETER_VALUE".to_owned(),
            message: "Scope cannot be set".to_owned(),
        },
    };
    demo.fault(Fault::forever("PATCH", &format!("{TOKENS}/{}", tokens[7]), refused));
    for (effect, share) in [(Effect::Reset, 0.03), (Effect::ResetAfter, 0.05)] {
        demo.fault(Fault::forever("PATCH", TOKENS, effect).share(share));
    }
    // So that some calls are running when the console is killed.
    demo.fault(Fault::forever("PATCH", TOKENS, Effect::None).after_ms(40));
    let id = bulk.rsplit('/').next().unwrap();
    let typed = COUNT.to_string();
    let start = [("workspace", "acme"), ("job", id), ("typed", typed.as_str())];
    assert_eq!(first.post("/api/bulk_revocations/start", &session, &start).await, bulk);

    wait_for_patches(&demo, COUNT / 5).await;
    first.kill();
    let second = RunningConsole::start(&demo, data.path()).await;
    wait_for_patches(&demo, COUNT / 2).await;
    second.kill();
    let third = RunningConsole::start(&demo, data.path()).await;
    let heading = format!("1 of {COUNT} tokens could not be changed");
    let mut page = String::new();
    for _ in 0..600 {
        page = third.page(&bulk, &session).await;
        if page.contains(&heading) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(page.contains(&heading), "{page}");
    let narrowed = format!("{} were narrowed (confirmed", COUNT - 1);
    assert!(page.contains(&narrowed), "{page}");
    assert!(patches(&demo).values().all(|n| *n == 1), "a token was changed twice");
    let (succeeded, log) = third.stop();
    assert!(succeeded && !log.contains("panicked"), "{log}");
    let verified = store::verify_activity(data.path(), None).await.unwrap();
    // Two rows for the bulk change, and two for each token.
    assert!(verified.unwrap().0 >= u64::try_from(2 + 2 * COUNT).unwrap());
}
