//! The findings as CSV and JSON: as many open rows as the page counts, and the accepted ones.

use std::collections::BTreeMap;

use demo_workspace::{Effect, Fault, FaultBody};

use super::findings::{FINDINGS, accept, in_days, lists, settled};
use crate::support::{ACME, OTHER, Response, Setup, Site};

const CSV: &str = "/w/acme-prod/findings.csv";
const JSON: &str = "/w/acme-prod/findings.json";

/// The first four fields of each row: severity, finding, title and state.
fn rows(csv: &Response) -> Vec<[&str; 4]> {
    let lines = csv.body.split("\r\n").skip(1).filter(|line| !line.is_empty());
    let rows = lines.map(|line| {
        let mut fields = line.trim_start_matches('"').split("\",\"");
        [(); 4].map(|()| fields.next().unwrap())
    });
    rows.collect()
}

/// How many rows are open, by finding.
fn open_rows(csv: &Response) -> BTreeMap<String, usize> {
    let open = rows(csv).into_iter().filter(|row| row[3] == "open");
    open.fold(BTreeMap::new(), |mut counts, row| {
        *counts.entry(row[1].to_owned()).or_default() += 1;
        counts
    })
}

#[tokio::test]
async fn each_number_of_the_page_is_the_number_of_its_open_rows() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = settled(&browser).await;
    let csv = browser.get(CSV).await;
    csv.assert_file_name(&format!("{ACME}_findings_"), "Z.csv");
    assert!(csv.body.starts_with("severity,finding,title,state,token_id,comment,"));
    let open = open_rows(&csv);
    let lists = lists(&page);
    assert!(lists.len() >= 8);
    for (id, count, _) in &lists {
        assert_eq!(open.get(id), Some(count), "{id}");
    }
    // Findings about the workspace have a row too.
    assert!(open.contains_key("long-max-lifetime"), "{open:?}");
    let json = browser.get(JSON).await;
    let list: Vec<serde_json::Value> = serde_json::from_str(&json.body).unwrap();
    assert_eq!(list.len(), rows(&csv).len());
    assert!(
        list.iter()
            .all(|row| row["source"].as_str().unwrap().starts_with("https://"))
    );
    page.assert_has(&["href=\"/w/acme-prod/findings.csv\"", "findings.csv?severity=act-now"]);
    page.assert_shows(&["Export CSV: Act now"]);
}

#[tokio::test]
async fn a_severity_filters_the_rows_and_is_part_of_the_name() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    settled(&browser).await;
    let csv = browser.get(&format!("{CSV}?severity=act-now")).await;
    csv.assert_file_name(&format!("{ACME}_findings_"), "Z_severity-act-now.csv");
    let filtered = rows(&csv);
    assert!(!filtered.is_empty() && filtered.iter().all(|row| row[0] == "act-now"));
    let all = browser.get(CSV).await;
    let of_all = rows(&all).into_iter().filter(|row| row[0] == "act-now");
    assert_eq!(filtered.len(), of_all.count());
    // An unknown severity must not export all findings.
    assert_eq!(browser.get(&format!("{CSV}?severity=none")).await.status, 409);
}

#[tokio::test]
async fn accepted_findings_have_their_reason_and_no_cell_is_a_formula_or_a_credential() {
    let site = Site::start().await;
    site.create_token("=HYPERLINK(\"https://evil.example\",\"a\")");
    let browser = site.sign_in().await;
    let until = in_days(30);
    let fields = [
        ("finding", "never-used"),
        ("reason", "+created for tests"),
        ("until", until.as_str()),
    ];
    accept(&browser, FINDINGS, &fields).await;
    let csv = browser.get(CSV).await;
    let of_rule = rows(&csv).into_iter().filter(|row| row[1] == "never-used");
    let states: Vec<_> = of_rule.map(|row| row[3]).collect();
    assert!(
        !states.is_empty() && states.iter().all(|state| *state == "accepted"),
        "{states:?}"
    );
    assert!(
        csv.body.contains(&format!("\"{until}\",\"'+created for tests\"")),
        "{}",
        csv.body
    );
    assert!(
        csv.body
            .contains("\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"a\"\")\"")
    );
    assert!(!csv.body.contains("dapi"));
    let excel = browser.get(&format!("{CSV}?bom=1")).await;
    assert!(excel.body.starts_with('\u{feff}'));
}

#[tokio::test]
async fn a_file_that_lacks_something_has_to_be_asked_for_and_says_so() {
    let mut setup = Setup::default();
    setup.timing.part_wait = std::time::Duration::from_secs(5);
    let site = Site::start_with(setup).await;
    let browser = site.sign_in().await;
    let refused = Effect::Answer {
        status: 403,
        body: FaultBody::JsonError {
            error_code: "PERMISSION_DENIED".into(),
            message: "no".into(),
        },
    };
    site.demo
        .fault(Fault::forever("GET", "/api/2.0/workspace-conf", refused));
    assert_eq!(browser.get(CSV).await.status, 409);
    let partial = browser.get(&format!("{CSV}?partial=1")).await;
    partial.assert_file_name(&format!("{ACME}_findings_"), "Z_partial.csv");
    assert_eq!(partial.header("x-partial-data"), "policy");
    let states: Vec<_> = rows(&partial)
        .into_iter()
        .filter(|row| row[1] == "over-policy")
        .collect();
    assert_eq!(states.len(), 1, "it is not known, and not none");
    assert_eq!(states[0][3], "not-available:policy");
    browser.get(FINDINGS).await.assert_has(&["findings.csv?partial=1"]);
}

#[tokio::test]
async fn only_people_who_can_view_the_workspace_get_the_file() {
    let site = Site::start().await;
    let signed_out = site.browser().get(CSV).await;
    assert_eq!(signed_out.status, 303);
    assert!(signed_out.location().starts_with("/sign-in"));
    let browser = site.sign_in().await;
    assert_eq!(browser.get(&format!("/w/{OTHER}/findings.csv")).await.status, 303);
    assert_eq!(browser.get("/w/nowhere/findings.csv").await.status, 404);
}
