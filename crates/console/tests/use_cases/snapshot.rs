//! The shared snapshot: fetched once for everyone, and shown only to people whom the workspace itself accepts as
//! admins.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use console::{Error, PartProblem, Timing, WorkspaceError};
use demo_workspace::{Change, Effect, Fault, FaultBody};
use domain::{Known, Owner, PrincipalKind, UnreadPart};
use workspace_client::ErrorKind;

use crate::support::{ACME, CONF, Fixture, IMPATIENT, SCIM, SHORT, Setup, TOKENS, kind};

#[tokio::test]
async fn many_concurrent_readers_cause_one_fetch() {
    let fixture = Fixture::start().await;
    let (mia, tomas) = (Arc::new(fixture.admin().await), Arc::new(fixture.other_admin().await));
    fixture.demo.clear_log();
    let readers: Vec<_> = (0..20)
        .map(|i| {
            let console = fixture.console.clone();
            let actor = Arc::clone(if i % 2 == 0 { &mia } else { &tomas });
            tokio::spawn(async move { console.snapshot(&actor).await.unwrap().inventory.counts().total.seen() })
        })
        .collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), fixture.demo.token_count());
    }
    assert_eq!(fixture.calls("GET", TOKENS, ""), 1);
    assert_eq!(fixture.calls_under("GET", CONF), 1);
    let members = fixture.calls_under("GET", &format!("{SCIM}/Groups/"));
    let asked = fixture.calls_under("GET", &format!("{SCIM}/Users/"))
        + fixture.calls_under("GET", &format!("{SCIM}/ServicePrincipals/"));
    assert_eq!(
        fixture.calls_under("GET", "/") - members - asked,
        6,
        "tokens, policy, users, service principals, groups, permissions"
    );
}

#[tokio::test]
async fn a_snapshot_is_read_again_only_after_a_refresh_or_a_change() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let first = fixture.console.snapshot(&mia).await.unwrap();
    let again = fixture.console.snapshot(&mia).await.unwrap();
    assert!(Arc::ptr_eq(&first.inventory, &again.inventory));
    fixture.console.refresh(&mia).await.unwrap();
    let refreshed = fixture.console.snapshot(&mia).await.unwrap();
    assert!(!Arc::ptr_eq(&first.inventory, &refreshed.inventory));
    assert_eq!(fixture.calls("GET", TOKENS, ""), 2);
}

#[tokio::test]
async fn names_are_listed_once_and_never_per_row() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    fixture.demo.clear_log();
    fixture.console.snapshot(&mia).await.unwrap();
    let token = fixture.some_token(&mia).await;
    fixture.console.token(&mia, &token).await.unwrap();
    fixture
        .console
        .set_comment(&mia, &token, None, "makes the list stale")
        .await
        .unwrap();
    fixture.console.snapshot(&mia).await.unwrap();
    assert_eq!(fixture.calls("GET", TOKENS, ""), 2, "the tokens were read again");
    let paths: Vec<_> = fixture
        .demo
        .log()
        .into_iter()
        .map(|c| c.path)
        .filter(|p| p.starts_with(SCIM))
        .collect();
    let unique: HashSet<_> = paths.iter().collect();
    assert_eq!(unique.len(), paths.len(), "{paths:?}");
    let lists = ["Users", "ServicePrincipals", "Groups"].map(|kind| format!("{SCIM}/{kind}"));
    for list in lists {
        assert!(unique.contains(&list), "{paths:?}");
    }
}

#[tokio::test]
async fn a_person_who_is_not_proven_to_be_an_admin_reads_nothing_that_others_fetched() {
    let fixture = Fixture::start().await;
    let mia = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let tomas = fixture.sign_in(&fixture.demo.credentials().other_admin).await;
    // After a restart the sessions still exist, without any proof.
    let console = fixture.restarted(Setup::default());
    let mia = console.actor(ACME, &mia, "1").await.unwrap();
    let tomas_after = console.actor(ACME, &tomas, "2").await.unwrap();
    console.snapshot(&mia).await.unwrap();
    demote_other_admin(&fixture);
    assert_eq!(kind(console.snapshot(&tomas_after).await), ErrorKind::NotAllowed);
    assert_eq!(kind(console.refresh(&tomas_after).await), ErrorKind::NotAllowed);
    assert_eq!(kind(console.policy(&tomas_after).await), ErrorKind::NotAllowed);
    assert_eq!(kind(console.access_summary(&tomas_after).await), ErrorKind::NotAllowed);
    // The other person is still an admin.
    console.snapshot(&mia).await.unwrap();
}

#[tokio::test]
async fn a_refusal_of_any_call_ends_the_proof_immediately() {
    let fixture = Fixture::start().await;
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    let token = fixture.some_token(&mia).await;
    fixture.console.snapshot(&tomas).await.unwrap();
    demote_other_admin(&fixture);
    // The proof is less than five minutes old, so they still see the shared snapshot.
    fixture.console.snapshot(&tomas).await.unwrap();
    assert_eq!(kind(fixture.console.token(&tomas, &token).await), ErrorKind::NotAllowed);
    assert_eq!(kind(fixture.console.snapshot(&tomas).await), ErrorKind::NotAllowed);
}

