//! Creating a token for a service principal: it is created once, its value is shown once, and a lost response is looked
//! up.

use std::sync::Arc;

use console::changes::create_token::{CreationOutcome, TokenSpec};
use console::{Actor, Error};
use demo_workspace::{Change, Effect, Fault, FaultBody, NewToken};
use domain::{Expiry, Known, PrincipalKind, TokenId};
use secrecy::ExposeSecret as _;
use store::{ActivityKind, Detail, Outcome};
use workspace_client::{CreationRefusal, Credential, ErrorKind};

use crate::support::{ACME, Fixture, IMPATIENT, Setup, kind};

pub(crate) const CREATE: &str = "/api/2.0/token-management/on-behalf-of/tokens";

async fn application_id(fixture: &Fixture, actor: &Actor, name: &str) -> String {
    let found = fixture.console.find_service_principals(actor, name).await.unwrap();
    let exact = found.rows.into_iter().find(|p| p.display_name == name);
    exact.unwrap().name
}

/// A token for 30 days for `etl-nightly`, which can use tokens.
pub(crate) async fn nightly(fixture: &Fixture, actor: &Actor) -> TokenSpec {
    TokenSpec {
        application_id: application_id(fixture, actor, "etl-nightly").await,
        days: 30,
        comment: "nightly <export>".to_owned(),
        scopes: vec!["sql".to_owned()],
        autoscope: false,
    }
}

pub(crate) async fn created(fixture: &Fixture, actor: &Arc<Actor>, spec: &TokenSpec) -> Result<CreationOutcome, Error> {
    let console = &fixture.console;
    console
        .create_on_behalf_of(Arc::clone(actor), spec.clone(), "form-1")
        .await
}

/// Tokens for others that the workspace lists with this creator.
async fn created_by(fixture: &Fixture, actor: &Actor) -> Vec<TokenId> {
    fixture.console.refresh(actor).await.unwrap();
    let snapshot = fixture.console.snapshot(actor).await.unwrap();
    let tokens = snapshot.inventory.tokens();
    let own = tokens.filter(|t| t.on_behalf_of() && t.creator_name.as_deref() == Some(actor.user_name()));
    own.map(|t| t.id.clone()).collect()
}

#[tokio::test]
async fn the_value_is_shown_once_and_works() {
    let fixture = Fixture::start().await;
    let mia = Arc::new(fixture.admin().await);
    let spec = nightly(&fixture, &mia).await;
    let before = created_by(&fixture, &mia).await.len();
    let CreationOutcome::Created { id, value, token } = created(&fixture, &mia, &spec).await.unwrap() else {
        panic!("no value")
    };
    assert_eq!(Credential::new(value.clone()).token_id(), id);
    let token = token.unwrap();
    assert_eq!(
        (token.comment.as_str(), token.scopes.as_deref()),
        ("nightly <export>", Some(&["sql".to_owned()][..]))
    );
    let Expiry::At(end) = token.expiry else {
        panic!("{token:?}")
    };
    assert_eq!(end.duration_since(token.created.unwrap()), domain::DAY * 30);
    let action = fixture.actions().await.remove(0);
    assert_eq!(
        (&action.kind, action.outcome),
        (&ActivityKind::CreateToken, Outcome::Done)
    );
    assert_eq!(action.target, spec.application_id);
    assert_eq!(action.requested.to_stored(), "nightly <export> (30 days; sql)");
    assert_eq!(action.detail, Detail::CreatedToken(id.clone()));
    assert!(!format!("{action:?}").contains(value.expose_secret()));
    // The same form again gives the same token, without its value.
    let again = created(&fixture, &mia, &spec).await.unwrap();
    assert!(
        matches!(&again, CreationOutcome::AlreadyCreated(same) if *same == id),
        "{again:?}"
    );
    assert_eq!(created_by(&fixture, &mia).await.len(), before + 1);
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
}

