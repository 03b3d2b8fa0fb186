//! An owner whom no list contains is gone only if the workspace says so when asked for that ID.

use console::Actor;
use demo_workspace::{Change, Effect, Fault, FaultBody, NewToken};
use domain::{Owner, PrincipalId, Token};

use crate::support::{Fixture, SCIM};

/// What the snapshot says about the owner of the token with this comment, once all reads have ended.
async fn owner(fixture: &Fixture, actor: &Actor, comment: &str) -> String {
    fixture.console.snapshot(actor).await.unwrap();
    fixture.wait_for_reads(actor).await;
    let snapshot = fixture.console.snapshot(actor).await.unwrap();
    let token = snapshot.inventory.tokens().find(|token| token.comment == comment);
    describe(snapshot.inventory.owner(token.unwrap()))
}

fn describe(owner: Owner<'_>) -> String {
    let kind = match owner {
        Owner::Known(_) => "known",
        Owner::Gone(_) => "gone",
        Owner::Unknown(_) => "unknown",
        Owner::NotLoaded(_) => "not loaded",
        Owner::NotReported => "not reported",
    };
    kind.to_owned()
}

/// Deletes the non-admin, who owned a token with this comment. Returns the ID.
async fn delete_an_owner(fixture: &Fixture, comment: &str) -> PrincipalId {
    let person = &fixture.demo.credentials().non_admin;
    let token = NewToken {
        owner: person.user_name.clone(),
        comment: Some(comment.to_owned()),
        ..NewToken::default()
    };
    fixture.demo.change(Change::CreateToken(token)).unwrap();
    let user_name = person.user_name.clone();
    fixture.demo.change(Change::DeletePrincipal { user_name }).unwrap();
    person.id.parse().unwrap()
}

fn answer(status: u16, body: FaultBody) -> Effect {
    Effect::Answer { status, body }
}

#[tokio::test]
async fn an_owner_whom_the_workspace_does_not_have_is_gone() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let id = delete_an_owner(&fixture, "of a leaver").await;
    assert_eq!(owner(&fixture, &mia, "of a leaver").await, "gone");
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    let is_it = |token: &&Token| token.owner == Some(id);
    let token = snapshot.inventory.tokens().find(is_it).unwrap().id.clone();
    let detail = fixture.console.token(&mia, &token).await.unwrap();
    assert_eq!(describe(detail.directory.owner(Some(id))), "gone");
    // The workspace was asked once.
    fixture.demo.clear_log();
    fixture.console.snapshot(&mia).await.unwrap();
    fixture.wait_for_reads(&mia).await;
    assert_eq!(fixture.calls_under("GET", &format!("{SCIM}/Users/")), 0);
}

#[tokio::test]
async fn any_other_answer_proves_nothing() {
    let json = |error_code: &str| FaultBody::JsonError {
        error_code: error_code.into(),
        message: "No API found".into(),
    };
    for (kind, effect) in [
        ("Users", answer(403, json("PERMISSION_DENIED"))),
        ("ServicePrincipals", answer(403, json("PERMISSION_DENIED"))),
        ("Users", answer(404, json("ENDPOINT_NOT_FOUND"))),
        ("ServicePrincipals", answer(404, FaultBody::Empty)),
        ("Users", answer(503, FaultBody::Empty)),
        ("ServicePrincipals", Effect::Reset),
        ("ServicePrincipals", answer(200, FaultBody::Empty)),
    ] {
        let fixture = Fixture::start().await;
        let mia = fixture.admin().await;
        let id = delete_an_owner(&fixture, "of a leaver").await;
        let path = format!("{SCIM}/{kind}/{id}");
        fixture.demo.fault(Fault::forever("GET", &path, effect.clone()));
        assert_eq!(
            owner(&fixture, &mia, "of a leaver").await,
            "unknown",
            "{kind}: {effect:?}"
        );
    }
}

#[tokio::test]
async fn a_list_that_lacks_someone_who_exists_makes_no_one_gone() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let knobs = serde_json::json!({ "scim_list_limit": 5, "scim_page_cap": 5 });
    let knobs = knobs.as_object().unwrap().clone();
    fixture.demo.change(Change::SetKnobs { knobs }).unwrap();
    fixture.console.snapshot(&mia).await.unwrap();
    fixture.wait_for_reads(&mia).await;
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    let mut owners = snapshot.inventory.tokens().map(|token| snapshot.inventory.owner(token));
    assert!(owners.all(|owner| matches!(owner, Owner::Known(_) | Owner::NotLoaded(_))));
    assert_eq!(fixture.calls_under("GET", &format!("{SCIM}/Users/")), 0);
}
