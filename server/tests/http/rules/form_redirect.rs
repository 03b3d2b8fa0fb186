//! Where a form leads: a page of this console, whatever is sent.

use crate::routes::tokens_revoke::revoke;
use crate::support::{ACME, OTHER, Site, TOKENS_PAGE};

#[tokio::test]
async fn forms_return_only_to_pages_of_this_console() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for back in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\r\nX: y",
    ] {
        let fields = [("workspace", ACME), ("back", back)];
        let refreshed = browser.submit(TOKENS_PAGE, "/api/tokens/refresh", &fields).await;
        assert_eq!(refreshed.location(), TOKENS_PAGE, "{back}");
        let location = revoke(&browser, &"0".repeat(64), back).await.location();
        assert!(
            location.starts_with(&format!("{TOKENS_PAGE}?done=revoked")),
            "{back}: {location}"
        );
    }
}

#[tokio::test]
async fn a_failed_form_without_a_referring_page_leads_to_a_page_of_this_console() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let request = browser
        .request(reqwest::Method::POST, "/api/tokens/revoke")
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .form(&[("workspace", OTHER), ("id", "x"), ("back", "")]);
    let response = browser.send(request).await;
    assert!((300..400).contains(&response.status), "{}", response.status);
    assert!(response.location().starts_with('/'), "{}", response.location());
}
