//! The page of findings: its numbers match the lists that they link to, and leave out accepted findings.

use demo_workspace::{Change, Effect, Fault, FaultBody};
use domain::{Day, Rule};

use crate::support::{ACME, Browser, Response, Site, TOKENS_API, TOKENS_PAGE};

pub(super) const FINDINGS: &str = "/w/acme-prod/findings";
const DAY_MS: u64 = 86_400_000;

/// Each finding that leads to a list: its ID, its number, and the URL of the list.
pub(super) fn lists(page: &Response) -> Vec<(String, usize, String)> {
    let items = page.body.split("<li id=\"").skip(1);
    let list = |item: &str| {
        let id = item.split('"').next()?.to_owned();
        let number = item
            .split_once("<b class=\"big")?
            .1
            .split_once('>')?
            .1
            .split('<')
            .next()?;
        let link = item.split("</dl>").nth(1)?.rsplit("<a href=\"").next()?;
        let url = link.split('"').next()?.replace("&amp;", "&");
        let is_list = url.starts_with(TOKENS_PAGE);
        Some((id, number.replace(',', "").parse().ok()?, url)).filter(|_| is_list)
    };
    items.filter_map(list).collect()
}

fn count_of(page: &Response, rule: &str) -> Option<usize> {
    lists(page)
        .into_iter()
        .find(|(id, ..)| id == rule)
        .map(|(_, count, _)| count)
}

/// The number of tokens that a list reports: `19 of 130 tokens`.
async fn listed(browser: &Browser, url: &str) -> usize {
    let text = browser.get(url).await.text();
    let words: Vec<_> = text.split_whitespace().collect();
    let mut windows = words.windows(4);
    let found = windows.find(|words| words[1] == "of" && words[3].starts_with("tokens"));
    found.unwrap()[0].replace(',', "").parse().unwrap()
}

/// The page, after the workspace was asked about the owners that it does not list.
pub(super) async fn settled(browser: &Browser) -> Response {
    loop {
        let page = browser.get(FINDINGS).await;
        if count_of(&page, "owner-unknown").is_none() {
            return page;
        }
    }
}

fn today() -> Day {
    console::now().day()
}

pub(super) fn in_days(days: u32) -> String {
    today().start().plus(domain::DAY * days).day().to_iso()
}

pub(super) async fn accept(browser: &Browser, page: &str, fields: &[(&str, &str)]) -> Response {
    let is_of_token = fields.iter().any(|(name, _)| *name == "token");
    let scope = (!is_of_token).then_some(("token", "all"));
    let fields = [("workspace", ACME)].into_iter().chain(fields.iter().copied());
    let fields: Vec<_> = fields.chain(scope).collect();
    browser.submit_and_follow(page, "/api/findings/accept", &fields).await
}

#[tokio::test]
async fn every_number_opens_exactly_its_list() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = settled(&browser).await;
    assert_eq!((page.status, page.h1()), (200, vec!["Findings".to_owned()]));
    let lists = lists(&page);
    assert!(lists.len() >= 8, "{lists:?}");
    for (id, count, url) in &lists {
        assert_eq!(listed(&browser, url).await, *count, "{id} {url}");
    }
    let act_now: usize = ["owner-deactivated-in-use", "owner-gone"]
        .iter()
        .filter_map(|rule| count_of(&page, rule))
        .sum();
    assert!(act_now > 0);
    page.assert_shows(&[
        &format!("{act_now} tokens need action now"),
        &format!("Act now {act_now}"),
    ]);
    // The number in the navigation of every page is the same.
    let settings = browser.get("/w/acme-prod/settings/advanced").await;
    settings.assert_shows(&[&format!("Findings {act_now}")]);
}

