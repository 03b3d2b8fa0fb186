//! The access log: the request, its result, and the number of calls to the workspace, but no secret.

use crate::support::{ACME, CapturedLog, Site, TOKENS_API, TOKENS_PAGE};

#[tokio::test]
async fn each_request_is_one_line_with_its_route_and_status() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let (log, _guard) = CapturedLog::start(tracing::Level::INFO);
    let id = site.some_token_id();
    for (path, route, status) in [
        (
            "/w/acme-prod/tokens?q=secret-search".to_owned(),
            "/w/{workspace}/tokens",
            200,
        ),
        (
            format!("/w/acme-prod/tokens/{id}"),
            "/w/{workspace}/tokens/{token}",
            200,
        ),
        ("/w/nowhere/tokens".to_owned(), "/w/{workspace}/tokens", 404),
        (
            format!("/w/acme-prod/jobs/{id}?q=secret-search"),
            "/w/{workspace}/jobs/{*rest}",
            308,
        ),
        (
            "/w/acme-prod/bulk-revocations/secret-id".to_owned(),
            "/w/{workspace}/bulk-revocations/{id}",
            404,
        ),
        ("/nothing/secret-path".to_owned(), "unmatched", 404),
        (
            "/sign-in/callback?code=secret-code&state=x".to_owned(),
            "/sign-in/callback",
            303,
        ),
        ("/healthz".to_owned(), "/healthz", 200),
    ] {
        log.clear();
        let response = browser.get(&path).await;
        let access = log.access_lines();
        assert_eq!(access.len(), 1, "{path}: {access:?}");
        let line = &access[0];
        for expected in [
            format!("request=\"{}\"", response.header("x-request-id")),
            "method=GET".to_owned(),
            format!("route=\"{route}\""),
            format!("status={status}"),
            "ms=".to_owned(),
        ] {
            assert!(line.contains(&expected), "{path} lacks {expected}: {line}");
        }
        assert!(!line.contains("secret") && !line.contains(&id), "{line}");
    }
}

#[tokio::test]
async fn calls_to_the_workspace_are_counted() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let (log, _guard) = CapturedLog::start(tracing::Level::INFO);
    let calls = async |path: &str| {
        log.clear();
        site.demo.clear_log();
        browser.get(path).await;
        let line = log.access_lines().remove(0);
        let counted = line.split_once("upstream_calls=").unwrap().1;
        let counted: usize = counted.split(' ').next().unwrap().parse().unwrap();
        let calls = site.demo.log();
        let count = |part: &str| calls.iter().filter(|call| call.path.contains(part)).count();
        // The page does not wait for owners that are in no list.
        let in_background = count("/Users/") + count("/ServicePrincipals/");
        let expected = calls.len() - in_background..=calls.len();
        assert!(expected.contains(&counted), "{path}, {expected:?} calls: {line}");
        // Reading the members of each group takes one more call.
        expected.start() - count("/Groups/")
    };
    assert_eq!(
        calls(TOKENS_PAGE).await,
        6,
        "tokens, policy, users, service principals, groups, permissions"
    );
    assert_eq!(calls(TOKENS_PAGE).await, 0, "everything is cached for a minute");
    assert!(calls("/w/acme-prod/settings/advanced").await >= 2);
    assert_eq!(calls("/healthz").await, 0);
}

#[tokio::test]
async fn no_credential_and_no_token_value_is_logged_at_any_level() {
    let site = Site::start().await;
    let (log, _guard) = CapturedLog::start(tracing::Level::TRACE);
    let browser = site.sign_in().await;
    let leaked = "dapi0123456789abcdef0123456789abcdef";
    browser.get(TOKENS_PAGE).await;
    browser
        .call("/api/tokens/find", &[("workspace", ACME), ("value", leaked)])
        .await;
    browser
        .submit("/", "/api/tokens/find_in_all", &[("value", leaked)])
        .await;
    browser
        .call(
            "/api/sign_in/with_token",
            &[("workspace", ACME), ("token", "dapi-wrong-one"), ("next", "")],
        )
        .await;
    site.demo.fault(demo_workspace::Fault::next(
        "GET",
        TOKENS_API,
        demo_workspace::Effect::WrongTypes,
    ));
    browser
        .submit("/", "/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    browser.get(TOKENS_PAGE).await;
    let session = browser.cookie().unwrap();
    let by_oauth = site.sign_in_with_oauth().await;
    by_oauth.get(TOKENS_PAGE).await;
    let text = log.text();
    assert!(!text.is_empty());
    for secret in [site.token_value().as_str(), leaked, "dapi-wrong-one"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let with_session: Vec<_> = text
        .lines()
        .filter(|l| l.contains(session.split_once('=').unwrap().1))
        .collect();
    assert!(with_session.is_empty(), "{with_session:?}");
}

#[tokio::test]
async fn a_failure_can_be_found_by_its_request_id() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let (log, _guard) = CapturedLog::start(tracing::Level::INFO);
    site.demo.fault(demo_workspace::Fault::forever(
        "GET",
        TOKENS_API,
        demo_workspace::Effect::WrongTypes,
    ));
    let page = browser.get(TOKENS_PAGE).await;
    let id = page.header("x-request-id").to_owned();
    let text = log.text();
    let line = text
        .lines()
        .find(|line| line.contains(&id) && !line.contains(" access: "))
        .unwrap();
    assert!(line.contains("token_infos"), "lacks the place in the response: {line}");
}
