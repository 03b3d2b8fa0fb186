//! The whole job by forms: post, redirect, and a page that says what came of it.

use demo_workspace::{Change, Effect, Fault};

use crate::support::{Answer, Browser, Site, TOKENS};

const LIST: &str = "/w/acme-prod/tokens";
const SETTINGS: &str = "/w/acme-prod/settings/advanced";

async fn revoke(browser: &Browser, id: &str, back: &str) -> Answer {
    let fields = [("workspace", "acme-prod"), ("id", id), ("back", back)];
    browser
        .submit(&format!("{LIST}/{id}/revoke"), "/api/tokens/revoke", &fields)
        .await
}

async fn lifetime(browser: &Browser, days: &str) -> Answer {
    let fields = [("workspace", "acme-prod"), ("days", days)];
    browser
        .submit_and_follow(SETTINGS, "/api/settings/lifetime", &fields)
        .await
}

async fn switch(browser: &Browser, to: &str, typed: &str) -> Answer {
    let fields = [("workspace", "acme-prod"), ("to", to), ("typed", typed)];
    browser
        .submit(&format!("{SETTINGS}/switch?to={to}"), "/api/settings/switch", &fields)
        .await
}

#[tokio::test]
async fn revoking_comes_back_to_the_same_view_and_says_so() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = site.token_with("nightly export");
    let list = browser.get(&format!("{LIST}?q=export&sort=-expires")).await;
    let confirm = browser
        .get(&format!(
            "{LIST}/{id}/revoke?back={}",
            "%2Fw%2Facme-prod%2Ftokens%3Fq%3Dexport"
        ))
        .await;
    assert!(list.body.contains(&format!("{LIST}/{id}/revoke")));
    assert_eq!(confirm.value("back").as_deref(), Some("/w/acme-prod/tokens?q=export"));
    let answer = revoke(&browser, &id, "/w/acme-prod/tokens?q=export").await;
    assert_eq!(
        (answer.status, answer.location()),
        (303, format!("{LIST}?q=export&done=revoked&token={id}"))
    );
    let page = browser.follow(&answer).await;
    let owner = &site.demo.credentials().non_admin.user_name;
    assert!(
        page.said().contains(&format!(
            "“nightly export” of {owner} was revoked. Confirmed with the workspace at"
        )),
        "{}",
        page.said()
    );
    assert!(!page.body.contains(&format!("{LIST}/{id}/revoke")));
    assert_eq!(site.calls("DELETE", TOKENS), 1);
    // A reload says it still; another token's address says nothing.
    assert!(browser.get(&answer.location()).await.said().contains("was revoked."));
    let forged = browser
        .get(&format!("{LIST}?done=revoked&token={}", site.some_token()))
        .await;
    assert_eq!(forged.said(), "");
}

#[tokio::test]
async fn revoking_what_is_gone_already_counts_as_done() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = site.some_token();
    browser.get(LIST).await;
    site.demo.change(Change::RevokeToken { token_id: id.clone() }).unwrap();
    let answer = revoke(&browser, &id, "").await;
    assert!(browser.follow(&answer).await.said().contains("was revoked."));
}

#[tokio::test]
async fn a_revocation_that_does_nothing_is_a_failure_on_the_page_it_came_from() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = site.some_token();
    site.demo.fault(Fault::forever("DELETE", TOKENS, Effect::Ignore));
    let answer = revoke(&browser, &id, "").await;
    assert!(
        answer.location().contains(&format!("{LIST}/{id}/revoke?")),
        "{}",
        answer.location()
    );
    let page = browser.follow(&answer).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Accepted, but not confirmed."), "{}", page.text());
    assert!(page.text().contains("Request ID "));
    assert!(site.has_token(&browser, &id).await);
}

#[tokio::test]
async fn revoking_the_own_token_signs_out_and_says_so() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let answer = revoke(&browser, &site.own_token(), LIST).await;
    let page = browser.follow(&answer).await;
    assert_eq!(page.h1(), ["Sign in"]);
    assert!(page.said().contains("You have been signed out."));
    assert_eq!(browser.get(LIST).await.status, 303);
}

#[tokio::test]
async fn where_a_form_goes_back_to_is_a_page_of_this_console() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    for back in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\r\nX: y",
    ] {
        let refreshed = browser
            .submit(
                LIST,
                "/api/tokens/refresh",
                &[("workspace", "acme-prod"), ("back", back)],
            )
            .await;
        assert_eq!(refreshed.location(), LIST, "{back}");
        let revoked = revoke(&browser, &"0".repeat(64), back).await;
        assert!(
            revoked.location().starts_with(&format!("{LIST}?done=revoked")),
            "{back}: {}",
            revoked.location()
        );
    }
}

#[tokio::test]
async fn refreshing_reads_anew_and_keeps_the_view() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let page = browser.get(&format!("{LIST}?q=a")).await;
    site.token_with("a brand new one");
    let back = page.value("back").unwrap();
    let answer = browser
        .submit(
            LIST,
            "/api/tokens/refresh",
            &[("workspace", "acme-prod"), ("back", &back)],
        )
        .await;
    assert_eq!(answer.location(), format!("{LIST}?q=a"));
    assert!(browser.follow(&answer).await.text().contains("of 131 tokens"));
}

