//! Revoking a token and editing its comment: done only when the workspace itself confirms it.

use std::sync::Arc;
use std::time::Duration;

use console::changes::edit_comment::comment_fingerprint;
use console::changes::revoke_token::RevokeResult;
use console::{Actor, Certainty, Error};
use demo_workspace::{Change, Effect, Fault, FaultBody, RetryAfter};
use domain::{ConnectionFault, TokenId};
use store::{ActivityKind, Detail, Outcome};
use workspace_client::ErrorKind;

use crate::support::{ACME, Fixture, IMPATIENT, Setup, TOKENS, kind};

fn not_confirmed() -> Detail {
    Detail::from(&Error::NotConfirmed)
}

#[tokio::test]
async fn a_revoked_token_is_gone_and_stays_gone_when_revoked_again() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    assert_eq!(
        fixture.console.revoke(&mia, &token).await.unwrap(),
        RevokeResult::Revoked
    );
    assert!(!listed(&fixture, &mia, &token).await);
    assert_eq!(kind(fixture.console.token(&mia, &token).await), ErrorKind::NotFound);
    assert_eq!(
        fixture.console.revoke(&mia, &token).await.unwrap(),
        RevokeResult::AlreadyGone
    );
    assert!(fixture.console.revocation(&mia, &token).is_some());
    let outcomes: Vec<_> = fixture
        .actions()
        .await
        .into_iter()
        .map(|a| (a.kind, a.target, a.detail))
        .collect();
    let row = |detail| (ActivityKind::RevokeToken, token.to_string(), detail);
    assert_eq!(outcomes, [row(Detail::AlreadyGone), row(Detail::Revoked)]);
}

#[tokio::test]
async fn the_activity_log_names_the_person_and_the_request() {
    let fixture = Fixture::start().await;
    let tomas = fixture.other_admin().await;
    let token = fixture.some_token(&tomas).await;
    fixture.console.revoke(&tomas, &token).await.unwrap();
    let action = fixture.actions().await.remove(0);
    assert_eq!(action.actor, fixture.demo.credentials().other_admin.user_name);
    assert_eq!(action.request_id, "request-2");
}

#[tokio::test]
async fn a_token_that_someone_else_revoked_counts_as_already_gone() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    fixture
        .demo
        .change(Change::RevokeToken {
            token_id: token.to_string(),
        })
        .unwrap();
    assert_eq!(
        fixture.console.revoke(&mia, &token).await.unwrap(),
        RevokeResult::AlreadyGone
    );
    assert!(!listed(&fixture, &mia, &token).await);
}

#[tokio::test]
async fn a_revocation_accepted_without_effect_is_unknown() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    fixture.demo.fault(Fault::forever("DELETE", TOKENS, Effect::Ignore));
    let revoked = fixture.console.revoke(&mia, &token).await;
    assert!(matches!(revoked, Err(Error::NotConfirmed)));
    assert!(fixture.console.revocation(&mia, &token).is_none());
    assert!(listed(&fixture, &mia, &token).await);
    let action = fixture.actions().await.remove(0);
    assert!(
        action.outcome == Outcome::Unknown && action.detail == not_confirmed(),
        "{action:?}"
    );
}

#[tokio::test]
async fn after_a_lost_response_the_token_is_looked_up() {
    let fixture = Fixture::with(Setup {
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    // The token is deleted, and the response does not arrive in time.
    fixture
        .demo
        .fault(Fault::forever("DELETE", TOKENS, Effect::None).after_ms(600_000));
    assert_eq!(
        fixture.console.revoke(&mia, &token).await.unwrap(),
        RevokeResult::Revoked
    );
    assert!(!listed(&fixture, &mia, &token).await);
}

#[tokio::test]
async fn a_revocation_without_response_or_effect_is_unknown() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    fixture.demo.fault(Fault::forever("DELETE", TOKENS, Effect::Reset));
    let revoked = fixture.console.revoke(&mia, &token).await;
    assert_eq!(revoked.as_ref().unwrap_err().certainty(), Certainty::Unknown);
    assert_eq!(kind(revoked), ErrorKind::Unreachable(ConnectionFault::Broken));
    assert!(listed(&fixture, &mia, &token).await);
    assert_eq!(fixture.calls_under("DELETE", TOKENS), 1, "it is never sent twice");
    assert_eq!(fixture.actions().await.remove(0).outcome, Outcome::Unknown);
}

/// Interfaces that are disabled or missing answer 404 too, and a gateway answers 404 to anything.
#[tokio::test]
async fn a_404_that_says_nothing_about_the_token_is_not_a_revocation() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    let error = |code: &str| FaultBody::JsonError {
        error_code: code.into(),
        message: "No API found for 'DELETE /api/2.0/token-management/tokens'".into(),
    };
    for body in [error("ENDPOINT_NOT_FOUND"), FaultBody::Empty] {
        for method in ["DELETE", "GET"] {
            let not_found = Effect::Answer {
                status: 404,
                body: body.clone(),
            };
            fixture
                .demo
                .fault(Fault::forever(method, &format!("{TOKENS}/"), not_found));
        }
        let revoked = fixture.console.revoke(&mia, &token).await;
        fixture.demo.clear_faults();
        assert!(revoked.is_err(), "{body:?}: {revoked:?}");
        assert!(fixture.console.revocation(&mia, &token).is_none());
        assert_ne!(fixture.actions().await.remove(0).outcome, Outcome::Done, "{body:?}");
    }
    assert!(listed(&fixture, &mia, &token).await);
}

