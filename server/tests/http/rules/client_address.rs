//! The client's address behind proxies.

use crate::support::{ACME, Browser, CapturedLog, Setup, Site, TOKENS_PAGE};

/// A console that trusts the proxy on this machine, and allows one failed sign-in.
async fn behind_proxy() -> Site {
    let setup = Setup {
        trusted_proxies: &["127.0.0.0/8"],
        sign_in_attempts: 1,
        ..Setup::default()
    };
    Site::start_with(setup).await
}

async fn logged_client(log: &CapturedLog, browser: &Browser) -> String {
    log.clear();
    browser.get("/healthz").await;
    let line = log.access_lines().remove(0);
    let client = line.split_once(" client=").unwrap().1;
    client.split(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_access_log_has_the_client_of_a_trusted_proxy_and_of_no_other() {
    let site = behind_proxy().await;
    let (log, guard) = CapturedLog::start(tracing::Level::INFO);
    for (header, client) in [
        ("203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 2001:db8::9, 127.0.0.3", "2001:db8::9"),
        ("nonsense", "127.0.0.1"),
    ] {
        let browser = site.browser().forwarded_for(header);
        assert_eq!(logged_client(&log, &browser).await, client, "{header}");
    }
    assert_eq!(logged_client(&log, &site.browser()).await, "127.0.0.1");
    drop((site, guard));

    let site = Site::start().await;
    let (log, _guard) = CapturedLog::start(tracing::Level::INFO);
    let browser = site.browser().forwarded_for("203.0.113.9");
    assert_eq!(logged_client(&log, &browser).await, "127.0.0.1");
}

#[tokio::test]
async fn each_client_of_a_proxy_has_its_own_limit_of_sign_ins() {
    let site = behind_proxy().await;
    let attempt = async |addresses| {
        let browser = site.browser().forwarded_for(addresses);
        let response = site.submit_token(&browser, "dapi0").await;
        browser.follow(&response).await.status
    };
    assert_eq!(attempt("203.0.113.9").await, 401);
    assert_eq!(attempt("203.0.113.9").await, 429);
    assert_eq!(
        attempt("203.0.113.1, 203.0.113.9").await,
        429,
        "the client added the first"
    );
    assert_eq!(attempt("203.0.113.10").await, 401);
    assert_eq!(attempt("2001:db8:0:1::1").await, 401);
    assert_eq!(attempt("2001:db8:0:1::2").await, 429, "the same network");
}

#[tokio::test]
async fn sessions_and_activity_show_where_they_came_from() {
    let site = behind_proxy().await;
    let browser = site.browser().forwarded_for("203.0.113.9");
    site.submit_token(&browser, &site.token_value()).await;
    let by_oauth = site.browser().forwarded_for("2001:db8::9");
    let admin = site.demo.credentials().admin.id.clone();
    let callback = site.choose_at_workspace(&by_oauth, TOKENS_PAGE, &admin).await;
    assert_eq!(by_oauth.get(&callback).await.location(), TOKENS_PAGE);
    browser
        .get("/sessions")
        .await
        .assert_shows(&["Signed in from 203.0.113.9", "Signed in from 2001:db8::9"]);

    let id = site.some_token_id();
    let fields = [("workspace", ACME), ("id", &id), ("comment", "rotated")];
    by_oauth.submit(TOKENS_PAGE, "/api/tokens/comment", &fields).await;
    let page = browser.get("/w/acme-prod/activity").await;
    page.assert_shows(&["from 2001:db8::9"]);
    let json = browser.get("/w/acme-prod/activity.json").await;
    let list: Vec<serde_json::Value> = serde_json::from_str(&json.body).unwrap();
    assert_eq!(list[0]["client_address"], "2001:db8::9");
    let csv = browser.get("/w/acme-prod/activity.csv").await.body;
    assert!(
        csv.lines().next().unwrap().ends_with(",operation,client_address"),
        "{csv}"
    );
    assert!(csv.contains(",\"2001:db8::9\""), "{csv}");
}
