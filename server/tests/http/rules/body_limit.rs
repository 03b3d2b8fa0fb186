//! The limit on the size of a request's body.

use crate::support::{ACME, Site, TOKENS_PAGE, send_raw};

#[tokio::test]
async fn a_body_over_64_kb_is_refused_with_and_without_a_content_length() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let head = |length: &str| {
        format!(
            "POST /api/tokens/comment HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{length}\r\n\r\n",
            site.address,
            browser.cookie().unwrap()
        )
    };
    let two_megabytes = vec![b'a'; 2 << 20];
    let mut with_length = head("Content-Length: 2097152").into_bytes();
    with_length.extend(&two_megabytes);
    let mut chunked = head("Transfer-Encoding: chunked").into_bytes();
    for chunk in two_megabytes.chunks(1 << 16) {
        chunked.extend(format!("{:x}\r\n", chunk.len()).bytes());
        chunked.extend(chunk);
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    for request in [with_length, chunked] {
        let response = send_raw(site.address, request).await;
        assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
    }
    assert_eq!(site.call_count("PATCH", "/"), 0);
}

#[tokio::test]
async fn the_longest_comment_fits() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    let comment = "🚀".repeat(1000);
    let fields = [("workspace", ACME), ("id", &id), ("comment", &comment)];
    let page = browser
        .submit_and_follow(&format!("{TOKENS_PAGE}/{id}"), "/api/tokens/comment", &fields)
        .await;
    assert_eq!(page.error_message(), "");
    let shown = "🚀".repeat(60);
    let message = page.status_message();
    assert!(
        message.starts_with(&format!("Comment saved for “{shown}…” (")),
        "{message}"
    );
}
