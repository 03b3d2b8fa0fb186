//! A bulk revocation without scripts: selecting across pages, and the review.

use std::time::Duration;

use app::problem::Problem;
use demo_workspace::{Effect, Fault};

use crate::support::{ACME, Browser, Response, Setup, Site, TOKENS_API, TOKENS_PAGE};

const DRAFT: &str = "/api/bulk_revocations/draft?workspace=acme-prod";

/// The checkboxes of a list of tokens, and the hidden fields with the rest of the selection.
pub(crate) struct List {
    /// The value of each checkbox: the start of a token ID.
    pub(crate) boxes: Vec<String>,
    pub(crate) checked: usize,
    /// The fingerprint of the filters that the selection belongs to.
    pub(crate) of: String,
    /// The selected tokens on other pages.
    other_pages: Option<String>,
    pub(crate) page: Response,
}

fn list(page: Response) -> List {
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
        checked: boxes.iter().filter(|tag| tag.contains(" checked")).count(),
        boxes: boxes.iter().filter_map(|tag| value(tag)).collect(),
        of: named("of", "hidden").first().and_then(|tag| value(tag)).unwrap(),
        other_pages: named("sel", "hidden").first().and_then(|tag| value(tag)),
        page,
    }
}

pub(crate) async fn open(browser: &Browser, query: &str) -> List {
    list(browser.get(&format!("/w/{ACME}/tokens?{query}")).await)
}

/// Submits the selection for a review.
pub(crate) async fn draft(browser: &Browser, fields: &[(&str, &str)]) -> Response {
    browser.submit(TOKENS_PAGE, DRAFT, fields).await
}

/// The page of a bulk revocation after its end.
async fn wait_until_ended(browser: &Browser, bulk: &str) -> Response {
    let mut page = browser.get(bulk).await;
    for _ in 0..500 {
        if page.text().contains("Ended at") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        page = browser.get(bulk).await;
    }
    page
}

/// A console with `count` tokens whose comments start with "doomed".
pub(crate) async fn start_with_doomed(count: usize) -> Site {
    let site = Site::start().await;
    for n in 0..count {
        site.create_token(&format!("doomed {n}"));
    }
    site
}

#[tokio::test]
async fn a_selection_survives_paging() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let first = open(&browser, "").await;
    assert_eq!((first.boxes.len(), first.checked), (50, 0));
    first.page.assert_shows(&[" 0 selected"]);
    // Two checkboxes, and the button for the next page.
    let pairs = format!("sel={}&sel={}&of={}&page=2", first.boxes[0], first.boxes[7], first.of);
    let second = open(&browser, &pairs).await;
    second.page.assert_shows(&["2 selected"]);
    assert_eq!(second.checked, 0);
    let other_pages = second.other_pages.unwrap();
    assert_eq!(other_pages.split(',').count(), 2);
    // Select one more on this page, and go back: a hidden field carries the others.
    let pairs = format!("sel={other_pages}&sel={}&of={}&page=1", second.boxes[3], second.of);
    let back = open(&browser, &pairs).await;
    back.page.assert_shows(&["3 selected"]);
    assert_eq!(back.checked, 2);
    // Select the whole page too.
    let with_page = open(&browser, &format!("{pairs}&pick=page")).await;
    assert_eq!(with_page.checked, 50);
    with_page.page.assert_shows(&["51 selected"]);
}

