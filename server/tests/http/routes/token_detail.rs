//! The page of one token.

use demo_workspace::Change;

use crate::routes::tokens_revoke::revoke;
use crate::support::{ACME, Site, TOKENS_PAGE};

#[tokio::test]
async fn a_token_shows_every_field_and_its_command() {
    let site = Site::start().await;
    let id = site.create_token("nightly export");
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{TOKENS_PAGE}/{id}")).await;
    assert_eq!(page.h1(), ["nightly export"]);
    page.assert_shows(&[
        &id,
        " · Active",
        &site.demo.credentials().non_admin.user_name,
        "Created by The owner",
        "Expires Never",
        "Never used",
        "Scopes",
        &site.demo.workspace_id().to_string(),
        &format!("databricks token-management delete -- {id}"),
    ]);
    assert_eq!(page.field("comment").as_deref(), Some("nightly export"));
}

#[tokio::test]
async fn the_sessions_own_token_is_marked_and_its_revocation_warns() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let own = format!("{TOKENS_PAGE}/{}", site.own_token_id());
    let warning = "You are signed in with this token.";
    browser.get(&own).await.assert_shows(&["This session"]);
    browser.get(&format!("{own}/revoke")).await.assert_shows(&[warning]);
    let other = format!("{TOKENS_PAGE}/{}/revoke", site.some_token_id());
    browser.get(&other).await.assert_lacks(&[warning]);
}

#[tokio::test]
async fn a_deleted_owner_is_shown_as_unknown_with_their_id() {
    let site = Site::start().await;
    let deleted = site.demo.credentials().non_admin.clone();
    let user_name = deleted.user_name;
    site.demo.change(Change::DeletePrincipal { user_name }).unwrap();
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{TOKENS_PAGE}/{}", site.some_token_id())).await;
    page.assert_shows(&[&format!("Owner {} unknown owner", deleted.id)]);
}

#[tokio::test]
async fn rows_link_to_the_beginning_of_an_id_which_leads_to_that_token_only() {
    let site = Site::start().await;
    let id = site.create_token("nightly export");
    let browser = site.sign_in().await;
    let short = format!("{TOKENS_PAGE}/{}", &id[..16]);
    let list = browser.get(&format!("{TOKENS_PAGE}?q=nightly+export")).await;
    list.assert_has(&[&format!("href=\"{short}\""), &format!("formaction=\"{short}/revoke\"")]);
    list.assert_has_none(&[&id]);

    let page = browser.get(&format!("{short}?from=q%3Dnightly&drawer=1")).await;
    assert_eq!(page.field("comment").as_deref(), Some("nightly export"));
    page.assert_has(&[
        &format!("data-address=\"{TOKENS_PAGE}/{id}?from=q%3Dnightly\""),
        &format!("data-row=\"{short}\""),
    ]);
    let whole = browser.get(&format!("{TOKENS_PAGE}/{id}")).await;
    whole.assert_shows(&["nightly export"]);
    whole.assert_has_none(&["data-address", "data-row"]);
    let confirmation = browser.get(&format!("{short}/revoke")).await;
    assert_eq!(confirmation.field("id"), Some(id.clone()));

    for unknown in ["0123456789abcdef", &id[..15], &format!("{}0", &id[..16])] {
        let page = browser.get(&format!("{TOKENS_PAGE}/{unknown}")).await;
        assert_eq!(
            (page.status, page.title().contains("not found")),
            (404, true),
            "{unknown}"
        );
        assert!(browser.get(&format!("{TOKENS_PAGE}/{unknown}/revoke")).await.status == 404);
    }
}

#[tokio::test]
async fn the_beginning_of_an_id_leads_to_the_history_of_a_token_that_is_gone() {
    let site = Site::start().await;
    let id = site.create_token("nightly export");
    let browser = site.sign_in().await;
    browser.get(TOKENS_PAGE).await;
    revoke(&browser, &id, TOKENS_PAGE).await;
    let page = browser.get(&format!("{TOKENS_PAGE}/{}", &id[..16])).await;
    assert_eq!(page.status, 404);
    page.assert_shows(&[&id, "History"]);
    // Also after it has disappeared from the list.
    browser
        .submit(
            TOKENS_PAGE,
            "/api/tokens/refresh",
            &[("workspace", ACME), ("back", TOKENS_PAGE)],
        )
        .await;
    browser.get(TOKENS_PAGE).await;
    browser
        .get(&format!("{TOKENS_PAGE}/{}", &id[..16]))
        .await
        .assert_shows(&[&id, "History"]);
}

/// Creates three tokens whose order by comment is that of the variables.
fn create_three(site: &Site) -> [String; 3] {
    ["list: a", "list: b", "list: c"].map(|comment| site.create_token(comment))
}

