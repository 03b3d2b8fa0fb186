//! The methods that each route accepts.

use reqwest::Method;

use crate::support::{Site, TOKENS_PAGE};

const REVOKE: &str = "/api/tokens/revoke";

#[tokio::test]
async fn head_returns_the_status_of_get_without_a_body() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for (path, status) in [
        (TOKENS_PAGE, 200),
        ("/sign-in", 200),
        ("/", 200),
        ("/w/acme-prod", 303),
        ("/nothing", 404),
        ("/healthz", 200),
        ("/pkg/none.js", 404),
    ] {
        let response = browser.send(browser.request(Method::HEAD, path)).await;
        assert_eq!((response.status, response.body.as_str()), (status, ""), "{path}");
    }
}

#[tokio::test]
async fn any_other_method_gets_405() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for (method, path) in [
        (Method::POST, TOKENS_PAGE),
        (Method::POST, "/sign-in"),
        (Method::POST, "/sign-in/oauth"),
        (Method::POST, "/sign-in/callback"),
        (Method::POST, "/healthz"),
        (Method::POST, "/nothing"),
        (Method::DELETE, "/w/acme-prod/tokens/x"),
        (Method::PUT, REVOKE),
        (Method::GET, REVOKE),
        (Method::OPTIONS, REVOKE),
    ] {
        let request = browser
            .request(method.clone(), path)
            .header("sec-fetch-site", "same-origin");
        let response = browser.send(request).await;
        assert_eq!(response.status, 405, "{method} {path}");
    }
}