#[tokio::test]
async fn a_failure_stays_with_the_person_whose_credential_failed() {
    let fixture = Fixture::start().await;
    let (mia, tomas) = (fixture.admin().await, Arc::new(fixture.other_admin().await));
    fixture
        .demo
        .fault(Fault::next("GET", TOKENS, Effect::IpAccessList).after_ms(300));
    let console = fixture.console.clone();
    let failing = tokio::spawn(async move { console.snapshot(&tomas).await });
    fixture.wait_for_faults().await;
    // The other person's fetch is in progress, and this call waits for it.
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    assert_eq!(snapshot.inventory.counts().total.seen(), fixture.demo.token_count());
    assert_eq!(kind(failing.await.unwrap()), ErrorKind::IpBlocked);
}

#[tokio::test]
async fn a_reader_who_goes_away_delays_no_one() {
    let fixture = Fixture::start().await;
    let (mia, tomas) = (fixture.admin().await, Arc::new(fixture.other_admin().await));
    fixture.demo.fault(Fault::next("GET", TOKENS, Effect::Hang));
    let console = fixture.console.clone();
    let abandoned = tokio::spawn(async move { console.snapshot(&tomas).await.map(drop) });
    fixture.wait_for_faults().await;
    abandoned.abort();
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    assert_eq!(snapshot.inventory.counts().total.seen(), fixture.demo.token_count());
}

#[tokio::test]
async fn names_that_cannot_be_read_are_missing_for_that_person_only() {
    let fixture = Fixture::start().await;
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    let refused = Effect::Answer {
        status: 403,
        body: FaultBody::JsonError {
            error_code: "PERMISSION_DENIED".into(),
            message: "not for you".into(),
        },
    };
    fixture
        .demo
        .fault(Fault::next("GET", &format!("{SCIM}/ServicePrincipals"), refused));
    let partial = fixture.console.snapshot(&mia).await.unwrap();
    assert!(partial.problem(UnreadPart::Names).is_some());
    let owners = |of: &console::Snapshot| {
        let inventory = &of.inventory;
        let owners = inventory.tokens().map(|t| match inventory.owner(t) {
            Owner::Known(p) if p.kind == PrincipalKind::User => "user",
            Owner::Known(_) => "service principal",
            Owner::Gone(_) => "gone",
            Owner::Unknown(_) => "unknown",
            Owner::NotLoaded(_) => "unresolved",
            Owner::NotReported => "unnamed",
        });
        owners.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(owners(&partial), ["unresolved", "user"].into());
    // Another person's credential may show more: with theirs everything is read again, and is complete.
    let complete = fixture.console.snapshot(&tomas).await.unwrap();
    assert!(complete.problem(UnreadPart::Names).is_none());
    assert_eq!(owners(&complete), ["service principal", "unknown", "user"].into());
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_is_reported_and_not_guessed() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    fixture.demo.fault(Fault::next(
        "GET",
        CONF,
        Effect::MissingScope {
            scope: "settings".into(),
        },
    ));
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    let refused = |error: &WorkspaceError| error.kind == ErrorKind::ScopeMissing;
    let problem = snapshot.problem(UnreadPart::Policy).unwrap();
    assert!(
        matches!(problem, PartProblem::Failed(error, _) if refused(error)),
        "{problem:?}"
    );
    assert_eq!(snapshot.policy, None);
    assert_eq!(
        snapshot.inventory.counts().over_policy,
        Known::NotAvailable(UnreadPart::Policy)
    );
}

#[tokio::test]
async fn a_list_that_cannot_be_decoded_shows_nothing() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let empty = Effect::Answer {
        status: 200,
        body: FaultBody::Empty,
    };
    let number = Effect::Answer {
        status: 200,
        body: FaultBody::Raw {
            content_type: "application/json".into(),
            text: "42".into(),
        },
    };
    for effect in [empty, number, Effect::WrongTypes, Effect::Truncate] {
        fixture.demo.fault(Fault::next("GET", TOKENS, effect.clone()));
        let error = kind(fixture.console.snapshot(&mia).await);
        assert!(matches!(error, ErrorKind::Undecodable { .. }), "{effect:?}: {error:?}");
    }
    assert!(fixture.console.snapshot(&mia).await.is_ok(), "nothing of it was cached");
}

#[tokio::test]
async fn a_workspace_that_is_not_configured_is_unknown() {
    let fixture = Fixture::start().await;
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let unknown = fixture.console.actor("acme-dev", &id, "1").await;
    assert!(matches!(unknown, Err(Error::UnknownWorkspace)));
}

