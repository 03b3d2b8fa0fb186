//! The activity log: nothing is done that cannot be recorded, and unknown outcomes are found out later.

use std::time::Duration;

use console::activity::{ActivityKind, ActivityQuery, Detail, Operation, Outcome, RequestedValue};
use demo_workspace::{Change, ChangeOutcome, Effect, Fault, NewToken};
use domain::ClientAddress;
use store::{ActivityEntry, Phase};

use crate::support::{ACME, CONF, Fixture, IMPATIENT, Setup, TOKENS};

async fn outcomes(fixture: &Fixture) -> Vec<(Outcome, Detail)> {
    let actions = fixture.actions().await;
    actions.into_iter().map(|o| (o.outcome, o.detail)).collect()
}

/// The row that a console leaves behind if it is killed during a change.
fn interrupted(kind: ActivityKind, target: &str, requested: &str, minutes_ago: u64) -> ActivityEntry {
    ActivityEntry {
        at: console::now().minus(Duration::from_mins(minutes_ago)),
        workspace: ACME.into(),
        operation: store::operation_id(),
        phase: Phase::Intent,
        actor: "mia.kowalski@acme.example".into(),
        target: target.into(),
        before: String::new(),
        requested: RequestedValue::from_stored(&kind, requested),
        kind,
        reason: String::new(),
        outcome: Outcome::Open,
        detail: Detail::Empty,
        request_id: "before".into(),
        client: ClientAddress::UNKNOWN,
    }
}

#[tokio::test]
async fn the_reason_and_the_previous_value_are_recorded() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    let comment = snapshot.inventory.get(&token).unwrap().comment.clone();
    let mia = mia.with_reason(" leaked\nin a log ").unwrap();
    fixture.console.revoke(&mia, &token).await.unwrap();
    let operation = fixture.actions().await.remove(0);
    assert_eq!(operation.reason, "leakedin a log");
    assert!(operation.before.starts_with(&comment), "{operation:?}");
    assert_eq!(operation.target, token.to_string());
}

#[tokio::test]
async fn a_later_look_decides_only_what_it_can_prove() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let existing = fixture.some_token(&mia).await;
    let gone = "0".repeat(64);
    for entry in [
        interrupted(ActivityKind::RevokeToken, &gone, "", 9),
        interrupted(ActivityKind::RevokeToken, existing.as_str(), "", 8),
        interrupted(ActivityKind::SwitchTokens, "personal access tokens", "on", 7),
        interrupted(ActivityKind::SetMaxLifetime, "", "17", 6),
        interrupted(ActivityKind::EditAccess, "", "Added group x; removed nobody", 5),
        interrupted(ActivityKind::CreateToken, "3f1c", "a token for 30 days", 4),
        // A bulk revocation verifies itself, no matter how long it takes.
        interrupted(ActivityKind::RevokeTokens, "", "", 3),
        // This one may still be in progress.
        interrupted(ActivityKind::RevokeToken, &gone, "", 1),
    ] {
        fixture.store().append(&entry).await.unwrap();
    }
    let is_open = |o: &&Operation| o.outcome == Outcome::Open;
    let operations = fixture
        .activity_when(&mia, |all| all.iter().filter(is_open).count() == 2)
        .await;
    let outcomes: Vec<_> = operations.iter().map(|o| o.outcome).collect();
    let expected = [
        Outcome::Open,
        Outcome::Open,
        Outcome::Unknown,
        Outcome::Unknown,
        Outcome::Unknown,
        Outcome::Unknown,
        Outcome::Unknown,
        Outcome::Done,
    ];
    assert_eq!(outcomes, expected);
    // Someone else can have set a value that is there later, so it is only reported.
    let details: Vec<_> = operations[4..6].iter().map(|o| &o.detail).collect();
    let seen = |value: &str| Detail::SeenLater(value.to_owned());
    assert_eq!(details, [&seen("No custom limit"), &seen("Enabled")]);
    assert!(
        matches!(operations[6].detail, Detail::StillListed(_)),
        "{:?}",
        operations[6].detail
    );
    // Each is decided once: other looks add nothing, even of another person or after a restart.
    let restarted = fixture.restarted(Setup::default());
    for console in [&fixture.console, &restarted] {
        for actor in [&mia, &fixture.other_admin().await] {
            let page = console.activity(actor, ActivityQuery::default(), 50).await.unwrap();
            assert_eq!(page.operations, operations);
        }
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(fixture.rows().await, 8 + 6);
}

