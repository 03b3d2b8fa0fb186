//! The headers of every kind of response.

use std::io::Read as _;

use demo_workspace::{Effect, Fault};
use reqwest::Method;

use crate::support::{ACME, Response, Setup, Site, TOKENS_PAGE};

/// One response of each kind: a description, its status, and the response.
async fn responses(site: &Site) -> Vec<(&'static str, u16, Response)> {
    let browser = site.sign_in().await;
    let post = |path: &str| {
        browser
            .request(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
    };
    let other_host = site.browser_at("http://evil.example");
    vec![
        ("page", 200, browser.get(TOKENS_PAGE).await),
        ("sign-in page", 200, browser.get("/sign-in").await),
        ("redirect of a page", 303, browser.get("/w/acme-prod").await),
        ("redirect of an old page", 308, browser.get("/w/acme-prod/jobs").await),
        ("error page", 404, browser.get("/w/nowhere/tokens").await),
        ("unknown page", 404, browser.get("/nothing").await),
        ("unknown file", 404, browser.get("/pkg/none.js").await),
        ("probe", 200, browser.get("/healthz").await),
        (
            "form of another origin",
            403,
            browser.send(browser.request(Method::POST, "/sign-in")).await,
        ),
        ("wrong method", 405, browser.send(post("/sign-in")).await),
        (
            "too large",
            413,
            browser.send(post("/sign-in").body(vec![b'a'; 70_000])).await,
        ),
        ("unknown host", 421, other_host.get("/").await),
        (
            "failed function",
            404,
            browser
                .call("/api/tokens/refresh", &[("workspace", "x"), ("back", "")])
                .await,
        ),
        (
            "function by form",
            303,
            browser
                .submit("/", "/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
                .await,
        ),
        (
            "unreadable function",
            400,
            browser.call("/api/tokens/refresh", &[]).await,
        ),
        (
            "OAuth start",
            303,
            browser.get("/sign-in/oauth?workspace=acme-prod").await,
        ),
        (
            "OAuth start without a workspace",
            400,
            browser.get("/sign-in/oauth").await,
        ),
        ("OAuth callback", 303, browser.get("/sign-in/callback").await),
    ]
}

#[tokio::test]
async fn every_response_has_security_headers_a_request_id_and_is_not_stored() {
    let site = Site::start().await;
    for (what, status, response) in responses(&site).await {
        assert_eq!(response.status, status, "{what}: {}", response.body);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(response.header(name), value, "{what}: {name}");
        }
        let policy = response.header("content-security-policy");
        for directive in [
            "default-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(directive), "{what}: {policy}");
        }
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains('*'),
            "{what}"
        );
        let caching = response.header("cache-control");
        assert!(matches!(caching, "private, no-store" | "no-store"), "{what}: {caching}");
        assert_eq!(response.header("x-request-id").len(), 36, "{what}");
        assert!(response.headers.get("strict-transport-security").is_none(), "{what}");
        assert!(response.headers.get("server").is_none(), "{what}");
    }
}