/// The look after an accepted revocation is limited: it is not known that the token is gone, nor that nothing was
/// changed.
#[tokio::test]
async fn a_look_that_fails_leaves_an_accepted_revocation_unknown() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    let limited = Effect::RateLimit {
        retry_after: RetryAfter::default(),
    };
    fixture
        .demo
        .fault(Fault::forever("GET", &format!("{TOKENS}/"), limited));
    let revoked = fixture.console.revoke(&mia, &token).await;
    assert_eq!(revoked.unwrap_err().certainty(), Certainty::Unknown);
    let action = fixture.actions().await.remove(0);
    assert_eq!(action.outcome, Outcome::Unknown, "{action:?}");
}

#[tokio::test]
async fn a_list_read_before_a_revocation_does_not_bring_the_token_back() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    let tomas = fixture.other_admin().await;
    fixture.console.refresh(&mia).await.unwrap();
    // The workspace reads its list now, with the token in it. The response arrives after the revocation.
    fixture
        .demo
        .fault(Fault::next("GET", TOKENS, Effect::None).after_ms(2500));
    let console = fixture.console.clone();
    let reading = tokio::spawn(async move { console.snapshot(&tomas).await });
    fixture.wait_for_faults().await;
    assert_eq!(
        fixture.console.revoke(&mia, &token).await.unwrap(),
        RevokeResult::Revoked
    );
    let snapshot = reading.await.unwrap().unwrap();
    assert!(snapshot.inventory.get(&token).is_none());
    assert!(snapshot.still_listed.is_empty());
    assert!(!listed(&fixture, &mia, &token).await);
}

#[tokio::test]
async fn revoking_the_sessions_own_token_ends_the_session() {
    let fixture = Fixture::start().await;
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let mia = fixture.console.actor(ACME, &id, "1").await.unwrap();
    let own = mia.own_token().unwrap();
    assert_eq!(
        fixture.console.revoke(&mia, &own).await.unwrap(),
        RevokeResult::RevokedWithSession
    );
    assert!(fixture.session_ends(&id).await);
    assert_eq!(fixture.purge_sign_ins().await, 0);
}

#[tokio::test]
async fn a_comment_counts_as_changed_when_the_workspace_shows_it() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    let changed = fixture
        .console
        .set_comment(&mia, &token, None, "née <b>\"x\"</b> 🚀")
        .await
        .unwrap();
    assert_eq!(changed.comment, "née <b>\"x\"</b> 🚀");
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    assert_eq!(snapshot.inventory.get(&token).unwrap().comment, changed.comment);

    fixture.demo.fault(Fault::next("PATCH", TOKENS, Effect::Ignore));
    let ignored = fixture.console.set_comment(&mia, &token, None, "another").await;
    assert!(matches!(ignored, Err(Error::NotConfirmed)));
    let missing = fixture
        .console
        .set_comment(&mia, &TokenId::new("f".repeat(64)), None, "x")
        .await;
    assert_eq!(kind(missing), ErrorKind::NotFound);
    let outcomes: Vec<_> = fixture
        .actions()
        .await
        .into_iter()
        .map(|a| (a.outcome, a.detail))
        .collect();
    assert_eq!(outcomes.len(), 3);
    assert_eq!(outcomes[0], (Outcome::Failed, Detail::Error("not found".into())));
    assert_eq!(outcomes[1], (Outcome::Unknown, not_confirmed()));
    assert_eq!(outcomes[2], (Outcome::Done, Detail::Changed));
}

