//! Values that depend on missing data are "not available" on every page: never a number, never a filter that matches
//! nothing, and never part of a file that looks complete.

use std::time::Duration;

use demo_workspace::{Change, Effect, Fault, FaultBody, NewToken};

use tokio::time::sleep;

use crate::support::{ACME, Browser, Response, Site, TOKENS_API, TOKENS_PAGE};

const USERS: &str = "/api/2.0/preview/scim/v2/Users";
const SERVICE_PRINCIPALS: &str = "/api/2.0/preview/scim/v2/ServicePrincipals";
const GROUPS: &str = "/api/2.0/preview/scim/v2/Groups";
const CONF: &str = "/api/2.0/workspace-conf";
const PERMISSIONS: &str = "/api/2.0/permissions/authorization/tokens";

const SETTINGS: &str = "/w/acme-prod/settings/advanced";
const DRAFT: &str = "/api/bulk_revocations/draft?workspace=acme-prod";

/// Data that cannot be read, and the consequences.
struct UnreadPart {
    name: &'static str,
    /// The APIs that return an error.
    apis: &'static [&'static str],
    /// The name in the header of an export.
    header: &'static str,
    /// The reason on pages.
    reason: &'static str,
    /// The notice on the list.
    notice: &'static str,
    /// Options of filters without a number.
    no_numbers: &'static [&'static str],
    /// Filters that are refused.
    filters: &'static [&'static str],
}

const PARTS: [UnreadPart; 5] = [
    UnreadPart {
        name: "users",
        apis: &[USERS],
        header: "names",
        reason: "owner names are not loaded",
        notice: "Some owner names are unavailable.",
        no_numbers: &WITHOUT_NAMES,
        filters: &[
            "owner=mia",
            "owner_kind=user",
            "finding=owner-deactivated",
            "finding=owner-unknown",
        ],
    },
    UnreadPart {
        name: "service principals",
        apis: &[SERVICE_PRINCIPALS],
        header: "names",
        reason: "owner names are not loaded",
        notice: "Some owner names are unavailable.",
        no_numbers: &WITHOUT_NAMES,
        filters: &[
            "owner=ci",
            "owner_kind=service_principal",
            "finding=owner-unknown&finding=idle",
        ],
    },
    UnreadPart {
        name: "policy",
        apis: &[CONF],
        header: "policy",
        reason: "the workspace settings are not loaded",
        notice: "Could not read the workspace settings. Not available: whether tokens are enabled,",
        no_numbers: &["Exceeds maximum lifetime"],
        filters: &["finding=over-policy"],
    },
    UnreadPart {
        name: "permissions",
        apis: &[PERMISSIONS],
        header: "permissions",
        reason: "the permissions are not loaded",
        notice: "Could not read the permissions. Not available:",
        no_numbers: &["Owner lacks permission"],
        filters: &["finding=owner-may-not-use"],
    },
    UnreadPart {
        name: "groups",
        apis: &[GROUPS],
        header: "permissions",
        reason: "the members of some groups are not known",
        notice: "Could not read the members of all groups with permission. Not available:",
        no_numbers: &["Owner lacks permission"],
        filters: &["finding=owner-may-not-use"],
    },
];

/// Options that need the owners' names. Permissions depend on group memberships.
const WITHOUT_NAMES: [&str; 6] = [
    "User",
    "Service principal",
    "Owner deactivated",
    "Owner gone",
    "Unknown owner",
    "Owner lacks permission",
];

/// All options whose number can be missing.
const CHOICES: [&str; 7] = [
    "User",
    "Service principal",
    "Exceeds maximum lifetime",
    "Owner deactivated",
    "Owner gone",
    "Unknown owner",
    "Owner lacks permission",
];

fn refuse(site: &Site, api: &str) {
    let body = FaultBody::JsonError {
        error_code: "PERMISSION_DENIED".into(),
        message: "no".into(),
    };
    site.demo
        .fault(Fault::forever("GET", api, Effect::Answer { status: 403, body }));
}

