//! The settings: enabling and disabling PAT authentication, and the maximum lifetime of new tokens.

use demo_workspace::{Change, Effect, Fault};

use crate::rules::error_pages::json;
use crate::support::{ACME, Browser, Response, Site, TOKENS_PAGE};

const SETTINGS: &str = "/w/acme-prod/settings/advanced";
const WORKSPACE_CONF: &str = "/api/2.0/workspace-conf";

async fn save_lifetime(browser: &Browser, days: &str) -> Response {
    let fields = [("workspace", ACME), ("days", days)];
    browser
        .submit_and_follow(SETTINGS, "/api/settings/lifetime", &fields)
        .await
}

/// Turns the switch `on` or `off`, with `typed` as the confirmation.
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
        "On (default, never set)",
        "by default, everyone with permission can create and use tokens",
        "Maximum lifetime of new tokens (days)",
        "Currently: no custom limit (platform maximum: 730 days)",
        "the default: it was never set.",
        "Permissions",
        "can create and use tokens.",
        "Open permissions",
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
        "Disable Personal Access Tokens in acme-prod?",
        "Stop working",
        "Used in 7 days",
        "Automation",
        "service principals",
        "Nothing is deleted.",
        "Unexpired tokens work again once enabled.",
        "Partner Connect",
        "Only some people? Use permissions instead",
        "You will be signed out, because you use a personal access token.",
        "Type acme-prod to confirm",
        "databricks workspace-conf set-status",
        "curl --fail-with-body --request PATCH",
        "resource \"databricks_workspace_conf\"",
        "Confirm",
        "Cancel",
    ]);
}

#[tokio::test]
async fn disabling_and_enabling_tokens_is_confirmed() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let off = switch(&browser, "off", ACME).await;
    assert_eq!(
        off.status_message(),
        "Personal access tokens are disabled. No token works until they are enabled again. Confirmed at <time>."
    );
    off.assert_has(&["aria-checked=\"false\""]);
    // The banner would say the same again.
    off.assert_lacks(&["Personal access tokens are disabled in acme-prod."]);
    let later = browser.get(SETTINGS).await;
    later.assert_shows(&["No token works until they are enabled again here.", "suspended tokens"]);
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
    let page = switch(&browser, "off", ACME).await;
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

#[tokio::test]
async fn disabling_tokens_in_production_takes_the_typed_name_also_by_oauth() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    browser
        .get(&format!("{SETTINGS}/switch?to=off"))
        .await
        .assert_shows(&["Type acme-prod to confirm"]);
    for typed in ["", "acme", "acme-production"] {
        let page = switch(&browser, "off", typed).await;
        page.assert_shows(&["The name does not match."]);
    }
    assert_eq!(site.call_count("PATCH", "/"), 0);
    let off = switch(&browser, "off", " ACME-Prod ").await;
    assert!(off.status_message().contains("are disabled."), "{}", off.text());
}

#[tokio::test]
async fn a_confirmation_of_the_state_that_the_switch_has_says_that_nothing_changes() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let on = browser.get(&format!("{SETTINGS}/switch?to=on")).await;
    on.assert_shows(&[
        "Personal Access Tokens are already enabled",
        "Nothing changes in acme-prod.",
    ]);
    switch(&browser, "off", ACME).await;
    let off = browser.get(&format!("{SETTINGS}/switch?to=off")).await;
    off.assert_shows(&["Personal Access Tokens are already disabled"]);
    off.assert_lacks(&["Stop working"]);
    let on = browser.get(&format!("{SETTINGS}/switch?to=on")).await;
    on.assert_shows(&["Work again"]);
    on.assert_lacks(&["to confirm"]);
}

#[tokio::test]
async fn the_switch_says_how_many_service_principals_own_tokens() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    browser.get("/w/acme-prod/tokens").await;
    let page = browser.get(SETTINGS).await;
    let settings = number_before(&page, "service principals among the owners");
    let confirm = browser.get(&format!("{SETTINGS}/switch?to=off")).await;
    assert_eq!(settings, number_before(&confirm, "service principals"));
}