#[tokio::test]
async fn an_accepted_kind_leaves_the_numbers_is_listed_and_can_be_withdrawn() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let before = count_of(&browser.get(FINDINGS).await, "never-expires");
    assert!(before.is_some());
    let until = in_days(30);
    let fields = [
        ("finding", "never-expires"),
        ("reason", "rotated by the vendor"),
        ("until", until.as_str()),
    ];
    let accepted = accept(&browser, FINDINGS, &fields).await;
    let message = accepted.status_message();
    assert!(
        message.starts_with("“Never expires” is accepted for the whole workspace."),
        "{message}"
    );
    assert_eq!(count_of(&accepted, "never-expires"), None);
    accepted.assert_shows(&["Accepted 1", "rotated by the vendor", "Never expires · whole workspace"]);
    // Submitted twice, it is recorded only once.
    accept(&browser, FINDINGS, &fields).await;
    let activity = browser.get("/w/acme-prod/activity").await;
    let entries = activity.entries();
    let recorded = entries
        .iter()
        .filter(|entry| entry.contains("accepted “Never expires”"));
    assert_eq!(recorded.count(), 1, "{entries:?}");
    activity.assert_shows(&["rotated by the vendor"]);
    let withdraw = [("workspace", ACME), ("token", "all"), ("finding", "never-expires")];
    let withdrawn = browser
        .submit_and_follow(FINDINGS, "/api/findings/withdraw", &withdraw)
        .await;
    let message = withdrawn.status_message();
    assert!(
        message.starts_with("“Never expires” is no longer accepted for the whole workspace."),
        "{message}"
    );
    assert_eq!(count_of(&withdrawn, "never-expires"), before);
    let entries = browser.get("/w/acme-prod/activity").await.entries();
    assert!(
        entries[0].contains("withdrew the acceptance of “Never expires”"),
        "{entries:?}"
    );
}

#[tokio::test]
async fn one_token_is_accepted_on_its_page_and_its_list_leaves_it_out() {
    let site = Site::start().await;
    let id = site.create_token("quarter close");
    let browser = site.sign_in().await;
    let before = count_of(&browser.get(FINDINGS).await, "never-used");
    let (page, until) = (format!("{TOKENS_PAGE}/{id}"), in_days(1));
    let fields = [
        ("finding", "never-used"),
        ("token", id.as_str()),
        ("reason", "runs four times a year"),
        ("until", until.as_str()),
    ];
    let accepted = accept(&browser, &page, &fields).await;
    assert_eq!(accepted.h1(), ["quarter close"]);
    accepted.assert_success(&format!("“Never used” is accepted for token {}.", &id[..8]));
    accepted.assert_shows(&["Accepted Never used", "runs four times a year"]);
    let findings = settled(&browser).await;
    assert_eq!(count_of(&findings, "never-used"), before.map(|n| n - 1));
    findings.assert_shows(&["quarter close · Never used"]);
    for (rule, count, url) in lists(&findings) {
        assert_eq!(listed(&browser, &url).await, count, "{rule} {url}");
    }
    // The acceptance ends when its token is gone.
    site.demo.change(Change::RevokeToken { token_id: id }).unwrap();
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    browser.get(FINDINGS).await.assert_lacks(&["quarter close"]);
}

/// Accepting a finding also accepts what it covers, which leaves other numbers.
#[tokio::test]
async fn numbers_open_their_lists_after_a_finding_that_covers_another_was_accepted() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let until = in_days(1);
    for covering in ["owner-deactivated-in-use", "expires-soon-in-use"] {
        let before = count_of(&settled(&browser).await, covering);
        assert!(before.is_some_and(|tokens| tokens > 0), "{covering}");
        let fields = [("finding", covering), ("reason", "moving them"), ("until", &*until)];
        accept(&browser, FINDINGS, &fields).await;
        let page = settled(&browser).await;
        assert_eq!(count_of(&page, covering), None);
        for (rule, count, url) in lists(&page) {
            assert_eq!(listed(&browser, &url).await, count, "{rule} {url} after {covering}");
        }
    }
}

