//! The SCIM API: users, groups and service principals.

use demo_workspace::{Change, Effect, Fault};
use serde_json::{Value, json};

use crate::support::{Api, ApiResponse, SCIM, until};

fn groups(me: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    me["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (text(&group["display"]), text(&group["type"])))
        .collect()
}

fn group(display: &str, kind: &str) -> (String, String) {
    (display.to_owned(), kind.to_owned())
}

#[tokio::test]
async fn edge_49_me_identifies_admins_by_their_group() {
    let api = Api::start().await;
    let me = format!("{SCIM}/Me");
    let response = api.get(&me, &api.pat()).await;
    assert_eq!(
        response.header("x-databricks-org-id"),
        api.workspace.workspace_id().to_string()
    );
    let admin = response.ok();
    assert_eq!(
        (admin["id"].as_str(), admin["userName"].as_str()),
        (Some(&*api.admin().id), Some(&*api.admin().user_name))
    );
    assert!(groups(&admin).contains(&group("admins", "direct")));

    let other_admin = api.workspace.credentials().other_admin.pat.clone().unwrap();
    let other = groups(&api.get(&me, &other_admin).await.ok());
    assert!(other.contains(&group("admins", "indirect")) && other.contains(&group("platform-admins", "direct")));

    let non_admin = groups(&api.get(&me, &api.non_admin_pat()).await.ok());
    assert!(non_admin.iter().all(|(display, _)| display != "admins"));
    assert!(non_admin.contains(&group("analytics", "indirect")));
}

#[tokio::test]
async fn edge_49_the_user_name_of_a_service_principal_is_its_application_id() {
    let api = Api::start().await;
    let credentials = api.workspace.credentials().service_principal.clone();
    let token = api
        .ask_token(&[
            ("grant_type", "client_credentials"),
            ("client_id", &credentials.client_id),
            ("client_secret", &credentials.client_secret),
        ])
        .await
        .ok();
    let me = api
        .get(&format!("{SCIM}/Me"), token["access_token"].as_str().unwrap())
        .await
        .ok();
    assert_eq!(me["userName"], credentials.client_id);
    assert!(groups(&me).contains(&group("admins", "direct")));
}

#[tokio::test]
async fn edge_50_a_page_past_the_end_has_no_resources() {
    let api = Api::start().await;
    let all = api.resources("Users").await;
    assert!(all.iter().all(|user| user["id"].is_string()));
    let first = api
        .get(&format!("{SCIM}/Users?startIndex=1&count=1"), &api.pat())
        .await
        .ok();
    assert_eq!(first["Resources"][0], all[0]);
    let past = api
        .get(
            &format!("{SCIM}/Users?startIndex={}&count=10", all.len() + 1),
            &api.pat(),
        )
        .await
        .ok();
    assert_eq!(
        (&past["totalResults"], &past["Resources"]),
        (&json!(all.len()), &Value::Null)
    );
    assert_eq!(past["itemsPerPage"], 0);
}

#[tokio::test]
async fn edge_51_deactivated_users_are_listed_as_inactive() {
    let api = Api::start().await;
    let user_name = api.non_admin().user_name.clone();
    api.workspace
        .change(Change::Deactivate {
            user_name: user_name.clone(),
        })
        .unwrap();
    let kai = api
        .resources("Users")
        .await
        .into_iter()
        .find(|user| user["userName"] == user_name)
        .unwrap();
    assert_eq!(kai["active"], false);
    api.get(&format!("{SCIM}/Me"), &api.non_admin_pat())
        .await
        .assert_invalid_token();
    api.workspace.change(Change::Activate { user_name }).unwrap();
    assert_eq!(api.get(&format!("{SCIM}/Me"), &api.non_admin_pat()).await.status, 200);
}

#[tokio::test]
async fn edge_52_invalid_filters_return_a_scim_error() {
    let api = Api::start().await;
    for (filter, scim_type) in [
        ("userName gt \"a\"", "invalidValue"),
        ("userName eq", "invalidFilter"),
        ("userName eq \"a\" xor active eq true", "invalidFilter"),
        ("userName eq \"a", "invalidFilter"),
    ] {
        let response = query(&api, "Users", &[("filter", filter)]).await;
        assert_eq!(response.status, 400);
        let error = response.json();
        assert_eq!(
            (error["status"].as_str(), error["scimType"].as_str()),
            (Some("400"), Some(scim_type)),
            "{filter}"
        );
        assert!(error["detail"].is_string());
        assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    }
}

#[tokio::test]
async fn edge_53_throttling_is_a_500_with_a_scim_error() {
    let api = Api::start().await;
    api.workspace.fault(Fault::next("GET", SCIM, Effect::ScimThrottle));
    let response = api.get(&format!("{SCIM}/Users"), &api.pat()).await;
    let detail = format!(
        "REQUEST_LIMIT_EXCEEDED: Workspace {} exceeded the concurrent limit of 4 requests.",
        api.workspace.workspace_id()
    );
    assert_eq!(
        (response.status, response.json()["detail"].as_str()),
        (500, Some(&*detail))
    );
    assert_eq!(api.get(&format!("{SCIM}/Users"), &api.pat()).await.status, 200);
}

#[tokio::test]
async fn edge_53_the_fifth_concurrent_call_is_throttled_with_the_knob() {
    let api = Api::with(|config| config.knobs.scim_concurrency = 4).await;
    // The fault makes four calls hang.
    api.workspace.fault(Fault::next("GET", SCIM, Effect::Hang).times(4));
    let (path, pat) = (format!("{SCIM}/Me"), api.pat());
    let hanging = async {
        tokio::join!(
            api.get(&path, &pat),
            api.get(&path, &pat),
            api.get(&path, &pat),
            api.get(&path, &pat)
        )
    };
    let fifth = async {
        until(|| api.workspace.most_scim_at_once() == 4).await;
        api.get(&path, &pat).await
    };
    tokio::select! {
        _ = hanging => unreachable!(),
        response = fifth => assert!(response.status == 500 && response.text.contains("REQUEST_LIMIT_EXCEEDED")),
    }
    assert_eq!(api.workspace.most_scim_at_once(), 5);
}

async fn query(api: &Api, kind: &str, query: &[(&str, &str)]) -> ApiResponse {
    let request = api
        .http
        .get(api.url(&format!("{SCIM}/{kind}")))
        .query(query)
        .bearer_auth(api.pat());
    ApiResponse::read(request.send().await.unwrap()).await
}

async fn resources(api: &Api, kind: &str, parameters: &[(&str, &str)]) -> Vec<Value> {
    query(api, kind, parameters).await.ok()["Resources"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

#[tokio::test]
async fn pages_have_neither_gaps_nor_overlaps() {
    let api = Api::with(|config| config.knobs.scim_page_cap = 7).await;
    let mut seen = Vec::new();
    loop {
        let start = (seen.len() + 1).to_string();
        let page = resources(&api, "Users", &[("startIndex", &start), ("count", "10000")]).await;
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 7);
        seen.extend(page.into_iter().map(|user| user["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen.len(), 24);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 24);
}

#[tokio::test]
async fn filters_support_the_documented_operators() {
    let api = Api::start().await;
    let names = async |kind: &str, filter: &str| -> Vec<String> {
        let resources = resources(&api, kind, &[("filter", filter)]).await;
        resources
            .iter()
            .map(|resource| resource["displayName"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names("Users", "userName eq \"MIA.kowalski@acme.example\"").await,
        ["Mia Kowalski"]
    );
    assert_eq!(names("Users", "userName sw \"kai.t\"").await, ["Kai Tanaka"]);
    assert_eq!(
        names("Users", "displayName co \"hen\" and userName sw \"alex\"").await,
        ["Alex Chen", "Alex Chen"]
    );
    assert_eq!(
        names("Users", "name.familyName eq \"Tanaka\" or userName sw \"mia.k\"")
            .await
            .len(),
        2
    );
    assert_eq!(names("Users", "active eq false").await.len(), 2);
    assert_eq!(
        names("Users", "userName ne \"mia.kowalski@acme.example\"").await.len(),
        23
    );
    assert_eq!(names("Groups", "displayName eq \"admins\"").await, ["admins"]);
    assert_eq!(
        names("Users", "userName eq \"quote \\\" inside\"").await,
        Vec::<String>::new()
    );
    let service = api.service_principal("ci-deployer").await;
    let filter = format!("applicationId eq \"{}\"", service["applicationId"].as_str().unwrap());
    assert_eq!(names("ServicePrincipals", &filter).await, ["ci-deployer"]);
}

#[tokio::test]
async fn attributes_can_be_selected_and_resources_sorted() {
    let api = Api::start().await;
    let users = resources(
        &api,
        "Users",
        &[("attributes", "userName,active"), ("sortBy", "userName")],
    )
    .await;
    for user in &users {
        let mut fields: Vec<&str> = user.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["active", "id", "userName"]);
    }
    assert!(users.is_sorted_by_key(|user| user["userName"].as_str().unwrap().to_owned()));
    let backwards = [
        ("attributes", "userName,active"),
        ("sortBy", "userName"),
        ("sortOrder", "descending"),
    ];
    let mut reversed = resources(&api, "Users", &backwards).await;
    reversed.reverse();
    assert_eq!(reversed, users);
    for group in resources(&api, "Groups", &[("excludedAttributes", "members")]).await {
        assert_eq!(group["members"], Value::Null);
        assert!(group["displayName"].is_string());
    }
}

#[tokio::test]
async fn a_principal_is_returned_by_id_and_an_unknown_id_returns_a_scim_404() {
    let api = Api::start().await;
    for kind in ["Users", "Groups", "ServicePrincipals"] {
        let first = api.resources(kind).await.remove(0);
        let one = api
            .get(&format!("{SCIM}/{kind}/{}", first["id"].as_str().unwrap()), &api.pat())
            .await;
        assert_eq!(one.header("content-type"), "application/scim+json");
        assert_eq!(one.ok(), first);
        for unknown in ["1", "abc"] {
            let response = api.get(&format!("{SCIM}/{kind}/{unknown}"), &api.pat()).await;
            assert_eq!(
                (response.status, response.json()["status"].as_str()),
                (404, Some("404"))
            );
        }
    }
}

#[tokio::test]
async fn non_admins_see_only_names_and_ids() {
    let api = Api::start().await;
    let response = api.get(&format!("{SCIM}/Users"), &api.non_admin_pat()).await.ok();
    for user in response["Resources"].as_array().unwrap() {
        assert!(user["userName"].is_string() && user["id"].is_string());
        assert_eq!((&user["groups"], &user["active"]), (&Value::Null, &Value::Null));
    }
}
