//! `/api/2.0/permissions`: who can use tokens.

use demo_workspace::{Change, LostPermission, Person, Tier};
use serde_json::{Value, json};

use crate::support::{Api, ON_BEHALF, OWN, PERMISSIONS, SCIM, TOKENS, ids};

fn admins() -> Value {
    json!({ "group_name": "admins", "permission_level": "CAN_MANAGE" })
}

fn can_use(kind: &str, name: &str) -> Value {
    json!({ kind: name, "permission_level": "CAN_USE" })
}

fn list(grants: impl IntoIterator<Item = Value>) -> Value {
    json!({ "access_control_list": Value::from_iter(grants) })
}

fn elements(acl: &Value) -> Vec<Value> {
    acl["access_control_list"].as_array().unwrap().clone()
}

/// Removes all grants except the one of `admins`.
async fn remove_all_grants(api: &Api, credential: &str) -> Value {
    api.put(PERMISSIONS, credential, list([admins()])).await.ok()
}

fn owned_by(token: &Value, person: &Person) -> bool {
    token["owner_id"].as_u64() == person.id.parse().ok()
}

#[tokio::test]
async fn edge_12_permissions_return_404_before_the_first_token_exists() {
    let api = Api::with(|config| config.tokens = 0).await;
    let oauth = api.admin_oauth().await;
    let responses = [
        api.get(PERMISSIONS, &oauth).await,
        api.put(PERMISSIONS, &oauth, list([admins()])).await,
        api.patch(PERMISSIONS, &oauth, list([can_use("group_name", "users")]))
            .await,
    ];
    for response in responses {
        response.assert_error(404, "RESOURCE_DOES_NOT_EXIST", "tokens tokens does not exist");
    }
    assert_eq!(
        api.post(&format!("{OWN}/create"), &oauth, json!({ "lifetime_seconds": 60 }))
            .await
            .status,
        200
    );
    assert_eq!(api.get(PERMISSIONS, &oauth).await.status, 200);
}

#[tokio::test]
async fn edge_13_permission_levels_never_depend_on_state_or_caller() {
    let expected = json!({ "permission_levels": [
        { "permission_level": "CAN_MANAGE", "description": "Can use and modify permissions on tokens" },
        { "permission_level": "CAN_USE", "description": "Can use tokens" },
    ] });
    let api = Api::with(|config| config.tokens = 0).await;
    let path = format!("{PERMISSIONS}/permissionLevels");
    assert_eq!(api.get(&path, &api.admin_oauth().await).await.ok(), expected);
    assert_eq!(api.get(&path, &api.non_admin_oauth().await).await.ok(), expected);
}

#[tokio::test]
async fn edge_14_without_grants_only_admins_are_listed() {
    let api = Api::start().await;
    let acl = remove_all_grants(&api, &api.pat()).await;
    assert_eq!(
        acl,
        json!({
            "object_id": "/authorization/tokens",
            "object_type": "tokens",
            "access_control_list": [{
                "group_name": "admins",
                "all_permissions": [{ "permission_level": "CAN_MANAGE", "inherited": false }],
            }],
        })
    );
    assert_eq!(api.get(PERMISSIONS, &api.pat()).await.ok(), acl);
}

#[tokio::test]
async fn edge_15_a_put_without_admins_changes_nothing() {
    let api = Api::start().await;
    let before = api.get(PERMISSIONS, &api.pat()).await.ok();
    for body in [list([]), json!({}), list([can_use("group_name", "users")])] {
        let response = api.put(PERMISSIONS, &api.pat(), body).await;
        let message = "Cannot change permissions for group 'admins' to None.";
        response.assert_error(400, "INVALID_PARAMETER_VALUE", message);
    }
    assert_eq!(api.get(PERMISSIONS, &api.pat()).await.ok(), before);
}

