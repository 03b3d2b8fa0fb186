//! A form that is sent to several instances creates one token.

use std::sync::Arc;
use std::time::Duration;

use console::changes::create_token::{CreationOutcome, TokenSpec};
use console::{Console, Error};
use demo_workspace::{Effect, Fault};
use domain::PrincipalId;
use store::{SignInId, TokenForm};
use workspace_client::Credential;

use crate::create_token::{CREATE, created, nightly, set_knob};
use crate::support::{ACME, Fixture, Setup};

/// Sends `form-1` to this instance.
async fn sent_to(console: &Console, id: &SignInId, spec: &TokenSpec) -> Result<CreationOutcome, Error> {
    let actor = console.actor(ACME, id, "2").await.unwrap();
    console
        .create_on_behalf_of(Arc::new(actor), spec.clone(), "form-1")
        .await
}

#[tokio::test]
async fn one_form_sent_to_two_instances_creates_one_token_and_both_learn_its_id() {
    let fixture = Fixture::start().await;
    let other = fixture.other_instance(Setup::default()).await;
    let (id, mia) = fixture.admin_session().await;
    let mia = Arc::new(mia);
    let spec = nightly(&fixture, &mia).await;
    fixture
        .demo
        .fault(Fault::next("POST", CREATE, Effect::None).after_ms(300));
    let (one, two) = tokio::join!(created(&fixture, &mia, &spec), sent_to(&other, &id, &spec));
    let mut values = 0;
    let ids = [one.unwrap(), two.unwrap()].map(|outcome| match outcome {
        CreationOutcome::Created { id, value, token } => {
            assert_eq!(Credential::new(value).token_id(), id);
            assert!(token.is_some_and(|token| token.id == id));
            values += 1;
            id
        }
        CreationOutcome::AlreadyCreated(id) => id,
        CreationOutcome::ValueLost(_) => panic!("the value was lost"),
    });
    assert_eq!(ids[0], ids[1]);
    assert_eq!(values, 1);
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
    // Another form with the same input is asked about, wherever it is sent to.
    let before = other.created_before(&mia, &spec, "form-2").await.unwrap();
    assert_eq!(before.map(|(token, _)| token), Some(ids[0].clone()));
    assert_eq!(other.created_before(&mia, &spec, "form-1").await.unwrap(), None);
}

#[tokio::test]
async fn a_value_whose_browser_has_left_is_shown_by_the_instance_that_it_returns_to() {
    let fixture = Fixture::start().await;
    let other = fixture.other_instance(Setup::default()).await;
    let (id, mia) = fixture.admin_session().await;
    let mia = Arc::new(mia);
    let spec = nightly(&fixture, &mia).await;
    fixture
        .demo
        .fault(Fault::next("POST", CREATE, Effect::None).after_ms(300));
    let left = tokio::time::timeout(Duration::from_millis(100), created(&fixture, &mia, &spec)).await;
    assert!(left.is_err());
    let outcome = sent_to(&other, &id, &spec).await.unwrap();
    assert!(matches!(outcome, CreationOutcome::Created { .. }), "{outcome:?}");
    let again = created(&fixture, &mia, &spec).await.unwrap();
    assert!(matches!(again, CreationOutcome::AlreadyCreated(_)), "{again:?}");
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
}

#[tokio::test]
async fn a_creation_whose_instance_has_died_is_unknown_and_not_made_again() {
    let fixture = Fixture::start().await;
    let (id, mia) = fixture.admin_session().await;
    let mia = Arc::new(mia);
    let spec = nightly(&fixture, &mia).await;
    let form = TokenForm {
        sign_in: id,
        principal: PrincipalId::new(fixture.demo.credentials().admin.id.parse().unwrap()),
        binding: format!("{ACME} {}", mia.workspace().url()),
        id: "form-1".to_owned(),
    };
    let alive = Duration::from_millis(400);
    assert!(fixture.store().begin_token_creation(&form, "", alive).await.unwrap());
    let result = created(&fixture, &mia, &spec).await;
    assert!(matches!(result, Err(Error::CreationUnknown)), "{result:?}");
    assert_eq!(fixture.calls_under("POST", CREATE), 0);
}

#[tokio::test]
async fn a_form_that_created_nothing_at_one_instance_can_be_sent_to_another() {
    let fixture = Fixture::start().await;
    let other = fixture.other_instance(Setup::default()).await;
    let (id, mia) = fixture.admin_session().await;
    let mia = Arc::new(mia);
    let spec = nightly(&fixture, &mia).await;
    fixture.demo.change(set_knob("quota", 0.into())).unwrap();
    assert!(matches!(
        created(&fixture, &mia, &spec).await,
        Err(Error::CreationRefused { .. })
    ));
    fixture.demo.change(set_knob("quota", 600.into())).unwrap();
    let outcome = sent_to(&other, &id, &spec).await.unwrap();
    assert!(matches!(outcome, CreationOutcome::Created { .. }), "{outcome:?}");

    // If it is not known, no instance sends it again.
    let fixture = Fixture::start().await;
    let other = fixture.other_instance(Setup::default()).await;
    let (id, mia) = fixture.admin_session().await;
    let mia = Arc::new(mia);
    let spec = nightly(&fixture, &mia).await;
    fixture.demo.fault(Fault::next("POST", CREATE, Effect::Ignore));
    assert!(matches!(created(&fixture, &mia, &spec).await, Err(Error::NotCreated)));
    assert!(matches!(sent_to(&other, &id, &spec).await, Err(Error::NotCreated)));
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
}
