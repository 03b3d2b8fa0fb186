//! The overview: the order of workspaces, the content of each row, and the items that need attention.

use std::time::Duration;

use app::problem::Problem;
use console::Timing;
use demo_workspace::{Change, Effect, Fault, FaultBody, NewToken};

use super::bulk_results::refusal;
use super::bulk_scopes::{create, draft_wide, start};
use super::oauth::grant;
use crate::rules::error_pages::html;
use crate::support::{ACME, Browser, OTHER, Response, Setup, Site, TOKENS_API, TOKENS_PAGE};

/// Looks like a token value, but no workspace knows it.
const UNKNOWN: &str = "dapi00000000000000000000000000000000";

/// Signs the admin in to the other workspace too.
async fn sign_in_to_both(site: &Site) -> Browser {
    let browser = site.sign_in().await;
    sign_in_to_other(site, &browser).await;
    browser
}

async fn sign_in_to_other(site: &Site, browser: &Browser) {
    let fields = [("workspace", OTHER), ("token", &site.token_value()), ("next", "")];
    browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
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
    // The other workspace comes before it in the configuration.
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
        "Personal access tokens <b>On</b>",
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
    page.assert_shows(&["Edit comment", "just now", "Personal access tokens Off"]);
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
        "Expires in 7 days, used this week: ",
        "Everyone can create tokens",
        "Open permissions in acme-prod",
    ]);
    // The number matches the list.
    let link = format!("/w/{ACME}/tokens?finding=expires-soon-in-use");
    page.assert_has(&[&link.replace('&', "&amp;")]);
    let text = page.text();
    let (_, review) = text.split_once("Expires in 7 days, used this week").unwrap();
    let count = review.split_once("Review ").unwrap().1.split(' ').next().unwrap();
    let list = browser.get(&link).await;
    list.assert_shows(&[&format!("{count} of 131 tokens")]);
}

#[tokio::test]
async fn the_workspaces_can_be_sorted_by_a_number() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let place = |body: &str, name: &str| body.find(&format!("href=\"/w/{name}/tokens\"")).unwrap();
    let page = browser.get("/?sort=unused").await;
    // Only acme-prod has numbers.
    assert!(place(&page.body, ACME) < place(&page.body, OTHER));
    page.assert_has(&[
        "<a href=\"/?sort=unused\" aria-current=\"true\">",
        "<a href=\"/\">Configured order</a>",
    ]);
    let sorted = async |sort: &str| {
        let page = browser.get(&format!("/?sort={sort}")).await;
        page.assert_shows(&["Sort by Configured order Active Expiring in 7 days"]);
        page.status
    };
    for sort in [
        "active",
        "expiring-soon",
        "never-expire",
        "over-policy",
        "owner-gone",
        "nonsense",
    ] {
        assert_eq!(sorted(sort).await, 200, "{sort}");
    }
}

#[tokio::test]
async fn a_change_that_changed_nothing_is_not_the_latest_one() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.create_token("nightly");
    let comment = |text| [("workspace", ACME), ("id", id.as_str()), ("comment", text)];
    browser.call("/api/tokens/comment", &comment("weekly")).await;
    let days = [("workspace", ACME), ("days", "730")];
    browser.call("/api/settings/lifetime", &days).await;
    browser.call("/api/tokens/comment", &comment("daily")).await;
    browser.get(&format!("/w/{ACME}/settings/advanced")).await;
    browser.call("/api/settings/lifetime", &days).await;
    let page = browser.get("/").await;
    page.assert_shows(&["Edit comment"]);
    page.assert_lacks(&["Set maximum lifetime"]);
}

/// Looks up a leaked text in all workspaces, and opens the result.
async fn find_in_all(browser: &Browser, value: &str) -> Response {
    let response = browser
        .submit("/", "/api/tokens/find_in_all", &[("value", value)])
        .await;
    assert!(response.location().starts_with("/?"), "{}", response.location());
    assert!(!response.location().contains("dapi"), "{}", response.location());
    browser.follow(&response).await
}

