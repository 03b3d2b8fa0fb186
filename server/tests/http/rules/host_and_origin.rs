//! The `Host` that a request can name, and the origin of a form. Both are checked before any route runs.

use reqwest::Method;

use crate::support::{ACME, Setup, Site, TOKENS_PAGE, send_raw};

const REVOKE: &str = "/api/tokens/revoke";

/// The raw response to a same-origin request that is sent to `host`.
async fn request_with_host(site: &Site, method: &str, path: &str, host: &str) -> String {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n"
    );
    send_raw(site.address, request.into_bytes()).await
}

#[tokio::test]
async fn a_post_has_to_come_from_this_console() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    let origin = site.origin().to_owned();
    let cases: [(&[(&str, &str)], bool); 10] = [
        (&[], false),
        (&[("origin", "null")], false),
        (&[("origin", "https://evil.example")], false),
        (&[("origin", "http://127.0.0.1")], false),
        (&[("referer", &origin)], false),
        (&[("sec-fetch-site", "none")], false),
        (&[("sec-fetch-site", "same-site")], false),
        // If `Sec-Fetch-Site` is sent, `Origin` is ignored.
        (&[("sec-fetch-site", "cross-site"), ("origin", &origin)], false),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("origin", &origin)], true),
    ];
    for (headers, is_accepted) in cases {
        let mut request = browser
            .request(Method::POST, "/api/tokens/refresh")
            .header("accept", "text/html")
            .form(&[("workspace", ACME), ("back", TOKENS_PAGE)]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = browser.send(request).await;
        assert_eq!(response.status == 403, !is_accepted, "{headers:?}: {}", response.status);
    }
    let without_origin = browser
        .request(Method::POST, REVOKE)
        .form(&[("workspace", ACME), ("id", &id), ("back", "")]);
    assert_eq!(browser.send(without_origin).await.status, 403);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let response = browser.send(browser.request(method, TOKENS_PAGE)).await;
        assert_eq!(response.status, 403);
    }
    assert!(site.has_token(&browser, &id).await);
}

#[tokio::test]
async fn an_unknown_host_gets_421() {
    let site = Site::start().await;
    let port = site.address.port();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        "0.0.0.0".to_owned(),
        "192.168.0.7".to_owned(),
        String::new(),
    ] {
        for (method, path) in [("GET", "/sign-in"), ("POST", REVOKE)] {
            let response = request_with_host(&site, method, path, &host).await;
            assert!(response.starts_with("HTTP/1.1 421 "), "{host}: {response}");
            let arrived = match host.as_str() {
                "" => "no host".to_owned(),
                host => format!("the host \u{201c}{host}\u{201d}"),
            };
            assert!(response.contains(&arrived), "{host}: {response}");
            assert!(response.contains("content-type: text/plain"), "{host}: {response}");
            assert!(response.contains("proxy_set_header Host"), "{host}: {response}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_does_not_pass_the_host_on_is_told_so_and_never_redirected() {
    let site = Site::start_with(Setup {
        public_url: Some("https://pats.example.com"),
        ..Setup::default()
    })
    .await;
    for host in ["127.0.0.1:3000", "localhost", "console_upstream"] {
        let response = request_with_host(&site, "GET", "/w/acme-prod/tokens", host).await;
        assert!(response.starts_with("HTTP/1.1 421 "), "{host}: {response}");
        assert!(
            response.contains(&format!("the host \u{201c}{host}\u{201d}")),
            "{response}"
        );
        assert!(
            response.contains("the console is at \u{201c}pats.example.com\u{201d}"),
            "{response}"
        );
    }
    for host in ["pats.example.com", "pats.example.com:443", "pats.example.com."] {
        let response = request_with_host(&site, "GET", "/sign-in", host).await;
        assert!(response.starts_with("HTTP/1.1 200 "), "{host}: {response}");
    }
    let invalid = request_with_host(&site, "GET", "/sign-in", "<b>x</b>").await;
    assert!(!invalid.contains("<b>"), "{invalid}");
}

#[tokio::test]
async fn other_names_of_this_machine_redirect_to_the_public_url() {
    let site = Site::start().await;
    let port = site.address.port();
    for host in [
        format!("localhost:{port}"),
        "LOCALHOST".to_owned(),
        format!("[::1]:{port}"),
        "127.0.0.2".to_owned(),
    ] {
        let response = request_with_host(&site, "GET", "/w/acme-prod/tokens?q=a%20b", &host).await;
        assert!(response.starts_with("HTTP/1.1 307 "), "{host}: {response}");
        let location = format!("location: {}/w/acme-prod/tokens?q=a%20b\r\n", site.origin());
        assert!(response.contains(&location), "{host}: {response}");
        let posted = request_with_host(&site, "POST", REVOKE, &host).await;
        assert!(posted.starts_with("HTTP/1.1 421 "), "{host}: {posted}");
    }
}

#[tokio::test]
async fn health_checks_accept_any_host() {
    let site = Site::start().await;
    for (path, body) in [("/healthz", "ok\n"), ("/readyz", "{\"status\":\"ready\"}")] {
        let response = request_with_host(&site, "GET", path, "10.1.2.3:8080").await;
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        assert!(response.ends_with(body), "{response}");
    }
}
