//! Workspace configuration.

use domain::{MaxLifetime, Policy};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::{body_json, query_param};
use workspace_client::{ConfRefusal, ErrorKind};

use crate::fake_workspace::{CONF, Workspace, error, ok, on};

async fn policy(body: Value) -> Result<Policy, ErrorKind> {
    let workspace = Workspace::start().await;
    workspace.answer("GET", CONF, ok(body)).await;
    workspace.api().policy().await.map_err(|e| e.kind)
}

fn read(enabled: bool, max_lifetime: MaxLifetime) -> Result<Policy, ErrorKind> {
    Ok(Policy { enabled, max_lifetime })
}

#[tokio::test]
async fn case_01_one_flat_object_of_text() {
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
            max_lifetime: MaxLifetime::Days(90)
        }
    );
}

#[tokio::test]
async fn case_01_what_was_never_set() {
    let usual = read(true, MaxLifetime::NoCustomLimit);
    assert_eq!(policy(json!({})).await, usual);
    let null = json!({ "enableTokensConfig": null, "maxTokenLifetimeDays": null });
    assert_eq!(policy(null).await, usual);
    for text in ["null", "false", "", "0"] {
        assert_eq!(policy(json!({ "maxTokenLifetimeDays": text })).await, usual, "{text}");
    }
}

#[tokio::test]
async fn case_07_text_is_echoed_as_it_was_written() {
    let usual = read(true, MaxLifetime::NoCustomLimit);
    assert_eq!(policy(json!({ "enableTokensConfig": "TRue" })).await, usual);
}

#[tokio::test]
async fn booleans_and_numbers_are_read_too() {
    let body = json!({ "enableTokensConfig": false, "maxTokenLifetimeDays": 30 });
    assert_eq!(policy(body).await, read(false, MaxLifetime::Days(30)));
}

#[tokio::test]
async fn a_value_that_means_nothing_known_is_not_guessed() {
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
async fn case_06_a_change_is_text_and_its_success_is_empty() {
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
async fn case_03_and_04_refusals_are_told_apart() {
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
            .answer("PATCH", CONF, error(400, "BAD_REQUEST", message))
            .await;
        let failed = workspace
            .api()
            .set_max_token_lifetime(MaxLifetime::Days(60))
            .await
            .unwrap_err();
        assert_eq!((&failed.kind, failed.refusal()), (&ErrorKind::Rejected, Some(refusal)));
        assert_eq!(failed.message(), Some(message));
    }
}

#[tokio::test]
async fn a_message_may_be_a_list() {
    let workspace = Workspace::start().await;
    let body = json!({ "error_code": "BAD_REQUEST", "message": ["Invalid keys: [\"x\"]"] });
    let response = ResponseTemplate::new(400).set_body_json(body);
    workspace.answer("PATCH", CONF, response).await;
    let failed = workspace.api().set_tokens_enabled(true).await.unwrap_err();
    assert_eq!(failed.refusal(), Some(ConfRefusal::InvalidKeys));
}
