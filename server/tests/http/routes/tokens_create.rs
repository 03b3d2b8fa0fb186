//! Creating a token for a service principal: the form, the review, the value that is shown only once, and the reasons
//! for refusals.

use demo_workspace::{Change, Effect, Fault, FaultBody};

use crate::support::{ACME, Browser, Response, Setup, Site, TOKENS_PAGE};

const CREATE: &str = "/api/2.0/token-management/on-behalf-of/tokens";
const FORM: &str = "/w/acme-prod/tokens/new";
const REVIEW: &str = "/w/acme-prod/tokens/new/review";

/// The application ID of the service principal `name`.
async fn find_application_id(browser: &Browser, name: &str) -> String {
    let page = browser.get(&format!("{FORM}?find={name}")).await;
    let row = page.body.split("data-option=\"").nth(1).unwrap();
    row.split_once('"').unwrap().0.to_owned()
}

/// Submits the form of a review unchanged.
async fn submit(browser: &Browser, review: &str) -> Response {
    let page = browser.get(review).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let names = ["workspace", "form", "sp", "days", "comment", "scopes"];
    // Fields without a value are left out.
    let values = names.map(|name| page.field(name).unwrap_or_default());
    let fields: Vec<_> = names.into_iter().zip(values.iter().map(String::as_str)).collect();
    browser.submit(review, "/api/tokens/create", &fields).await
}

/// The token value that a page shows; empty if it shows no value.
fn token_value(page: &Response) -> String {
    let shown = page.body.split("id=\"token-value\">").nth(1);
    shown
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_token_is_created_from_search_through_review_and_its_value_shown_once() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let list = browser.get(TOKENS_PAGE).await;
    list.assert_has(&[&format!("href=\"{FORM}\"")]);
    let form = browser.get(FORM).await;
    assert_eq!(form.h1(), ["Create service principal token"]);
    assert_eq!(form.field("days").as_deref(), Some("90"));
    let found = browser.get(&format!("{FORM}?find=etl&days=30&comment=x")).await;
    found.assert_shows(&["etl-nightly"]);
    assert_eq!(
        found.field("comment").as_deref(),
        Some("x"),
        "a search keeps the other fields"
    );
    let id = find_application_id(&browser, "etl-nightly").await;
    let chosen = browser.get(&format!("{FORM}?find=etl&days=30&choose={id}")).await;
    assert_eq!(chosen.field("sp").as_deref(), Some(id.as_str()));
    chosen.assert_shows(&["For etl-nightly"]);
    let review_url = format!("{REVIEW}?sp={id}&days=30&comment=nightly%20%3Cexport%3E&scopes=sql%2C%20jobs");
    let review = browser.get(&review_url).await;
    review.assert_shows(&[
        "etl-nightly",
        &id,
        "30 days, until",
        "nightly <export>",
        "sql, jobs",
        "Acting as",
        "acme-prod",
        "create-obo-token",
    ]);
    assert_eq!(site.call_count("POST", CREATE), 0, "a review creates nothing");

    let page = submit(&browser, &review_url).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "private, no-store"));
    assert_eq!(page.location(), "");
    page.assert_success("Token created and confirmed.");
    page.assert_shows(&[
        "Copy the token now and store it safely.",
        "Service principal etl-nightly",
        // The workspace sorts them.
        "Scopes jobs, sql",
        "Auto-scoping as requested Off",
    ]);
    let value = token_value(&page);
    assert!(domain::can_contain_token_value(&value));
    // The token works, and its ID is the hash of its value.
    let new = workspace_client::Credential::new(value.clone().into()).token_id();
    let token = browser.get(&format!("/w/acme-prod/tokens/{new}")).await;
    assert_eq!(token.h1(), ["nightly <export>"]);
    token.assert_shows(&["Created by Mia Kowalski , on behalf of the owner", "sql", "jobs"]);
    page.assert_has(&[&format!("href=\"/w/acme-prod/tokens/{new}\"")]);
    let activity = browser.get("/w/acme-prod/activity").await;
    activity.assert_shows(&["Create service principal token", &format!("Created token {new}")]);
    activity.assert_has_none(&[&value]);
}

#[tokio::test]
async fn submitting_the_same_form_again_creates_nothing_and_shows_no_value() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let review = format!("{REVIEW}?sp={}&days=30", site.application_id());
    let page = browser.get(&review).await;
    let form = page.field("form").unwrap();
    let sp = site.application_id();
    let fields = [("workspace", ACME), ("form", &form), ("sp", &sp), ("days", "30")];
    let first = browser.submit(&review, "/api/tokens/create", &fields).await;
    assert!(!token_value(&first).is_empty());
    let again = browser.submit(&review, "/api/tokens/create", &fields).await;
    assert_eq!(again.status, 200);
    again.assert_shows(&["You already created this token."]);
    again.assert_has_none(&[&token_value(&first)]);
    assert_eq!(site.call_count("POST", CREATE), 1);
    assert_ne!(
        browser.get(&review).await.field("form").unwrap(),
        form,
        "each review is a form of its own"
    );
    for form in ["", "x", "a b c d e f g h", &"f".repeat(65)] {
        let fields = [("workspace", ACME), ("form", form), ("sp", &sp), ("days", "30")];
        let response = browser.call("/api/tokens/create", &fields).await;
        assert_eq!(
            (response.status, response.problem()),
            (400, app::problem::Problem::BadRequest),
            "{form:?}"
        );
    }
    assert_eq!(site.call_count("POST", CREATE), 1);
}