#[tokio::test]
async fn auto_scoping_is_asked_for_and_recorded_and_a_lost_response_is_found_with_it() {
    let fixture = Fixture::start().await;
    let mia = Arc::new(fixture.admin().await);
    let spec = TokenSpec {
        autoscope: true,
        ..nightly(&fixture, &mia).await
    };
    fixture.demo.fault(Fault::next("POST", CREATE, Effect::Truncate));
    // The workspace lists all scopes while it observes the token, instead of the requested ones.
    let result = created(&fixture, &mia, &spec).await.unwrap();
    assert!(matches!(result, CreationOutcome::ValueLost(_)), "{result:?}");
    let action = fixture.actions().await.remove(0);
    assert_eq!(
        action.requested.to_stored(),
        "nightly <export> (30 days; sql; auto-scoping)"
    );
}

#[tokio::test]
async fn one_form_sent_twice_at_once_creates_one_token() {
    let fixture = Fixture::start().await;
    let mia = Arc::new(fixture.admin().await);
    let spec = nightly(&fixture, &mia).await;
    fixture
        .demo
        .fault(Fault::next("POST", CREATE, Effect::None).after_ms(200));
    let (one, other) = tokio::join!(created(&fixture, &mia, &spec), created(&fixture, &mia, &spec));
    let values = [one.unwrap(), other.unwrap()]
        .into_iter()
        .filter(|c| matches!(c, CreationOutcome::Created { .. }));
    assert_eq!(values.count(), 1);
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
}

#[tokio::test]
async fn a_creation_continues_without_its_browser_which_gets_the_value_when_it_returns() {
    let fixture = Fixture::start().await;
    let mia = Arc::new(fixture.admin().await);
    let spec = nightly(&fixture, &mia).await;
    fixture
        .demo
        .fault(Fault::next("POST", CREATE, Effect::None).after_ms(300));
    let left = tokio::time::timeout(std::time::Duration::from_millis(100), created(&fixture, &mia, &spec)).await;
    assert!(left.is_err());
    assert!(matches!(
        created(&fixture, &mia, &spec).await.unwrap(),
        CreationOutcome::Created { .. }
    ));
    assert_eq!(fixture.actions().await.remove(0).outcome, Outcome::Done);
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
}

#[tokio::test]
async fn a_lost_response_is_looked_up_and_the_call_is_never_repeated() {
    let broken = [Effect::Truncate, Effect::WrongTypes, Effect::None];
    for effect in broken {
        let fixture = Fixture::with(Setup {
            budgets: IMPATIENT,
            ..Setup::default()
        })
        .await;
        let mia = Arc::new(fixture.admin().await);
        let spec = nightly(&fixture, &mia).await;
        // A similar token exists already, and is not mistaken for the new one.
        let older = NewToken {
            owner: spec.application_id.clone(),
            creator: Some(mia.user_name().to_owned()),
            comment: Some(spec.comment.clone()),
            ..NewToken::default()
        };
        fixture.demo.change(Change::CreateToken(older)).unwrap();
        let before = created_by(&fixture, &mia).await;
        let delay = if effect == Effect::None { 600_000 } else { 0 };
        fixture
            .demo
            .fault(Fault::next("POST", CREATE, effect.clone()).after_ms(delay));
        let result = created(&fixture, &mia, &spec).await.unwrap();
        let CreationOutcome::ValueLost(id) = result else {
            panic!("{effect:?}: {result:?}")
        };
        let after = created_by(&fixture, &mia).await;
        let new: Vec<_> = after.iter().filter(|id| !before.contains(id)).collect();
        assert_eq!(new, [&id], "{effect:?}");
        assert_eq!(fixture.calls_under("POST", CREATE), 1);
        let action = fixture.actions().await.remove(0);
        assert_eq!(action.outcome, Outcome::Done);
        assert_eq!(action.detail, Detail::CreatedValueLost(id));
    }
}

