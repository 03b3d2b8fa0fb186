//! The list of keyboard shortcuts, and the form that switches them on and off.

use crate::support::{Site, TOKENS_PAGE};

const PAGE: &str = "/keyboard-shortcuts";

const SWITCH: &str = "/api/keyboard_shortcuts";

#[tokio::test]
async fn shortcuts_are_on_until_someone_turns_them_off() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let off = "data-shortcuts=\"off\"";
    browser.get(TOKENS_PAGE).await.assert_has_none(&[off]);
    let page = browser.get(PAGE).await;
    page.assert_shows(&["Keyboard shortcuts", "The shortcuts are enabled.", "Show this list"]);
    let switched = browser.submit_and_follow(PAGE, SWITCH, &[("to", "off")]).await;
    switched.assert_shows(&["The shortcuts are disabled."]);
    browser.get(TOKENS_PAGE).await.assert_has(&[off]);
    // In the dialog of a page, the form leads back to that page.
    let back = browser.submit(TOKENS_PAGE, SWITCH, &[("to", "on")]).await;
    assert_eq!(back.location(), TOKENS_PAGE);
    browser.get(TOKENS_PAGE).await.assert_has_none(&[off]);
}

#[tokio::test]
async fn an_unknown_state_changes_nothing() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let refused = browser.submit(PAGE, SWITCH, &[("to", "maybe")]).await;
    assert!(refused.location().contains("__err"), "{}", refused.location());
    browser.get(PAGE).await.assert_shows(&["The shortcuts are enabled."]);
}
