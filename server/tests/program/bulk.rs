//! A job over a thousand tokens, while the workspace fails in every way and the console is killed in the middle, twice.

use std::collections::HashMap;
use std::time::Duration;

use demo_workspace::{Config, Effect, Fault, FaultBody, RetryAfter, Running};

use crate::support::{LIST, Serving};

const TOKENS: &str = "/api/2.0/token-management/tokens";

/// A tenth of all DELETEs goes wrong.
fn faults(demo: &Running) {
    let failed = Effect::Answer {
        status: 500,
        body: FaultBody::Empty,
    };
    let limited = Effect::RateLimit {
        retry_after: RetryAfter::Seconds(1),
    };
    let each = [
        (failed, 0.03),
        (Effect::Reset, 0.025),
        (Effect::ResetAfter, 0.03),
        (limited, 0.005),
        (Effect::Hang, 0.01),
    ];
    for (effect, share) in each {
        demo.fault(Fault::forever("DELETE", TOKENS, effect).share(share));
    }
}

/// What the page says in the field of this name.
fn field(page: &str, name: &str) -> String {
    let tag = page
        .split("<input")
        .find(|tag| tag.contains(&format!("name=\"{name}\"")))
        .unwrap();
    let (_, value) = tag.split_once("value=\"").unwrap();
    value.split_once('"').unwrap().0.to_owned()
}

/// How many tokens of the workspace are left.
fn left(demo: &Running) -> usize {
    demo.token_count()
}

pub(crate) async fn until_fewer_are_left(demo: &Running, than: usize) {
    for _ in 0..6000 {
        if left(demo) < than {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(left(demo) < than, "{} tokens are left", left(demo));
}

/// Selects all tokens for a job, and returns its page.
pub(crate) async fn draft_all(console: &Serving, cookie: &str) -> String {
    let of = field(&console.page(LIST, cookie).await, "of");
    let all = [("all", "1"), ("of", of.as_str())];
    console
        .post("/api/bulk_revocations/draft?workspace=acme", cookie, &all)
        .await
}

#[tokio::test]
async fn a_thousand_tokens_are_revoked_once_each_whatever_happens() {
    let config = Config {
        tokens: 1001,
        users: 40,
        ..Config::default()
    };
    let demo = demo_workspace::start(config).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let pat = demo.credentials().admin.pat.clone().unwrap();
    let first = Serving::start(&demo, data.path()).await;
    let cookie = first.sign_in(&pat).await;
    let job = draft_all(&first, &cookie).await;
    assert!(
        first.page(&job, &cookie).await.contains("Type <b>1,000"),
        "the session's own is left out"
    );
    faults(&demo);
    let id = job.rsplit('/').next().unwrap();
    let start = [("workspace", "acme"), ("job", id), ("typed", "1,000")];
    assert_eq!(first.post("/api/bulk_revocations/start", &cookie, &start).await, job);

    until_fewer_are_left(&demo, 750).await;
    first.kill();
    let second = Serving::start(&demo, data.path()).await;
    until_fewer_are_left(&demo, 450).await;
    second.kill();
    let third = Serving::start(&demo, data.path()).await;
    until_fewer_are_left(&demo, 2).await;
    let mut page = String::new();
    for _ in 0..600 {
        page = third.page(&job, &cookie).await;
        if page.contains("All 1,000 tokens were revoked (confirmed).") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(page.contains("All 1,000 tokens were revoked (confirmed)."), "{page}");

    let mut answered = HashMap::<String, usize>::new();
    for call in demo.log() {
        if call.method == "DELETE" && call.status == Some(200) {
            *answered.entry(call.path).or_default() += 1;
        }
    }
    assert!(answered.values().all(|n| *n == 1), "a token was revoked twice");
    assert_eq!(left(&demo), 1);
    let (ended_well, log) = third.stop();
    assert!(ended_well && !log.contains("panicked"), "{log}");
    let checked = store::verify_activity(data.path(), None).await.unwrap();
    // Two rows of the job, and two of each token.
    assert!(checked.unwrap().0 >= 2002);
}
