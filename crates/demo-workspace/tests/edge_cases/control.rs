//! The control interface over HTTP, and changes that are made through it.

use demo_workspace::{Change, ChangeError};
use serde_json::{Value, json};

use crate::support::{Api, ApiResponse, BOTH_KEYS, CONF, DAY_MS, PERMISSIONS, SCIM, TOKENS};

async fn post(api: &Api, path: &str, body: Value) -> ApiResponse {
    let url = format!("{}{path}", api.workspace.control_url());
    ApiResponse::read(api.http.post(url).json(&body).send().await.unwrap()).await
}

async fn get(api: &Api, path: &str) -> Value {
    let url = format!("{}{path}", api.workspace.control_url());
    ApiResponse::read(api.http.get(url).send().await.unwrap()).await.ok()
}

async fn delete(api: &Api, path: &str) -> u16 {
    let url = format!("{}{path}", api.workspace.control_url());
    api.http.delete(url).send().await.unwrap().status().as_u16()
}

/// The JSON objects with the field `key` in the README's code blocks and table cells.
fn documented(key: &str) -> Vec<Value> {
    let readme = include_str!("../../README.md");
    let blocks = readme
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix("json"));
    let cells = readme.split('`').map(|code| code.replace("{…}", r#"{"kind":"empty"}"#));
    let parsed = blocks
        .map(str::to_owned)
        .chain(cells)
        .filter_map(|text| serde_json::from_str::<Value>(&text).ok());
    parsed.filter(|value| value.get(key).is_some()).collect()
}

#[tokio::test]
async fn every_effect_and_body_in_the_readme_is_accepted() {
    let api = Api::start().await;
    let kinds = documented("kind");
    assert!(kinds.len() > 18, "{kinds:?}");
    for value in kinds {
        let as_effect = post(&api, "/faults", json!({ "path": "/never", "effect": value })).await;
        let as_body = json!({ "path": "/never", "effect": { "kind": "answer", "status": 500, "body": value } });
        let as_body = post(&api, "/faults", as_body).await;
        assert!(
            [as_effect.status, as_body.status].contains(&204),
            "{value} {}",
            as_effect.text
        );
    }
    for fault in documented("effect") {
        assert_eq!(post(&api, "/faults", fault).await.status, 204);
    }
}

#[tokio::test]
async fn faults_can_be_added_and_removed_over_http() {
    let api = Api::start().await;
    let fault = json!({ "path": "/", "times": "forever", "effect": { "kind": "answer", "status": 500 } });
    assert_eq!(post(&api, "/faults", fault).await.status, 204);
    assert_eq!(api.get(TOKENS, &api.pat()).await.status, 500);
    let pending = get(&api, "/faults").await;
    assert_eq!(
        (&pending[0]["times"], pending.as_array().unwrap().len()),
        (&json!("forever"), 1)
    );
    assert_eq!(delete(&api, "/faults").await, 204);
    assert_eq!(api.get(TOKENS, &api.pat()).await.status, 200);
    assert_eq!(
        post(
            &api,
            "/faults",
            json!({ "path": "/", "effect": { "kind": "nonsense" } })
        )
        .await
        .status,
        422
    );
}

#[tokio::test]
async fn changes_over_http_take_effect() {
    let api = Api::start().await;
    let kai = api.non_admin().user_name.clone();
    let change = async |body: Value| post(&api, "/changes", body).await;
    let created = change(json!({ "change": "create_token", "owner": kai, "comment": "new", "lifetime_days": 5 }))
        .await
        .ok();
    let (id, value) = (
        created["token_id"].as_str().unwrap(),
        created["token_value"].as_str().unwrap(),
    );
    assert_eq!(api.token(id, &api.pat()).await["comment"], "new");
    assert_eq!(api.get(&format!("{SCIM}/Me"), value).await.status, 200);
    change(json!({ "change": "make_admin", "user_name": kai })).await.ok();
    assert_eq!(api.get(TOKENS, value).await.status, 200);
    change(json!({ "change": "remove_admin", "user_name": kai })).await.ok();
    assert_eq!(api.get(TOKENS, value).await.status, 403);
    change(json!({ "change": "revoke_token", "token_id": id })).await.ok();
    api.get(TOKENS, value).await.assert_invalid_token();
    change(json!({ "change": "set_conf", "values": { "maxTokenLifetimeDays": "null" } }))
        .await
        .ok();
    assert_eq!(
        api.get(BOTH_KEYS, &api.pat()).await.ok()["maxTokenLifetimeDays"],
        "null"
    );
    change(json!({ "change": "set_grants", "can_use": ["security"] }))
        .await
        .ok();
    let acl = api.get(PERMISSIONS, &api.pat()).await.ok();
    assert_eq!(acl["access_control_list"].as_array().unwrap().len(), 2);
    change(json!({ "change": "set_knobs", "knobs": { "tier": "standard" } }))
        .await
        .ok();
    assert_eq!(
        api.get(TOKENS, &api.pat()).await.json()["error_code"],
        "FEATURE_DISABLED"
    );
    assert_eq!(get(&api, "/knobs").await["tier"], "standard");
    change(json!({ "change": "remove_all_tokens" })).await.ok();
    assert_eq!(api.workspace.token_count(), 0);
}

#[tokio::test]
async fn a_change_of_something_unknown_returns_an_error_that_names_it() {
    let api = Api::start().await;
    for (body, error) in [
        (
            json!({ "change": "revoke_token", "token_id": "abc" }),
            "no token has the ID abc",
        ),
        (
            json!({ "change": "deactivate", "user_name": "unknown" }),
            "no user, service principal or group is named unknown",
        ),
    ] {
        let response = post(&api, "/changes", body).await;
        assert_eq!((response.status, response.json()["error"].as_str()), (422, Some(error)));
    }
    let knobs = json!({ "tire": "standard" }).as_object().unwrap().clone();
    let result = api.workspace.change(Change::SetKnobs { knobs });
    assert!(matches!(result, Err(ChangeError::Knobs(_))), "{result:?}");
}

#[tokio::test]
async fn remove_admin_works_for_an_admin_through_a_nested_group() {
    let api = Api::start().await;
    let other = api.workspace.credentials().other_admin.clone();
    let pat = other.pat.unwrap();
    assert_eq!(api.get(TOKENS, &pat).await.status, 200);
    api.workspace
        .change(Change::RemoveAdmin {
            user_name: other.user_name,
        })
        .unwrap();
    assert_eq!(api.get(TOKENS, &pat).await.status, 403);
}

#[tokio::test]
async fn the_clock_moves_forward_and_reset_restores_the_initial_state() {
    let api = Api::start().await;
    let before = api.tokens(&api.pat()).await.len();
    let start = get(&api, "/clock").await["now_ms"].as_i64().unwrap();
    let advanced = post(&api, "/clock", json!({ "advance_ms": 100 * DAY_MS })).await.ok()["now_ms"]
        .as_i64()
        .unwrap();
    assert!(advanced - start >= 100 * 86_400_000);
    assert_eq!(api.workspace.token_count(), 0);
    api.workspace.configure(|knobs| knobs.access_token_seconds = 1);
    assert_eq!(post(&api, "/reset", Value::Null).await.status, 204);
    assert_eq!(api.tokens(&api.pat()).await.len(), before);
    assert_eq!(get(&api, "/knobs").await["access_token_seconds"], 3600);
    assert!(get(&api, "/clock").await["now_ms"].as_i64().unwrap() - start < 86_400_000);
}

#[tokio::test]
async fn the_log_contains_callers_and_calls_but_no_credentials() {
    let api = Api::start().await;
    let oauth = api.sign_in(api.admin(), "all-apis offline_access").await;
    api.get(&format!("{SCIM}/Users?count=1"), &oauth.access_token)
        .await
        .ok();
    api.get(TOKENS, &api.non_admin_pat()).await;
    api.get(TOKENS, "dapi00000000000000000000000000000000").await;
    api.refresh(&oauth.refresh_token).await.ok();
    let log = get(&api, "/log").await;
    let text = log.to_string();
    for secret in [
        &oauth.access_token,
        &oauth.refresh_token,
        &api.non_admin_pat(),
        "dapi0000",
    ] {
        assert!(!text.contains(secret));
    }
    let last: Vec<Value> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .take(4)
        .rev()
        .cloned()
        .collect();
    let fields = |entry: &Value| {
        [
            &entry["path"],
            &entry["query"],
            &entry["status"],
            &entry["principal"],
            &entry["auth"],
        ]
        .map(Value::clone)
    };
    assert_eq!(
        fields(&last[0]),
        [
            json!(format!("{SCIM}/Users")),
            json!("count=1"),
            json!(200),
            json!(api.admin().user_name),
            json!("oauth")
        ]
    );
    assert_eq!(
        fields(&last[1]),
        [
            json!(TOKENS),
            json!(""),
            json!(403),
            json!(api.non_admin().user_name),
            json!("pat")
        ]
    );
    assert_eq!(
        fields(&last[2]),
        [json!(TOKENS), json!(""), json!(403), Value::Null, Value::Null]
    );
    assert_eq!(last[3]["method"], "POST");
    assert_eq!(log["most_scim_at_once"], 1);
    assert_eq!(delete(&api, "/log").await, 204);
    assert_eq!(
        get(&api, "/log").await,
        json!({ "most_scim_at_once": 0, "entries": [] })
    );
}

#[tokio::test]
async fn a_stopped_workspace_frees_its_port_and_restarts_with_the_same_tokens() {
    let api = Api::start().await;
    let (url, pat) = (api.workspace.url().to_owned(), api.pat());
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    api.workspace.stop().await;
    let error = api
        .http
        .get(format!("{url}{TOKENS}"))
        .bearer_auth(&pat)
        .send()
        .await
        .unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    let restarted = Api::with(|config| config.port = port).await;
    assert_eq!(restarted.workspace.url(), url);
    assert_eq!(restarted.get(CONF, &pat).await.status, 400);
    assert_eq!(restarted.get(TOKENS, &pat).await.status, 200);
}
