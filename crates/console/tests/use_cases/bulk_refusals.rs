//! What a refusal means for a bulk revocation, its tokens and the session behind it.

use console::{BulkItemState, BulkState, PauseReason};
use demo_workspace::{Effect, Fault, FaultBody};
use store::Outcome;

use crate::bulk::{counts, create_tokens, deletes, drafted, wait_for_state};
use crate::support::{ACME, Fixture, SCIM, TOKENS};

fn numbered(status: u16, message: &str) -> Effect {
    Effect::Answer {
        status,
        body: FaultBody::IntegerErrorCode {
            message: message.to_owned(),
        },
    }
}

fn coded(status: u16, code: &str, message: &str) -> Effect {
    Effect::Answer {
        status,
        body: FaultBody::JsonError {
            error_code: code.to_owned(),
            message: message.to_owned(),
        },
    }
}

fn bare(status: u16) -> Effect {
    Effect::Answer {
        status,
        body: FaultBody::Empty,
    }
}

/// The words of each row in the order of decision, and why a bulk revocation is paused if everything is refused with
/// them. `None`: nothing says that the person lost access, so that it pauses only after many failures.
fn rows() -> [(Effect, Option<PauseReason>); 11] {
    let not_allowed = Some(PauseReason::NotAllowed);
    let ended = Some(PauseReason::CredentialEnded);
    [
        (bare(302), None),
        (Effect::IpAccessList, not_allowed),
        (
            numbered(
                403,
                "Provided access token does not have required scopes: authentication",
            ),
            not_allowed,
        ),
        (numbered(403, "Invalid access to Org: 7"), not_allowed),
        (numbered(403, "User not authorized."), not_allowed),
        (
            coded(403, "PERMISSION_DENIED", "User does not have permission to use tokens."),
            not_allowed,
        ),
        (numbered(403, "Tokens are disabled."), not_allowed),
        (coded(403, "PERMISSION_DENIED", "Invalid access token."), not_allowed),
        (numbered(403, "Invalid access token. [ReqId: 1]"), ended),
        (numbered(401, "Who are you?"), ended),
        (bare(403), None),
    ]
}

#[tokio::test]
async fn if_everything_is_refused_the_message_decides_why_it_is_paused() {
    for (effect, expected) in rows() {
        let fixture = Fixture::start().await;
        create_tokens(&fixture, "doomed", 3);
        let sign_in = fixture.sign_in(&fixture.demo.credentials().admin).await;
        let mia = fixture.console.actor(ACME, &sign_in, "1").await.unwrap();
        let tomas = fixture.other_admin().await;
        let id = drafted(&fixture, &mia, "doomed").await;
        // The start itself asks once more whether she is an admin.
        fixture.demo.fault(Fault::next("GET", TOKENS, Effect::None));
        for path in [TOKENS, SCIM] {
            fixture.demo.fault(Fault::forever(None, path, effect.clone()));
        }
        fixture.console.start_bulk(&mia, &id, "3", &[]).await.unwrap();
        wait_for_state(&fixture.console, &tomas, &id, BulkState::Paused).await;
        let reason = fixture.console.bulk(&tomas, &id).await.unwrap().pause_reason;
        assert_eq!(reason, expected.or(Some(PauseReason::WorkspaceFails)), "{effect:?}");
        assert!(deletes(&fixture).is_empty());
        // Any admin can settle it once the workspace responds.
        fixture.demo.clear_faults();
        fixture.console.cancel_bulk(&tomas, &id).await.unwrap();
        wait_for_state(&fixture.console, &tomas, &id, BulkState::Finished).await;
        // No bulk revocation ends a session.
        assert!(fixture.console.actor(ACME, &sign_in, "2").await.is_ok());
    }
}

