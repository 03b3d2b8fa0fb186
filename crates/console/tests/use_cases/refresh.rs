//! Access tokens are replaced before they end, and the new ones are not lost.

use std::time::Duration;

use console::{Error, now};
use demo_workspace::{Effect, Fault, FaultBody};
use secrecy::{ExposeSecret as _, SecretString};
use store::SignInId;
use tokio::time::sleep;

use crate::support::{ACME, Fixture, Lock, Setup};

/// The endpoint that grants access tokens.
const TOKEN_ENDPOINT: &str = "/oidc/v1/token";

#[tokio::test]
async fn many_requests_cause_one_refresh() {
    let fixture = Fixture::start().await;
    // The first access token has to be refreshed immediately.
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    grant(&fixture, Some("r2"), 3600, 50);
    fixture.demo.clear_log();
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let console = fixture.console.clone();
            tokio::spawn(async move { console.actor(ACME, &id, "1").await.map(drop) })
        })
        .collect();
    for request in requests {
        request.await.unwrap().unwrap();
    }
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
}

#[tokio::test]
async fn a_refresh_outlives_the_request_that_needed_it() {
    let fixture = Fixture::start().await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    grant(&fixture, Some("r2"), 3600, 100);
    fixture.demo.clear_log();
    let console = fixture.console.clone();
    let request = tokio::spawn(async move { console.actor(ACME, &id, "1").await.map(drop) });
    fixture.wait_for_faults().await;
    // The browser goes away while the workspace is using up the refresh token.
    request.abort();
    fixture.console.actor(ACME, &id, "2").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
}

#[tokio::test]
async fn a_refused_refresh_ends_the_session() {
    let fixture = Fixture::start().await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    // The demo workspace does not know the refresh token.
    let actor = fixture.console.actor(ACME, &id, "1").await;
    assert!(matches!(actor, Err(Error::SignedOut)), "{:?}", actor.err());
    assert_eq!(fixture.purge_sign_ins().await, 0);
}

#[tokio::test]
async fn a_sign_in_service_that_fails_or_refuses_does_not_end_the_session() {
    let fixture = Fixture::start().await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    let answer = |status: u16, body: FaultBody| Effect::Answer { status, body };
    let bad_credential = || FaultBody::IntegerErrorCode {
        message: "Invalid access token.".into(),
    };
    for path in ["/.well-known/", "/oidc/.well-known/", TOKEN_ENDPOINT] {
        for effect in [
            answer(503, FaultBody::Empty),
            answer(401, FaultBody::Empty),
            answer(403, FaultBody::Empty),
            answer(401, bad_credential()),
            answer(403, bad_credential()),
            Effect::Reset,
        ] {
            fixture.demo.fault(Fault::forever(None, path, effect.clone()));
            let failed = fixture.console.actor(ACME, &id, "1").await;
            assert!(
                matches!(&failed, Err(Error::SignInService(_))),
                "{path}, {effect:?}: {:?}",
                failed.err()
            );
            fixture.demo.clear_faults();
        }
    }
    grant(&fixture, None, 3600, 0);
    fixture.console.actor(ACME, &id, "2").await.unwrap();
}

#[tokio::test]
async fn the_old_refresh_token_stays_if_the_response_has_none() {
    let fixture = Fixture::start().await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    grant(&fixture, None, 0, 0);
    fixture.console.actor(ACME, &id, "1").await.unwrap();
    // The access token has to be refreshed again, with the old refresh token.
    grant(&fixture, None, 3600, 0);
    fixture.console.actor(ACME, &id, "2").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 3);
}

#[tokio::test]
async fn without_a_refresh_token_nothing_is_refreshed() {
    let fixture = Fixture::start().await;
    let id = sign_in_by_oauth(&fixture, None, 0).await;
    fixture.console.actor(ACME, &id, "1").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
}

/// Sets the next response of the token endpoint. The admin's personal access token serves as the access token, which
/// works even after its stated end, so that no test has to wait.
fn grant(fixture: &Fixture, refresh: Option<&str>, lives_seconds: u32, delay_ms: u64) {
    let access = fixture.demo.credentials().admin.pat.clone().unwrap();
    grant_access(fixture, &access, refresh, lives_seconds, delay_ms);
}

