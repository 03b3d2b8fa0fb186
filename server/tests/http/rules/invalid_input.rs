//! Invalid paths, queries, forms, bodies and cookies: none makes the console fail, leak something, or show false
//! information.

use app::problem::{Failure, Problem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use reqwest::Method;

use crate::support::{ACME, Site, TOKENS_PAGE, send_raw};

const HOSTILE: [&str; 6] = [
    "<script>alert('xss')</script>",
    "\"><img src=x onerror=alert(1)>",
    "</textarea></title><svg/onload=alert(1)>",
    "=HYPERLINK(\"https://evil.example\",\"Click me\")",
    "{{7*7}} ${HOME} `id` %00 &lt;b&gt;",
    "invoice\u{202e}fdp.exe\u{202c} \u{0} sync",
];

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn invalid_token_ids_are_not_found() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let long = "a".repeat(5000);
    for id in [
        &long,
        "%00",
        "%ff%fe",
        "%0d%0aX:y",
        "%252e%252e",
        "%3Cscript%3E",
        "..%2f..%2fworkspace-conf",
        "%F0%9F%9A%80",
        "a;b=c",
    ] {
        for page in ["", "/revoke"] {
            let response = browser.get(&format!("/w/{ACME}/tokens/{id}{page}")).await;
            assert_eq!(response.status, 404, "{id}");
            assert_eq!(response.h1().len(), 1, "{id}");
            response.assert_has_none(&["<script>"]);
        }
        let fields = [("workspace", ACME), ("id", id), ("comment", "x")];
        let response = browser.call("/api/tokens/comment", &fields).await;
        assert_eq!(response.status, 404, "{id}");
    }
}

