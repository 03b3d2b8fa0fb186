//! The first token of a workspace, which makes its permissions editable.

use demo_workspace::{Change, Effect, Fault};

use crate::rules::error_pages::json;
use crate::support::{ACME, Browser, Response, Setup, Site, TOKENS_PAGE};

const PAGE: &str = "/w/acme-prod/tokens/new/first";
const PERMISSIONS: &str = "/w/acme-prod/settings/advanced/permissions";
const CREATE: &str = "/api/2.0/token/create";

/// A workspace without tokens, and a browser in which its admin is signed in.
async fn empty_workspace() -> (Site, Browser) {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    site.demo.change(Change::RemoveAllTokens).unwrap();
    (site, browser)
}

/// Submits the form of the page as it is.
async fn submit(browser: &Browser) -> Response {
    let form = browser.get(PAGE).await.field("form").unwrap();
    let fields = [("workspace", ACME), ("form", form.as_str()), ("reason", "INC-42")];
    browser.submit(PAGE, "/api/tokens/create_first", &fields).await
}

#[tokio::test]
async fn a_first_token_is_confirmed_shown_once_and_makes_permissions_available() {
    let (site, browser) = empty_workspace().await;
    let link = format!("href=\"{PAGE}\"");
    let list = browser.get(TOKENS_PAGE).await;
    list.assert_shows(&["No tokens yet"]);
    list.assert_has(&[&link]);
    list.assert_has_none(&["class=\"counters\"", "id=\"live-filter\""]);
    let permissions = browser.get(PERMISSIONS).await;
    permissions.assert_shows(&["This workspace has no tokens yet"]);
    permissions.assert_has(&[&link]);
    let page = browser.get(PAGE).await;
    assert_eq!(page.h1(), ["Create a first token"]);
    page.assert_shows(&[
        "acme-prod",
        "1 hour, until",
        "authentication",
        "databricks tokens create",
        "Acting as",
    ]);
    assert_eq!(site.call_count("POST", CREATE), 0, "a page creates nothing");

    let created = submit(&browser).await;
    assert_eq!(
        (created.status, created.header("cache-control")),
        (200, "private, no-store")
    );
    created.assert_success("Token created and confirmed.");
    created.assert_has(&["id=\"token-value\">dapi", &format!("href=\"{PERMISSIONS}\"")]);
    let value = created.body.split("id=\"token-value\">").nth(1).unwrap();
    let value = value.split('<').next().unwrap();
    browser.get(PERMISSIONS).await.assert_has(&["id=\"editor\""]);
    let activity = browser.get("/w/acme-prod/activity").await;
    activity.assert_shows(&["Create first token", "INC-42"]);
    activity.assert_has_none(&[value]);
}

#[tokio::test]
async fn a_second_form_creates_no_second_token() {
    let (site, browser) = empty_workspace().await;
    let form = browser.get(PAGE).await.field("form").unwrap();
    let fields = [("workspace", ACME), ("form", form.as_str())];
    let first = browser.submit(PAGE, "/api/tokens/create_first", &fields).await;
    first.assert_shows(&["Copy the token now"]);
    let again = browser.submit(PAGE, "/api/tokens/create_first", &fields).await;
    again.assert_shows(&["You already created this token."]);
    again.assert_has_none(&["id=\"token-value\""]);
    let fields = [("workspace", ACME), ("form", "another-form")];
    let page = browser
        .submit_and_follow(PAGE, "/api/tokens/create_first", &fields)
        .await;
    page.assert_error("This workspace has tokens already.");
    page.assert_shows(&["No token was created."]);
    assert_eq!(site.call_count("POST", CREATE), 1);
}

#[tokio::test]
async fn a_refusal_says_why_and_the_command_stays() {
    let (site, browser) = empty_workspace().await;
    site.demo
        .fault(Fault::next("POST", CREATE, json(403, "PERMISSION_DENIED")));
    let refused = browser.follow(&submit(&browser).await).await;
    assert!(!refused.error_message().is_empty());
    refused.assert_shows(&["Nothing was changed.", "databricks tokens create"]);
    site.demo.fault(Fault::next("POST", CREATE, Effect::Reset));
    let lost = browser.follow(&submit(&browser).await).await;
    lost.assert_error("No response, and no new token found.");
}

#[tokio::test]
async fn people_who_can_only_view_get_the_command() {
    let site = Site::start_with(Setup {
        read_only: true,
        ..Setup::default()
    })
    .await;
    let browser = site.sign_in_with_oauth().await;
    site.demo.change(Change::RemoveAllTokens).unwrap();
    for (page, text) in [
        (TOKENS_PAGE, "Permissions has the command for a workspace admin."),
        (PERMISSIONS, "databricks tokens create"),
    ] {
        let page = browser.get(page).await;
        page.assert_shows(&[text]);
        page.assert_has_none(&[PAGE]);
    }
}