/// The same, with another access token.
fn grant_access(fixture: &Fixture, access: &str, refresh: Option<&str>, lives_seconds: u32, delay_ms: u64) {
    let refresh = refresh
        .map(|r| format!(r#","refresh_token":"{r}""#))
        .unwrap_or_default();
    let text = format!(r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":{lives_seconds}{refresh}}}"#);
    let granted = Effect::Answer {
        status: 200,
        body: FaultBody::Raw {
            content_type: "application/json".into(),
            text,
        },
    };
    let fault = Fault::next("POST", TOKEN_ENDPOINT, granted);
    fixture.demo.fault(fault.after_ms(delay_ms));
}

async fn sign_in_by_oauth(fixture: &Fixture, refresh: Option<&str>, lives_seconds: u32) -> SignInId {
    grant(fixture, refresh, lives_seconds, 0);
    let authorization = fixture.console.begin_oauth(ACME).await.unwrap();
    let code = "a-code".to_owned().into();
    fixture
        .console
        .finish_oauth(ACME, code, authorization.verifier, "a test")
        .await
        .unwrap()
}

#[tokio::test]
async fn nothing_is_refreshed_while_the_database_fails_and_the_old_token_works() {
    let fixture = Fixture::start().await;
    // The token is refreshed after half of its lifetime.
    let id = sign_in_by_oauth(&fixture, Some("r1"), 12).await;
    sleep(Duration::from_millis(6100)).await;
    let lock = fixture.lock().await;
    fixture.demo.clear_log();
    fixture.console.actor(ACME, &id, "1").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 0);
    lock.release().await;
    grant(&fixture, Some("r2"), 3600, 0);
    // A failed check of the database counts for two seconds.
    sleep(Duration::from_millis(2100)).await;
    fixture.console.actor(ACME, &id, "2").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
}

/// Replaces the access token while its result cannot be stored. If other instances can use the database, the refresh
/// token is not sent without a lease, so that the database fails only then.
async fn refreshed_but_not_stored(fixture: &Fixture, id: SignInId) -> Lock {
    grant(fixture, Some("r2"), 3600, 300);
    if !fixture.store().is_shared() {
        let lock = fixture.lock().await;
        fixture.console.actor(ACME, &id, "1").await.unwrap();
        return lock;
    }
    let console = fixture.console.clone();
    let refreshing = tokio::spawn(async move { console.actor(ACME, &id, "1").await.map(drop) });
    fixture.wait_for_faults().await;
    let lock = fixture.lock().await;
    refreshing.await.unwrap().unwrap();
    lock
}

#[tokio::test]
async fn a_credential_that_could_not_be_stored_is_used_and_stored_later() {
    let fixture = Fixture::start().await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    let lock = refreshed_but_not_stored(&fixture, id).await;
    fixture.demo.clear_log();
    fixture.console.actor(ACME, &id, "2").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 0, "the new one is used");
    lock.release().await;
    // The credential is stored without a further request.
    let stored = async {
        let has_new = |secret: &SecretString| secret.expose_secret().contains("r2");
        while !has_new(&fixture.store().sign_in(&id, now()).await.unwrap().unwrap().secret) {
            sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), stored).await.unwrap();
    let restarted = fixture.restarted(Setup::default());
    restarted.actor(ACME, &id, "3").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 0);
}

#[tokio::test]
async fn a_credential_that_could_not_be_stored_is_discarded_with_its_session() {
    let fixture = Fixture::start().await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    let lock = refreshed_but_not_stored(&fixture, id).await;
    lock.release().await;
    fixture.console.sign_out(&id).await.unwrap();
    let actor = fixture.console.actor(ACME, &id, "2").await;
    assert!(matches!(actor, Err(Error::SignedOut)), "{:?}", actor.err());
}

/// A session by OAuth whose access token the workspace no longer accepts, long before its stated end.
async fn with_revoked_access(fixture: &Fixture) -> (SignInId, console::Actor) {
    let id = sign_in_by_oauth(fixture, Some("r1"), 3600).await;
    let actor = fixture.console.actor(ACME, &id, "1").await.unwrap();
    let own = fixture.demo.credentials().admin.pat.clone().unwrap();
    let token_id = console::token_id_of(&own.into()).to_string();
    fixture
        .demo
        .change(demo_workspace::Change::RevokeToken { token_id })
        .unwrap();
    (id, actor)
}