/// A console whose workspace does not return `part`.
async fn without(part: &UnreadPart) -> (Site, Browser) {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    for api in part.apis {
        refuse(&site, api);
    }
    (site, browser)
}

/// The text next to a filter option, as in `312` or `not available`.
fn number_of(page: &Response, choice: &str) -> String {
    let text = page.text();
    let found = text.split_once(&format!(" {choice} ("));
    assert!(found.is_some(), "no {choice}: {text}");
    let (_, after) = found.unwrap();
    after.split(')').next().unwrap().to_owned()
}

fn tokens(query: &str) -> String {
    format!("{TOKENS_PAGE}{query}")
}

#[tokio::test]
async fn each_unread_part_has_a_notice_and_no_numbers_and_its_filters_are_refused() {
    for part in PARTS {
        let (site, browser) = without(&part).await;
        let list = browser.get(&tokens("?more_filters=1")).await;
        assert_eq!(list.status, 200, "{}", part.name);
        list.assert_shows(&[part.notice]);
        for choice in CHOICES {
            let is_missing = part.no_numbers.contains(&choice);
            assert_eq!(
                number_of(&list, choice) == "not available",
                is_missing,
                "{}: {choice}",
                part.name
            );
        }
        list.assert_shows(&[&format!("ot available: {}.", part.reason), "Exports are incomplete"]);
        list.assert_has_none(&["tokens.csv", "tokens.json"]);
        for filter in part.filters {
            let page = browser.get(&tokens(&format!("?{filter}"))).await;
            page.assert_shows(&[
                "Some filters of this link are not available, so more tokens are listed:",
                part.reason,
                "\u{201c}Select all\u{201d} is not available",
                "Exports are not available",
            ]);
            for format in ["csv", "json"] {
                let export = browser.get(&tokens(&format!(".{format}?{filter}&partial=1"))).await;
                assert_eq!(export.status, 409, "{filter}");
                export.assert_has(&["A filter is not available.", part.reason]);
            }
            let pairs: Vec<_> = filter.split('&').filter_map(|pair| pair.split_once('=')).collect();
            assert_draft_is_refused(&browser, &pairs).await;
        }
        drop(site);
    }
}

/// Asserts that selecting all matches cannot be drafted with these filters.
async fn assert_draft_is_refused(browser: &Browser, filters: &[(&str, &str)]) {
    let query = domain::TokenQuery::from_pairs(filters.iter().copied());
    let of = domain::Selection::All.fingerprint(&query);
    let fields = [filters, &[("all", "1"), ("of", &of)]].concat();
    let refused = browser.submit(TOKENS_PAGE, DRAFT, &fields).await;
    let page = browser.follow(&refused).await;
    let message = page.error_message();
    assert!(
        message.starts_with("A filter is not available.") || message.starts_with("Some filters are not valid."),
        "{filters:?}: {message:?} {}",
        refused.location()
    );
    let drafted = browser.get("/w/acme-prod/bulk-revocations").await;
    drafted.assert_lacks(&["Draft"]);
}

#[tokio::test]
async fn a_partial_export_is_asked_for_and_says_what_it_lacks() {
    for part in PARTS {
        let (site, browser) = without(&part).await;
        for format in ["csv", "json"] {
            let refused = browser.get(&tokens(&format!(".{format}"))).await;
            assert_eq!(refused.status, 409, "{}", part.name);
            refused.assert_has(&["The export would be incomplete.", part.reason]);
            let partial = browser.get(&tokens(&format!(".{format}?partial=1"))).await;
            assert_eq!(
                (partial.status, partial.header("x-partial-data")),
                (200, part.header),
                "{}",
                part.name
            );
            partial.assert_file_name("acme-prod_tokens_", &format!("Z_partial.{format}"));
            partial.assert_has(&["not-available"]);
        }
        let page = browser.get(&tokens("/export?q=a")).await;
        assert_eq!((page.status, page.h1()), (200, vec!["Export tokens".to_owned()]));
        page.assert_shows(&["These files are incomplete."]);
        page.assert_has(&["tokens.csv?q=a&amp;partial=1", "tokens.json?q=a&amp;partial=1"]);
        drop(site);
    }
}

