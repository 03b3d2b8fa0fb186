//! `/api/2.0/token-management`: all tokens of the workspace, for admins.

use demo_workspace::{Change, Cloud, NewToken};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Api, DAY_MS, ON_BEHALF, OWN, SCIM, TOKENS, ids};

/// 2026-11-18, 11:06 UTC: far enough from midnight for the tests.
const LATE_MORNING_MS: i64 = 1_795_000_000_000;

#[tokio::test]
async fn edge_27_an_empty_list_is_an_empty_object() {
    let api = Api::start().await;
    let response = api
        .get(
            &format!("{TOKENS}?created_by_username=unknown%40acme.example"),
            &api.pat(),
        )
        .await;
    assert_eq!(response.text, "{}");
    let empty = Api::with(|config| config.tokens = 0).await;
    let response = empty.get(TOKENS, &empty.admin_oauth().await).await;
    assert_eq!((response.status, response.text.as_str()), (200, "{}"));
}

#[tokio::test]
async fn edge_28_all_tokens_come_in_one_response() {
    let api = Api::with(|config| config.tokens = 1284).await;
    assert_eq!(api.tokens(&api.pat()).await.len(), 1284);
    let paged = api
        .get(&format!("{TOKENS}?page_size=10&page_token=x&unknown=1"), &api.pat())
        .await
        .ok();
    assert_eq!(paged["token_infos"].as_array().unwrap().len(), 1284);
}

#[tokio::test]
async fn edge_29_filters_apply_to_the_creator() {
    let api = Api::start().await;
    let service = api.service_principal("etl-nightly").await;
    let (application_id, service_id) = (
        service["applicationId"].as_str().unwrap(),
        service["id"].as_str().unwrap(),
    );
    let (id, _) = api.new_token(NewToken {
        owner: application_id.to_owned(),
        creator: Some(api.admin().user_name.clone()),
        ..NewToken::default()
    });
    let record = api.token(&id, &api.pat()).await;
    assert_eq!(record["owner_id"].to_string(), service_id);
    assert_eq!(record["created_by_id"].to_string(), api.admin().id);
    for (filter, found) in [
        (format!("created_by_id={}", api.admin().id), true),
        (format!("created_by_username={}", api.admin().user_name), true),
        (format!("created_by_id={service_id}"), false),
        (format!("created_by_username={application_id}"), false),
        (
            format!(
                "created_by_id={}&created_by_username={}",
                api.admin().id,
                api.non_admin().user_name
            ),
            false,
        ),
    ] {
        let response = api.get(&format!("{TOKENS}?{filter}"), &api.pat()).await.ok();
        let listed = response["token_infos"].as_array().cloned().unwrap_or_default();
        assert_eq!(ids(&listed).contains(&id.as_str()), found, "{filter}");
    }
}

#[tokio::test]
async fn edge_29_ids_above_2_to_the_53_are_exact() {
    let api = Api::start().await;
    let other = &api.workspace.credentials().other_admin;
    assert!(other.id.parse::<u64>().unwrap() > 1 << 53);
    let response = api
        .get(&format!("{TOKENS}?created_by_id={}", other.id), &api.pat())
        .await;
    assert!(response.text.contains(&format!("\"owner_id\":{}", other.id)));
}

#[tokio::test]
async fn edge_30_times_are_milliseconds_and_minus_one_means_never() {
    let api = Api::start().await;
    let (id, _) = api.new_token(NewToken {
        owner: api.admin().user_name.clone(),
        ..NewToken::default()
    });
    let never = api.token(&id, &api.pat()).await;
    assert_eq!(never["expiry_time"], -1);
    let age_ms = api.workspace.now_ms() - never["creation_time"].as_i64().unwrap();
    assert!((0..60_000).contains(&age_ms), "{age_ms}");
}

