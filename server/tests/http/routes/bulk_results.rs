//! A running and a finished bulk revocation: its events, the text of its page, and its report.

use std::time::Duration;

use console::{BulkId, BulkState};
use demo_workspace::{Change, Effect, Fault, FaultBody};

use super::bulk::{draft, id_of, open, start_with_doomed};
use crate::support::{ACME, Browser, Site, TOKENS_API};

/// A refusal by the workspace, after which the call is not repeated.
pub(crate) fn refusal() -> Effect {
    Effect::Answer {
        status: 400,
        body: FaultBody::JsonError {
            error_code: "INVALID_PARAMETER_VALUE".to_owned(),
            message: "no".to_owned(),
        },
    }
}

/// Waits for the end of a bulk revocation, without opening its page.
pub(crate) async fn wait_until_finished(site: &Site, bulk: &str) {
    let id: BulkId = bulk.rsplit('/').next().unwrap().parse().unwrap();
    let mut state = BulkState::Running;
    for _ in 0..500 {
        state = site.store.bulk(&id).await.unwrap().unwrap().state;
        if state == BulkState::Finished {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(state, BulkState::Finished);
}

/// Revokes all tokens that start with "doomed" in bulk, and waits for the end. Returns the path of the bulk revocation.
async fn revoke_doomed(site: &Site, browser: &Browser, count: usize) -> String {
    let list = open(browser, "q=doomed").await;
    let fields = [("q", "doomed"), ("all", "1"), ("of", &list.of)];
    let bulk = draft(browser, &fields).await.location();
    let typed = count.to_string();
    let start = [
        ("workspace", ACME),
        ("job", bulk.rsplit('/').next().unwrap()),
        ("typed", &typed),
    ];
    browser.submit(&bulk, "/api/bulk_revocations/start", &start).await;
    wait_until_finished(site, &bulk).await;
    bulk
}

#[tokio::test]
async fn a_failure_is_the_heading_comes_first_and_is_in_the_list_and_the_report() {
    let site = start_with_doomed(4).await;
    let formula = site.create_token("=doomed(\"x\")");
    let browser = site.sign_in().await;
    let fault = Fault::forever("DELETE", &format!("{TOKENS_API}/{formula}"), refusal());
    site.demo.fault(fault);
    let bulk = revoke_doomed(&site, &browser, 5).await;
    let page = browser.get(&bulk).await;
    assert_eq!(page.h1(), ["1 of 5 tokens could not be revoked"]);
    assert!(
        page.title()
            .starts_with("acme-prod · 1 of 5 tokens could not be revoked"),
        "{}",
        page.title()
    );
    page.assert_shows(&[
        "4 were revoked (confirmed with the workspace at ",
        "The failed token still works (checked at ",
        "Retry 1 failed tokens",
        "Still works, never used",
        "Download report",
    ]);
    page.assert_lacks(&["Finished", "Done."]);
    let (failed, revoked) = (page.body.find("chip danger"), page.body.find("chip ok"));
    assert!(failed.unwrap() < revoked.unwrap(), "what failed comes first");
    // The bar is not full of revoked tokens.
    page.assert_has(&[
        "x=\"0.0%\" width=\"80.0%\" height=\"10\" class=\"revoked\"",
        "x=\"80.0%\" width=\"20.0%\" height=\"10\" class=\"failed\"",
    ]);

    let list = browser.get(&format!("/w/{ACME}/bulk-revocations")).await;
    list.assert_shows(&["1 of 5 could not be revoked"]);
    list.assert_lacks(&["Finished", "All revoked"]);
    list.assert_has(&[&format!("href=\"{bulk}?state=failed\"")]);

    let report = browser.get(&format!("{bulk}/report.csv")).await;
    let id = &bulk.rsplit('/').next().unwrap()[..8];
    report.assert_file_name(&format!("{ACME}_bulk-revocation-{id}_"), "Z.csv");
    let rows: Vec<_> = report.body.lines().collect();
    assert_eq!(rows.len(), 6, "{}", report.body);
    assert!(rows[0].starts_with("token_id,comment,owner_id,owner,owner_kind,result,detail,ended"));
    let row = rows.iter().find(|row| row.contains(&formula)).unwrap();
    assert!(
        row.contains("\"'=doomed(\"\"x\"\")\"") && row.contains("\"Failed\""),
        "{row}"
    );
    assert_eq!(rows.iter().filter(|row| row.contains("\"Revoked\"")).count(), 4);
}

#[tokio::test]
async fn a_token_that_was_revoked_elsewhere_after_it_failed_is_not_said_to_work() {
    let site = start_with_doomed(2).await;
    let browser = site.sign_in().await;
    let list = open(&browser, "q=doomed").await;
    let id = id_of(&browser, &list.boxes[0]).await;
    site.demo
        .fault(Fault::forever("DELETE", &format!("{TOKENS_API}/{id}"), refusal()));
    let bulk = revoke_doomed(&site, &browser, 2).await;
    let change = Change::RevokeToken { token_id: id };
    site.demo.change(change).unwrap();
    let page = browser.get(&bulk).await;
    assert_eq!(page.h1(), ["1 of 2 tokens could not be revoked"]);
    page.assert_shows(&["Of the failed token, 1 is no longer listed"]);
}

#[tokio::test]
async fn a_stored_draft_contains_no_comment_and_no_name() {
    let site = start_with_doomed(2).await;
    let browser = site.sign_in().await;
    let list = open(&browser, "q=doomed").await;
    let bulk = draft(&browser, &[("q", "doomed"), ("all", "1"), ("of", &list.of)])
        .await
        .location();
    browser.get(&bulk).await.assert_shows(&["doomed 0", "Last used"]);
    let id = bulk.rsplit('/').next().unwrap().parse().unwrap();
    let items = site.store.bulk_items(&id, None, 0, 9).await.unwrap();
    assert_eq!(items.len(), 2);
    assert!(
        items
            .iter()
            .all(|item| item.comment.is_empty() && item.owner.is_empty())
    );
}

#[tokio::test]
async fn nothing_is_claimed_about_a_failed_token_if_no_list_can_be_read_after_the_end() {
    let site = start_with_doomed(2).await;
    let browser = site.sign_in().await;
    site.demo.fault(Fault::next("DELETE", TOKENS_API, refusal()));
    let bulk = revoke_doomed(&site, &browser, 2).await;
    site.demo.fault(Fault::forever("GET", TOKENS_API, Effect::Reset));
    let page = browser.get(&bulk).await;
    page.assert_shows(&[
        "1 of 2 tokens could not be revoked",
        "Whether the failed token still works is not known",
    ]);
    page.assert_lacks(&["Still works"]);
}

#[tokio::test]
async fn events_end_with_the_bulk_revocation() {
    let site = start_with_doomed(2).await;
    let browser = site.sign_in().await;
    let list = open(&browser, "q=doomed").await;
    let fields = [("q", "doomed"), ("all", "1"), ("of", &list.of)];
    let bulk = draft(&browser, &fields).await.location();
    let id = bulk.rsplit('/').next().unwrap();
    let slow = Fault::forever("DELETE", TOKENS_API, Effect::None);
    site.demo.fault(slow.after_ms(700));
    let start = [("workspace", ACME), ("job", id), ("typed", "2")];
    let started = browser.submit(&bulk, "/api/bulk_revocations/start", &start).await;
    assert_eq!(started.location(), bulk);
    let page = browser.get(&bulk).await;
    page.assert_has(&[&format!("data-events=\"{bulk}/events?items=1\"")]);
    assert_eq!(page.h1(), ["Bulk revocation: 0 of 2 tokens processed"]);
    let text = page.text();
    assert!(
        text.contains("Stop this bulk revocation") || text.contains("Sent 2"),
        "{text}"
    );
    // The bar on other pages does not need the tokens.
    let (numbers, tokens) = (format!("{bulk}/events"), format!("{bulk}/events?items=1"));
    let (numbers, events) = tokio::join!(browser.get(&numbers), browser.get(&tokens));
    numbers.assert_has(&["aria-valuenow=\"0\"", "event: state"]);
    numbers.assert_has_none(&["doomed 0"]);
    events.assert_has(&["doomed 0", "doomed 1"]);
    assert_eq!(events.header("x-accel-buffering"), "no");
    let content_type = events.header("content-type");
    assert!(content_type.starts_with("text/event-stream"), "{content_type}");
    events.assert_has(&["event: progress", "0 of 2", "event: state"]);
    let after_the_end = browser.get(&format!("{bulk}/events")).await;
    after_the_end.assert_has(&["event: state"]);
    after_the_end.assert_has_none(&["event: progress"]);
    for stream in [&numbers, &events, &after_the_end] {
        let blocks = stream.body.split("\n\n").filter(|block| block.contains("event: "));
        for block in blocks {
            // Browsers ignore an event without data.
            assert!(block.lines().any(|line| line.starts_with("data: ")), "{block}");
        }
    }
}