#[tokio::test]
async fn a_complete_export_is_not_called_partial() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for path in [tokens(".csv"), tokens(".json?partial=1")] {
        let export = browser.get(&path).await;
        assert_eq!((export.status, export.header("x-partial-data")), (200, ""));
        assert!(!export.header("content-disposition").contains("_partial"));
        export.assert_has_none(&["not-available"]);
    }
    let page = browser.get(&tokens("/export")).await;
    page.assert_lacks(&["incomplete"]);
    page.assert_has_none(&["partial=1"]);
}

#[tokio::test]
async fn each_page_says_what_is_not_available() {
    let switch = format!("{SETTINGS}/switch?to=off");
    let permissions = format!("{SETTINGS}/permissions");
    for part in PARTS {
        let (site, browser) = without(&part).await;
        let token = tokens(&format!("/{}", site.some_token_id()));
        let new = tokens(&format!("/new?sp={}", site.application_id()));
        let has = |apis: &[&str]| part.apis.iter().any(|api| apis.contains(api));
        let names = has(&[USERS, SERVICE_PRINCIPALS]);
        let expected: [(&str, bool, &str); 5] = [
            (&switch, names, "Automation Not available: owner names are not loaded"),
            (
                &token,
                has(&[PERMISSIONS]),
                "Owner lacks permission: not available, because the permissions",
            ),
            (
                &token,
                has(&[CONF]),
                "Exceeds maximum lifetime: not available, because the workspace settings",
            ),
            (&new, has(&[CONF]), "limit is not available and may be lower"),
            (
                &permissions,
                names,
                "Some numbers are not available. Owner names are not loaded.",
            ),
        ];
        for (path, is_shown, text) in expected {
            let page = browser.get(path).await;
            match is_shown {
                true => page.assert_shows(&[text]),
                false => page.assert_lacks(&[text]),
            }
        }
        if has(&[CONF]) {
            let list = browser.get(TOKENS_PAGE).await;
            list.assert_shows(&["Active (by expiry only)"]);
            list.assert_lacks(&["none works", "No token works", "currently disabled"]);
            // The switch cannot be changed while its state is unknown.
            assert_eq!(browser.get(&switch).await.status, 403);
        }
    }
}

#[tokio::test]
async fn numbers_are_lower_bounds_if_rows_could_not_be_read() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let owner = &site.demo.credentials().admin.id;
    let text = format!(
        "{{\"token_infos\":[{{\"token_id\":\"good\",\"owner_id\":{owner},\"expiry_time\":-1}},\
         {{\"token_id\":\"bad\",\"creation_time\":\"yesterday\"}}]}}"
    );
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text,
    };
    site.demo
        .fault(Fault::forever("GET", TOKENS_API, Effect::Answer { status: 200, body }));
    let list = browser.get(TOKENS_PAGE).await;
    list.assert_shows(&["At least 1 Active", "At least 1 Never expire", "At least 1 token"]);
    let off = browser.get(&format!("{SETTINGS}/switch?to=off")).await;
    off.assert_shows(&[
        "Stop working At least 1 token",
        "Automation At least 0 service principals",
    ]);
    browser
        .get(SETTINGS)
        .await
        .assert_shows(&["At least 1 existing token never expires and stays as it is."]);
    assert_eq!(browser.get(&tokens(".csv")).await.status, 409);
    let partial = browser.get(&tokens(".csv?partial=1")).await;
    assert_eq!((partial.status, partial.header("x-partial-data")), (200, "rows"));
    browser
        .get(&tokens("/export"))
        .await
        .assert_shows(&["Some tokens could not be read: 1 row is missing."]);
}