#[tokio::test]
async fn a_comment_that_someone_else_changed_is_not_overwritten() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    let set = async |opened: &str, comment: &str| {
        let opened = comment_fingerprint(opened);
        let set = fixture.console.set_comment(&mia, &token, Some(&opened), comment);
        set.await.map(|token| token.comment).map_err(|error| error.to_string())
    };
    let two_lines = "two\nlines";
    fixture
        .console
        .set_comment(&mia, &token, None, two_lines)
        .await
        .unwrap();
    assert_eq!(set("what it was", "mine").await, Err(Error::ValueChanged.to_string()));
    assert_eq!(fixture.actions().await.remove(0).before, two_lines);
    assert_eq!(set(two_lines, "mine").await, Ok("mine".to_owned()));
    // A double click.
    assert_eq!(set(two_lines, "mine").await, Ok("mine".to_owned()));
    assert_eq!(fixture.actions().await.remove(0).before, "mine");
}

#[tokio::test]
async fn invalid_ids_never_reach_another_route() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    fixture.demo.clear_log();
    for id in ["", ".", "..", "a\nb", &"a".repeat(5000)] {
        let id = TokenId::new(id);
        assert_eq!(kind(fixture.console.token(&mia, &id).await), ErrorKind::NotFound);
        assert_eq!(
            fixture.console.revoke(&mia, &id).await.unwrap(),
            RevokeResult::AlreadyGone
        );
    }
    for id in ["../../../workspace-conf", "a/b", "a?b#c", "%2e%2e"] {
        let id = TokenId::new(id);
        assert_eq!(kind(fixture.console.token(&mia, &id).await), ErrorKind::NotFound);
    }
    let stray = fixture.demo.log().into_iter().find(|c| {
        !(c.path.starts_with(&format!("{TOKENS}/"))
            || c.path.contains("/scim/v2/")
            || c.path.ends_with("/permissions/authorization/tokens")
            || c.path.ends_with("/workspace-conf"))
    });
    assert!(stray.is_none(), "{stray:?}");
    assert_eq!(fixture.calls_under("DELETE", "/"), 0);
}

#[tokio::test]
async fn a_token_that_is_revoked_while_thousands_are_read_is_in_no_later_list() {
    let fixture = Fixture::with(Setup {
        tokens: 5000,
        ..Setup::default()
    })
    .await;
    let (mia, tomas) = (fixture.admin().await, Arc::new(fixture.other_admin().await));
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    let own = [mia.own_token(), tomas.own_token()];
    let others = snapshot.inventory.tokens().map(|t| t.id.clone());
    let revoked: Vec<_> = others.filter(|id| !own.contains(&Some(id.clone()))).take(12).collect();
    for (n, id) in revoked.iter().enumerate() {
        fixture.console.refresh(&tomas).await.unwrap();
        let (console, tomas) = (fixture.console.clone(), Arc::clone(&tomas));
        let reading = tokio::spawn(async move { console.snapshot(&tomas).await.unwrap() });
        // Each revocation comes at another moment of the reading.
        tokio::time::sleep(Duration::from_millis(n as u64 * 4)).await;
        assert_eq!(fixture.console.revoke(&mia, id).await.unwrap(), RevokeResult::Revoked);
        reading.await.unwrap();
        assert!(!listed(&fixture, &mia, id).await);
    }
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    assert_eq!(snapshot.inventory.counts().total.seen(), 5000 - revoked.len());
    assert_eq!(snapshot.inventory.counts().total.seen(), fixture.demo.token_count());
    assert!(snapshot.still_listed.is_empty());
}

async fn listed(fixture: &Fixture, actor: &Actor, id: &TokenId) -> bool {
    let snapshot = fixture.console.snapshot(actor).await.unwrap();
    snapshot.inventory.get(id).is_some()
}

/// A gateway's bare 403 says nothing about the session's own token, so it neither proves its revocation nor signs out.
#[tokio::test]
async fn a_bare_403_after_revoking_the_sessions_own_token_proves_nothing() {
    let fixture = Fixture::start().await;
    let session = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let mia = fixture.console.actor(ACME, &session, "request-1").await.unwrap();
    let own = mia.own_token().unwrap();
    fixture.demo.fault(Fault::forever("DELETE", TOKENS, Effect::Ignore));
    let bare = Effect::Answer {
        status: 403,
        body: FaultBody::Empty,
    };
    fixture.demo.fault(Fault::forever("GET", &format!("{TOKENS}/"), bare));
    let revoked = fixture.console.revoke(&mia, &own).await;
    assert_eq!(revoked.unwrap_err().certainty(), Certainty::Unknown);
    assert_eq!(fixture.actions().await.remove(0).outcome, Outcome::Unknown);
    fixture.demo.clear_faults();
    assert!(fixture.console.actor(ACME, &session, "request-2").await.is_ok());
}