#[tokio::test]
async fn path_traversal_leads_nowhere() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let cookie = browser.cookie().unwrap();
    let long = format!("/{}", "a/".repeat(10_000));
    for path in [
        "/../../../etc/passwd",
        "/w/../../etc/passwd",
        "/w/acme-prod/../acme-dev/tokens",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/pkg/../../Cargo.toml",
        "/pkg/%2e%2e/%2e%2e/Cargo.toml",
        "/pkg/..%2f..%2fCargo.toml",
        "//evil.example/w/acme-prod",
        "///evil.example",
        "/\\evil.example",
        "/w//tokens",
        "/w/%2e%2e/tokens",
        "/w/acme-prod%2ftokens",
        "/w/acme%2dprod%00/tokens",
        "/w/ACME-PROD/tokens",
        "/w/acme-prod/tokens/",
        "/%00",
        "/%",
        "/%zz",
        "/%ff",
        "/sign-in%2foauth",
        "/api/..%2f..%2f",
        "http://evil.example/w/acme-prod",
        "*",
        long.as_str(),
    ] {
        for method in ["GET", "POST"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n",
                site.address
            );
            let response = send_raw(site.address, request.into_bytes()).await;
            let status: u16 = response.get(9..12).and_then(|s| s.parse().ok()).unwrap_or_default();
            assert!(
                (300..500).contains(&status) || (status == 200 && matches!(path, "/w/acme-prod/tokens/" | "*")),
                "{method} {path}: {response}"
            );
            let location = response
                .lines()
                .find_map(|line| line.strip_prefix("location: "))
                .unwrap_or("/");
            let is_own_path = location.starts_with('/') && !location.starts_with("//") && !location.starts_with("/\\");
            assert!(is_own_path, "{method} {path} leads to {location}");
            assert!(
                !response.contains("root:") && !response.contains("[workspace]"),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn invalid_queries_show_the_unfiltered_list() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let long = format!("q={}", "x".repeat(20_000));
    for query in [
        "page=99999999999999999999",
        "page=18446744073709551615",
        "page=-1",
        "page=0",
        "page=",
        "page=1.5",
        "sort=%ff",
        "sort=--created",
        "sort=password",
        "status=nope&finding=nope",
        "mark=nope",
        "created_by_id=abc",
        "created_by_id=99999999999999999999999",
        "created_by_id=-1",
        "q=%00%01%02",
        "q=%ff%fe",
        "q=%E0%A4%A",
        "&&&===&=&",
        "?",
        "q=a&q=b&q=c",
        "done=revoked",
        "done=revoked&token=%00",
        "done=switch&to=on",
        "done=nope",
        &long,
    ] {
        let response = browser.get(&format!("/w/{ACME}/tokens?{query}")).await;
        assert_eq!(response.status, 200, "{query}");
        assert_eq!(response.h1(), ["Personal access tokens"], "{query}");
        assert_eq!(response.status_message(), "", "{query}");
        for page in ["/settings/advanced", "/settings/advanced/switch", "/find"] {
            let response = browser.get(&format!("/w/{ACME}{page}?{query}&lifetime=%ff%00")).await;
            assert_eq!(response.status, 200, "{page} {query}");
            // The page can show a state that the workspace has just confirmed.
            let message = response.status_message();
            let true_state = "Personal access tokens are enabled. Confirmed at";
            assert!(
                message.is_empty() || message.starts_with(true_state),
                "{page} {query}: {message}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_number_beyond_the_last_shows_the_last_page() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let response = browser.get(&format!("/w/{ACME}/tokens?page=9999")).await;
    response.assert_shows(&["Page 3 of 3"]);
}

#[tokio::test]
async fn hostile_comments_are_shown_as_text() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for comment in HOSTILE {
        let id = site.create_token(comment);
        browser
            .submit("/", "/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
            .await;
        let token = format!("/w/{ACME}/tokens/{id}");
        let mut pages = vec![
            browser.get(TOKENS_PAGE).await,
            browser.get(&format!("/w/{ACME}/tokens?q={}", encoded(comment))).await,
            browser.get(&token).await,
            browser.get(&format!("{token}/revoke")).await,
        ];
        let fields = [("workspace", ACME), ("id", &id), ("back", "")];
        pages.push(
            browser
                .submit_and_follow(&format!("{token}/revoke"), "/api/tokens/revoke", &fields)
                .await,
        );
        for page in pages {
            assert_eq!(page.status, 200, "{comment}");
            page.assert_has_none(&["<script>alert", "<img src=x", "<svg/onload", "\"><img", "</textarea>"]);
        }
    }
}

#[tokio::test]
async fn a_hostile_search_is_shown_as_text() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for text in HOSTILE {
        for field in ["q", "owner", "created_by_username"] {
            let page = browser
                .get(&format!("/w/{ACME}/tokens?{field}={}", encoded(text)))
                .await;
            assert_eq!(page.status, 200);
            page.assert_has_none(&["<script>alert", "<img src=x"]);
            let sanitized: String = text.chars().filter(|c| !c.is_control()).collect();
            assert_eq!(page.field(field).as_deref(), Some(sanitized.as_str()));
        }
    }
}

#[tokio::test]
async fn a_token_value_in_the_search_is_dropped() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let value = site.demo.credentials().non_admin.pat.clone().unwrap();
    let page = browser.get(&format!("/w/{ACME}/tokens?q={value}")).await;
    assert_eq!(page.field("q").as_deref(), Some(""));
    page.assert_has_none(&[&value]);
}

/// The pages that show the failure of a form.
fn failure_pages(site: &Site) -> Vec<String> {
    let mut pages: Vec<_> = site.workspace_pages().map(|(_, page)| page).to_vec();
    pages.push("/sign-in".to_owned());
    pages
}

#[tokio::test]
async fn an_invalid_error_code_is_ignored() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let texts = [
        "",
        "Your account was hacked, call +1 555 0100",
        r#"{"ServerError":"Your account was hacked"}"#,
        r#"{"problem":"NoSuchCode","request_id":"x"}"#,
        r#"{"problem":"Garbled","request_id":"x"}"#,
        r#"{"problem":{"WorkspaceFailed":{"status":"hacked"}},"request_id":"x"}"#,
        "\u{0}\u{1}",
    ];
    let mut codes: Vec<_> = texts.map(|text| URL_SAFE.encode(text)).to_vec();
    codes.extend(["%00", "!!!!", "%ff", "ServerError|hacked"].map(str::to_owned));
    for page in failure_pages(&site) {
        for code in &codes {
            let separator = if page.contains('?') { '&' } else { '?' };
            let response = browser
                .get(&format!(
                    "{page}{separator}__path=%2Fapi%2Ftokens%2Frevoke&__err={}",
                    encoded(code)
                ))
                .await;
            assert_eq!(response.status, 200, "{page} {code}");
            assert_eq!(response.error_message(), "", "{page} {code}");
            response.assert_lacks(&["hacked"]);
        }
    }
}

#[tokio::test]
async fn a_forged_error_code_shows_only_the_consoles_own_text() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let forged = Failure::new(Problem::WorkspaceFailed { status: 599 }, "<b>Call +1 555 0100</b>");
    for page in failure_pages(&site) {
        let response = browser.get(&forged.to_url(&page)).await;
        assert!(
            response.status == 200 || page == "/sign-in",
            "{page}: {}",
            response.status
        );
        response.assert_shows(&["is having problems (HTTP 599)."]);
        response.assert_has_none(&["555 0100"]);
    }
}

