//! Bulk changes of two instances with one database: one of them runs each, and the other continues it if that one dies.

use std::time::{Duration, Instant};

use console::bulk::BulkWait;
use console::{Actor, BulkId, BulkItemPage, BulkItemState, BulkState, SignInId, Timing};
use demo_workspace::{Effect, Fault, RetryAfter};

use crate::bulk::{counts, create_tokens, deletes, drafted, wait_for_state};
use crate::instances::SOON;
use crate::support::{ACME, Fixture, Instance, SHORT, Setup, TOKENS};

/// With leases that end soon.
fn short_lease() -> Setup {
    Setup {
        timing: Timing {
            bulk_lease: Duration::from_millis(1500),
            ..SHORT
        },
        ..Setup::default()
    }
}

/// The fixture's console as one instance, another instance, tokens to revoke, and the admin in both.
struct TwoInstances {
    fixture: Fixture,
    other: Instance,
    here: Actor,
    there: Actor,
    sign_in: SignInId,
}

impl TwoInstances {
    async fn start(tokens: usize) -> Self {
        let fixture = Fixture::with(short_lease()).await;
        let other = Instance::start(&fixture, short_lease()).await;
        drop(fixture.console.start_instance_task());
        create_tokens(&fixture, "doomed", tokens);
        let sign_in = fixture.sign_in(&fixture.demo.credentials().admin).await;
        let here = fixture.console.actor(ACME, &sign_in, "request-1").await.unwrap();
        let there = other.actor(sign_in).await.unwrap();
        Self {
            fixture,
            other,
            here,
            there,
            sign_in,
        }
    }

    /// Starts it in the other instance.
    async fn start_there(&self, tokens: usize) -> BulkId {
        let id = drafted(&self.fixture, &self.here, "doomed").await;
        let (there, started) = (self.there.clone(), id.clone());
        let starting = self
            .other
            .run(move |console| async move { console.start_bulk(&there, &started, &tokens.to_string(), &[]).await });
        starting.await.unwrap();
        id
    }

