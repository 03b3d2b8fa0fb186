//! A bulk revocation of a thousand tokens, while the workspace fails in every way and the console is killed twice.

use std::collections::HashMap;
use std::time::Duration;

use demo_workspace::{Config, Effect, Fault, FaultBody, RetryAfter, Running};

use crate::support::{LIST, RunningConsole};

const TOKENS: &str = "/api/2.0/token-management/tokens";

/// A tenth of all `DELETE` calls fail.
pub(crate) fn add_faults(demo: &Running) {
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

/// The value of the input `name` on a page.
pub(crate) fn field(page: &str, name: &str) -> String {
    let tag = page
        .split("<input")
        .find(|tag| tag.contains(&format!("name=\"{name}\"")))
        .unwrap();
    let (_, value) = tag.split_once("value=\"").unwrap();
    value.split_once('"').unwrap().0.to_owned()
}

/// Waits until the workspace has fewer than `count` tokens.
pub(crate) async fn wait_for_fewer_tokens(demo: &Running, count: usize) {
    for _ in 0..6000 {
        if demo.token_count() < count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(demo.token_count() < count, "{} tokens are left", demo.token_count());
}

/// Asserts that no deletion of a token was accepted twice.
pub(crate) fn assert_revoked_once_each(demo: &Running) {
    let mut responses = HashMap::<String, usize>::new();
    for call in demo.log() {
        if call.method == "DELETE" && call.status == Some(200) {
            *responses.entry(call.path).or_default() += 1;
        }
    }
    assert!(responses.values().all(|n| *n == 1), "a token was revoked twice");
}

/// Drafts a bulk revocation of all tokens, and returns the path of its page.
pub(crate) async fn draft_all(console: &RunningConsole, session: &str) -> String {
    let of = field(&console.page(LIST, session).await, "of");
    let all = [("all", "1"), ("of", of.as_str())];
    console
        .post("/api/bulk_revocations/draft?workspace=acme", session, &all)
        .await
}

#[tokio::test]
async fn a_thousand_tokens_are_revoked_once_each_through_faults_and_crashes() {
    let config = Config {
        tokens: 1001,
        users: 40,
        ..Config::default()
    };
    let demo = demo_workspace::start(config).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let pat = demo.credentials().admin.pat.clone().unwrap();
    let first = RunningConsole::start(&demo, data.path()).await;
    let session = first.sign_in(&pat).await;
    let bulk = draft_all(&first, &session).await;
    assert!(
        first.page(&bulk, &session).await.contains("Type <b>1,000"),
        "the session's own token is excluded"
    );
    add_faults(&demo);
    let id = bulk.rsplit('/').next().unwrap();
    let start = [("workspace", "acme"), ("job", id), ("typed", "1,000")];
    assert_eq!(first.post("/api/bulk_revocations/start", &session, &start).await, bulk);

    wait_for_fewer_tokens(&demo, 750).await;
    first.kill();
    let second = RunningConsole::start(&demo, data.path()).await;
    wait_for_fewer_tokens(&demo, 450).await;
    second.kill();
    let third = RunningConsole::start(&demo, data.path()).await;
    wait_for_fewer_tokens(&demo, 2).await;
    let mut page = String::new();
    for _ in 0..600 {
        page = third.page(&bulk, &session).await;
        if page.contains("All 1,000 tokens were revoked (confirmed).") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(page.contains("All 1,000 tokens were revoked (confirmed)."), "{page}");

    assert_revoked_once_each(&demo);
    assert_eq!(demo.token_count(), 1);
    let (succeeded, log) = third.stop();
    assert!(succeeded && !log.contains("panicked"), "{log}");
    let verified = store::verify_activity(data.path(), None).await.unwrap();
    // Two rows for the bulk revocation, and two for each token.
    assert!(verified.unwrap().0 >= 2002);
}
