//! A workspace gives the same response while tokens are disabled and on a plan without permissions. Only its settings
//! distinguish the two cases.

use demo_workspace::{Change, Effect, Fault, FaultBody};

use crate::support::{Site, TOKENS_PAGE};

const CONF: &str = "/api/2.0/workspace-conf";
const PERMISSIONS: &str = "/api/2.0/permissions/authorization/tokens";
const SETTINGS: &str = "/w/acme-prod/settings/advanced";

fn answer(site: &Site, path: &str, status: u16, error_code: &str) {
    let body = FaultBody::JsonError {
        error_code: error_code.into(),
        message: "This API is not available.".into(),
    };
    site.demo
        .fault(Fault::forever("GET", path, Effect::Answer { status, body }));
}

#[tokio::test]
async fn with_the_workspace_settings_disabled_tokens_are_the_reason() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let values = [("enableTokensConfig".to_owned(), Some("false".to_owned()))].into();
    site.demo.change(Change::SetConf { values }).unwrap();
    answer(&site, PERMISSIONS, 404, "FEATURE_DISABLED");
    for path in [format!("{SETTINGS}/permissions").as_str(), SETTINGS] {
        let page = browser.get(path).await;
        page.assert_shows(&["Personal access tokens are disabled"]);
        page.assert_lacks(&["Premium", "plan"]);
    }
    let list = browser.get(TOKENS_PAGE).await;
    list.assert_shows(&["While tokens are disabled, Databricks does not show the permissions."]);
}

#[tokio::test]
async fn without_the_workspace_settings_the_reason_is_unknown() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    answer(&site, CONF, 403, "PERMISSION_DENIED");
    answer(&site, PERMISSIONS, 404, "FEATURE_DISABLED");
    let page = browser.get(&format!("{SETTINGS}/permissions")).await;
    page.assert_shows(&["The console cannot tell which: only the workspace settings can."]);
    page.assert_lacks(&["Premium"]);
    browser.get(TOKENS_PAGE).await.assert_shows(&["it is unknown which."]);
}
