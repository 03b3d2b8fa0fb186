//! Names, policy, permissions and groups: each read once for everyone, and nothing waits for the slowest.

use std::sync::Arc;
use std::time::Duration;

use console::{Actor, Error, PartProblem, Timing};
use demo_workspace::{Effect, Fault, FaultBody, LogEntry};
use domain::{Selection, TokenQuery, UnreadPart, UnreadParts};
use workspace_client::ErrorKind;

use crate::support::{ACME, CONF, Fixture, IMPATIENT, PERMISSIONS, SCIM, SHORT, Setup, TOKENS, kind};

/// A call that takes longer than any page waits for.
const DELAY_MS: u64 = 700;

/// How long these consoles show an old value. This is longer than any read on a busy machine, because a list that takes
/// longer to read would be too old at once.
const STALE_TTL: Duration = Duration::from_secs(3);

/// A console whose pages do not wait for parts that are slow.
async fn impatient_fixture() -> Fixture {
    Fixture::with(Setup {
        timing: Timing {
            part_wait: Duration::from_millis(1),
            review_wait: Duration::from_millis(1),
            ..SHORT
        },
        ..Setup::default()
    })
    .await
}

fn delay(fixture: &Fixture, path: &str) {
    let slow = Fault::forever("GET", path, Effect::None).after_ms(DELAY_MS);
    fixture.demo.fault(slow);
}

fn refused() -> Effect {
    Effect::Answer {
        status: 403,
        body: FaultBody::JsonError {
            error_code: "PERMISSION_DENIED".into(),
            message: "not for you".into(),
        },
    }
}

fn parts(parts: &[UnreadPart]) -> UnreadParts {
    let all = parts.iter();
    all.fold(UnreadParts::default(), |all, part| all.with(*part, true))
}

async fn loading(fixture: &Fixture, actor: &Actor) -> UnreadParts {
    fixture.console.snapshot(actor).await.unwrap().loading()
}

#[tokio::test]
async fn the_list_is_there_before_the_other_parts_which_are_read_once_for_everyone() {
    let fixture = impatient_fixture().await;
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    for path in [SCIM, CONF, PERMISSIONS] {
        delay(&fixture, path);
    }
    fixture.demo.clear_log();
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    assert_eq!(snapshot.inventory.counts().total.seen(), fixture.demo.token_count());
    let expected = parts(&[UnreadPart::Names, UnreadPart::Policy, UnreadPart::Permissions]);
    assert_eq!(snapshot.loading(), expected);
    assert_eq!(
        loading(&fixture, &tomas).await,
        expected,
        "someone else waits for the same reads"
    );
    let token = snapshot.inventory.tokens().next().unwrap().id.clone();
    let detail = fixture.console.token(&mia, &token).await.unwrap();
    assert_eq!(
        (detail.loading, detail.token.id),
        (expected, token),
        "one token needs only itself"
    );
    let everything = TokenQuery::default();
    let draft = fixture.console.draft_revocation(&mia, &everything, &Selection::All);
    assert!(matches!(draft.await, Err(Error::StillLoading)));
    fixture.wait_for_reads(&tomas).await;
    let complete = fixture.console.snapshot(&mia).await.unwrap();
    assert!(complete.inventory.unread().is_empty() && complete.loading().is_empty());
    let (groups, users) = (format!("{SCIM}/Groups"), format!("{SCIM}/Users"));
    for (path, calls) in [(CONF, 1), (PERMISSIONS, 1), (TOKENS, 1), (&groups, 1), (&users, 1)] {
        let log = fixture.demo.log();
        let is_it = |call: &&LogEntry| call.path == path && call.method == "GET" && !call.query.contains("created_by");
        assert_eq!(log.iter().filter(is_it).count(), calls, "{path}");
    }
}

#[tokio::test]
async fn nothing_is_read_unless_someone_asks() {
    let fixture = impatient_fixture().await;
    let mia = fixture.admin().await;
    fixture.console.snapshot(&mia).await.unwrap();
    fixture.wait_for_reads(&mia).await;
    fixture.console.refresh(&mia).await.unwrap();
    fixture.demo.clear_log();
    fixture.wait_for_reads(&mia).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(fixture.demo.log().len(), 0);
}

