//! The list of tokens as CSV and JSON.

use demo_workspace::{Effect, Fault, FaultBody, RetryAfter};

use crate::support::{ACME, OTHER, Setup, Site, TOKENS_API, TOKENS_PAGE};

const CSV: &str = "/w/acme-prod/tokens.csv";
const JSON: &str = "/w/acme-prod/tokens.json";

#[tokio::test]
async fn an_export_has_every_matching_token_in_the_order_of_the_list() {
    let mut setup = Setup::default();
    // More tokens than one batch contains.
    setup.demo.tokens = 1203;
    let site = Site::start_with(setup).await;
    let browser = site.sign_in().await;
    let json = browser.get(&format!("{JSON}?sort=created&page=3")).await;
    assert_eq!(json.status, 200);
    json.assert_file_name("acme-prod_tokens_", "Z.json");
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
    let filtered = browser
        .get(&format!("{CSV}?finding=never-expires&sort=created&page=2"))
        .await;
    filtered.assert_file_name("acme-prod_tokens_", "Z_finding-never-expires.csv");
    let none = browser.get(&format!("{JSON}?q=nothing-is-called-this")).await;
    assert_eq!(none.body, "[]\n");
    let none = browser.get(&format!("{CSV}?q=nothing-is-called-this")).await;
    assert_eq!(none.body.lines().count(), 1, "only the column names");
}

#[tokio::test]
async fn a_row_has_every_field_and_no_formula() {
    let site = Site::start().await;
    let id = site.create_token("=HYPERLINK(\"https://evil.example\",\"a\")");
    let owner = &site.demo.credentials().non_admin;
    let browser = site.sign_in().await;
    let csv = browser.get(&format!("{CSV}?id={id}")).await.body;
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].ends_with(",last_used,status,findings,scopes,autoscope,narrows_about,keeps,loses"),
        "{csv}"
    );
    let row = format!(
        "\"{id}\",\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"a\"\")\",\"{}\",\"{}\",\"user\",",
        owner.id, owner.user_name
    );
    assert!(lines[1].starts_with(&row), "{csv}");
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
    for export in [csv, json] {
        assert!(!export.contains(&site.token_value()), "{export}");
    }
}

#[tokio::test]
async fn the_list_links_to_exports_of_the_tokens_it_shows() {
    let site = Site::start().await;
    let id = site.create_token("needle in the haystack");
    let browser = site.sign_in().await;
    let all = browser.get("/w/acme-prod/tokens?page=2").await;
    all.assert_shows(&["Exports all 131 tokens."]);
    all.assert_has(&["href=\"/w/acme-prod/tokens.csv\""]);
    let found = browser.get(&format!("/w/acme-prod/tokens?id={id}&sort=owner")).await;
    found.assert_shows(&["Exports the 1 matching token."]);
    for extension in ["csv", "json"] {
        let href = format!("href=\"/w/acme-prod/tokens.{extension}?id={id}&amp;sort=owner\"");
        found.assert_has(&[&href]);
    }
    let nothing = browser.get("/w/acme-prod/tokens?id=none").await;
    nothing.assert_lacks(&["Export"]);
}

#[tokio::test]
async fn exports_require_permission() {
    let site = Site::start().await;
    let signed_out = site.browser().get(CSV).await;
    assert_eq!(
        (signed_out.status, signed_out.location()),
        (303, "/sign-in?next=%2Fw%2Facme-prod%2Ftokens".to_owned())
    );
    let browser = site.sign_in().await;
    let other = browser.get(&format!("/w/{OTHER}/tokens.json")).await;
    assert_eq!(other.status, 303, "signed in to another workspace only");
    assert_eq!(browser.get("/w/nowhere/tokens.csv").await.status, 404);
    site.demote_admin();
    // The proof of being an admin ends with the first refusal.
    browser.get(&format!("/w/{ACME}/settings/advanced")).await;
    let demoted = browser.get(CSV).await;
    assert_eq!(demoted.status, 403);
    demoted.assert_has_none(&[&site.demo.credentials().other_admin.user_name]);
}

/// A saved response would be mistaken for the data.
#[tokio::test]
async fn an_export_that_cannot_be_made_is_never_a_success() {
    let answer = |status, body| Effect::Answer { status, body };
    let coded = |error_code: &str, message: &str| FaultBody::JsonError {
        error_code: error_code.to_owned(),
        message: message.to_owned(),
    };
    for (effect, status) in [
        (answer(404, coded("FEATURE_DISABLED", "Tokens are disabled.")), 409),
        (
            answer(404, coded("FEATURE_DISABLED", "x is not enabled for this feature tier")),
            409,
        ),
        (answer(400, coded("INVALID_PARAMETER_VALUE", "no")), 502),
        (answer(404, coded("ENDPOINT_NOT_FOUND", "no")), 502),
        (answer(409, coded("ABORTED", "no")), 502),
        (answer(404, FaultBody::Empty), 502),
        (answer(500, FaultBody::Empty), 502),
        (Effect::Truncate, 502),
        (Effect::Hang, 502),
        (
            Effect::RateLimit {
                retry_after: RetryAfter::Seconds(900),
            },
            503,
        ),
    ] {
        let site = Site::start_with(Setup::with_short_timeouts()).await;
        let browser = site.sign_in().await;
        site.demo.fault(Fault::forever("GET", TOKENS_API, effect.clone()));
        for path in [CSV, JSON] {
            let file = browser.get(path).await;
            assert_eq!(file.status, status, "{path} {effect:?}: {}", file.body);
            assert_eq!(file.header("content-disposition"), "", "{path} {effect:?}");
        }
    }
}

#[tokio::test]
async fn a_file_for_excel_keeps_umlauts_and_long_numbers() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for (path, start) in [
        (format!("{CSV}?bom=1"), "\u{feff}id,comment,"),
        ("/w/acme-prod/activity.csv?bom=1".to_owned(), "\u{feff}at,who,"),
    ] {
        let excel = browser.get(&path).await;
        assert_eq!(excel.header("content-type"), "text/csv; charset=utf-8");
        assert!(excel.body.starts_with(start), "{path}");
    }
    let text_fields = |csv: &str| csv.matches(",\"'").count();
    let excel = browser.get(&format!("{CSV}?bom=1")).await.body;
    let plain = browser.get(CSV).await.body;
    assert!(
        text_fields(&excel) > text_fields(&plain),
        "IDs of more than 15 digits are text"
    );
    browser
        .get(TOKENS_PAGE)
        .await
        .assert_has(&["tokens.csv?bom=1", "Export for Excel"]);
    browser
        .get("/w/acme-prod/activity")
        .await
        .assert_has(&["activity.csv?bom=1"]);
}

#[tokio::test]
async fn the_page_of_the_export_shows_the_same_list_with_other_tools_and_says_which_filters_they_lack() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let all = browser.get(&format!("{TOKENS_PAGE}/export")).await;
    all.assert_shows(&[
        "These commands list all tokens",
        "databricks token-management list --output json",
        "Terraform has no data source that lists tokens.",
    ]);
    let filtered = browser
        .get(&format!(
            "{TOKENS_PAGE}/export?created_by_username=mia%40acme.example&status=active&lifetime_over=90"
        ))
        .await;
    filtered.assert_shows(&[
        "--created-by-username=mia@acme.example",
        "created_by_username=mia%40acme.example",
        "Left out: Status: Active; Lifetime over 90 days.",
    ]);
    let list = browser.get(TOKENS_PAGE).await;
    list.assert_has(&[&format!("href=\"{TOKENS_PAGE}/export\"")]);
}