#[tokio::test]
async fn each_workspace_says_whether_it_has_a_leaked_token() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let value = site.demo.credentials().non_admin.pat.clone().unwrap();
    let page = find_in_all(&browser, &format!("export TOKEN={value}")).await;
    page.assert_shows(&["Found in acme-prod", "acme-dev Not signed in. Sign in to acme-dev"]);
    page.assert_has(&[&format!("/w/{ACME}/tokens/{}/revoke", site.some_token_id())]);
    let calls = format!("{:?}", site.demo.log());
    assert!(!calls.contains(&value[4..]) && !page.body.contains(&value[4..]));

    let unknown = UNKNOWN;
    let page = find_in_all(&browser, unknown).await;
    page.assert_shows(&[
        "Not found in 1 workspace; 1 could not be searched",
        "No. 1 acme-prod Not found",
    ]);
    let both = sign_in_to_both(&site).await;
    let page = find_in_all(&both, &format!("{unknown} {value}")).await;
    page.assert_shows(&[
        "1 of 2 tokens found",
        "No. 1 acme-prod, acme-dev Not found",
        "No. 2 acme-prod",
        "No. 2 acme-dev",
    ]);
    page.assert_lacks(&["could not be searched"]);
    let page = find_in_all(&browser, &format!("{value} {unknown}")).await;
    page.assert_shows(&[
        "1 of 2 tokens found; 1 workspace could not be searched",
        "No. 2 acme-prod Not found",
        "All acme-dev Not signed in.",
    ]);
    let page = find_in_all(&both, unknown).await;
    page.assert_shows(&["Not found in any of 2 workspaces"]);

    // The lookup belongs to this person.
    let lookup = both.submit("/", "/api/tokens/find_in_all", &[("value", &value)]).await;
    let page = browser.get(&lookup.location()).await;
    page.assert_shows(&["This lookup was not found."]);
    let page = find_in_all(&browser, "nothing").await;
    page.assert_shows(&["No value in the shape of a Databricks token"]);
}

#[tokio::test]
async fn a_lookup_keeps_the_order_of_the_workspaces() {
    let site = Site::start().await;
    let browser = sign_in_to_both(&site).await;
    let sorted = "/?sort=never-expire";
    let order = browser.get(sorted).await.field("sort");
    assert_eq!(order.as_deref(), Some("never-expire"));
    let look_up = async |value: &str, sort: &str| {
        let fields = [("value", value), ("sort", sort)];
        browser
            .submit(sorted, "/api/tokens/find_in_all", &fields)
            .await
            .location()
    };
    let found = look_up(UNKNOWN, "never-expire").await;
    assert!(found.starts_with("/?sort=never-expire&lookup="), "{found}");
    let nothing = look_up("nothing", "never-expire").await;
    assert!(nothing.starts_with("/?sort=never-expire&"), "{nothing}");
    let unknown = look_up(UNKNOWN, "by-moon-phase").await;
    assert!(unknown.starts_with("/?lookup="), "{unknown}");
    // Refreshing a row keeps the order.
    let page = browser.get(&found).await;
    page.assert_has(&["aria-current=\"true\">Never expire"]);
}

#[tokio::test]
async fn a_workspace_that_could_not_be_searched_is_not_reported_as_clean() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demo.fault(Fault::forever("GET", TOKENS_API, html(200)));
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let page = find_in_all(&browser, UNKNOWN).await;
    page.assert_shows(&[
        "Unknown: no workspace could be searched",
        "Unknown: Unexpected response from acme-prod.",
    ]);
    page.assert_lacks(&["Not found"]);
}

#[tokio::test]
async fn a_lookup_in_all_workspaces_needs_a_session_and_a_post() {
    let site = Site::start().await;
    let value = site.demo.credentials().non_admin.pat.clone().unwrap();
    let refused = site
        .browser()
        .call("/api/tokens/find_in_all", &[("value", &value)])
        .await;
    assert_eq!((refused.status, refused.problem()), (401, Problem::SignedOut));
    let browser = site.sign_in().await;
    assert_eq!(browser.get("/api/tokens/find_in_all").await.status, 405);
}

#[tokio::test]
async fn what_a_bulk_change_of_scopes_could_not_change_is_not_called_a_revocation() {
    let site = Site::start().await;
    let refused = create(&site, "wide", None, &["sql"]);
    let browser = site.sign_in().await;
    site.demo
        .fault(Fault::forever("PATCH", &format!("{TOKENS_API}/{refused}"), refusal()));
    let bulk = draft_wide(&browser, "narrow-scopes").await;
    start(&site, &browser, &bulk, "1").await;
    let page = browser.get("/").await;
    page.assert_shows(&[
        "1 token of a bulk change of scopes could not be changed, or not with certainty",
        "Open the bulk change of scopes in acme-prod",
    ]);
    page.assert_lacks(&["bulk revocation"]);
}

