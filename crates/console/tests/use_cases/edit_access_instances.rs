//! Permissions that two instances show and save, and that outlive a restart.

use std::time::Duration;

use console::access::SaveResult;
use console::{Error, Timing};
use demo_workspace::{Effect, Fault};

use crate::edit_access::{LIST, grants, listed, open, removing};
use crate::support::{ACME, Fixture, SHORT, Setup};

#[tokio::test]
async fn permissions_that_one_instance_has_shown_can_be_saved_by_another_and_after_a_restart() {
    let fixture = Fixture::start().await;
    let (id, mia) = fixture.admin_session().await;
    let other = fixture.other_instance(Setup::default()).await;
    grants(&fixture, &["analytics", "security"]);
    let opened = open(&fixture, &mia).await.fingerprint;
    let review = other
        .review_access(&mia, &opened, &removing("analytics"))
        .await
        .unwrap();
    assert!(!review.is_conflict());
    let elsewhere = other.actor(ACME, &id, "2").await.unwrap();
    let saved = other.save_access(&elsewhere, &opened, &removing("analytics")).await;
    assert_eq!(saved.unwrap(), SaveResult::Saved);
    let opened = open(&fixture, &mia).await.fingerprint;
    let restarted = fixture.restarted(Setup::default());
    let mia = restarted.actor(ACME, &id, "3").await.unwrap();
    let saved = restarted.save_access(&mia, &opened, &removing("security")).await;
    assert_eq!(saved.unwrap(), SaveResult::Saved);
    assert_eq!(listed(&fixture, &mia).await, Vec::<String>::new());
}

#[tokio::test]
async fn if_two_instances_save_at_the_same_time_one_gets_the_conflict() {
    let fixture = Fixture::start().await;
    let other = fixture.other_instance(Setup::default()).await;
    let (id, mia) = fixture.admin_session().await;
    let elsewhere = other.actor(ACME, &id, "2").await.unwrap();
    grants(&fixture, &["analytics", "security"]);
    let opened = open(&fixture, &mia).await.fingerprint;
    // Without turns, both would read the list before either writes.
    let slow = Fault::next("GET", LIST, Effect::None).times(2).after_ms(300);
    fixture.demo.fault(slow);
    let edits = [removing("analytics"), removing("security")];
    let (one, two) = tokio::join!(
        fixture.console.save_access(&mia, &opened, &edits[0]),
        other.save_access(&elsewhere, &opened, &edits[1]),
    );
    let results = [&one, &two];
    assert_eq!(
        results.iter().filter(|r| matches!(r, Ok(SaveResult::Saved))).count(),
        1,
        "{results:?}"
    );
    assert_eq!(
        results
            .iter()
            .filter(|r| matches!(r, Err(Error::AccessChanged)))
            .count(),
        1,
        "{results:?}"
    );
    assert_eq!(fixture.calls("PUT", LIST, ""), 1);
    assert_eq!(listed(&fixture, &mia).await.len(), 1);
}

#[tokio::test]
async fn a_save_that_waits_too_long_for_another_instance_sends_nothing() {
    let timing = Timing {
        save_wait: Duration::from_millis(300),
        ..SHORT
    };
    let fixture = Fixture::with(Setup {
        timing,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    grants(&fixture, &["analytics"]);
    let opened = open(&fixture, &mia).await.fingerprint;
    let name = format!("permissions/{ACME} {}", mia.workspace().url());
    let lease = fixture.store().acquire_lease(name, "", Duration::from_mins(1)).await;
    let lease = lease.unwrap().unwrap();
    let saved = fixture.console.save_access(&mia, &opened, &removing("analytics")).await;
    assert!(matches!(saved, Err(Error::OtherSaveInProgress)), "{saved:?}");
    assert_eq!(saved.unwrap_err().certainty(), console::Certainty::Unchanged);
    assert_eq!(fixture.calls_under("PUT", "/") + fixture.calls_under("PATCH", "/"), 0);
    assert_eq!(fixture.actions().await.remove(0).outcome, store::Outcome::Failed);
    fixture.store().release_lease(&lease).await.unwrap();
    let saved = fixture.console.save_access(&mia, &opened, &removing("analytics")).await;
    assert_eq!(saved.unwrap(), SaveResult::Saved);
}

#[tokio::test]
async fn permissions_are_shown_while_the_database_cannot_be_written_to() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    grants(&fixture, &["analytics"]);
    let lock = fixture.lock().await;
    let opened = open(&fixture, &mia).await.fingerprint;
    lock.release().await;
    let saved = fixture.console.save_access(&mia, &opened, &removing("analytics")).await;
    assert_eq!(saved.unwrap(), SaveResult::Saved);
}
