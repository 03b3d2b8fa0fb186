//! A session that ends while someone fills in a form: after the next sign-in, the form has what was typed.

use crate::support::{ACME, Browser, Response, Site};

/// Submits a form in a session that has ended, and signs in again on the page that this leads to. Returns the browser
/// and the page that it ends on.
async fn submit_after_session_end(
    site: &Site,
    from: &str,
    action: &str,
    fields: &[(&str, &str)],
) -> (Browser, Response) {
    let browser = site.sign_in().await;
    assert_eq!(browser.get(from).await.status, 200, "{from}");
    let other = site.sign_in().await;
    other.submit("/sessions", "/api/sessions/end_others", &[]).await;
    let refused = browser.submit(from, action, fields).await;
    let page = browser.get(&refused.location()).await;
    assert!(
        page.location().starts_with("/sign-in?next="),
        "{action}: {}",
        page.location()
    );
    let sign_in = browser.follow(&page).await;
    let next = sign_in.field("next").unwrap();
    let token = site.token_value();
    let fields = [("workspace", ACME), ("token", &token), ("next", &next)];
    let back = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    let page = browser.follow(&back).await;
    assert_eq!(page.status, 200, "{action}: {}", back.location());
    (browser, page)
}

#[tokio::test]
async fn a_lifetime_survives() {
    let site = Site::start().await;
    let settings = format!("/w/{ACME}/settings/advanced");
    let fields = [("workspace", ACME), ("days", "45")];
    let (_, page) = submit_after_session_end(&site, &settings, "/api/settings/lifetime", &fields).await;
    assert_eq!(page.field("days").as_deref(), Some("45"));
}

#[tokio::test]
async fn the_longest_comment_survives() {
    let site = Site::start().await;
    let id = site.some_token_id();
    let comment = "\u{1f511}".repeat(1000);
    let fields = [("workspace", ACME), ("id", &id), ("comment", &comment)];
    let (_, page) =
        submit_after_session_end(&site, &format!("/w/{ACME}/tokens/{id}"), "/api/tokens/comment", &fields).await;
    assert_eq!(page.field("comment"), Some(comment));
}

#[tokio::test]
async fn a_reason_survives_and_has_to_be_confirmed_again() {
    let site = Site::start().await;
    let id = site.some_token_id();
    let confirmation = format!("/w/{ACME}/tokens/{id}/revoke?back=%2Fw%2F{ACME}%2Ftokens%3Fq%3Dx");
    let back = format!("/w/{ACME}/tokens?q=x");
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("back", &back),
        ("reason", "leaked in a log"),
    ];
    let (browser, page) = submit_after_session_end(&site, &confirmation, "/api/tokens/revoke", &fields).await;
    assert_eq!(page.field("reason").as_deref(), Some("leaked in a log"));
    assert_eq!(page.field("back"), Some(back.clone()));
    page.assert_shows(&["This cannot be undone."]);
    assert!(site.has_token(&browser, &id).await);

    let confirmation = format!("/w/{ACME}/settings/advanced/switch?to=off");
    let fields = [
        ("workspace", ACME),
        ("to", "off"),
        ("typed", ACME),
        ("reason", "an audit"),
    ];
    let (_, page) = submit_after_session_end(&site, &confirmation, "/api/settings/switch", &fields).await;
    assert_eq!(page.field("reason").as_deref(), Some("an audit"));
    page.assert_shows(&["Disable personal access tokens"]);
}

#[tokio::test]
async fn an_edit_of_permissions_survives() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let editor = browser.get(&format!("/w/{ACME}/settings/advanced/permissions")).await;
    let opened = editor.field("opened").unwrap();
    let review = format!("/w/{ACME}/settings/advanced/permissions/review?opened={opened}&remove=group%3Adata-platform");
    let fields = [
        ("workspace", ACME),
        ("opened", opened.as_str()),
        ("edit", "remove=group%3Adata-platform"),
        ("reason", "they left"),
    ];
    let (_, page) = submit_after_session_end(&site, &review, "/api/permissions/save", &fields).await;
    page.assert_shows(&["Removed (1)", "data-platform"]);
    assert_eq!(page.field("reason").as_deref(), Some("they left"));
}

#[tokio::test]
async fn the_form_of_a_new_token_survives() {
    let site = Site::start().await;
    let sp = site.application_id();
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
    let (_, page) = submit_after_session_end(&site, &review, "/api/tokens/create", &fields).await;
    for (name, value) in [
        ("comment", "etl & co"),
        ("scopes", "sql"),
        ("days", "30"),
        ("reason", "a new pipeline"),
    ] {
        assert_eq!(page.field(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(site.call_count("POST", "/api/2.0/token-management/"), 0);
}

#[tokio::test]
async fn an_edit_of_scopes_survives_and_has_to_be_confirmed_again() {
    let site = Site::start().await;
    let id = site.some_token_id();
    let confirmation = format!("/w/{ACME}/tokens/{id}/scopes?scopes=sql");
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("opened", "all-apis"),
        ("scopes", "sql"),
        ("reason", "least privilege"),
    ];
    let (_, page) = submit_after_session_end(&site, &confirmation, "/api/tokens/scopes", &fields).await;
    assert_eq!(page.field("reason").as_deref(), Some("least privilege"));
    page.assert_shows(&["The token loses scopes."]);
}
