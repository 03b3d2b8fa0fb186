//! The time zone in which pages show times.

use std::time::Duration;

use domain::{Day, Timestamp, TokenId};
use serde_json::Value;

use crate::support::{Browser, Database, Response, Site, TOKENS_PAGE};

const CHOOSE: &str = "/api/time_zone";

/// A zone without daylight saving and without an abbreviation, 5:45 hours ahead of UTC.
const KATHMANDU: &str = "Asia/Kathmandu";

const AHEAD: Duration = Duration::from_secs((5 * 60 + 45) * 60);

async fn choose(browser: &Browser, name: &str) -> Response {
    browser.submit(TOKENS_PAGE, CHOOSE, &[("time_zone", name)]).await
}

/// The timestamp and the text of each element of a page that shows a time.
fn moments(page: &Response) -> Vec<(Timestamp, &str)> {
    let elements = page.body.split("<time datetime=\"").skip(1);
    elements
        .filter_map(|element| {
            let (iso, rest) = element.split_once('"')?;
            let (text, _) = rest.split_once('>')?.1.split_once('<')?;
            // A calendar day of the workspace is not a timestamp.
            Some((Timestamp::from_iso(iso)?, text))
        })
        .collect()
}

#[tokio::test]
async fn the_form_stores_the_zone_and_leads_back() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = format!("{TOKENS_PAGE}?q=a");
    assert_eq!(browser.get(&page).await.field("time_zone").as_deref(), Some("UTC"));
    let response = browser.submit(&page, CHOOSE, &[("time_zone", " europe/berlin ")]).await;
    assert_eq!((response.status, response.location()), (303, page.clone()));
    let cookie = format!("time_zone_{}=Europe/Berlin; ", site.address.port());
    assert!(
        response.header("set-cookie").starts_with(&cookie),
        "{}",
        response.header("set-cookie")
    );
    let field = browser.follow(&response).await.field("time_zone");
    assert_eq!(field.as_deref(), Some("Europe/Berlin"));
    // The button for the browser's zone submits the field too.
    let fields = [("time_zone", "no zone"), ("browser_time_zone", KATHMANDU)];
    let response = browser.submit_and_follow(&page, CHOOSE, &fields).await;
    assert_eq!(response.field("time_zone").as_deref(), Some(KATHMANDU));
}

#[tokio::test]
async fn an_unknown_zone_is_refused_and_the_earlier_choice_stays() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    choose(&browser, KATHMANDU).await;
    for name in ["", "Europe/Atlantis", "Etc/Unknown", "<script>", &"a/".repeat(5000)] {
        let response = choose(&browser, name).await;
        assert_eq!(response.header("set-cookie"), "", "{name}");
        let page = browser.follow(&response).await;
        page.assert_error("Unknown time zone. Enter an IANA time zone name");
        assert_eq!(page.field("time_zone").as_deref(), Some(KATHMANDU));
    }
    let response = browser.call(CHOOSE, &[("time_zone", "Mars")]).await;
    assert_eq!(response.status, 400);
}

#[tokio::test]
async fn without_a_valid_choice_times_are_in_utc() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let cookie = format!("time_zone_{}", site.address.port());
    for value in [None, Some("garbage"), Some("Etc/Unknown"), Some("%00"), Some("\"")] {
        if let Some(value) = value {
            browser.plant_cookie(&cookie, value);
        }
        let page = browser.get(TOKENS_PAGE).await;
        let shown = moments(&page);
        assert!(!shown.is_empty());
        for (at, text) in shown {
            assert_eq!(text, format!("{} UTC", at.time_of_day()), "{value:?}");
        }
        assert_eq!(page.field("time_zone").as_deref(), Some("UTC"));
    }
}

