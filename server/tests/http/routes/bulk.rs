//! Revoking many by forms alone: picking across pages, the review, the job's page, and its news.

use crate::rules::server_functions::problem;
use crate::support::{ACME, Answer, Browser, Setup, Site};

const DRAFT: &str = "/api/bulk_revocations/draft?workspace=acme-prod";

/// The handles of the boxes on a page, and what belongs to them.
struct List {
    boxes: Vec<String>,
    ticked: usize,
    of: String,
    elsewhere: Option<String>,
    text: String,
}

fn list(page: &Answer) -> List {
    let tags: Vec<_> = page
        .body
        .split("<input")
        .skip(1)
        .filter_map(|tag| tag.split('>').next())
        .collect();
    let value = |tag: &str| Some(tag.split_once("value=\"")?.1.split('"').next()?.to_owned());
    let named = |name: &str, kind: &str| {
        let (name, kind) = (format!("name=\"{name}\""), format!("type=\"{kind}\""));
        tags.iter()
            .copied()
            .filter(move |tag| tag.contains(&name) && tag.contains(&kind))
            .collect::<Vec<_>>()
    };
    let boxes = named("sel", "checkbox");
    List {
        ticked: boxes.iter().filter(|tag| tag.contains(" checked")).count(),
        boxes: boxes.iter().filter_map(|tag| value(tag)).collect(),
        of: named("of", "hidden").first().and_then(|tag| value(tag)).unwrap(),
        elsewhere: named("sel", "hidden").first().and_then(|tag| value(tag)),
        text: page.text(),
    }
}

async fn open(browser: &Browser, query: &str) -> List {
    list(&browser.get(&format!("/w/{ACME}/tokens?{query}")).await)
}

/// Posts to freeze what is picked.
async fn draft(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    browser.submit(&format!("/w/{ACME}/tokens"), DRAFT, fields).await
}

/// The page of a job once it has ended.
async fn ended(browser: &Browser, job: &str) -> Answer {
    let mut page = browser.get(job).await;
    for _ in 0..500 {
        if page.text().contains("Ended at") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        page = browser.get(job).await;
    }
    page
}

/// A site with some tokens to be revoked.
async fn doomed(count: usize) -> Site {
    let site = Site::start().await;
    for n in 0..count {
        site.token_with(&format!("doomed {n}"));
    }
    site
}

#[tokio::test]
async fn what_is_ticked_survives_paging_by_forms() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let first = open(&browser, "").await;
    assert_eq!((first.boxes.len(), first.ticked), (50, 0));
    assert!(first.text.contains(" 0 selected"), "{}", first.text);
    // Two boxes, and the button for the next page.
    let pairs = format!("sel={}&sel={}&of={}&page=2", first.boxes[0], first.boxes[7], first.of);
    let second = open(&browser, &pairs).await;
    assert!(second.text.contains("2 selected"), "{}", second.text);
    assert_eq!(second.ticked, 0);
    let elsewhere = second.elsewhere.unwrap();
    assert_eq!(elsewhere.split(',').count(), 2);
    // One more here, and back: the hidden field carries the others.
    let pairs = format!("sel={elsewhere}&sel={}&of={}&page=1", second.boxes[3], second.of);
    let back = open(&browser, &pairs).await;
    assert!(back.text.contains("3 selected"), "{}", back.text);
    assert_eq!(back.ticked, 2);
    // The whole page beside it.
    let with_page = open(&browser, &format!("{pairs}&pick=page")).await;
    assert_eq!(with_page.ticked, 50);
    assert!(with_page.text.contains("51 selected"), "{}", with_page.text);
}

