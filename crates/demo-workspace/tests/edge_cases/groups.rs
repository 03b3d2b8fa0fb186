//! Groups with hidden members, and incomplete SCIM lists.

use demo_workspace::{AccountMembers, Config, Effect, Fault, GroupHome};
use serde_json::{Value, json};

use crate::support::{Api, SCIM};

const IDENTITY: &str = "/api/2.0/identity/groups";

/// A page of users.
async fn page(api: &Api, start: usize) -> Value {
    let path = format!("{SCIM}/Users?attributes=id&startIndex={start}&count=10000");
    api.get(&path, &api.pat()).await.ok()
}

fn ids(page: &Value) -> Vec<String> {
    let rows = page["Resources"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// A group in a list, and requested individually.
async fn listed_and_alone(api: &Api, name: &str) -> [Value; 2] {
    let attributes = "attributes=id,displayName,meta,externalId,members";
    let list = api.get(&format!("{SCIM}/Groups?{attributes}"), &api.pat()).await.ok();
    let rows = list["Resources"].as_array().unwrap();
    let listed = rows.iter().find(|group| group["displayName"] == name).unwrap().clone();
    let path = format!("{SCIM}/Groups/{}?{attributes}", listed["id"].as_str().unwrap());
    [listed, api.get(&path, &api.pat()).await.ok()]
}

fn account(config: &mut Config) {
    config.knobs.group_home = GroupHome::Account;
}

#[tokio::test]
async fn edge_86_a_list_can_end_early() {
    let api = Api::with(|config| {
        config.knobs.scim_page_cap = 10;
        config.knobs.scim_list_limit = 10;
    })
    .await;
    let (first, second) = (page(&api, 1).await, page(&api, 11).await);
    assert_eq!((ids(&first).len(), first["totalResults"].as_u64()), (10, Some(24)));
    assert_eq!((ids(&second).len(), second["totalResults"].as_u64()), (0, Some(24)));
}

#[tokio::test]
async fn edge_87_and_90_pages_can_repeat_rows() {
    let api = Api::with(|config| {
        config.knobs.scim_page_cap = 10;
        config.knobs.scim_repeated_rows = 2;
    })
    .await;
    let (first, second) = (ids(&page(&api, 1).await), ids(&page(&api, 11).await));
    assert_eq!((first.len(), second.len()), (10, 10));
    assert_eq!(first[8..], second[..2]);

    let api = Api::with(|config| config.knobs.scim_same_page = true).await;
    assert_eq!(ids(&page(&api, 1).await), ids(&page(&api, 25).await));
}

#[tokio::test]
async fn a_list_can_lack_its_total() {
    let api = Api::with(|config| config.knobs.scim_no_total = true).await;
    let page = page(&api, 1).await;
    assert_eq!((&page["totalResults"], ids(&page).len()), (&Value::Null, 24));
}

#[tokio::test]
async fn edge_81_and_82_members_of_account_groups_can_be_hidden() {
    use AccountMembers::{Hidden, Listed, OnlyInGet};
    for (members, in_list, alone) in [(Listed, true, true), (OnlyInGet, false, true), (Hidden, false, false)] {
        let api = Api::with(|config| {
            account(config);
            config.knobs.account_members = members;
        })
        .await;
        let shown = listed_and_alone(&api, "data-platform").await;
        assert_eq!(
            shown.each_ref().map(|group| group["members"].is_array()),
            [in_list, alone],
            "{members:?}"
        );
        assert_eq!(shown[0]["meta"]["resourceType"], "Group");
        for group in listed_and_alone(&api, "admins").await {
            assert!(group["members"].is_array() && group["meta"]["resourceType"] == "WorkspaceGroup");
        }
    }
}

#[tokio::test]
async fn groups_of_the_identity_provider_have_an_external_id_which_only_admins_can_read() {
    let api = Api::with(|config| config.knobs.group_home = GroupHome::Directory).await;
    let [listed, alone] = listed_and_alone(&api, "data-platform").await;
    assert!(listed["externalId"].is_string() && listed["externalId"] == alone["externalId"]);
    let [admins, _] = listed_and_alone(&api, "admins").await;
    assert_eq!(admins["externalId"], Value::Null);
    for (attributes, status) in [("id,displayName,meta", 200), ("id,externalId", 403)] {
        let path = format!("{SCIM}/Groups?attributes={attributes}");
        assert_eq!(api.get(&path, &api.non_admin_pat()).await.status, status);
    }
}

#[tokio::test]
async fn edge_83_members_can_lack_their_kind() {
    let api = Api::with(|config| config.knobs.no_member_refs = true).await;
    let [group, _] = listed_and_alone(&api, "data-platform").await;
    for member in group["members"].as_array().unwrap() {
        assert!(member["value"].is_string() && member["$ref"].is_null());
    }
}

#[tokio::test]
async fn edge_93_one_group_can_fail() {
    let api = Api::start().await;
    let [group, _] = listed_and_alone(&api, "data-platform").await;
    let path = format!("{SCIM}/Groups/{}", group["id"].as_str().unwrap());
    api.workspace.fault(Fault::forever("GET", &path, Effect::ScimThrottle));
    assert_eq!(api.get(&path, &api.pat()).await.status, 500);
    assert_eq!(api.get(&format!("{SCIM}/Groups"), &api.pat()).await.status, 200);
}

#[tokio::test]
async fn edge_117_the_identity_api_may_not_exist() {
    let api = Api::with(account).await;
    let response = api.get(&format!("{IDENTITY}/1/direct-members"), &api.pat()).await;
    let message = "No API found for 'GET /api/2.0/identity/groups/1/direct-members'";
    response.assert_error(404, "ENDPOINT_NOT_FOUND", message);
}

#[tokio::test]
async fn edge_118_and_119_the_identity_api_has_the_members_in_pages_with_numbers_as_ids() {
    let api = Api::with(|config| {
        account(config);
        config.knobs.identity_api = true;
    })
    .await;
    let [group, _] = listed_and_alone(&api, "data-platform").await;
    let path = format!("{IDENTITY}/{}/direct-members", group["id"].as_str().unwrap());
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("{path}?page_size=1{next}"), &api.pat()).await.ok();
        found.extend(page["direct_group_members"].as_array().unwrap().clone());
        match page["next_page_token"].as_str() {
            Some(token) => next = format!("&page_token={token}"),
            None => break,
        }
    }
    let mut numbers: Vec<_> = found
        .iter()
        .map(|row| row["principal_id"].as_u64().unwrap().to_string())
        .collect();
    let mut texts: Vec<_> = group["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["value"].clone())
        .collect();
    numbers.sort();
    texts.sort_by_key(ToString::to_string);
    assert_eq!(json!(numbers), json!(texts));
    assert_eq!(api.get(&format!("{path}?page_size=5000"), &api.pat()).await.status, 200);
    assert_eq!(api.get(&path, &api.non_admin_pat()).await.status, 403);
    let [admins, _] = listed_and_alone(&api, "admins").await;
    let path = format!("{IDENTITY}/{}/direct-members", admins["id"].as_str().unwrap());
    assert_eq!(api.get(&path, &api.pat()).await.status, 404);
}
