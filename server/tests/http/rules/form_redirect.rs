//! The page that a form leads to belongs to this console, whatever is submitted.

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

#[tokio::test]
async fn a_refused_sign_in_leads_to_the_sign_in_page_whatever_the_referring_page() {
    let site = Site::start().await;
    let browser = site.browser();
    let next = format!("{TOKENS_PAGE}?q=ci");
    for referrer in [
        None,
        Some("https://evil.example/w/acme-prod/tokens"),
        Some("/sign-in"),
        Some("evil"),
    ] {
        let mut request = browser
            .request(reqwest::Method::POST, "/api/sign_in/with_token")
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .form(&[("workspace", ACME), ("token", "dapi0"), ("next", &next)]);
        if let Some(referrer) = referrer {
            request = request.header("referer", referrer);
        }
        let response = browser.send(request).await;
        let location = response.location();
        assert!(location.starts_with("/sign-in?next="), "{referrer:?}: {location}");
        let page = browser.follow(&response).await;
        assert_eq!(page.status, 401);
        page.assert_shows(&["rejected this credential."]);
        assert_eq!(page.field("next").unwrap(), next);
    }
}

#[tokio::test]
async fn a_foreign_referring_page_never_becomes_a_redirect() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let own = format!("{}/", site.origin());
    // Anything directly after the origin becomes part of another host.
    let foreign = [
        format!("{}.evil.example/x", site.origin()),
        "https://evil.example/x".to_owned(),
    ];
    for action in [
        "/api/sign_in/with_token",
        "/api/theme",
        "/api/time_zone",
        "/api/sessions/end",
        "/api/tokens/revoke",
        "/api/nothing",
    ] {
        for referrer in &foreign {
            let request = browser
                .request(reqwest::Method::POST, action)
                .header("accept", "text/html")
                .header("sec-fetch-site", "same-origin")
                .header("referer", referrer)
                .form(&[("workspace", ACME)]);
            let location = browser.send(request).await.location();
            let is_own = location.starts_with(&own) || (location.starts_with('/') && !location.starts_with("//"));
            assert!(is_own && !location.contains("evil"), "{action}: {location}");
        }
    }
}
