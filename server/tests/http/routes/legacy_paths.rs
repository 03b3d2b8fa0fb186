//! Paths of older versions: links to `/w/{workspace}/jobs…` redirect, and forms that post to `/api/jobs/…` still work.

use app::problem::Problem;
use reqwest::Method;

use crate::rules::server_functions::{Fields, functions, with_workspace};
use crate::support::{ACME, Browser, CapturedLog, Site, TOKENS_PAGE};

/// Each server function that used to be `/api/jobs/{name}`: its old path, its new path, and valid arguments.
fn renamed(site: &Site) -> Vec<(String, &'static str, Fields)> {
    let all: Vec<_> = functions(site)
        .into_iter()
        .filter_map(|(path, fields, _)| {
            let name = path.strip_prefix("/api/bulk_revocations/")?;
            // This function never had another path.
            let name = Some(name).filter(|name| *name != "check")?;
            // Drafting a change of scopes is newer than the old paths.
            let is_later = fields.iter().any(|(name, _)| ["change", "put-back"].contains(name));
            let name = Some(name).filter(|_| !is_later)?;
            Some((format!("/api/jobs/{name}"), path, fields))
        })
        .collect();
    assert_eq!(all.len(), 5);
    all
}

/// Drafts the revocation of one new token through an old form. Returns the path of its page.
async fn draft(site: &Site, browser: &Browser) -> String {
    let token = site.create_token("doomed");
    let fields = [("sel", &token[..16])];
    let response = browser
        .submit(TOKENS_PAGE, "/api/jobs/draft?workspace=acme-prod", &fields)
        .await;
    let page = response.location();
    assert_eq!(response.status, 303, "{}", response.body);
    assert!(page.starts_with(&format!("/w/{ACME}/bulk-revocations/")), "{page}");
    page
}

#[tokio::test]
async fn every_old_page_redirects_permanently_with_its_id_and_query() {
    let site = Site::start().await;
    let signed_in = site.sign_in().await;
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
                let response = browser.send(request).await;
                assert_eq!(
                    (response.status, response.location()),
                    (308, format!("/w/{ACME}/bulk-revocations{rest}")),
                    "{method} {rest}"
                );
                assert_eq!(response.header("x-content-type-options"), "nosniff", "{rest}");
                assert_eq!(response.header("cache-control"), "private, no-store", "{rest}");
                assert_ne!(response.header("x-request-id"), "", "{rest}");
            }
        }
        let jobs = browser.get("/w/jobs/jobs/jobs?jobs=/jobs").await;
        assert_eq!(jobs.location(), "/w/jobs/bulk-revocations/jobs?jobs=/jobs");
    }
}

#[tokio::test]
async fn an_old_page_leads_to_the_new_one() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
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
    let browser = site.sign_in().await;
    let path = format!("/w/{ACME}/jobs/{}", "0".repeat(32));
    let other_host = site.browser_at("http://evil.example").get(&path).await;
    assert_eq!((other_host.status, other_host.location()), (421, String::new()));
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
    let browser = site.sign_in().await;
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
    assert_eq!(site.call_count("DELETE", "/"), 1);
    let submit = async |path: String| {
        let response = browser.submit(&page, &path, &fields).await;
        // A failure is in the URL with its request ID.
        let location = response
            .location()
            .split("__err=")
            .next()
            .unwrap_or_default()
            .to_owned();
        (response.status, location)
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
    let (signed_out, admin) = (site.browser(), site.sign_in().await);
    for (old, new, fields) in renamed(&site) {
        let form = with_workspace(ACME, &fields);
        let response = signed_out.call(&old, &form).await;
        assert_eq!(
            (response.status, response.problem()),
            (401, Problem::SignedOut),
            "{old}"
        );
        let nowhere = with_workspace("nowhere", &fields);
        let response = admin.call(&old, &nowhere).await;
        let unknown = (404, Problem::UnknownWorkspace);
        assert_eq!((response.status, response.problem()), unknown, "{old}");
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
            // A form that cannot be parsed still leads to a page.
            let unreadable = admin.submit("/", path, &[]).await;
            assert!(matches!(unreadable.status, 302 | 303), "{path}: {}", unreadable.status);
        }
    }
    for path in ["/api/jobs/delete", "/api/jobs/", "/api/jobs/start/"] {
        let response = admin.call(path, &[("workspace", ACME)]).await;
        assert!(
            matches!(response.status, 400 | 404 | 405),
            "{path}: {}",
            response.status
        );
    }
    assert_eq!(site.call_count("DELETE", "/"), 0);
}

#[tokio::test]
async fn an_old_call_is_logged_by_its_new_route() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let renamed = renamed(&site);
    let (log, _guard) = CapturedLog::start(tracing::Level::INFO);
    for (old, _, fields) in &renamed {
        browser.call(old, &with_workspace(ACME, fields)).await;
    }
    let text = log.text();
    for (_, new, _) in &renamed {
        assert!(text.contains(&format!("route=\"{new}\"")), "lacks {new}: {text}");
    }
    assert!(!text.contains("/api/jobs"), "{text}");
}
