//! Creating a token for a service principal by forms: what is shown before, the value once, and what is told where there is
//! none.

use demo_workspace::{Change, Effect, Fault, FaultBody};

use crate::rules::server_functions::problem;
use crate::support::{ACME, Answer, Browser, Setup, Site};

const CREATE: &str = "/api/2.0/token-management/on-behalf-of/tokens";
const FORM: &str = "/w/acme-prod/tokens/new";
const REVIEW: &str = "/w/acme-prod/tokens/new/review";

/// The application id of the service principal that is called so.
async fn application_id(browser: &Browser, name: &str) -> String {
    let page = browser.get(&format!("{FORM}?find={name}")).await;
    let row = page.body.split("data-option=\"").nth(1).unwrap();
    row.split_once('"').unwrap().0.to_owned()
}

/// Sends the form of a review with everything typed.
async fn send(browser: &Browser, review: &str) -> Answer {
    let page = browser.get(review).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let names = ["workspace", "form", "sp", "days", "comment", "scopes"];
    let values = names.map(|name| page.value(name).unwrap());
    let fields: Vec<_> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
    browser.submit(review, "/api/tokens/create", &fields).await
}

/// The value on the page that shows it.
fn value(page: &Answer) -> String {
    let shown = page.body.split("id=\"token-value\">").nth(1);
    shown
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .unwrap_or_default()
}

#[tokio::test]
async fn from_the_list_by_search_and_review_to_the_value() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    assert!(
        browser
            .get("/w/acme-prod/tokens")
            .await
            .body
            .contains(&format!("href=\"{FORM}\""))
    );
    let form = browser.get(FORM).await;
    assert_eq!(form.h1(), ["Create service principal token"]);
    assert_eq!(form.value("days").as_deref(), Some("90"));
    let found = browser.get(&format!("{FORM}?find=etl&days=30&comment=x")).await;
    assert!(found.text().contains("etl-nightly"), "{}", found.text());
    assert_eq!(
        found.value("comment").as_deref(),
        Some("x"),
        "what is typed stays over a search"
    );
    let id = application_id(&browser, "etl-nightly").await;
    let chosen = browser.get(&format!("{FORM}?find=etl&days=30&choose={id}")).await;
    assert_eq!(chosen.value("sp").as_deref(), Some(id.as_str()));
    assert!(chosen.text().contains("For etl-nightly"), "{}", chosen.text());
    let address = format!("{REVIEW}?sp={id}&days=30&comment=nightly%20%3Cexport%3E&scopes=sql%2C%20jobs");
    let review = browser.get(&address).await;
    for told in [
        "etl-nightly",
        &id,
        "30 days, until",
        "nightly <export>",
        "sql, jobs",
        "Acting as",
        "acme-prod",
        "create-obo-token",
    ] {
        assert!(review.text().contains(told), "{told}: {}", review.text());
    }
    assert_eq!(site.calls("POST", CREATE), 0, "nothing happens before");

    let page = send(&browser, &address).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "private, no-store"));
    assert_eq!(page.location(), "");
    assert!(page.said().contains("Token created and confirmed."), "{}", page.said());
    assert!(page.text().contains("Copy the token now and store it safely."));
    let value = value(&page);
    assert!(domain::looks_like_token_value(&value));
    // It works, and the workspace calls it by its hash.
    let new = workspace_client::Credential::new(value.clone().into()).token_id();
    let token = browser.get(&format!("/w/acme-prod/tokens/{new}")).await;
    assert_eq!(token.h1(), ["nightly <export>"]);
    assert!(token.text().contains("Created by mia.kowalski"), "{}", token.text());
    assert!(token.text().contains("sql") && token.text().contains("jobs"));
    assert!(page.body.contains(&format!("href=\"/w/acme-prod/tokens/{new}\"")));
    let record = browser.get("/w/acme-prod/activity").await.text();
    assert!(record.contains("Create service principal token") && record.contains(&format!("Created token {new}")));
    assert!(!record.contains(&value));
}

#[tokio::test]
async fn the_same_form_again_creates_nothing_and_shows_no_value() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let review = format!("{REVIEW}?sp={}&days=30", site.service_principal());
    let page = browser.get(&review).await;
    let form = page.value("form").unwrap();
    let sp = site.service_principal();
    let fields = [("workspace", ACME), ("form", &form), ("sp", &sp), ("days", "30")];
    let first = browser.submit(&review, "/api/tokens/create", &fields).await;
    assert!(!value(&first).is_empty());
    let again = browser.submit(&review, "/api/tokens/create", &fields).await;
    assert_eq!(again.status, 200);
    assert!(
        again.text().contains("You already created this token."),
        "{}",
        again.text()
    );
    assert!(!again.body.contains(&value(&first)));
    assert_eq!(site.calls("POST", CREATE), 1);
    assert_ne!(
        browser.get(&review).await.value("form").unwrap(),
        form,
        "each review is a form of its own"
    );
    for form in ["", "x", "a b c d e f g h", &"f".repeat(65)] {
        let fields = [("workspace", ACME), ("form", form), ("sp", &sp), ("days", "30")];
        let answer = browser.call("/api/tokens/create", &fields).await;
        assert_eq!(
            (answer.status, problem(&answer)),
            (400, app::problem::Problem::BadRequest),
            "{form:?}"
        );
    }
    assert_eq!(site.calls("POST", CREATE), 1);
}