#[tokio::test]
async fn a_bulk_change_of_scopes_that_changed_nothing_is_not_the_latest_change() {
    let site = Site::start().await;
    let token_id = create(&site, "wide", None, &["sql"]);
    let browser = site.sign_in().await;
    let bulk = draft_wide(&browser, "narrow-scopes").await;
    site.demo.change(Change::RevokeToken { token_id }).unwrap();
    start(&site, &browser, &bulk, "1").await;
    let page = browser.get("/").await;
    page.assert_shows(&["No change through this console yet"]);
}

#[tokio::test]
async fn a_text_with_too_many_tokens_is_not_said_to_be_looked_up_completely() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let text = |tokens: u32| (0..tokens).map(|n| format!("dapi{n:032x} ")).collect::<String>();
    let page = find_in_all(&browser, &text(51)).await;
    page.assert_shows(&["Only the first 50 tokens of the text were looked up."]);
    let page = find_in_all(&browser, &text(49)).await;
    page.assert_lacks(&["Only the first"]);
}

#[tokio::test]
async fn a_workspace_whose_credential_cannot_be_refreshed_does_not_keep_the_others_from_being_asked() {
    let site = Site::start().await;
    let browser = site.browser();
    let admin = site.demo.credentials().admin.id.clone();
    let callback = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin).await;
    // Its access token has expired and must be refreshed at once.
    site.demo.fault(grant(&site, 0, "first"));
    browser.get(&callback).await;
    sign_in_to_other(&site, &browser).await;
    let body = FaultBody::Empty;
    let effect = Effect::Answer { status: 500, body };
    site.demo.fault(Fault::forever("POST", "/oidc/v1/token", effect));
    let page = find_in_all(&browser, UNKNOWN).await;
    page.assert_shows(&[
        "Not found in 1 workspace; 1 could not be searched",
        "No. 1 acme-dev Not found",
        "No. 1 acme-prod Unknown: ",
    ]);
}

#[tokio::test]
async fn signing_in_again_loses_a_lookup_in_that_workspace_only() {
    let site = Site::start().await;
    let browser = sign_in_to_both(&site).await;
    let lookup = browser
        .submit("/", "/api/tokens/find_in_all", &[("value", UNKNOWN)])
        .await;
    sign_in_to_other(&site, &browser).await;
    let page = browser.get(&lookup.location()).await;
    page.assert_shows(&["No. 1 acme-prod Not found", "No. 1 acme-dev Not looked up here"]);
}

#[tokio::test]
async fn a_workspace_that_does_not_respond_does_not_delay_a_lookup() {
    let setup = Setup::default();
    let timing = Timing {
        lookup_wait: Duration::from_millis(500),
        ..setup.timing
    };
    let site = Site::start_with(Setup { timing, ..setup }).await;
    let browser = sign_in_to_both(&site).await;
    browser.get("/").await;
    // The first of the two workspaces that is asked.
    site.demo
        .fault(Fault::next("GET", &format!("{TOKENS_API}/"), Effect::Hang));
    let page = find_in_all(&browser, UNKNOWN).await;
    page.assert_shows(&[
        "Not found in 1 workspace; 1 could not be searched",
        "Unknown: it took too long",
    ]);
}

#[tokio::test]
async fn the_order_and_the_results_of_a_lookup_stay_when_the_page_is_refreshed_or_sorted() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let lookup = browser
        .submit("/", "/api/tokens/find_in_all", &[("value", UNKNOWN)])
        .await;
    let lookup = lookup.location().replace("/?", "");
    let page = browser.get(&format!("/?sort=unused&{lookup}")).await;
    page.assert_has(&[
        &format!("<a href=\"/?sort=unused&amp;{lookup}\">Refresh</a>"),
        &format!("<a href=\"/?sort=active&amp;{lookup}\">"),
        &format!("<a href=\"/?{lookup}\">Configured order</a>"),
    ]);
}
