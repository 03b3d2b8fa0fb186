//! Workspace configuration.

use domain::{MaxLifetime, Policy};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::{body_json, query_param};
use workspace_client::{ConfRefusal, ErrorKind};

use crate::fake_workspace::{CONF, Workspace, error, ok, on};

async fn whole_policy(body: Value) -> Result<Policy, ErrorKind> {
    let workspace = Workspace::start().await;
    workspace.respond("GET", CONF, ok(body)).await;
    workspace.api().policy().await.map_err(|e| e.kind)
}

/// Whether tokens are enabled, and the limit.
type EnabledAndLimit = Result<(bool, MaxLifetime), ErrorKind>;

async fn policy(body: Value) -> EnabledAndLimit {
    whole_policy(body)
        .await
        .map(|policy| (policy.enabled, policy.max_lifetime))
}

fn read(enabled: bool, max_lifetime: MaxLifetime) -> EnabledAndLimit {
    Ok((enabled, max_lifetime))
}

#[tokio::test]
async fn case_01_the_policy_is_read_from_a_flat_object_of_text() {
    let workspace = Workspace::start().await;
    on("GET", CONF)
        .and(query_param("keys", "enableTokensConfig,maxTokenLifetimeDays"))
        .respond_with(ok(
            json!({ "enableTokensConfig": "true", "maxTokenLifetimeDays": "90" }),
        ))
        .mount(&workspace.server)
        .await;
    assert_eq!(
        workspace.api().policy().await.unwrap(),
        Policy {
            enabled: true,
            max_lifetime: MaxLifetime::Days(90),
            is_switch_set: true,
            is_limit_set: true,
        }
    );
}

#[tokio::test]
async fn case_01_settings_that_were_never_set_have_their_default() {
    let default = read(true, MaxLifetime::NoCustomLimit);
    assert_eq!(policy(json!({})).await, default);
    let null = json!({ "enableTokensConfig": null, "maxTokenLifetimeDays": null });
    assert_eq!(policy(null).await, default);
    for text in ["null", "false", "", "0"] {
        assert_eq!(policy(json!({ "maxTokenLifetimeDays": text })).await, default, "{text}");
    }
}

#[tokio::test]
async fn a_setting_that_was_never_set_is_told_apart_from_one_with_the_same_effect() {
    for (body, is_switch_set, is_limit_set) in [
        (json!({}), false, false),
        (
            json!({ "enableTokensConfig": null, "maxTokenLifetimeDays": "null" }),
            false,
            false,
        ),
        (
            json!({ "enableTokensConfig": "", "maxTokenLifetimeDays": "" }),
            false,
            false,
        ),
        (
            json!({ "enableTokensConfig": "TRue", "maxTokenLifetimeDays": "false" }),
            true,
            false,
        ),
        (
            json!({ "enableTokensConfig": "false", "maxTokenLifetimeDays": "0" }),
            true,
            true,
        ),
    ] {
        let policy = whole_policy(body.clone()).await.unwrap();
        let set = (policy.is_switch_set, policy.is_limit_set);
        assert_eq!(set, (is_switch_set, is_limit_set), "{body}");
    }
}

#[tokio::test]
async fn case_07_text_is_read_in_any_case() {
    let default = read(true, MaxLifetime::NoCustomLimit);
    assert_eq!(policy(json!({ "enableTokensConfig": "TRue" })).await, default);
}

#[tokio::test]
async fn booleans_and_numbers_are_read_too() {
    let body = json!({ "enableTokensConfig": false, "maxTokenLifetimeDays": 30 });
    assert_eq!(policy(body).await, read(false, MaxLifetime::Days(30)));
}

#[tokio::test]
async fn a_value_with_an_unknown_meaning_is_an_error() {
    for (key, value) in [
        ("enableTokensConfig", json!("maybe")),
        ("maxTokenLifetimeDays", json!("soon")),
        ("maxTokenLifetimeDays", json!(["90"])),
    ] {
        let path = key.to_owned();
        assert_eq!(
            policy(json!({ key: value })).await,
            Err(ErrorKind::Undecodable { path })
        );
    }
}

#[tokio::test]
async fn case_06_a_change_is_sent_as_text_and_its_response_is_empty() {
    let workspace = Workspace::start().await;
    for (body, status) in [
        (json!({ "enableTokensConfig": "false" }), 204),
        (json!({ "maxTokenLifetimeDays": "60" }), 200),
        (json!({ "maxTokenLifetimeDays": "0" }), 204),
    ] {
        on("PATCH", CONF)
            .and(body_json(body))
            .respond_with(ResponseTemplate::new(status))
            .expect(1)
            .mount(&workspace.server)
            .await;
    }
    let api = workspace.api();
    api.set_tokens_enabled(false).await.unwrap();
    api.set_max_token_lifetime(MaxLifetime::Days(60)).await.unwrap();
    api.set_max_token_lifetime(MaxLifetime::NoCustomLimit).await.unwrap();
}

#[tokio::test]
async fn case_03_and_04_refusals_are_told_apart_by_their_message() {
    for (message, refusal) in [
        (r#"Invalid keys: ["enableTokensConfig"]"#, ConfRefusal::InvalidKeys),
        (
            r#"Some values are not allowed: {"maxTokenLifetimeDays":"60"}"#,
            ConfRefusal::ValuesNotAllowed,
        ),
        ("Not today", ConfRefusal::Other),
    ] {
        let workspace = Workspace::start().await;
        workspace
            .respond("PATCH", CONF, error(400, "BAD_REQUEST", message))
            .await;
        let error = workspace
            .api()
            .set_max_token_lifetime(MaxLifetime::Days(60))
            .await
            .unwrap_err();
        assert_eq!((&error.kind, error.refusal()), (&ErrorKind::Rejected, Some(refusal)));
        assert_eq!(error.message(), Some(message));
    }
}

#[tokio::test]
async fn a_message_can_be_a_list() {
    let workspace = Workspace::start().await;
    let body = json!({ "error_code": "BAD_REQUEST", "message": ["Invalid keys: [\"x\"]"] });
    let response = ResponseTemplate::new(400).set_body_json(body);
    workspace.respond("PATCH", CONF, response).await;
    let error = workspace.api().set_tokens_enabled(true).await.unwrap_err();
    assert_eq!(error.refusal(), Some(ConfRefusal::InvalidKeys));
}