#[tokio::test]
async fn a_refused_access_token_is_replaced_once_before_the_session_ends() {
    let fixture = Fixture::start().await;
    let (id, actor) = with_revoked_access(&fixture).await;
    let other = fixture.demo.credentials().other_admin.pat.clone().unwrap();
    grant_access(&fixture, &other, Some("r2"), 3600, 0);
    fixture.demo.clear_log();
    assert!(fixture.console.renew_or_end_sign_in(&actor).await.unwrap());
    let renewed = fixture.console.actor(ACME, &id, "2").await.unwrap();
    fixture.console.snapshot(&renewed).await.unwrap();
    // Someone who was refused with the old one finds the new one.
    assert!(fixture.console.renew_or_end_sign_in(&actor).await.unwrap());
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
    // The new one is refused too: replacing it again would not help.
    assert!(!fixture.console.renew_or_end_sign_in(&renewed).await.unwrap());
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
    let ended = fixture.console.actor(ACME, &id, "3").await;
    assert!(matches!(ended, Err(Error::SignedOut)), "{:?}", ended.err());
}

#[tokio::test]
async fn a_refused_access_token_ends_the_session_only_if_the_sign_in_service_refuses_too() {
    let fixture = Fixture::start().await;
    let (id, actor) = with_revoked_access(&fixture).await;
    let failing = Effect::Answer {
        status: 403,
        body: FaultBody::Empty,
    };
    fixture.demo.fault(Fault::next("POST", TOKEN_ENDPOINT, failing));
    assert!(fixture.console.renew_or_end_sign_in(&actor).await.is_err());
    assert!(fixture.console.actor(ACME, &id, "2").await.is_ok());

    let fixture = Fixture::start().await;
    let (id, actor) = with_revoked_access(&fixture).await;
    // The demo workspace does not know the refresh token.
    assert!(!fixture.console.renew_or_end_sign_in(&actor).await.unwrap());
    assert!(fixture.console.actor(ACME, &id, "2").await.is_err());
}

#[tokio::test]
async fn a_refresh_is_refused_only_by_an_oauth_error() {
    let numbered = |message: &str| FaultBody::IntegerErrorCode {
        message: message.to_owned(),
    };
    let coded = |error_code: &str| FaultBody::JsonError {
        error_code: error_code.to_owned(),
        message: "no".to_owned(),
    };
    let oauth = |code: &str| FaultBody::Raw {
        content_type: "application/json".to_owned(),
        text: format!(r#"{{"error":"{code}"}}"#),
    };
    for (status, body, ends) in [
        (302, FaultBody::Empty, false),
        (
            403,
            numbered("Source IP address: 203.0.113.9 is blocked by Databricks IP ACL for workspace: 7"),
            false,
        ),
        (403, numbered("Invalid access to Org: 7"), false),
        (
            400,
            FaultBody::PlainText {
                text: "Unable to load OAuth Config".to_owned(),
            },
            false,
        ),
        (403, coded("PERMISSION_DENIED"), false),
        (403, FaultBody::Empty, false),
        (401, FaultBody::Empty, false),
        (403, numbered("Who are you?"), false),
        (403, numbered("Invalid access token."), false),
        (401, oauth("invalid_client"), false),
        (401, oauth("invalid_request"), true),
        (400, oauth("invalid_grant"), true),
    ] {
        let fixture = Fixture::start().await;
        let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
        let effect = Effect::Answer { status, body };
        fixture
            .demo
            .fault(Fault::forever("POST", TOKEN_ENDPOINT, effect.clone()));
        assert!(fixture.console.actor(ACME, &id, "1").await.is_err());
        fixture.demo.clear_faults();
        grant(&fixture, None, 3600, 0);
        let is_ended = matches!(fixture.console.actor(ACME, &id, "2").await, Err(Error::SignedOut));
        assert_eq!(is_ended, ends, "{effect:?}");
    }
}

#[tokio::test]
async fn two_instances_send_each_refresh_token_once_and_no_one_is_signed_out() {
    let fixture = Fixture::start().await;
    let other = fixture.other_instance(Setup::default()).await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    // The refresh token works once: the demo workspace refuses it if it is sent again.
    grant(&fixture, Some("r2"), 3600, 300);
    fixture.demo.clear_log();
    let requests: Vec<_> = (0..20)
        .map(|n| {
            let console = if n % 2 == 0 { &fixture.console } else { &other };
            let console = console.clone();
            tokio::spawn(async move { console.actor(ACME, &id, "1").await.map(drop) })
        })
        .collect();
    for request in requests {
        request.await.unwrap().unwrap();
    }
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
    let stored = fixture.store().sign_in(&id, now()).await.unwrap().unwrap();
    assert!(stored.secret.expose_secret().contains("r2"));
}

#[tokio::test]
async fn while_another_instance_refreshes_the_old_token_is_used_if_it_works() {
    let fixture = Fixture::start().await;
    let other = fixture.other_instance(Setup::default()).await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 4).await;
    let name = format!("refresh/{id}");
    let lease = fixture.store().acquire_lease(name, "", Duration::from_mins(1)).await;
    let lease = lease.unwrap().unwrap();
    // The token is refreshed after half of its lifetime.
    sleep(Duration::from_millis(2100)).await;
    fixture.demo.clear_log();
    other.actor(ACME, &id, "1").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 0);
    fixture.store().release_lease(&lease).await.unwrap();
    grant(&fixture, Some("r2"), 3600, 0);
    other.actor(ACME, &id, "2").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
}

