//! SCIM: the caller, and lists in pages.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{PrincipalId, PrincipalKind};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use wiremock::matchers::query_param;
use wiremock::{Request, Respond, ResponseTemplate};
use workspace_client::{ErrorKind, Me};

use crate::fake_workspace::{ADMIN, ME, QUICK, USERS, Workspace, client, credential, me, ok, on};
use crate::raw_http;
use crate::raw_http::Raw;

async fn read_me(body: Value) -> Me {
    let workspace = Workspace::start().await;
    workspace
        .respond(
            "GET",
            ME,
            ok(body).insert_header("x-databricks-org-id", "7001002003004005"),
        )
        .await;
    workspace.api().me().await.unwrap()
}

#[tokio::test]
async fn case_49_an_admin_is_recognised_by_group() {
    let me = read_me(me()).await;
    assert_eq!(
        (me.username.as_str(), me.display_name.as_str()),
        (ADMIN, "Mia Kowalski")
    );
    assert_eq!(me.id, PrincipalId::new(4_411_223_344_556_677));
    assert_eq!(me.groups, ["admins", "data"]);
    assert_eq!(me.group_ids, [101, 310].map(PrincipalId::new));
    assert_eq!(me.workspace_id.as_deref(), Some("7001002003004005"));
    assert!(me.is_admin() && me.active && !me.is_service_principal());
}

#[tokio::test]
async fn case_49_a_service_principal_is_told_from_a_user_without_groups() {
    let automation = read_me(
        json!({ "id": 9_007_199_254_740_993_i64, "userName": "3f1c1d5e-0c3a-4a0f-9f3a-6f2b8f0f7a11",
                                 "groups": [{ "display": "administrators" }, { "value": "7" }] }),
    )
    .await;
    assert!(automation.is_service_principal() && !automation.is_admin());
    assert_eq!(automation.id.to_string(), "9007199254740993");
    let person = read_me(json!({ "id": "1", "userName": "a-b-c-d-e", "active": false, "groups": null })).await;
    assert!(!person.is_service_principal() && !person.is_admin() && !person.active);
}

/// A list of `rows` users in pages of at most `page_size`.
struct Pages {
    rows: i64,
    page_size: i64,
    total: Value,
    fault: PageFault,
}

/// What is wrong with the pages.
#[derive(Clone, Copy, PartialEq)]
enum PageFault {
    None,
    /// Only this many rows are returned.
    EndsAfter(i64),
    /// The parameter `startIndex` is ignored.
    SamePage,
    /// Each page after the first repeats the row before it.
    Overlap,
    /// Each page lacks its last rows, and says nothing about it.
    Lacks(i64),
}

impl Pages {
    fn of(rows: i64, page_size: i64) -> Self {
        let total = json!(rows);
        let fault = PageFault::None;
        Self {
            rows,
            page_size,
            total,
            fault,
        }
    }

    fn with(self, fault: PageFault) -> Self {
        Self { fault, ..self }
    }
}

impl Respond for Pages {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
        let [start, count] = ["startIndex", "count"].map(|name| query[name].parse::<i64>().unwrap());
        let end = (start + count.min(self.page_size)).min(self.rows + 1);
        let (start, end) = match self.fault {
            PageFault::None => (start, end),
            PageFault::EndsAfter(last) => (start, end.min(last + 1)),
            PageFault::SamePage => (1, self.page_size.min(self.rows) + 1),
            PageFault::Overlap => ((start - 1).max(1), end),
            PageFault::Lacks(rows) => (start, end - rows),
        };
        let rows: Vec<_> = (start..end)
            .map(|id| json!({ "id": id.to_string(), "userName": format!("u{id}") }))
            .collect();
        let mut page = json!({ "totalResults": self.total, "startIndex": start, "itemsPerPage": rows.len() });
        if !rows.is_empty() {
            page["Resources"] = rows.into();
        }
        ok(page)
    }
}