#[tokio::test]
async fn edge_16_only_the_group_admins_can_have_can_manage() {
    let api = Api::start().await;
    let before = api.get(PERMISSIONS, &api.pat()).await.ok();
    let user = json!({ "user_name": api.non_admin().user_name, "permission_level": "CAN_MANAGE" });
    let put = api.put(PERMISSIONS, &api.pat(), list([admins(), user.clone()])).await;
    let patch = api.patch(PERMISSIONS, &api.pat(), list([user])).await;
    let patch_of_admins = api.patch(PERMISSIONS, &api.pat(), list([admins()])).await;
    let demotion = api
        .patch(PERMISSIONS, &api.pat(), list([can_use("group_name", "admins")]))
        .await;
    for response in [put, patch, patch_of_admins, demotion] {
        assert_eq!(
            (response.status, &response.json()["error_code"]),
            (400, &json!("INVALID_PARAMETER_VALUE"))
        );
    }
    assert_eq!(api.get(PERMISSIONS, &api.pat()).await.ok(), before);
}

#[tokio::test]
async fn edge_17_a_put_replaces_all_grants() {
    let api = Api::start().await;
    assert!(elements(&api.get(PERMISSIONS, &api.pat()).await.ok()).len() > 2);
    let body = list([admins(), can_use("group_name", "security")]);
    api.put(PERMISSIONS, &api.pat(), body).await.ok();
    let now = elements(&api.get(PERMISSIONS, &api.pat()).await.ok());
    assert_eq!(
        now.iter().map(|element| &element["group_name"]).collect::<Vec<_>>(),
        ["admins", "security"]
    );
}

#[tokio::test]
async fn edge_18_a_patch_adds_grants_and_never_removes_any() {
    let api = Api::start().await;
    let body = list([can_use("user_name", &api.non_admin().user_name)]);
    let before = elements(&api.get(PERMISSIONS, &api.pat()).await.ok());
    let once = api.patch(PERMISSIONS, &api.pat(), body.clone()).await.ok();
    let twice = api.patch(PERMISSIONS, &api.pat(), body).await.ok();
    assert_eq!(once, twice);
    assert_eq!(elements(&once).len(), before.len() + 1);
    assert_eq!(elements(&once)[..before.len()], before);
}

#[tokio::test]
async fn edge_19_service_principals_are_identified_by_application_id() {
    let api = Api::start().await;
    let body = list([can_use("service_principal_name", "etl-nightly")]);
    let response = api.patch(PERMISSIONS, &api.pat(), body).await;
    let message = "Principal: ServicePrincipalName(etl-nightly) does not exist";
    response.assert_error(404, "RESOURCE_DOES_NOT_EXIST", message);

    let service = api.service_principal("legacy-reporting").await;
    let application_id = service["applicationId"].as_str().unwrap();
    let body = list([can_use("service_principal_name", application_id)]);
    let acl = api.patch(PERMISSIONS, &api.pat(), body).await.ok();
    let expected = json!({
        "service_principal_name": application_id,
        "display_name": "legacy-reporting",
        "all_permissions": [{ "permission_level": "CAN_USE", "inherited": false }],
    });
    assert!(elements(&acl).contains(&expected));
}

#[tokio::test]
async fn edge_20_an_unknown_principal_fails_the_whole_request() {
    let api = Api::start().await;
    let before = api.get(PERMISSIONS, &api.pat()).await.ok();
    let known = can_use("user_name", &api.non_admin().user_name);
    for (kind, name, message) in [
        (
            "user_name",
            "unknown@acme.example",
            "Principal: UserName(unknown@acme.example) does not exist",
        ),
        (
            "group_name",
            "unknown-group",
            "Principal: GroupName(unknown-group) does not exist",
        ),
    ] {
        let response = api
            .patch(PERMISSIONS, &api.pat(), list([known.clone(), can_use(kind, name)]))
            .await;
        response.assert_error(404, "RESOURCE_DOES_NOT_EXIST", message);
    }
    let two_names = json!({ "user_name": "a", "group_name": "b", "permission_level": "CAN_USE" });
    assert_eq!(
        api.patch(PERMISSIONS, &api.pat(), list([known, two_names]))
            .await
            .status,
        400
    );
    assert_eq!(api.get(PERMISSIONS, &api.pat()).await.ok(), before);
}

