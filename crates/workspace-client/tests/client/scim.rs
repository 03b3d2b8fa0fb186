//! SCIM: oneself, and lists in pages.

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

async fn who(body: Value) -> Me {
    let workspace = Workspace::start().await;
    workspace
        .answer(
            "GET",
            ME,
            ok(body).insert_header("x-databricks-org-id", "7001002003004005"),
        )
        .await;
    workspace.api().me().await.unwrap()
}

#[tokio::test]
async fn case_49_an_admin() {
    let me = who(me()).await;
    assert_eq!(
        (me.user_name.as_str(), me.display_name.as_str()),
        (ADMIN, "Mia Kowalski")
    );
    assert_eq!(me.id, PrincipalId::new(4_411_223_344_556_677));
    assert_eq!(me.groups, ["admins", "data"]);
    assert_eq!(me.group_ids, [101, 310].map(PrincipalId::new));
    assert_eq!(me.workspace_id.as_deref(), Some("7001002003004005"));
    assert!(me.is_admin() && me.active && !me.is_service_principal());
}

#[tokio::test]
async fn case_49_a_service_principal_and_a_person_without_groups() {
    let automation = who(
        json!({ "id": 9_007_199_254_740_993_i64, "userName": "3f1c1d5e-0c3a-4a0f-9f3a-6f2b8f0f7a11",
                                 "groups": [{ "display": "administrators" }, { "value": "7" }] }),
    )
    .await;
    assert!(automation.is_service_principal() && !automation.is_admin());
    assert_eq!(automation.id.to_string(), "9007199254740993");
    let person = who(json!({ "id": "1", "userName": "a-b-c-d-e", "active": false, "groups": null })).await;
    assert!(!person.is_service_principal() && !person.is_admin() && !person.active);
}

/// A list of `rows` users in pages of at most `most`.
struct Pages {
    rows: i64,
    most: i64,
    total: Value,
}

impl Pages {
    fn of(rows: i64, most: i64) -> Self {
        let total = json!(rows);
        Self { rows, most, total }
    }
}

