//! What somebody wrote into a comment or a name, or what a workspace got wrong about one token, costs that one alone.

use demo_workspace::{Effect, Fault, FaultBody};

use crate::support::{ACME, Site, TOKENS};

const LIST: &str = "/w/acme-prod/tokens";

/// The workspace answers with these rows from now on.
fn rows(site: &Site, rows: &[&str]) {
    let text = format!("{{\"token_infos\":[{}]}}", rows.join(","));
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text,
    };
    site.demo.clear_faults();
    site.demo
        .fault(Fault::forever("GET", TOKENS, Effect::Answer { status: 200, body }));
}

fn good(n: usize) -> String {
    format!("{{\"token_id\":\"good-{n}\",\"comment\":\"comment {n}\"}}")
}

#[tokio::test]
async fn malformed_text_takes_no_list_no_export_and_no_sign_in_away() {
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
    let last = good(1);
    all.push(&last);
    rows(&site, &all);
    // The owner of such a token signs in, which asks for their tokens.
    let browser = site.signed_in().await;
    let list = browser.get(LIST).await;
    assert_eq!(list.status, 200);
    let text = list.text();
    assert!(text.contains("Showing 1 to 6."), "{text}");
    assert!(
        text.contains("half a pair \u{fffd}") && text.contains("nul here"),
        "{text}"
    );
    assert!(!list.body.contains('\0') && !text.contains("could not be read"));
    let found = browser.get(&format!("{LIST}?q=half+a+pair")).await;
    assert!(found.text().contains("Showing 1 to 1."));
    for format in ["csv", "json"] {
        let export = browser.get(&format!("{LIST}.{format}")).await;
        assert_eq!(export.status, 200);
        assert!(
            export.body.contains("odd-0") && export.body.contains("good-1"),
            "{}",
            export.body
        );
        assert!(!export.body.contains('\0'));
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_told_and_can_be_revoked() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = site.some_token();
    let (one, two) = (good(1), good(2));
    let bad = format!("{{\"token_id\":\"{id}\",\"creation_time\":\"yesterday\"}}");
    rows(&site, &[&one, &bad, &two]);
    let list = browser.get(LIST).await;
    assert!(
        list.text().contains("1 token could not be read (row 2)"),
        "{}",
        list.text()
    );
    assert!(list.text().contains("Showing 1 to 2."));
    let revoke = format!("{LIST}/{id}/revoke");
    assert!(list.body.contains(&revoke), "a way to revoke it");

    // Its own page cannot be read either, and still it can be revoked.
    let confirm = browser.get(&revoke).await;
    assert_eq!(
        (confirm.status, confirm.h1()),
        (200, vec![format!("Revoke token {}", &id[..8])])
    );
    assert!(confirm.text().contains(&id) && confirm.text().contains("could not be read"));
    site.demo.clear_faults();
    let fields = [("workspace", ACME), ("id", id.as_str()), ("back", LIST)];
    let done = browser.submit(&revoke, "/api/tokens/revoke", &fields).await;
    assert!(done.location().contains("done=revoked"), "{}", done.location());
    assert!(!site.has_token(&browser, &id).await);
}

#[tokio::test]
async fn rows_without_an_exact_id_are_counted_and_nothing_can_be_done_with_them() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let one = good(1);
    rows(
        &site,
        &[r#"{"token_id":"a\ud800"}"#, &one, "null", r#"{"comment":"no id"}"#],
    );
    let list = browser.get(LIST).await;
    let text = list.text();
    assert!(text.contains("3 tokens could not be read (rows 1, 3, 4)"), "{text}");
    assert!(!list.body.contains("/revoke\">Revoke</a></li>"));
}

#[tokio::test]
async fn directions_of_text_are_shown_and_not_obeyed() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = site.token_with("a\u{202e}gpj.exe \u{2066}x");
    for page in [
        format!("{LIST}?q={id}"),
        format!("{LIST}/{id}"),
        format!("{LIST}/{id}/revoke"),
    ] {
        let shown = browser.get(&page).await;
        let text = shown.text();
        assert!(text.contains("a[U+202E]gpj.exe [U+2066]x"), "{page}: {text}");
        assert!(!text.contains(['\u{202e}', '\u{2066}']), "{page}");
    }
    // The form that edits it sends back what is there.
    let detail = browser.get(&format!("{LIST}/{id}")).await;
    assert_eq!(detail.value("comment").as_deref(), Some("a\u{202e}gpj.exe \u{2066}x"));
}