#[tokio::test]
async fn edge_21_names_match_without_case_and_are_returned_as_stored() {
    let api = Api::start().await;
    let service = api.service_principal("legacy-reporting").await;
    let application_id = service["applicationId"].as_str().unwrap();
    let user_name = api.non_admin().user_name.clone();
    let body = list([
        admins(),
        can_use("user_name", &user_name.to_uppercase()),
        can_use("service_principal_name", &application_id.to_uppercase()),
    ]);
    let acl = elements(&api.put(PERMISSIONS, &api.pat(), body).await.ok());
    assert_eq!(acl[1]["user_name"], user_name);
    assert_eq!(acl[2]["service_principal_name"], application_id);
}

#[tokio::test]
async fn edge_22_writes_return_the_complete_new_list() {
    let api = Api::start().await;
    let user_name = api.non_admin().user_name.clone();
    let put = api
        .put(
            PERMISSIONS,
            &api.pat(),
            list([admins(), can_use("group_name", "security")]),
        )
        .await
        .ok();
    let patch = api
        .patch(PERMISSIONS, &api.pat(), list([can_use("user_name", &user_name)]))
        .await
        .ok();
    for acl in [&put, &patch] {
        assert_eq!(
            (acl["object_id"].as_str(), acl["object_type"].as_str()),
            (Some("/authorization/tokens"), Some("tokens"))
        );
    }
    let patched = elements(&patch);
    assert_eq!(patched[..2], elements(&put));
    assert_eq!(
        patched[2],
        json!({
            "user_name": user_name,
            "display_name": api.non_admin().display_name,
            "all_permissions": [{ "permission_level": "CAN_USE", "inherited": false }],
        })
    );
    assert_eq!(api.get(PERMISSIONS, &api.pat()).await.ok(), patch);
}

#[tokio::test]
async fn edge_23_losing_permission_suspends_tokens() {
    let api = Api::start().await;
    let pat = api.non_admin_pat();
    let me = format!("{SCIM}/Me");
    remove_all_grants(&api, &api.pat()).await;
    let rejected = api.get(&me, &pat).await;
    assert_eq!(rejected.status, 403);
    assert_eq!(
        rejected.json()["message"],
        "User does not have permission to use tokens."
    );
    let listed = api.tokens(&api.pat()).await;
    assert!(listed.iter().any(|token| owned_by(token, api.non_admin())));
    api.patch(PERMISSIONS, &api.pat(), list([can_use("group_name", "analytics")]))
        .await
        .ok();
    assert_eq!(api.get(&me, &pat).await.status, 200);
}

#[tokio::test]
async fn edge_23_losing_permission_deletes_tokens_with_the_knob() {
    let api = Api::with(|config| config.knobs.lost_permission = LostPermission::Delete).await;
    let pat = api.non_admin_pat();
    remove_all_grants(&api, &api.pat()).await;
    api.patch(PERMISSIONS, &api.pat(), list([can_use("group_name", "analytics")]))
        .await
        .ok();
    api.get(&format!("{SCIM}/Me"), &pat).await.assert_invalid_token();
    let listed = api.tokens(&api.pat()).await;
    assert!(!listed.iter().any(|token| owned_by(token, api.non_admin())));
    assert!(!listed.is_empty());
}

