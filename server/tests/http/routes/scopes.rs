//! The page of the scopes of all tokens.

use demo_workspace::{Autoscope, Change, Effect, Fault, FaultBody, NewToken};

use crate::support::{ACME, Response, Setup, Site, TOKENS_API, TOKENS_PAGE};

const SCOPES_PAGE: &str = "/w/acme-prod/scopes";

/// The page's links to lists, with their numbers. `all` is the text before the number in the link.
fn numbers(page: &Response) -> Vec<(String, usize)> {
    let links = page.body.split("<a ").skip(1);
    let links = links.filter_map(|link| {
        let (tag, rest) = link.split_once('>')?;
        let url = tag.split_once("href=\"")?.1.split('"').next()?.replace("&amp;", "&");
        let text = rest.split('<').next()?;
        let number = text.split(' ').find_map(|word| word.replace(',', "").parse().ok())?;
        url.starts_with("/w/acme-prod/tokens?").then_some((url, number))
    });
    links.collect()
}

/// How many tokens a filtered list reports; 0 if it says that none match.
fn matching(list: &Response) -> usize {
    let text = list.text();
    let count = text
        .split(" of ")
        .find_map(|before| before.rsplit(' ').next()?.replace(',', "").parse().ok());
    match text.contains("No tokens match your filters") {
        true => 0,
        false => count.unwrap(),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A token of the non-admin, observed since it was created.
fn observed(site: &Site, comment: &str, days: u32, used: &[&str]) -> NewToken {
    NewToken {
        owner: site.demo.credentials().non_admin.user_name.clone(),
        comment: Some(comment.to_owned()),
        created_days_ago: days,
        lifetime_days: Some(365),
        used_days_ago: Some(0),
        scopes: Some(names(&["all-apis"])),
        autoscope: Some(Autoscope::Running),
        inferred_scopes: names(used),
        ..NewToken::default()
    }
}

async fn setup_with(tokens: impl Fn(&Site) -> Vec<NewToken>) -> Site {
    let site = Site::start().await;
    for token in tokens(&site) {
        site.demo.change(Change::CreateToken(token)).unwrap();
    }
    site
}

#[tokio::test]
async fn each_number_is_that_of_the_list_behind_its_link() {
    let mut setup = Setup::default();
    setup.demo.tokens = 600;
    let site = Site::start_with(setup).await;
    let browser = site.sign_in().await;
    let page = browser.get(SCOPES_PAGE).await;
    assert_eq!((page.status, page.h1()), (200, vec!["Scopes".to_owned()]));
    let numbers = numbers(&page);
    assert!(numbers.len() >= 14, "{numbers:?}");
    assert!(numbers.iter().all(|(_, number)| *number > 0), "{numbers:?}");
    for (url, number) in &numbers {
        assert_eq!(matching(&browser.get(url).await), *number, "{url}");
    }
    for anchor in [
        "narrows",
        "nothing-seen",
        "proposals",
        "create",
        "undocumented",
        "not-reported",
    ] {
        page.assert_has(&[&format!("href=\"#{anchor}\""), &format!("id=\"{anchor}\"")]);
    }
}

#[tokio::test]
async fn tokens_that_narrow_soon_are_listed_with_what_each_keeps_and_loses() {
    let site = setup_with(|site| {
        vec![
            observed(site, "first to go", 29, &["sql", "files"]),
            NewToken {
                scopes: Some(names(&["sql", "jobs"])),
                ..observed(site, "some scopes", 28, &["sql"])
            },
            observed(site, "nothing seen yet", 27, &[]),
        ]
    })
    .await;
    let browser = site.sign_in().await;
    let page = browser.get(SCOPES_PAGE).await;
    let owner = site.demo.credentials().non_admin.display_name.clone();
    let cells = |name: &str| page.cells(name);
    let row = |keeps: &str, loses: &str, when: &str| (keeps.to_owned(), loses.to_owned(), when.to_owned());
    for (name, expected) in [
        ("first to go", row("sql, files", "all-apis", "in 1 day")),
        ("some scopes", row("sql", "jobs", "in 2 days")),
        ("nothing seen yet", row("nothing seen", "unknown", "in 3 days")),
    ] {
        let cells = cells(name);
        assert!(cells[0].contains(&owner), "{cells:?}");
        let found = cells[1..]
            .iter()
            .map(|cell| cell.rsplit('>').next().unwrap_or(cell).trim());
        let found: Vec<_> = found.collect();
        assert!(
            found[0].ends_with(&expected.0) && found[1].ends_with(&expected.1),
            "{found:?}"
        );
        assert!(found[2].contains(&expected.2), "{found:?}");
    }
    let rows = page.rows();
    let place = |name: &str| rows.iter().position(|row| row.starts_with(name));
    assert!(place("first to go") < place("some scopes") && place("some scopes") < place("nothing seen yet"));
}

#[tokio::test]
async fn a_last_use_before_the_observation_is_a_warning_of_its_own() {
    let site = setup_with(|site| {
        let quarterly = NewToken {
            used_days_ago: Some(70),
            ..observed(site, "quarterly close, probe", 200, &[])
        };
        let since = NewToken {
            used_days_ago: Some(3),
            ..quarterly.clone()
        };
        vec![quarterly, since]
    })
    .await;
    let browser = site.sign_in().await;
    let page = browser.get(SCOPES_PAGE).await;
    page.assert_shows(&["Used before they were observed, and not since", "once a quarter"]);
    let list = |state: &str| format!("{TOKENS_PAGE}?q=quarterly+close,+probe&scope_state={state}");
    for (state, tokens) in [("nothing-seen", 2), ("used-before", 1), ("used-since", 1)] {
        assert_eq!(matching(&browser.get(&list(state)).await), tokens, "{state}");
    }
}

#[tokio::test]
async fn a_state_without_documented_meaning_is_shown_by_name_everywhere() {
    let site = setup_with(|site| {
        [
            Autoscope::Disabled,
            Autoscope::Backfilled,
            Autoscope::ApiNotCovered,
            Autoscope::Paused,
        ]
        .map(|state| NewToken {
            autoscope: Some(state),
            ..observed(site, &format!("probe {state:?}"), 3, &[])
        })
        .to_vec()
    })
    .await;
    let browser = site.sign_in().await;
    let page = browser.get(SCOPES_PAGE).await;
    page.assert_shows(&[
        "Meaning not documented",
        "DISABLED",
        "BACKFILLED",
        "API_NOT_COVERED",
        "PAUSED",
    ]);
    let filtered = browser
        .get(&format!(
            "{TOKENS_PAGE}?q=probe&scope_state=state:PAUSED&more_filters=1"
        ))
        .await;
    assert_eq!(matching(&filtered), 1);
    filtered.assert_shows(&["Scopes: PAUSED (meaning not documented)"]);
    filtered.assert_has(&["<option value=\"state:PAUSED\" selected"]);
    let ids = filtered.body.split("/w/acme-prod/tokens/").skip(1);
    let mut ids = ids.filter_map(|rest| rest.get(..16));
    let id = ids.find(|id| id.bytes().all(|b| b.is_ascii_hexdigit())).unwrap();
    let token = browser.get(&format!("{TOKENS_PAGE}/{id}")).await;
    token.assert_shows(&["Databricks reports the state PAUSED. Its meaning is not documented."]);
    token.assert_has(&[&format!("href=\"{SCOPES_PAGE}\"")]);
}

#[tokio::test]
async fn the_list_and_its_exports_have_the_filters() {
    let site = setup_with(|site| {
        vec![
            observed(site, "probe in a week", 25, &["sql"]),
            observed(site, "probe in a month", 5, &["sql"]),
            NewToken {
                autoscope: None,
                scopes: None,
                inferred_scopes: Vec::new(),
                backfill_scopes: names(&["jobs"]),
                ..observed(site, "probe with a proposal", 200, &[])
            },
        ]
    })
    .await;
    let browser = site.sign_in().await;
    for (filter, tokens) in [
        ("narrows_within=7", vec!["probe in a week"]),
        ("narrows_within=30", vec!["probe in a month", "probe in a week"]),
        ("scope_state=proposal", vec!["probe with a proposal"]),
        ("scope_state=observed&narrows_within=7", vec!["probe in a week"]),
    ] {
        let list = browser
            .get(&format!("{TOKENS_PAGE}?q=probe&{filter}&sort=comment"))
            .await;
        assert_eq!(matching(&list), tokens.len(), "{filter}");
        list.assert_has(&[&format!(
            "/w/acme-prod/tokens.csv?q=probe&amp;{}",
            filter.replace('&', "&amp;")
        )]);
        let csv = browser
            .get(&format!("/w/acme-prod/tokens.csv?q=probe&{filter}&sort=comment"))
            .await
            .body;
        let comments: Vec<_> = csv.lines().skip(1).filter_map(|line| line.split('"').nth(3)).collect();
        assert_eq!(comments, tokens, "{filter}");
    }
    let csv = browser.get("/w/acme-prod/tokens.csv?q=probe&sort=comment").await.body;
    let rows: Vec<_> = csv.lines().collect();
    assert!(
        rows[0].ends_with(",scopes,autoscope,narrows_about,keeps,loses"),
        "{csv}"
    );
    assert!(rows[1].ends_with("\",\"sql\",\"all-apis\""), "{csv}");
    assert!(rows[3].ends_with(",\"\",\"\",\"jobs\",\"all-apis\""), "{csv}");
    // An invalid filter is named, and never widens an export.
    let list = browser
        .get(&format!("{TOKENS_PAGE}?narrows_within=8&scope_state=asleep"))
        .await;
    list.assert_shows(&["state of the scopes", "narrows within"]);
    let refused = browser.get("/w/acme-prod/tokens.csv?narrows_within=8").await;
    assert_eq!(refused.status, 409);
}

#[tokio::test]
async fn only_those_who_can_change_something_get_the_buttons() {
    let site = Site::start_with(Setup {
        has_auditor: true,
        ..Setup::default()
    })
    .await;
    let admin = site.sign_in().await.get(SCOPES_PAGE).await;
    admin.assert_shows(&["Narrow to proposed", "Keep current scopes"]);
    admin.assert_has(&[
        "name=\"change\" value=\"keep-scopes\"",
        "name=\"change\" value=\"narrow-scopes\"",
        "name=\"narrows_within\" value=\"30\"",
    ]);
    let auditor = site.sign_in_auditor().await.get(SCOPES_PAGE).await;
    assert_eq!(auditor.status, 200);
    auditor.assert_lacks(&["Narrow to proposed", "Keep current scopes"]);
    auditor.assert_shows(&["Narrows soon", "Proposals for existing tokens"]);
}

#[tokio::test]
async fn without_some_rows_numbers_are_lower_bounds_and_nothing_is_said_not_to_exist() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let rows = serde_json::json!({ "token_infos": [
        { "token_id": "a".repeat(64), "expiry_time": -1, "creation_time": 1_795_442_400_000_i64 },
        { "token_id": "b".repeat(64), "creation_time": "yesterday" },
    ] });
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text: rows.to_string(),
    };
    site.demo
        .fault(Fault::forever("GET", TOKENS_API, Effect::Answer { status: 200, body }));
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let page = browser.get(SCOPES_PAGE).await;
    page.assert_shows(&["at least 1 active token", "At least 0", "Not reported at least 1"]);
    page.assert_lacks(&["No active token."]);
}

#[tokio::test]
async fn a_workspace_without_tokens_has_an_empty_page() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    site.demo.change(Change::RemoveAllTokens).unwrap();
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let page = browser.get(SCOPES_PAGE).await;
    assert_eq!(page.status, 200);
    page.assert_shows(&["0 active tokens", "No active token."]);
}
