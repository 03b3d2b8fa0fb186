//! The server stores input that does not fit into a URL: no redirect is long, and no input is lost.

use demo_workspace::{Effect, Fault};

use crate::support::{ACME, Browser, Response, Site};

const TOKENS_API: &str = "/api/2.0/token-management/tokens/";
const PERMISSIONS_API: &str = "/api/2.0/permissions/";

/// The longest URL that a redirect can have, in bytes.
const MAX_REDIRECT_BYTES: usize = 2048;

/// The longest link of a page, as a browser reads it.
fn longest_link(page: &Response) -> usize {
    let links = page.body.split(" href=\"").skip(1);
    let lengths = links.filter_map(|link| link.split_once('"').map(|(href, _)| href.len()));
    lengths.max().unwrap_or_default()
}

/// Opens a page with the fields of a form, like a browser without JavaScript.
async fn open(browser: &Browser, page: &str, fields: &[(&str, &str)]) -> (String, Response) {
    let action = format!("/api/open?page={}", domain::percent_encode(page));
    let redirect = browser.submit(page, &action, fields).await;
    let location = redirect.location();
    assert!(location.len() <= MAX_REDIRECT_BYTES, "{} bytes", location.len());
    let opened = browser.get(&location).await;
    assert_eq!(opened.status, 200, "{location}");
    (location, opened)
}

#[tokio::test]
async fn two_hundred_edits_of_permissions_fit_into_short_urls() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let editor = format!("/w/{ACME}/settings/advanced/permissions");
    let opened = browser.get(&editor).await.field("opened").unwrap();
    let keys: Vec<_> = (0..200).map(|n| format!("user:person-{n:03}@acme.example")).collect();
    let mut fields = vec![("opened", opened.as_str())];
    fields.extend(keys.iter().map(|key| ("add", key.as_str())));

    let (url, page) = open(&browser, &editor, &fields).await;
    assert!(url.contains("draft="), "{url}");
    assert_eq!(page.body.matches("will be added<").count(), 200);
    assert!(longest_link(&page) < MAX_REDIRECT_BYTES, "{}", longest_link(&page));
    let undone = browser
        .get(&format!("{url}&undo={}", domain::percent_encode(&keys[7])))
        .await;
    assert_eq!(undone.body.matches("will be added<").count(), 199);
    undone.assert_has_none(&[&keys[7]]);

    let (_, review) = open(&browser, &format!("{editor}/review"), &fields).await;
    review.assert_shows(&["Added (200)", "person-199@acme.example"]);
    assert!(longest_link(&review) < MAX_REDIRECT_BYTES);
    let form = [
        ("workspace", ACME),
        ("opened", &opened),
        ("edit", &review.field("edit").unwrap()),
        ("reason", "a new team"),
    ];
    site.demo.fault(Fault::forever("PATCH", PERMISSIONS_API, Effect::Reset));
    let failed = browser.submit(&url, "/api/permissions/save", &form).await;
    assert!(failed.location().len() <= MAX_REDIRECT_BYTES, "{}", failed.location());
    let again = browser.get(&failed.location()).await;
    again.assert_shows(&["Added (200)", "person-199@acme.example"]);
    assert_eq!(again.field("edit"), review.field("edit"));
}

#[tokio::test]
async fn a_long_reason_survives_a_failed_change() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.create_token("nightly");
    let reason = "leaked ".repeat(1500);
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("back", &format!("/w/{ACME}/tokens?q=nightly")),
        ("reason", reason.trim_end()),
    ];
    site.demo.fault(Fault::forever("DELETE", TOKENS_API, Effect::Reset));
    let confirmation = format!("/w/{ACME}/tokens/{id}/revoke");
    let failed = browser.submit(&confirmation, "/api/tokens/revoke", &fields).await;
    let location = failed.location();
    assert!(
        location.len() <= MAX_REDIRECT_BYTES && location.contains("draft="),
        "{location}"
    );
    let page = browser.get(&location).await;
    page.assert_shows(&["The reason is too long.", "The maximum is 500 characters."]);
    assert!(site.has_token(&browser, &id).await);
    assert_eq!(page.field("reason").as_deref(), Some(reason.trim_end()));
    assert_eq!(
        page.field("back").as_deref(),
        Some(format!("/w/{ACME}/tokens?q=nightly").as_str())
    );
}

#[tokio::test]
async fn input_of_someone_who_has_never_signed_in_is_not_stored() {
    let site = Site::start().await;
    let browser = site.browser();
    let action = format!("/api/open?page=%2Fw%2F{ACME}%2Ftokens");
    let redirect = browser.submit("/", &action, &[("q", &"x".repeat(1500))]).await;
    assert!(!redirect.location().contains("draft="), "{}", redirect.location());
    assert!(redirect.location().len() <= MAX_REDIRECT_BYTES);
}

/// A return page after sign-in may contain form input, but anyone can also make it up.
#[tokio::test]
async fn a_return_page_with_thousands_of_levels_is_treated_as_a_long_url() {
    let site = Site::start().await;
    for browser in [site.browser(), site.sign_in().await] {
        let deep = "/sign-in?next=".repeat(1600);
        for page in [
            format!("/sign-in/oauth?workspace={ACME}&next={deep}"),
            format!("/sign-in/oauth?workspace=nowhere&next={deep}"),
            format!("/sign-in?next={deep}"),
            format!("/w/nowhere/tokens?next={deep}"),
        ] {
            let response = browser.get(&page).await;
            assert!(response.status < 500, "{}", response.status);
        }
        let action = format!("/api/open?page={deep}");
        browser.submit("/", &action, &[("q", "x")]).await;
    }
    assert_eq!(site.browser().get("/healthz").await.status, 200);
}
