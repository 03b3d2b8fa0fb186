//! A database that is locked, replaced or deleted: lists are shown, changes are refused with a reason, and everything
//! works again afterwards.

use std::time::{Duration, Instant};

use crate::support::{ACME, Browser, Database, Site, TOKENS_API, TOKENS_PAGE};

/// Edits a comment. Returns the notice on the next page.
async fn edit_comment(browser: &Browser, token: &str) -> String {
    let fields = [("workspace", ACME), ("id", token), ("comment", "new")];
    let page = format!("/w/{ACME}/tokens/{token}");
    let response = browser.submit_and_follow(&page, "/api/tokens/comment", &fields).await;
    format!("{}{}", response.status_message(), response.error_message())
}

#[tokio::test]
async fn a_locked_database_shows_lists_and_refuses_changes() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let token = site.some_token_id();
    let mut other = Database::open(site.data_dir()).await;
    // Each session's last use is due to be stored, which takes a write.
    other
        .execute("update sign_ins set last_seen = last_seen - 120000")
        .await;
    other.lock().await;
    tokio::time::sleep(Duration::from_millis(1100)).await;

    let began = Instant::now();
    let list = browser.get(TOKENS_PAGE).await;
    assert_eq!(list.status, 200, "{}", list.body);
    list.assert_shows(&["Personal access tokens"]);
    let ready = browser.get("/readyz").await;
    assert_eq!((ready.status, ready.header("content-type")), (503, "application/json"));
    ready.assert_has(&["\"reason\":\"", "lock"]);
    assert!(began.elapsed() < Duration::from_secs(4), "neither waited for the lock");
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

    let before = site.call_count("PATCH", TOKENS_API);
    let message = edit_comment(&browser, &token).await;
    assert!(
        message.contains("database is locked") && message.contains("Nothing was changed"),
        "{message}"
    );
    assert_eq!(
        site.call_count("PATCH", TOKENS_API),
        before,
        "a change that cannot be recorded is not made"
    );

    other.unlock().await;
    let message = edit_comment(&browser, &token).await;
    assert!(message.starts_with("Comment saved for "), "{message}");
    assert_eq!(other.open_operations().await, 0);
}

#[tokio::test]
async fn a_database_that_is_gone_is_reported_and_changes_are_refused() {
    for replace in [false, true] {
        let site = Site::start().await;
        let browser = site.sign_in().await;
        let token = site.some_token_id();
        let database = site.data_dir().join("console.db");
        let aside = site.data_dir().join("aside.db");
        std::fs::rename(&database, &aside).unwrap();
        if replace {
            std::fs::write(&database, "").unwrap();
        }
        let ready = browser.get("/readyz").await;
        assert_eq!(ready.status, 503, "{}", ready.body);
        ready.assert_has(&["deleted or replaced"]);
        let list = browser.get(TOKENS_PAGE).await;
        assert_eq!(list.status, 200, "{replace}: {}", list.text());
        let message = edit_comment(&browser, &token).await;
        assert!(
            message.contains("deleted or replaced") && message.contains("Nothing was changed"),
            "{message}"
        );

        std::fs::rename(&aside, &database).unwrap();
        let message = edit_comment(&browser, &token).await;
        assert!(message.starts_with("Comment saved for "), "{message}");
    }
}

#[tokio::test]
async fn a_history_that_cannot_be_read_is_not_an_empty_one() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let token = site.some_token_id();
    let edited = edit_comment(&browser, &token).await;
    assert!(edited.starts_with("Comment saved for "), "{edited}");
    let owner = &site.demo.credentials().admin.id;
    let pages = [
        (format!("/w/acme-prod/tokens/{token}"), "History"),
        (
            format!("/w/acme-prod/principals/{owner}"),
            "Recent activity on these tokens",
        ),
    ];
    let text = "The activity log could not be read. Reload the page to try again.";
    let mut other = Database::open(site.data_dir()).await;
    other.execute("alter table operations rename to aside").await;
    for (url, heading) in &pages {
        let page = browser.get(url).await;
        assert_eq!(page.status, 200, "{url}");
        page.assert_shows(&[heading, text]);
    }
    other.execute("alter table aside rename to operations").await;
    for (url, _) in &pages {
        browser.get(url).await.assert_lacks(&[text]);
    }
}

#[tokio::test]
async fn a_write_ahead_log_that_is_gone_is_reported() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    std::fs::remove_file(site.data_dir().join("console.db-wal")).unwrap();
    let ready = browser.get("/readyz").await;
    assert!(
        ready.status == 503 && ready.body.contains("console.db-wal"),
        "{}",
        ready.body
    );
}

#[tokio::test]
async fn a_closed_database_is_alive_but_not_ready() {
    let site = Site::start().await;
    site.store.close().await.unwrap();
    assert_eq!(site.browser().get("/readyz").await.status, 503);
    assert_eq!(site.browser().get("/healthz").await.status, 200);
}
