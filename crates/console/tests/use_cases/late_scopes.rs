//! New scopes that the workspace accepts and shows late: they are not confirmed until it shows them.

use std::time::Duration;

use console::bulk::ScopesChange;
use console::{Actor, BulkId, BulkItemState, BulkState, Error, PauseReason, Timing};
use demo_workspace::{Effect, Fault};
use domain::TokenId;
use store::{BulkKind, Detail, Outcome};

use crate::bulk::{counts, wait_for_state};
use crate::bulk_scopes::{drafted, items, names, patches, set_scopes, token};
use crate::support::{ACME, Fixture, SHORT, Setup, TOKENS};

/// Longer than a look at scopes usually takes to confirm them.
const LATE: Duration = Duration::from_millis(700);

/// A workspace may show new scopes as late as this.
fn patient_setup() -> Setup {
    Setup {
        timing: Timing {
            scopes_verify_timeout: Duration::from_secs(30),
            ..SHORT
        },
        ..Setup::default()
    }
}

/// Two tokens that are narrowed to `sql`. The workspace accepts both changes, and does not show the first yet.
async fn half_narrowed(fixture: &Fixture, actor: &Actor) -> (BulkId, [TokenId; 2]) {
    let tokens = [0, 1].map(|n| token(fixture, &format!("wide {n}"), None, &["sql"]));
    let id = drafted(fixture, actor, ScopesChange::NarrowScopes, "wide").await;
    let path = format!("{TOKENS}/{}", tokens[0]);
    fixture.demo.fault(Fault::forever("PATCH", &path, Effect::Ignore));
    fixture.console.start_bulk(actor, &id, "2", &[]).await.unwrap();
    tokio::time::sleep(LATE).await;
    (id, tokens)
}

const HALF: [(BulkItemState, usize); 2] = [(BulkItemState::Accepted, 1), (BulkItemState::Changed, 1)];

#[tokio::test]
async fn scopes_that_are_shown_late_are_not_confirmed_until_they_are_shown() {
    let fixture = Fixture::with(patient_setup()).await;
    let mia = fixture.admin().await;
    let (id, tokens) = half_narrowed(&fixture, &mia).await;
    assert_eq!(counts(&fixture, &id).await, HALF);
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    assert_eq!(bulk.state, BulkState::Running, "it is neither done nor failed");
    // A confirmed change can be put back without waiting for the other one.
    assert!(fixture.console.can_be_put_back(&mia, &bulk).await.unwrap());
    let put_back = fixture.console.draft_put_back(&mia, &id).await.unwrap();
    let put_back = fixture.console.bulk(&mia, &put_back).await.unwrap();
    let review = fixture.console.review_draft(&mia, &put_back, &[]).await.unwrap();
    assert_eq!((put_back.kind, review.tokens()), (BulkKind::PutBackScopes, 1));
    assert_eq!(review.items[0].token, tokens[1]);
    set_scopes(&fixture, &tokens[0], &["sql"]);
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Changed, 2)]);
    assert_eq!(patches(&fixture), 2, "each was sent once");
}

#[tokio::test]
async fn a_restart_does_not_end_the_wait_for_scopes_and_sends_nothing_again() {
    let fixture = Fixture::with(patient_setup()).await;
    let mia = fixture.admin().await;
    let (id, tokens) = half_narrowed(&fixture, &mia).await;
    fixture.console.shut_down();
    let stopping = tokio::time::Instant::now();
    fixture.console.wait_until_idle().await;
    assert!(stopping.elapsed() < Duration::from_secs(5), "{:?}", stopping.elapsed());
    let console = fixture.restarted(patient_setup());
    console.resume_running_bulks().await.unwrap();
    tokio::time::sleep(LATE).await;
    assert_eq!(counts(&fixture, &id).await, HALF);
    set_scopes(&fixture, &tokens[0], &["sql"]);
    wait_for_state(&console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Changed, 2)]);
    assert_eq!(patches(&fixture), 2);
}