#[tokio::test]
async fn what_is_typed_survives_a_refusal() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let sp = site.service_principal();
    let typed = "comment=kept%20text&scopes=sql";
    for (address, told) in [
        (format!("{REVIEW}?days=30&{typed}"), "Choose a service principal."),
        (
            format!("{REVIEW}?sp={sp}&days=0&{typed}"),
            "a whole number of days from 1 to 730",
        ),
        (
            format!("{REVIEW}?sp={sp}&days=soon&{typed}"),
            "a whole number of days from 1 to 730",
        ),
        (
            format!("{REVIEW}?sp={sp}&{typed}"),
            "a whole number of days from 1 to 730",
        ),
        (
            format!("{REVIEW}?sp={sp}&days=3&comment=kept%20text&scopes=SQL!"),
            "Invalid scopes.",
        ),
    ] {
        let refused = browser.get(&address).await;
        assert_eq!(refused.status, 303, "{address}");
        let form = browser.follow(&refused).await;
        assert_eq!(form.h1(), ["Create service principal token"]);
        assert!(form.failed().contains(told), "{address}: {}", form.failed());
        assert_eq!(form.value("comment").as_deref(), Some("kept text"));
    }
    // Refused by the workspace itself.
    let review = format!("{REVIEW}?sp=00000000-0000-0000-0000-000000000000&days=30&{typed}");
    let refused = send(&browser, &review).await;
    let page = browser.follow(&refused).await;
    assert!(
        page.failed().contains("Service principal not found."),
        "{}",
        page.failed()
    );
    assert_eq!(page.value("comment").as_deref(), Some("kept text"));
    assert!(
        page.text()
            .contains("No service principal with this application ID was found.")
    );
}

#[tokio::test]
async fn the_policy_bounds_the_lifetime() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let limit = |days: &str| Change::SetConf {
        values: [("maxTokenLifetimeDays".to_owned(), Some(days.to_owned()))].into(),
    };
    site.demo.change(limit("30")).unwrap();
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let form = browser.get(FORM).await;
    assert_eq!(form.value("days").as_deref(), Some("30"));
    assert!(form.text().contains("1–30 days (workspace limit)."), "{}", form.text());
    let sp = site.service_principal();
    let refused = browser.get(&format!("{REVIEW}?sp={sp}&days=31")).await;
    assert!(browser.follow(&refused).await.failed().contains("from 1 to 30"));
    // Lowered since the page was shown: the workspace has the last word, and its own figure is told.
    site.demo.change(limit("10")).unwrap();
    let refused = send(&browser, &format!("{REVIEW}?sp={sp}&days=30")).await;
    let page = browser.follow(&refused).await;
    assert!(page.failed().contains("Choose 10 days or less."), "{}", page.failed());
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_before_and_after() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let without = application_id(&browser, "monitoring-exporter").await;
    let review = format!("{REVIEW}?sp={without}&days=30");
    let page = browser.get(&review).await;
    assert!(
        page.text().contains("It does not have permission to use tokens."),
        "{}",
        page.text()
    );
    assert!(page.body.contains(&format!("permissions?add=sp%3A{without}")));
    let refused = send(&browser, &review).await;
    let refused = browser.follow(&refused).await;
    assert!(
        refused
            .failed()
            .contains("The service principal does not have permission to use tokens.")
    );

    let other = application_id(&browser, "dbt-runner").await;
    let review = format!("{REVIEW}?sp={other}&days=30");
    site.demo.change(Change::RestrictAdmins { restricted: true }).unwrap();
    let refused = send(&browser, &review).await;
    let page = browser.follow(&refused).await;
    assert!(
        page.failed().contains("the role Service Principal User"),
        "{}",
        page.failed()
    );
    site.demo.change(Change::RestrictAdmins { restricted: false }).unwrap();
    let azure = [("cloud".to_owned(), "azure".into())].into_iter().collect();
    site.demo.change(Change::SetKnobs { knobs: azure }).unwrap();
    let refused = send(&browser, &review).await;
    let page = browser.follow(&refused).await;
    assert!(page.failed().contains("OAuth (M2M)"), "{}", page.failed());
}

#[tokio::test]
async fn a_lost_answer_is_told_as_what_it_is() {
    let site = Site::with(Setup::impatient()).await;
    let browser = site.signed_in().await;
    let review = format!("{REVIEW}?sp={}&days=30&comment=lost", site.service_principal());
    site.demo.fault(Fault::next("POST", CREATE, Effect::Truncate));
    let page = send(&browser, &review).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text()
            .contains("The token was created, but its value did not reach the console."),
        "{}",
        page.text()
    );
    assert!(page.body.contains("/revoke\"") && value(&page).is_empty());
    let not_done = Effect::Answer {
        status: 500,
        body: FaultBody::Empty,
    };
    site.demo.fault(Fault::next("POST", CREATE, not_done));
    let refused = send(&browser, &review).await;
    let page = browser.follow(&refused).await;
    assert!(
        page.failed().contains("No response, and no new token found."),
        "{}",
        page.failed()
    );
    assert_eq!(page.value("comment").as_deref(), Some("lost"));
}
