//! All workspaces: which is first, what each row shows, and what needs attention.

use demo_workspace::{Change, Fault, NewToken};

use crate::rules::error_pages::html;
use crate::support::{ACME, Browser, OTHER, Site, TOKENS_API};

/// Signs the admin in to the other workspace too.
async fn sign_in_to_both(site: &Site) -> Browser {
    let browser = site.sign_in().await;
    let fields = [("workspace", OTHER), ("token", &site.token_value()), ("next", "")];
    browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    browser
}

/// The row of a workspace, as HTML.
fn row<'a>(body: &'a str, workspace: &str) -> &'a str {
    let rows = body.split("<li class=\"card tone-").skip(1);
    let mut rows = rows.map(|row| row.split_once("</li>").map_or(row, |(row, _)| row));
    let link = format!("href=\"/w/{workspace}/tokens\"");
    rows.find(|row| row.contains(&link)).unwrap()
}

#[tokio::test]
async fn production_is_first_and_its_numbers_lead_to_their_lists() {
    let site = Site::start().await;
    let browser = sign_in_to_both(&site).await;
    let page = browser.get("/").await;
    assert_eq!(page.h1(), ["Workspaces"]);
    // The other one is configured before it.
    let place = |name: &str| page.body.find(&format!("href=\"/w/{name}/tokens\"")).unwrap();
    assert!(place(ACME) < place(OTHER));
    let acme = row(&page.body, ACME);
    let list = browser.get(&format!("/w/{ACME}/tokens?expires=7d")).await;
    let matching = list.text();
    for (query, label) in [
        ("status=active", "Active"),
        ("expires=7d", "Expiring in 7 days"),
        ("finding=never-expires", "Never expire"),
        ("finding=over-policy", "Over policy"),
        ("finding=idle", "Unused 60 days"),
        ("finding=owner-deactivated&amp;finding=owner-gone", "Owner gone"),
    ] {
        assert!(acme.contains(label), "{label}");
        let link = format!("href=\"/w/{ACME}/tokens?{query}\"");
        assert!(acme.contains(&link), "{query}: {acme}");
    }
    let number = acme.split("tokens?expires=7d\"").nth(1).unwrap();
    let number = number.split_once("<b>").unwrap().1.split_once("</b>").unwrap().0;
    assert!(matching.contains(&format!("{number} of 130 tokens")), "{number}");
    for text in [
        "PATs <b>On</b>",
        "class=\"sparkline\"",
        "730 days (platform)",
        "No change through this console yet",
    ] {
        assert!(acme.replace("<!>", "").contains(text), "{text}: {acme}");
    }
}

#[tokio::test]
async fn the_latest_change_and_a_disabled_workspace_are_shown() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let id = site.create_token("nightly");
    let fields = [("workspace", ACME), ("id", id.as_str()), ("comment", "weekly")];
    browser.call("/api/tokens/comment", &fields).await;
    let off = [("enableTokensConfig".to_owned(), Some("false".to_owned()))];
    site.demo.change(Change::SetConf { values: off.into() }).unwrap();
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let page = browser.get("/").await;
    page.assert_shows(&["Edit comment", "just now", "PATs Off"]);
}

#[tokio::test]
async fn a_failing_workspace_says_so_in_its_row_and_one_without_a_session_offers_to_sign_in() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demo.fault(Fault::forever("GET", TOKENS_API, html(200)));
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let page = browser.get("/").await;
    page.assert_shows(&[
        "Unexpected response from acme-prod.",
        "Retry acme-prod",
        "Not signed in",
        "Use an access token for acme-dev",
        "Not included, or not completely: acme-prod (could not be read), acme-dev (not signed in).",
    ]);
    page.assert_has(&["href=\"/sign-in?next=%2Fw%2Facme-dev%2Ftokens\""]);
    page.assert_lacks(&["Sign in with Databricks to acme-dev"]);
}

#[tokio::test]
async fn what_needs_attention_has_a_link_to_what_it_counts() {
    let site = Site::start().await;
    let owner = site.demo.credentials().non_admin.user_name.clone();
    let token = |used_days_ago, lifetime_days| NewToken {
        owner: owner.clone(),
        used_days_ago: Some(used_days_ago),
        lifetime_days: Some(lifetime_days),
        created_days_ago: 5,
        ..NewToken::default()
    };
    site.demo.change(Change::CreateToken(token(0, 8))).unwrap();
    let can_use = vec!["users".to_owned()];
    site.demo.change(Change::SetGrants { can_use }).unwrap();
    let browser = site.sign_in().await;
    let page = browser.get("/").await;
    page.assert_shows(&[
        "expire in 7 days",
        "the group “users” can use tokens, so everyone can",
        "Open permissions in acme-prod",
    ]);
    // The number is that of the list.
    let link = format!("/w/{ACME}/tokens?expires=7d&used=today");
    page.assert_has(&[&link.replace('&', "&amp;")]);
    let text = page.text();
    let (_, review) = text.split_once("expire in 7 days").unwrap();
    let count = review.split_once("Review ").unwrap().1.split(' ').next().unwrap();
    let list = browser.get(&link).await;
    list.assert_shows(&[&format!("{count} of 131 tokens")]);
}
