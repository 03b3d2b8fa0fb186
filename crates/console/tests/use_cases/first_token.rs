//! The first token of a workspace: it is created once, opens the permissions, and a lost response is looked up.

use std::sync::Arc;

use console::changes::create_token::CreationOutcome;
use console::{Actor, Error};
use demo_workspace::{Change, Effect, Fault, FaultBody};
use secrecy::ExposeSecret as _;
use store::{ActivityKind, Detail, Outcome};
use workspace_client::{Credential, ErrorKind};

use crate::support::{Fixture, IMPATIENT, Setup, kind};

const CREATE: &str = "/api/2.0/token/create";

/// An admin of a workspace that has no tokens.
async fn empty_workspace() -> (Fixture, Arc<Actor>) {
    let fixture = Fixture::with(Setup {
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    let admin = Arc::new(fixture.service_principal_actor().await);
    fixture.demo.change(Change::RemoveAllTokens).unwrap();
    (fixture, admin)
}

async fn create(fixture: &Fixture, actor: &Arc<Actor>, form: &str) -> Result<CreationOutcome, Error> {
    fixture.console.create_first_token(Arc::clone(actor), form).await
}

#[tokio::test]
async fn the_first_token_opens_the_permissions_and_its_value_is_shown_once() {
    let (fixture, admin) = empty_workspace().await;
    assert_eq!(kind(fixture.console.access_list(&admin).await), ErrorKind::NoTokenYet);
    let CreationOutcome::Created { id, value, token } = create(&fixture, &admin, "form-1").await.unwrap() else {
        panic!("no value")
    };
    assert_eq!(Credential::new(value.clone()).token_id(), id);
    let token = token.unwrap();
    assert_eq!(token.scopes.as_deref(), Some(&["authentication".to_owned()][..]));
    assert!(fixture.console.access_list(&admin).await.is_ok());
    let action = fixture.actions().await.remove(0);
    assert_eq!(
        (&action.kind, action.outcome),
        (&ActivityKind::CreateFirstToken, Outcome::Done)
    );
    assert_eq!(action.target, admin.user_name());
    assert_eq!(
        action.requested.to_stored(),
        "first token, made to open token permissions (1 hour; authentication)"
    );
    assert_eq!(action.detail, Detail::CreatedToken(id.clone()));
    assert!(!format!("{action:?}").contains(value.expose_secret()));
    // The same form again gives the same token, without its value, and another form creates none.
    let again = create(&fixture, &admin, "form-1").await.unwrap();
    assert!(matches!(&again, CreationOutcome::AlreadyCreated(same) if *same == id));
    assert!(matches!(
        create(&fixture, &admin, "form-2").await,
        Err(Error::HasTokens)
    ));
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
}

#[tokio::test]
async fn a_lost_response_is_looked_up_and_the_call_is_never_repeated() {
    let (fixture, admin) = empty_workspace().await;
    fixture.demo.fault(Fault::next("POST", CREATE, Effect::Truncate));
    let created = create(&fixture, &admin, "form-1").await.unwrap();
    assert!(matches!(created, CreationOutcome::ValueLost(_)), "{created:?}");
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
    assert_eq!(fixture.actions().await.remove(0).outcome, Outcome::Done);
}

#[tokio::test]
async fn a_response_without_effect_leaves_the_outcome_unknown() {
    let (fixture, admin) = empty_workspace().await;
    let not_done = Effect::Answer {
        status: 500,
        body: FaultBody::Empty,
    };
    fixture.demo.fault(Fault::next("POST", CREATE, not_done));
    assert!(matches!(
        create(&fixture, &admin, "form-1").await,
        Err(Error::NotCreated)
    ));
    assert_eq!(fixture.actions().await.remove(0).outcome, Outcome::Unknown);
}

#[tokio::test]
async fn a_refusal_creates_nothing_and_the_form_can_be_sent_again() {
    let (fixture, admin) = empty_workspace().await;
    let denied = Effect::Answer {
        status: 403,
        body: FaultBody::JsonError {
            error_code: "PERMISSION_DENIED".into(),
            message: "User does not have permission to use tokens.".into(),
        },
    };
    fixture.demo.fault(Fault::next("POST", CREATE, denied));
    assert_eq!(
        kind(create(&fixture, &admin, "form-1").await),
        ErrorKind::TokensNotAllowed
    );
    assert_eq!(fixture.actions().await.remove(0).outcome, Outcome::Failed);
    assert!(create(&fixture, &admin, "form-1").await.is_ok());
}
