//! A session ends while someone fills in a form: after the next sign-in, the form contains the input.

use crate::support::{ACME, Browser, Response, Setup, Site};

/// Submits a form after the session has ended, and signs in again on the resulting page. Returns the browser and its
/// final page.
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
    sign_in.assert_shows(&["Your session ended. The change was not made. What you typed is kept for 30 minutes."]);
    let next = sign_in.field("next").unwrap();
    let typed = fields.iter().filter(|(name, _)| matches!(*name, "reason" | "comment"));
    for (_, value) in typed {
        assert!(
            !next.contains(value) && !sign_in.body.contains(value),
            "{action}: {next}"
        );
    }
    let (back, page) = sign_in_again(&browser, &site.token_value(), &next).await;
    assert_eq!(page.status, 200, "{action}: {back}");
    page.assert_shows(&[ENDED]);
    (browser, page)
}

/// The notice on a page with input from before the session ended.
const ENDED: &str = "Your session ended before this was sent. Nothing was changed.";

/// Signs in with a token on the sign-in page for `next`. Returns the URL and the page that follow.
async fn sign_in_again(browser: &Browser, token: &str, next: &str) -> (String, Response) {
    let fields = [("workspace", ACME), ("token", token), ("next", next)];
    let back = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    (back.location(), browser.follow(&back).await)
}

#[tokio::test]
async fn input_is_shown_to_the_same_person_only() {
    let site = Site::start_with(Setup {
        has_auditor: true,
        ..Setup::default()
    })
    .await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    let confirmation = format!("/w/{ACME}/tokens/{id}/revoke");
    browser.get(&confirmation).await;
    let other = site.sign_in().await;
    other.submit("/sessions", "/api/sessions/end_others", &[]).await;
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("back", ""),
        ("reason", "only mia knows"),
    ];
    let refused = browser.submit(&confirmation, "/api/tokens/revoke", &fields).await;
    let sign_in = browser.get(&refused.location()).await;
    let next = browser.follow(&sign_in).await.field("next").unwrap();

    let auditor = site.demo.credentials().non_admin.pat.clone().unwrap();
    let (url, page) = sign_in_again(&browser, &auditor, &next).await;
    assert!(url.contains("draft="), "{url}");
    page.assert_has_none(&["only mia knows"]);
    page.assert_lacks(&[ENDED]);

    let colleague = site.browser();
    let (_, page) = sign_in_again(&colleague, &site.token_value(), &next).await;
    page.assert_shows(&[ENDED]);
    assert_eq!(
        page.field("reason").as_deref(),
        Some("only mia knows"),
        "in another browser of hers"
    );
    assert!(site.has_token(&colleague, &id).await, "nothing is repeated by itself");
}

#[tokio::test]
async fn a_token_value_that_was_typed_is_not_kept() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    let confirmation = format!("/w/{ACME}/tokens/{id}/revoke");
    let other = site.sign_in().await;
    other.submit("/sessions", "/api/sessions/end_others", &[]).await;
    let value = format!("leaked dapi{}", "0".repeat(32));
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("back", ""),
        ("reason", value.as_str()),
    ];
    let refused = browser.submit(&confirmation, "/api/tokens/revoke", &fields).await;
    let sign_in = browser.get(&refused.location()).await;
    let next = browser.follow(&sign_in).await.field("next").unwrap();
    let (_, page) = sign_in_again(&browser, &site.token_value(), &next).await;
    assert_ne!(page.field("reason"), Some(value));
    let database = std::fs::read(site.data_dir().join("console.db")).unwrap();
    let log = std::fs::read(site.data_dir().join("console.db-wal")).unwrap_or_default();
    let stored = String::from_utf8_lossy(&[database, log].concat()).into_owned();
    assert!(!stored.contains("leaked%20dapi") && !stored.contains("leaked dapi"));
}

#[tokio::test]
async fn a_draft_that_is_gone_is_reported() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser.get(&format!("/w/{ACME}/tokens?draft={}", "0".repeat(32))).await;
    page.assert_shows(&["What you typed or selected is no longer here."]);
    assert_eq!(page.status, 200);
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
    page.assert_shows(&["Disable Personal Access Tokens"]);
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
    page.assert_shows(&["Removed data-platform"]);
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
