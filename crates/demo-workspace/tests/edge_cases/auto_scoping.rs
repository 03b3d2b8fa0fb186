//! The platform observes which scopes a token uses, and later removes the others.

use demo_workspace::{Autoscope, Change, NewToken};
use serde_json::{Value, json};

use crate::support::{Api, BOTH_KEYS, DAY_MS, OWN, SCIM, TOKENS};

const CREATE: &str = "/api/2.0/token/create";

/// An observed token of the admin. Returns its ID and its value.
fn observed(api: &Api, created_days_ago: u32, inferred: &[&str]) -> (String, String) {
    api.new_token(NewToken {
        owner: api.admin().user_name.clone(),
        created_days_ago,
        lifetime_days: Some(90),
        scopes: Some(vec!["all-apis".to_owned()]),
        autoscope: Some(Autoscope::Running),
        inferred_scopes: inferred.iter().map(|scope| (*scope).to_owned()).collect(),
        ..NewToken::default()
    })
}

async fn create(api: &Api, body: Value) -> (String, String) {
    let created = api.post(CREATE, &api.pat(), body).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&created["token_info"]["token_id"]), text(&created["token_value"]))
}

#[tokio::test]
async fn edges_65_68_and_69_auto_scoping_is_as_asked_for_or_decided_by_the_platform() {
    let api = Api::start().await;
    let month = 30 * 86_400;
    for (body, state, scopes) in [
        (
            json!({ "lifetime_seconds": 3600, "autoscope_enabled": true }),
            json!("AUTOSCOPE_STATE_RUNNING"),
            json!(["all-apis"]),
        ),
        (
            json!({ "lifetime_seconds": month, "autoscope_enabled": true, "scopes": ["sql"] }),
            json!("AUTOSCOPE_STATE_RUNNING"),
            json!(["all-apis"]),
        ),
        (
            json!({ "lifetime_seconds": month, "autoscope_enabled": false, "scopes": ["sql"] }),
            json!("AUTOSCOPE_STATE_USER_SELECTED"),
            json!(["sql"]),
        ),
        (
            json!({ "lifetime_seconds": month, "autoscope_enabled": false }),
            json!("AUTOSCOPE_STATE_DISABLED"),
            Value::Null,
        ),
        (
            json!({ "lifetime_seconds": month }),
            json!("AUTOSCOPE_STATE_RUNNING"),
            json!(["all-apis"]),
        ),
        (json!({ "lifetime_seconds": month - 1 }), Value::Null, Value::Null),
    ] {
        let created = api.post(CREATE, &api.pat(), body.clone()).await.ok();
        let id = created["token_info"]["token_id"].as_str().unwrap();
        let read = api.get(&format!("{TOKENS}/{id}"), &api.pat()).await.ok();
        let info = &read["token_info"];
        assert_eq!((&info["autoscope_state"], &info["scopes"]), (&state, &scopes), "{body}");
    }
}

#[tokio::test]
async fn edge_66_every_kind_of_call_of_an_observed_token_adds_its_scope() {
    let api = Api::start().await;
    let (id, value) = create(
        &api,
        json!({ "lifetime_seconds": 60 * 86_400, "autoscope_enabled": true }),
    )
    .await;
    assert_eq!(api.token(&id, &api.pat()).await["inferred_scopes"], Value::Null);
    for (path, scopes) in [
        (TOKENS.to_owned(), json!(["authentication"])),
        (format!("{OWN}/list"), json!(["authentication"])),
        (format!("{SCIM}/Users"), json!(["authentication", "scim"])),
        (BOTH_KEYS.to_owned(), json!(["authentication", "scim", "settings"])),
    ] {
        api.get(&path, &value).await.ok();
        assert_eq!(api.token(&id, &api.pat()).await["inferred_scopes"], scopes, "{path}");
    }
    // A token that is not observed has no used scopes.
    let (other, value) = create(&api, json!({ "lifetime_seconds": 3600 })).await;
    api.get(TOKENS, &value).await.ok();
    assert_eq!(api.token(&other, &api.pat()).await["inferred_scopes"], Value::Null);
}

#[tokio::test]
async fn edge_67_after_the_window_a_token_has_the_scopes_that_it_used() {
    let api = Api::start().await;
    let (id, value) = observed(&api, 29, &["scim"]);
    assert_eq!(
        api.token(&id, &api.pat()).await["autoscope_state"],
        "AUTOSCOPE_STATE_RUNNING"
    );
    api.get(BOTH_KEYS, &value).await.ok();
    api.workspace.advance_clock(DAY_MS);
    let narrowed = api.token(&id, &api.pat()).await;
    assert_eq!(narrowed["autoscope_state"], "AUTOSCOPE_STATE_COMPLETED");
    assert_eq!(narrowed["scopes"], json!(["scim", "settings"]));
    assert_eq!(narrowed["scopes"], narrowed["inferred_scopes"]);
    api.get(&format!("{SCIM}/Users"), &value).await.ok();
    let message = "Provided access token does not have required scopes: authentication";
    api.get(TOKENS, &value).await.assert_missing_scope(message);
}