#[tokio::test]
async fn someone_who_creates_a_token_for_themselves_and_loses_the_response_is_told_that_it_exists() {
    let fixture = Fixture::start().await;
    let own = Arc::new(fixture.service_principal_actor().await);
    let spec = TokenSpec {
        application_id: own.user_name().to_owned(),
        ..nightly(&fixture, &own).await
    };
    fixture.demo.fault(Fault::next("POST", CREATE, Effect::ResetAfter));
    let outcome = created(&fixture, &own, &spec).await.unwrap();
    let CreationOutcome::ValueLost(id) = outcome else {
        panic!("{outcome:?}")
    };
    let action = fixture.actions().await.remove(0);
    assert_eq!(
        (action.outcome, action.detail),
        (Outcome::Done, Detail::CreatedValueLost(id))
    );
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
}

#[tokio::test]
async fn a_creation_that_did_not_happen_is_reported_as_not_created() {
    let fixture = Fixture::start().await;
    let mia = Arc::new(fixture.admin().await);
    let spec = nightly(&fixture, &mia).await;
    let before = created_by(&fixture, &mia).await;
    for effect in [
        Effect::Reset,
        Effect::Ignore,
        Effect::Answer {
            status: 500,
            body: FaultBody::Empty,
        },
    ] {
        fixture.demo.fault(Fault::next("POST", CREATE, effect.clone()));
        let console = &fixture.console;
        let form = format!("form of {effect:?}");
        let result = console.create_on_behalf_of(Arc::clone(&mia), spec.clone(), &form).await;
        assert!(matches!(result, Err(Error::NotCreated)), "{effect:?}: {result:?}");
        // The workspace can still process it.
        assert_eq!(fixture.actions().await.remove(0).outcome, Outcome::Unknown);
    }
    assert_eq!(created_by(&fixture, &mia).await, before);
    assert_eq!(fixture.calls_under("POST", CREATE), 3);
}

#[tokio::test]
async fn a_creation_whose_outcome_cannot_be_determined_is_reported_as_unknown() {
    let fixture = Fixture::start().await;
    let mia = Arc::new(fixture.admin().await);
    let spec = nightly(&fixture, &mia).await;
    // The list can be read before the call, and not after it.
    fixture
        .demo
        .fault(Fault::next("POST", CREATE, Effect::Reset).after_ms(300));
    let console = fixture.console.clone();
    let (actor, same_spec) = (Arc::clone(&mia), spec.clone());
    let creating = tokio::spawn(async move { console.create_on_behalf_of(actor, same_spec, "form-1").await });
    fixture.wait_for_faults().await;
    fixture
        .demo
        .fault(Fault::forever("GET", "/api/2.0/token-management", Effect::Reset));
    let result = creating.await.unwrap();
    assert!(matches!(result, Err(Error::CreationUnknown)), "{result:?}");
    assert_eq!(fixture.actions().await.remove(0).outcome, Outcome::Unknown);
    // The same form does not send it again.
    fixture.demo.clear_faults();
    assert!(matches!(
        created(&fixture, &mia, &spec).await,
        Err(Error::CreationUnknown)
    ));
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
}

#[tokio::test]
async fn each_refusal_says_why_and_the_form_can_be_sent_again() {
    let fixture = Fixture::start().await;
    let mia = Arc::new(fixture.admin().await);
    let good = nightly(&fixture, &mia).await;
    let without = application_id(&fixture, &mia, "monitoring-exporter").await;
    let of = |application_id: &str| TokenSpec {
        application_id: application_id.to_owned(),
        ..good.clone()
    };
    let unknown = of("00000000-0000-0000-0000-000000000000");
    let user = of(&fixture.demo.credentials().non_admin.user_name);
    for (spec, expected) in [
        (unknown, CreationRefusal::UnknownServicePrincipal),
        (user, CreationRefusal::NotAServicePrincipal),
        (of(&without), CreationRefusal::CannotUseTokens),
        (
            TokenSpec {
                days: 731,
                ..good.clone()
            },
            CreationRefusal::LifetimeTooLong { most_days: Some(730) },
        ),
        (
            TokenSpec {
                days: 0,
                ..good.clone()
            },
            CreationRefusal::BadLifetime,
        ),
    ] {
        let refused = created(&fixture, &mia, &spec).await;
        assert!(
            matches!(&refused, Err(Error::CreationRefused { why, .. }) if *why == expected),
            "{expected:?}: {refused:?}"
        );
    }
    assert!(matches!(
        created(&fixture, &mia, &good).await.unwrap(),
        CreationOutcome::Created { .. }
    ));
    let recipient = async |id: &str| {
        let snapshot = fixture.console.snapshot(&mia).await.unwrap();
        fixture.console.recipient(&mia, &snapshot, id).await
    };
    assert_eq!(recipient(&without).await.can_use, Known::Known(false));
    let known = recipient(&good.application_id.to_uppercase()).await;
    assert_eq!(known.can_use, Known::Known(true));
    assert_eq!(known.principal.unwrap().kind, PrincipalKind::ServicePrincipal);
    assert_eq!(recipient("unknown").await.principal, None);
}