/// Makes the second admin someone who can use tokens, and nothing more.
fn demote_other_admin(fixture: &Fixture) {
    let can_use = vec!["users".to_owned()];
    fixture.demo.change(Change::SetGrants { can_use }).unwrap();
    let user_name = fixture.demo.credentials().other_admin.user_name.clone();
    fixture.demo.change(Change::RemoveAdmin { user_name }).unwrap();
}

/// A console whose snapshots are stale after a moment, and the actor's first snapshot.
async fn with_stale_snapshot() -> (Fixture, console::Actor, Arc<console::Snapshot>) {
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
    fixture.console.snapshot(&mia).await.unwrap();
    fixture.wait_for_reads(&mia).await;
    let first = fixture.console.snapshot(&mia).await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    (fixture, mia, first)
}

#[tokio::test]
async fn a_stale_snapshot_is_replaced_if_that_is_quick() {
    let (fixture, mia, first) = with_stale_snapshot().await;
    let second = fixture.console.snapshot(&mia).await.unwrap();
    assert!(!Arc::ptr_eq(&first.inventory, &second.inventory));
}

#[tokio::test]
async fn a_stale_snapshot_is_shown_while_a_new_one_is_read_and_replaced_when_that_has_arrived() {
    let (fixture, mia, first) = with_stale_snapshot().await;
    fixture
        .demo
        .fault(Fault::next("GET", TOKENS, Effect::None).after_ms(500));
    let shown = fixture.console.snapshot(&mia).await.unwrap();
    assert!(Arc::ptr_eq(&first.inventory, &shown.inventory));
    let age = fixture.console.snapshot_age(&mia, &shown);
    assert!(age.is_stale && age.failure.is_none());
    tokio::time::sleep(Duration::from_millis(600)).await;
    let next = fixture.console.snapshot(&mia).await.unwrap();
    assert!(!Arc::ptr_eq(&first.inventory, &next.inventory));
}

#[tokio::test]
async fn a_stale_snapshot_is_shown_with_the_reason_while_the_workspace_cannot_answer() {
    let limit = Effect::RateLimit {
        retry_after: demo_workspace::RetryAfter::Seconds(24),
    };
    let failing = Effect::Answer {
        status: 503,
        body: FaultBody::Empty,
    };
    for effect in [limit, failing, Effect::Hang, Effect::Reset] {
        let (fixture, mia, first) = with_stale_snapshot().await;
        fixture.demo.fault(Fault::forever("GET", TOKENS, effect.clone()));
        // The person asked for newer data, so that they wait for it.
        fixture.console.refresh(&mia).await.unwrap();
        let shown = fixture.console.snapshot(&mia).await.unwrap();
        assert!(Arc::ptr_eq(&first.inventory, &shown.inventory), "{effect:?}");
        let (_, next_try) = fixture.console.snapshot_age(&mia, &shown).failure.unwrap();
        let expected = if matches!(effect, Effect::RateLimit { .. }) {
            24
        } else {
            10
        };
        assert_eq!(next_try.as_millis().div_ceil(1000), expected, "{effect:?}");
        // Until then, nothing is read. The workspace logs a call that hangs only when it notices that the client left.
        tokio::time::sleep(Duration::from_millis(50)).await;
        fixture.demo.clear_log();
        fixture.console.snapshot(&mia).await.unwrap();
        assert_eq!(fixture.calls("GET", TOKENS, ""), 0, "{effect:?}");
    }
}

#[tokio::test]
async fn a_refusal_ends_what_a_stale_snapshot_shows() {
    let (fixture, mia, _) = with_stale_snapshot().await;
    let refused = Effect::Answer {
        status: 403,
        body: FaultBody::JsonError {
            error_code: "PERMISSION_DENIED".into(),
            message: "Only admins can".into(),
        },
    };
    fixture.demo.fault(Fault::forever("GET", TOKENS, refused));
    fixture.console.refresh(&mia).await.unwrap();
    assert_eq!(kind(fixture.console.snapshot(&mia).await), ErrorKind::NotAllowed);
    assert_eq!(kind(fixture.console.snapshot(&mia).await), ErrorKind::NotAllowed);
}

#[tokio::test]
async fn someone_whose_proof_was_ended_reads_nothing_while_the_workspace_cannot_be_asked() {
    let fixture = Fixture::start().await;
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    fixture.console.snapshot(&mia).await.unwrap();
    fixture.console.snapshot(&tomas).await.unwrap();
    // One refusal of any call ends the proof.
    let refused = Effect::Answer {
        status: 403,
        body: FaultBody::JsonError {
            error_code: "PERMISSION_DENIED".into(),
            message: "Only admins can".into(),
        },
    };
    fixture.demo.fault(Fault::next("GET", CONF, refused));
    assert!(fixture.console.policy(&tomas).await.is_err());
    let failing = Effect::Answer {
        status: 503,
        body: FaultBody::Empty,
    };
    fixture.demo.fault(Fault::forever("GET", "/api/2.0/", failing));
    assert!(fixture.console.snapshot(&tomas).await.is_err());
    fixture.console.snapshot(&mia).await.unwrap();
}
