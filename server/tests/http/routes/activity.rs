//! The page of the activity log: its pages, filters and searches.

use crate::support::{ACME, Browser, Database, Response, Site};

const PAGE: &str = "/w/acme-prod/activity";

/// Adds this many operations, one per second of 2026. The target of each is its number.
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

/// The page behind the link with this text.
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
    first.assert_shows(&["120 entries, newest first.", "target 120", "target 71", "Older"]);
    first.assert_lacks(&["target 70 ", "Newer", "Searched back to"]);
    let second = follow(&browser, &first, "Older").await;
    second.assert_shows(&[
        "120 entries, newest first.",
        "target 70",
        "target 21",
        "Newest Newer Older",
    ]);
    let third = follow(&browser, &second, "Older").await;
    third.assert_shows(&["target 20 ", "target 1 ", "Newest Newer"]);
    third.assert_lacks(&["Older"]);
    assert_eq!(follow(&browser, &third, "Newer").await.entries(), second.entries());
    assert_eq!(follow(&browser, &second, "Newer").await.entries(), first.entries());
    assert_eq!(follow(&browser, &third, "Newest").await.entries(), first.entries());
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
    page.assert_shows(&["More than 10,000 entries, newest first", "target 172799 ", "Older"]);
    page.assert_shows(&[
        "2 January 2026",
        "Export more than 10,000 entries",
        "Days and times in UTC.",
    ]);
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
    // The list shows more than was requested, so exports are refused.
    invalid.assert_shows(&["not valid and were ignored: From, To.", "Exports are not available"]);
    invalid.assert_has_none(&["activity.csv"]);
    for parameters in ["from=2026-02-30", "to=soon", "outcome=fine"] {
        assert_eq!(
            browser.get(&format!("{PAGE}.csv?{parameters}")).await.status,
            409,
            "{parameters}"
        );
    }
    let none = browser.get(&format!("{PAGE}?to=2025-12-31")).await;
    none.assert_shows(&["No activity matches your filters", "Clear filters"]);
    let reversed = browser.get(&format!("{PAGE}?from=2026-01-02&to=2026-01-01")).await;
    reversed.assert_shows(&[
        "No activity matches your filters",
        "The first day is after the last one.",
    ]);
}

#[tokio::test]
async fn a_search_that_ends_early_says_how_far_it_looked_and_can_be_continued() {
    let site = Site::start().await;
    add(&site, store::MAX_SEARCHED + 60).await;
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{PAGE}?q=TARGET+4")).await;
    page.assert_shows(&["Newest first", "target 49999", "Older"]);
    page.assert_lacks(&["entries, newest first", "Searched back to"]);
    page.assert_shows(&["Export all that match"]);

    let page = browser.get(&format!("{PAGE}?q=target+20003")).await;
    page.assert_shows(&["target 200039", "Searched back to 1 Jan 2026, 00:01:01 UTC", "Continue"]);
    page.assert_lacks(&["Older"]);
    let page = browser.get(&format!("{PAGE}?q=no+such+text")).await;
    page.assert_shows(&["Nothing found so far", "Searched back to 1 Jan 2026, 00:01:01 UTC"]);
    page.assert_lacks(&["No activity matches"]);
    let rest = follow(&browser, &page, "Continue").await;
    rest.assert_shows(&["No older activity matches your filters", "Newest"]);
    rest.assert_lacks(&["Searched back to"]);

    // An export searches all entries.
    let json = browser.get("/w/acme-prod/activity.json?q=target+6").await;
    let found: Vec<serde_json::Value> = serde_json::from_str(&json.body).unwrap();
    assert_eq!(found.len(), 11_111);
    assert_eq!(found.last().unwrap()["target"], "target 6");
    let rare = browser.get("/w/acme-prod/activity.json?q=operation+of+no+one").await;
    assert_eq!(rare.body, "[]\n");
}

const BULK: &str = "00000000000000000000000000000001";

