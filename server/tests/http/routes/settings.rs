//! The settings: PAT authentication on and off, and the maximum lifetime of new tokens.

use demo_workspace::{Effect, Fault};

use crate::support::{ACME, Browser, Response, Site};

const SETTINGS: &str = "/w/acme-prod/settings/advanced";
const WORKSPACE_CONF: &str = "/api/2.0/workspace-conf";

async fn save_lifetime(browser: &Browser, days: &str) -> Response {
    let fields = [("workspace", ACME), ("days", days)];
    browser
        .submit_and_follow(SETTINGS, "/api/settings/lifetime", &fields)
        .await
}

/// Turns the switch `on` or `off`, with `typed` as the typed confirmation.
async fn switch(browser: &Browser, to: &str, typed: &str) -> Response {
    let fields = [("workspace", ACME), ("to", to), ("typed", typed)];
    let from = format!("{SETTINGS}/switch?to={to}");
    browser.submit_and_follow(&from, "/api/settings/switch", &fields).await
}

#[tokio::test]
async fn the_settings_show_the_switch_the_lifetime_and_the_permissions() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser.get(SETTINGS).await;
    assert_eq!(page.h1(), ["Settings"]);
    page.assert_has(&["role=\"switch\"", "aria-checked=\"true\""]);
    page.assert_shows(&[
        "Personal Access Tokens",
        "Maximum lifetime of new tokens (days)",
        "Permissions",
        "can create and use tokens.",
    ]);
    assert_eq!(page.field("days").as_deref(), Some("0"));
}

#[tokio::test]
async fn a_lifetime_is_saved_and_confirmed() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let saved = save_lifetime(&browser, " 90 ").await;
    let message = saved.status_message();
    assert!(
        message.contains("Saved. New tokens last at most 90 days. Confirmed at <time>."),
        "{message}"
    );
    assert_eq!(saved.field("days").as_deref(), Some("90"));
    saved.assert_shows(&["existing tokens last longer"]);
    let unlimited = save_lifetime(&browser, "0").await;
    assert_eq!(unlimited.field("days").as_deref(), Some("0"));
}

#[tokio::test]
async fn a_refused_lifetime_stays_in_its_field_with_the_reason() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for typed in ["731", "-1", "1.5", "ninety", "1e2", "٣٠", "<b>9</b>", "\"><script>"] {
        let page = save_lifetime(&browser, typed).await;
        assert_eq!(page.status, 200, "{typed}");
        assert_eq!(page.field("days").as_deref(), Some(typed));
        page.assert_has(&["id=\"lifetime-reason\""]);
        page.assert_has_none(&["<b>9</b>", "<script>\""]);
    }
    assert_eq!(site.call_count("PATCH", WORKSPACE_CONF), 0);
}

#[tokio::test]
async fn an_accepted_lifetime_without_effect_is_not_reported_as_done() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demo.fault(Fault::next("PATCH", WORKSPACE_CONF, Effect::Ignore));
    let page = save_lifetime(&browser, "45").await;
    let message = page.error_message();
    assert!(message.contains("Accepted, but not confirmed."), "{message}");
    assert_eq!(page.status_message(), "");
    assert_eq!(
        page.field("days").as_deref(),
        Some("45"),
        "the field keeps what was typed"
    );
}

#[tokio::test]
async fn the_confirmation_page_lists_what_disabling_tokens_stops() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{SETTINGS}/switch?to=off")).await;
    page.assert_shows(&[
        "Disable personal access tokens in acme-prod",
        "active tokens of",
        "of them were used in the last 7 days",
        "Nothing is deleted.",
        "Unexpired tokens work again once enabled.",
        "Partner Connect",
        "You will be signed out, because you use a personal access token.",
        "Type acme-prod to confirm",
        "databricks workspace-conf set-status",
        "Confirm",
        "Cancel",
    ]);
}

#[tokio::test]
async fn disabling_and_enabling_tokens_is_confirmed() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let off = switch(&browser, "off", "").await;
    assert_eq!(
        off.status_message(),
        "Personal access tokens are disabled. Confirmed at <time>."
    );
    off.assert_has(&["aria-checked=\"false\""]);
    let on = switch(&browser, "on", "").await;
    assert_eq!(
        on.status_message(),
        "Personal access tokens are enabled. Confirmed at <time>."
    );
    let forged = browser.get(&format!("{SETTINGS}?done=switch&to=off")).await;
    assert_eq!(
        (forged.status_message().as_str(), forged.error_message().as_str()),
        ("", ""),
        "tokens are enabled, whatever a made-up URL claims"
    );
}

#[tokio::test]
async fn a_switch_without_effect_waits_for_confirmation() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    site.demo.fault(Fault::next("PATCH", WORKSPACE_CONF, Effect::Ignore));
    let page = switch(&browser, "off", "").await;
    let message = page.status_message();
    assert!(message.contains("Waiting for confirmation."), "{message}");
    assert!(message.contains("Check again"), "{message}");
    // The switch shows the workspace's state, not the requested one.
    page.assert_has(&["aria-checked=\"true\""]);
}

#[tokio::test]
async fn disabling_tokens_in_a_session_with_a_token_takes_the_typed_name_and_signs_out() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for typed in ["", "acme", "acme-dev"] {
        let page = switch(&browser, "off", typed).await;
        page.assert_shows(&["The name does not match."]);
    }
    assert_eq!(site.call_count("PATCH", "/"), 0);
    let page = switch(&browser, "off", ACME).await;
    assert_eq!(page.h1(), ["Sign in"]);
    let message = page.status_message();
    assert!(message.contains("You have been signed out."), "{message}");
}
