//! Bulk revocations that are paused, cancelled or resumed: nothing is sent that is no longer wanted.

use std::time::Duration;

use console::{Actor, BulkId, BulkItemState, BulkState, Error, PauseReason};
use demo_workspace::{Change, Effect, Fault};
use store::{ActivityKind, Outcome};

use crate::bulk::{counts, create_tokens, deletes, drafted, wait_for_state};
use crate::support::{ACME, Fixture, Setup, TOKENS};

#[tokio::test]
async fn signing_out_pauses_a_bulk_revocation_and_only_its_starter_can_resume_it() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 60);
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    let sign_in = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let here = fixture.console.actor(ACME, &sign_in, "1").await.unwrap();
    let id = drafted(&fixture, &here, "doomed").await;
    fixture
        .demo
        .fault(Fault::forever("DELETE", TOKENS, Effect::None).after_ms(30));
    fixture.console.start_bulk(&here, &id, "60", &[]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(150)).await;
    fixture.console.sign_out(&sign_in).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Paused).await;
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    assert_eq!(bulk.pause_reason, Some(PauseReason::SignedOut));
    let left = fixture
        .store()
        .bulk_counts(&id)
        .await
        .unwrap()
        .of(BulkItemState::Waiting);
    assert!(left > 0 && left < 60, "{left}");
    assert!(matches!(
        fixture.console.resume_bulk(&tomas, &id).await,
        Err(Error::NotYourBulk)
    ));
    assert!(matches!(
        fixture.console.retry_failed(&tomas, &id).await,
        Err(Error::NotYourBulk)
    ));
    fixture.console.resume_bulk(&mia, &id).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Revoked, 60)]);
    assert!(deletes(&fixture).values().all(|n| *n == 1));
}

#[tokio::test]
async fn a_bulk_revocation_is_paused_when_its_credential_ends() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 60);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    fixture
        .demo
        .fault(Fault::forever("DELETE", TOKENS, Effect::None).after_ms(30));
    fixture.console.start_bulk(&mia, &id, "60", &[]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(150)).await;
    let own = mia.own_token().unwrap().to_string();
    fixture.demo.change(Change::RevokeToken { token_id: own }).unwrap();
    let tomas = fixture.other_admin().await;
    wait_for_state(&fixture.console, &tomas, &id, BulkState::Paused).await;
    let bulk = fixture.console.bulk(&tomas, &id).await.unwrap();
    assert_eq!(bulk.pause_reason, Some(PauseReason::CredentialEnded));
    // Someone else cannot resume it, but can cancel the rest: the tokens that were sent are verified with their
    // credential.
    fixture.console.cancel_bulk(&tomas, &id).await.unwrap();
    wait_for_state(&fixture.console, &tomas, &id, BulkState::Finished).await;
    let counts = fixture.store().bulk_counts(&id).await.unwrap();
    assert_eq!(
        counts.of(BulkItemState::Revoked) + counts.of(BulkItemState::Cancelled),
        60
    );
    assert!(counts.of(BulkItemState::Cancelled) > 0);
    assert_eq!(deletes(&fixture).len(), counts.of(BulkItemState::Revoked));
}

#[tokio::test]
async fn any_admin_can_cancel_the_rest_of_a_running_bulk_revocation() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 60);
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    let id = drafted(&fixture, &mia, "doomed").await;
    fixture
        .demo
        .fault(Fault::forever("DELETE", TOKENS, Effect::None).after_ms(30));
    fixture.console.start_bulk(&mia, &id, "60", &[]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(120)).await;
    fixture.console.cancel_bulk(&tomas, &id).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    let counts = fixture.store().bulk_counts(&id).await.unwrap();
    assert_eq!(
        counts.of(BulkItemState::Revoked) + counts.of(BulkItemState::Cancelled),
        60
    );
    assert!(counts.of(BulkItemState::Cancelled) > 0);
    let actions = fixture.actions().await;
    let cancel = actions
        .iter()
        .find(|action| action.kind == ActivityKind::CancelBulk)
        .unwrap();
    assert_eq!(cancel.actor, fixture.demo.credentials().other_admin.user_name);
}

#[tokio::test]
async fn many_failures_in_a_row_pause_a_bulk_revocation() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 60);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    let refused = Effect::Answer {
        status: 400,
        body: demo_workspace::FaultBody::JsonError {
            error_code: "INVALID_PARAMETER_VALUE".into(),
            message: "no".into(),
        },
    };
    fixture.demo.fault(Fault::forever("DELETE", TOKENS, refused));
    fixture.console.start_bulk(&mia, &id, "60", &[]).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Paused).await;
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    assert_eq!(bulk.pause_reason, Some(PauseReason::WorkspaceFails));
    let counts = fixture.store().bulk_counts(&id).await.unwrap();
    assert!(counts.of(BulkItemState::Waiting) > 20, "{counts:?}");
}

#[tokio::test]
async fn a_bulk_revocation_continues_after_a_restart_of_the_console() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 60);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    fixture
        .demo
        .fault(Fault::forever("DELETE", TOKENS, Effect::None).after_ms(30));
    fixture.console.start_bulk(&mia, &id, "60", &[]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(120)).await;
    fixture.console.shut_down();
    fixture.console.wait_until_idle().await;
    let counts_at_stop = fixture.store().bulk_counts(&id).await.unwrap();
    assert!(counts_at_stop.of(BulkItemState::Waiting) > 0);
    assert_eq!(
        counts_at_stop.of(BulkItemState::Sent),
        0,
        "the outcomes of calls in progress were stored"
    );
    let restarted = fixture.restarted(Setup::default());
    restarted.resume_running_bulks().await.unwrap();
    wait_for_state(&restarted, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Revoked, 60)]);
    assert!(deletes(&fixture).values().all(|n| *n == 1));
}

/// A running bulk revocation whose calls are all refused with a pause of a minute.
async fn rate_limited(fixture: &Fixture, actor: &Actor) -> BulkId {
    create_tokens(fixture, "doomed", 20);
    let id = drafted(fixture, actor, "doomed").await;
    let limit = Effect::RateLimit {
        retry_after: demo_workspace::RetryAfter::Seconds(60),
    };
    fixture.demo.fault(Fault::forever("DELETE", TOKENS, limit));
    fixture.console.start_bulk(actor, &id, "20", &[]).await.unwrap();
    while fixture.calls_under("DELETE", TOKENS) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    id
}

#[tokio::test]
async fn a_waiting_token_is_not_sent_after_signing_out() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let sign_in = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let here = fixture.console.actor(ACME, &sign_in, "1").await.unwrap();
    let id = rate_limited(&fixture, &here).await;
    fixture.console.sign_out(&sign_in).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Paused).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Waiting, 20)]);
    assert!(deletes(&fixture).is_empty());
}

#[tokio::test]
async fn a_waiting_token_is_not_sent_after_a_cancellation() {
    let fixture = Fixture::start().await;
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    let id = rate_limited(&fixture, &mia).await;
    fixture.console.cancel_bulk(&tomas, &id).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Cancelled, 20)]);
    assert!(deletes(&fixture).is_empty());
    let open = fixture
        .actions()
        .await
        .into_iter()
        .filter(|action| action.outcome == Outcome::Open);
    assert_eq!(open.count(), 0, "no operation is left open in the activity log");
}