#[tokio::test]
async fn other_filters_clear_the_selection_and_say_so() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let all = open(&browser, "").await;
    let pairs = format!("q=ci&sel={}&of={}", all.boxes[0], all.of);
    let filtered = open(&browser, &pairs).await;
    assert!(filtered.text.contains(" 0 selected"), "{}", filtered.text);
    assert!(
        filtered.text.contains("Selection cleared because the filters changed."),
        "{}",
        filtered.text
    );
    let elsewhere = open(&browser, &format!("status=active&of={}&page=2", all.of)).await;
    assert!(
        elsewhere.text.contains("Showing 1 to 50"),
        "other filters begin anew: {}",
        elsewhere.text
    );
    let everything = open(&browser, "all=1").await;
    assert!(everything.text.contains(" 0 selected"), "all of what is not said");
    let everything = open(&browser, &format!("all=1&of={}", all.of)).await;
    assert_eq!(everything.ticked, 50);
    assert!(everything.text.contains(" 130 selected"), "{}", everything.text);
}

#[tokio::test]
async fn a_selection_is_reviewed_typed_and_revoked() {
    let site = doomed(3).await;
    let browser = site.signed_in().await;
    let list = open(&browser, "q=doomed&sort=comment").await;
    assert_eq!(list.boxes.len(), 3);
    let fields = [
        ("q", "doomed"),
        ("sel", &list.boxes[0]),
        ("sel", &list.boxes[2]),
        ("of", &list.of),
    ];
    let drafted = draft(&browser, &fields).await;
    assert_eq!(drafted.status, 303);
    let job = drafted.location();
    let review = browser.get(&job).await;
    let text = review.text();
    for words in [
        "Revoke 2 tokens",
        "This cannot be undone.",
        "of 1 owner",
        "Owners",
        "Type 2 to confirm",
        "doomed 0",
        "doomed 2",
    ] {
        assert!(text.contains(words), "lacks {words}: {text}");
    }
    assert!(!text.contains("doomed 1"), "{text}");
    let id = job.rsplit('/').next().unwrap();
    let start = async |typed: &str| {
        let fields = [
            ("workspace", ACME),
            ("job", id),
            ("typed", typed),
            ("reason", "they leaked"),
        ];
        browser
            .submit_and_follow(&job, "/api/bulk_revocations/start", &fields)
            .await
    };
    let refused = start("3").await;
    assert!(
        refused.text().contains("The number does not match"),
        "{}",
        refused.text()
    );
    assert_eq!(refused.value("reason").unwrap(), "they leaked", "what was typed stays");
    assert_eq!(site.calls("DELETE", "/"), 0);
    start("2").await;
    let page = ended(&browser, &job).await;
    assert!(
        page.said().contains("All 2 tokens were revoked (confirmed)."),
        "{}",
        page.text()
    );
    assert!(page.text().contains("Reason: they leaked"), "{}", page.text());
    assert!(open(&browser, "q=doomed").await.text.contains("1 of"));
    let jobs = browser.get(&format!("/w/{ACME}/bulk-revocations")).await.text();
    assert!(jobs.contains("Finished") && jobs.contains("they leaked"), "{jobs}");
    let activity = browser.get(&format!("/w/{ACME}/activity")).await.text();
    assert!(
        activity.contains("Revoke tokens in bulk") && activity.contains("2 revoked"),
        "{activity}"
    );
}

