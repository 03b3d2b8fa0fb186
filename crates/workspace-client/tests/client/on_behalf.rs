//! Creating a token for a service principal.

use std::time::Duration;

use domain::{PrincipalId, TokenId};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::body_json;
use workspace_client::{CreateTokenRequest, CreatedToken, CreationRefusal, Credential, Error, ErrorKind};

use crate::fake_workspace::{VALUE, Workspace, error, ok, on};

const CREATE: &str = "/api/2.0/token-management/on-behalf-of/tokens";
const SERVICE: &str = "3f1c1d5e-0c3a-4a0f-9f3a-6f2b8f0f7a11";

fn new() -> CreateTokenRequest {
    CreateTokenRequest {
        application_id: SERVICE.to_owned(),
        lifetime: Duration::from_secs(7_776_000),
        comment: "etl".to_owned(),
        scopes: vec!["sql".to_owned(), "jobs".to_owned()],
    }
}

fn info() -> Value {
    json!({ "token_id": "55aa", "comment": "etl", "owner_id": 8_899_001_122_334_455_i64 })
}

async fn answered(response: ResponseTemplate) -> (Workspace, Result<CreatedToken, Error>) {
    let workspace = Workspace::start().await;
    workspace.answer("POST", CREATE, response).await;
    let created = workspace.api().create_on_behalf_of(&new()).await;
    (workspace, created)
}

#[tokio::test]
async fn case_32_value_and_token_come_together() {
    let workspace = Workspace::start().await;
    let asked = json!({ "application_id": SERVICE, "lifetime_seconds": 7_776_000, "comment": "etl",
                        "scopes": ["sql", "jobs"] });
    on("POST", CREATE)
        .and(body_json(asked))
        .respond_with(ok(json!({ "token_value": VALUE, "token_info": info() })))
        .expect(1)
        .mount(&workspace.server)
        .await;
    let created = workspace.api().create_on_behalf_of(&new()).await.unwrap();
    assert_eq!(created.id, TokenId::new("55aa"));
    assert_eq!(
        created.token.as_ref().unwrap().owner,
        Some(PrincipalId::new(8_899_001_122_334_455))
    );
    assert_eq!(created.value.as_ref().unwrap().expose_secret(), VALUE);
    assert!(!format!("{created:?}").contains(VALUE));
}

#[tokio::test]
async fn what_is_empty_is_left_out() {
    let workspace = Workspace::start().await;
    on("POST", CREATE)
        .and(body_json(
            json!({ "application_id": SERVICE, "lifetime_seconds": 86_400 }),
        ))
        .respond_with(ok(json!({ "token_value": VALUE, "token_info": info() })))
        .expect(1)
        .mount(&workspace.server)
        .await;
    let new = CreateTokenRequest {
        lifetime: Duration::from_secs(86_400),
        comment: String::new(),
        scopes: Vec::new(),
        ..new()
    };
    workspace.api().create_on_behalf_of(&new).await.unwrap();
}

#[tokio::test]
async fn an_answer_with_less() {
    let (_, bare) = answered(ok(info())).await;
    let bare = bare.unwrap();
    assert_eq!((bare.id.as_str(), bare.value.is_none()), ("55aa", true));
    let (_, no_value) = answered(ok(json!({ "token_info": info() }))).await;
    assert!(no_value.unwrap().value.is_none());
    let (_, only_value) = answered(ok(json!({ "token_value": VALUE }))).await;
    let only_value = only_value.unwrap();
    assert_eq!(only_value.id, Credential::new(VALUE.to_owned().into()).token_id());
    assert!(only_value.token.is_none());
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_names_the_place_and_not_the_value() {
    for (body, path) in [
        (
            json!({ "token_value": VALUE, "token_info": { "token_id": [VALUE] } }),
            "token_info.token_id",
        ),
        (json!({ "token_value": { "value": VALUE } }), "token_value"),
        (json!({ "token_value": null, "token_info": null }), "token_info"),
        (json!({}), "."),
    ] {
        let (_, failed) = answered(ok(body)).await;
        let failed = failed.unwrap_err();
        assert_eq!(failed.kind, ErrorKind::Undecodable { path: path.into() });
        assert!(!format!("{failed:?} {failed}").contains(VALUE));
    }
}

#[tokio::test]
async fn it_is_sent_once_whatever_comes_back() {
    for response in [
        error(429, "RESOURCE_EXHAUSTED", "slow down"),
        error(503, "TEMPORARILY_UNAVAILABLE", "later"),
        error(500, "INTERNAL_ERROR", "Unexpected error"),
        ResponseTemplate::new(200),
    ] {
        let (workspace, failed) = answered(response).await;
        failed.unwrap_err();
        assert_eq!(workspace.requests().await.len(), 1);
    }
}

#[tokio::test]
async fn why_it_is_refused() {
    use CreationRefusal as Why;
    let invalid = "INVALID_PARAMETER_VALUE";
    for (status, code, message, why) in [
        (
            404,
            "FEATURE_DISABLED",
            "On-behalf-of token creation for service principals is not enabled for this workspace",
            Some(Why::NotOffered),
        ),
        (
            404,
            "ENDPOINT_NOT_FOUND",
            "No API found for 'POST /x'",
            Some(Why::NotOffered),
        ),
        (
            404,
            "FEATURE_DISABLED",
            "Token management is not enabled for this feature tier",
            None,
        ),
        (404, "FEATURE_DISABLED", "Tokens are disabled.", None),
        (
            400,
            invalid,
            &format!("{SERVICE} does not exist"),
            Some(Why::UnknownServicePrincipal),
        ),
        (
            400,
            invalid,
            "User 4411 is not a service principal",
            Some(Why::NotAServicePrincipal),
        ),
        (
            400,
            invalid,
            "Token lifetime must be less than or equal to the workspace max of 30 days",
            Some(Why::LifetimeTooLong { most_days: Some(30) }),
        ),
        (
            400,
            invalid,
            "Token lifetime must be less than or equal to the workspace max of 2592000",
            Some(Why::LifetimeTooLong { most_days: None }),
        ),
        (
            400,
            "BAD_REQUEST",
            "requirement failed: Invalid timeout: 0",
            Some(Why::BadLifetime),
        ),
        (
            403,
            "PERMISSION_DENIED",
            "Service principal x does not have permission to use tokens.",
            Some(Why::MayNotUseTokens),
        ),
        (
            403,
            "PERMISSION_DENIED",
            "You need the Service Principal User role on this service principal.",
            Some(Why::Restricted),
        ),
        (403, "PERMISSION_DENIED", "Requesting user 'x@y' is not an admin.", None),
        (
            401,
            "PERMISSION_DENIED",
            "Only Admins can access token management APIs",
            None,
        ),
        (
            400,
            "QUOTA_EXCEEDED",
            "The quota of 600 tokens has been reached.",
            Some(Why::QuotaExceeded),
        ),
        (
            429,
            "QUOTA_EXCEEDED",
            "The quota has been reached.",
            Some(Why::QuotaExceeded),
        ),
        (400, invalid, "Scope 'sqll' is not valid", None),
    ] {
        let (_, failed) = answered(error(status, code, message)).await;
        assert_eq!(failed.unwrap_err().creation_refusal(), why, "{message}");
    }
    let (_, expired) = answered(ResponseTemplate::new(403).set_body_json(json!({ "error_code": 403,
        "message": "Invalid access token." })))
    .await;
    assert_eq!(expired.unwrap_err().creation_refusal(), None);
}