/// Adds a bulk revocation that started at midnight UTC on 2026-01-02 and revoked one token per second; the last tokens
/// failed. `counts` is the recorded result.
async fn add_bulk(site: &Site, tokens: u32, failed: u32, counts: &str) {
    let columns = "(at, workspace, operation, phase, actor, kind, target, was, wanted, reason, outcome, detail, \
                   request_id, hash)";
    let database = &mut Database::open(site.data_dir()).await;
    let row = |phase: &str, outcome: &str, detail: &str| {
        format!(
            "insert into activity {columns} values (1767312000000, '{ACME}', 'bulk', '{phase}', \
             'mia.kowalski@acme.example', 'revoke_tokens', '{BULK}', '', '{tokens} tokens revoked', 'INC-42', \
             '{outcome}', '{detail}', 'request-of-bulk', '')"
        )
    };
    database.execute(&row("intent", "open", "")).await;
    database
        .execute(&format!(
            "with recursive n (i) as (select 1 union all select i + 1 from n where i < {tokens}),
                  phases (phase) as (values ('intent'), ('outcome'))
             insert into activity {columns}
             select 1767312000000 + i * 1000, '{ACME}', 'item ' || i, phase, 'mia.kowalski@acme.example',
                    'revoke_token', 'token ' || i, 'comment ' || i || ' (someone)', 'job {BULK}', 'INC-42',
                    case when phase = 'intent' then 'open' when i > {tokens} - {failed} then 'failed' else 'done' end,
                    case when phase = 'intent' then '' when i > {tokens} - {failed} then 'HTTP 503' else 'revoked' end,
                    'request-of-items', ''
             from n cross join phases"
        ))
        .await;
    database.execute(&row("outcome", "failed", counts)).await;
}

#[tokio::test]
async fn a_bulk_revocation_is_one_row_that_unfolds_whatever_its_size_is() {
    let site = Site::start().await;
    add(&site, 60).await;
    add_bulk(&site, 57, 7, "50 revoked, 0 already gone, 7 failed, 0 cancelled").await;
    let browser = site.sign_in().await;
    let page = browser.get(PAGE).await;
    let entries = page.entries();
    assert_eq!(entries.len(), 50, "the bulk revocation and 49 others");
    assert_eq!(
        entries[0],
        "00:00 Mia Kowalski revoked tokens in a bulk revocation: 50 of 57 revoked, 7 failed \u{b7} INC-42"
    );
    page.assert_shows(&[
        "118 entries, newest first; a bulk change is one row.",
        "Export 118 entries",
        "comment 57 (someone) \u{b7} HTTP 503 Failed",
        "37 more tokens",
        "Open the bulk revocation, all 57 tokens",
        "This row stands for 58 entries.",
        "Friday 2 January 2026",
        "7 failed",
    ]);
    page.assert_has(&[&format!("href=\"/w/{ACME}/bulk-revocations/{BULK}\"")]);
    // Failed tokens come first.
    let (failed, revoked) = (
        page.body.find("comment 51 (").unwrap(),
        page.body.find("comment 50 (").unwrap(),
    );
    assert!(failed < revoked);
    // The export has every entry.
    let csv = browser.get(&format!("{PAGE}.csv")).await;
    assert_eq!(csv.body.lines().count(), 1 + 118);
    let rest = follow(&browser, &page, "Older").await;
    assert_eq!(rest.entries().len(), 11);
    assert_eq!(follow(&browser, &rest, "Newer").await.entries(), entries);
}

#[tokio::test]
async fn the_tokens_of_a_bulk_revocation_are_counted_as_they_are_listed_if_its_start_is_not() {
    let site = Site::start().await;
    add_bulk(&site, 2100, 7, "2093 revoked, 0 already gone, 7 failed, 0 cancelled").await;
    let browser = site.sign_in().await;
    let failed = browser.get(&format!("{PAGE}?kind=revoke_token&outcome=failed")).await;
    assert_eq!(
        failed.entries(),
        [
            "00:35 Mia Kowalski tried to revoke tokens in a bulk revocation: 0 of 7 listed here revoked, 7 failed \
             \u{b7} INC-42"
        ]
    );
    failed.assert_shows(&["7 entries, newest first", "This row stands for 7 entries."]);
    let one = browser.get(&format!("{PAGE}?q=comment+2099")).await;
    assert_eq!(
        one.entries(),
        [
            "00:34 Mia Kowalski revoked comment 2099 (someone) in a bulk revocation \u{b7} INC-42 \u{b7} HTTP 503"
                .replace("Kowalski revoked", "Kowalski tried to revoke")
        ]
    );
    // There are more rows than a page shows.
    let first = browser.get(PAGE).await;
    assert_eq!(first.entries().len(), 1);
    first.assert_shows(&["2,043 of 2,050 listed here revoked, 7 failed", "Older"]);
    let second = follow(&browser, &first, "Older").await;
    second.assert_shows(&["2,093 of 2,100 revoked, 7 failed", "This row stands for 51 entries."]);
    second.assert_lacks(&["Older"]);
    let back = follow(&browser, &second, "Newer").await;
    assert_eq!(back.entries().len(), 1);
}

