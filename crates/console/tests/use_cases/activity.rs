//! The activity log: nothing is done that cannot be recorded, and unknown outcomes are found out later.

use std::time::Duration;

use console::activity::{ActivityKind, ActivityQuery, Detail, Outcome, RequestedValue};
use demo_workspace::{Effect, Fault};
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
    }
}

#[tokio::test]
async fn the_reason_and_the_previous_value_are_recorded() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    let comment = snapshot.inventory.get(&token).unwrap().comment.clone();
    let mia = mia.with_reason(" leaked\nin a log ");
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
    let page = fixture
        .console
        .activity(&mia, ActivityQuery::default(), 50)
        .await
        .unwrap();
    let outcomes: Vec<_> = page.operations.iter().map(|o| o.outcome).collect();
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
    let details: Vec<_> = page.operations[4..7].iter().map(|o| &o.detail).collect();
    assert_eq!(
        details,
        [
            &Detail::SeenLater("0".into()),
            &Detail::SeenLater("on".into()),
            &Detail::FoundListed
        ]
    );
    // Each is decided once: another look adds nothing.
    fixture
        .console
        .activity(&mia, ActivityQuery::default(), 50)
        .await
        .unwrap();
    assert_eq!(fixture.rows().await, 8 + 6);
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
    for _ in 0..12 {
        let creation = interrupted(ActivityKind::CreateToken, "3f1c", "a token for 30 days", 4);
        fixture.store().append(&creation).await.unwrap();
    }
    // One look decides ten operations.
    for _ in 0..2 {
        let query = ActivityQuery::default();
        fixture.console.activity(&mia, query, 50).await.unwrap();
    }
    let outcomes = outcomes(&fixture).await;
    let count = |outcome| outcomes.iter().filter(|(of_one, _)| *of_one == outcome).count();
    assert_eq!([count(Outcome::Unknown), count(Outcome::Done)], [12, 1], "{outcomes:?}");
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
    assert!(fixture.console.set_max_lifetime(&mia, days).await.is_err());
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
