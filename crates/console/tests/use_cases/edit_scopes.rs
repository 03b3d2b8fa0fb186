//! Changing a token's scopes: verified, and only from the scopes that the person saw.

use console::{Actor, Error};
use demo_workspace::{Change, Effect, Fault, NewToken};
use domain::{ConnectionFault, TokenId};
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use workspace_client::ErrorKind;

use crate::support::{Fixture, IMPATIENT, Setup, TOKENS, kind};

fn scopes(text: &str) -> Vec<String> {
    domain::parse_scopes(text).unwrap()
}

/// A token of the non-admin with these scopes.
fn token(fixture: &Fixture, scopes: Option<&str>) -> TokenId {
    let new = NewToken {
        owner: fixture.demo.credentials().non_admin.user_name.clone(),
        scopes: scopes.map(|text| domain::parse_scopes(text).unwrap()),
        ..NewToken::default()
    };
    match fixture.demo.change(Change::CreateToken(new)).unwrap() {
        demo_workspace::ChangeOutcome::Created { token_id, .. } => TokenId::new(token_id),
        demo_workspace::ChangeOutcome::Done {} => panic!("no token"),
    }
}

async fn set(fixture: &Fixture, actor: &Actor, id: &TokenId, opened: Option<&str>, to: &str) -> Result<(), Error> {
    let (opened, requested) = (opened.map(scopes), scopes(to));
    let set = fixture.console.set_scopes(actor, id, opened.as_deref(), &requested);
    set.await.map(drop)
}

#[tokio::test]
async fn scopes_count_as_changed_when_the_workspace_shows_them() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let id = token(&fixture, Some("sql jobs"));
    set(&fixture, &mia, &id, Some("jobs sql"), "sql clusters")
        .await
        .unwrap();
    let detail = fixture.console.token(&mia, &id).await.unwrap();
    assert_eq!(detail.token.scopes, Some(scopes("sql clusters")));
    let action = fixture.actions().await.remove(0);
    assert_eq!(
        (&action.kind, action.outcome),
        (&ActivityKind::EditScopes, Outcome::Done)
    );
    assert_eq!(
        (action.before.as_str(), &action.requested),
        ("sql, jobs", &RequestedValue::Scopes("sql, clusters".into()))
    );
    // From all scopes to one, and back.
    let unrestricted = token(&fixture, None);
    set(&fixture, &mia, &unrestricted, None, "sql").await.unwrap();
    set(&fixture, &mia, &unrestricted, Some("sql"), "all-apis")
        .await
        .unwrap();
    assert_eq!(fixture.actions().await.remove(0).before, "sql");
}

#[tokio::test]
async fn a_change_by_someone_else_in_the_meantime_is_not_overwritten() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let id = token(&fixture, Some("sql"));
    let changed = set(&fixture, &mia, &id, Some("sql jobs"), "sql clusters").await;
    assert!(matches!(changed, Err(Error::ScopesChanged)));
    assert_eq!(fixture.calls_under("PATCH", TOKENS), 0);
    let attempt = fixture.actions().await.remove(0);
    assert_eq!((attempt.before.as_str(), attempt.outcome), ("sql", Outcome::Failed));
    // The second request of a double click finds the scopes of the first.
    for _ in 0..2 {
        set(&fixture, &mia, &id, Some("sql"), "sql clusters").await.unwrap();
    }
    assert_eq!(fixture.calls_under("PATCH", TOKENS), 1);
    assert_eq!(fixture.actions().await.remove(0).detail, Detail::NoChange);
}

#[tokio::test]
async fn a_change_accepted_without_effect_is_unknown_and_a_lost_response_is_looked_up() {
    let fixture = Fixture::with(Setup {
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    let id = token(&fixture, Some("sql"));
    fixture.demo.fault(Fault::next("PATCH", TOKENS, Effect::Ignore));
    let ignored = set(&fixture, &mia, &id, Some("sql"), "jobs").await;
    assert!(matches!(ignored, Err(Error::NotConfirmed)));
    fixture
        .demo
        .fault(Fault::next("PATCH", TOKENS, Effect::None).after_ms(600_000));
    set(&fixture, &mia, &id, Some("sql"), "jobs").await.unwrap();
    fixture.demo.fault(Fault::forever("PATCH", TOKENS, Effect::Reset));
    assert_eq!(
        kind(set(&fixture, &mia, &id, Some("jobs"), "sql").await),
        ErrorKind::Unreachable(ConnectionFault::Broken)
    );
}
