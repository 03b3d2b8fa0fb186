//! Bulk changes of scopes with something uncertain: whether a call had an effect, or whether a token is gone.

use console::bulk::ScopesChange;
use console::{Actor, BulkId, BulkItemState, BulkState};
use demo_workspace::{Effect, Fault, FaultBody};
use domain::TokenId;
use store::Detail;

use crate::bulk::{counts, wait_for_state};
use crate::bulk_scopes::{drafted, items, patches, refused, run, set_scopes, token};
use crate::support::{Fixture, TOKENS};

/// A token whose narrowing was accepted without an effect.
async fn not_confirmed(fixture: &Fixture, actor: &Actor) -> (BulkId, TokenId) {
    let wide = token(fixture, "wide", None, &["sql"]);
    let id = drafted(fixture, actor, ScopesChange::NarrowScopes, "wide").await;
    fixture.demo.fault(Fault::forever("PATCH", TOKENS, Effect::Ignore));
    run(fixture, actor, &id, "").await;
    assert_eq!(counts(fixture, &id).await, [(BulkItemState::Unknown, 1)]);
    (id, wide)
}

async fn retry(fixture: &Fixture, actor: &Actor, id: &BulkId) {
    fixture.console.retry_failed(actor, id).await.unwrap();
    wait_for_state(&fixture.console, actor, id, BulkState::Finished).await;
}

#[tokio::test]
async fn a_token_that_is_reported_as_gone_but_listed_is_not_confirmed_as_gone() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let listed = token(&fixture, "wide", None, &["sql"]);
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    let gone = Effect::Answer {
        status: 404,
        body: FaultBody::JsonError {
            error_code: "RESOURCE_DOES_NOT_EXIST".into(),
            message: "Token does not exist".into(),
        },
    };
    let path = format!("{TOKENS}/{listed}");
    fixture.demo.fault(Fault::forever("GET", &path, gone));
    run(&fixture, &mia, &id, "").await;
    let item = &items(&fixture, &id).await[0];
    assert_eq!(
        (item.state, &item.detail),
        (BulkItemState::Unknown, &Detail::GoneButListed)
    );
}

#[tokio::test]
async fn a_call_that_may_have_been_sent_is_not_forgotten_when_later_looks_fail() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let (id, wide) = not_confirmed(&fixture, &mia).await;
    let failed = Effect::Answer {
        status: 500,
        body: FaultBody::Empty,
    };
    fixture
        .demo
        .fault(Fault::forever("GET", &format!("{TOKENS}/{wide}"), failed));
    retry(&fixture, &mia, &id).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Unknown, 1)]);
    fixture.demo.clear_faults();
    let before = patches(&fixture);
    set_scopes(&fixture, &wide, &["files"]);
    retry(&fixture, &mia, &id).await;
    let item = &items(&fixture, &id).await[0];
    assert_eq!(
        (item.state, &item.detail),
        (BulkItemState::Unknown, &Detail::OtherScopes)
    );
    assert_eq!(patches(&fixture), before);
}

#[tokio::test]
async fn a_call_that_may_have_been_sent_is_not_called_cancelled() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let (id, _) = not_confirmed(&fixture, &mia).await;
    // The retry waits for a look at the token while someone cancels the rest.
    let slow = Fault::forever("GET", TOKENS, Effect::None).after_ms(300);
    fixture.demo.fault(slow);
    fixture.console.retry_failed(&mia, &id).await.unwrap();
    fixture.console.cancel_bulk(&mia, &id).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Unknown, 1)]);
    // The same happens if the bulk change is paused before the token is claimed.
    let paused = "update jobs set state = 'paused', cancelled = false, ended = null";
    fixture.change_database(paused).await;
    fixture
        .change_database("update job_items set state = 'waiting', look_first = 2")
        .await;
    fixture.console.cancel_bulk(&mia, &id).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Unknown, 1)]);
}

#[tokio::test]
async fn a_workspace_that_refuses_full_access_does_not_count_as_failing() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    for n in 0..30 {
        token(&fixture, &format!("kept {n}"), None, &["sql"]);
    }
    let id = drafted(&fixture, &mia, ScopesChange::KeepScopes, "kept").await;
    fixture.demo.fault(Fault::forever("PATCH", TOKENS, refused()));
    run(&fixture, &mia, &id, "").await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Failed, 30)]);
}
