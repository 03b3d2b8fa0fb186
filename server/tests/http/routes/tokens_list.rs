//! The list of tokens: counters, order, pages, and refreshing. `tokens_filters.rs` tests its filters.

use demo_workspace::Change;

use crate::support::{ACME, Site, TOKENS_PAGE};

#[tokio::test]
async fn the_start_pages_redirect_to_the_sign_in_and_to_the_tokens() {
    let site = Site::start().await;
    assert_eq!(site.browser().get("/").await.location(), "/sign-in");
    let browser = site.sign_in().await;
    let response = browser.get("/w/acme-prod").await;
    assert_eq!((response.status, response.location()), (303, TOKENS_PAGE.to_owned()));
}

#[tokio::test]
async fn the_list_counts_sorts_and_pages_tokens() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let first = browser.get(TOKENS_PAGE).await;
    first.assert_shows(&[
        "Active",
        "Expiring in 7 days",
        "Never expire",
        "Over policy",
        "Unused 60 days",
        "Owner gone",
        "Expiring per week, next 13 weeks",
        "130 tokens, newest first. Showing 1 to 50.",
        "Page 1 of 3",
        "Updated ",
        "Refresh",
    ]);
    first.assert_shows(&["Token", "Owner", "Created", "Expires", "Last used", "Findings"]);
    assert_eq!(first.rows().len(), 50);
    let last = browser.get(&format!("{TOKENS_PAGE}?page=3")).await;
    assert_eq!(last.rows().len(), 30);
    last.assert_shows(&["Showing 101 to 130."]);
    let sorted = browser.get(&format!("{TOKENS_PAGE}?sort=last_used")).await;
    sorted.assert_shows(&["130 tokens, least recently used."]);
    sorted.assert_has(&["aria-sort=\"ascending\""]);
}

#[tokio::test]
async fn filters_are_in_the_url_and_stay_in_their_fields() {
    let site = Site::start().await;
    let id = site.create_token("needle in the haystack");
    let browser = site.sign_in().await;
    let found = browser
        .get(&format!("{TOKENS_PAGE}?q=NEEDLE&status=active&sort=-expires"))
        .await;
    found.assert_shows(&["1 of 131 tokens"]);
    found.assert_has(&[&format!("{TOKENS_PAGE}/{}\"", &id[..16]), "value=\"-expires\" selected"]);
    assert_eq!(found.field("q").as_deref(), Some("NEEDLE"));
    let owner = &site.demo.credentials().non_admin;
    let by_owner = browser.get(&format!("{TOKENS_PAGE}?owner={}&q=needle", owner.id)).await;
    by_owner.assert_shows(&["1 of 131 tokens"]);
    let nothing = browser.get(&format!("{TOKENS_PAGE}?q=nothing-is-called-this")).await;
    assert_eq!(nothing.status, 200);
    nothing.assert_shows(&["No tokens match your filters", "Clear filters"]);
}

#[tokio::test]
async fn refreshing_reloads_the_list_and_keeps_the_view() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{TOKENS_PAGE}?q=a")).await;
    site.create_token("a brand new one");
    let back = page.field("back").unwrap();
    let fields = [("workspace", ACME), ("back", back.as_str())];
    let response = browser.submit(TOKENS_PAGE, "/api/tokens/refresh", &fields).await;
    assert_eq!(response.location(), format!("{TOKENS_PAGE}?q=a"));
    browser.follow(&response).await.assert_shows(&["of 131 tokens"]);
}

#[tokio::test]
async fn a_workspace_without_tokens_says_so() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    site.demo.change(Change::RemoveAllTokens).unwrap();
    let list = browser.get(TOKENS_PAGE).await;
    assert_eq!(list.status, 200);
    list.assert_shows(&["No tokens yet"]);
    let settings = browser.get("/w/acme-prod/settings/advanced").await;
    assert_eq!(settings.status, 200);
    settings.assert_shows(&["This workspace has no tokens yet."]);
}