/// The IDs in the list, and the start and count of each request, sorted.
async fn list(pages: Pages) -> (Vec<i64>, Vec<String>) {
    let workspace = Workspace::start().await;
    on("GET", USERS)
        .and(query_param("attributes", "id,userName,displayName,active"))
        .respond_with(pages)
        .mount(&workspace.server)
        .await;
    let users = workspace.api().users().await.unwrap();
    let mut requests: Vec<_> = workspace
        .requests()
        .await
        .into_iter()
        .map(|request| {
            let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
            format!("{}+{}", query["startIndex"], query["count"])
        })
        .collect();
    requests.sort();
    (users.rows.iter().map(|user| user.id.get()).collect(), requests)
}

fn ids(rows: i64) -> Vec<i64> {
    (1..=rows).collect()
}

#[tokio::test]
async fn each_page_is_requested_once_and_rows_keep_their_order() {
    let (users, requests) = list(Pages::of(25, 10)).await;
    assert_eq!(users, ids(25));
    assert_eq!(requests, ["1+10000", "11+10", "21+5"]);
}

#[tokio::test]
async fn a_list_of_one_page_takes_one_call() {
    assert_eq!(list(Pages::of(10, 10)).await, (ids(10), vec!["1+10000".to_owned()]));
}

#[tokio::test]
async fn case_50_an_empty_list_has_no_resources() {
    assert_eq!(list(Pages::of(0, 10)).await, (vec![], vec!["1+10000".to_owned()]));
}

#[tokio::test]
async fn the_total_can_be_text_absent_or_wrong() {
    let with = |total| Pages {
        total,
        ..Pages::of(25, 10)
    };
    assert_eq!(list(with(json!("25"))).await.0, ids(25));
    assert_eq!(list(with(Value::Null)).await.0, ids(25));
    assert_eq!(list(with(json!(i64::MAX))).await.0, ids(25));
    assert_eq!(list(with(json!(-1))).await.0, ids(25));
}

#[tokio::test]
async fn a_page_with_fewer_rows_than_requested_leaves_no_gap() {
    struct Uneven;
    impl Respond for Uneven {
        fn respond(&self, request: &Request) -> ResponseTemplate {
            let is_short = request.url.query().unwrap().contains("startIndex=11&");
            Pages::of(35, if is_short { 7 } else { 10 }).respond(request)
        }
    }
    let workspace = Workspace::start().await;
    on("GET", USERS).respond_with(Uneven).mount(&workspace.server).await;
    let users = workspace.api().users().await.unwrap();
    let found: HashSet<_> = users.rows.iter().map(|user| user.id.get()).collect();
    assert_eq!((found, users.is_complete), (ids(35).into_iter().collect(), true));
}

/// How many users are in the list, whether it is complete, and how many calls it took.
async fn completeness(pages: Pages) -> (usize, bool, usize) {
    let workspace = Workspace::start().await;
    on("GET", USERS).respond_with(pages).mount(&workspace.server).await;
    let users = workspace.api().users().await.unwrap();
    let mut found: Vec<_> = users.rows.iter().map(|user| user.id).collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), users.rows.len(), "each ID once");
    (found.len(), users.is_complete, workspace.requests().await.len())
}

#[tokio::test]
async fn a_list_is_complete_if_it_has_as_many_ids_as_the_workspace_says() {
    let total = |total| Pages {
        total,
        ..Pages::of(25, 10)
    };
    for (name, pages, expected) in [
        (
            "case 91: more pages than asked for",
            Pages::of(250, 10),
            (250, true, 25..=25),
        ),
        ("nothing", Pages::of(0, 10), (0, true, 1..=1)),
        ("one page", Pages::of(10, 10), (10, true, 1..=1)),
        ("a total as text", total(json!("25")), (25, true, 3..=3)),
        ("no total", total(Value::Null), (25, false, 4..=4)),
        ("a total below zero", total(json!(-1)), (25, false, 4..=4)),
        (
            "case 86: it ends early",
            Pages::of(123, 50).with(PageFault::EndsAfter(50)),
            (50, false, 4..=6),
        ),
        (
            "it ends in the first page",
            Pages::of(123, 500).with(PageFault::EndsAfter(50)),
            (50, false, 4..=6),
        ),
        (
            "case 90: repeated rows",
            Pages::of(25, 10).with(PageFault::Overlap),
            (25, true, 3..=3),
        ),
    ] {
        let (rows, is_complete, calls) = completeness(pages).await;
        // Pages are read simultaneously: those after an empty one may have been requested before it arrived.
        assert_eq!((rows, is_complete), (expected.0, expected.1), "{name}");
        assert!(expected.2.contains(&calls), "{name}: {calls} calls");
    }
}