#[tokio::test]
async fn a_token_without_seen_scopes_is_still_observed_after_the_window() {
    let api = Api::start().await;
    let (id, value) = observed(&api, 40, &[]);
    assert_eq!(
        api.token(&id, &api.pat()).await["autoscope_state"],
        "AUTOSCOPE_STATE_RUNNING"
    );
    api.get(TOKENS, &value).await.ok();
    assert_eq!(
        api.token(&id, &api.pat()).await["autoscope_state"],
        "AUTOSCOPE_STATE_COMPLETED"
    );
}

#[tokio::test]
async fn edge_68_without_auto_scoping_a_token_is_never_narrowed() {
    let api = Api::start().await;
    let body = json!({ "lifetime_seconds": 80 * 86_400, "autoscope_enabled": false });
    let (id, value) = create(&api, body).await;
    api.get(TOKENS, &value).await.ok();
    api.workspace.advance_clock(40 * DAY_MS);
    let after = api.token(&id, &api.pat()).await;
    assert_eq!(
        (&after["autoscope_state"], &after["scopes"]),
        (&json!("AUTOSCOPE_STATE_DISABLED"), &Value::Null)
    );
}

#[tokio::test]
async fn edge_69_whether_new_tokens_are_observed_by_default_can_be_chosen() {
    let api = Api::with(|config| config.knobs.autoscope_default = false).await;
    let (id, _) = create(&api, json!({ "lifetime_seconds": 60 * 86_400 })).await;
    assert_eq!(api.token(&id, &api.pat()).await["autoscope_state"], Value::Null);
}

#[tokio::test]
async fn edge_70_an_existing_token_can_have_a_proposal_only() {
    let api = Api::start().await;
    let tokens = api.tokens(&api.pat()).await;
    let token = tokens
        .iter()
        .find(|token| token["comment"] == "warehouse starter")
        .unwrap();
    assert_eq!(token["backfill_scopes"], json!(["clusters", "jobs"]));
    assert_eq!(
        (&token["scopes"], &token["autoscope_state"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn edge_71_setting_scopes_ends_the_observation_and_a_comment_does_not() {
    let api = Api::start().await;
    let (id, _) = observed(&api, 20, &["sql"]);
    let patch = async |field: &str| {
        let body = json!({ "token": { "comment": "new", "scopes": ["sql", "scim"] }, "update_mask": field });
        api.patch(&format!("{TOKENS}/{id}"), &api.pat(), body).await.ok()["autoscope_state"].clone()
    };
    assert_eq!(patch("comment").await, "AUTOSCOPE_STATE_RUNNING");
    assert_eq!(patch("scopes").await, "AUTOSCOPE_STATE_USER_SELECTED");
    api.workspace.advance_clock(20 * DAY_MS);
    let after = api.token(&id, &api.pat()).await;
    assert_eq!(after["autoscope_state"], "AUTOSCOPE_STATE_USER_SELECTED");
    assert_eq!(after["scopes"], json!(["sql", "scim"]));
}

#[tokio::test]
async fn edge_72_calls_keep_the_former_scopes_for_a_while() {
    let api = Api::with(|config| config.knobs.scope_lag_s = 600).await;
    let (id, value) = observed(&api, 1, &[]);
    let body = json!({ "token": { "scopes": ["sql"] }, "update_mask": "scopes" });
    let changed = api.patch(&format!("{TOKENS}/{id}"), &api.pat(), body).await.ok();
    assert_eq!(changed["scopes"], json!(["sql"]));
    api.get(TOKENS, &value).await.ok();
    api.workspace.advance_clock(600_000);
    let message = "Provided access token does not have required scopes: authentication";
    api.get(TOKENS, &value).await.assert_missing_scope(message);
}

#[tokio::test]
async fn edge_73_the_scopes_of_a_new_token_are_sorted() {
    let api = Api::start().await;
    let body = json!({ "lifetime_seconds": 7_776_000, "scopes": ["sql", "authentication"], "autoscope_enabled": true });
    let created = api.post(CREATE, &api.pat(), body).await.ok();
    assert_eq!(created["token_info"]["scopes"], json!(["authentication", "sql"]));
}

#[tokio::test]
async fn edge_74_a_row_can_have_a_state_that_no_sdk_knows() {
    let api = Api::start().await;
    let tokens = api.tokens(&api.pat()).await;
    let paused = tokens
        .iter()
        .filter(|token| token["autoscope_state"] == "AUTOSCOPE_STATE_PAUSED");
    assert_eq!(paused.count(), 1);
    // A reset restores the token, and discards recorded uses.
    api.workspace.change(Change::RemoveAllTokens).unwrap();
    api.workspace.reset();
    assert_eq!(api.tokens(&api.pat()).await.len(), tokens.len());
}
