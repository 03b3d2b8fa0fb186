//! The page of a token that the workspace does not return: the token is shown as it was listed.

use console::{Error, PartProblem};
use demo_workspace::{Change, Effect, Fault, FaultBody, RetryAfter};
use domain::TokenId;
use workspace_client::ErrorKind;

use crate::support::{Fixture, IMPATIENT, Setup, TOKENS};

/// A console that has listed the tokens, its actor, and a token.
async fn listed() -> (Fixture, console::Actor, TokenId) {
    let fixture = Fixture::with(Setup {
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    let id = fixture.some_token(&mia).await;
    (fixture, mia, id)
}

fn unavailable() -> Effect {
    Effect::Answer {
        status: 503,
        body: FaultBody::Empty,
    }
}

fn fail(fixture: &Fixture, id: &TokenId, effect: Effect) {
    fixture
        .demo
        .fault(Fault::forever("GET", &format!("{TOKENS}/{id}"), effect));
}

#[tokio::test]
async fn a_token_is_shown_as_listed_while_the_workspace_does_not_return_it() {
    let limit = Effect::RateLimit {
        retry_after: RetryAfter::Seconds(24),
    };
    for effect in [limit, unavailable(), Effect::Reset, Effect::Hang] {
        let (fixture, mia, id) = listed().await;
        let read = fixture.console.token_or_listed(&mia, &id).await.unwrap();
        assert!(read.problem.is_none());
        fail(&fixture, &id, effect.clone());
        let shown = fixture.console.token_or_listed(&mia, &id).await.unwrap();
        assert_eq!(shown.token, read.token);
        assert!(shown.as_of < read.as_of, "it is from the list, which is older");
        let Some(PartProblem::Failed(error, _)) = shown.problem else {
            panic!("{effect:?}: {:?}", shown.problem)
        };
        assert!(error.kind.is_outage());
        assert!(
            fixture.console.token(&mia, &id).await.is_err(),
            "changes need it as it is"
        );
    }
}

#[tokio::test]
async fn a_token_that_takes_long_is_shown_as_listed() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let id = fixture.some_token(&mia).await;
    fail(&fixture, &id, Effect::Hang);
    let shown = fixture.console.token_or_listed(&mia, &id).await.unwrap();
    assert!(matches!(shown.problem, Some(PartProblem::Loading)));
}

#[tokio::test]
async fn a_token_that_is_gone_or_refused_is_not_shown_as_listed() {
    let (fixture, mia, id) = listed().await;
    let token_id = id.to_string();
    fixture.demo.change(Change::RevokeToken { token_id }).unwrap();
    let gone = fixture.console.token_or_listed(&mia, &id).await;
    assert!(matches!(gone, Err(Error::TokenNotFound(_))));
    let (fixture, mia, id) = listed().await;
    let refused = Effect::Answer {
        status: 403,
        body: FaultBody::Empty,
    };
    fail(&fixture, &id, refused);
    assert!(fixture.console.token_or_listed(&mia, &id).await.is_err());
}

#[tokio::test]
async fn a_token_that_this_console_revoked_is_not_shown_as_listed() {
    let (fixture, mia, id) = listed().await;
    fixture.console.revoke(&mia, &id).await.unwrap();
    fail(&fixture, &id, unavailable());
    assert!(fixture.console.token_or_listed(&mia, &id).await.is_err());
}

#[tokio::test]
async fn a_token_that_was_never_listed_is_not_shown() {
    let (fixture, mia, _) = listed().await;
    let id = TokenId::new("0".repeat(64));
    fail(&fixture, &id, unavailable());
    let result = fixture.console.token_or_listed(&mia, &id).await;
    assert!(matches!(result, Err(Error::Workspace(error)) if matches!(error.kind, ErrorKind::Server { .. })));
}
