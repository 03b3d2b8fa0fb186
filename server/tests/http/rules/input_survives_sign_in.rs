//! A sign-in that ends in the middle of work: what was typed is there again after the next one.

use crate::support::{ACME, Browser, Site};

/// Submits a form whose sign-in has ended, signs in again on the page that this leads to, and answers where one is then.
async fn over_a_new_sign_in(site: &Site, from: &str, action: &str, fields: &[(&str, &str)]) -> (Browser, String) {
    let browser = site.signed_in().await;
    assert_eq!(browser.get(from).await.status, 200, "{from}");
    let other = site.signed_in().await;
    other.submit("/sessions", "/api/sessions/end_others", &[]).await;
    let refused = browser.submit(from, action, fields).await;
    let page = browser.get(&refused.location()).await;
    assert!(
        page.location().starts_with("/sign-in?next="),
        "{action}: {}",
        page.location()
    );
    let sign_in = browser.follow(&page).await;
    let next = sign_in.value("next").unwrap();
    let token = site.pat();
    let fields = [("workspace", ACME), ("token", &token), ("next", &next)];
    let back = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    let page = browser.follow(&back).await;
    assert_eq!(page.status, 200, "{action}: {}", back.location());
    (browser, page.body)
}

#[tokio::test]
async fn a_lifetime() {
    let site = Site::start().await;
    let page = format!("/w/{ACME}/settings/advanced");
    let fields = [("workspace", ACME), ("days", "45")];
    let (_, body) = over_a_new_sign_in(&site, &page, "/api/settings/lifetime", &fields).await;
    assert!(body.contains("value=\"45\""));
}

#[tokio::test]
async fn the_longest_comment() {
    let site = Site::start().await;
    let id = site.some_token();
    let comment = "\u{1f511}".repeat(1000);
    let fields = [("workspace", ACME), ("id", &id), ("comment", &comment)];
    let (_, body) = over_a_new_sign_in(&site, &format!("/w/{ACME}/tokens/{id}"), "/api/tokens/comment", &fields).await;
    assert!(body.contains(&format!("value=\"{comment}\"")));
}

#[tokio::test]
async fn a_reason_in_a_confirm_which_is_asked_again() {
    let site = Site::start().await;
    let id = site.some_token();
    let confirm = format!("/w/{ACME}/tokens/{id}/revoke?back=%2Fw%2F{ACME}%2Ftokens%3Fq%3Dx");
    let back = format!("/w/{ACME}/tokens?q=x");
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("back", &back),
        ("reason", "leaked in a log"),
    ];
    let (browser, body) = over_a_new_sign_in(&site, &confirm, "/api/tokens/revoke", &fields).await;
    assert!(body.contains("value=\"leaked in a log\"") && body.contains("This cannot be undone."));
    assert!(body.contains(&format!("value=\"{back}\"")));
    assert!(site.has_token(&browser, &id).await);

    let confirm = format!("/w/{ACME}/settings/advanced/switch?to=off");
    let fields = [
        ("workspace", ACME),
        ("to", "off"),
        ("typed", ACME),
        ("reason", "an audit"),
    ];
    let (_, body) = over_a_new_sign_in(&site, &confirm, "/api/settings/switch", &fields).await;
    assert!(body.contains("value=\"an audit\"") && body.contains("Disable personal access tokens"));
}

#[tokio::test]
async fn an_edit_of_permissions() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let editor = browser.get(&format!("/w/{ACME}/settings/advanced/permissions")).await;
    let opened = editor.value("opened").unwrap();
    let review = format!("/w/{ACME}/settings/advanced/permissions/review?opened={opened}&remove=group%3Adata-platform");
    let fields = [
        ("workspace", ACME),
        ("opened", opened.as_str()),
        ("edit", "remove=group%3Adata-platform"),
        ("reason", "they left"),
    ];
    let (_, body) = over_a_new_sign_in(&site, &review, "/api/permissions/save", &fields).await;
    assert!(body.contains("Removed (1)") && body.contains("data-platform"));
    assert!(body.contains("value=\"they left\""));
}

#[tokio::test]
async fn a_new_token() {
    let site = Site::start().await;
    let sp = site.service_principal();
    let review = format!("/w/{ACME}/tokens/new/review?sp={sp}&days=30&comment=etl%20%26%20co&scopes=sql");
    let fields = [
        ("workspace", ACME),
        ("form", "form-0001"),
        ("sp", &sp),
        ("days", "30"),
        ("comment", "etl & co"),
        ("scopes", "sql"),
        ("reason", "a new pipeline"),
    ];
    let (_, body) = over_a_new_sign_in(&site, &review, "/api/tokens/create", &fields).await;
    for value in ["etl &amp; co", "sql", "30", "a new pipeline"] {
        assert!(body.contains(&format!("value=\"{value}\"")), "{value}");
    }
    assert_eq!(site.calls("POST", "/api/2.0/token-management/"), 0);
}

#[tokio::test]
async fn a_change_of_scopes_which_is_asked_again() {
    let site = Site::start().await;
    let id = site.some_token();
    let confirm = format!("/w/{ACME}/tokens/{id}/scopes?scopes=sql");
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("opened", "all-apis"),
        ("scopes", "sql"),
        ("reason", "least privilege"),
    ];
    let (_, body) = over_a_new_sign_in(&site, &confirm, "/api/tokens/scopes", &fields).await;
    assert!(body.contains("value=\"least privilege\"") && body.contains("The token loses scopes."));
}