#[tokio::test]
async fn a_new_token_proves_a_creation_only_if_no_other_can_have_made_it() {
    for (requests, proven) in [
        (["nightly (30 days; sql)", "nightly (60 days; sql)"], 1),
        (["nightly (30 days; sql)", "nightly (30 days; sql)"], 0),
    ] {
        let fixture = Fixture::start().await;
        let mia = fixture.admin().await;
        let found = fixture.console.find_service_principals(&mia, "etl-nightly").await;
        let owner = found.unwrap().rows.remove(0).name;
        let created = fixture.demo.change(Change::CreateToken(NewToken {
            owner: owner.clone(),
            creator: Some(mia.user_name().to_owned()),
            comment: Some("nightly".into()),
            lifetime_days: Some(30),
            scopes: Some(vec!["sql".into()]),
            ..NewToken::default()
        }));
        let ChangeOutcome::Created { token_id, .. } = created.unwrap() else {
            panic!("no token")
        };
        for request in requests {
            let entry = interrupted(ActivityKind::CreateToken, &owner, request, 4);
            fixture.store().append(&entry).await.unwrap();
        }
        let is_settled = |all: &[Operation]| all.iter().all(|o| o.outcome != Outcome::Open);
        let operations = fixture.activity_when(&mia, is_settled).await;
        let proof = Detail::CreatedValueLost(domain::TokenId::new(token_id));
        let count = |outcome, detail: &Detail| {
            let found = operations
                .iter()
                .filter(|o| o.outcome == outcome && o.detail == *detail);
            found.count()
        };
        assert_eq!(count(Outcome::Done, &proof), proven, "{operations:?}");
        assert_eq!(
            count(Outcome::Unknown, &Detail::NotRecorded),
            2 - proven,
            "{operations:?}"
        );
    }
}

#[tokio::test]
async fn outcomes_that_stay_unknown_do_not_keep_others_from_being_decided() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let gone = "0".repeat(64);
    fixture
        .store()
        .append(&interrupted(ActivityKind::RevokeToken, &gone, "", 9))
        .await
        .unwrap();
    let existing = fixture.some_token(&mia).await;
    for _ in 0..30 {
        let newer = interrupted(ActivityKind::RevokeToken, existing.as_str(), "", 4);
        fixture.store().append(&newer).await.unwrap();
    }
    let count = |all: &[Operation], outcome| all.iter().filter(|o| o.outcome == outcome).count();
    let operations = fixture.activity_when(&mia, |all| count(all, Outcome::Open) == 0).await;
    let counts = [Outcome::Unknown, Outcome::Done].map(|outcome| count(&operations, outcome));
    assert_eq!(counts, [30, 1], "{operations:?}");
}

#[tokio::test]
async fn looks_never_hold_up_the_log() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let existing = fixture.some_token(&mia).await;
    let entry = interrupted(ActivityKind::RevokeToken, existing.as_str(), "", 4);
    fixture.store().append(&entry).await.unwrap();
    fixture.demo.fault(Fault::forever("GET", TOKENS, Effect::Hang));
    let read = fixture.console.activity(&mia, ActivityQuery::default(), 50);
    // It would take 20 seconds with the look.
    let page = tokio::time::timeout(Duration::from_secs(5), read)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(page.operations[0].outcome, Outcome::Open);
}

#[tokio::test]
async fn a_lost_response_is_unknown_not_failed() {
    let fixture = Fixture::with(Setup {
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    fixture.demo.fault(Fault::next("PATCH", CONF, Effect::Hang));
    let days = domain::MaxLifetime::from_input("30").unwrap();
    assert!(fixture.console.set_max_lifetime(&mia, None, days).await.is_err());
    assert_eq!(outcomes(&fixture).await[0].0, Outcome::Unknown);
}

#[tokio::test]
async fn a_change_that_cannot_be_recorded_is_not_made() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    fixture.store().close().await.unwrap();
    assert!(fixture.console.revoke(&mia, &token).await.is_err());
    assert_eq!(fixture.calls_under("DELETE", TOKENS), 0);
}

#[tokio::test]
async fn someone_who_is_no_longer_an_admin_cannot_read_the_activity_log() {
    let fixture = Fixture::start().await;
    let tomas = fixture.other_admin().await;
    let user_name = fixture.demo.credentials().other_admin.user_name.clone();
    fixture
        .demo
        .change(demo_workspace::Change::RemoveAdmin { user_name })
        .unwrap();
    // The proof, which is valid for five minutes, ends with the first refusal.
    let _ = fixture.console.token(&tomas, &domain::TokenId::new("0")).await;
    let read = fixture.console.activity(&tomas, ActivityQuery::default(), 50).await;
    assert!(read.is_err());
}
