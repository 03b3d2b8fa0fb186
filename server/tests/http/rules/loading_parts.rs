//! No page waits for names, settings, permissions or groups if it can be shown without them. If these calls never end,
//! every page still responds and says what is loading.

use demo_workspace::{Effect, Fault};

use crate::support::{ACME, Browser, Setup, Site, TOKENS_API, TOKENS_PAGE};

const SCIM: &str = "/api/2.0/preview/scim/v2";
const CONF: &str = "/api/2.0/workspace-conf";
const PERMISSIONS: &str = "/api/2.0/permissions/authorization/tokens";

const SETTINGS: &str = "/w/acme-prod/settings/advanced";

/// A console without any cached data, whose workspace does not respond on these paths.
async fn hanging(paths: &[&str]) -> (Site, Browser) {
    let site = Site::start_with(Setup::without_part_waits()).await;
    let browser = site.sign_in_with_oauth().await;
    for path in paths {
        site.demo.fault(Fault::forever("GET", path, Effect::Hang));
    }
    (site, browser)
}

#[tokio::test]
async fn the_list_shows_its_tokens_and_says_what_is_loading() {
    let (site, browser) = hanging(&[SCIM, CONF, PERMISSIONS]).await;
    let list = browser.get(&format!("{TOKENS_PAGE}?more_filters=1")).await;
    assert_eq!((list.status, list.rows().len()), (200, 50));
    list.assert_shows(&[
        "Owner names, workspace settings and permissions are loading.",
        "Not available: owner names are not loaded.",
        "\u{201c}Select all\u{201d} and \u{201c}Review selected\u{201d} are not available yet: owner names, \
         workspace settings and permissions are loading.",
        "Exports are incomplete",
    ]);
    list.assert_has(&["Reload", &format!("data-loaded=\"/w/{ACME}/parts/loaded\"")]);
    // Failed parts have another notice.
    list.assert_lacks(&["are unavailable", "Could not read", "none works now"]);
    for (path, status) in [(".csv", 409), (".json?partial=1", 200), ("/export", 200)] {
        assert_eq!(
            browser.get(&format!("{TOKENS_PAGE}{path}")).await.status,
            status,
            "{path}"
        );
    }
    let token = site.some_token_id();
    let form = [("workspace", ACME), ("sel", &token[..16])];
    let draft = browser
        .call("/api/bulk_revocations/draft?workspace=acme-prod", &form)
        .await;
    assert_eq!(draft.status, 503, "{}", draft.body);
}

#[tokio::test]
async fn a_token_and_its_revocation_need_the_token_alone() {
    let (site, browser) = hanging(&[SCIM, CONF, PERMISSIONS]).await;
    let page = format!("{TOKENS_PAGE}/{}", site.some_token_id());
    browser
        .get(&page)
        .await
        .assert_shows(&["are loading.", "name unavailable"]);
    let confirm = browser.get(&format!("{page}/revoke")).await;
    confirm.assert_shows(&["Owner name is still loading", "This cannot be undone."]);
}

#[tokio::test]
async fn settings_and_permissions_need_no_names_and_no_groups() {
    let (_site, browser) = hanging(&[SCIM]).await;
    let cases: &[(&str, &[&str])] = &[
        (SETTINGS, &["Permissions"]),
        (
            &format!("{SETTINGS}/switch?to=off"),
            &["Not available: owner names are not loaded"],
        ),
        (
            &format!("{SETTINGS}/permissions"),
            &["are loading.", "Reload", "Unknown"],
        ),
        ("/w/acme-prod/tokens/new", &["Create service principal token"]),
    ];
    for (path, shows) in cases {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        page.assert_shows(shows);
    }
}

#[tokio::test]
async fn settings_need_no_permissions_and_the_overview_no_settings() {
    let (site, browser) = hanging(&[PERMISSIONS]).await;
    let page = browser.get(SETTINGS).await;
    assert_eq!(page.status, 200);
    page.assert_shows(&["Still loading. Reload this page in a moment."]);
    // Only one console runs at a time.
    drop(site);
    let (_site, browser) = hanging(&[CONF]).await;
    let page = browser.get("/").await;
    page.assert_shows(&[
        "Tokens and maximum lifetime: loading",
        "Workspace settings are loading.",
    ]);
}

#[tokio::test]
async fn settings_need_no_tokens() {
    let (_site, browser) = hanging(&[TOKENS_API]).await;
    let page = browser.get(SETTINGS).await;
    assert_eq!(page.status, 200);
    page.assert_shows(&[
        "Maximum lifetime",
        "The number of longer-lived tokens is not available: the token list is not loaded.",
    ]);
}
