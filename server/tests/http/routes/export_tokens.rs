//! The list of tokens as files.

use crate::support::{ACME, OTHER, Setup, Site};

const CSV: &str = "/w/acme-prod/tokens.csv";
const JSON: &str = "/w/acme-prod/tokens.json";

#[tokio::test]
async fn a_file_has_all_that_pass_in_the_order_of_the_list() {
    let mut setup = Setup::default();
    // More than are written at once.
    setup.demo.tokens = 1203;
    let site = Site::with(setup).await;
    let browser = site.signed_in().await;
    let json = browser.get(&format!("{JSON}?sort=created&page=3")).await;
    assert_eq!(json.status, 200);
    assert_eq!(
        json.header("content-disposition"),
        "attachment; filename=\"tokens-acme-prod.json\""
    );
    assert_eq!(json.header("cache-control"), "private, no-store");
    let list: Vec<serde_json::Value> = serde_json::from_str(&json.body).unwrap();
    assert_eq!(list.len(), 1203, "all pages");
    let created: Vec<_> = list.iter().map(|token| token["created"].as_str().unwrap()).collect();
    assert!(created.is_sorted(), "oldest first");
    let csv = browser.get(&format!("{CSV}?sort=created")).await;
    assert!(csv.body.starts_with("id,comment,owner_id,owner_name,"));
    let ids = csv.body.lines().skip(1).filter_map(|line| line.split('"').nth(1));
    let in_csv: Vec<_> = ids
        .filter(|id| id.bytes().all(|b| b.is_ascii_hexdigit()) && id.len() >= 12)
        .collect();
    let in_json: Vec<_> = list.iter().map(|token| token["id"].as_str().unwrap()).collect();
    assert_eq!(in_csv, in_json);

    let never: Vec<serde_json::Value> =
        serde_json::from_str(&browser.get(&format!("{JSON}?finding=never-expires")).await.body).unwrap();
    assert!(!never.is_empty() && never.len() < 1203);
    assert!(never.iter().all(|token| token["expires"] == "never"));
    let none = browser.get(&format!("{JSON}?q=nothing-is-called-this")).await;
    assert_eq!(none.body, "[]\n");
    let none = browser.get(&format!("{CSV}?q=nothing-is-called-this")).await;
    assert_eq!(none.body.lines().count(), 1, "headings alone");
}

#[tokio::test]
async fn a_line_says_everything_and_nothing_runs_in_a_spreadsheet() {
    let site = Site::start().await;
    let id = site.token_with("=HYPERLINK(\"https://evil.example\",\"a\")");
    let owner = &site.demo.credentials().non_admin;
    let browser = site.signed_in().await;
    let csv = browser.get(&format!("{CSV}?id={id}")).await.body;
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].ends_with(",last_used,status,findings,scopes,autoscope"),
        "{csv}"
    );
    let begin = format!(
        "\"{id}\",\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"a\"\")\",\"{}\",\"{}\",\"user\",",
        owner.id, owner.user_name
    );
    assert!(lines[1].starts_with(&begin), "{csv}");
    let json = browser.get(&format!("{JSON}?id={id}")).await.body;
    let list: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    for (name, value) in [
        ("id", id.as_str()),
        ("owner_id", &owner.id),
        ("creator_name", &owner.user_name),
        ("expires", "never"),
        ("last_used", "never"),
        ("status", "active"),
        ("findings", "never-expires never-used"),
        ("scopes", "all-apis"),
    ] {
        assert_eq!(list[0][name], value, "{name}");
    }
    assert!(!csv.contains(&site.pat()) && !json.contains(&site.pat()));
}

#[tokio::test]
async fn the_list_offers_what_it_shows() {
    let site = Site::start().await;
    let id = site.token_with("needle in the haystack");
    let browser = site.signed_in().await;
    let all = browser.get("/w/acme-prod/tokens?page=2").await;
    assert!(all.text().contains("Exports all 131 tokens."), "{}", all.text());
    assert!(all.body.contains("href=\"/w/acme-prod/tokens.csv\""));
    let found = browser.get(&format!("/w/acme-prod/tokens?id={id}&sort=owner")).await;
    assert!(found.text().contains("Exports the 1 matching token."));
    for extension in ["csv", "json"] {
        let href = format!("href=\"/w/acme-prod/tokens.{extension}?id={id}&amp;sort=owner\"");
        assert!(found.body.contains(&href), "{}", found.body);
    }
    let nothing = browser.get("/w/acme-prod/tokens?id=none").await;
    assert!(!nothing.text().contains("Export"));
}

#[tokio::test]
async fn nobody_takes_it_who_may_not_see_it() {
    let site = Site::start().await;
    let stranger = site.browser().get(CSV).await;
    assert_eq!(
        (stranger.status, stranger.location()),
        (303, "/sign-in?next=%2Fw%2Facme-prod%2Ftokens".to_owned())
    );
    let browser = site.signed_in().await;
    let other = browser.get(&format!("/w/{OTHER}/tokens.json")).await;
    assert_eq!(other.status, 303, "signed in to another workspace only");
    assert_eq!(browser.get("/w/nowhere/tokens.csv").await.status, 404);
    site.demote_admin();
    // The proof ends with the first refusal.
    browser.get(&format!("/w/{ACME}/settings/advanced")).await;
    let demoted = browser.get(CSV).await;
    assert_eq!(demoted.status, 403);
    assert!(!demoted.body.contains(&site.demo.credentials().other_admin.user_name));
}
