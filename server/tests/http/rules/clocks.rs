//! A console whose clock differs from the workspace's: the workspace's time decides.

use std::time::Duration;

use demo_workspace::{Change, Config, NewToken};

use crate::support::{ACME, Setup, Site, TOKENS_PAGE};

const HOUR: Duration = Duration::from_hours(1);

/// A site whose workspace's clock is this far ahead, with a token that is valid for a day.
async fn ahead_by(ahead: Duration) -> (Site, String) {
    let demo = Config {
        now_ms: Some(console::now().plus(ahead).ms()),
        ..Setup::default().demo
    };
    let site = Site::start_with(Setup {
        demo,
        ..Setup::default()
    })
    .await;
    let new = NewToken {
        owner: site.demo.credentials().non_admin.user_name.clone(),
        comment: Some("short-lived".to_owned()),
        lifetime_days: Some(1),
        ..NewToken::default()
    };
    site.demo.change(Change::CreateToken(new)).unwrap();
    (site, format!("{TOKENS_PAGE}?q=short-lived"))
}

#[tokio::test]
async fn expiry_is_judged_by_the_workspaces_time_and_every_page_says_that_the_clocks_differ() {
    // By this machine's clock, the token lasts for another two days.
    let (site, list) = ahead_by(HOUR * 48).await;
    let browser = site.sign_in().await;
    let active = browser.get(&format!("{list}&status=active")).await;
    active.assert_shows(&["This console's clock is 2 days behind acme-prod's."]);
    assert_eq!(active.rows().len(), 1);
    site.demo.advance_clock(25 * 3_600_000);
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let expired = browser.get(&format!("{list}&status=expired")).await;
    assert_eq!(expired.rows().len(), 1);
    let settings = browser.get(&format!("/w/{ACME}/settings/advanced")).await;
    settings.assert_shows(&["This console's clock is 3 days behind acme-prod's."]);
}

#[tokio::test]
async fn clocks_that_agree_within_two_minutes_are_not_mentioned() {
    for ahead in [Duration::ZERO, Duration::from_secs(110)] {
        let (site, list) = ahead_by(ahead).await;
        let page = site.sign_in().await.get(&list).await;
        page.assert_lacks(&["clock is"]);
    }
}
