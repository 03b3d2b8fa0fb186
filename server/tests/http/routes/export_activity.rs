//! The activity log as CSV and JSON.

use console::activity::{ActivityKind, Detail, Outcome, RequestedValue};
use domain::ClientAddress;
use store::{ActivityEntry, Phase, operation_id};

use crate::support::{ACME, OTHER, Site};

const CSV: &str = "/w/acme-prod/activity.csv";
const JSON: &str = "/w/acme-prod/activity.json";

fn entry(n: usize) -> ActivityEntry {
    ActivityEntry {
        at: console::now(),
        workspace: ACME.into(),
        operation: operation_id(),
        phase: Phase::Intent,
        actor: "mia.kowalski@acme.example".into(),
        kind: ActivityKind::EditAccess,
        target: format!("target {n}"),
        before: "@SUM(A1)".into(),
        requested: RequestedValue::Other("line\r\nbreak, \"quote\"".into()),
        reason: String::new(),
        outcome: Outcome::Open,
        detail: Detail::Empty,
        request_id: "1".into(),
        client: ClientAddress::UNKNOWN,
    }
}

#[tokio::test]
async fn an_export_has_every_matching_entry() {
    let site = Site::start().await;
    // More operations than one batch contains.
    for n in 0..1203 {
        site.store.append(&entry(n)).await.unwrap();
    }
    let browser = site.sign_in().await;
    let json = browser.get(JSON).await;
    assert_eq!(json.status, 200);
    json.assert_file_name("acme-prod_activity_", "Z.json");
    let filtered = browser.get(&format!("{JSON}?kind=revoke_token&from=2026-01-01")).await;
    filtered.assert_file_name("acme-prod_activity_", "Z_from-2026-01-01_kind-revoke-token.json");
    assert_eq!(json.header("cache-control"), "private, no-store");
    let list: Vec<serde_json::Value> = serde_json::from_str(&json.body).unwrap();
    assert_eq!(list.len(), 1203);
    assert_eq!(
        (list[0]["target"].as_str(), list[1202]["target"].as_str()),
        (Some("target 1202"), Some("target 0"))
    );
    let csv = browser.get(CSV).await;
    assert!(csv.body.starts_with("at,who,what,"));
    assert_eq!(csv.body.matches("\"target ").count(), 1203);
    csv.assert_has(&["\"'@SUM(A1)\",\"line\r\nbreak, \"\"quote\"\"\","]);
    let matching = browser.get(&format!("{JSON}?q=target%2077&outcome=open")).await;
    let matching: Vec<serde_json::Value> = serde_json::from_str(&matching.body).unwrap();
    assert_eq!(matching.len(), 11, "77 and 770 to 779");
}

#[tokio::test]
async fn exports_require_permission() {
    let site = Site::start().await;
    site.store.append(&entry(1)).await.unwrap();
    let signed_out = site.browser().get(CSV).await;
    assert_eq!(
        (signed_out.status, signed_out.location()),
        (303, "/sign-in?next=%2Fw%2Facme-prod%2Factivity".to_owned())
    );
    let browser = site.sign_in().await;
    let other = browser.get(&format!("/w/{OTHER}/activity.csv")).await;
    assert_eq!(other.status, 303, "signed in to another workspace only");
    assert_eq!(browser.get("/w/nowhere/activity.csv").await.status, 404);
    site.demote_admin();
    // The proof of being an admin ends with the first refusal.
    browser.get(&format!("/w/{ACME}/settings/advanced")).await;
    let demoted = browser.get(CSV).await;
    assert_eq!(demoted.status, 403);
    demoted.assert_has_none(&["target 1"]);
}

#[tokio::test]
async fn words_of_another_version_are_shown_and_exported_as_they_are() {
    let site = Site::start().await;
    let unknown = ActivityEntry {
        kind: ActivityKind::Other("rotate_token".into()),
        detail: Detail::Other("rotated twice".into()),
        ..entry(1)
    };
    site.store.append(&unknown).await.unwrap();
    site.store.append(&entry(2)).await.unwrap();
    let browser = site.sign_in().await;
    let page = browser.get("/w/acme-prod/activity?kind=rotate_token").await;
    assert_eq!(page.status, 200);
    page.assert_shows(&[": rotate_token target 1", "rotated twice"]);
    page.assert_has_none(&["target 2"]);
    let json = browser.get(&format!("{JSON}?kind=rotate_token")).await;
    let list: Vec<serde_json::Value> = serde_json::from_str(&json.body).unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(
        (list[0]["what"].as_str(), list[0]["detail"].as_str()),
        (Some("rotate_token"), Some("rotated twice"))
    );
}