    async fn until_deleted(&self, at_least: usize) {
        while deletes(&self.fixture).len() < at_least {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn slow_deletes(&self, delay_ms: u64) {
        self.fixture
            .demo
            .fault(Fault::forever("DELETE", TOKENS, Effect::None).after_ms(delay_ms));
    }

    fn limit_deletes(&self, times: u32, seconds: u32) {
        let limit = Effect::RateLimit {
            retry_after: RetryAfter::Seconds(seconds),
        };
        self.fixture
            .demo
            .fault(Fault::next("DELETE", TOKENS, limit).times(times));
    }

    /// Checks that all tokens are revoked, and that no revocation succeeded twice.
    async fn assert_revoked(&self, id: &BulkId, tokens: usize) {
        assert_eq!(counts(&self.fixture, id).await, [(BulkItemState::Revoked, tokens)]);
        let deletes = deletes(&self.fixture);
        assert!(deletes.values().all(|n| *n == 1), "{deletes:?}");
    }
}

#[tokio::test]
async fn a_bulk_change_whose_instance_is_killed_is_finished_by_the_other() {
    let mut two = TwoInstances::start(60).await;
    two.slow_deletes(30);
    let id = two.start_there(60).await;
    two.until_deleted(8).await;
    two.other.kill();
    assert!(deletes(&two.fixture).len() < 50, "it was killed in the middle");
    wait_for_state(&two.fixture.console, &two.here, &id, BulkState::Finished).await;
    two.assert_revoked(&id, 60).await;
}

/// Its lease ends although it is alive, as if it had hung.
#[tokio::test]
async fn a_run_that_is_taken_over_while_it_is_alive_stops() {
    let two = TwoInstances::start(60).await;
    two.slow_deletes(50);
    let id = two.start_there(60).await;
    two.until_deleted(8).await;
    two.fixture.change_database("update leases set ends = 1").await;
    wait_for_state(&two.fixture.console, &two.here, &id, BulkState::Finished).await;
    two.other
        .run(|console| async move { console.wait_until_idle().await })
        .await;
    two.assert_revoked(&id, 60).await;
}

#[tokio::test]
async fn a_run_keeps_its_lease_for_as_long_as_it_takes_while_the_database_is_busy() {
    let two = TwoInstances::start(60).await;
    two.slow_deletes(600);
    let id = two.start_there(60).await;
    let epoch = async || -> i64 {
        let leases: Vec<(i64,)> = two
            .fixture
            .select("select epoch from leases where name like 'bulk/%'")
            .await;
        assert_eq!(leases.len(), 1);
        leases[0].0
    };
    two.until_deleted(1).await;
    let (first, began) = (epoch().await, Instant::now());
    let busy = tokio::spawn({
        let store = two.other.store.clone();
        async move {
            loop {
                store.check_write(console::now()).await.unwrap();
            }
        }
    });
    wait_for_state(&two.fixture.console, &two.here, &id, BulkState::Finished).await;
    busy.abort();
    assert!(
        began.elapsed() > Duration::from_secs(3),
        "{:?} is shorter than two leases",
        began.elapsed()
    );
    assert_eq!(epoch().await, first, "no one took over");
    two.assert_revoked(&id, 60).await;
}

/// Tokens wait for the rate limit when the database is lost, and the limit ends after the lease.
#[tokio::test]
async fn nothing_is_sent_after_the_lease_can_have_ended_while_the_database_is_away() {
    let two = TwoInstances::start(40).await;
    two.limit_deletes(40, 3);
    let id = two.start_there(40).await;
    while two.fixture.calls_under("DELETE", TOKENS) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let lock = two.fixture.lock().await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let sent = two.fixture.calls_under("DELETE", TOKENS);
    tokio::time::sleep(Duration::from_millis(3500)).await;
    assert_eq!(two.fixture.calls_under("DELETE", TOKENS), sent);
    assert!(deletes(&two.fixture).is_empty());
    two.fixture.demo.clear_faults();
    lock.release().await;
    wait_for_state(&two.fixture.console, &two.here, &id, BulkState::Finished).await;
    two.assert_revoked(&id, 40).await;
}

#[tokio::test]
async fn a_cancellation_in_one_instance_stops_the_run_in_the_other() {
    let two = TwoInstances::start(20).await;
    two.limit_deletes(1000, 60);
    let id = two.start_there(20).await;
    while two.fixture.calls_under("DELETE", TOKENS) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let tomas = two.fixture.other_admin().await;
    two.fixture.console.cancel_bulk(&tomas, &id).await.unwrap();
    let began = Instant::now();
    wait_for_state(&two.fixture.console, &two.here, &id, BulkState::Finished).await;
    assert!(began.elapsed() < SOON * 2, "{:?}", began.elapsed());
    assert_eq!(counts(&two.fixture, &id).await, [(BulkItemState::Cancelled, 20)]);
}

#[tokio::test]
async fn another_instance_shows_that_a_bulk_change_runs_and_waits_but_not_how_fast() {
    let two = TwoInstances::start(20).await;
    let running = async || two.fixture.console.running_bulk(&two.here).await.unwrap();
    assert!(running().await.is_none());
    two.limit_deletes(2, 5);
    let id = two.start_there(20).await;
    let began = Instant::now();
    while running().await.is_none() {
        assert!(began.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let shown = running().await.unwrap();
    assert_eq!((&shown.id, shown.total, shown.others), (&id, 20, 0));
    let progress = async || {
        let view = two.fixture.console.bulk_view(&two.here, &id, BulkItemPage::default());
        view.await.unwrap().progress
    };
    while progress().await.waiting.is_none() {
        assert!(
            began.elapsed() < SOON * 2,
            "the pause of the workspace is not known here"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seen = progress().await;
    assert!(
        matches!(seen.waiting, Some(BulkWait::RateLimited(_))),
        "{:?}",
        seen.waiting
    );
    assert_eq!((seen.per_second, seen.left), (None, None));
    wait_for_state(&two.fixture.console, &two.here, &id, BulkState::Finished).await;
    let ended = Instant::now();
    while running().await.is_some() {
        assert!(ended.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    two.assert_revoked(&id, 20).await;
}

/// A person starts it where it cannot run, since another bulk change of the workspace runs in the other instance.
#[tokio::test]
async fn a_second_bulk_change_runs_in_the_instance_of_the_first_one() {
    let two = TwoInstances::start(30).await;
    two.slow_deletes(200);
    let first = two.start_there(30).await;
    create_tokens(&two.fixture, "condemned", 5);
    let second = drafted(&two.fixture, &two.here, "condemned").await;
    two.fixture
        .console
        .start_bulk(&two.here, &second, "5", &[])
        .await
        .unwrap();
    for id in [&first, &second] {
        wait_for_state(&two.fixture.console, &two.here, id, BulkState::Finished).await;
    }
    let holders: Vec<(String,)> = two
        .fixture
        .select("select distinct holder from leases where name like 'bulk/%'")
        .await;
    assert_eq!(holders.len(), 1, "{holders:?}");
    assert!(deletes(&two.fixture).values().all(|n| *n == 1));
}

#[tokio::test]
async fn a_console_that_stops_hands_its_bulk_change_over_at_once() {
    let two = TwoInstances::start(60).await;
    two.slow_deletes(50);
    let id = two.start_there(60).await;
    two.until_deleted(4).await;
    two.other
        .run(|console| async move {
            console.shut_down();
            console.wait_until_idle().await;
        })
        .await;
    let live: Vec<(i64,)> = two.fixture.select("select ends from leases where ends > 1000").await;
    assert!(
        live.iter().all(|(ends,)| *ends <= console::now().ms()),
        "the lease was released"
    );
    assert!(deletes(&two.fixture).len() < 60);
    wait_for_state(&two.fixture.console, &two.here, &id, BulkState::Finished).await;
    two.assert_revoked(&id, 60).await;
}

#[tokio::test]
async fn a_sign_out_in_one_instance_pauses_the_run_in_the_other_and_it_can_be_resumed_here() {
    let two = TwoInstances::start(60).await;
    let again = two.fixture.admin().await;
    two.slow_deletes(100);
    let id = two.start_there(60).await;
    two.until_deleted(4).await;
    two.fixture.console.sign_out(&two.sign_in).await.unwrap();
    wait_for_state(&two.fixture.console, &again, &id, BulkState::Paused).await;
    two.fixture.console.resume_bulk(&again, &id).await.unwrap();
    wait_for_state(&two.fixture.console, &again, &id, BulkState::Finished).await;
    two.assert_revoked(&id, 60).await;
}