#[tokio::test]
async fn an_acceptance_ends_after_its_last_day_by_the_workspaces_clock() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let until = in_days(2);
    let fields = [
        ("finding", "no-comment"),
        ("reason", "being cleaned up"),
        ("until", until.as_str()),
    ];
    accept(&browser, FINDINGS, &fields)
        .await
        .assert_success("“No comment” is accepted for the whole workspace.");
    let later = async |days: u64| {
        site.demo.advance_clock(days * DAY_MS);
        browser
            .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
            .await;
        browser.get(FINDINGS).await
    };
    later(2).await.assert_shows(&["Accepted 1"]);
    let returned = later(1).await;
    returned.assert_shows(&["Accepted 0"]);
    assert!(count_of(&returned, "no-comment").is_some());
}

#[tokio::test]
async fn every_invalid_field_says_why_and_keeps_what_was_typed() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let fields = [("finding", "idle"), ("reason", " "), ("until", "2020-01-01")];
    let both = accept(&browser, FINDINGS, &fields).await;
    both.assert_shows(&[
        "Enter a reason. Others will read it.",
        "Enter a date that is not in the past.",
    ]);
    let far = in_days(366);
    let fields = [("finding", "idle"), ("reason", "later <b>"), ("until", far.as_str())];
    let kept = accept(&browser, FINDINGS, &fields).await;
    kept.assert_shows(&["Enter a date within the next 365 days."]);
    kept.assert_has(&["value=\"later &lt;b&gt;\"", &format!("value=\"{far}\"")]);
    assert_eq!(kept.status_message(), "");
    let secret = "dapi0123456789abcdef0123456789abcdef";
    let until = in_days(1);
    let fields = [
        ("workspace", ACME),
        ("finding", "idle"),
        ("reason", secret),
        ("until", until.as_str()),
    ];
    let refused = browser.submit(FINDINGS, "/api/findings/accept", &fields).await;
    assert!(!refused.location().contains("dapi"), "{}", refused.location());
    let unknown = [
        ("workspace", ACME),
        ("finding", "no-such"),
        ("reason", "x"),
        ("until", until.as_str()),
    ];
    assert_eq!(
        browser.submit(FINDINGS, "/api/findings/accept", &unknown).await.status,
        303
    );
    browser.get(FINDINGS).await.assert_shows(&["Accepted 0"]);
}

#[tokio::test]
async fn a_form_without_a_token_that_exists_accepts_nothing() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let until = in_days(1);
    let value = "dapi0123456789abcdef0123456789abcdef";
    for token in [None, Some(""), Some(value), Some("no-such-token")] {
        let fields = [("workspace", ACME), ("reason", "x"), ("until", until.as_str())].into_iter();
        for finding in ["idle", "grant-to-person"] {
            let fields = fields.clone().chain([("finding", finding)]);
            let fields: Vec<_> = fields.chain(token.map(|token| ("token", token))).collect();
            let response = browser.submit(FINDINGS, "/api/findings/accept", &fields).await;
            assert!(!response.location().contains("dapi"), "{}", response.location());
        }
    }
    browser.get(FINDINGS).await.assert_shows(&["Accepted 0"]);
    // A date is shown again as typed, but a part of a token value is not.
    let fields = [("finding", "idle"), ("reason", "x"), ("until", "dapi0123456789")];
    let page = accept(&browser, FINDINGS, &fields).await;
    page.assert_shows(&["Enter a date, such as 2027-01-31."]);
    page.assert_has_none(&["dapi0123"]);
}

#[tokio::test]
async fn the_list_says_that_accepted_findings_are_left_out_and_keeps_that_when_a_filter_is_added() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser
        .get(&format!("{TOKENS_PAGE}?finding=idle&accepted=hidden"))
        .await;
    page.assert_shows(&["Without accepted findings"]);
    page.assert_has(&["name=\"accepted\" value=\"hidden\""]);
}