#[tokio::test]
async fn rows_can_be_excluded_from_all_that_match() {
    let site = start_with_doomed(60).await;
    let browser = site.sign_in().await;
    let matching = open(&browser, "q=doomed").await;
    let all = format!("q=doomed&all=1&of={}", matching.of);
    let first = open(&browser, &all).await;
    assert_eq!(first.checked, 50);
    first.page.assert_shows(&[" 60 selected"]);
    let shown = first.page.field("shown").unwrap();
    assert_eq!(shown.split(',').count(), 50);
    // The button for the next page submits the ticked rows: all but two.
    let ticked: Vec<_> = first.boxes[2..].iter().map(|row| format!("sel={row}")).collect();
    let second = open(&browser, &format!("{all}&shown={shown}&{}&page=2", ticked.join("&"))).await;
    second.page.assert_shows(&["58 of 60 selected, 2 excluded"]);
    assert_eq!(second.checked, 10);
    let excluded = second.page.field("not").unwrap();
    assert_eq!(excluded, {
        let mut both = first.boxes[..2].to_vec();
        both.sort();
        both.join(",")
    });
    let fields = [
        ("q", "doomed"),
        ("all", "1"),
        ("of", second.of.as_str()),
        ("not", excluded.as_str()),
    ];
    let bulk = draft(&browser, &fields).await;
    let review = browser.follow(&bulk).await;
    assert_eq!(review.h1(), ["Revoke 58 tokens"]);
    let bulk = bulk.location();
    let start = [
        ("workspace", ACME),
        ("job", bulk.rsplit('/').next().unwrap()),
        ("typed", "58"),
    ];
    browser.submit(&bulk, "/api/bulk_revocations/start", &start).await;
    wait_until_ended(&browser, &bulk).await;
    let left = open(&browser, "q=doomed").await;
    let mut left = left.boxes;
    left.sort();
    assert_eq!(left.join(","), excluded);
}

/// The ID of the token with this handle, from its confirmation page.
pub(crate) async fn id_of(browser: &Browser, handle: &str) -> String {
    let confirmation = browser.get(&format!("{TOKENS_PAGE}/{handle}/revoke")).await;
    confirmation.field("id").unwrap()
}

#[tokio::test]
async fn an_excluded_token_that_is_gone_is_not_counted() {
    let site = start_with_doomed(60).await;
    let browser = site.sign_in().await;
    let matching = open(&browser, "q=doomed").await;
    let gone = &matching.boxes[0];
    let id = id_of(&browser, gone).await;
    let fields = [("workspace", ACME), ("id", &id), ("back", "/")];
    browser.submit(TOKENS_PAGE, "/api/tokens/revoke", &fields).await;
    let excluded = matching.boxes[..2].join(",");
    let page = open(
        &browser,
        &format!("q=doomed&all=1&not={excluded}&of={}&page=2", matching.of),
    )
    .await;
    page.page.assert_shows(&["58 of 59 selected, 1 excluded"]);
    assert_eq!(page.page.field("not").as_ref(), Some(&matching.boxes[1]));
}

#[tokio::test]
async fn every_page_links_to_the_bulk_revocation_that_is_running() {
    let site = start_with_doomed(3).await;
    let browser = site.sign_in().await;
    let settings = "/w/acme-prod/settings/advanced";
    browser.get(settings).await.assert_has_none(&["data-running-events"]);
    let list = open(&browser, "q=doomed").await;
    let bulk = draft(&browser, &[("q", "doomed"), ("all", "1"), ("of", &list.of)])
        .await
        .location();
    site.demo
        .fault(Fault::forever("DELETE", TOKENS_API, Effect::None).after_ms(400));
    let start = [
        ("workspace", ACME),
        ("job", bulk.rsplit('/').next().unwrap()),
        ("typed", "3"),
    ];
    browser.submit(&bulk, "/api/bulk_revocations/start", &start).await;
    let page = browser.get(settings).await;
    page.assert_has(&["data-running-events", &format!("href=\"{bulk}\"")]);
    assert!(page.title().contains("/3) "), "{}", page.title());
    wait_until_ended(&browser, &bulk).await;
    let page = browser.get(settings).await;
    page.assert_has_none(&["data-running-events"]);
    assert!(!page.title().starts_with('('), "{}", page.title());
}

#[tokio::test]
async fn a_page_says_how_many_other_bulk_revocations_are_running() {
    let site = start_with_doomed(2).await;
    let browser = site.sign_in().await;
    let list = open(&browser, "q=doomed").await;
    site.demo
        .fault(Fault::forever("DELETE", TOKENS_API, Effect::None).after_ms(1000));
    for token in &list.boxes {
        let fields = [("q", "doomed"), ("sel", token.as_str()), ("of", &list.of)];
        let bulk = draft(&browser, &fields).await.location();
        let job = bulk.rsplit('/').next().unwrap();
        let start = [("workspace", ACME), ("job", job), ("typed", "1")];
        browser.submit(&bulk, "/api/bulk_revocations/start", &start).await;
    }
    let page = browser.get("/w/acme-prod/settings/advanced").await;
    page.assert_has(&[
        "data-running-events",
        "aria-label=\"+1: other bulk changes that are running\"",
    ]);
}