#[tokio::test]
async fn only_a_refusal_by_the_workspace_itself_fails_a_single_token() {
    for (effect, state, outcome) in [
        (
            coded(403, "PERMISSION_DENIED", "You cannot revoke this one."),
            BulkItemState::Failed,
            Outcome::Failed,
        ),
        (
            coded(400, "INVALID_PARAMETER_VALUE", "no"),
            BulkItemState::Failed,
            Outcome::Failed,
        ),
        (numbered(403, "Who are you?"), BulkItemState::Unknown, Outcome::Unknown),
        (bare(403), BulkItemState::Unknown, Outcome::Unknown),
        (bare(400), BulkItemState::Unknown, Outcome::Unknown),
        (bare(404), BulkItemState::Unknown, Outcome::Unknown),
        (
            coded(404, "ENDPOINT_NOT_FOUND", "No API found for 'DELETE /x'"),
            BulkItemState::Unknown,
            Outcome::Unknown,
        ),
        (
            coded(404, "FEATURE_DISABLED", "Tokens are disabled."),
            BulkItemState::Unknown,
            Outcome::Unknown,
        ),
    ] {
        let fixture = Fixture::start().await;
        create_tokens(&fixture, "doomed", 2);
        let mia = fixture.admin().await;
        let id = drafted(&fixture, &mia, "doomed").await;
        let items = fixture.store().bulk_items(&id, None, 0, 10).await.unwrap();
        let path = format!("{TOKENS}/{}", items[0].token);
        fixture.demo.fault(Fault::forever("DELETE", &path, effect.clone()));
        fixture.demo.clear_log();
        fixture.console.start_bulk(&mia, &id, "2", &[]).await.unwrap();
        wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
        assert_eq!(
            counts(&fixture, &id).await,
            [(state, 1), (BulkItemState::Revoked, 1)],
            "{effect:?}"
        );
        // It is sent again only after a look that found the token.
        let calls = fixture.demo.log().into_iter().filter(|call| call.path == path);
        let calls: Vec<_> = calls.map(|call| call.method).collect();
        assert!(
            calls.windows(2).all(|two| two != ["DELETE", "DELETE"]),
            "{effect:?}: {calls:?}"
        );
        let actions = fixture.actions().await;
        let of_token = actions.iter().find(|o| o.target == items[0].token.as_str()).unwrap();
        assert_eq!(of_token.outcome, outcome, "{effect:?}: {of_token:?}");
    }
}

#[tokio::test]
async fn a_gateway_that_refuses_for_a_moment_pauses_nothing() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 20);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    fixture.demo.fault(Fault::next("DELETE", TOKENS, bare(403)).times(20));
    fixture.console.start_bulk(&mia, &id, "20", &[]).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Revoked, 20)]);
    assert!(deletes(&fixture).values().all(|n| *n == 1));
}

#[tokio::test]
async fn what_was_sent_before_a_cancellation_can_be_settled_by_any_admin_later() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 2);
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    let id = drafted(&fixture, &mia, "doomed").await;
    fixture.demo.fault(Fault::next("GET", TOKENS, Effect::None));
    // Both are revoked, and no list can be read.
    fixture.demo.fault(Fault::forever("GET", TOKENS, bare(503)));
    fixture.console.start_bulk(&mia, &id, "2", &[]).await.unwrap();
    wait_for_state(&fixture.console, &tomas, &id, BulkState::Paused).await;
    fixture.demo.clear_faults();
    // The person who cancels has to be an admin now, and cannot read the list right after that.
    fixture.demo.fault(Fault::next("GET", TOKENS, Effect::None));
    fixture.demo.fault(Fault::forever("GET", TOKENS, bare(503)));
    fixture.console.cancel_bulk(&tomas, &id).await.unwrap();
    fixture.console.wait_until_idle().await;
    assert_eq!(fixture.console.bulk(&mia, &id).await.unwrap().state, BulkState::Paused);
    fixture.demo.clear_faults();
    let third = fixture.service_principal_actor().await;
    fixture.console.check_bulk(&third, &id).await.unwrap();
    wait_for_state(&fixture.console, &third, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Revoked, 2)]);
}