#[tokio::test]
async fn findings_about_the_workspace_name_their_subjects() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let person = site.demo.credentials().non_admin.user_name.clone();
    let can_use = vec!["users".to_owned(), person.clone()];
    site.demo.change(Change::SetGrants { can_use }).unwrap();
    site.demo
        .change(Change::SetConf {
            values: [("maxTokenLifetimeDays".to_owned(), Some("0".to_owned()))].into(),
        })
        .unwrap();
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let page = browser.get(FINDINGS).await;
    page.assert_shows(&[
        "1 Everyone can create tokens",
        "Security Analysis Tool: IA-8",
        "1 No maximum lifetime of 90 days or less",
        "No custom limit (platform maximum: 730 days)",
        "1 Permission for one person",
        &person,
        "Review permissions",
    ]);
}

#[tokio::test]
async fn data_that_could_not_be_read_is_unknown_rather_than_a_number() {
    let site = Site::start().await;
    site.demo
        .fault(Fault::forever("GET", "/api/2.0/preview/workspace-conf", Effect::Reset));
    site.demo
        .fault(Fault::forever("GET", "/api/2.0/workspace-conf", Effect::Reset));
    let browser = site.sign_in().await;
    let page = browser.get(FINDINGS).await;
    page.assert_shows(&[
        "Unknown Over policy",
        "Unknown No maximum lifetime",
        "Fix soon at least",
    ]);
    assert_eq!(count_of(&page, "over-policy"), None);
}

/// A rule that needs what the workspace does not report has not been checked.
#[tokio::test]
async fn a_rule_without_findings_says_for_how_many_tokens_it_was_not_checked() {
    let site = Site::start().await;
    let text = r#"{"token_infos":[{"token_id":"a","expiry_time":-1},{"token_id":"b"}]}"#.to_owned();
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text,
    };
    site.demo
        .fault(Fault::forever("GET", TOKENS_API, Effect::Answer { status: 200, body }));
    let browser = site.sign_in().await;
    browser.get(FINDINGS).await.assert_shows(&[
        "For 1 token, the workspace does not report the expiry",
        "For 2 tokens, the workspace does not report who created them.",
        "For 1 token, the workspace does not report which scopes they use.",
    ]);
}

#[tokio::test]
async fn every_rule_has_a_reason_a_fix_and_a_source() {
    for rule in Rule::ALL {
        assert!(rule.reason().ends_with('.') && rule.fix().ends_with('.'), "{rule:?}");
        assert!(rule.source().starts_with("https://docs.databricks.com/"), "{rule:?}");
    }
}

#[tokio::test]
async fn accepted_findings_are_listed_in_pages() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let until = in_days(30);
    let tokens: Vec<serde_json::Value> =
        serde_json::from_str(&browser.get("/w/acme-prod/tokens.json").await.body).unwrap();
    for token in &tokens[..52] {
        let fields = [
            ("workspace", ACME),
            ("finding", "no-comment"),
            ("token", token["id"].as_str().unwrap()),
            ("reason", "a test"),
            ("until", &until),
        ];
        browser.call("/api/findings/accept", &fields).await;
    }
    let withdrawals = |page: &Response| page.body.matches("\"/api/findings/withdraw\"").count();
    let first = browser.get(FINDINGS).await;
    first.assert_shows(&["Accepted 52", "1 to 50 of 52", "Next"]);
    first.assert_has(&["href=\"/w/acme-prod/findings?from=50#accepted\""]);
    first.assert_lacks(&["Previous"]);
    assert_eq!(withdrawals(&first), 50);
    let last = browser.get(&format!("{FINDINGS}?from=50")).await;
    last.assert_shows(&["Accepted 52", "51 to 52 of 52", "Previous"]);
    assert_eq!(withdrawals(&last), 2);
    for beyond in ["52", "-1", "many"] {
        let page = browser.get(&format!("{FINDINGS}?from={beyond}")).await;
        assert_eq!(withdrawals(&page), 50, "{beyond}");
    }
}
