//! Every form of an error response, and its kind.

use serde_json::json;
use wiremock::ResponseTemplate;
use workspace_client::{Error, ErrorKind};

use crate::fake_workspace::{ADMIN, ME, TOKENS, VALUE, Workspace, error};

/// The error of listing tokens with this response.
async fn failure(response: ResponseTemplate) -> Error {
    let workspace = Workspace::start().await;
    workspace.respond("GET", TOKENS, response).await;
    workspace.api().tokens().await.unwrap_err()
}

async fn kind(response: ResponseTemplate) -> ErrorKind {
    failure(response).await.kind
}

fn numbered(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "error_code": status, "message": message }))
}

fn text(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string(body)
}

fn page(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "text/html;charset=utf-8")
}

#[tokio::test]
async fn case_35_the_caller_is_not_an_admin() {
    for response in [
        error(
            403,
            "PERMISSION_DENIED",
            &format!("Requesting user '{ADMIN}' is not an admin."),
        ),
        error(401, "PERMISSION_DENIED", "Only Admins can access token management APIs"),
        error(
            401,
            "PERMISSION_DENIED",
            "Please contact the owner or an administrator for access.",
        ),
        error(
            403,
            "PERMISSION_DENIED",
            "Requesting user 'scope.creep@example.com' is not an admin.",
        ),
        error(403, "CUSTOMER_UNAUTHORIZED", "This API is not for you"),
        error(
            400,
            "PERMISSION_DENIED",
            "unauthorized to perform ReadAction on /org_admin_conf/x",
        ),
        error(
            400,
            "BAD_REQUEST",
            "unauthorized to perform ReadAction on /org_admin_conf/x",
        ),
    ] {
        assert_eq!(kind(response).await, ErrorKind::NotAllowed);
    }
}

#[tokio::test]
async fn case_54_and_55_a_bad_credential_is_recognised() {
    for response in [
        numbered(403, "Invalid access token."),
        numbered(
            403,
            "Invalid access token. [ReqId: 2f7d1c2e-9a10-4d36-8f5e-1f0f6c0f7a55]",
        ),
        numbered(
            401,
            "Credential was not sent or was of an unsupported type for this API.",
        ),
        page(
            403,
            "<html><head><title>Error 403 Invalid access token.</title></head><pre>    Invalid access token.</pre>",
        ),
        ResponseTemplate::new(403).insert_header("x-databricks-reason-phrase", "Invalid access token."),
    ] {
        assert_eq!(kind(response).await, ErrorKind::BadCredential);
    }
}

#[tokio::test]
async fn case_59_a_token_in_its_last_seconds_is_a_bad_credential() {
    let response = text(403, "Token is expiring within 30 seconds. (token expired)");
    assert_eq!(kind(response).await, ErrorKind::BadCredential);
}

#[tokio::test]
async fn a_credential_that_cannot_be_in_a_header_is_not_sent() {
    let workspace = Workspace::start().await;
    let credential = workspace_client::Credential::new("dapi\nabc".to_owned().into());
    let error = workspace.client.with(&credential).me().await.unwrap_err();
    assert_eq!(
        (error.kind, workspace.requests().await.len()),
        (ErrorKind::BadCredential, 0)
    );
}

#[tokio::test]
async fn a_missing_scope_is_recognised() {
    let message = "Provided OAuth token does not have required scopes: authentication";
    for response in [error(403, "PERMISSION_DENIED", message), numbered(403, message)] {
        assert_eq!(kind(response).await, ErrorKind::ScopeMissing);
    }
}

#[tokio::test]
async fn case_46_the_caller_has_no_permission_to_use_tokens() {
    let message = "User does not have permission to use tokens.";
    assert_eq!(
        kind(error(403, "PERMISSION_DENIED", message)).await,
        ErrorKind::TokensNotAllowed
    );
}

#[tokio::test]
async fn case_63_a_blocked_network_is_recognised() {
    let login_page = "https://x.example/login.html?error=private-link-validation-error:7";
    for response in [
        text(
            403,
            "Source IP address: 203.0.113.9 is blocked by Databricks IP ACL for workspace: 7",
        ),
        numbered(
            403,
            "Source IP address: 203.0.113.9 is blocked by Databricks IP ACL for workspace: 7",
        ),
        error(403, "PERMISSION_DENIED", "Unauthorized network access to workspace 7"),
        ResponseTemplate::new(302).insert_header("location", login_page),
    ] {
        assert_eq!(kind(response).await, ErrorKind::IpBlocked);
    }
}

#[tokio::test]
async fn case_09_and_26_disabled_tokens_are_told_from_a_missing_feature() {
    let off = |tokens_disabled| ErrorKind::FeatureOff { tokens_disabled };
    assert_eq!(
        kind(error(404, "FEATURE_DISABLED", "Tokens are disabled.")).await,
        off(true)
    );
    let tier = "Token management is not enabled for this feature tier";
    assert_eq!(kind(error(404, "FEATURE_DISABLED", tier)).await, off(false));
}