/// Another site that opens or navigates a window must not keep a handle to it.
#[tokio::test]
async fn only_a_navigation_from_the_console_or_by_its_user_has_no_opener_policy() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for (headers, is_cut) in [
        (&[][..], true),
        (
            &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
            true,
        ),
        (&[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")], true),
        (&[("sec-fetch-site", "none"), ("sec-fetch-mode", "cors")], true),
        (&[("sec-fetch-mode", "navigate")], true),
        (&[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")], false),
        (
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")],
            false,
        ),
    ] {
        let request = headers
            .iter()
            .fold(browser.request(Method::GET, TOKENS_PAGE), |request, (name, value)| {
                request.header(*name, *value)
            });
        let response = browser.send(request).await;
        assert_eq!(response.status, 200);
        let policy = response.headers.get("cross-origin-opener-policy");
        assert_eq!(policy.is_some(), is_cut, "{headers:?}");
    }
}

#[tokio::test]
async fn pages_are_private_and_not_stored() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for (name, page) in site.workspace_pages() {
        assert_eq!(
            browser.get(&page).await.header("cache-control"),
            "private, no-store",
            "{name}"
        );
    }
}

#[tokio::test]
async fn only_pages_can_run_scripts_each_by_a_nonce_of_its_own() {
    let site = Site::start().await;
    let nonce = |response: &Response| {
        let policy = response.header("content-security-policy").to_owned();
        let scripts = policy
            .split("; ")
            .find(|d| d.starts_with("script-src "))
            .unwrap()
            .to_owned();
        scripts
            .split_once("'nonce-")
            .map(|(_, rest)| rest.split_once('\'').unwrap().0.to_owned())
    };
    let mut nonces = std::collections::BTreeSet::new();
    for (what, _, response) in responses(&site).await {
        let page = response.header("content-type").starts_with("text/html");
        let nonce = nonce(&response);
        assert!(page || nonce.is_none() || response.status == 303, "{what}");
        if page && response.status != 303 {
            let nonce = nonce.unwrap();
            assert!(nonce.len() >= 16, "{what}");
            for script in response.body.split("<script").skip(1) {
                assert!(script.split_once('>').unwrap().0.contains(&nonce), "{what}: {script}");
            }
            assert!(nonces.insert(nonce), "{what}: used before");
        }
    }
    assert!(nonces.len() >= 4);
}

#[tokio::test]
async fn with_an_https_url_transport_and_cookies_are_strict() {
    let setup = Setup {
        public_url: Some("https://console.acme.example"),
        ..Setup::default()
    };
    let site = Site::start_with(setup).await;
    let browser = site.browser();
    let response = site.submit_token(&browser, &site.token_value()).await;
    assert_eq!(response.header("strict-transport-security"), "max-age=31536000");
    let cookie = response.header("set-cookie");
    assert!(cookie.starts_with("__Host-pat_console="), "{cookie}");
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let theme = site.browser().submit("/", "/api/theme", &[("theme", "dark")]).await;
    assert!(
        theme.header("set-cookie").contains("; Secure"),
        "{}",
        theme.header("set-cookie")
    );
    assert_eq!(browser.get(TOKENS_PAGE).await.status, 200);
}

#[tokio::test]
async fn a_failure_shows_its_request_id() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demo.fault(Fault::forever("GET", "/api", Effect::Reset));
    let response = browser.get(TOKENS_PAGE).await;
    let request_id = response.header("x-request-id");
    response.assert_shows(&[&format!("Request ID {request_id}")]);
    // The page after the redirect shows a form's failure; a script gets the ID of the failed request.
    let failed = browser
        .call("/api/tokens/refresh", &[("workspace", "nowhere"), ("back", "")])
        .await;
    failed.assert_has(&[failed.header("x-request-id")]);
}

#[tokio::test]
async fn pages_are_compressed_for_browsers_that_accept_it() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser.get(TOKENS_PAGE).await;
    for (accepted, encoding) in [
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0, br;q=0.5, gzip", "gzip"),
    ] {
        let request = browser
            .request(Method::GET, TOKENS_PAGE)
            .header("accept-encoding", accepted);
        let compressed = request.send().await.unwrap();
        assert_eq!(compressed.headers()["content-encoding"], encoding, "{accepted}");
        assert!(
            compressed.headers()["vary"]
                .to_str()
                .unwrap()
                .to_lowercase()
                .contains("accept-encoding"),
            "{accepted}"
        );
        let body = compressed.bytes().await.unwrap();
        assert!(body.len() * 4 < page.body.len(), "{accepted}");
        let html = decompressed(&body, encoding);
        assert!(
            html.starts_with("<!DOCTYPE html>") && html.contains("</html>"),
            "{accepted}: {html}"
        );
    }
}

#[tokio::test]
async fn exports_are_compressed_too_and_pages_are_not_for_browsers_that_do_not_accept_it() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let get = |path: String, accepted: &'static str| {
        let request = browser.request(Method::GET, &path);
        request.header("accept-encoding", accepted).send()
    };
    for encoding in ["zstd", "br", "gzip"] {
        let export = get(format!("/w/{ACME}/tokens.csv"), encoding).await.unwrap();
        assert_eq!(export.headers()["content-encoding"], encoding);
        let csv = decompressed(&export.bytes().await.unwrap(), encoding);
        assert!(csv.starts_with("id,comment,owner_id"), "{csv}");
    }
    for accepted in ["identity", "deflate", "br;q=0"] {
        let page = get(TOKENS_PAGE.to_owned(), accepted).await.unwrap();
        assert!(page.headers().get("content-encoding").is_none(), "{accepted}");
        assert!(page.headers().get("vary").is_some(), "{accepted}");
    }
}

fn decompressed(body: &[u8], encoding: &str) -> String {
    let mut text = Vec::new();
    match encoding {
        "zstd" => zstd::stream::copy_decode(body, &mut text).unwrap(),
        "br" => brotli::BrotliDecompress(&mut &body[..], &mut text).unwrap(),
        _ => {
            flate2::read::GzDecoder::new(body).read_to_end(&mut text).unwrap();
        }
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn every_file_that_a_page_names_is_cached_forever() {
    let site = Site::start().await;
    let browser = site.browser();
    let page = browser.get("/sign-in").await;
    // A server without a built site links to no files.
    let named = page.body.split('"').filter(|text| text.starts_with("/pkg/"));
    for path in named {
        let response = browser.send(browser.request(Method::HEAD, path)).await;
        assert_eq!(response.status, 200, "{path}");
        assert_eq!(
            response.header("cache-control"),
            "public, max-age=31536000, immutable",
            "{path}"
        );
        assert_eq!(response.header("x-content-type-options"), "nosniff", "{path}");
        assert!(
            response.header("content-security-policy").contains("script-src 'none'"),
            "{path}"
        );
        assert_eq!(response.header("set-cookie"), "", "{path}");
    }
}

#[tokio::test]
async fn without_https_the_theme_cookie_is_not_secure() {
    let site = Site::start().await;
    let theme = site.browser().submit("/", "/api/theme", &[("theme", "dark")]).await;
    let cookie = theme.header("set-cookie");
    assert!(
        cookie.starts_with(&format!("theme_{}=dark;", site.address.port())) && !cookie.contains("Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn proxies_do_not_buffer_exports() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for path in [
        "tokens.csv",
        "tokens.json",
        "findings.csv",
        "findings.json",
        "activity.csv",
        "activity.json",
    ] {
        let response = browser.get(&format!("/w/{ACME}/{path}")).await;
        assert_eq!(
            (response.status, response.header("x-accel-buffering")),
            (200, "no"),
            "{path}"
        );
    }
}