#[tokio::test]
async fn other_filters_clear_the_selection_and_the_page_says_so() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let all = open(&browser, "").await;
    let pairs = format!("q=ci&sel={}&of={}", all.boxes[0], all.of);
    let filtered = open(&browser, &pairs).await;
    filtered
        .page
        .assert_shows(&[" 0 selected", "Selection cleared because the filters changed."]);
    // A list with other filters starts at its first page.
    let other_filters = open(&browser, &format!("status=active&of={}&page=2", all.of)).await;
    other_filters.page.assert_shows(&["Showing 1 to 50"]);
    // A selection of all tokens without its filters is empty.
    let without_filters = open(&browser, "all=1").await;
    without_filters.page.assert_shows(&[" 0 selected"]);
    let all_matching = open(&browser, &format!("all=1&of={}", all.of)).await;
    assert_eq!(all_matching.checked, 50);
    all_matching.page.assert_shows(&[" 130 selected"]);
}

#[tokio::test]
async fn a_selection_is_reviewed_confirmed_and_revoked() {
    let site = start_with_doomed(3).await;
    let browser = site.sign_in().await;
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
    let bulk = drafted.location();
    let review = browser.get(&bulk).await;
    assert_eq!(review.h1(), ["Revoke 2 tokens"]);
    review.assert_shows(&[
        "This cannot be undone.",
        "of 1 owner",
        "Owners",
        "Type 2 to confirm",
        "doomed 0",
        "doomed 2",
    ]);
    review.assert_lacks(&["doomed 1"]);
    let id = bulk.rsplit('/').next().unwrap();
    let start = async |typed: &str| {
        let fields = [
            ("workspace", ACME),
            ("job", id),
            ("typed", typed),
            ("reason", "they leaked"),
        ];
        browser
            .submit_and_follow(&bulk, "/api/bulk_revocations/start", &fields)
            .await
    };
    let refused = start("3").await;
    refused.assert_shows(&["The number does not match"]);
    assert_eq!(
        refused.field("reason").as_deref(),
        Some("they leaked"),
        "the field keeps what was typed"
    );
    assert_eq!(site.call_count("DELETE", "/"), 0);
    start("2").await;
    let page = wait_until_ended(&browser, &bulk).await;
    assert_eq!(page.status_message(), "Done. All 2 tokens were revoked (confirmed).");
    assert_eq!(page.h1(), ["All 2 tokens were revoked"]);
    page.assert_shows(&[
        "2 were revoked (confirmed with the workspace at ",
        "Confirmed at ",
        "2 tokens of 1 owner.",
    ]);
    page.assert_shows(&["Reason: they leaked"]);
    open(&browser, "q=doomed").await.page.assert_shows(&["1 of"]);
    let list = browser.get(&format!("/w/{ACME}/bulk-revocations")).await;
    list.assert_shows(&["All revoked", "they leaked"]);
    list.assert_lacks(&["Finished"]);
    let activity = browser.get(&format!("/w/{ACME}/activity")).await;
    activity.assert_shows(&[
        "revoked tokens in a bulk revocation: 2 of 2 revoked \u{b7} they leaked",
        "Revoke tokens in bulk",
    ]);
}

#[tokio::test]
async fn a_selection_that_cannot_be_reviewed_leads_back_to_the_list_with_the_reason() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let response = draft(&browser, &[("q", "ci")]).await;
    let page = browser.follow(&response).await;
    let message = page.error_message();
    assert!(message.contains("No token is selected"), "{message}");
    assert_eq!(page.field("q").as_deref(), Some("ci"));
    let many: Vec<_> = (0..1001).map(|n| format!("{n:016}")).collect();
    let page = browser
        .follow(&draft(&browser, &[("sel", &many.join(","))]).await)
        .await;
    let message = page.error_message();
    assert!(message.contains("Too many tokens selected individually"), "{message}");
    let other = draft(&browser, &[("q", "ci"), ("sel", &many[0]), ("of", "elsewhere")]).await;
    let page = browser.follow(&other).await;
    page.assert_shows(&["Selection cleared because the filters changed."]);
    let own = &site.own_token_id()[..16];
    let page = browser.follow(&draft(&browser, &[("sel", own)]).await).await;
    page.assert_error("You selected only the token you are signed in with");
}