impl Respond for Pages {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
        let [start, count] = ["startIndex", "count"].map(|name| query[name].parse::<i64>().unwrap());
        let end = (start + count.min(self.most)).min(self.rows + 1);
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

/// The ids that come, and the requests that it took.
async fn list(pages: Pages) -> (Vec<i64>, Vec<String>) {
    let workspace = Workspace::start().await;
    on("GET", USERS)
        .and(query_param("attributes", "id,userName,displayName,active"))
        .respond_with(pages)
        .mount(&workspace.server)
        .await;
    let users = workspace.api().users().await.unwrap();
    let mut asked: Vec<_> = workspace
        .requests()
        .await
        .into_iter()
        .map(|request| {
            let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
            format!("{}+{}", query["startIndex"], query["count"])
        })
        .collect();
    asked.sort();
    (users.rows.iter().map(|user| user.id.get()).collect(), asked)
}

fn ids(rows: i64) -> Vec<i64> {
    (1..=rows).collect()
}

#[tokio::test]
async fn all_pages_in_order_and_none_twice() {
    let (users, asked) = list(Pages::of(25, 10)).await;
    assert_eq!(users, ids(25));
    assert_eq!(asked, ["1+10000", "11+10", "21+5"]);
}

#[tokio::test]
async fn one_page_is_one_call() {
    assert_eq!(list(Pages::of(10, 10)).await, (ids(10), vec!["1+10000".to_owned()]));
}

#[tokio::test]
async fn case_50_an_empty_list_has_no_resources() {
    assert_eq!(list(Pages::of(0, 10)).await, (vec![], vec!["1+10000".to_owned()]));
}

#[tokio::test]
async fn the_total_may_be_text_absent_or_wrong() {
    let with = |total| Pages {
        total,
        ..Pages::of(25, 10)
    };
    assert_eq!(list(with(json!("25"))).await.0, ids(25));
    assert_eq!(list(with(Value::Null)).await.0, ids(25));
    assert_eq!(list(with(json!(i64::MAX))).await.0, ids(25));
    assert_eq!(list(with(json!(-1))).await.0, ids(10));
}

#[tokio::test]
async fn a_page_that_is_shorter_than_asked_leaves_no_hole() {
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
async fn a_page_that_fails_fails_the_list() {
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
    let failed = workspace.api().users().await.unwrap_err();
    assert_eq!(
        failed.kind,
        ErrorKind::Server {
            status: 500,
            retry_after: None
        }
    );
}

#[tokio::test]
async fn case_51_users_service_principals_and_groups() {
    let workspace = Workspace::start().await;
    let base = "/api/2.0/preview/scim/v2";
    let users = json!({ "totalResults": 2, "Resources": [
        { "id": "1", "userName": "old.hand@example.com", "active": false }, { "id": 2, "displayName": null }] });
    let services = json!({ "totalResults": 1, "Resources": [
        { "id": "3", "applicationId": "3f1c1d5e", "displayName": "ci-deployer", "active": true }] });
    let groups = json!({ "totalResults": 1, "Resources": [{ "id": "101", "displayName": "admins" }] });
    let media = "application/scim+json";
    workspace
        .answer(
            "GET",
            USERS,
            ResponseTemplate::new(200).set_body_raw(users.to_string(), media),
        )
        .await;
    workspace
        .answer("GET", &format!("{base}/ServicePrincipals"), ok(services))
        .await;
    workspace.answer("GET", &format!("{base}/Groups"), ok(groups)).await;
    let api = workspace.api();
    let users = api.users().await.unwrap();
    assert_eq!(
        (users.rows[0].name.as_str(), users.rows[0].active),
        ("old.hand@example.com", false)
    );
    assert_eq!((users.rows[1].name.as_str(), users.rows[1].active), ("", true));
    let service = api.service_principals().await.unwrap().rows.remove(0);
    assert_eq!(
        (service.kind, service.name.as_str(), service.label()),
        (PrincipalKind::ServicePrincipal, "3f1c1d5e", "ci-deployer")
    );
    assert_eq!(api.groups().await.unwrap()[0].name, "admins");
}

#[tokio::test]
async fn a_user_whose_id_is_no_number_is_left_out_and_counted() {
    let workspace = Workspace::start().await;
    let page = json!({ "totalResults": 3, "Resources": [{ "id": "1" }, { "id": "me" }, { "id": "3" }] });
    workspace.answer("GET", USERS, ok(page)).await;
    let users = workspace.api().users().await.unwrap();
    assert_eq!((users.rows.len(), users.unreadable), (2, 1));
}

#[tokio::test]
async fn names_are_read_whatever_is_in_them() {
    let workspace = Workspace::start().await;
    let body = br#"{"totalResults":3,"Resources":[{"id":"1","userName":"a\ud83d","displayName":"x\u0000y"},{"id":"me"},
        {"id":"2","userName":"b","displayName":"z"#;
    let body = [body.as_slice(), b"\xfc\"}]}"].concat();
    let response = ResponseTemplate::new(200).set_body_raw(body, "application/json");
    workspace.answer("GET", USERS, response).await;
    let users = workspace.api().users().await.unwrap();
    let names: Vec<_> = users
        .rows
        .iter()
        .map(|u| (u.name.as_str(), u.display_name.as_str()))
        .collect();
    assert_eq!(names, [("a\u{fffd}", "xy"), ("b", "z\u{fffd}")]);
    assert_eq!(users.unreadable, 1, "one that cannot be read takes no other along");
}

#[tokio::test]
async fn a_group_that_is_listed_twice_is_one_and_one_that_cannot_be_read_is_told() {
    let workspace = Workspace::start().await;
    let group = |id: &str, member: &str| json!({ "id": id, "displayName": "g", "members": [{ "value": member }] });
    let twice = json!({ "totalResults": 3, "Resources": [group("7", "1"), group("8", "2"), group("7", "3")] });
    workspace.first(1, "GET", GROUPS, ok(twice)).await;
    let groups = workspace.api().groups().await.unwrap();
    let sizes: Vec<_> = groups.iter().map(|g| (g.id.get(), g.members.len())).collect();
    assert_eq!(sizes, [(7, 2), (8, 1)]);

    let unreadable = json!({ "totalResults": 2, "Resources": [group("7", "1"), group("x", "2")] });
    workspace.answer("GET", GROUPS, ok(unreadable)).await;
    let failed = workspace.api().groups().await.unwrap_err();
    assert!(matches!(failed.kind, ErrorKind::Undecodable { .. }), "{failed:?}");
}

/// Answers come only when four requests wait, so that fewer than four at a time would never end.
#[tokio::test]
async fn four_at_a_time_and_no_more() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let four = Arc::new(Barrier::new(4));
    let counts = (Arc::clone(&now), Arc::clone(&most));
    let server = Raw::start(move |_| {
        let ((now, most), four) = (counts.clone(), Arc::clone(&four));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            four.wait().await;
            // Whoever else may come gets the chance to.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
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
    assert_eq!((most.load(Ordering::SeqCst), server.requests()), (4, 20));
}
