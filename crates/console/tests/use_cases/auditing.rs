//! People who can view everything without being admins, and the service principal that they read through.

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
async fn an_auditor_can_read_everything_and_reads_through_the_service_principal() {
    let fixture = fixture().await;
    let id = fixture.sign_in(&fixture.demo.credentials().non_admin).await;
    let auditor = fixture.console.actor(ACME, &id, "request-1").await.unwrap();
    assert_eq!((auditor.role(), auditor.can_change()), (Role::Auditor, false));
    let snapshot = fixture.console.snapshot(&auditor).await.unwrap();
    assert_eq!(snapshot.inventory.counts().total.seen(), 120);
    assert!(snapshot.inventory.unread().is_empty());
    let admin = fixture.admin().await;
    assert_eq!((admin.role(), admin.can_change()), (Role::Admin, true));
    // All auditors share one access token until it ends.
    fixture.console.actor(ACME, &id, "request-2").await.unwrap();
    assert_eq!(fixture.calls_under("POST", "/oidc/v1/token"), 1);
}

#[tokio::test]
async fn an_auditor_cannot_change_anything() {
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
        console.set_comment(&auditor, &token, None, "x").await,
        Err(Error::AuditorReadOnly)
    ));
    assert!(matches!(
        console.switch_tokens(&auditor, false).await,
        Err(Error::AuditorReadOnly)
    ));
    let limit = MaxLifetime::from_input("30").unwrap();
    assert!(matches!(
        console.set_max_lifetime(&auditor, None, limit).await,
        Err(Error::AuditorReadOnly)
    ));
    assert_eq!(
        fixture.calls_under("DELETE", "/") + fixture.calls_under("PATCH", "/") + fixture.calls_under("PUT", "/"),
        0
    );
    assert_eq!(fixture.actions().await.len(), 4, "each refused attempt is recorded");
}

#[tokio::test]
async fn someone_who_is_not_configured_as_an_auditor_cannot_sign_in() {
    let fixture = Fixture::start().await;
    let pat = fixture.demo.credentials().non_admin.pat.clone().unwrap();
    let refused = fixture.console.sign_in_with_token(ACME, pat.into(), "a test").await;
    assert_eq!(kind(refused), ErrorKind::NotAllowed);
}

#[tokio::test]
async fn a_failing_reader_does_not_sign_auditors_out() {
    let fixture = fixture().await;
    let id = fixture.sign_in(&fixture.demo.credentials().non_admin).await;
    let auditor = fixture.console.actor(ACME, &id, "request-1").await.unwrap();
    // Someone removes the service principal's rights.
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
    // Signing in was a proof, which is valid for five minutes; a console that has just started has none.
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
async fn what_the_reader_can_read_proves_nothing_about_the_auditor() {
    let fixture = fixture().await;
    let id = fixture.sign_in(&fixture.demo.credentials().non_admin).await;
    let auditor = fixture.console.actor(ACME, &id, "request-1").await.unwrap();
    let proofs = || fixture.calls_under("GET", "/api/2.0/preview/scim/v2/Me");
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
    // That ended the proof. The reader can read again, but the auditor is proven again.
    let before = proofs();
    fixture.console.snapshot(&auditor).await.unwrap();
    fixture.console.actor(ACME, &id, "request-2").await.unwrap();
    assert_eq!(proofs(), before + 1);
}

#[tokio::test]
async fn someone_who_is_removed_from_the_configuration_is_signed_out() {
    let fixture = fixture().await;
    let id = fixture.sign_in(&fixture.demo.credentials().non_admin).await;
    let restarted = fixture.restarted(Setup::default());
    assert!(matches!(
        restarted.actor(ACME, &id, "request-1").await,
        Err(Error::SignedOut)
    ));
}

#[tokio::test]
async fn a_slow_workspace_delays_the_overview_by_a_few_seconds_at_most() {
    let fixture = Fixture::start().await;
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let summary = fixture
        .console
        .workspace_summary(ACME.to_owned(), id, "request-1".into())
        .await
        .unwrap();
    assert_eq!(summary.snapshot.inventory.counts().total.seen(), 120);
    let other = fixture.restarted(Setup::default());
    fixture.demo.fault(Fault::next("GET", TOKENS, Effect::Hang));
    let slow = other.workspace_summary(ACME.to_owned(), id, "request-2".into()).await;
    assert!(matches!(slow, Err(Error::StillLoading)));
}