#[tokio::test]
async fn edge_24_a_grant_to_any_group_counts_even_nested_or_users() {
    let api = Api::start().await;
    let (pat, me) = (api.non_admin_pat(), format!("{SCIM}/Me"));
    // Kai is in bi-developers, which is in analytics.
    let direct_and_nested = [
        can_use("user_name", &api.non_admin().user_name),
        can_use("group_name", "analytics"),
    ];
    api.put(
        PERMISSIONS,
        &api.pat(),
        list([admins()].into_iter().chain(direct_and_nested)),
    )
    .await
    .ok();
    for group in ["analytics", "users"] {
        api.put(PERMISSIONS, &api.pat(), list([admins(), can_use("group_name", group)]))
            .await
            .ok();
        assert_eq!(api.get(&me, &pat).await.status, 200, "{group}");
    }
    api.put(
        PERMISSIONS,
        &api.pat(),
        list([admins(), can_use("group_name", "ml-research")]),
    )
    .await
    .ok();
    assert_eq!(api.get(&me, &pat).await.status, 403);
}

#[tokio::test]
async fn edge_25_the_preview_path_is_the_same_api() {
    let api = Api::start().await;
    let preview = "/api/2.0/preview/permissions/authorization/tokens";
    let acl = api
        .put(preview, &api.pat(), list([admins(), can_use("group_name", "users")]))
        .await
        .ok();
    assert_eq!(api.get(PERMISSIONS, &api.pat()).await.ok(), acl);
    assert_eq!(api.get(preview, &api.pat()).await.ok(), acl);
    assert_eq!(
        api.get(&format!("{preview}/permissionLevels"), &api.pat()).await.status,
        200
    );
}

#[tokio::test]
async fn edge_26_the_standard_tier_has_neither_permissions_nor_management() {
    let api = Api::with(|config| config.knobs.tier = Tier::Standard).await;
    let pat = api.pat();
    let body = || list([admins()]);
    let responses = [
        api.get(PERMISSIONS, &pat).await,
        api.put(PERMISSIONS, &pat, body()).await,
        api.patch(PERMISSIONS, &pat, body()).await,
        api.get(TOKENS, &pat).await,
        api.get(&format!("{TOKENS}/abc"), &pat).await,
        api.delete(&format!("{TOKENS}/abc"), &pat).await,
        api.post(ON_BEHALF, &pat, json!({ "application_id": "abc" })).await,
    ];
    for response in responses {
        assert_eq!(
            (response.status, &response.json()["error_code"]),
            (404, &json!("FEATURE_DISABLED"))
        );
        assert!(response.text.contains("is not enabled for this feature tier"));
    }
    assert_eq!(api.get(&format!("{OWN}/list"), &pat).await.status, 200);
}

#[tokio::test]
async fn non_admins_are_referred_to_an_administrator() {
    let api = Api::start().await;
    let response = api.get(PERMISSIONS, &api.non_admin_pat()).await;
    let message = "Please contact the owner or an administrator for access.";
    response.assert_error(403, "PERMISSION_DENIED", message);
}

#[tokio::test]
async fn permissions_of_other_objects_are_rejected() {
    let api = Api::start().await;
    let response = api
        .get("/api/2.0/permissions/authorization/passwords", &api.pat())
        .await;
    response.assert_error(400, "BAD_REQUEST", "Bad object ID: passwords");
    let response = api.get("/api/2.0/permissions/spaceships/1", &api.pat()).await;
    response.assert_error(400, "BAD_REQUEST", "request_object_type is not recognized: spaceships");
}

#[tokio::test]
async fn a_deleted_principal_disappears_from_the_list_but_its_tokens_stay() {
    let api = Api::start().await;
    let user_name = api.non_admin().user_name.clone();
    api.patch(PERMISSIONS, &api.pat(), list([can_use("user_name", &user_name)]))
        .await
        .ok();
    let (id, value) = api.token_of(&user_name);
    api.workspace
        .change(Change::DeletePrincipal {
            user_name: user_name.clone(),
        })
        .unwrap();
    let acl = api.get(PERMISSIONS, &api.pat()).await.ok();
    assert!(elements(&acl).iter().all(|element| element["user_name"] != user_name));
    assert!(ids(&api.tokens(&api.pat()).await).contains(&id.as_str()));
    api.get(&format!("{SCIM}/Me"), &value).await.assert_invalid_token();
}