#[tokio::test]
async fn a_refusal_stays_with_the_person_who_was_refused() {
    let fixture = Fixture::start().await;
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    for (path, part) in [
        (format!("{SCIM}/Users"), UnreadPart::Names),
        (CONF.to_owned(), UnreadPart::Policy),
        (PERMISSIONS.to_owned(), UnreadPart::Permissions),
        (format!("{SCIM}/Groups"), UnreadPart::Groups),
    ] {
        fixture.console.refresh(&mia).await.unwrap();
        fixture.demo.fault(Fault::forever("GET", &path, refused()));
        let snapshot = fixture.console.snapshot(&mia).await.unwrap();
        let problem = snapshot.problem(part).unwrap();
        let is_refusal = matches!(problem, PartProblem::Failed(error, _) if error.kind == ErrorKind::NotAllowed);
        assert!(is_refusal, "{part:?}: {problem:?}");
        fixture.demo.clear_faults();
        // For mia it is noted; with the credential of tomas it is read, for both.
        fixture.demo.clear_log();
        let again = fixture.console.snapshot(&mia).await.unwrap();
        assert!(again.problem(part).is_some(), "{part:?}");
        let read = fixture.console.snapshot(&tomas).await.unwrap();
        assert!(
            read.problem(part).is_none() && read.inventory.unread().is_empty(),
            "{part:?}"
        );
        let shared = fixture.console.snapshot(&mia).await.unwrap();
        assert!(Arc::ptr_eq(&shared.inventory, &read.inventory), "{part:?}");
    }
}

#[tokio::test]
async fn a_sign_out_discards_what_is_being_read_with_that_credential() {
    let fixture = impatient_fixture().await;
    let mia_id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let mia = fixture.console.actor("acme-prod", &mia_id, "1").await.unwrap();
    let tomas = fixture.other_admin().await;
    delay(&fixture, SCIM);
    assert!(loading(&fixture, &mia).await.has(UnreadPart::Names));
    fixture.console.sign_out(&mia_id).await.unwrap();
    assert!(is_nothing_read(&fixture, &tomas).await);
    // The next person reads with theirs.
    assert!(loading(&fixture, &tomas).await.has(UnreadPart::Names));
    fixture.wait_for_reads(&tomas).await;
    let read = fixture.console.snapshot(&tomas).await.unwrap();
    assert!(read.inventory.unread().is_empty());
}

#[tokio::test]
async fn an_ended_proof_discards_what_is_being_read_with_that_credential() {
    let fixture = impatient_fixture().await;
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    let token = fixture.some_token(&tomas).await;
    fixture.wait_for_reads(&tomas).await;
    fixture.console.refresh(&tomas).await.unwrap();
    delay(&fixture, CONF);
    fixture.console.snapshot(&mia).await.unwrap();
    fixture.demo.fault(Fault::next("GET", TOKENS, refused()));
    assert_eq!(kind(fixture.console.token(&mia, &token).await), ErrorKind::NotAllowed);
    assert!(is_nothing_read(&fixture, &tomas).await);
}

/// Whether a wait for what is being read ends before a delayed response could be there.
async fn is_nothing_read(fixture: &Fixture, actor: &Actor) -> bool {
    let limit = Duration::from_millis(DELAY_MS / 2);
    tokio::time::timeout(limit, fixture.wait_for_reads(actor)).await.is_ok()
}

