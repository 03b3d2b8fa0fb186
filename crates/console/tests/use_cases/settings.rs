//! Enabling tokens and limiting their lifetime: done only when the workspace itself confirms it.

use std::collections::BTreeMap;

use console::Error;
use console::access::AccessSummary;
use console::changes::switch_tokens::SwitchResult;
use demo_workspace::{Change, Effect, Fault, FaultBody};
use domain::MaxLifetime;
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use workspace_client::ErrorKind;

use crate::support::{ACME, CONF, Fixture, Setup, kind};

fn days(text: &str) -> MaxLifetime {
    MaxLifetime::from_input(text).unwrap()
}

fn numbered(status: u16, message: &str) -> Effect {
    Effect::Answer {
        status,
        body: FaultBody::IntegerErrorCode {
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

#[tokio::test]
async fn the_switch_is_done_once_the_workspace_shows_it() {
    let fixture = Fixture::start().await;
    let mia = fixture.service_principal_actor().await;
    assert_eq!(
        fixture.console.switch_tokens(&mia, false).await.unwrap(),
        SwitchResult::Confirmed
    );
    assert!(!fixture.console.policy(&mia).await.unwrap().0.enabled);
    assert_eq!(
        fixture.console.switch_tokens(&mia, true).await.unwrap(),
        SwitchResult::Confirmed
    );
    assert!(fixture.console.policy(&mia).await.unwrap().0.enabled);
    let outcomes: Vec<_> = fixture
        .actions()
        .await
        .into_iter()
        .map(|a| (a.kind, a.requested, a.detail))
        .collect();
    let row = |to| (ActivityKind::SwitchTokens, to, Detail::InEffect);
    assert_eq!(outcomes, [row(RequestedValue::On), row(RequestedValue::Off)]);
}

#[tokio::test]
async fn the_switch_is_verified_again_while_the_workspace_shows_the_old_state() {
    let fixture = Fixture::start().await;
    let mia = fixture.service_principal_actor().await;
    fixture.demo.configure(|knobs| knobs.conf_stale_reads = 3);
    assert_eq!(
        fixture.console.switch_tokens(&mia, false).await.unwrap(),
        SwitchResult::Confirmed
    );
    assert!(fixture.calls_under("GET", CONF) >= 4);
}

#[tokio::test]
async fn a_switch_accepted_without_effect_is_never_called_done() {
    let fixture = Fixture::start().await;
    let mia = fixture.service_principal_actor().await;
    fixture.demo.fault(Fault::next("PATCH", CONF, Effect::Ignore));
    assert_eq!(
        fixture.console.switch_tokens(&mia, false).await.unwrap(),
        SwitchResult::Accepted
    );
    assert!(fixture.console.last_switch(&mia).is_some_and(|(to, _)| !to));
    let action = fixture.actions().await.remove(0);
    assert_eq!(
        (action.outcome, action.detail),
        (Outcome::Unknown, Detail::NotYetInEffect)
    );
}

#[tokio::test]
async fn disabling_tokens_ends_the_session_of_someone_who_signed_in_with_one() {
    let fixture = Fixture::start().await;
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let mia = fixture.console.actor(ACME, &id, "1").await.unwrap();
    assert_eq!(
        fixture.console.switch_tokens(&mia, false).await.unwrap(),
        SwitchResult::DisabledWithSession
    );
    assert!(fixture.session_ends(&id).await);
    assert_eq!(fixture.purge_sign_ins().await, 0);
}

/// What the workspace may say to a personal access token after tokens were disabled is not documented.
#[tokio::test]
async fn disabling_tokens_succeeds_however_the_workspace_then_refuses_the_sessions_own_token() {
    let coded = |status, error_code: &str, message: &str| Effect::Answer {
        status,
        body: FaultBody::JsonError {
            error_code: error_code.to_owned(),
            message: message.to_owned(),
        },
    };
    let page = |status, message: &str| Effect::Answer {
        status,
        body: FaultBody::Html {
            message: message.to_owned(),
        },
    };
    for (refusal, ends) in [
        (coded(404, "FEATURE_DISABLED", "Tokens are disabled."), true),
        (coded(404, "FEATURE_DISABLED", "This feature is disabled."), true),
        (numbered(403, "Tokens are disabled."), true),
        (page(403, "Tokens are disabled."), true),
        (numbered(403, "Invalid access token. [ReqId: 1]"), true),
        (page(403, "Invalid access token."), true),
        (
            numbered(
                401,
                "Credential was not sent or was of an unsupported type for this API.",
            ),
            true,
        ),
        (
            coded(403, "PERMISSION_DENIED", "User does not have permission to use tokens."),
            true,
        ),
        (coded(403, "PERMISSION_DENIED", "Tokens cannot be used here."), true),
        (coded(401, "UNAUTHENTICATED", "no"), true),
        (numbered(403, "Something else"), true),
        (bare(401), true),
        // These say nothing about tokens.
        (bare(403), false),
        (bare(503), false),
        (Effect::IpAccessList, false),
        (numbered(403, "Invalid access to Org: 7"), false),
    ] {
        let fixture = Fixture::start().await;
        let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
        let mia = fixture.console.actor(ACME, &id, "1").await.unwrap();
        fixture.demo.fault(Fault::forever("GET", "/api/2.0/", refusal.clone()));
        let result = fixture.console.switch_tokens(&mia, false).await.unwrap();
        let is_session_gone = match ends {
            true => fixture.session_ends(&id).await,
            false => fixture.console.actor(ACME, &id, "2").await.is_err(),
        };
        let recorded = fixture.actions().await.remove(0).outcome;
        let expected = match ends {
            true => (SwitchResult::DisabledWithSession, true, Outcome::Done),
            false => (SwitchResult::Accepted, false, Outcome::Unknown),
        };
        assert_eq!((result, is_session_gone, recorded), expected, "{refusal:?}");
    }
}

#[tokio::test]
async fn a_maximum_lifetime_can_be_set_changed_and_removed() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    for text in ["90", "730", "1", "0"] {
        fixture.console.set_max_lifetime(&mia, None, days(text)).await.unwrap();
        assert_eq!(fixture.console.policy(&mia).await.unwrap().0.max_lifetime, days(text));
        let limit = fixture.console.snapshot(&mia).await.unwrap().policy.unwrap();
        assert_eq!(limit.max_lifetime, days(text), "the earlier snapshot is discarded");
    }
}

#[tokio::test]
async fn a_maximum_lifetime_that_someone_else_changed_is_not_overwritten() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    // The console has read one limit, and another one was set in the workspace since.
    fixture.console.set_max_lifetime(&mia, None, days("90")).await.unwrap();
    let values = BTreeMap::from([("maxTokenLifetimeDays".to_owned(), Some("30".to_owned()))]);
    fixture.demo.change(Change::SetConf { values }).unwrap();
    let set = async |opened, limit| {
        let set = fixture.console.set_max_lifetime(&mia, opened, limit);
        set.await.map_err(|error| error.to_string())
    };
    let refused = set(Some(days("90")), days("365")).await;
    assert_eq!(refused, Err(Error::ValueChanged.to_string()));
    let attempt = fixture.actions().await.remove(0);
    assert_eq!((attempt.before.as_str(), attempt.outcome), ("30", Outcome::Failed));
    assert_eq!(fixture.console.policy(&mia).await.unwrap().0.max_lifetime, days("30"));
    // From the limit as it is, and the same click once more.
    assert_eq!(set(Some(days("30")), days("365")).await, Ok(()));
    assert_eq!(fixture.actions().await.remove(0).before, "30");
    assert_eq!(set(Some(days("30")), days("365")).await, Ok(()));
    // A limit that cannot be compared is not sent.
    fixture.demo.fault(Fault::forever("GET", CONF, bare(503)));
    fixture.demo.clear_log();
    assert!(set(Some(days("365")), days("7")).await.is_err());
    assert_eq!(fixture.calls_under("PATCH", CONF), 0);
    assert_eq!(fixture.actions().await.remove(0).before, "");
}

#[tokio::test]
async fn the_log_has_the_switch_as_it_was_in_the_workspace() {
    let fixture = Fixture::start().await;
    let mia = fixture.service_principal_actor().await;
    assert!(fixture.console.policy(&mia).await.unwrap().0.enabled);
    // Someone disabled tokens in the workspace itself, and this console has not read that.
    let values = BTreeMap::from([("enableTokensConfig".to_owned(), Some("false".to_owned()))]);
    fixture.demo.change(Change::SetConf { values }).unwrap();
    fixture.console.switch_tokens(&mia, false).await.unwrap();
    assert_eq!(fixture.actions().await.remove(0).before, "off");
    // Even if it cannot be read, or not quickly, tokens can be disabled.
    for unreadable in [numbered(403, "Not now"), Effect::Hang] {
        fixture.console.switch_tokens(&mia, true).await.unwrap();
        fixture.demo.fault(Fault::next("GET", CONF, unreadable));
        let result = fixture.console.switch_tokens(&mia, false).await.unwrap();
        assert_eq!(result, SwitchResult::Confirmed);
        assert_eq!(fixture.actions().await.remove(0).before, "");
    }
}

#[tokio::test]
async fn a_maximum_lifetime_accepted_without_effect_is_not_confirmed() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    fixture.demo.fault(Fault::next("PATCH", CONF, Effect::Ignore));
    let ignored = fixture.console.set_max_lifetime(&mia, None, days("30")).await;
    assert!(matches!(ignored, Err(Error::NotConfirmed)));
}