#[tokio::test]
async fn edge_31_last_use_is_a_day_and_missing_before_the_first_use() {
    let api = Api::with(|config| config.now_ms = Some(LATE_MORNING_MS)).await;
    let (id, value) = api.new_token(NewToken {
        owner: api.admin().user_name.clone(),
        ..NewToken::default()
    });
    let oauth = api.admin_oauth().await;
    let last_used = async |credential: &str| api.token(&id, credential).await["last_used_day"].clone();
    assert_eq!(last_used(&oauth).await, Value::Null);
    let me = format!("{SCIM}/Me");
    api.get(&me, &value).await.ok();
    let first = last_used(&oauth).await;
    assert_eq!(first, LATE_MORNING_MS / 86_400_000 * 86_400_000);
    api.get(&me, &value).await.ok();
    assert_eq!(last_used(&oauth).await, first);
    api.workspace.advance_clock(DAY_MS);
    api.get(&me, &value).await.ok();
    let oauth = api.admin_oauth().await;
    assert_eq!(
        last_used(&oauth).await.as_i64().unwrap(),
        first.as_i64().unwrap() + 86_400_000
    );
}

#[tokio::test]
async fn edge_32_get_wraps_the_token_patch_does_not_and_create_returns_the_value() {
    let api = Api::start().await;
    let service = api.service_principal("etl-nightly").await;
    let body = json!({ "application_id": service["applicationId"], "comment": "etl", "lifetime_seconds": 86_400 });
    let created = api.post(ON_BEHALF, &api.pat(), body).await.ok();
    let id = created["token_info"]["token_id"].as_str().unwrap();
    let path = format!("{TOKENS}/{id}");
    let update = json!({ "token": { "comment": "new" }, "update_mask": "comment" });
    let patched = api.patch(&path, &api.pat(), update).await.ok();
    assert_eq!(
        (patched["token_id"].as_str(), patched["comment"].as_str()),
        (Some(id), Some("new"))
    );
    let read = api.get(&path, &api.pat()).await.ok();
    assert_eq!(read, json!({ "token_info": patched }));
    let hash = Sha256::digest(created["token_value"].as_str().unwrap());
    assert_eq!(id, hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
}

#[tokio::test]
async fn edge_33_unknown_and_revoked_tokens_return_404() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let path = format!("{TOKENS}/{id}");
    assert_eq!(api.delete(&path, &api.pat()).await.status, 200);
    let message = format!("Token with ID {id} does not exist");
    api.delete(&path, &api.pat())
        .await
        .assert_error(404, "RESOURCE_DOES_NOT_EXIST", &message);
    api.get(&path, &api.pat())
        .await
        .assert_error(404, "RESOURCE_DOES_NOT_EXIST", &message);
    let odd = api.get(&format!("{TOKENS}/..%2F%20x%22"), &api.pat()).await;
    odd.assert_error(404, "RESOURCE_DOES_NOT_EXIST", "Token with ID ../ x\" does not exist");
}

#[tokio::test]
async fn edge_34_a_revoked_token_is_rejected_immediately() {
    let api = Api::start().await;
    let (id, value) = api.token_of(&api.non_admin().user_name);
    let me = format!("{SCIM}/Me");
    assert_eq!(api.get(&me, &value).await.status, 200);
    let response = api.delete(&format!("{TOKENS}/{id}"), &api.pat()).await;
    assert_eq!((response.status, response.text.as_str()), (200, ""));
    api.get(&me, &value).await.assert_invalid_token();
}

#[tokio::test]
async fn edge_34_an_admin_can_revoke_the_token_that_authenticates_the_call() {
    let api = Api::start().await;
    let id = Sha256::digest(api.pat())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    assert_eq!(api.delete(&format!("{TOKENS}/{id}"), &api.pat()).await.status, 200);
    api.get(TOKENS, &api.pat()).await.assert_invalid_token();
}

#[tokio::test]
async fn edge_35_non_admins_are_rejected() {
    let api = Api::start().await;
    let pat = api.non_admin_pat();
    let calls = async || {
        [
            api.get(TOKENS, &pat).await,
            api.get(&format!("{TOKENS}/abc"), &pat).await,
            api.delete(&format!("{TOKENS}/abc"), &pat).await,
            api.patch(&format!("{TOKENS}/abc"), &pat, json!({})).await,
            api.post(ON_BEHALF, &pat, json!({})).await,
        ]
    };
    let message = format!("Requesting user '{}' is not an admin.", api.non_admin().user_name);
    for response in calls().await {
        response.assert_error(403, "PERMISSION_DENIED", &message);
    }
    api.workspace.configure(|knobs| knobs.admin_denied_status = 401);
    for response in calls().await {
        response.assert_error(401, "PERMISSION_DENIED", "Only Admins can access token management APIs");
    }
}

