//! A bulk revocation whose instances are killed while calls fail in various ways.

use demo_workspace::Config;
use tokio::time::{Duration, Instant, sleep};

use super::Instances;
use crate::bulk::{add_faults, assert_revoked_once_each, wait_for_fewer_tokens};
use crate::support::LIST;

/// The number of tokens, including the session's own, which remains.
const TOKENS: u32 = 601;

/// How long another instance may take to take over and finish, including calls that hang.
const FINISH_TIMEOUT: Duration = Duration::from_mins(3);

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_revocation_whose_instance_is_killed_twice_is_finished_by_the_other() {
    let Some(database) = test_postgres::fresh_database() else {
        return;
    };
    let config = Config {
        tokens: TOKENS,
        users: 40,
        ..Config::default()
    };
    let demo = demo_workspace::start(config).await.unwrap();
    let mut instances = Instances::start(demo, [database.url(); 2]).await;
    let visitor = instances.admin().await;
    let first = instances.address(0);
    let of = visitor.get(first, LIST).await.field("of");
    let all = [("all", "1"), ("of", of.as_str())];
    let bulk = visitor
        .post(first, "/api/bulk_revocations/draft?workspace=acme", &all)
        .await
        .location;
    let id = bulk.rsplit('/').next().unwrap();
    add_faults(&instances.demo);
    let start = [("workspace", "acme"), ("job", id), ("typed", "600")];
    let started = visitor.post(first, "/api/bulk_revocations/start", &start).await;
    assert_eq!(started.location, bulk);

    wait_for_fewer_tokens(&instances.demo, 450).await;
    instances.kill(0);
    let killed = Instant::now();
    let left = instances.demo.token_count();
    wait_for_fewer_tokens(&instances.demo, left.min(430)).await;
    eprintln!("continued after {:?}", killed.elapsed());
    instances.start_again(0).await;
    wait_for_fewer_tokens(&instances.demo, 280).await;
    instances.kill(1);
    let finished = async {
        loop {
            let page = visitor.get(instances.address(0), &bulk).await.body;
            if page.contains("All 600 tokens were revoked (confirmed).") {
                return;
            }
            sleep(Duration::from_millis(200)).await;
        }
    };
    let finished = tokio::time::timeout(FINISH_TIMEOUT, finished).await;
    assert!(finished.is_ok(), "{} tokens are left", instances.demo.token_count());
    assert_revoked_once_each(&instances.demo);
    assert_eq!(instances.demo.token_count(), 1);
    // Two rows for the bulk revocation, and two for each token.
    instances.stop(1202).await;
}
