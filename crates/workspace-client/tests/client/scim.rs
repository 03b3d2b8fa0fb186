//! SCIM: the caller, and lists in pages.

use std::collections::HashMap;
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

const GROUPS: &str = "/api/2.0/preview/scim/v2/Groups";

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
}

impl Pages {
    fn of(rows: i64, page_size: i64) -> Self {
        let total = json!(rows);
        Self { rows, page_size, total }
    }
}

impl Respond for Pages {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
        let [start, count] = ["startIndex", "count"].map(|name| query[name].parse::<i64>().unwrap());
        let end = (start + count.min(self.page_size)).min(self.rows + 1);
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
            let first = request.url.query().unwrap().contains("startIndex=1&");
            Pages::of(25, if first { 10 } else { 3 }).respond(request)
        }
    }
    let workspace = Workspace::start().await;
    on("GET", USERS).respond_with(Uneven).mount(&workspace.server).await;
    let users = workspace.api().users().await.unwrap();
    assert_eq!(users.rows.iter().map(|user| user.id.get()).collect::<Vec<_>>(), ids(25));
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
    assert_eq!(api.groups().await.unwrap()[0].name, "admins");
}

#[tokio::test]
async fn a_user_whose_id_is_not_a_number_is_left_out_and_counted() {
    let workspace = Workspace::start().await;
    let page = json!({ "totalResults": 3, "Resources": [{ "id": "1" }, { "id": "me" }, { "id": "3" }] });
    workspace.respond("GET", USERS, ok(page)).await;
    let users = workspace.api().users().await.unwrap();
    assert_eq!((users.rows.len(), users.unreadable), (2, 1));
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

#[tokio::test]
async fn a_group_that_is_listed_twice_is_merged_and_an_unreadable_one_is_an_error() {
    let workspace = Workspace::start().await;
    let group = |id: &str, member: &str| json!({ "id": id, "displayName": "g", "members": [{ "value": member }] });
    let twice = json!({ "totalResults": 3, "Resources": [group("7", "1"), group("8", "2"), group("7", "3")] });
    workspace.first(1, "GET", GROUPS, ok(twice)).await;
    let groups = workspace.api().groups().await.unwrap();
    let sizes: Vec<_> = groups.iter().map(|g| (g.id.get(), g.members.len())).collect();
    assert_eq!(sizes, [(7, 2), (8, 1)]);

    let unreadable = json!({ "totalResults": 2, "Resources": [group("7", "1"), group("x", "2")] });
    workspace.respond("GET", GROUPS, ok(unreadable)).await;
    let error = workspace.api().groups().await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Undecodable { .. }), "{error:?}");
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
