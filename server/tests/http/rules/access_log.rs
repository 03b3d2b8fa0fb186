//! The access log: what was asked, how it ended, what it cost upstream, and nothing that should not be kept.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{ACME, Site, TOKENS};

/// Collects what is logged by this thread, on which the whole test runs.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub(crate) fn collect(level: tracing::Level) -> (Self, (DefaultGuard, Dispatch)) {
        let lines = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_ansi(false)
            .with_writer(lines.clone())
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        // As long as there is one subscriber only, what another test's thread, which has none, comes by first is off for all
        // threads (tracing_core::callsite). Nextest gives each test a process; `cargo test` does not.
        (lines, (guard, Dispatch::new(NoSubscriber::default())))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines of the access log.
    fn access(&self) -> Vec<String> {
        let text = self.text();
        text.lines()
            .filter(|line| line.contains(" access: "))
            .map(str::to_owned)
            .collect()
    }

    fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn each_request_is_one_line_with_its_template_and_its_end() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let (lines, _guard) = Lines::collect(tracing::Level::INFO);
    let id = site.some_token();
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
        lines.clear();
        let answer = browser.get(&path).await;
        let access = lines.access();
        assert_eq!(access.len(), 1, "{path}: {access:?}");
        let line = &access[0];
        for expected in [
            format!("request=\"{}\"", answer.header("x-request-id")),
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
async fn what_a_request_asked_of_the_workspace_is_counted() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let (lines, _guard) = Lines::collect(tracing::Level::INFO);
    let calls = async |path: &str| {
        lines.clear();
        site.demo.clear_log();
        browser.get(path).await;
        let expected = site.demo.log().len();
        let line = lines.access().remove(0);
        assert!(
            line.contains(&format!("upstream_calls={expected} ")),
            "{path}, {expected} calls: {line}"
        );
        expected
    };
    assert_eq!(
        calls("/w/acme-prod/tokens").await,
        6,
        "tokens, policy, users, service principals, groups, permissions"
    );
    assert_eq!(
        calls("/w/acme-prod/tokens").await,
        0,
        "all of it is shared for a minute"
    );
    assert!(calls("/w/acme-prod/settings/advanced").await >= 2);
    assert_eq!(calls("/healthz").await, 0);
}

#[tokio::test]
async fn no_credential_and_no_leaked_value_is_logged_at_any_level() {
    let site = Site::start().await;
    let (lines, _guard) = Lines::collect(tracing::Level::TRACE);
    let browser = site.signed_in().await;
    let leaked = "dapi0123456789abcdef0123456789abcdef";
    browser.get("/w/acme-prod/tokens").await;
    browser
        .call("/api/tokens/find", &[("workspace", ACME), ("value", leaked)])
        .await;
    browser
        .call(
            "/api/sign_in/with_token",
            &[("workspace", ACME), ("token", "dapi-wrong-one"), ("next", "")],
        )
        .await;
    site.demo.fault(demo_workspace::Fault::next(
        "GET",
        TOKENS,
        demo_workspace::Effect::WrongTypes,
    ));
    browser
        .submit("/", "/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    browser.get("/w/acme-prod/tokens").await;
    let session = browser.cookie().unwrap();
    let by_oauth = site.by_oauth().await;
    by_oauth.get("/w/acme-prod/tokens").await;
    let text = lines.text();
    assert!(!text.is_empty());
    for secret in [site.pat().as_str(), leaked, "dapi-wrong-one"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let ours: Vec<_> = text
        .lines()
        .filter(|l| l.contains(session.split_once('=').unwrap().1))
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[tokio::test]
async fn a_failure_can_be_found_by_the_id_that_the_page_shows() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let (lines, _guard) = Lines::collect(tracing::Level::INFO);
    site.demo.fault(demo_workspace::Fault::forever(
        "GET",
        TOKENS,
        demo_workspace::Effect::WrongTypes,
    ));
    let page = browser.get("/w/acme-prod/tokens").await;
    let id = page.header("x-request-id").to_owned();
    let text = lines.text();
    let told = text
        .lines()
        .find(|line| line.contains(&id) && !line.contains(" access: "))
        .unwrap();
    assert!(told.contains("token_infos"), "it names the place in the answer: {told}");
}
