//! Finding leaked tokens in a text.

use console::{Timing, token_id_of};
use demo_workspace::{Effect, Fault, FaultBody};

use crate::support::{ACME, Browser, Response, Setup, Site, TOKENS_API, TOKENS_PAGE};

const PAGE: &str = "/w/acme-prod/find";
const UNKNOWN: &str = "dapi00000000000000000000000000000000";

async fn find(browser: &Browser, value: &str) -> Response {
    let fields = [("workspace", ACME), ("value", value)];
    browser.submit(PAGE, "/api/tokens/find", &fields).await
}

fn leaked(site: &Site) -> String {
    site.demo.credentials().non_admin.pat.clone().unwrap()
}

#[tokio::test]
async fn the_only_token_in_a_text_is_found_and_no_value_is_sent_to_the_workspace() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let value = leaked(&site);
    let page = format!("{TOKENS_PAGE}/{}?from=leak", site.some_token_id());
    for text in [
        format!("  {value}\n"),
        format!("export DATABRICKS_TOKEN=\"{value}\""),
        format!("Authorization: Bearer {value}"),
        format!("2026-11-26 GET /api token={value}-2&x=1"),
        value.to_uppercase(),
        site.some_token_id(),
    ] {
        let response = find(&browser, &text).await;
        assert_eq!(response.location(), page, "{text}");
        assert_eq!(browser.follow(&response).await.status, 200);
    }
    let calls = format!("{:?}", site.demo.log());
    assert!(!calls.contains(&value[4..]));
}

#[tokio::test]
async fn several_tokens_have_a_row_each() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let text = format!("{UNKNOWN}\n{}\n{UNKNOWN} again", leaked(&site));
    let response = find(&browser, &text).await;
    assert!(!response.location().contains("dapi"), "{}", response.location());
    let page = browser.follow(&response).await;
    page.assert_shows(&[
        "1 of 2 tokens found in acme-prod",
        "No. 1 Not found",
        "The ID of an older token may not be a hash of its value",
    ]);
    page.assert_has(&[&format!("{TOKENS_PAGE}/{}/revoke", site.some_token_id())]);
    let place = |number: &str| page.body.find(number).unwrap();
    assert!(place("No. 2") < place("No. 1"), "what was found is first");
    assert!(!page.body.contains("dapi0"));
}

#[tokio::test]
async fn a_value_that_is_not_found_is_not_called_safe() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser.follow(&find(&browser, UNKNOWN).await).await;
    assert_eq!(page.status, 200);
    page.assert_shows(&[
        "The token was not found in acme-prod",
        "may be revoked already, or belong to another workspace",
        "Look in all workspaces",
    ]);
    page.assert_lacks(&["good sign"]);
    let hashes = page.body.split("name=\"hashes\" value=\"").nth(1).unwrap();
    let hashes = hashes.split('"').next().unwrap();
    assert!(hashes.contains(token_id_of(&UNKNOWN.into()).as_str()), "{hashes}");
    let everywhere = browser
        .submit_and_follow("/", "/api/tokens/find_in_all", &[("hashes", hashes)])
        .await;
    everywhere.assert_shows(&[
        "Not found in 1 workspace; 1 could not be searched",
        "acme-dev Not signed in",
    ]);
    for text in [
        "short",
        "hunter2hunter2hunter2",
        "dapi0123",
        &format!("dapi{}", &leaked(&site)[5..]),
    ] {
        let message = browser.follow(&find(&browser, text).await).await.error_message();
        assert!(
            message.contains(
                "No value in the shape of a Databricks token (dapi and 32 hex digits) was found. This does not show \
                 that none is there."
            ),
            "{text}: {message}"
        );
    }
}

#[tokio::test]
async fn hashes_from_the_browser_are_enough() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = token_id_of(&leaked(&site).into());
    let unknown = "0".repeat(64);
    let fields = |hashes: &str| vec![("workspace", ACME.to_owned()), ("hashes", hashes.to_owned())];
    let send = async |hashes: &str| {
        let fields = fields(hashes);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.submit(PAGE, "/api/tokens/find", &fields).await
    };
    let page = format!("{TOKENS_PAGE}/{id}?from=leak");
    assert_eq!(send(&format!("{unknown}.{id}")).await.location(), page);
    let both = browser.follow(&send(&format!("{unknown}*{id}")).await).await;
    both.assert_shows(&["1 of 2 tokens found in acme-prod"]);
    let message = browser.follow(&send("no*hash.es").await).await.error_message();
    assert!(message.contains("No value in the shape"), "{message}");
}