#[tokio::test]
async fn edge_36_the_mask_decides_what_changes() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let path = format!("{TOKENS}/{id}");
    let both = json!({ "comment": "new", "scopes": ["sql"] });
    let pat = api.pat();
    let patch = |mask: &str| api.patch(&path, &pat, json!({ "token": both, "update_mask": mask }));
    let after = patch("comment").await.ok();
    assert_eq!((&after["comment"], &after["scopes"]), (&json!("new"), &Value::Null));
    let after = patch("comment,scopes").await.ok();
    assert_eq!(after["scopes"], json!(["sql"]));
    for mask in ["expiry_time", "comment,owner_id", ""] {
        assert_eq!(patch(mask).await.status, 400, "{mask}");
    }
    let unknown = api
        .patch(
            &format!("{TOKENS}/abc"),
            &api.pat(),
            json!({ "update_mask": "comment" }),
        )
        .await;
    unknown.assert_error(404, "NOT_FOUND", "Token with ID abc does not exist");
}

#[tokio::test]
async fn edge_37_on_behalf_of_requires_an_existing_service_principal() {
    let api = Api::start().await;
    let pat = api.pat();
    let create = |id: &str| api.post(ON_BEHALF, &pat, json!({ "application_id": id }));
    let unknown = "00000000-0000-4000-8000-000000000000";
    let message = format!("{unknown} does not exist");
    create(unknown)
        .await
        .assert_error(400, "INVALID_PARAMETER_VALUE", &message);
    let user = api.non_admin().id.clone();
    let message = format!("User {user} is not a service principal");
    create(&user)
        .await
        .assert_error(400, "INVALID_PARAMETER_VALUE", &message);
}

#[tokio::test]
async fn edge_38_a_lifetime_above_the_maximum_is_rejected() {
    let api = Api::start().await;
    api.set_conf(&api.pat(), "maxTokenLifetimeDays", "30").await;
    let service = api.service_principal("etl-nightly").await;
    let too_long = json!({ "application_id": service["applicationId"], "lifetime_seconds": 30 * 86_400 + 1 });
    let message = "Token lifetime must be less than or equal to the workspace max of 30 days";
    for path in [ON_BEHALF, "/api/2.0/token/create"] {
        let response = api.post(path, &api.pat(), too_long.clone()).await;
        response.assert_error(400, "INVALID_PARAMETER_VALUE", message);
    }
    let longest = json!({ "application_id": service["applicationId"], "lifetime_seconds": 30 * 86_400 });
    assert_eq!(api.post(ON_BEHALF, &api.pat(), longest).await.status, 200);
}

#[tokio::test]
async fn edge_39_a_lifetime_of_zero_seconds_is_rejected() {
    let api = Api::start().await;
    let service = api.service_principal("etl-nightly").await;
    let body = json!({ "application_id": service["applicationId"], "lifetime_seconds": 0 });
    for path in [ON_BEHALF, "/api/2.0/token/create"] {
        let response = api.post(path, &api.pat(), body.clone()).await;
        response.assert_error(400, "INVALID_PARAMETER_VALUE", "requirement failed: Invalid timeout: 0");
    }
}

#[tokio::test]
async fn edge_39_minus_one_means_no_expiry_only_with_the_knob() {
    let api = Api::start().await;
    let body = json!({ "lifetime_seconds": -1 });
    let rejected = api.post("/api/2.0/token/create", &api.pat(), body.clone()).await;
    let message = "Token lifetime must be less than or equal to the workspace max of 730 days";
    rejected.assert_error(400, "INVALID_PARAMETER_VALUE", message);
    api.workspace.configure(|knobs| knobs.allow_minus_one = true);
    let created = api.post("/api/2.0/token/create", &api.pat(), body).await.ok();
    assert_eq!(created["token_info"]["expiry_time"], -1);
}

#[tokio::test]
async fn edge_40_azure_has_no_on_behalf_of_tokens() {
    let api = Api::with(|config| config.knobs.cloud = Cloud::Azure).await;
    let service = api.service_principal("etl-nightly").await;
    let body = json!({ "application_id": service["applicationId"] });
    let message = "On-behalf-of token creation for service principals is not enabled for this workspace";
    api.post(ON_BEHALF, &api.pat(), body)
        .await
        .assert_error(404, "FEATURE_DISABLED", message);
}