#[tokio::test]
async fn a_filter_that_is_not_valid_never_widens_what_is_selected_or_exported() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let long = "x".repeat(300);
    for filter in [
        "status=worn",
        "idle=0",
        "finding=none",
        "status=active&status=expired",
        &format!("q={long}"),
    ] {
        let page = browser.get(&tokens(&format!("?{filter}"))).await;
        page.assert_shows(&[
            "Some filters in this link are not valid and were ignored:",
            "\u{201c}Select all\u{201d} is not available",
            "Exports are not available",
        ]);
        page.assert_has_none(&["tokens.csv"]);
        // Nor if the link claims that all are selected.
        let query = domain::TokenQuery::from_pairs(filter.split('&').filter_map(|pair| pair.split_once('=')));
        let of = domain::Selection::All.fingerprint(&query);
        let all = browser.get(&tokens(&format!("?{filter}&all=1&of={of}"))).await;
        all.assert_shows(&[" 0 selected"]);
        for path in [
            tokens(&format!(".csv?{filter}")),
            tokens(&format!(".json?{filter}&partial=1")),
        ] {
            let export = browser.get(&path).await;
            assert_eq!(export.status, 409, "{path}");
            export.assert_has(&["Some filters are not valid."]);
        }
        assert_eq!(browser.get(&tokens(&format!("/export?{filter}"))).await.status, 409);
        let pairs: Vec<_> = filter.split('&').filter_map(|pair| pair.split_once('=')).collect();
        assert_draft_is_refused(&browser, &pairs).await;
    }
    // The order and the page do not filter.
    assert_eq!(browser.get(&tokens(".csv?sort=size&page=two")).await.status, 200);
}

#[tokio::test]
async fn a_draft_without_names_does_not_count_service_principals() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    refuse(&site, SERVICE_PRINCIPALS);
    refuse(&site, USERS);
    let of = domain::Selection::All.fingerprint(&domain::TokenQuery::default());
    let fields = [("all", "1"), ("of", of.as_str())];
    let review = browser.submit_and_follow(TOKENS_PAGE, DRAFT, &fields).await;
    review.assert_shows(&[
        "How many service principals are affected is not available: owner names are not loaded.",
        "name and type not available",
    ]);
    review.assert_lacks(&["unknown owner"]);
}

#[tokio::test]
async fn a_token_without_an_owner_has_no_unknown_owner() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let kai = site.demo.credentials().non_admin.user_name.clone();
    let orphan = NewToken {
        owner: kai.clone(),
        comment: Some("of someone deleted".into()),
        ..NewToken::default()
    };
    site.demo.change(Change::CreateToken(orphan)).unwrap();
    site.demo.change(Change::DeletePrincipal { user_name: kai }).unwrap();
    let list = browser.get(TOKENS_PAGE).await;
    let unknown = number_of(&list, "Unknown owner");
    assert!(unknown != "0" && number_of(&list, "No owner given") == "0", "{unknown}");
    // The workspace is asked about their IDs in the background.
    let gone = loop {
        let list = browser.get(TOKENS_PAGE).await;
        if number_of(&list, "Unknown owner") == "0" {
            break list;
        }
        sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(number_of(&gone, "Owner gone"), unknown);
    gone.assert_shows(&["not in this workspace"]);
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text: r#"{"token_infos":[{"token_id":"none","expiry_time":-1}]}"#.into(),
    };
    site.demo
        .fault(Fault::forever("GET", TOKENS_API, Effect::Answer { status: 200, body }));
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let list = browser.get(TOKENS_PAGE).await;
    assert_eq!(
        (number_of(&list, "No owner given"), number_of(&list, "Unknown owner")),
        ("1".into(), "0".into())
    );
    let export = browser.get(&tokens(".csv")).await;
    export.assert_has(&["no-owner", "not-given"]);
    export.assert_has_none(&["owner-unknown"]);
    let off = browser.get(&format!("{SETTINGS}/switch?to=off")).await;
    off.assert_shows(&["(1 token without an owner)"]);
}
