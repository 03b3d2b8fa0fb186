//! The search of the bar at the top of every page.

use crate::support::{ACME, Browser, Response, Site, TOKENS_PAGE};

const UNKNOWN: &str = "dapi00000000000000000000000000000000";

async fn search(browser: &Browser, value: &str) -> Response {
    let fields = [("workspace", ACME), ("value", value)];
    browser.submit("/w/acme-prod/activity", "/api/search", &fields).await
}

#[tokio::test]
async fn any_text_is_searched_for_in_the_list() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for (text, url) in [
        ("airflow", format!("{TOKENS_PAGE}?q=airflow")),
        ("  a & b ", format!("{TOKENS_PAGE}?q=a%20%26%20b")),
        ("", TOKENS_PAGE.to_owned()),
    ] {
        assert_eq!(search(&browser, text).await.location(), url, "{text:?}");
    }
}

#[tokio::test]
async fn people_are_found_by_name_even_if_they_own_no_token_and_by_id() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    // The second admin's token is the only one of theirs.
    let person = site.demo.credentials().other_admin.clone();
    let page = format!("/w/{ACME}/principals/{}", person.id);
    assert_eq!(search(&browser, &person.id).await.location(), page);
    let token = site.demo.credentials().other_admin.pat.clone().unwrap();
    let token = console::token_id_of(&token.into()).to_string();
    let fields = [("workspace", ACME), ("id", token.as_str()), ("back", "")];
    assert!(browser.call("/api/tokens/revoke", &fields).await.status < 400);
    for name in [&person.display_name, &person.user_name.to_uppercase()] {
        let list = browser.follow(&search(&browser, name).await).await;
        list.assert_shows(&["No tokens match your filters", &person.display_name]);
        list.assert_has(&[&format!("href=\"{page}\"")]);
    }
    assert_eq!(search(&browser, &person.id).await.location(), page);
    let unknown = search(&browser, "12345").await;
    assert_eq!(unknown.location(), format!("{TOKENS_PAGE}?q=12345"));
}

#[tokio::test]
async fn a_leaked_value_or_an_id_leads_to_its_token_and_is_in_no_url() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let value = site.demo.credentials().non_admin.pat.clone().unwrap();
    let token = format!("{TOKENS_PAGE}/{}?from=leak", site.some_token_id());
    for text in [format!("token=\"{value}\""), site.some_token_id()] {
        assert_eq!(search(&browser, &text).await.location(), token, "{text}");
    }
    let unknown = search(&browser, UNKNOWN).await;
    assert!(
        unknown.location().starts_with("/w/acme-prod/find?lookup="),
        "{}",
        unknown.location()
    );
    browser
        .follow(&unknown)
        .await
        .assert_shows(&["The token was not found in acme-prod"]);
    // Only a part of a value, but that must not be in a URL either.
    let part = search(&browser, "dapi1234").await;
    assert!(!part.location().contains("dapi1234"), "{}", part.location());
    let page = browser.follow(&part).await;
    assert_eq!(page.h1(), ["Find a leaked token"]);
    page.assert_error("No value in the shape of a Databricks token");
}

#[tokio::test]
async fn a_script_gets_the_results_of_a_single_token_too() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    let fields = [("workspace", ACME), ("hashes", id.as_str()), ("in_place", "1")];
    let found = browser.submit_and_follow(TOKENS_PAGE, "/api/search", &fields).await;
    assert_eq!(found.h1(), ["Find a leaked token"]);
    found.assert_shows(&["The token is in acme-prod"]);
}

#[tokio::test]
async fn a_search_text_that_is_too_long_does_not_list_everything() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let refused = search(&browser, &"a long line of a log ".repeat(30)).await;
    assert!(refused.location().contains("__err="), "{}", refused.location());
    assert!(!browser.follow(&refused).await.error_message().is_empty());
}