#[tokio::test]
async fn a_list_that_lies_about_its_pages_ends_and_is_incomplete() {
    for (name, pages, rows, most_calls) in [
        (
            "case 87: the same page again",
            Pages::of(1000, 10).with(PageFault::SamePage),
            10,
            2 * 5,
        ),
        (
            "case 89: rows missing on each page",
            Pages::of(100, 10).with(PageFault::Lacks(1)),
            90,
            2 * 13,
        ),
        (
            "a total out of reach",
            Pages {
                total: json!(i64::MAX),
                ..Pages::of(25, 10)
            },
            25,
            2 * 8,
        ),
        ("more pages than can be read", Pages::of(500, 1), 200, 2 * 200),
    ] {
        let (found, is_complete, calls) = completeness(pages).await;
        assert!(
            found <= rows.max(1) && !is_complete && calls <= most_calls,
            "{name}: {found} {is_complete} {calls}"
        );
    }
}

#[tokio::test]
async fn case_88_a_page_without_resources_before_the_end_is_the_end() {
    for resources in [Value::Null, json!([])] {
        let workspace = Workspace::start().await;
        let page = json!({ "totalResults": 3, "Resources": [{ "id": "1" }, { "id": "2" }] });
        on("GET", USERS)
            .and(query_param("startIndex", "1"))
            .respond_with(ok(page))
            .mount(&workspace.server)
            .await;
        let page = json!({ "totalResults": 3, "Resources": resources });
        on("GET", USERS)
            .and(query_param("startIndex", "3"))
            .respond_with(ok(page))
            .mount(&workspace.server)
            .await;
        let users = workspace.api().users().await.unwrap();
        assert_eq!((users.rows.len(), users.is_complete), (2, false));
    }
}

#[tokio::test]
async fn case_92_a_list_that_changes_while_it_is_read_is_judged_by_the_last_page_and_read_again() {
    let workspace = Workspace::start().await;
    let page = |total: i64, ids: &[i64]| {
        let rows: Vec<_> = ids.iter().map(|id| json!({ "id": id.to_string() })).collect();
        ok(json!({ "totalResults": total, "Resources": rows }))
    };
    let first = on("GET", USERS).and(query_param("startIndex", "1"));
    first
        .respond_with(page(3, &[1, 2]))
        .up_to_n_times(1)
        .mount(&workspace.server)
        .await;
    let second = on("GET", USERS).and(query_param("startIndex", "3"));
    second
        .respond_with(page(4, &[3]))
        .up_to_n_times(1)
        .mount(&workspace.server)
        .await;
    workspace.respond("GET", USERS, page(4, &[1, 2, 3, 4])).await;
    let users = workspace.api().users().await.unwrap();
    assert_eq!((users.rows.len(), users.is_complete), (4, true));
    assert_eq!(workspace.requests().await.len(), 3);
}

#[tokio::test]
async fn if_the_second_reading_fails_the_first_one_stays() {
    let workspace = Workspace::start().await;
    let page = json!({ "totalResults": 2, "Resources": [{ "id": "1" }] });
    workspace.first(1, "GET", USERS, ok(page)).await;
    workspace.first(1, "GET", USERS, ok(json!({ "totalResults": 2 }))).await;
    workspace.respond("GET", USERS, ResponseTemplate::new(500)).await;
    let users = workspace.api().users().await.unwrap();
    assert_eq!((users.rows.len(), users.is_complete), (1, false));
}

#[tokio::test]
async fn an_error_on_one_page_is_an_error_of_the_list() {
    let workspace = Workspace::start().await;
    on("GET", USERS)
        .respond_with(Pages::of(25, 10))
        .with_priority(2)
        .mount(&workspace.server)
        .await;
    on("GET", USERS)
        .and(query_param("startIndex", "21"))
        .respond_with(ResponseTemplate::new(500))
        .with_priority(1)
        .mount(&workspace.server)
        .await;
    let error = workspace.api().users().await.unwrap_err();
    assert_eq!(
        error.kind,
        ErrorKind::Server {
            status: 500,
            retry_after: None
        }
    );
}