#[tokio::test]
async fn nothing_selected_is_said_above_the_list() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let answer = draft(&browser, &[("q", "ci")]).await;
    let page = browser.follow(&answer).await;
    assert!(page.failed().contains("No token is selected"), "{}", page.text());
    assert_eq!(page.value("q").unwrap(), "ci");
    let many: Vec<_> = (0..1001).map(|n| format!("{n:016}")).collect();
    let page = browser
        .follow(&draft(&browser, &[("sel", &many.join(","))]).await)
        .await;
    assert!(
        page.failed().contains("Too many tokens selected individually"),
        "{}",
        page.text()
    );
    let other = draft(&browser, &[("q", "ci"), ("sel", &many[0]), ("of", "elsewhere")]).await;
    let page = browser.follow(&other).await;
    assert!(
        page.text().contains("Selection cleared because the filters changed."),
        "{}",
        page.text()
    );
    let own = &site.own_token()[..16];
    let page = browser.follow(&draft(&browser, &[("sel", own)]).await).await;
    assert!(
        page.failed()
            .contains("You selected only the token you are signed in with"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_script_is_told_by_status_and_code() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let answer = browser
        .call("/api/bulk_revocations/draft", &[("workspace", ACME)])
        .await;
    assert_eq!(
        (answer.status, problem(&answer)),
        (400, app::problem::Problem::NothingSelected)
    );
    let nowhere = browser
        .call("/api/bulk_revocations/draft", &[("workspace", "nowhere")])
        .await;
    assert_eq!(nowhere.status, 404);
    let foreign = browser
        .request(reqwest::Method::POST, DRAFT)
        .header("sec-fetch-site", "cross-site")
        .form(&[("sel", "0000000000000000")]);
    assert_eq!(browser.send(foreign).await.status, 403);
}

#[tokio::test]
async fn news_come_as_a_stream_and_end_with_the_job() {
    let site = doomed(2).await;
    let browser = site.signed_in().await;
    let list = open(&browser, "q=doomed").await;
    let fields = [("q", "doomed"), ("all", "1"), ("of", &list.of)];
    let job = draft(&browser, &fields).await.location();
    let id = job.rsplit('/').next().unwrap();
    let slow = demo_workspace::Fault::forever("DELETE", crate::support::TOKENS, demo_workspace::Effect::None);
    site.demo.fault(slow.after_ms(700));
    let start = [("workspace", ACME), ("job", id), ("typed", "2")];
    assert_eq!(
        browser
            .submit(&job, "/api/bulk_revocations/start", &start)
            .await
            .location(),
        job
    );
    let page = browser.get(&job).await;
    assert!(
        page.body.contains(&format!("data-events=\"{job}/events\"")),
        "{}",
        page.body
    );
    assert!(
        page.text().contains("Cancel remaining") || page.text().contains("Sent 2"),
        "{}",
        page.text()
    );
    let news = browser.get(&format!("{job}/events")).await;
    assert_eq!(news.header("x-accel-buffering"), "no");
    assert!(
        news.header("content-type").starts_with("text/event-stream"),
        "{:?}",
        news.headers
    );
    assert!(
        news.body.contains("event: progress") && news.body.contains("0 of 2"),
        "{}",
        news.body
    );
    assert!(
        news.body.trim_end().ends_with("event: state\ndata:") || news.body.contains("event: state"),
        "{}",
        news.body
    );
    let over = browser.get(&format!("{job}/events")).await;
    assert!(
        !over.body.contains("event: progress") && over.body.contains("event: state"),
        "{}",
        over.body
    );
}

#[tokio::test]
async fn jobs_of_others_and_what_is_none_are_not_shown() {
    let site = doomed(1).await;
    let browser = site.signed_in().await;
    let list = open(&browser, "q=doomed").await;
    let fields = [("q", "doomed"), ("all", "1"), ("of", &list.of)];
    let job = draft(&browser, &fields).await.location();
    // A draft is its maker's.
    let other = site.browser();
    let pat = site.demo.credentials().other_admin.pat.clone().unwrap();
    site.try_token(&other, &pat).await;
    assert_eq!(other.get(&job).await.status, 404);
    assert_eq!(other.get(&format!("{job}/events")).await.status, 404);
    for id in ["x", &"0".repeat(32), &"f".repeat(5000)] {
        let page = browser.get(&format!("/w/{ACME}/bulk-revocations/{id}")).await;
        assert_eq!(page.status, 404, "{id}");
        assert!(page.text().contains("Bulk revocation not found"), "{}", page.text());
    }
}

#[tokio::test]
async fn a_read_only_console_offers_no_boxes() {
    let site = Site::with(Setup {
        read_only: true,
        ..Setup::default()
    })
    .await;
    let browser = site.signed_in().await;
    let page = browser.get(&format!("/w/{ACME}/tokens")).await;
    assert!(!page.body.contains("name=\"sel\"") && !page.text().contains("Review selected"));
}