#[tokio::test]
async fn a_refused_form_keeps_its_fields() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let sp = site.application_id();
    let typed = "comment=kept%20text&scopes=sql";
    for (review, message) in [
        (
            format!("{REVIEW}?days=30&{typed}"),
            "Choose a service principal. Search by name, or enter its application ID.",
        ),
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
        let refused = browser.get(&review).await;
        assert_eq!(refused.status, 303, "{review}");
        let form = browser.follow(&refused).await;
        assert_eq!(form.h1(), ["Create service principal token"]);
        form.assert_shows(&[message]);
        assert!(
            form.title()
                .starts_with("Error: acme-prod · Create service principal token"),
            "{}",
            form.title()
        );
        assert_eq!(form.body.matches("aria-invalid=\"true\"").count(), 1, "{review}");
        assert_eq!(form.body.matches(" autofocus").count(), 1, "{review}");
        assert_eq!(form.field("comment").as_deref(), Some("kept text"));
    }
    // Rejected by the workspace.
    let review = format!("{REVIEW}?sp=00000000-0000-0000-0000-000000000000&days=30&{typed}");
    let refused = submit(&browser, &review).await;
    let page = browser.follow(&refused).await;
    page.assert_error("Service principal not found.");
    assert_eq!(page.field("comment").as_deref(), Some("kept text"));
    page.assert_shows(&["No service principal with this application ID was found."]);
}

#[tokio::test]
async fn all_errors_are_shown_at_once_each_at_its_field_and_the_first_has_the_focus() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let comment = "x".repeat(1001);
    let refused = browser
        .get(&format!("{REVIEW}?days=9999&comment={comment}&scopes=SQL!"))
        .await;
    let form = browser.follow(&refused).await;
    assert_eq!(form.body.matches("aria-invalid=\"true\"").count(), 4);
    for (id, text) in [
        ("find-error", "Choose a service principal."),
        ("days-error", "Enter a whole number of days from 1 to 730."),
        ("comment-error", "The maximum is 1,000 characters."),
        ("scopes-error", "A scope is one word"),
    ] {
        form.assert_has(&[&format!("id=\"{id}\""), &format!("aria-describedby=\"{id}")]);
        form.assert_shows(&[text]);
    }
    assert_eq!(form.body.matches(" autofocus").count(), 1);
    let find = form.body.split("id=\"find\"").nth(1).unwrap();
    assert!(find.split_once('>').unwrap().0.contains(" autofocus"));
    assert_eq!(form.error_message(), "");
    // The first visit shows no errors, and starts at the search.
    let first = browser.get(FORM).await;
    first.assert_has_none(&["aria-invalid=\"true\""]);
    assert_eq!(first.body.matches(" autofocus").count(), 1);
    let find = first.body.split("id=\"find\"").nth(1).unwrap();
    assert!(find.split_once('>').unwrap().0.contains(" autofocus"));
    // After choosing one, the focus is no longer on the search.
    let chosen = browser.get(&format!("{FORM}?sp={}", site.application_id())).await;
    chosen.assert_has_none(&["aria-invalid=\"true\"", " autofocus"]);
}

#[tokio::test]
async fn sets_of_scopes_and_auto_scoping_are_chosen_reviewed_and_sent() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let form = browser.get(FORM).await;
    form.assert_shows(&[
        "SQL and BI tools",
        "Create, change and run jobs, and the clusters they run on. jobs, clusters",
        "Databricks observes the token for about 30 days",
        "full access",
    ]);
    let sp = site.application_id();
    let url = |days: u32| format!("{REVIEW}?sp={sp}&days={days}&scopes=secrets&set-jobs=1&autoscope=1");
    let short = browser.get(&url(10)).await;
    short.assert_shows(&[
        "jobs, clusters, secrets",
        "the token ends after 10 days",
        "probably never limited",
    ]);
    let review = browser.get(&url(90)).await;
    review.assert_shows(&[
        "On: about",
        "probably removes every scope that the token has not used by then",
    ]);
    review.assert_shows(&["\"autoscope_enabled\":true"]);
    let off = browser.get(&format!("{REVIEW}?sp={sp}&days=90")).await;
    off.assert_shows(&["Off: Databricks is asked not to limit its scopes."]);
    off.assert_shows(&["\"autoscope_enabled\":false"]);

    let fields = [
        ("workspace", ACME),
        ("form", &review.field("form").unwrap()),
        ("sp", &sp),
        ("days", "90"),
        ("scopes", "secrets"),
        ("set-jobs", "1"),
        ("autoscope", "1"),
    ];
    let created = browser.submit(&url(90), "/api/tokens/create", &fields).await;
    // As the workspace reports them.
    created.assert_shows(&["Scopes all-apis: full access", "Auto-scoping as requested On: about"]);
    let activity = browser.get("/w/acme-prod/activity").await;
    activity.assert_shows(&["(90 days; jobs, clusters, secrets; auto-scoping)"]);
}