/// The number in front of a text, as in `1,284 existing tokens last longer`.
fn number_before(page: &Response, text: &str) -> usize {
    let shown = page.text();
    let before = shown.split_once(text).map(|(before, _)| before.trim_end());
    let number = before.and_then(|before| before.rsplit(' ').next()).unwrap_or_default();
    number
        .replace(',', "")
        .parse()
        .unwrap_or_else(|_| unreachable!("{text}: {shown}"))
}

/// How many tokens the list at `url` has: “38 of 1,284 tokens, newest first.”
async fn listed(browser: &Browser, url: &str) -> usize {
    let list = browser.get(url).await;
    assert_eq!(list.status, 200, "{url}");
    let text = list.text();
    let words: Vec<_> = text
        .split(", newest first. Showing")
        .next()
        .unwrap_or_default()
        .rsplit(' ')
        .collect();
    let [_, _, "of", matching, ..] = words[..] else {
        unreachable!("{text}")
    };
    matching.replace(',', "").parse().unwrap()
}

#[tokio::test]
async fn the_lifetimes_of_tokens_are_shown_for_a_limit_that_is_only_typed_and_lead_to_their_lists() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{SETTINGS}?lifetime=45")).await;
    assert_eq!(page.field("days").as_deref(), Some("45"));
    page.assert_shows(&[
        "limit 45 days",
        "Up to 30 days",
        "31 to 45 days",
        "46 to 60 days",
        "Never expires",
    ]);
    page.assert_has(&["above the limit", "class=\"limit\""]);
    let over = format!("{TOKENS_PAGE}?status=active&amp;lifetime_over=45");
    page.assert_has(&[&format!("href=\"{over}\"")]);
    let over = over.replace("&amp;", "&");
    let existing = number_before(&page, "existing tokens last longer");
    assert_eq!(existing, listed(&browser, &over).await);
    let shown = browser.get(&over).await;
    shown.assert_shows(&["Lifetime over 45 days"]);
    // Without scripts, a button requests the list.
    let asked = browser
        .get(&format!("{SETTINGS}?workspace={ACME}&days=45&show=tokens"))
        .await;
    assert_eq!((asked.status, asked.location()), (303, over));
    let wrong = browser
        .get(&format!("{SETTINGS}?workspace={ACME}&days=soon&show=tokens"))
        .await;
    wrong.assert_has(&["id=\"lifetime-reason\""]);
    assert_eq!(wrong.field("days").as_deref(), Some("soon"));
    // Without a limit, no token exceeds it.
    let none = browser.get(&format!("{SETTINGS}?lifetime=0")).await;
    none.assert_has_none(&["class=\"limit\"", "above the limit"]);
    none.assert_shows(&["existing tokens never expire"]);
}

#[tokio::test]
async fn the_restriction_of_admins_is_shown_and_explained_before_a_token_is_created() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let new_token = format!("{TOKENS_PAGE}/new");
    browser.get(SETTINGS).await.assert_shows(&[
        "Restrict Workspace Admins",
        "Workspace admins can create tokens for any service principal.",
    ]);
    browser
        .get(&new_token)
        .await
        .assert_lacks(&["Restrict Workspace Admins"]);
    site.demo.change(Change::RestrictAdmins { restricted: true }).unwrap();
    let restricted = "only for service principals on which they have the role Service Principal User.";
    browser.get(SETTINGS).await.assert_shows(&[restricted]);
    browser
        .get(&new_token)
        .await
        .assert_shows(&["Restrict Workspace Admins is on.", restricted]);
    let path = "/api/2.0/settings/types/restrict_workspace_admins";
    site.demo.fault(Fault::forever("GET", path, json(404, "NOT_FOUND")));
    let unknown = browser.get(SETTINGS).await;
    unknown.assert_shows(&["It is unknown whether workspace admins can create tokens for any service principal"]);
    unknown.assert_lacks(&["Workspace admins can create tokens for any service principal."]);
}