#[tokio::test]
async fn a_refused_access_token_that_one_instance_has_replaced_is_not_replaced_again_by_another() {
    let fixture = Fixture::start().await;
    let console = fixture.other_instance(Setup::default()).await;
    let (id, actor) = with_revoked_access(&fixture).await;
    // This instance remembers the old credential for a second.
    let late = console.actor(ACME, &id, "1").await.unwrap();
    let access = fixture.demo.credentials().other_admin.pat.clone().unwrap();
    grant_access(&fixture, &access, Some("r2"), 3600, 0);
    fixture.demo.clear_log();
    assert!(fixture.console.renew_or_end_sign_in(&actor).await.unwrap());
    assert!(console.renew_or_end_sign_in(&late).await.unwrap());
    let renewed = console.actor(ACME, &id, "2").await.unwrap();
    console.snapshot(&renewed).await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
}

/// Leaves the state of an instance that was killed after it sent the refresh token.
async fn sent_by_an_instance_that_is_gone(fixture: &Fixture, id: SignInId) {
    let lease = fixture
        .store()
        .acquire_lease(format!("refresh/{id}"), "", Duration::from_mins(1));
    let lease = lease.await.unwrap().unwrap();
    assert!(fixture.store().mark_refresh_sent(&id, &lease).await.unwrap());
    fixture.store().release_lease(&lease).await.unwrap();
}

#[tokio::test]
async fn a_refresh_token_is_not_sent_again_if_its_result_is_lost() {
    let fixture = Fixture::start().await;
    let console = fixture.other_instance(Setup::default()).await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 4).await;
    sent_by_an_instance_that_is_gone(&fixture, id).await;
    fixture.demo.clear_log();
    // The token would be refreshed after half of its lifetime, and works until its end.
    sleep(Duration::from_millis(2100)).await;
    for console in [&console, &fixture.console] {
        console.actor(ACME, &id, "1").await.unwrap();
    }
    sleep(Duration::from_millis(2100)).await;
    let actor = console.actor(ACME, &id, "2").await;
    assert!(matches!(actor, Err(Error::SignedOut)), "{:?}", actor.err());
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 0);
    assert_eq!(fixture.purge_sign_ins().await, 0, "the session has ended");
}

#[tokio::test]
async fn a_credential_that_is_stored_after_the_end_of_its_lease_is_used_by_every_instance() {
    let fixture = Fixture::start().await;
    let console = fixture.other_instance(Setup::default()).await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 4).await;
    sleep(Duration::from_millis(2100)).await;
    let lease = fixture
        .store()
        .acquire_lease(format!("refresh/{id}"), "", Duration::from_millis(1));
    let lease = lease.await.unwrap().unwrap();
    assert!(fixture.store().mark_refresh_sent(&id, &lease).await.unwrap());
    fixture.demo.clear_log();
    // The lease has ended, and the other instance leaves it to the first one.
    console.actor(ACME, &id, "1").await.unwrap();
    let stored = fixture.store().sign_in(&id, now()).await.unwrap().unwrap().secret;
    let fresh = stored.expose_secret().replace("r1", "r2");
    let replaced = fixture.store().replace_secret(&id, &fresh.into(), &lease).await;
    replaced.unwrap();
    grant(&fixture, Some("r3"), 3600, 0);
    console.actor(ACME, &id, "2").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
    let stored = fixture.store().sign_in(&id, now()).await.unwrap().unwrap().secret;
    assert!(stored.expose_secret().contains("r3"));
}