#[tokio::test]
async fn every_spelling_of_an_absent_limit_is_recognised() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    for spelling in [None, Some("0"), Some(""), Some("null"), Some("false")] {
        let values = BTreeMap::from([("maxTokenLifetimeDays".to_owned(), spelling.map(str::to_owned))]);
        fixture.demo.change(Change::SetConf { values }).unwrap();
        let (policy, _) = fixture.console.policy(&mia).await.unwrap();
        assert_eq!(policy.max_lifetime.custom_days(), None, "{spelling:?}");
    }
}

#[tokio::test]
async fn a_read_only_console_changes_nothing() {
    let fixture = Fixture::with(Setup {
        read_only: true,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    fixture.demo.clear_log();
    let refused = [
        fixture.console.revoke(&mia, &token).await.map(drop),
        fixture.console.set_comment(&mia, &token, None, "x").await.map(drop),
        fixture.console.switch_tokens(&mia, false).await.map(drop),
        fixture.console.set_max_lifetime(&mia, None, days("30")).await,
    ];
    for result in refused {
        assert!(matches!(result, Err(Error::ReadOnly)));
    }
    assert!(fixture.demo.log().is_empty());
    // Each attempt is in the activity log.
    let attempts = fixture.actions().await;
    assert!(
        !attempts.is_empty() && attempts.iter().all(|a| a.outcome == Outcome::Refused),
        "{attempts:?}"
    );
}

#[tokio::test]
async fn the_principals_that_can_use_tokens_are_counted() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let kai = fixture.demo.credentials().non_admin.user_name.clone();
    let service = fixture.demo.credentials().service_principal.client_id.clone();
    let can_use = ["users", "analytics", "security", &kai, &service]
        .map(str::to_owned)
        .to_vec();
    fixture.demo.change(Change::SetGrants { can_use }).unwrap();
    let summary = fixture.console.access_summary(&mia).await.unwrap();
    let expected = AccessSummary {
        groups: 2,
        users: 1,
        service_principals: 1,
        all_users: true,
    };
    assert_eq!(summary, expected);
}

#[tokio::test]
async fn without_any_token_the_permissions_cannot_be_read() {
    let fixture = Fixture::start().await;
    let mia = fixture.service_principal_actor().await;
    fixture.demo.change(Change::RemoveAllTokens).unwrap();
    assert_eq!(kind(fixture.console.access_summary(&mia).await), ErrorKind::NoTokenYet);
    assert_eq!(
        fixture
            .console
            .snapshot(&mia)
            .await
            .unwrap()
            .inventory
            .counts()
            .total
            .seen(),
        0
    );
}
