//! Revoking one token: the confirmation page, the form, and the message on the list afterwards.

use demo_workspace::{Change, Effect, Fault};

use crate::rules::error_pages::json;
use crate::support::{ACME, Browser, Response, Site, TOKENS_API, TOKENS_PAGE};

/// Submits the form of the confirmation page. `back` is the page to return to.
pub(crate) async fn revoke(browser: &Browser, id: &str, back: &str) -> Response {
    let fields = [("workspace", ACME), ("id", id), ("back", back)];
    let from = format!("{TOKENS_PAGE}/{id}/revoke");
    browser.submit(&from, "/api/tokens/revoke", &fields).await
}

#[tokio::test]
async fn the_confirmation_page_shows_the_token_and_the_consequences() {
    let site = Site::start().await;
    let id = site.create_token("nightly export");
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{TOKENS_PAGE}/{id}/revoke")).await;
    assert_eq!(page.h1(), ["Revoke “nightly export”?"]);
    let credentials = site.demo.credentials();
    page.assert_shows(&[
        "nightly export",
        &id,
        &credentials.non_admin.user_name,
        "Last used Never",
        "Expires Never",
        "This cannot be undone.",
        "Reason (optional, recorded in Activity)",
        "databricks token-management delete",
        "curl --fail-with-body --request DELETE",
        "Terraform revokes only tokens that it created",
        "Cancel",
        "Revoke",
        &format!("Acting as {} (personal access token).", credentials.admin.user_name),
    ]);
}

#[tokio::test]
async fn revoking_a_token_returns_to_the_same_view_and_confirms_it() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.create_token("nightly export");
    let confirmation = format!("{TOKENS_PAGE}/{id}/revoke");
    let list = browser.get(&format!("{TOKENS_PAGE}?q=export&sort=-expires")).await;
    list.assert_has(&[&format!("{TOKENS_PAGE}/{}/revoke\"", &id[..16])]);
    let page = browser
        .get(&format!("{confirmation}?back=%2Fw%2Facme-prod%2Ftokens%3Fq%3Dexport"))
        .await;
    assert_eq!(page.field("back").as_deref(), Some("/w/acme-prod/tokens?q=export"));
    let response = revoke(&browser, &id, "/w/acme-prod/tokens?q=export").await;
    assert_eq!(
        (response.status, response.location()),
        (303, format!("{TOKENS_PAGE}?q=export&done=revoked&token={id}"))
    );
    let page = browser.follow(&response).await;
    let owner = &site.demo.credentials().non_admin.user_name;
    let revoked = format!("“nightly export” of {owner} was revoked. Confirmed with the workspace at <time>.");
    assert_eq!(page.status_message(), revoked);
    page.assert_has_none(&[&confirmation]);
    assert_eq!(site.call_count("DELETE", TOKENS_API), 1);
    // A reload shows the message again; a made-up URL with another token shows none.
    assert_eq!(browser.get(&response.location()).await.status_message(), revoked);
    let forged = browser
        .get(&format!("{TOKENS_PAGE}?done=revoked&token={}", site.some_token_id()))
        .await;
    assert_eq!(forged.status_message(), "");
}

#[tokio::test]
async fn revoking_a_token_that_is_already_gone_counts_as_done() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    browser.get(TOKENS_PAGE).await;
    site.demo.change(Change::RevokeToken { token_id: id.clone() }).unwrap();
    let page = browser.follow(&revoke(&browser, &id, "").await).await;
    let message = page.status_message();
    assert!(message.contains("was revoked."), "{message}");
}

#[tokio::test]
async fn an_accepted_revocation_without_effect_is_not_reported_as_done() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    site.demo.fault(Fault::forever("DELETE", TOKENS_API, Effect::Ignore));
    let response = revoke(&browser, &id, "").await;
    let location = response.location();
    assert!(location.contains(&format!("{TOKENS_PAGE}/{id}/revoke?")), "{location}");
    let page = browser.follow(&response).await;
    assert_eq!((page.status, page.status_message()), (200, String::new()));
    page.assert_shows(&["Accepted, but not confirmed.", "Request ID "]);
    assert!(site.has_token(&browser, &id).await);
}

#[tokio::test]
async fn revoking_the_sessions_own_token_signs_out() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let response = revoke(&browser, &site.own_token_id(), TOKENS_PAGE).await;
    let page = browser.follow(&response).await;
    assert_eq!(page.h1(), ["Sign in"]);
    let message = page.status_message();
    assert!(message.contains("You have been signed out."), "{message}");
    assert_eq!(browser.get(TOKENS_PAGE).await.status, 303);
}

#[tokio::test]
async fn a_token_that_is_gone_is_said_to_be_gone_in_the_dialog_too() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser
        .get(&format!(
            "{TOKENS_PAGE}/{}/revoke?back={TOKENS_PAGE}%3Fq%3Da",
            "f".repeat(64)
        ))
        .await;
    assert_eq!(page.status, 404);
    page.assert_shows(&["Revoke token", "This token no longer exists."]);
    page.assert_has(&["id=\"confirm\"", &format!("href=\"{TOKENS_PAGE}?q=a\" data-cancel")]);
}

/// The confirmation page after a failed attempt.
async fn after_failure(site: &Site, id: &str, effect: Effect) -> Response {
    let browser = site.sign_in_with_oauth().await;
    site.demo.fault(Fault::next("DELETE", TOKENS_API, effect));
    browser.follow(&revoke(&browser, id, "").await).await
}

#[tokio::test]
async fn a_failed_revocation_says_whether_the_token_still_works() {
    let site = Site::start().await;
    let id = site.create_token("still there");
    let refused = after_failure(&site, &id, json(400, "INVALID_PARAMETER_VALUE")).await;
    refused.assert_shows(&["acme-prod rejected the request.", "The token still works, as of "]);
    let uncertain = after_failure(&site, &id, Effect::Ignore).await;
    uncertain.assert_shows(&["acme-prod still listed the token at ", ": treat it as working."]);
    uncertain.assert_lacks(&["The token still works"]);
    let conf = [("enableTokensConfig".to_owned(), Some("false".to_owned()))];
    site.demo.change(Change::SetConf { values: conf.into() }).unwrap();
    let disabled = after_failure(&site, &id, json(400, "INVALID_PARAMETER_VALUE")).await;
    disabled.assert_lacks(&["The token still works"]);
}

#[tokio::test]
async fn cancelling_a_revocation_leads_back_to_the_list_with_its_filters() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.create_token("kept");
    let back = "/w/acme-prod/tokens?q=kept&sort=-expires";
    let url = format!("{TOKENS_PAGE}/{id}/revoke?back={}", domain::percent_encode(back));
    let page = browser.get(&url).await;
    page.assert_has(&[
        "<form method=\"get\" action=\"/w/acme-prod/tokens\" id=\"cancel-confirm\"",
        "<button form=\"cancel-confirm\" data-cancel class=\"btn\">Cancel",
    ]);
    assert_eq!(page.field("q").as_deref(), Some("kept"));
    assert_eq!(page.field("sort").as_deref(), Some("-expires"));
}
