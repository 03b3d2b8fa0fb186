//! The record: nothing is done that is not written down, and what nobody knows is found out later.

use std::time::Duration;

use console::activity::{ActivityQuery, Outcome};
use demo_workspace::{Effect, Fault};
use store::{ActivityEntry, Phase};

use crate::support::{ACME, CONF, Fixture, IMPATIENT, Setup, TOKENS};

async fn outcomes(fixture: &Fixture) -> Vec<(Outcome, String)> {
    let actions = fixture.actions().await;
    actions.into_iter().map(|o| (o.outcome, o.detail)).collect()
}

/// What a console that was killed in the middle leaves behind.
fn interrupted(kind: &str, target: &str, wanted: &str, minutes_ago: u64) -> ActivityEntry {
    ActivityEntry {
        at: console::now().minus(Duration::from_mins(minutes_ago)),
        workspace: ACME.into(),
        operation: store::operation_id(),
        phase: Phase::Intent,
        actor: "mia.kowalski@acme.example".into(),
        kind: kind.into(),
        target: target.into(),
        before: String::new(),
        requested: wanted.into(),
        reason: String::new(),
        outcome: Outcome::Open,
        detail: String::new(),
        request_id: "before".into(),
    }
}

#[tokio::test]
async fn the_reason_and_what_was_before_are_kept() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    let comment = snapshot.inventory.get(&token).unwrap().comment.clone();
    let mia = mia.with_reason(" leaked\nin a log ");
    fixture.console.revoke(&mia, &token).await.unwrap();
    let operation = fixture.actions().await.remove(0);
    assert_eq!(operation.reason, "leakedin a log");
    assert!(operation.was.starts_with(&comment), "{operation:?}");
    assert_eq!(operation.target, token.to_string());
}

#[tokio::test]
async fn an_outcome_that_is_not_known_is_decided_by_a_later_look() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let kept = fixture.some_token(&mia).await;
    let gone = "0".repeat(64);
    for entry in [
        interrupted("revoke_token", &gone, "", 9),
        interrupted("revoke_token", kept.as_str(), "", 8),
        interrupted("switch_tokens", "personal access tokens", "on", 7),
        interrupted("set_max_lifetime", "", "17", 6),
        interrupted("edit_access", "", "Added group x; removed nobody", 5),
        interrupted("create_token", "3f1c", "a token for 30 days", 4),
        // A job finds out by itself, however long it takes.
        interrupted("revoke_tokens", "", "", 3),
        // Perhaps still under way.
        interrupted("revoke_token", &gone, "", 1),
    ] {
        fixture.store().append(&entry).await.unwrap();
    }
    let page = fixture
        .console
        .activity(&mia, ActivityQuery::default(), 50)
        .await
        .unwrap();
    let ends: Vec<_> = page.operations.iter().map(|o| o.outcome).collect();
    let expected = [
        Outcome::Open,
        Outcome::Open,
        Outcome::Unknown,
        Outcome::Unknown,
        Outcome::Failed,
        Outcome::Done,
        Outcome::Failed,
        Outcome::Done,
    ];
    assert_eq!(ends, expected);
    // Decided once: another look adds nothing.
    fixture
        .console
        .activity(&mia, ActivityQuery::default(), 50)
        .await
        .unwrap();
    assert_eq!(fixture.rows().await, 8 + 6);
}

#[tokio::test]
async fn what_nobody_will_know_does_not_hide_what_can_be_found_out() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let gone = "0".repeat(64);
    fixture
        .store()
        .append(&interrupted("revoke_token", &gone, "", 9))
        .await
        .unwrap();
    for _ in 0..12 {
        let creation = interrupted("create_token", "3f1c", "a token for 30 days", 4);
        fixture.store().append(&creation).await.unwrap();
    }
    // One look decides ten.
    for _ in 0..2 {
        let query = ActivityQuery::default();
        fixture.console.activity(&mia, query, 50).await.unwrap();
    }
    let ends = outcomes(&fixture).await;
    let ended = |outcome| ends.iter().filter(|(end, _)| *end == outcome).count();
    assert_eq!([ended(Outcome::Unknown), ended(Outcome::Done)], [12, 1], "{ends:?}");
}

#[tokio::test]
async fn a_lost_answer_is_unknown_not_failed() {
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
async fn what_cannot_be_written_down_is_not_done() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let token = fixture.some_token(&mia).await;
    fixture.store().close().await.unwrap();
    assert!(fixture.console.revoke(&mia, &token).await.is_err());
    assert_eq!(fixture.calls_under("DELETE", TOKENS), 0);
}

#[tokio::test]
async fn who_is_no_admin_any_more_reads_no_record() {
    let fixture = Fixture::start().await;
    let tomas = fixture.other_admin().await;
    let user_name = fixture.demo.credentials().other_admin.user_name.clone();
    fixture
        .demo
        .change(demo_workspace::Change::RemoveAdmin { user_name })
        .unwrap();
    // The proof of five minutes ago ends with the first refusal.
    let _ = fixture.console.token(&tomas, &domain::TokenId::new("0")).await;
    let read = fixture.console.activity(&tomas, ActivityQuery::default(), 50).await;
    assert!(read.is_err());
}
