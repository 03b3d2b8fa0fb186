//! Two instances with one database: what one of them changes, the other knows within two seconds.

use std::time::{Duration, Instant};

use console::{Actor, Error};
use demo_workspace::{Change, Effect, Fault};
use domain::{MaxLifetime, ParsedSelection, TokenId, TokenQuery};
use store::{ChangedPart, EventKind, SignInFilter, SignInId};

use crate::bulk::{create_tokens, drafted, matching};
use crate::support::{ACME, CONF, Fixture, Instance, Setup, TOKENS};

/// How long it may take until another instance knows.
pub(crate) const SOON: Duration = Duration::from_secs(2);

/// Waits until something holds, and returns whether it did within [`SOON`].
async fn holds_soon(mut holds: impl AsyncFnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < SOON {
        if holds().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// The fixture's console as one instance, another instance, and the admin in both.
async fn two_instances() -> (Fixture, Instance, Actor, Actor) {
    let fixture = Fixture::start().await;
    let other = Instance::start(&fixture, Setup::default()).await;
    drop(fixture.console.start_instance_task());
    let sign_in = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let here = fixture.console.actor(ACME, &sign_in, "request-1").await.unwrap();
    let there = other.actor(sign_in).await.unwrap();
    (fixture, other, here, there)
}

async fn lists(other: &Instance, actor: &Actor, id: &TokenId) -> bool {
    let (actor, id) = (actor.clone(), id.clone());
    let listed = other.run(|console| async move {
        let snapshot = console.snapshot(&actor).await.unwrap();
        snapshot.inventory.get(&id).is_some()
    });
    listed.await
}

#[tokio::test]
async fn a_token_that_is_revoked_in_one_instance_is_hidden_in_the_other() {
    let (fixture, other, here, there) = two_instances().await;
    let token = fixture.some_token(&here).await;
    assert!(lists(&other, &there, &token).await);
    fixture.console.revoke(&here, &token).await.unwrap();
    assert!(holds_soon(async || !lists(&other, &there, &token).await).await);
    let notice = other.console.revocation(&there, &token);
    let own = fixture.console.revocation(&here, &token).unwrap();
    assert_eq!(
        notice.map(|notice| (notice.comment, notice.owner)),
        Some((own.comment, own.owner))
    );
}

/// The other instance learns of the revocation while it reads a list from before.
#[tokio::test]
async fn a_list_that_another_instance_began_to_read_before_a_revocation_does_not_bring_the_token_back() {
    let (fixture, other, here, there) = two_instances().await;
    let token = fixture.some_token(&here).await;
    fixture
        .demo
        .fault(Fault::next("GET", TOKENS, Effect::None).after_ms(2500));
    let reading = {
        let there = there.clone();
        let token = token.clone();
        other.run(|console| async move {
            let snapshot = console.snapshot(&there).await.unwrap();
            snapshot.inventory.get(&token).is_some()
        })
    };
    let revoking = async {
        fixture.wait_for_faults().await;
        fixture.console.revoke(&here, &token).await.unwrap();
    };
    let (is_listed, ()) = tokio::join!(reading, revoking);
    assert!(!is_listed);
}

#[tokio::test]
async fn the_notice_about_a_revoked_token_outlives_a_restart() {
    let fixture = Fixture::start().await;
    let sign_in = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let here = fixture.console.actor(ACME, &sign_in, "request-1").await.unwrap();
    let token = fixture.some_token(&here).await;
    fixture.console.revoke(&here, &token).await.unwrap();
    let restarted = Instance::start(&fixture, Setup::default()).await;
    let there = restarted.actor(sign_in).await.unwrap();
    assert!(holds_soon(async || restarted.console.revocation(&there, &token).is_some()).await);
    // An instance does not apply its own events: it would read everything twice.
    let before = fixture.console.revocation(&here, &token).unwrap().at;
    drop(fixture.console.start_instance_task());
    tokio::time::sleep(SOON).await;
    assert_eq!(fixture.console.revocation(&here, &token).unwrap().at, before);
}

#[tokio::test]
async fn a_change_of_the_policy_is_seen_by_the_other_instance_and_an_instance_that_changed_nothing_reads_nothing() {
    let (fixture, other, here, there) = two_instances().await;
    let limit = async || {
        let there = there.clone();
        let limit = other.run(|console| async move {
            let snapshot = console.snapshot(&there).await.unwrap();
            snapshot.policy.map(|policy| policy.max_lifetime)
        });
        limit.await
    };
    let before = limit().await;
    assert!(before.is_some());
    let reads = fixture.calls_under("GET", CONF);
    tokio::time::sleep(SOON).await;
    assert_eq!(limit().await, before);
    assert_eq!(
        fixture.calls_under("GET", CONF),
        reads,
        "nothing happened, so nothing is read again"
    );
    let days = MaxLifetime::Days(30);
    fixture.console.set_max_lifetime(&here, None, days).await.unwrap();
    assert!(holds_soon(async || limit().await == Some(days)).await);
}

/// Ends a session while the other instance reads for it.
async fn a_session_ends_with_its_reads(ends: impl AsyncFnOnce(&Fixture, SignInId)) {
    let (fixture, other, here, there) = two_instances().await;
    let sign_in = fixture.sign_in(&fixture.demo.credentials().other_admin).await;
    let tomas = other.actor(sign_in).await.unwrap();
    // This read never ends, unless the session does.
    fixture.demo.fault(Fault::next("GET", TOKENS, Effect::Hang));
    let reading = other.run(|console| async move { console.snapshot(&tomas).await.map(drop) });
    let ending = async {
        fixture.wait_for_faults().await;
        ends(&fixture, sign_in).await;
    };
    let (read, ()) = tokio::join!(tokio::time::timeout(SOON + SOON, reading), ending);
    assert!(
        matches!(read, Ok(Err(_))),
        "it was not read on with the credential of someone whose session has ended"
    );
    assert!(holds_soon(async || matches!(other.actor(sign_in).await, Err(Error::SignedOut))).await);
    // Others stay.
    assert!(
        other
            .run(|console| async move { console.snapshot(&there).await.is_ok() })
            .await
    );
    assert!(fixture.console.snapshot(&here).await.is_ok());
}

#[tokio::test]
async fn a_sign_out_in_one_instance_ends_the_session_and_its_reads_in_the_other() {
    a_session_ends_with_its_reads(async |fixture, sign_in| fixture.console.sign_out(&sign_in).await.unwrap()).await;
}

#[tokio::test]
async fn when_the_operator_ends_a_session_no_instance_continues_to_read_for_it() {
    a_session_ends_with_its_reads(async |fixture, _| {
        let filter = SignInFilter {
            user_name: Some(fixture.demo.credentials().other_admin.user_name.clone()),
            workspace: None,
        };
        assert_eq!(store::end_sign_ins(fixture.location(), &filter).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_end_of_a_proof_counts_in_the_other_instance() {
    let (fixture, other, here, there) = two_instances().await;
    assert!(
        other
            .run({
                let there = there.clone();
                |console| async move { console.snapshot(&there).await.is_ok() }
            })
            .await
    );
    fixture.wait_for_reads(&here).await;
    let own = here.own_token().unwrap().to_string();
    fixture.demo.change(Change::RevokeToken { token_id: own }).unwrap();
    assert!(fixture.console.policy(&here).await.is_err());
    let is_refused = async || {
        let there = there.clone();
        other
            .run(|console| async move { console.snapshot(&there).await.is_err() })
            .await
    };
    assert!(
        holds_soon(is_refused).await,
        "the other instance still showed what it had read"
    );
}

#[tokio::test]
async fn what_cannot_be_published_at_once_is_published_later_and_fails_nothing() {
    let (fixture, other, here, _) = two_instances().await;
    let last = other.store.last_event().await.unwrap();
    let lock = fixture.lock().await;
    fixture.console.refresh(&here).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(other.store.last_event().await.unwrap(), last);
    lock.release().await;
    let mut told = Vec::new();
    for _ in 0..1000 {
        told = other.store.events_after(last, 10).await.unwrap();
        if !told.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(told[0].kind, Some(EventKind::RefreshRequested));
}

#[tokio::test]
async fn a_change_publishes_with_its_outcome_and_a_refused_one_publishes_nothing() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    fixture.console.revoke(&mia, &token).await.unwrap();
    let events = fixture.store().events_after(0, 10).await.unwrap();
    let kinds: Vec<_> = events.iter().filter_map(|event| event.kind.clone()).collect();
    assert!(
        matches!(&kinds[0], EventKind::TokenRevoked { token: of, .. } if *of == token),
        "{kinds:?}"
    );
    let EventKind::PartsChanged { parts } = &kinds[1] else {
        panic!("{kinds:?}");
    };
    assert!(parts.contains(&ChangedPart::Tokens));
    assert_eq!(kinds.len(), 2);
    let refused = Effect::Answer {
        status: 400,
        body: demo_workspace::FaultBody::JsonError {
            error_code: "INVALID_PARAMETER_VALUE".into(),
            message: "no".into(),
        },
    };
    fixture.demo.fault(Fault::forever("DELETE", TOKENS, refused));
    let another = fixture.some_token(&mia).await;
    assert!(fixture.console.revoke(&mia, &another).await.is_err());
    assert_eq!(fixture.store().events_after(0, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_token_that_is_newer_than_the_list_of_an_instance_is_not_gone() {
    let fixture = Fixture::start().await;
    let (sign_in, here) = fixture.admin_session().await;
    let other = fixture.other_instance(Setup::default()).await;
    let there = other.actor(ACME, &sign_in, "request-2").await.unwrap();
    other.snapshot(&there).await.unwrap();
    create_tokens(&fixture, "doomed", 2);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    // The token is selected and reviewed on different instances, in both orders.
    let drafted_here = drafted(&fixture, &here, "doomed").await;
    let draft = other.bulk(&there, &drafted_here).await.unwrap();
    let review = other.review_draft(&there, &draft, &[]).await.unwrap();
    assert_eq!((review.items.len(), review.missing_count), (2, 0));

    create_tokens(&fixture, "another", 1);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    fixture.console.refresh(&here).await.unwrap();
    let snapshot = fixture.console.snapshot(&here).await.unwrap();
    let page = snapshot.inventory.page(&matching("another")).known().unwrap();
    let mut picked = ParsedSelection::default();
    picked.select([&page.tokens[0].id]);
    let drafted_there = other
        .draft_revocation(&there, &TokenQuery::default(), &picked.selection)
        .await;
    drafted_there.unwrap();
}

#[tokio::test]
async fn a_lookup_at_one_instance_can_be_opened_and_counts_at_the_other() {
    let fixture = Fixture::start().await;
    let (sign_in, here) = fixture.admin_session().await;
    let other = fixture.other_instance(Setup::default()).await;
    let there = other.actor(ACME, &sign_in, "request-2").await.unwrap();
    let tokens = vec![vec![TokenId::new("a1"), TokenId::new("b2")], vec![TokenId::new("c3")]];
    let id = fixture.console.remember_lookup(&[&here], tokens.clone()).await;
    let found = other.lookup(&there, &id).await.unwrap();
    assert_eq!(found.as_deref(), Some(&tokens));
    assert_eq!(other.lookup(&there, "another").await.unwrap(), None);
    let stranger = fixture.sign_in(&fixture.demo.credentials().other_admin).await;
    let stranger = other.actor(ACME, &stranger, "request-3").await.unwrap();
    assert_eq!(other.lookup(&stranger, &id).await.unwrap(), None);

    for _ in 0..30 {
        fixture.console.check_lookup_limit(&here).await.unwrap();
    }
    let refused = other.check_lookup_limit(&there).await;
    assert!(matches!(refused, Err(Error::TooManyLookups { .. })), "{refused:?}");
}

#[tokio::test]
async fn the_page_after_a_refresh_is_new_at_the_other_instance_too() {
    let (fixture, other, here, there) = two_instances().await;
    if !fixture.console.is_shared() {
        // With one instance there is nothing to publish. The tests run on PostgreSQL too.
        return;
    }
    let read = |actor: Actor| other.run(async move |console| console.snapshot(&actor).await.unwrap());
    read(there.clone()).await;
    create_tokens(&fixture, "created since", 1);
    fixture.console.refresh(&here).await.unwrap();
    other.console.apply_new_events().await;
    let snapshot = read(there).await;
    assert_eq!(
        snapshot
            .inventory
            .page(&matching("created since"))
            .known()
            .unwrap()
            .matching,
        1
    );
}