#[tokio::test]
async fn a_token_leads_back_to_the_list_and_to_its_neighbours() {
    let site = Site::start().await;
    let [a, b, c] = create_three(&site);
    let browser = site.sign_in().await;
    let list = "q=list%3A&sort=comment";
    let from = domain::percent_encode(list);
    let page = browser.get(&format!("{TOKENS_PAGE}/{b}?from={from}")).await;
    let total = browser.get(TOKENS_PAGE).await;
    page.assert_shows(&["‹ 3 of", "2 of 3"]);
    page.assert_has(&[
        &format!("href=\"{TOKENS_PAGE}?{}\"", list.replace('&', "&amp;")),
        &format!("href=\"{TOKENS_PAGE}/{a}?from={from}\" aria-keyshortcuts=\"k\""),
        &format!("href=\"{TOKENS_PAGE}/{c}?from={from}\" aria-keyshortcuts=\"j\""),
    ]);
    // The plain list and the way back to it show the same number.
    let shown = browser.get(&format!("{TOKENS_PAGE}/{b}?from=")).await.text();
    let count = shown
        .split("‹ ")
        .nth(1)
        .unwrap()
        .split(" tokens")
        .next()
        .unwrap()
        .to_owned();
    total.assert_shows(&[&format!("{count} tokens")]);
    // Without scripts, the browser's referrer names the list.
    let referring = browser
        .request(reqwest::Method::GET, &format!("{TOKENS_PAGE}/{b}"))
        .header("accept", "text/html")
        .header("referer", format!("{}{TOKENS_PAGE}?{list}", site.origin()));
    browser.send(referring).await.assert_shows(&["‹ 3 of", "2 of 3"]);
    browser
        .get(&format!("{TOKENS_PAGE}/{b}"))
        .await
        .assert_shows(&["‹ Personal access tokens"]);
}

#[tokio::test]
async fn a_token_that_does_not_match_the_list_says_so_and_still_has_neighbours() {
    let site = Site::start().await;
    let [a, b, _] = create_three(&site);
    let other = site.create_token("list: ab");
    let browser = site.sign_in().await;
    let list = domain::percent_encode("q=list%3A&sort=comment&scope=sql");
    let gone = browser.get(&format!("{TOKENS_PAGE}/{b}?from={list}")).await;
    gone.assert_shows(&["No longer in this list"]);
    gone.assert_has_none(&["aria-keyshortcuts=\"j\""]);
    let [owner, list] = [site.demo.credentials().non_admin.id.clone(), "sort=comment".to_owned()];
    let list = domain::percent_encode(&format!("owner={owner}&{list}"));
    let page = browser.get(&format!("{TOKENS_PAGE}/{other}?from={list}")).await;
    page.assert_shows(&["tokens of"]);
    page.assert_has(&[&format!("{TOKENS_PAGE}/{a}?from={list}\" aria-keyshortcuts=\"k\"")]);
}

#[tokio::test]
async fn the_way_back_never_leaves_the_list_nor_keeps_a_token_value() {
    let site = Site::start().await;
    let id = site.some_token_id();
    let browser = site.sign_in().await;
    for hostile in [
        "https://evil.example",
        "//evil.example/tokens",
        "q=dapi0123456789",
        "javascript:alert(1)",
    ] {
        let from = domain::percent_encode(hostile);
        let page = browser.get(&format!("{TOKENS_PAGE}/{id}?from={from}")).await;
        page.assert_has(&[&format!("<a href=\"{TOKENS_PAGE}\">‹ ")]);
        page.assert_has_none(&["href=\"//evil", "href=\"https://evil", "href=\"javascript"]);
    }
}

#[tokio::test]
async fn the_drawer_has_the_same_content_below_a_heading_of_the_list() {
    let site = Site::start().await;
    let id = site.create_token("in the drawer");
    let browser = site.sign_in().await;
    let url = format!("{TOKENS_PAGE}/{id}?from=q%3Ddrawer");
    let drawer = browser.get(&format!("{url}&drawer=1")).await;
    assert!(drawer.h1().is_empty(), "the list has one");
    drawer.assert_shows(&["in the drawer", "Open as page", "Close", "Technical details"]);
    drawer.assert_has(&[
        "data-in-drawer",
        "id=\"token-name\"",
        "aria-label=\"Close token details\"",
    ]);
    // A form in the drawer leads back to the drawer.
    let fields = [
        ("workspace", crate::support::ACME),
        ("id", &id),
        ("comment", "renamed"),
        ("from", "q=drawer"),
        ("drawer", "1"),
    ];
    let saved = browser.submit(&url, "/api/tokens/comment", &fields).await;
    let expected = format!("{TOKENS_PAGE}/{id}?from=q%3Ddrawer&drawer=1&done=comment");
    assert!(saved.location().ends_with(&expected), "{}", saved.location());
    let page = browser.get(&url).await;
    assert_eq!(page.h1(), ["renamed"]);
    page.assert_has_none(&["data-in-drawer", "data-close"]);
}

#[tokio::test]
async fn findings_have_a_reason_and_an_action_and_the_timeline_is_described() {
    let site = Site::start().await;
    let id = site.create_token("never expires");
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{TOKENS_PAGE}/{id}")).await;
    page.assert_shows(&[
        "Never expires",
        "never expires.",
        "Never used",
        "acme-prod has not recorded any use of it. Show all never used",
        "acme-prod does not report which scopes it uses",
    ]);
    page.assert_has(&[
        "<title id=\"token-life\">Created ",
        ", never used, today ",
        ", never expires.</title>",
    ]);
}