#[tokio::test]
async fn azure_restricted_admins_and_a_full_quota_are_recognised() {
    for (change, expected) in [
        (set_knob("cloud", "azure".into()), CreationRefusal::NotOffered),
        (set_knob("quota", 0.into()), CreationRefusal::QuotaExceeded),
        (Change::RestrictAdmins { restricted: true }, CreationRefusal::Restricted),
    ] {
        let fixture = Fixture::start().await;
        let mia = Arc::new(fixture.admin().await);
        // Mia has the role on the first four service principals only.
        let spec = TokenSpec {
            application_id: application_id(&fixture, &mia, "dbt-runner").await,
            ..nightly(&fixture, &mia).await
        };
        fixture.demo.change(change).unwrap();
        let refused = created(&fixture, &mia, &spec).await;
        assert!(
            matches!(&refused, Err(Error::CreationRefused { why, .. }) if *why == expected),
            "{expected:?}: {refused:?}"
        );
    }
}

pub(crate) fn set_knob(name: &str, value: serde_json::Value) -> Change {
    Change::SetKnobs {
        knobs: [(name.to_owned(), value)].into_iter().collect(),
    }
}

#[tokio::test]
async fn someone_who_cannot_create_tokens_is_refused_before_the_call() {
    let fixture = Fixture::with(Setup {
        read_only: true,
        ..Setup::default()
    })
    .await;
    let mia = Arc::new(fixture.admin().await);
    let spec = nightly(&fixture, &mia).await;
    assert!(matches!(created(&fixture, &mia, &spec).await, Err(Error::ReadOnly)));
    assert_eq!(fixture.actions().await.remove(0).outcome, Outcome::Refused);
    assert_eq!(fixture.calls_under("POST", CREATE), 0);

    let fixture = Fixture::start().await;
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let mia = Arc::new(fixture.console.actor(ACME, &id, "1").await.unwrap());
    let user_name = mia.user_name().to_owned();
    fixture.demo.change(Change::RemoveAdmin { user_name }).unwrap();
    assert_eq!(kind(created(&fixture, &mia, &spec).await), ErrorKind::NotAllowed);
    assert_eq!(fixture.calls_under("POST", CREATE), 0);
}

#[tokio::test]
async fn a_value_is_shown_even_if_it_cannot_be_stored() {
    let fixture = Fixture::start().await;
    let mia = Arc::new(fixture.admin().await);
    let spec = nightly(&fixture, &mia).await;
    fixture
        .demo
        .fault(Fault::next("POST", CREATE, Effect::None).after_ms(300));
    let console = fixture.console.clone();
    let (actor, same_spec) = (Arc::clone(&mia), spec.clone());
    let creating = tokio::spawn(async move { console.create_on_behalf_of(actor, same_spec, "form-1").await });
    fixture.wait_for_faults().await;
    let lock = fixture.lock().await;
    // The outcome, the result and the value are waited for until the database gives up, each for five seconds.
    let outcome = creating.await.unwrap().unwrap();
    assert!(matches!(outcome, CreationOutcome::Created { .. }), "{outcome:?}");
    lock.release().await;
    let again = created(&fixture, &mia, &spec).await.unwrap();
    assert!(matches!(again, CreationOutcome::AlreadyCreated(_)), "{again:?}");
    assert_eq!(fixture.calls_under("POST", CREATE), 1);
}