#[tokio::test]
async fn every_page_shows_moments_in_the_chosen_zone_and_names_it() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    choose(&browser, KATHMANDU).await;
    let token = format!("{TOKENS_PAGE}/{}", site.some_token_id());
    let fields = [
        ("workspace", "acme-prod"),
        ("id", &site.some_token_id()),
        ("comment", "new"),
    ];
    let saved = browser.submit_and_follow(&token, "/api/tokens/comment", &fields).await;
    saved.assert_success("Comment saved for “new” (");
    let message = saved.status_message();
    assert!(message.ends_with(" Confirmed at <time>+05:45."), "{message}");
    let still_listed = "insert into activity (at, workspace, operation, phase, actor, kind, target, was, wanted, \
                        reason, outcome, detail, request_id, hash) values (1767225600000, 'acme-prod', 'o', \
                        'refused', 'mia', 'revoke_token', 't', '', '', '', 'refused', \
                        'still listed at 2026-01-01T20:00:00Z', '', '')";
    Database::open(site.data_dir()).await.execute(still_listed).await;
    let mut pages: Vec<_> = site.workspace_pages().into_iter().map(|(_, path)| path).collect();
    pages.extend(["/", "/sessions", "/w/acme-prod/activity"].map(str::to_owned));
    let mut count = 0;
    for path in pages {
        let page = browser.get(&path).await;
        for (at, text) in moments(&page) {
            let local = at.plus(AHEAD);
            let (day, time) = (local.day().to_string(), format!("{} UTC+05:45", local.time_of_day()));
            let (full, minute) = (format!("{day}, {time}"), local.hour_and_minute());
            // A relative time has the exact time as its title.
            let is_relative = text == "just now" || text.ends_with(" ago");
            let has_title = page.body.contains(&format!("title=\"{full}\""));
            assert!(
                (is_relative && has_title) || [day, time, full, minute].contains(&text.to_owned()),
                "{path}: {} is {text}",
                at.to_iso()
            );
            count += 1;
        }
        // Days in UTC are labelled as such.
        let others = page.text().replace("UTC+05:45", "").replace("(UTC)", "");
        assert!(!others.contains("UTC"), "{path}: {others}");
    }
    assert!(count > 15, "{count} moments");
    let activity = browser.get("/w/acme-prod/activity").await;
    activity.assert_shows(&["1 Jan 2026, 05:45:00 UTC+05:45"]);
    activity.assert_shows(&["Still listed at 01:45:00 UTC+05:45 on 2 Jan 2026"]);
}

/// The rows of the list, each as text.
fn rows(page: &Response) -> Vec<&str> {
    page.body.split("<tr").skip(2).collect()
}

#[tokio::test]
async fn days_in_the_list_are_of_the_zone_and_the_last_use_is_the_workspaces_day() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    choose(&browser, KATHMANDU).await;
    let page = browser.get(TOKENS_PAGE).await;
    let rows = rows(&page);
    let json = browser.get("/w/acme-prod/tokens.json?sort=-created").await;
    let tokens: Vec<Value> = serde_json::from_str(&json.body).unwrap();
    let (mut shifted, mut used) = (0, 0);
    for token in tokens.iter().take(50) {
        let text = |name: &str| token[name].as_str().unwrap();
        let id = TokenId::new(text("id"));
        let linked = if id.is_hash() { id.handle() } else { id.as_str().into() };
        let row = rows.iter().find(|row| row.contains(&format!("/{linked}\"")));
        let row = row.unwrap_or_else(|| panic!("{} is not listed", text("id")));
        for moment in ["created", "expires"].map(text) {
            if let Some(at) = Timestamp::from_iso(moment) {
                let day = at.plus(AHEAD).day();
                assert!(row.contains(&format!("\n{day}<")), "{moment}: {row}");
                shifted += usize::from(day != at.day());
            }
        }
        if let Some(day) = Day::from_iso(text("last_used")) {
            assert!(row.contains(&format!("\n{day}<")), "{day}: {row}");
            used += 1;
        }
    }
    assert!(shifted > 3 && used > 10, "{shifted} shifted, {used} used");
}

#[tokio::test]
async fn the_finding_of_an_early_expiry_counts_the_days_like_the_date() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let mut compared = 0;
    for zone in ["UTC", KATHMANDU, "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        choose(&browser, zone).await;
        let page = browser.get(&format!("{TOKENS_PAGE}?expires=7d")).await;
        for row in rows(&page).into_iter().filter(|row| row.contains("Expires ")) {
            let (_, cell) = row.split_once("data-label=\"Expires\"").unwrap();
            let (distance, _) = cell.split_once('>').unwrap().1.split_once('\n').unwrap();
            assert!(
                row.contains(&format!("Expires {distance}")),
                "{zone}, {distance}: {row}"
            );
            compared += 1;
        }
    }
    assert!(compared > 3, "{compared} rows");
}
