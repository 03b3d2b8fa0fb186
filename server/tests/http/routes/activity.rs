//! The page of the activity log: its pages, filters and searches.

use crate::support::{Browser, Database, Response, Site};

const PAGE: &str = "/w/acme-prod/activity";

/// Adds this many operations, one for each second of 2026. The target is their number.
async fn add(site: &Site, count: u32) {
    let statement = format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < {count})
         insert into activity (at, workspace, operation, phase, actor, kind, target, was, wanted, reason, outcome,
                               detail, request_id, hash)
         select 1767225600000 + i * 1000, 'acme-prod', 'operation ' || i, 'refused', 'mia.kowalski@acme.example',
                'edit_access', 'target ' || i, '', '', '', 'refused', '', '', ''
         from n"
    );
    Database::open(site.data_dir()).await.execute(&statement).await;
}

/// The page that the link with this text leads to.
async fn follow(browser: &Browser, page: &Response, link: &str) -> Response {
    let (before, _) = page.body.split_once(&format!(">{link}</a>")).unwrap();
    let (_, href) = before.rsplit_once("href=\"").unwrap();
    let (href, _) = href.split_once('"').unwrap();
    browser.get(&href.replace("&amp;", "&")).await
}

#[tokio::test]
async fn pages_lead_back_and_forward() {
    let site = Site::start().await;
    add(&site, 120).await;
    let browser = site.sign_in().await;
    let first = browser.get(PAGE).await;
    first.assert_shows(&["Newest first, 120 in total", "target 120", "target 71", "Older"]);
    first.assert_lacks(&["target 70 ", "Newer", "Searched back to"]);
    let second = follow(&browser, &first, "Older").await;
    second.assert_shows(&[
        "Newest first, 120 in total",
        "target 70",
        "target 21",
        "Newest Newer Older",
    ]);
    let third = follow(&browser, &second, "Older").await;
    third.assert_shows(&["target 20 ", "target 1 ", "Newest Newer"]);
    third.assert_lacks(&["Older"]);
    assert_eq!(follow(&browser, &third, "Newer").await.rows(), second.rows());
    assert_eq!(follow(&browser, &second, "Newer").await.rows(), first.rows());
    assert_eq!(follow(&browser, &third, "Newest").await.rows(), first.rows());
}

#[tokio::test]
async fn the_days_filter_stays_in_the_form_the_links_and_the_exports() {
    let site = Site::start().await;
    add(&site, 3 * 86_400).await;
    let browser = site.sign_in().await;
    let fields = [("from", "2026-01-02"), ("to", "2026-01-02"), ("q", "")];
    let sent = browser
        .submit(PAGE, "/api/open?page=%2Fw%2Facme-prod%2Factivity", &fields)
        .await;
    let page = browser.follow(&sent).await;
    page.assert_shows(&["10,000+ in total", "target 172799 ", "Older"]);
    page.assert_lacks(&["target 172800"]);
    for name in ["from", "to"] {
        assert_eq!(page.field(name).as_deref(), Some("2026-01-02"));
    }
    let older = follow(&browser, &page, "Older").await;
    older.assert_shows(&["target 172749 "]);
    assert_eq!(older.field("to").as_deref(), Some("2026-01-02"));
    let csv = follow(&browser, &older, "Export CSV").await;
    assert_eq!(csv.body.matches("\"target ").count(), 86_400);

    let invalid = browser
        .get(&format!("{PAGE}?from=2026-02-30&to=soon&before=x&after=-1"))
        .await;
    invalid.assert_shows(&["target 259200"]);
    let none = browser.get(&format!("{PAGE}?to=2025-12-31")).await;
    none.assert_shows(&["No activity matches your filters", "Clear filters"]);
}

#[tokio::test]
async fn a_search_that_ends_early_says_how_far_it_looked_and_goes_on() {
    let site = Site::start().await;
    add(&site, store::MAX_SEARCHED + 60).await;
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{PAGE}?q=TARGET+4")).await;
    page.assert_shows(&["Newest first", "target 49999", "Older"]);
    page.assert_lacks(&["in total", "Searched back to"]);

    let page = browser.get(&format!("{PAGE}?q=target+20003")).await;
    page.assert_shows(&["target 200039", "Searched back to 1 Jan 2026, 00:01:01 UTC", "Continue"]);
    page.assert_lacks(&["Older"]);
    let page = browser.get(&format!("{PAGE}?q=no+such+text")).await;
    page.assert_shows(&["Nothing found so far", "Searched back to 1 Jan 2026, 00:01:01 UTC"]);
    page.assert_lacks(&["No activity matches"]);
    let rest = follow(&browser, &page, "Continue").await;
    rest.assert_shows(&["No older activity matches your filters", "Newest"]);
    rest.assert_lacks(&["Searched back to"]);

    // An export looks at everything.
    let json = browser.get("/w/acme-prod/activity.json?q=target+6").await;
    let found: Vec<serde_json::Value> = serde_json::from_str(&json.body).unwrap();
    assert_eq!(found.len(), 11_111);
    assert_eq!(found.last().unwrap()["target"], "target 6");
    let rare = browser.get("/w/acme-prod/activity.json?q=operation+of+no+one").await;
    assert_eq!(rare.body, "[]\n");
}
