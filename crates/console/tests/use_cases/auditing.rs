//! People who read without being admins, and what they read through.

use console::{Error, Role};
use demo_workspace::{Change, Effect, Fault, FaultBody};
use domain::MaxLifetime;
use workspace_client::ErrorKind;

use crate::support::{ACME, Fixture, Setup, TOKENS, kind};

async fn fixture() -> Fixture {
    Fixture::with(Setup {
        auditor: true,
        ..Setup::default()
    })
    .await
}

#[tokio::test]
async fn an_auditor_reads_all_and_the_workspace_sees_the_service_principal() {
    let fixture = fixture().await;
    let id = fixture.sign_in(&fixture.demo.credentials().non_admin).await;
    let auditor = fixture.console.actor(ACME, &id, "request-1").await.unwrap();
    assert_eq!((auditor.role(), auditor.can_change()), (Role::Auditor, false));
    let snapshot = fixture.console.snapshot(&auditor).await.unwrap();
    assert_eq!(snapshot.inventory.counts().total, 120);
    assert!(snapshot.policy.is_ok() && snapshot.names.is_ok() && snapshot.access.is_ok());
    let admin = fixture.admin().await;
    assert_eq!((admin.role(), admin.can_change()), (Role::Admin, true));
    // One access token serves all of them for as long as it lives.
    fixture.console.actor(ACME, &id, "request-2").await.unwrap();
    assert_eq!(fixture.calls_under("POST", "/oidc/v1/token"), 1);
}

#[tokio::test]
async fn an_auditor_changes_nothing_whatever_is_asked() {
    let fixture = fixture().await;
    let id = fixture.sign_in(&fixture.demo.credentials().non_admin).await;
    let auditor = fixture.console.actor(ACME, &id, "request-1").await.unwrap();
    let token = fixture.some_token(&auditor).await;
    let console = &fixture.console;
    assert!(matches!(
        console.revoke(&auditor, &token).await,
        Err(Error::AuditorReadOnly)
    ));
    assert!(matches!(
        console.set_comment(&auditor, &token, "x").await,
        Err(Error::AuditorReadOnly)
    ));
    assert!(matches!(
        console.switch_tokens(&auditor, false).await,
        Err(Error::AuditorReadOnly)
    ));
    let limit = MaxLifetime::from_input("30").unwrap();
    assert!(matches!(
        console.set_max_lifetime(&auditor, limit).await,
        Err(Error::AuditorReadOnly)
    ));
    assert_eq!(
        fixture.calls_under("DELETE", "/") + fixture.calls_under("PATCH", "/") + fixture.calls_under("PUT", "/"),
        0
    );
    assert_eq!(fixture.actions().await.len(), 4, "each refused try is written down");
}

#[tokio::test]
async fn who_is_not_named_stays_out() {
    let fixture = Fixture::start().await;
    let pat = fixture.demo.credentials().non_admin.pat.clone().unwrap();
    let refused = fixture.console.sign_in_with_token(ACME, pat.into(), "a test").await;
    assert_eq!(kind(refused), ErrorKind::NotAllowed);
}

#[tokio::test]
async fn a_reader_that_fails_signs_no_auditor_out() {
    let fixture = fixture().await;
    let id = fixture.sign_in(&fixture.demo.credentials().non_admin).await;
    let auditor = fixture.console.actor(ACME, &id, "request-1").await.unwrap();
    // Somebody takes the service principal's rights away.
    let reader = fixture.demo.credentials().service_principal.client_id.clone();
    fixture.demo.change(Change::RemoveAdmin { user_name: reader }).unwrap();
    assert!(matches!(
        fixture.console.snapshot(&auditor).await,
        Err(Error::AuditorConnection(_))
    ));
    assert!(matches!(
        fixture.console.policy(&auditor).await,
        Err(Error::AuditorConnection(_))
    ));
    assert!(fixture.console.actor(ACME, &id, "request-2").await.is_ok());
}

#[tokio::test]
async fn an_auditor_whose_own_credential_ends_is_signed_out() {
    let fixture = fixture().await;
    let person = fixture.demo.credentials().non_admin.clone();
    let id = fixture.sign_in(&person).await;
    let value = workspace_client::Credential::new(person.pat.unwrap().into());
    fixture
        .demo
        .change(Change::RevokeToken {
            token_id: value.token_id().to_string(),
        })
        .unwrap();
    // Proven five minutes ago at most; a console that has just started knows of no proof.
    let restarted = fixture.restarted(Setup {
        auditor: true,
        ..Setup::default()
    });
    assert!(matches!(
        restarted.actor(ACME, &id, "request-1").await,
        Err(Error::SignedOut)
    ));
}

#[tokio::test]
async fn what_the_reader_reads_proves_nothing_of_the_auditor() {
    let fixture = fixture().await;
    let id = fixture.sign_in(&fixture.demo.credentials().non_admin).await;
    let auditor = fixture.console.actor(ACME, &id, "request-1").await.unwrap();
    let asked = || fixture.calls_under("GET", "/api/2.0/preview/scim/v2/Me");
    let denied = FaultBody::JsonError {
        error_code: "PERMISSION_DENIED".into(),
        message: "no".into(),
    };
    let effect = Effect::Answer {
        status: 403,
        body: denied,
    };
    fixture.demo.fault(Fault::next("GET", TOKENS, effect));
    assert!(matches!(
        fixture.console.snapshot(&auditor).await,
        Err(Error::AuditorConnection(_))
    ));
    // That ended the proof; the reader reads again, and the person is asked for anew all the same.
    let before = asked();
    fixture.console.snapshot(&auditor).await.unwrap();
    fixture.console.actor(ACME, &id, "request-2").await.unwrap();
    assert_eq!(asked(), before + 1);
}

#[tokio::test]
async fn one_whose_name_leaves_the_configuration_reads_no_more() {
    let fixture = fixture().await;
    let id = fixture.sign_in(&fixture.demo.credentials().non_admin).await;
    let restarted = fixture.restarted(Setup::default());
    assert!(matches!(
        restarted.actor(ACME, &id, "request-1").await,
        Err(Error::SignedOut)
    ));
}

#[tokio::test]
async fn several_workspaces_wait_for_none_longer_than_a_few_seconds() {
    let fixture = Fixture::start().await;
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let glance = fixture
        .console
        .workspace_summary(ACME.to_owned(), id, "request-1".to_owned())
        .await
        .unwrap();
    assert_eq!(glance.snapshot.inventory.counts().total, 120);
    let other = fixture.restarted(Setup::default());
    fixture.demo.fault(Fault::next("GET", TOKENS, Effect::Hang));
    let slow = other
        .workspace_summary(ACME.to_owned(), id, "request-2".to_owned())
        .await;
    assert!(matches!(slow, Err(Error::StillLoading)));
}