#[tokio::test]
async fn the_form_and_the_review_say_that_tokens_are_disabled() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let off = [("enableTokensConfig".to_owned(), Some("false".to_owned()))];
    site.demo.change(Change::SetConf { values: off.into() }).unwrap();
    for page in [
        FORM.to_owned(),
        format!("{REVIEW}?sp={}&days=30", site.application_id()),
    ] {
        let page = browser.get(&page).await;
        page.assert_shows(&["A token that you create now does not work until they are enabled again"]);
        let notices = page
            .body
            .matches("Personal access tokens are disabled in acme-prod.")
            .count();
        assert_eq!(notices, 1, "one notice, and no banner besides");
    }
}

#[tokio::test]
async fn the_workspaces_maximum_limits_the_lifetime() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let limit = |days: &str| Change::SetConf {
        values: [("maxTokenLifetimeDays".to_owned(), Some(days.to_owned()))].into(),
    };
    site.demo.change(limit("30")).unwrap();
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let form = browser.get(FORM).await;
    assert_eq!(form.field("days").as_deref(), Some("30"));
    form.assert_shows(&["1–30 days (workspace limit)."]);
    let sp = site.application_id();
    let refused = browser.get(&format!("{REVIEW}?sp={sp}&days=31")).await;
    browser.follow(&refused).await.assert_shows(&["from 1 to 30."]);
    // The limit was lowered after the review was shown: the workspace rejects the lifetime, and the page shows the new
    // limit.
    site.demo.change(limit("10")).unwrap();
    let refused = submit(&browser, &format!("{REVIEW}?sp={sp}&days=30")).await;
    let page = browser.follow(&refused).await;
    let message = page.error_message();
    assert!(message.contains("Choose 10 days or less."), "{message}");
}

#[tokio::test]
async fn an_obstacle_is_shown_in_the_review_and_after_the_refusal() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let without = find_application_id(&browser, "monitoring-exporter").await;
    let review = format!("{REVIEW}?sp={without}&days=30");
    let page = browser.get(&review).await;
    page.assert_shows(&["It does not have permission to use tokens."]);
    page.assert_has(&[&format!("permissions?add=sp%3A{without}")]);
    let refused = submit(&browser, &review).await;
    let refused = browser.follow(&refused).await;
    refused.assert_error("The service principal does not have permission to use tokens.");

    let other = find_application_id(&browser, "dbt-runner").await;
    let review = format!("{REVIEW}?sp={other}&days=30");
    site.demo.change(Change::RestrictAdmins { restricted: true }).unwrap();
    let refused = submit(&browser, &review).await;
    let page = browser.follow(&refused).await;
    let message = page.error_message();
    assert!(message.contains("the role Service Principal User"), "{message}");
    site.demo.change(Change::RestrictAdmins { restricted: false }).unwrap();
    let azure = [("cloud".to_owned(), "azure".into())].into_iter().collect();
    site.demo.change(Change::SetKnobs { knobs: azure }).unwrap();
    let refused = submit(&browser, &review).await;
    let page = browser.follow(&refused).await;
    let message = page.error_message();
    assert!(message.contains("OAuth (M2M)"), "{message}");
}

#[tokio::test]
async fn a_lost_response_is_reported_by_what_the_workspace_lists() {
    let site = Site::start_with(Setup::with_short_timeouts()).await;
    let browser = site.sign_in().await;
    let review = format!("{REVIEW}?sp={}&days=30&comment=lost", site.application_id());
    site.demo.fault(Fault::next("POST", CREATE, Effect::Truncate));
    let page = submit(&browser, &review).await;
    assert_eq!(page.status, 200);
    page.assert_shows(&["The token was created, but its value did not reach the console."]);
    page.assert_has(&["/revoke\""]);
    assert_eq!(token_value(&page), "");
    let not_done = Effect::Answer {
        status: 500,
        body: FaultBody::Empty,
    };
    site.demo.fault(Fault::next("POST", CREATE, not_done));
    let refused = submit(&browser, &review).await;
    let page = browser.follow(&refused).await;
    page.assert_error("No response, and no new token found.");
    assert_eq!(page.field("comment").as_deref(), Some("lost"));
}
