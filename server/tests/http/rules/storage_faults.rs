//! A database that is locked, or not there any more: lists are shown, changes are refused with the reason, and everything goes
//! on once that is over.

use std::time::{Duration, Instant};

use crate::support::{ACME, Browser, Database, Site};

const LIST: &str = "/w/acme-prod/tokens";

async fn edit_comment(browser: &Browser, token: &str) -> String {
    let fields = [("workspace", ACME), ("id", token), ("comment", "new")];
    let page = format!("/w/{ACME}/tokens/{token}");
    let answer = browser.submit_and_follow(&page, "/api/tokens/comment", &fields).await;
    format!("{}{}", answer.said(), answer.failed())
}

#[tokio::test]
async fn a_locked_database_shows_lists_and_refuses_changes() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let token = site.some_token();
    let mut other = Database::open(site.data_dir()).await;
    // Everybody's last use is due to be noted, which needs a write.
    other
        .execute("update sign_ins set last_seen = last_seen - 120000")
        .await;
    other.lock().await;
    tokio::time::sleep(Duration::from_millis(1100)).await;

    let began = Instant::now();
    let list = browser.get(LIST).await;
    assert_eq!(list.status, 200, "{}", list.body);
    assert!(list.text().contains("Personal access tokens"));
    let ready = browser.get("/readyz").await;
    assert_eq!((ready.status, ready.header("content-type")), (503, "application/json"));
    assert!(
        ready.body.contains("\"reason\":\"") && ready.body.contains("lock"),
        "{}",
        ready.body
    );
    assert!(began.elapsed() < Duration::from_secs(4), "neither waits for the lock");
    assert_eq!(browser.get("/healthz").await.status, 200);
    let pages = site.workspace_pages().into_iter().map(|(_, path)| path);
    let others = [
        "/",
        "/sign-in",
        "/sessions",
        "/w/acme-prod/activity",
        "/w/acme-prod/bulk-revocations",
    ];
    for path in pages.chain(others.map(str::to_owned)) {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
    }

    let before = site.calls("PATCH", crate::support::TOKENS);
    let told = edit_comment(&browser, &token).await;
    assert!(
        told.contains("database is locked") && told.contains("Nothing was changed"),
        "{told}"
    );
    assert_eq!(
        site.calls("PATCH", crate::support::TOKENS),
        before,
        "what cannot be recorded is not done"
    );

    other.unlock().await;
    let told = edit_comment(&browser, &token).await;
    assert!(told.contains("omment"), "{told}");
    assert_eq!(other.open_operations().await, 0);
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_and_nothing_is_written_into_the_void() {
    for replace in [false, true] {
        let site = Site::start().await;
        let browser = site.signed_in().await;
        let token = site.some_token();
        let database = site.data_dir().join("console.db");
        let aside = site.data_dir().join("aside.db");
        std::fs::rename(&database, &aside).unwrap();
        if replace {
            std::fs::write(&database, "").unwrap();
        }
        let ready = browser.get("/readyz").await;
        assert_eq!(ready.status, 503, "{}", ready.body);
        assert!(ready.body.contains("deleted or replaced"), "{}", ready.body);
        let list = browser.get(LIST).await;
        assert_eq!(list.status, 200, "{replace}: {}", list.text());
        let told = edit_comment(&browser, &token).await;
        assert!(
            told.contains("deleted or replaced") && told.contains("Nothing was changed"),
            "{told}"
        );

        std::fs::rename(&aside, &database).unwrap();
        let told = edit_comment(&browser, &token).await;
        assert!(told.contains("omment") && !told.contains("replaced"), "{told}");
    }
}

#[tokio::test]
async fn a_log_that_is_gone_is_told_too() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    std::fs::remove_file(site.data_dir().join("console.db-wal")).unwrap();
    let ready = browser.get("/readyz").await;
    assert!(
        ready.status == 503 && ready.body.contains("console.db-wal"),
        "{}",
        ready.body
    );
}