#[tokio::test]
async fn a_comment_is_saved_and_kept_when_it_is_refused() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = site.some_token();
    let page = format!("{LIST}/{id}");
    let save = async |comment: &str| {
        let fields = [("workspace", "acme-prod"), ("id", id.as_str()), ("comment", comment)];
        browser.submit_and_follow(&page, "/api/tokens/comment", &fields).await
    };
    let saved = save("  rotated by Mia & co  ").await;
    assert!(saved.said().contains("Comment saved."), "{}", saved.said());
    assert_eq!(saved.value("comment").as_deref(), Some("rotated by Mia & co"));
    let refused = save(&"x".repeat(1001)).await;
    assert!(
        refused.failed().contains("The comment is too long."),
        "{}",
        refused.failed()
    );
    assert_eq!(refused.h1(), ["rotated by Mia & co"], "the workspace has the old one");
}

#[tokio::test]
async fn a_lifetime_is_saved_by_read_back() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let saved = lifetime(&browser, " 90 ").await;
    assert!(
        saved.said().contains("Saved. New tokens last at most 90 days."),
        "{}",
        saved.said()
    );
    assert_eq!(saved.value("days").as_deref(), Some("90"));
    assert!(saved.text().contains("existing tokens last longer"), "{}", saved.text());
    let unlimited = lifetime(&browser, "0").await;
    assert_eq!(unlimited.value("days").as_deref(), Some("0"));
}

#[tokio::test]
async fn a_refused_lifetime_stays_typed_with_the_reason() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    for typed in ["731", "-1", "1.5", "ninety", "1e2", "٣٠", "<b>9</b>", "\"><script>"] {
        let page = lifetime(&browser, typed).await;
        assert_eq!(page.status, 200, "{typed}");
        assert_eq!(page.value("days").as_deref(), Some(typed));
        assert!(page.body.contains("id=\"lifetime-reason\""), "{typed}");
        assert!(
            !page.body.contains("<b>9</b>") && !page.body.contains("<script>\""),
            "{typed}"
        );
    }
    assert_eq!(site.calls("PATCH", "/api/2.0/workspace-conf"), 0);
}

#[tokio::test]
async fn a_lifetime_that_the_workspace_ignores_is_a_failure_and_stays_typed() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    site.demo
        .fault(Fault::next("PATCH", "/api/2.0/workspace-conf", Effect::Ignore));
    let page = lifetime(&browser, "45").await;
    assert!(
        page.failed().contains("Accepted, but not confirmed."),
        "{}",
        page.failed()
    );
    assert_eq!(page.value("days").as_deref(), Some("45"));
}

#[tokio::test]
async fn switching_is_confirmed_by_read_back() {
    let site = Site::start().await;
    let browser = site.by_oauth().await;
    let off = browser.follow(&switch(&browser, "off", "").await).await;
    assert!(
        off.said().contains("Personal access tokens are disabled. Confirmed at"),
        "{}",
        off.said()
    );
    assert!(off.body.contains("aria-checked=\"false\""));
    let on = browser.follow(&switch(&browser, "on", "").await).await;
    assert!(on.said().contains("Personal access tokens are enabled"));
    let forged = browser.get(&format!("{SETTINGS}?done=switch&to=off")).await;
    assert_eq!(
        (forged.said().as_str(), forged.failed().as_str()),
        ("", ""),
        "nothing of the kind was done"
    );
}

#[tokio::test]
async fn a_switch_that_is_not_in_effect_is_sent_and_not_yet_confirmed() {
    let site = Site::start().await;
    let browser = site.by_oauth().await;
    site.demo
        .fault(Fault::next("PATCH", "/api/2.0/workspace-conf", Effect::Ignore));
    let page = browser.follow(&switch(&browser, "off", "").await).await;
    assert!(page.said().contains("Waiting for confirmation."), "{}", page.said());
    assert!(page.said().contains("Check again"));
    assert!(page.body.contains("aria-checked=\"true\""), "no optimistic switch");
}

#[tokio::test]
async fn switching_off_with_a_personal_access_token_wants_the_name_and_signs_out() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    for typed in ["", "acme", "acme-dev"] {
        let page = browser.follow(&switch(&browser, "off", typed).await).await;
        assert!(page.text().contains("The name does not match."), "{typed}");
    }
    assert_eq!(site.calls("PATCH", "/"), 0);
    let page = browser.follow(&switch(&browser, "off", "acme-prod").await).await;
    assert_eq!(page.h1(), ["Sign in"]);
    assert!(page.said().contains("You have been signed out."));
}

#[tokio::test]
async fn a_leaked_value_is_found_and_nowhere_repeated() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let value = site.demo.credentials().non_admin.pat.clone().unwrap();
    let find = async |value: &str| {
        let fields = [("workspace", "acme-prod"), ("value", value)];
        browser.submit("/w/acme-prod/find", "/api/tokens/find", &fields).await
    };
    let answer = find(&format!("  {value}\n")).await;
    assert_eq!(answer.location(), format!("{LIST}/{}?from=leak", site.some_token()));
    assert_eq!(browser.follow(&answer).await.status, 200);
    let unknown = browser
        .follow(&find("dapi00000000000000000000000000000000").await)
        .await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("too old to be found by value"));
    let none = browser.follow(&find("short").await).await;
    assert!(
        none.failed().contains("No token found in this text."),
        "{}",
        none.failed()
    );
    let log = format!("{:?}", site.demo.log());
    assert!(!log.contains(&value));
}

#[tokio::test]
async fn a_failed_form_without_a_page_to_go_back_to_leads_to_the_start() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let request = browser
        .request(reqwest::Method::POST, "/api/tokens/revoke")
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .form(&[("workspace", "acme-dev"), ("id", "x"), ("back", "")]);
    let answer = browser.send(request).await;
    assert!((300..400).contains(&answer.status), "{}", answer.status);
    assert!(answer.location().starts_with('/'), "{}", answer.location());
}