#[tokio::test]
async fn bodies_that_are_not_forms_are_refused() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    let bodies: [(&str, Vec<u8>); 8] = [
        ("application/x-www-form-urlencoded", Vec::new()),
        ("application/x-www-form-urlencoded", b"%%%".to_vec()),
        ("application/x-www-form-urlencoded", b"workspace=acme-prod".to_vec()),
        (
            "application/x-www-form-urlencoded",
            b"workspace[a]=b&id=c&back".to_vec(),
        ),
        ("application/x-www-form-urlencoded", vec![0xff, 0xfe, 0x00]),
        (
            "application/json",
            format!(r#"{{"workspace":"{ACME}","id":"{id}","back":""}}"#).into_bytes(),
        ),
        ("multipart/form-data", b"--x\r\n\r\n".to_vec()),
        ("", b"\0\0\0\0".to_vec()),
    ];
    for function in [
        "tokens/revoke",
        "tokens/comment",
        "tokens/refresh",
        "tokens/find",
        "tokens/find_in_all",
        "settings/switch",
        "settings/lifetime",
        "sign_in/with_token",
    ] {
        for (content_type, body) in &bodies {
            let send = async |accept: &str| {
                let request = browser
                    .request(Method::POST, &format!("/api/{function}"))
                    .header("accept", accept)
                    .header("content-type", *content_type)
                    .header("sec-fetch-site", "same-origin")
                    .header("referer", format!("{}/w/{ACME}/tokens", site.origin()))
                    .body(body.clone());
                browser.send(request).await
            };
            let script = send("application/json").await;
            assert!(
                (400..500).contains(&script.status),
                "{function} {content_type} {body:?}: {} {}",
                script.status,
                script.body
            );
            let form = send("text/html").await;
            assert!(
                (300..400).contains(&form.status),
                "{function} {content_type} {body:?}: {}",
                form.status
            );
            let page = browser.follow(&form).await;
            assert!(page.status < 500, "{function}");
        }
    }
    assert_eq!(site.call_count("DELETE", "/") + site.call_count("PATCH", "/"), 0);
}

#[tokio::test]
async fn an_invalid_switch_state_is_refused() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let response = browser
        .call("/api/settings/switch", &[("workspace", ACME), ("to", "sideways")])
        .await;
    assert_eq!(response.status, 400);
    assert_eq!(site.call_count("PATCH", "/"), 0);
}

#[tokio::test]
async fn an_invalid_cookie_is_not_a_session() {
    let site = Site::start().await;
    let name = format!("pat_console_dev_{}", site.address.port());
    for cookie in [
        &format!("{name}="),
        &format!("{name}=AAAA"),
        "=;=;",
        &format!("{name}={}", "a".repeat(6000)),
    ] {
        let request = format!(
            "GET /w/{ACME}/tokens HTTP/1.1\r\nHost: {}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n",
            site.address
        );
        let response = send_raw(site.address, request.into_bytes()).await;
        assert!(response.starts_with("HTTP/1.1 303 "), "{cookie}: {response}");
    }
}
