//! Who gets in, for how long, and how an access token stays fresh.

use std::time::Duration;

use console::{CredentialKind, Error, SignInLimits};
use demo_workspace::{Body, Effect, Fault};
use store::SignInId;
use workspace_client::ErrorKind;

use crate::support::{ACME, Fixture, SCIM, Setup, TOKENS, kind};

const TOKEN_ENDPOINT: &str = "/oidc/v1/token";

#[tokio::test]
async fn an_admin_gets_in_and_is_known_by_name() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    assert_eq!(mia.user_name(), fixture.demo.credentials().admin.user_name);
    assert_eq!(mia.kind(), CredentialKind::PersonalAccessToken);
    assert!(mia.own_token().is_some_and(|id| id.is_hash()));
    assert_eq!(fixture.purge_all().await, 1);
}

#[tokio::test]
async fn a_credential_that_fails_the_proof_is_not_stored() {
    let fixture = Fixture::start().await;
    let people = fixture.demo.credentials();
    let try_with = async |value: &str| {
        kind(
            fixture
                .console
                .sign_in_with_token(ACME, value.to_owned().into(), "a test")
                .await,
        )
    };

    assert_eq!(
        try_with(people.non_admin.pat.as_deref().unwrap()).await,
        ErrorKind::NotAllowed
    );
    assert_eq!(
        try_with("dapi00000000000000000000000000000000").await,
        ErrorKind::BadCredential
    );
    assert_eq!(try_with("no header\ncan hold this").await, ErrorKind::BadCredential);
    let unknown = fixture
        .console
        .sign_in_with_token("nowhere", "dapi0".to_owned().into(), "a test")
        .await;
    assert!(matches!(unknown, Err(Error::UnknownWorkspace)));

    // `Me` answers and shows the group `admins`; token management does not answer to it.
    let scope = Effect::MissingScope {
        scope: "authentication".into(),
    };
    fixture.demo.fault(Fault::next("GET", TOKENS, scope));
    fixture.demo.clear_log();
    assert_eq!(
        try_with(people.admin.pat.as_deref().unwrap()).await,
        ErrorKind::ScopeMissing
    );
    let me = fixture
        .demo
        .log()
        .into_iter()
        .find(|c| c.path == format!("{SCIM}/Me"))
        .unwrap();
    assert_eq!(me.status, Some(200));

    assert_eq!(fixture.purge_all().await, 0);
}

#[tokio::test]
async fn a_sign_in_ends_by_its_age_and_by_idling() {
    for (absolute, idle) in [(0, 3600), (3600, 0)] {
        let limits = SignInLimits {
            absolute: Duration::from_secs(absolute),
            idle: Duration::from_secs(idle),
        };
        let fixture = Fixture::with(Setup {
            limits,
            ..Setup::default()
        })
        .await;
        let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
        let actor = fixture.console.actor(ACME, &id, "1").await;
        assert!(matches!(actor, Err(Error::SignedOut)), "{limits:?}");
    }
}

#[tokio::test]
async fn a_signed_out_credential_is_forgotten() {
    let fixture = Fixture::start().await;
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    fixture.console.sign_out(&id).await.unwrap();
    fixture.console.sign_out(&id).await.unwrap();
    assert!(matches!(
        fixture.console.actor(ACME, &id, "1").await,
        Err(Error::SignedOut)
    ));
    assert_eq!(fixture.purge_all().await, 0);
}

#[tokio::test]
async fn a_sign_in_survives_a_restart() {
    let fixture = Fixture::start().await;
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let console = fixture.restarted(Setup::default());
    let mia = console.actor(ACME, &id, "1").await.unwrap();
    assert!(console.snapshot(&mia).await.is_ok());
}

#[tokio::test]
async fn many_requests_cause_one_refresh() {
    let fixture = Fixture::start().await;
    // The first access token is due at once.
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
    fixture.faults_met().await;
    // The browser went away while the workspace was spending the refresh token.
    request.abort();
    fixture.console.actor(ACME, &id, "2").await.unwrap();
    assert_eq!(fixture.calls_under("POST", TOKEN_ENDPOINT), 1);
}

#[tokio::test]
async fn a_refused_refresh_ends_the_sign_in() {
    let fixture = Fixture::start().await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    // The workspace itself does not know the refresh token.
    let actor = fixture.console.actor(ACME, &id, "1").await;
    assert!(matches!(actor, Err(Error::SignedOut)), "{:?}", actor.err());
    assert_eq!(fixture.purge_all().await, 0);
}

#[tokio::test]
async fn a_refresh_that_fails_for_now_ends_nothing() {
    let fixture = Fixture::start().await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    fixture.demo.fault(Fault::forever(
        "POST",
        TOKEN_ENDPOINT,
        Effect::Answer {
            status: 503,
            body: Body::Empty,
        },
    ));
    let failed = fixture.console.actor(ACME, &id, "1").await;
    assert!(
        matches!(&failed, Err(Error::Workspace(e)) if matches!(e.kind, ErrorKind::Server { .. })),
        "{:?}",
        failed.err()
    );
    fixture.demo.clear_faults();
    grant(&fixture, None, 3600, 0);
    fixture.console.actor(ACME, &id, "2").await.unwrap();
}

#[tokio::test]
async fn a_refresh_may_leave_the_refresh_token_out() {
    let fixture = Fixture::start().await;
    let id = sign_in_by_oauth(&fixture, Some("r1"), 0).await;
    grant(&fixture, None, 0, 0);
    fixture.console.actor(ACME, &id, "1").await.unwrap();
    // Due again, and the old refresh token is still there to be used.
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

/// The next answer of the token endpoint: the admin's personal access token serves as an access token that never
/// really ends, so that no test waits for one to do so.
fn grant(fixture: &Fixture, refresh: Option<&str>, lives_seconds: u32, delay_ms: u64) {
    let access = fixture.demo.credentials().admin.pat.clone().unwrap();
    let refresh = refresh
        .map(|r| format!(r#","refresh_token":"{r}""#))
        .unwrap_or_default();
    let text = format!(r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":{lives_seconds}{refresh}}}"#);
    let granted = Effect::Answer {
        status: 200,
        body: Body::Raw {
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
async fn a_code_of_another_workspace_or_one_that_is_too_old_signs_nobody_in() {
    let fixture = Fixture::start().await;
    let authorization = fixture.console.begin_oauth(ACME).await.unwrap();
    let code = "another-workspaces-code".to_owned().into();
    let refused = fixture
        .console
        .finish_oauth(ACME, code, authorization.verifier, "a test")
        .await;
    assert!(matches!(refused, Err(Error::CodeRefused)));
    assert_eq!(fixture.purge_all().await, 0, "nothing was stored");
}