#[tokio::test]
async fn a_lookup_belongs_to_one_person_and_is_forgotten() {
    let site = Site::start().await;
    let (browser, other) = (site.sign_in().await, site.sign_in_with_oauth().await);
    let page = find(&browser, UNKNOWN).await.location();
    browser.get(&page).await.assert_shows(&["was not found"]);
    other
        .get(&page)
        .await
        .assert_shows(&["This lookup was not found. Paste the text again."]);
}

#[tokio::test]
async fn an_auditor_and_a_read_only_console_can_look_up_and_not_revoke() {
    let site = Site::start_with(Setup {
        has_auditor: true,
        read_only: true,
        ..Setup::default()
    })
    .await;
    let browser = site.sign_in_auditor().await;
    let text = format!("{} {UNKNOWN}", leaked(&site));
    let page = browser.follow(&find(&browser, &text).await).await;
    page.assert_shows(&["1 of 2 tokens found in acme-prod"]);
    page.assert_has_none(&["/revoke"]);
}

#[tokio::test]
async fn if_the_workspace_cannot_be_searched_nothing_is_reported_as_not_found() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    browser.get(TOKENS_PAGE).await;
    let body = FaultBody::Empty;
    let path = format!("{TOKENS_API}/");
    site.demo
        .fault(Fault::forever("GET", &path, Effect::Answer { status: 403, body }));
    let page = browser.follow(&find(&browser, UNKNOWN).await).await;
    page.assert_shows(&["Unknown:"]);
}

#[tokio::test]
async fn lookups_are_limited() {
    let site = Site::start_with(Setup {
        timing: Timing::default(),
        ..Setup::default()
    })
    .await;
    let browser = site.sign_in().await;
    let mut last = find(&browser, &leaked(&site)).await;
    for _ in 0..30 {
        last = find(&browser, &leaked(&site)).await;
    }
    let message = browser.follow(&last).await.error_message();
    assert!(message.contains("Too many lookups"), "{message}");
}

#[tokio::test]
async fn a_token_value_in_any_form_is_in_no_url() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let value = leaked(&site);
    for (page, field) in [
        (TOKENS_PAGE, "q"),
        (TOKENS_PAGE, "owner"),
        (TOKENS_PAGE, "scope"),
        ("/w/acme-prod/activity", "q"),
        ("/w/acme-prod/settings/advanced/permissions/find", "find"),
        ("/w/acme-prod/tokens/new/review", "comment"),
    ] {
        for text in [value.as_str(), &value[..20], "x DAPI"] {
            let action = format!("/api/open?page={}", page.replace('/', "%2F"));
            let fields = [(field, text), ("sort", "owner")];
            let response = browser.submit(page, &action, &fields).await;
            let location = response.location();
            assert!(
                location.starts_with(&format!("{page}?sort=owner&__err=")),
                "{page}: {location}"
            );
            let followed = browser.follow(&response).await;
            assert!(!followed.body.contains(&value[..20]), "{page}");
        }
    }
    let list = browser.submit(
        TOKENS_PAGE,
        "/api/open?page=%2Fw%2Facme-prod%2Ftokens",
        &[("q", "dapi")],
    );
    let list = browser.follow(&list.await).await;
    assert!(
        list.error_message()
            .contains("This looks like a token value, so it was not used"),
        "{}",
        list.error_message()
    );
    // A failed change keeps its input in the URL of its page, but never a token value.
    let page = format!("{TOKENS_PAGE}/{}", "0".repeat(64));
    let fields = [
        ("workspace", ACME),
        ("id", &page[TOKENS_PAGE.len() + 1..]),
        ("comment", &value),
    ];
    let failed = browser.submit(&page, "/api/tokens/comment", &fields).await;
    assert!(!failed.location().contains("dapi"), "{}", failed.location());
    for foreign in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", ""] {
        let response = browser
            .submit(TOKENS_PAGE, &format!("/api/open?page={foreign}"), &[("q", "x")])
            .await;
        assert_eq!(response.location(), "/", "{foreign}");
    }
}