#[tokio::test]
async fn an_older_part_is_shown_with_its_age_and_the_reason_while_it_cannot_be_read_again() {
    let fixture = Fixture::with(Setup {
        timing: Timing {
            snapshot_ttl: Duration::from_millis(1),
            ..SHORT
        },
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    let first = fixture.console.snapshot(&mia).await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    fixture.demo.fault(Fault::forever(
        "GET",
        PERMISSIONS,
        Effect::RateLimit {
            retry_after: demo_workspace::RetryAfter::Seconds(24),
        },
    ));
    let second = fixture.console.snapshot(&mia).await.unwrap();
    assert!(first.outdated().is_empty() && second.inventory.unread().is_empty());
    let outdated = second.outdated();
    let [outdated] = outdated.as_slice() else {
        panic!("{outdated:?}")
    };
    assert_eq!(outdated.part, UnreadPart::Permissions);
    let PartProblem::Failed(error, next_try) = outdated.problem else {
        panic!("{outdated:?}")
    };
    assert!(matches!(error.kind, ErrorKind::RateLimited { .. }));
    assert_eq!(next_try.as_millis().div_ceil(1000), 24);
    // Until then, it is not read again.
    fixture.demo.clear_log();
    fixture.console.snapshot(&mia).await.unwrap();
    assert_eq!(fixture.calls_under("GET", PERMISSIONS), 0);
}

#[tokio::test]
async fn a_part_that_is_too_old_is_not_shown() {
    let fixture = Fixture::with(Setup {
        timing: Timing {
            snapshot_ttl: Duration::from_millis(1),
            stale_ttl: STALE_TTL,
            ..SHORT
        },
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    fixture.console.snapshot(&mia).await.unwrap();
    let failing = Effect::Answer {
        status: 503,
        body: FaultBody::Empty,
    };
    fixture.demo.fault(Fault::forever("GET", CONF, failing));
    tokio::time::sleep(STALE_TTL).await;
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    assert!(snapshot.policy.is_none() && snapshot.inventory.unread().has(UnreadPart::Policy));
    let problem = snapshot.problem(UnreadPart::Policy).unwrap();
    assert!(matches!(problem, PartProblem::Failed(error, _) if error.kind.is_outage()));
}

#[tokio::test]
async fn a_change_made_elsewhere_is_shown_by_all_pages_once_one_has_seen_it() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let before = fixture.console.snapshot(&mia).await.unwrap().policy.unwrap();
    let change = demo_workspace::Change::SetConf {
        values: [("maxTokenLifetimeDays".to_owned(), Some("31".to_owned()))].into(),
    };
    fixture.demo.change(change).unwrap();
    assert_eq!(fixture.console.snapshot(&mia).await.unwrap().policy, Some(before));
    let (now, _) = fixture.console.policy(&mia).await.unwrap();
    assert_ne!(now, before);
    assert_eq!(fixture.console.snapshot(&mia).await.unwrap().policy, Some(now));
}

#[tokio::test]
async fn someone_who_signs_out_while_the_list_is_read_reads_nothing_more() {
    let fixture = impatient_fixture().await;
    let mia_id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let mia = fixture.console.actor(ACME, &mia_id, "1").await.unwrap();
    fixture.demo.fault(Fault::next("GET", TOKENS, Effect::Hang));
    let console = fixture.console.clone();
    let waiting = tokio::spawn(async move { console.snapshot(&mia).await.map(drop) });
    fixture.wait_for_faults().await;
    fixture.console.sign_out(&mia_id).await.unwrap();
    assert!(matches!(waiting.await.unwrap(), Err(Error::SignedOut)));
}

#[tokio::test]
async fn slow_permissions_are_on_the_settings_page_when_it_is_loaded_again() {
    let fixture = impatient_fixture().await;
    let mia = fixture.admin().await;
    delay(&fixture, PERMISSIONS);
    let first = fixture.console.access_summary(&mia).await;
    assert!(matches!(first, Err(Error::StillLoading)));
    fixture.wait_for_reads(&mia).await;
    assert!(fixture.console.access_summary(&mia).await.is_ok());
}

#[tokio::test]
async fn an_incomplete_part_replaces_a_complete_one_that_is_too_old() {
    let fixture = Fixture::with(Setup {
        timing: Timing {
            stale_ttl: STALE_TTL,
            ..SHORT
        },
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    let whole = fixture.console.snapshot(&mia).await.unwrap();
    let path = format!("{SCIM}/ServicePrincipals");
    fixture.demo.fault(Fault::forever("GET", &path, refused()));
    tokio::time::sleep(STALE_TTL).await;
    fixture.console.refresh(&mia).await.unwrap();
    let part = fixture.console.snapshot(&mia).await.unwrap();
    let (all, some) = (whole.inventory.directory().len(), part.inventory.directory().len());
    assert!(some > 0 && some < all, "{some} of {all}");
}
