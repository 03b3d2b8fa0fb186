//! The headers of every kind of response.

use demo_workspace::{Effect, Fault};
use reqwest::Method;

use crate::support::{ACME, Answer, Setup, Site};

/// One response of each kind, by what it is.
async fn responses(site: &Site) -> Vec<(&'static str, u16, Answer)> {
    let browser = site.signed_in().await;
    let post = |path: &str| {
        browser
            .request(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
    };
    let foreign = site.browser_at("http://evil.example");
    vec![
        ("page", 200, browser.get("/w/acme-prod/tokens").await),
        ("sign-in page", 200, browser.get("/sign-in").await),
        ("redirect of a page", 303, browser.get("/w/acme-prod").await),
        ("redirect of an old page", 308, browser.get("/w/acme-prod/jobs").await),
        ("blocked page", 404, browser.get("/w/nowhere/tokens").await),
        ("page that is none", 404, browser.get("/nothing").await),
        ("file that is none", 404, browser.get("/pkg/none.js").await),
        ("probe", 200, browser.get("/healthz").await),
        (
            "not our form",
            403,
            browser.send(browser.request(Method::POST, "/sign-in")).await,
        ),
        ("wrong method", 405, browser.send(post("/sign-in")).await),
        (
            "too large",
            413,
            browser.send(post("/sign-in").body(vec![b'a'; 70_000])).await,
        ),
        ("foreign host", 421, foreign.get("/").await),
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
async fn every_response_is_secured_identified_and_kept_by_nobody() {
    let site = Site::start().await;
    for (what, status, answer) in responses(&site).await {
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{what}: {name}");
        }
        let policy = answer.header("content-security-policy");
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
        let caching = answer.header("cache-control");
        assert!(matches!(caching, "private, no-store" | "no-store"), "{what}: {caching}");
        assert_eq!(answer.header("x-request-id").len(), 36, "{what}");
        assert!(answer.headers.get("strict-transport-security").is_none(), "{what}");
        assert!(answer.headers.get("server").is_none(), "{what}");
    }
}

#[tokio::test]
async fn pages_are_private_and_not_stored() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    for (what, page) in site.workspace_pages() {
        assert_eq!(
            browser.get(&page).await.header("cache-control"),
            "private, no-store",
            "{what}"
        );
    }
}

#[tokio::test]
async fn only_pages_may_run_scripts_each_by_a_nonce_of_its_own() {
    let site = Site::start().await;
    let nonce = |answer: &Answer| {
        let policy = answer.header("content-security-policy").to_owned();
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
    for (what, _, answer) in responses(&site).await {
        let page = answer.header("content-type").starts_with("text/html");
        let nonce = nonce(&answer);
        assert!(page || nonce.is_none() || answer.status == 303, "{what}");
        if page && answer.status != 303 {
            let nonce = nonce.unwrap();
            assert!(nonce.len() >= 16, "{what}");
            for script in answer.body.split("<script").skip(1) {
                assert!(script.split_once('>').unwrap().0.contains(&nonce), "{what}: {script}");
            }
            assert!(nonces.insert(nonce), "{what}: used before");
        }
    }
    assert!(nonces.len() >= 4);
}

#[tokio::test]
async fn behind_https_transport_and_cookie_are_strict() {
    let setup = Setup {
        public_url: Some("https://console.acme.example"),
        ..Setup::default()
    };
    let site = Site::with(setup).await;
    let browser = site.browser();
    let answer = site.try_token(&browser, &site.pat()).await;
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    let cookie = answer.header("set-cookie");
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
    assert_eq!(browser.get("/w/acme-prod/tokens").await.status, 200);
}

#[tokio::test]
async fn a_failure_shows_the_id_of_its_request() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    site.demo.fault(Fault::forever("GET", "/api", Effect::Reset));
    let answer = browser.get("/w/acme-prod/tokens").await;
    assert!(
        answer
            .text()
            .contains(&format!("Request ID {}", answer.header("x-request-id"))),
        "{}",
        answer.text()
    );
    // A form's failure is shown by another request than the one that failed.
    let failed = browser
        .call("/api/tokens/refresh", &[("workspace", "nowhere"), ("back", "")])
        .await;
    assert!(failed.body.contains(failed.header("x-request-id")));
}

#[tokio::test]
async fn pages_are_compressed_where_that_is_understood() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let page = browser.get("/w/acme-prod/tokens").await;
    let request = browser
        .request(Method::GET, "/w/acme-prod/tokens")
        .header("accept-encoding", "br");
    let packed = request.send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "br");
    assert!(
        packed.headers()["vary"]
            .to_str()
            .unwrap()
            .to_lowercase()
            .contains("accept-encoding")
    );
    assert!(packed.bytes().await.unwrap().len() * 4 < page.body.len());
}

#[tokio::test]
async fn every_file_that_a_page_names_is_there_for_good() {
    let site = Site::start().await;
    let browser = site.browser();
    let page = browser.get("/sign-in").await;
    // Without a site built in, a page names none.
    let named = page.body.split('"').filter(|text| text.starts_with("/pkg/"));
    for path in named {
        let answer = browser.send(browser.request(Method::HEAD, path)).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable",
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(
            answer.header("content-security-policy").contains("script-src 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("set-cookie"), "", "{path}");
    }
}

#[tokio::test]
async fn on_this_machine_the_theme_needs_no_https() {
    let site = Site::start().await;
    let theme = site.browser().submit("/", "/api/theme", &[("theme", "dark")]).await;
    let cookie = theme.header("set-cookie");
    assert!(
        cookie.starts_with("theme=dark;") && !cookie.contains("Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn no_proxy_collects_a_stream() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    for path in ["tokens.csv", "tokens.json", "activity.csv", "activity.json"] {
        let answer = browser.get(&format!("/w/{ACME}/{path}")).await;
        assert_eq!(
            (answer.status, answer.header("x-accel-buffering")),
            (200, "no"),
            "{path}"
        );
    }
}