#[tokio::test]
async fn days_are_those_of_the_chosen_time_zone_in_filters_headings_and_file_names() {
    let site = Site::start().await;
    add(&site, 2 * 86_400).await;
    let browser = site.sign_in().await;
    let zone = [("time_zone", "Asia/Kathmandu")];
    browser.submit(PAGE, "/api/time_zone", &zone).await;
    let day = browser
        .get(&format!(
            "{PAGE}?from=2026-01-02&to=2026-01-02&q=target+6&kind=edit_access"
        ))
        .await;
    // 18:15 in UTC on the day before.
    day.assert_shows(&["Friday 2 January 2026", "Days and times in Asia/Kathmandu."]);
    day.assert_lacks(&["1 January 2026", "3 January 2026"]);
    let csv = follow(&browser, &day, "Export CSV").await;
    csv.assert_file_name(
        "acme-prod_activity_",
        "Z_from-2026-01-02_to-2026-01-02_zone-Asia-Kathmandu_kind-edit-access_q-target-6.csv",
    );
    let all = browser.get(&format!("{PAGE}.json?from=2026-01-02&to=2026-01-02")).await;
    let all: Vec<serde_json::Value> = serde_json::from_str(&all.body).unwrap();
    assert_eq!(all.len(), 86_400);
    assert_eq!(all[0]["at"], "2026-01-02T18:14:59Z");
    assert_eq!(all[86_399]["at"], "2026-01-01T18:15:00Z");
}

/// The labels of the ranges that are marked as current.
fn current_range(page: &Response) -> Vec<&str> {
    let (_, ranges) = page.body.split_once("class=\"segments\"").unwrap();
    let (ranges, _) = ranges.split_once("</nav>").unwrap();
    let current = ranges.split("aria-current=\"true\">").skip(1);
    current.map(|link| link.split('<').next().unwrap()).collect()
}

#[tokio::test]
async fn ranges_are_links_that_keep_the_other_filters_and_name_the_one_in_use() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{PAGE}?outcome=done&before=5")).await;
    page.assert_shows(&["Today 7 days This quarter Last quarter All", "Custom dates"]);
    for label in ["Today", "7 days", "This quarter", "Last quarter", "All"] {
        let range = follow(&browser, &page, label).await;
        assert!(
            range.body.contains("selected>Done</option>") || range.body.contains("selected=\"\">Done"),
            "{label}"
        );
        assert_eq!(current_range(&range), [label]);
        assert_eq!(range.field("from").unwrap_or_default().is_empty(), label == "All");
    }
    let custom = browser.get(&format!("{PAGE}?from=2026-01-02&to=2026-01-05")).await;
    custom.assert_shows(&["2 Jan 2026 \u{2013} 5 Jan 2026"]);
    assert!(current_range(&custom).is_empty());
}

#[tokio::test]
async fn request_ids_and_links_are_in_no_summary() {
    let site = Site::start().await;
    add_bulk(&site, 3, 1, "2 revoked, 0 already gone, 1 failed, 0 cancelled").await;
    add(&site, 1).await;
    let id = site.some_token_id();
    let browser = site.sign_in().await;
    let fields = [("workspace", ACME), ("id", id.as_str()), ("comment", "rotated")];
    let edited = browser.call("/api/tokens/comment", &fields).await;
    let request_id = edited.header("x-request-id").to_owned();
    for page in [PAGE.to_owned(), format!("/w/{ACME}/tokens/{id}")] {
        let page = browser.get(&page).await;
        assert!(page.text().contains(&request_id), "{}", page.text());
        for summary in page.body.split("<summary").skip(1) {
            let (summary, _) = summary.split_once("</summary>").unwrap();
            assert!(!summary.contains("<a ") && !summary.contains("request-of") && !summary.contains(&request_id));
        }
        page.assert_shows(&["changed the comment of", "to rotated"]);
    }
}