#[tokio::test]
async fn a_script_gets_the_status_and_the_problem() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let response = browser
        .call("/api/bulk_revocations/draft", &[("workspace", ACME)])
        .await;
    assert_eq!((response.status, response.problem()), (400, Problem::NothingSelected));
    let nowhere = browser
        .call("/api/bulk_revocations/draft", &[("workspace", "nowhere")])
        .await;
    assert_eq!(nowhere.status, 404);
    let cross_site = browser
        .request(reqwest::Method::POST, DRAFT)
        .header("sec-fetch-site", "cross-site")
        .form(&[("sel", "0000000000000000")]);
    assert_eq!(browser.send(cross_site).await.status, 403);
}

#[tokio::test]
async fn a_draft_can_be_opened_by_another_admin_and_unknown_ids_are_not_found() {
    let site = Site::start_with(Setup {
        has_auditor: true,
        ..Setup::default()
    })
    .await;
    site.create_token("doomed");
    let browser = site.sign_in().await;
    let list = open(&browser, "q=doomed").await;
    let fields = [("q", "doomed"), ("all", "1"), ("of", &list.of)];
    let bulk = draft(&browser, &fields).await.location();
    let other = site.browser();
    let credentials = site.demo.credentials();
    site.submit_token(&other, credentials.other_admin.pat.as_deref().unwrap())
        .await;
    let page = other.get(&bulk).await;
    assert_eq!(page.status, 200);
    page.assert_shows(&[&format!("selected by {} at", credentials.admin.user_name)]);
    // An auditor can neither start nor see it.
    let auditor = site.sign_in_auditor().await;
    assert_eq!(auditor.get(&bulk).await.status, 404);
    assert_eq!(auditor.get(&format!("{bulk}/events")).await.status, 404);
    for id in ["x", &"0".repeat(32), &"f".repeat(5000)] {
        let page = browser.get(&format!("/w/{ACME}/bulk-revocations/{id}")).await;
        assert_eq!(page.status, 404, "{id}");
        page.assert_shows(&["Bulk change not found"]);
    }
}

#[tokio::test]
async fn a_read_only_console_offers_no_selection() {
    let site = Site::start_with(Setup {
        read_only: true,
        ..Setup::default()
    })
    .await;
    let browser = site.sign_in().await;
    let page = browser.get(TOKENS_PAGE).await;
    page.assert_has_none(&["name=\"sel\""]);
    page.assert_lacks(&["Review selected"]);
}

#[tokio::test]
async fn the_pages_of_a_review_keep_the_owners_that_are_left_out() {
    let site = start_with_doomed(60).await;
    let other = site.demo.credentials().other_admin.user_name.clone();
    let new = demo_workspace::NewToken {
        owner: other,
        comment: Some("doomed of another owner".to_owned()),
        ..demo_workspace::NewToken::default()
    };
    site.demo.change(demo_workspace::Change::CreateToken(new)).unwrap();
    let browser = site.sign_in().await;
    let list = open(&browser, "q=doomed").await;
    let bulk = draft(&browser, &[("q", "doomed"), ("all", "1"), ("of", &list.of)])
        .await
        .location();
    let review = browser.get(&bulk).await;
    review.assert_shows(&["Revoke 61 tokens", "These tokens belong to 2 different people."]);
    let owners: Vec<_> = review
        .body
        .split("name=\"listed[]\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(id, _)| id.to_owned()))
        .collect();
    let kept = format!(
        "{bulk}?listed%5B%5D={}&listed%5B%5D={}&owner%5B%5D={}&reason=left",
        owners[0], owners[1], owners[0]
    );
    let review = browser.get(&kept).await;
    review.assert_shows(&["Revoke 60 tokens", "1 of 2 owners is ticked."]);
    let next = review
        .body
        .split(" href=\"")
        .find(|href| href.contains("from=50"))
        .unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let second = browser.get(&next).await;
    second.assert_shows(&["Revoke 60 tokens"]);
    assert_eq!(second.field("reason").as_deref(), Some("left"));
}
