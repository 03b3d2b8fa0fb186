//! A token with an unreadable text or field hides no other token.

use demo_workspace::{Effect, Fault, FaultBody};

use crate::routes::bulk::{draft, open};
use crate::support::{ACME, Site, TOKENS_API, TOKENS_PAGE};

/// Makes the workspace list these rows from now on.
fn list_rows(site: &Site, rows: &[&str]) {
    let text = format!("{{\"token_infos\":[{}]}}", rows.join(","));
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text,
    };
    site.demo.clear_faults();
    site.demo
        .fault(Fault::forever("GET", TOKENS_API, Effect::Answer { status: 200, body }));
}

/// A readable row.
fn valid_row(n: usize) -> String {
    format!("{{\"token_id\":\"good-{n}\",\"comment\":\"comment {n}\"}}")
}

#[tokio::test]
async fn malformed_text_breaks_no_list_no_export_and_no_sign_in() {
    let site = Site::start().await;
    let texts = [
        r"half a pair \ud83d",
        r"turned \ude80\ud83d",
        "raw\tcontrol\u{1}",
        r"nul \u0000 here",
        r"\q",
    ];
    let bad: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| format!("{{\"comment\":\"{text}\",\"token_id\":\"odd-{n}\"}}"))
        .collect();
    let mut all: Vec<&str> = bad.iter().map(String::as_str).collect();
    let last = valid_row(1);
    all.push(&last);
    list_rows(&site, &all);
    // Signing in lists the user's tokens, and this user owns such tokens.
    let browser = site.sign_in().await;
    let list = browser.get(TOKENS_PAGE).await;
    assert_eq!(list.status, 200);
    list.assert_shows(&["Showing 1 to 6.", "half a pair \u{fffd}", "nul here"]);
    list.assert_has_none(&["\0"]);
    list.assert_lacks(&["could not be read"]);
    let found = browser.get(&format!("{TOKENS_PAGE}?q=half+a+pair")).await;
    found.assert_shows(&["Showing 1 to 1."]);
    for format in ["csv", "json"] {
        let export = browser.get(&format!("{TOKENS_PAGE}.{format}")).await;
        assert_eq!(export.status, 200);
        export.assert_has(&["odd-0", "good-1"]);
        export.assert_has_none(&["\0"]);
    }
}

#[tokio::test]
async fn an_unreadable_row_is_reported_and_can_be_revoked() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    let (one, two) = (valid_row(1), valid_row(2));
    let bad = format!("{{\"token_id\":\"{id}\",\"creation_time\":\"yesterday\"}}");
    list_rows(&site, &[&one, &bad, &two]);
    let list = browser.get(TOKENS_PAGE).await;
    list.assert_shows(&["1 token could not be read (row 2)", "Showing 1 to 2."]);
    let revoke = format!("{TOKENS_PAGE}/{id}/revoke");
    list.assert_has(&[&revoke]);

    // Its own page is unreadable too, but it can be revoked.
    let confirm = browser.get(&revoke).await;
    assert_eq!(
        (confirm.status, confirm.h1()),
        (200, vec![format!("Revoke token {}?", &id[..8])])
    );
    confirm.assert_shows(&[&id, "could not be read"]);
    site.demo.clear_faults();
    let fields = [("workspace", ACME), ("id", id.as_str()), ("back", TOKENS_PAGE)];
    let done = browser.submit(&revoke, "/api/tokens/revoke", &fields).await;
    assert!(done.location().contains("done=revoked"), "{}", done.location());
    assert!(!site.has_token(&browser, &id).await);
}

#[tokio::test]
async fn the_use_of_tokens_that_could_not_be_read_is_at_least_what_was_seen_for_each_owner_too() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    list_rows(&site, &[&valid_row(1), &valid_row(2)]);
    let list = open(&browser, "").await;
    let fields: Vec<_> = list.boxes.iter().map(|token| ("sel", token.as_str())).collect();
    let fields = [fields, vec![("of", list.of.as_str())]].concat();
    let review = draft(&browser, &fields).await.location();
    browser.get(&review).await.assert_lacks(&["at least"]);
    let bad = r#"{"token_id":"good-2","creation_time":"yesterday"}"#;
    list_rows(&site, &[&valid_row(1), bad]);
    let refresh = [("workspace", ACME), ("back", "/")];
    browser.submit(TOKENS_PAGE, "/api/tokens/refresh", &refresh).await;
    let page = browser.get(&review).await;
    page.assert_shows(&["1 token could not be read"]);
    page.assert_has(&[
        "data-label=\"Used today\" class=\"num\">at least 0<",
        "data-label=\"Used in 7 days\" class=\"num\">at least 0<",
    ]);
}

#[tokio::test]
async fn rows_without_a_valid_id_are_counted_and_offer_no_action() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let one = valid_row(1);
    list_rows(
        &site,
        &[r#"{"token_id":"a\ud800"}"#, &one, "null", r#"{"comment":"no id"}"#],
    );
    let list = browser.get(TOKENS_PAGE).await;
    list.assert_shows(&["3 tokens could not be read (rows 1, 3, 4)"]);
    list.assert_has_none(&["/revoke\">Revoke</a></li>"]);
}

#[tokio::test]
async fn text_direction_characters_are_shown_and_have_no_effect() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.create_token("a\u{202e}gpj.exe \u{2066}x");
    for page in [
        format!("{TOKENS_PAGE}?q={id}"),
        format!("{TOKENS_PAGE}/{id}"),
        format!("{TOKENS_PAGE}/{id}/revoke"),
    ] {
        let shown = browser.get(&page).await;
        shown.assert_shows(&["a[U+202E]gpj.exe [U+2066]x"]);
        shown.assert_lacks(&["\u{202e}", "\u{2066}"]);
    }
    // The edit form contains the unchanged comment.
    let detail = browser.get(&format!("{TOKENS_PAGE}/{id}")).await;
    assert_eq!(detail.field("comment").as_deref(), Some("a\u{202e}gpj.exe \u{2066}x"));
}
