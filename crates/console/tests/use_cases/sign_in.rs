//! Who can sign in, and for how long.

use std::time::Duration;

use console::{CredentialKind, Error, SignInLimits};
use demo_workspace::{Change, Effect, Fault, FaultBody};
use workspace_client::ErrorKind;

use crate::support::{ACME, CONF, Fixture, PERMISSIONS, SCIM, Setup, TOKENS, kind};

#[tokio::test]
async fn an_admin_can_sign_in_and_is_known_by_name() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    assert_eq!(mia.user_name(), fixture.demo.credentials().admin.user_name);
    assert_eq!(mia.kind(), CredentialKind::PersonalAccessToken);
    assert!(mia.own_token().is_some_and(|id| id.is_hash()));
    assert_eq!(fixture.purge_sign_ins().await, 1);
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

    // `Me` responds and shows the group `admins`, but token management refuses the credential.
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

    assert_eq!(fixture.purge_sign_ins().await, 0);
}

/// Bodies of a token list that are neither a refusal nor a list.
fn bodies_that_prove_nothing() -> [FaultBody; 4] {
    let raw = |text: &str| FaultBody::Raw {
        content_type: "application/json".into(),
        text: text.into(),
    };
    let message = "Something broke".to_owned();
    let error_code = "INTERNAL_ERROR".to_owned();
    [
        FaultBody::EmptyObject,
        FaultBody::JsonError { error_code, message },
        raw("{\"token_infos\": null}"),
        raw("[]"),
    ]
}

#[tokio::test]
async fn no_one_is_an_admin_because_of_an_empty_object_or_an_error_with_the_status_of_a_success() {
    for body in bodies_that_prove_nothing() {
        for refuses in [true, false] {
            let fixture = Fixture::start().await;
            let answer = Effect::Answer {
                status: 200,
                body: body.clone(),
            };
            fixture.demo.fault(Fault::forever("GET", TOKENS, answer.clone()));
            if !refuses {
                fixture.demo.fault(Fault::forever("GET", PERMISSIONS, answer));
            }
            let pat = fixture.demo.credentials().non_admin.pat.clone().unwrap();
            let signed_in = fixture.console.sign_in_with_token(ACME, pat.into(), "a test").await;
            assert!(signed_in.is_err(), "{body:?}");
            assert_eq!(fixture.purge_sign_ins().await, 0);
        }
    }
}

#[tokio::test]
async fn an_admin_without_own_tokens_is_proven_by_the_permission_list() {
    let fixture = Fixture::start().await;
    let empty = Effect::Answer {
        status: 200,
        body: FaultBody::EmptyObject,
    };
    fixture.demo.fault(Fault::forever("GET", TOKENS, empty));
    let mia = fixture.admin().await;
    assert_eq!(fixture.calls_under("GET", PERMISSIONS), 1);
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    assert_eq!(snapshot.inventory.counts().total, domain::TokenCount::Exactly(0));
    // Unless another call proves more, no one sees such a snapshot.
    fixture.console.refresh(&mia).await.unwrap();
    for path in [PERMISSIONS, CONF] {
        let (status, body) = (200, FaultBody::EmptyObject);
        fixture
            .demo
            .fault(Fault::forever("GET", path, Effect::Answer { status, body }));
    }
    let kind = kind(fixture.console.snapshot(&mia).await);
    assert!(matches!(kind, ErrorKind::Undecodable { .. }), "{kind:?}");
}

#[tokio::test]
async fn an_admin_of_a_workspace_without_tokens_is_proven_by_its_words() {
    let fixture = Fixture::start().await;
    fixture.demo.change(Change::RemoveAllTokens).unwrap();
    fixture.service_principal_actor().await;
    let not_found = Effect::Answer {
        status: 404,
        body: FaultBody::PlainText {
            text: "Not Found".into(),
        },
    };
    fixture.demo.fault(Fault::forever("GET", PERMISSIONS, not_found));
    // A bare 404 proves nothing; the configuration does.
    fixture.service_principal_actor().await;
    let (status, body) = (200, FaultBody::EmptyObject);
    fixture
        .demo
        .fault(Fault::forever("GET", CONF, Effect::Answer { status, body }));
    let value = fixture.service_principals_token().await;
    let signed_in = fixture.console.sign_in_with_token(ACME, value.into(), "a test").await;
    assert!(matches!(kind(signed_in), ErrorKind::Undecodable { .. }));
}

#[tokio::test]
async fn a_session_ends_at_its_maximum_age_and_without_requests() {
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
async fn signing_out_deletes_the_credential() {
    let fixture = Fixture::start().await;
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    fixture.console.sign_out(&id).await.unwrap();
    fixture.console.sign_out(&id).await.unwrap();
    assert!(matches!(
        fixture.console.actor(ACME, &id, "1").await,
        Err(Error::SignedOut)
    ));
    assert_eq!(fixture.purge_sign_ins().await, 0);
}

#[tokio::test]
async fn a_session_survives_a_restart() {
    let fixture = Fixture::start().await;
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let console = fixture.restarted(Setup::default());
    let mia = console.actor(ACME, &id, "1").await.unwrap();
    assert!(console.snapshot(&mia).await.is_ok());
}

#[tokio::test]
async fn a_code_of_another_workspace_or_one_that_is_too_old_is_rejected() {
    let fixture = Fixture::start().await;
    let authorization = fixture.console.begin_oauth(ACME).await.unwrap();
    let code = "another-workspaces-code".to_owned().into();
    let refused = fixture
        .console
        .finish_oauth(ACME, code, authorization.verifier, "a test")
        .await;
    assert!(matches!(refused, Err(Error::OAuthCodeRejected)));
    assert_eq!(fixture.purge_sign_ins().await, 0, "nothing was stored");
}