#[tokio::test]
async fn case_51_users_service_principals_and_groups_are_read() {
    let workspace = Workspace::start().await;
    let base = "/api/2.0/preview/scim/v2";
    let users = json!({ "totalResults": 2, "Resources": [
        { "id": "1", "userName": "old.hand@example.com", "active": false }, { "id": 2, "displayName": null }] });
    let service_principals = json!({ "totalResults": 1, "Resources": [
        { "id": "3", "applicationId": "3f1c1d5e", "displayName": "ci-deployer", "active": true }] });
    let groups = json!({ "totalResults": 1, "Resources": [{ "id": "101", "displayName": "admins" }] });
    let media = "application/scim+json";
    workspace
        .respond(
            "GET",
            USERS,
            ResponseTemplate::new(200).set_body_raw(users.to_string(), media),
        )
        .await;
    workspace
        .respond("GET", &format!("{base}/ServicePrincipals"), ok(service_principals))
        .await;
    workspace.respond("GET", &format!("{base}/Groups"), ok(groups)).await;
    let api = workspace.api();
    let users = api.users().await.unwrap();
    assert_eq!(
        (users.rows[0].name.as_str(), users.rows[0].active),
        ("old.hand@example.com", false)
    );
    assert_eq!((users.rows[1].name.as_str(), users.rows[1].active), ("", true));
    let principal = api.service_principals().await.unwrap().rows.remove(0);
    assert_eq!(
        (principal.kind, principal.name.as_str(), principal.label()),
        (PrincipalKind::ServicePrincipal, "3f1c1d5e", "ci-deployer")
    );
    assert_eq!(api.groups().await.unwrap().rows[0].name, "admins");
}

#[tokio::test]
async fn a_user_whose_id_is_not_a_number_is_left_out_and_counted() {
    let workspace = Workspace::start().await;
    let page = json!({ "totalResults": 3, "Resources": [{ "id": "1" }, { "id": "me" }, { "id": "3" }] });
    workspace.respond("GET", USERS, ok(page)).await;
    let users = workspace.api().users().await.unwrap();
    assert_eq!((users.rows.len(), users.unreadable, users.is_complete), (2, 1, false));
}

#[tokio::test]
async fn malformed_names_are_repaired() {
    let workspace = Workspace::start().await;
    let body = br#"{"totalResults":3,"Resources":[{"id":"1","userName":"a\ud83d","displayName":"x\u0000y"},{"id":"me"},
        {"id":"2","userName":"b","displayName":"z"#;
    let body = [body.as_slice(), b"\xfc\"}]}"].concat();
    let response = ResponseTemplate::new(200).set_body_raw(body, "application/json");
    workspace.respond("GET", USERS, response).await;
    let users = workspace.api().users().await.unwrap();
    let names: Vec<_> = users
        .rows
        .iter()
        .map(|u| (u.name.as_str(), u.display_name.as_str()))
        .collect();
    assert_eq!(names, [("a\u{fffd}", "xy"), ("b", "z\u{fffd}")]);
    assert_eq!(users.unreadable, 1, "the unreadable row does not affect the others");
}

/// The server responds only when four requests wait, so that with fewer than four at a time the test would never end.
#[tokio::test]
async fn exactly_four_scim_requests_are_sent_at_a_time() {
    let (current, max) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let four = Arc::new(Barrier::new(4));
    let counts = (Arc::clone(&current), Arc::clone(&max));
    let server = Raw::start(move |_| {
        let ((current, max), four) = (counts.clone(), Arc::clone(&four));
        async move {
            max.fetch_max(current.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            four.wait().await;
            // Gives a fifth request the chance to arrive.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            current.fetch_sub(1, Ordering::SeqCst);
            raw_http::json(&me().to_string())
        }
    })
    .await;
    let client = client(&server.address, QUICK);
    let calls = (0..20).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.with(&credential()).me().await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!((max.load(Ordering::SeqCst), server.requests()), (4, 20));
}