#[tokio::test]
async fn looks_at_scopes_become_rarer_until_they_count_as_not_confirmed() {
    let fixture = Fixture::with(Setup {
        timing: Timing {
            scopes_verify_timeout: Duration::from_secs(2),
            scopes_max_pause: Duration::from_secs(1),
            ..SHORT
        },
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    let wide = token(&fixture, "wide", None, &["sql"]);
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    fixture.demo.fault(Fault::forever("PATCH", TOKENS, Effect::Ignore));
    fixture.console.start_bulk(&mia, &id, "", &[]).await.unwrap();
    let list = |fixture: &Fixture| {
        let log = fixture.demo.log();
        log.iter().filter(|c| c.method == "GET" && c.path == TOKENS).count()
    };
    let before = list(&fixture);
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    let looks = list(&fixture) - before;
    assert!((4..=9).contains(&looks), "{looks} looks, not one each 50 ms");
    let item = items(&fixture, &id).await.remove(0);
    assert_eq!(
        (item.token, item.state, item.detail),
        (wide, BulkItemState::Unknown, Detail::AcceptedButOldScopes)
    );
}

#[tokio::test]
async fn if_the_person_signs_out_another_admin_can_check_what_is_not_confirmed() {
    let fixture = Fixture::with(patient_setup()).await;
    let tomas = fixture.other_admin().await;
    let sign_in = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let mia = fixture.console.actor(ACME, &sign_in, "1").await.unwrap();
    let (id, tokens) = half_narrowed(&fixture, &mia).await;
    fixture.console.sign_out(&sign_in).await.unwrap();
    wait_for_state(&fixture.console, &tomas, &id, BulkState::Paused).await;
    let bulk = fixture.console.bulk(&tomas, &id).await.unwrap();
    assert_eq!(bulk.pause_reason, Some(PauseReason::SignedOut));
    set_scopes(&fixture, &tokens[0], &["sql"]);
    fixture.console.check_bulk(&tomas, &id).await.unwrap();
    wait_for_state(&fixture.console, &tomas, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Changed, 2)]);
    assert_eq!(patches(&fixture), 2);
}

/// Waits until the outcome of the latest operation is known, or long enough.
async fn latest_outcome(fixture: &Fixture) -> (Outcome, Detail) {
    for _ in 0..300 {
        let latest = fixture.actions().await.remove(0);
        if latest.outcome == Outcome::Done || latest.detail.is_of_later_look() {
            return (latest.outcome, latest.detail);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it was not looked at again");
}

#[tokio::test]
async fn only_scopes_that_are_shown_late_are_confirmed_late() {
    let fixture = Fixture::with(Setup {
        timing: Timing {
            reconcile_after: Duration::from_millis(100),
            scopes_verify_timeout: Duration::from_secs(1),
            ..SHORT
        },
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    fixture.demo.fault(Fault::forever("PATCH", TOKENS, Effect::Ignore));
    let late = token(&fixture, "late", Some(&["sql", "jobs"]), &[]);
    let (opened, requested) = (names(&["sql", "jobs"]), names(&["sql"]));
    let set = fixture.console.set_scopes(&mia, &late, Some(&opened), &requested);
    assert!(matches!(set.await, Err(Error::NotConfirmed)));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let latest = fixture.actions().await.remove(0);
    assert_eq!(latest.outcome, Outcome::Unknown);
    assert!(!latest.detail.is_of_later_look(), "the old scopes say nothing yet");
    set_scopes(&fixture, &late, &["sql"]);
    assert_eq!(latest_outcome(&fixture).await, (Outcome::Done, Detail::FoundDone));
    // Never shown.
    let never = token(&fixture, "never", Some(&["sql", "jobs"]), &[]);
    let set = fixture.console.set_scopes(&mia, &never, Some(&opened), &requested);
    assert!(matches!(set.await, Err(Error::NotConfirmed)));
    let seen = Detail::SeenLater("sql, jobs".to_owned());
    assert_eq!(latest_outcome(&fixture).await, (Outcome::Unknown, seen));
}
