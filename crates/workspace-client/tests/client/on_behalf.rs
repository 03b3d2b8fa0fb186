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
const APPLICATION_ID: &str = "3f1c1d5e-0c3a-4a0f-9f3a-6f2b8f0f7a11";

fn new() -> CreateTokenRequest {
    CreateTokenRequest {
        lifetime: Duration::from_secs(7_776_000),
        comment: "etl".to_owned(),
        scopes: vec!["sql".to_owned(), "jobs".to_owned()],
        autoscope: true,
    }
}

fn info() -> Value {
    json!({ "token_id": "55aa", "comment": "etl", "owner_id": 8_899_001_122_334_455_i64 })
}

/// Creates a token in a workspace that sends this response.
async fn create(response: ResponseTemplate) -> (Workspace, Result<CreatedToken, Error>) {
    let workspace = Workspace::start().await;
    workspace.respond("POST", CREATE, response).await;
    let created = workspace.api().create_on_behalf_of(APPLICATION_ID, &new()).await;
    (workspace, created)
}

#[tokio::test]
async fn case_32_the_response_has_the_token_and_its_value() {
    let workspace = Workspace::start().await;
    let body = json!({ "application_id": APPLICATION_ID, "lifetime_seconds": 7_776_000, "comment": "etl",
                        "scopes": ["sql", "jobs"], "autoscope_enabled": true });
    on("POST", CREATE)
        .and(body_json(body))
        .respond_with(ok(json!({ "token_value": VALUE, "token_info": info() })))
        .expect(1)
        .mount(&workspace.server)
        .await;
    let created = workspace
        .api()
        .create_on_behalf_of(APPLICATION_ID, &new())
        .await
        .unwrap();
    assert_eq!(created.id, TokenId::new("55aa"));
    assert_eq!(
        created.token.as_ref().unwrap().owner,
        Some(PrincipalId::new(8_899_001_122_334_455))
    );
    assert_eq!(created.value.as_ref().unwrap().expose_secret(), VALUE);
    assert!(!format!("{created:?}").contains(VALUE));
}

#[tokio::test]
async fn an_empty_comment_and_empty_scopes_are_left_out() {
    let workspace = Workspace::start().await;
    on("POST", CREATE)
        .and(body_json(
            json!({ "application_id": APPLICATION_ID, "lifetime_seconds": 86_400, "autoscope_enabled": false }),
        ))
        .respond_with(ok(json!({ "token_value": VALUE, "token_info": info() })))
        .expect(1)
        .mount(&workspace.server)
        .await;
    let new = CreateTokenRequest {
        lifetime: Duration::from_secs(86_400),
        comment: String::new(),
        scopes: Vec::new(),
        autoscope: false,
    };
    workspace.api().create_on_behalf_of(APPLICATION_ID, &new).await.unwrap();
}

#[tokio::test]
async fn a_token_of_the_callers_own_names_no_service_principal() {
    let workspace = Workspace::start().await;
    on("POST", "/api/2.0/token/create")
        .and(body_json(json!({
            "comment": "etl", "lifetime_seconds": 3600, "scopes": ["sql", "jobs"], "autoscope_enabled": false,
        })))
        .respond_with(ok(json!({ "token_value": VALUE, "token_info": info() })))
        .expect(1)
        .mount(&workspace.server)
        .await;
    let new = CreateTokenRequest {
        lifetime: Duration::from_secs(3600),
        autoscope: false,
        ..new()
    };
    let created = workspace.api().create_own_token(&new).await.unwrap();
    assert_eq!(created.value.unwrap().expose_secret(), VALUE);
}

#[tokio::test]
async fn the_response_can_lack_the_value_or_the_token() {
    let (_, bare) = create(ok(info())).await;
    let bare = bare.unwrap();
    assert_eq!((bare.id.as_str(), bare.value.is_none()), ("55aa", true));
    let (_, no_value) = create(ok(json!({ "token_info": info() }))).await;
    assert!(no_value.unwrap().value.is_none());
    let (_, only_value) = create(ok(json!({ "token_value": VALUE }))).await;
    let only_value = only_value.unwrap();
    assert_eq!(only_value.id, Credential::new(VALUE.to_owned().into()).token_id());
    assert!(only_value.token.is_none());
}

#[tokio::test]
async fn the_error_of_an_unreadable_response_has_its_path_and_not_the_value() {
    for (body, path) in [
        (
            json!({ "token_value": VALUE, "token_info": { "token_id": [VALUE] } }),
            "token_info.token_id",
        ),
        (json!({ "token_value": { "value": VALUE } }), "token_value"),
        (json!({ "token_value": null, "token_info": null }), "token_info"),
        (json!({}), "."),
    ] {
        let (_, created) = create(ok(body)).await;
        let error = created.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Undecodable { path: path.into() });
        assert!(!format!("{error:?} {error}").contains(VALUE));
    }
}

#[tokio::test]
async fn a_creation_is_sent_once_whatever_the_response_is() {
    for response in [
        error(429, "RESOURCE_EXHAUSTED", "slow down"),
        error(503, "TEMPORARILY_UNAVAILABLE", "later"),
        error(500, "INTERNAL_ERROR", "Unexpected error"),
        ResponseTemplate::new(200),
    ] {
        let (workspace, created) = create(response).await;
        created.unwrap_err();
        assert_eq!(workspace.requests().await.len(), 1);
    }
}

#[tokio::test]
async fn the_reason_of_a_refusal_is_recognised() {
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
            &format!("{APPLICATION_ID} does not exist"),
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
            Some(Why::CannotUseTokens),
        ),
        (
            403,
            "PERMISSION_DENIED",
            "You need the Service Principal User role on this service principal.",
            Some(Why::Restricted),
        ),
        (
            403,
            "PERMISSION_DENIED",
            "You cannot do that here.",
            Some(Why::NotAllowed),
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
        let (_, created) = create(error(status, code, message)).await;
        assert_eq!(created.unwrap_err().creation_refusal(), why, "{message}");
    }
    let (_, expired) = create(ResponseTemplate::new(403).set_body_json(json!({ "error_code": 403,
        "message": "Invalid access token." })))
    .await;
    assert_eq!(expired.unwrap_err().creation_refusal(), None);
}