#[tokio::test]
async fn case_61_not_found_is_recognised_in_every_form() {
    for response in [
        error(404, "ENDPOINT_NOT_FOUND", "No API found for 'GET /api/2.0/xyz'"),
        error(404, "NOT_FOUND", "Token does not exist"),
        error(400, "RESOURCE_DOES_NOT_EXIST", "gone"),
        text(404, "Not Found"),
        ResponseTemplate::new(404),
    ] {
        assert_eq!(kind(response).await, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn other_refusals_are_rejections() {
    for response in [
        error(400, "INVALID_PARAMETER_VALUE", "no"),
        error(409, "ABORTED", "no"),
        text(400, "no"),
        ResponseTemplate::new(400).set_body_json(json!({ "error": "of API 1.2" })),
    ] {
        assert_eq!(kind(response).await, ErrorKind::Rejected);
    }
}

#[tokio::test]
async fn case_52_a_scim_error_has_its_status_as_code() {
    let workspace = Workspace::start().await;
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400",
                       "detail": "Given filter operator is not supported", "scimType": "invalidValue" });
    workspace
        .respond("GET", ME, ResponseTemplate::new(400).set_body_json(body))
        .await;
    let error = workspace.api().me().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Rejected);
    assert_eq!(error.upstream.as_ref().unwrap().code.as_deref(), Some("SCIM_400"));
    assert_eq!(
        error.message(),
        Some("invalidValue Given filter operator is not supported")
    );
}

#[tokio::test]
async fn failures_of_the_workspace_have_their_status() {
    for (status, response) in [
        (500, error(500, "INTERNAL_ERROR", "oops")),
        (500, text(500, "INTERNAL_ERROR: oops")),
        (502, page(502, "<h1>Bad Gateway</h1>")),
        (504, ResponseTemplate::new(504)),
        (504, error(500, "DEADLINE_EXCEEDED", "slow")),
        (
            503,
            error(
                500,
                "TEMPORARILY_UNAVAILABLE",
                "Authentication is temporarily unavailable",
            ),
        ),
    ] {
        assert_eq!(
            kind(response).await,
            ErrorKind::Server {
                status,
                retry_after: None
            }
        );
    }
}

#[tokio::test]
async fn a_web_page_instead_of_data_is_recognised() {
    for response in [
        page(200, "<!doctype html><title>Sign in</title>"),
        page(200, ""),
        ResponseTemplate::new(200).set_body_raw("\n <html>", "application/json"),
        page(404, "<title>Not here</title>"),
        page(403, "<title>Blocked by your company</title>"),
        page(407, "<title>Proxy</title>"),
    ] {
        assert_eq!(kind(response).await, ErrorKind::UnexpectedHtml);
    }
}

#[tokio::test]
async fn case_62_a_redirect_is_not_followed() {
    let workspace = Workspace::start().await;
    for status in [301, 302, 303, 307, 308] {
        // The target exists and would respond.
        let target = format!("{}{ME}", workspace.server.uri());
        workspace
            .first(
                1,
                "GET",
                TOKENS,
                ResponseTemplate::new(status).insert_header("location", target),
            )
            .await;
        assert_eq!(workspace.api().tokens().await.unwrap_err().kind, ErrorKind::Redirect);
    }
    assert!(
        workspace
            .requests()
            .await
            .iter()
            .all(|request| request.url.path() == TOKENS)
    );
}

#[tokio::test]
async fn the_request_id_is_read_from_header_details_and_message() {
    let id = "2f7d1c2e-9a10-4d36-8f5e-1f0f6c0f7a55";
    let info = json!({ "@type": "type.googleapis.com/google.rpc.RequestInfo", "request_id": id });
    let body = json!({ "error_code": "X", "message": "no", "details": [info] });
    for response in [
        error(400, "X", "no").insert_header("x-request-id", id),
        ResponseTemplate::new(400).set_body_json(body),
        error(400, "X", &format!("no [ReqId: {id}]")),
    ] {
        let error = failure(response).await;
        assert_eq!((error.request_id(), error.message()), (Some(id), Some("no")));
    }
    let hostile = error(400, "X\n", "no").insert_header("x-request-id", "<script>");
    let upstream = failure(hostile).await.upstream.unwrap();
    assert_eq!((upstream.request_id, upstream.code), (None, None));
}

#[tokio::test]
async fn a_message_contains_no_credentials_and_no_control_characters() {
    let other = "dapi00112233445566778899aabbccddeeff-2";
    let message = format!("a\r\n\u{1b}[31m{VALUE} {other} {}", "é".repeat(9000));
    let error = failure(error(400, "X", &message)).await;
    let shown = error.message().unwrap();
    assert!(shown.starts_with("a   [31m[redacted] [redacted] é"), "{shown}");
    assert_eq!(shown.chars().count(), 501);
    assert_eq!(error.to_string(), "request rejected");
}

#[tokio::test]
async fn a_credential_of_any_form_is_redacted_in_messages() {
    let workspace = Workspace::start().await;
    workspace.respond("GET", ME, error(400, "X", "you sent s3cret")).await;
    let credential = workspace_client::Credential::new("s3cret".to_owned().into());
    let error = workspace.client.with(&credential).me().await.unwrap_err();
    assert_eq!(error.message(), Some("you sent [redacted]"));
}
