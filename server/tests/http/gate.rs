//! What is turned away before anything looks at it.

use reqwest::Method;

use crate::support::{ACME, Site, raw};

const REVOKE: &str = "/api/tokens/revoke";

#[tokio::test]
async fn a_post_must_say_that_it_comes_from_this_console() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = site.some_token();
    let origin = site.origin().to_owned();
    let cases: [(&[(&str, &str)], bool); 10] = [
        (&[], false),
        (&[("origin", "null")], false),
        (&[("origin", "https://evil.example")], false),
        (&[("origin", "http://127.0.0.1")], false),
        (&[("referer", &origin)], false),
        (&[("sec-fetch-site", "none")], false),
        (&[("sec-fetch-site", "same-site")], false),
        // Where browsers say it, the origin does not count.
        (&[("sec-fetch-site", "cross-site"), ("origin", &origin)], false),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("origin", &origin)], true),
    ];
    for (headers, passes) in cases {
        let mut request = browser
            .request(Method::POST, "/api/tokens/refresh")
            .header("accept", "text/html")
            .form(&[("workspace", ACME), ("back", "/w/acme-prod/tokens")]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = browser.send(request).await;
        assert_eq!(answer.status == 403, !passes, "{headers:?}: {}", answer.status);
    }
    let bare = browser
        .request(Method::POST, REVOKE)
        .form(&[("workspace", ACME), ("id", &id), ("back", "")]);
    assert_eq!(browser.send(bare).await.status, 403);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        assert_eq!(
            browser
                .send(browser.request(method, "/w/acme-prod/tokens"))
                .await
                .status,
            403
        );
    }
    assert!(site.has_token(&browser, &id).await);
}

#[tokio::test]
async fn a_foreign_host_is_misdirected() {
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
            let answer = ask(&site, method, path, &host).await;
            assert!(answer.starts_with("HTTP/1.1 421 "), "{host}: {answer}");
            assert!(!answer.contains("evil"), "{host}");
        }
    }
}

#[tokio::test]
async fn another_name_of_this_machine_is_redirected_to_the_public_one() {
    let site = Site::start().await;
    let port = site.address.port();
    for host in [
        format!("localhost:{port}"),
        "LOCALHOST".to_owned(),
        format!("[::1]:{port}"),
        "127.0.0.2".to_owned(),
    ] {
        let answer = ask(&site, "GET", "/w/acme-prod/tokens?q=a%20b", &host).await;
        let to = format!("location: {}/w/acme-prod/tokens?q=a%20b\r\n", site.origin());
        assert!(
            answer.starts_with("HTTP/1.1 307 ") && answer.contains(&to),
            "{host}: {answer}"
        );
        let posted = ask(&site, "POST", REVOKE, &host).await;
        assert!(posted.starts_with("HTTP/1.1 421 "), "{host}: {posted}");
    }
}

#[tokio::test]
async fn probes_need_no_host() {
    let site = Site::start().await;
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "{\"status\":\"ready\"}")] {
        let answer = ask(&site, "GET", path, "10.1.2.3:8080").await;
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(text),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_closed_database_is_not_ready_but_alive() {
    let site = Site::start().await;
    site.store.close().await.unwrap();
    let answer = site.browser().get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(site.browser().get("/healthz").await.status, 200);
}

#[tokio::test]
async fn the_wrong_method_is_told() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    for (method, path) in [
        (Method::POST, "/w/acme-prod/tokens"),
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
        let answer = browser.send(request).await;
        assert_eq!(answer.status, 405, "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_beyond_64_kb_is_refused_announced_or_not() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let head = |length: &str| {
        format!(
            "POST /api/tokens/comment HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{length}\r\n\r\n",
            site.address,
            browser.cookie().unwrap()
        )
    };
    let two_megabytes = vec![b'a'; 2 << 20];
    let mut announced = head("Content-Length: 2097152").into_bytes();
    announced.extend(&two_megabytes);
    let mut chunked = head("Transfer-Encoding: chunked").into_bytes();
    for chunk in two_megabytes.chunks(1 << 16) {
        chunked.extend(format!("{:x}\r\n", chunk.len()).bytes());
        chunked.extend(chunk);
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    for request in [announced, chunked] {
        let answer = raw(site.address, request).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    }
    assert_eq!(site.calls("PATCH", "/"), 0);
}

#[tokio::test]
async fn the_longest_comment_fits() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = site.some_token();
    let comment = "🚀".repeat(1000);
    let fields = [("workspace", ACME), ("id", &id), ("comment", &comment)];
    let page = browser
        .submit_and_follow(&format!("/w/{ACME}/tokens/{id}"), "/api/tokens/comment", &fields)
        .await;
    assert!(
        page.said().contains("Comment saved."),
        "{} {}",
        page.said(),
        page.failed()
    );
}

async fn ask(site: &Site, method: &str, path: &str, host: &str) -> String {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    raw(site.address, request.into_bytes()).await
}
