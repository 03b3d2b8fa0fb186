//! Paths of older versions: links to `/w/{workspace}/jobs…` redirect, and forms that post to `/api/jobs/…` still work.

use app::problem::Problem;
use reqwest::Method;

use crate::rules::access_log::Lines;
use crate::rules::server_functions::{Fields, functions, problem, with_workspace};
use crate::support::{ACME, Browser, Site};

const TOKENS_PAGE: &str = "/w/acme-prod/tokens";

/// Each server function that was `/api/jobs/{name}`: its path then and now, and good arguments.
fn renamed(site: &Site) -> Vec<(String, &'static str, Fields)> {
    let all: Vec<_> = functions(site)
        .into_iter()
        .filter_map(|(path, fields, _)| {
            let name = path.strip_prefix("/api/bulk_revocations/")?;
            Some((format!("/api/jobs/{name}"), path, fields))
        })
        .collect();
    assert_eq!(all.len(), 5);
    all
}

/// A draft of a revocation of one new token by an old form: its page.
async fn draft(site: &Site, browser: &Browser) -> String {
    let token = site.token_with("doomed");
    let fields = [("sel", &token[..16])];
    let answer = browser
        .submit(TOKENS_PAGE, "/api/jobs/draft?workspace=acme-prod", &fields)
        .await;
    let page = answer.location();
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert!(page.starts_with(&format!("/w/{ACME}/bulk-revocations/")), "{page}");
    page
}

#[tokio::test]
async fn every_old_page_redirects_permanently_with_its_id_and_query() {
    let site = Site::start().await;
    let signed_in = site.signed_in().await;
    let id = "0".repeat(32);
    for browser in [site.browser(), signed_in] {
        for rest in [
            String::new(),
            "/".to_owned(),
            "?a=1".to_owned(),
            format!("/{id}"),
            format!("/{id}?state=failed&from=51"),
            format!("/{id}?__err=a%20b%26c&x=%2F%2Fevil.example"),
            format!("/{id}/events"),
            "/x%2Fy/z".to_owned(),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let request = browser.request(method.clone(), &format!("/w/{ACME}/jobs{rest}"));
                let answer = browser.send(request).await;
                assert_eq!(
                    (answer.status, answer.location()),
                    (308, format!("/w/{ACME}/bulk-revocations{rest}")),
                    "{method} {rest}"
                );
                assert_eq!(answer.header("x-content-type-options"), "nosniff", "{rest}");
                assert_eq!(answer.header("cache-control"), "private, no-store", "{rest}");
                assert_ne!(answer.header("x-request-id"), "", "{rest}");
            }
        }
        let jobs = browser.get("/w/jobs/jobs/jobs?jobs=/jobs").await;
        assert_eq!(jobs.location(), "/w/jobs/bulk-revocations/jobs?jobs=/jobs");
    }
}

#[tokio::test]
async fn an_old_page_leads_to_the_new_one() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let page = draft(&site, &browser).await;
    let old = page.replace("/bulk-revocations/", "/jobs/");
    let review = browser.follow(&browser.get(&old).await).await;
    assert_eq!(review.h1(), ["Revoke 1 token"]);
    let list = browser.follow(&browser.get(&format!("/w/{ACME}/jobs")).await).await;
    assert_eq!(list.status, 200);
}

#[tokio::test]
async fn old_pages_follow_the_rules_of_every_route() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let path = format!("/w/{ACME}/jobs/{}", "0".repeat(32));
    let foreign = site.browser_at("http://evil.example").get(&path).await;
    assert_eq!((foreign.status, foreign.location()), (421, String::new()));
    let post = browser
        .request(Method::POST, &path)
        .header("sec-fetch-site", "same-origin");
    assert_eq!(browser.send(post).await.status, 405);
    let cross_site = browser
        .request(Method::POST, &path)
        .header("sec-fetch-site", "cross-site");
    assert_eq!(browser.send(cross_site).await.status, 403);
}

#[tokio::test]
async fn old_forms_do_what_the_new_ones_do() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let page = draft(&site, &browser).await;
    let id = page.rsplit('/').next().unwrap();
    let fields = [("workspace", ACME), ("job", id)];
    let started = browser.submit(&page, "/api/jobs/start", &fields).await;
    assert_eq!((started.status, started.location()), (303, page.clone()));
    // The stream ends when the revocation does.
    let old_events = format!("/w/{ACME}/jobs/{id}/events");
    let events = browser.follow(&browser.get(&old_events).await).await;
    assert!(
        events.header("content-type").starts_with("text/event-stream"),
        "{:?}",
        events.headers
    );
    assert_eq!(site.calls("DELETE", "/"), 1);
    let submit = async |path: String| {
        let answer = browser.submit(&page, &path, &fields).await;
        // A failure is in the address with the ID of its request.
        let leads_to = answer.location().split("__err=").next().unwrap_or_default().to_owned();
        (answer.status, leads_to)
    };
    for action in ["start", "cancel", "resume", "retry"] {
        let old = submit(format!("/api/jobs/{action}")).await;
        assert!(old.1.starts_with(&page), "{action}: {old:?}");
        assert_eq!(old, submit(format!("/api/bulk_revocations/{action}")).await, "{action}");
    }
}

#[tokio::test]
async fn old_calls_are_refused_as_the_new_ones_are() {
    let site = Site::start().await;
    let (stranger, admin) = (site.browser(), site.signed_in().await);
    for (old, new, fields) in renamed(&site) {
        let form = with_workspace(ACME, &fields);
        let answer = stranger.call(&old, &form).await;
        assert_eq!((answer.status, problem(&answer)), (401, Problem::SignedOut), "{old}");
        let nowhere = with_workspace("nowhere", &fields);
        let answer = admin.call(&old, &nowhere).await;
        let unknown = (404, Problem::UnknownWorkspace);
        assert_eq!((answer.status, problem(&answer)), unknown, "{old}");
        for path in [old.as_str(), new] {
            let post = || admin.request(Method::POST, path);
            let cross_site = post().header("sec-fetch-site", "cross-site").form(&form);
            assert_eq!(admin.send(cross_site).await.status, 403, "{path}");
            assert_eq!(
                admin.send(post().form(&form)).await.status,
                403,
                "{path} without headers"
            );
            let large = post().header("sec-fetch-site", "same-origin").body(vec![b'a'; 70_000]);
            assert_eq!(admin.send(large).await.status, 413, "{path}");
            assert_eq!(admin.get(path).await.status, 405, "{path}");
            // A form that cannot be read leads to a page.
            let unreadable = admin.submit("/", path, &[]).await;
            assert!(matches!(unreadable.status, 302 | 303), "{path}: {}", unreadable.status);
        }
    }
    for path in ["/api/jobs/delete", "/api/jobs/", "/api/jobs/start/"] {
        let answer = admin.call(path, &[("workspace", ACME)]).await;
        assert!(matches!(answer.status, 400 | 404 | 405), "{path}: {}", answer.status);
    }
    assert_eq!(site.calls("DELETE", "/"), 0);
}

#[tokio::test]
async fn an_old_call_is_logged_by_its_new_route() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let renamed = renamed(&site);
    let (lines, _guard) = Lines::collect(tracing::Level::INFO);
    for (old, _, fields) in &renamed {
        browser.call(old, &with_workspace(ACME, fields)).await;
    }
    let text = lines.text();
    for (_, new, _) in &renamed {
        assert!(text.contains(&format!("route=\"{new}\"")), "lacks {new}: {text}");
    }
    assert!(!text.contains("/api/jobs"), "{text}");
}