#[tokio::test]
async fn edge_41_the_service_principal_needs_can_use() {
    let api = Api::start().await;
    let service = api.service_principal("legacy-reporting").await;
    let body = json!({ "application_id": service["applicationId"] });
    let rejected = api.post(ON_BEHALF, &api.pat(), body.clone()).await;
    assert_eq!(rejected.status, 403);
    assert!(rejected.text.contains("does not have permission to use tokens"));
    let user_name = service["applicationId"].as_str().unwrap().to_owned();
    api.workspace.change(Change::MakeAdmin { user_name }).unwrap();
    assert_eq!(api.post(ON_BEHALF, &api.pat(), body).await.status, 200);
}

#[tokio::test]
async fn edge_42_restricted_admins_need_a_role() {
    let api = Api::start().await;
    let path = "/api/2.0/settings/types/restrict_workspace_admins/names/default";
    let before = api.get(path, &api.pat()).await.ok();
    assert_eq!(before["restrict_workspace_admins"]["status"], "ALLOW_ALL");
    let setting = |etag: &Value| {
        json!({ "allow_missing": true, "field_mask": "restrict_workspace_admins.status", "setting": {
            "etag": etag, "restrict_workspace_admins": { "status": "RESTRICT_TOKENS_AND_JOB_RUN_AS" } } })
    };
    let stale = api.patch(path, &api.pat(), setting(&json!("99"))).await;
    assert_eq!((stale.status, &stale.json()["etag"]), (409, &before["etag"]));
    api.patch(path, &api.pat(), setting(&before["etag"])).await.ok();
    // Mia has the role on etl-nightly, but not on fivetran-sync.
    for (name, status) in [("etl-nightly", 200), ("fivetran-sync", 403)] {
        let service = api.service_principal(name).await;
        let body = json!({ "application_id": service["applicationId"] });
        assert_eq!(api.post(ON_BEHALF, &api.pat(), body).await.status, status, "{name}");
    }
}

#[tokio::test]
async fn edge_43_a_token_unused_for_90_days_is_removed() {
    let api = Api::with(|config| config.now_ms = Some(LATE_MORNING_MS)).await;
    let owner = api.admin().user_name.clone();
    let (used, _) = api.new_token(NewToken {
        owner: owner.clone(),
        used_days_ago: Some(0),
        ..NewToken::default()
    });
    let (unused, _) = api.new_token(NewToken {
        owner,
        lifetime_days: Some(730),
        ..NewToken::default()
    });
    let both_lists = async || {
        let oauth = api.admin_oauth().await;
        let own = api.get(&format!("{OWN}/list"), &oauth).await.ok();
        let own = own["token_infos"].as_array().cloned().unwrap_or_default();
        let all = api.tokens(&oauth).await;
        [&used, &unused].map(|id| (ids(&all).contains(&id.as_str()), ids(&own).contains(&id.as_str())))
    };
    api.workspace.advance_clock(89 * DAY_MS - 1);
    assert_eq!(both_lists().await, [(true, true); 2]);
    api.workspace.advance_clock(DAY_MS + 60_000);
    assert_eq!(both_lists().await, [(false, false); 2]);
    let removed = api.get(&format!("{TOKENS}/{used}"), &api.admin_oauth().await).await;
    assert_eq!(removed.status, 404);
}

#[tokio::test]
async fn expired_tokens_stay_listed_for_a_while() {
    let api = Api::start().await;
    let (id, value) = api.new_token(NewToken {
        owner: api.non_admin().user_name.clone(),
        created_days_ago: 20,
        lifetime_days: Some(10),
        used_days_ago: Some(12),
        ..NewToken::default()
    });
    api.get(&format!("{SCIM}/Me"), &value).await.assert_invalid_token();
    assert!(ids(&api.tokens(&api.pat()).await).contains(&id.as_str()));
    api.workspace.advance_clock(21 * DAY_MS);
    assert!(!ids(&api.tokens(&api.admin_oauth().await).await).contains(&id.as_str()));
}

#[tokio::test]
async fn numbers_can_be_strings() {
    let api = Api::with(|config| config.knobs.int64_as_strings = true).await;
    for token in api.tokens(&api.pat()).await {
        assert!(
            token["owner_id"].is_string() && token["creation_time"].is_string(),
            "{token}"
        );
    }
}
