//! What a refusal means, row by row in the order in which it is decided: the first that matches. A read, a change and a
//! refresh of an access token are refused with the same words.

use serde_json::json;
use wiremock::ResponseTemplate;
use workspace_client::{ErrorKind, oidc};

use crate::fake_workspace::{ME, TOKENS, Workspace, error, me, ok};
use crate::oauth::{app, endpoints};

/// A refusal, its row, and its kind while the workspace still says whose the credential is.
type Row = (u8, ResponseTemplate, ErrorKind);

fn numbered(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "error_code": status, "message": message }))
}

fn text(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string(body)
}

fn page(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "text/html;charset=utf-8")
}

fn reason(response: ResponseTemplate, text: &str) -> ResponseTemplate {
    response.insert_header("x-databricks-reason-phrase", text)
}

fn rows() -> Vec<Row> {
    use ErrorKind::{
        BadCredential, FeatureOff, GatewayRefusal, IpBlocked, NotAllowed, NotInWorkspace, Redirect, Rejected,
        ScopeMissing, TokensNotAllowed, UnexpectedHtml, WorkspaceIdMissing,
    };
    let login = r#"<html><title>Login</title><form><input type="password"></form> Invalid access token.</html>"#;
    let blocked = "Source IP address: 203.0.113.9 is blocked by Databricks IP ACL for workspace: 7";
    vec![
        (
            1,
            ResponseTemplate::new(302).insert_header("location", "/login.html"),
            Redirect,
        ),
        (1, page(403, login), UnexpectedHtml),
        (2, text(403, blocked), IpBlocked),
        (2, numbered(403, &blocked.to_uppercase()), IpBlocked),
        (
            2,
            page(403, &format!("<html><title>Error</title><pre>{blocked}</pre></html>")),
            IpBlocked,
        ),
        (
            2,
            numbered(403, "Unauthorized network access to workspace 7 [ReqId: 1]"),
            IpBlocked,
        ),
        (
            3,
            numbered(
                403,
                "Provided access token does not have required scopes: settings [ReqId: 1]",
            ),
            ScopeMissing,
        ),
        (
            3,
            error(403, "PERMISSION_DENIED", "Invalid scope, required scopes: sql"),
            ScopeMissing,
        ),
        (
            4,
            numbered(403, "Invalid access to Org: 7001002003004005"),
            NotInWorkspace,
        ),
        (4, numbered(403, "Unauthorized access to Org: 7"), NotInWorkspace),
        (4, numbered(400, "Invalid access to Org: 7"), NotInWorkspace),
        (4, numbered(403, "User not authorized."), NotInWorkspace),
        (
            4,
            reason(ResponseTemplate::new(403), "Invalid access to Org: 7"),
            NotInWorkspace,
        ),
        (
            4,
            reason(page(403, "<title>Error 403</title>"), "Invalid access to Org: 7"),
            NotInWorkspace,
        ),
        (5, text(400, "Unable to load OAuth Config"), WorkspaceIdMissing),
        (6, text(400, "Invalid Token"), NotInWorkspace),
        (
            7,
            error(403, "PERMISSION_DENIED", "User does not have permission to use tokens."),
            TokensNotAllowed,
        ),
        (
            8,
            error(404, "FEATURE_DISABLED", "Tokens are disabled."),
            FeatureOff { tokens_disabled: true },
        ),
        (
            8,
            numbered(403, "Tokens are disabled."),
            FeatureOff { tokens_disabled: true },
        ),
        (9, error(403, "PERMISSION_DENIED", "Invalid access token."), NotAllowed),
        (9, error(401, "PERMISSION_DENIED", "Only admins can"), NotAllowed),
        (9, error(403, "INVALID_STATE", "no"), NotAllowed),
        (
            10,
            numbered(
                403,
                "Invalid access token. [ReqId: 2f7d1c2e-9a10-4d36-8f5e-1f0f6c0f7a55]",
            ),
            BadCredential,
        ),
        (
            10,
            page(
                403,
                "<html><title>Error 403</title><pre>  Invalid access token.</pre></html>",
            ),
            BadCredential,
        ),
        (
            10,
            reason(ResponseTemplate::new(403), "Invalid access token."),
            BadCredential,
        ),
        (
            10,
            numbered(
                401,
                "Credential was not sent or was of an unsupported type for this API.",
            ),
            BadCredential,
        ),
        (
            10,
            text(403, "Token is expiring within 30 seconds. (token expired)"),
            BadCredential,
        ),
        (10, text(401, "Invalid Token"), BadCredential),
        // With the credential's owner known, a refusal that says nothing is one of this call.
        (11, ResponseTemplate::new(401), Rejected),
        (11, numbered(401, "Who are you?"), Rejected),
        (11, numbered(403, "Invalid Token"), Rejected),
        (11, error(401, "UNAUTHENTICATED", "Request had none"), Rejected),
        // In no row: nothing of the workspace's speaks.
        (0, ResponseTemplate::new(403), GatewayRefusal),
        (0, text(403, "Forbidden"), GatewayRefusal),
        (0, page(403, "<title>403 Forbidden</title>"), UnexpectedHtml),
        (
            0,
            page(401, "<title>401 Authorization Required</title>"),
            UnexpectedHtml,
        ),
    ]
}

#[tokio::test]
async fn a_refused_read_and_a_refused_change_have_the_kind_of_their_row() {
    for (row, response, expected) in rows() {
        let workspace = Workspace::start().await;
        let one = format!("{TOKENS}/a");
        workspace.respond("GET", TOKENS, response.clone()).await;
        workspace.respond("DELETE", &one, response.clone()).await;
        workspace.respond("GET", ME, ok(me())).await;
        let read = workspace.api().tokens().await.unwrap_err();
        let change = workspace.api().revoke(&domain::TokenId::new("a")).await.unwrap_err();
        let asked = workspace.requests().await;
        let asked = asked.iter().filter(|request| request.url.path() == ME).count();
        assert_eq!(
            (&read.kind, &change.kind, asked),
            (&expected, &expected, if row == 11 { 2 } else { 0 }),
            "row {row}: {response:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_refusal_ends_a_sign_in_only_if_asking_for_the_owner_is_refused_too() {
    let unknown = || numbered(403, "Something is wrong");
    for (me, expected) in [
        (unknown(), ErrorKind::BadCredential),
        (ResponseTemplate::new(401), ErrorKind::BadCredential),
        (numbered(403, "Invalid access token."), ErrorKind::BadCredential),
        (numbered(403, "Invalid access to Org: 7"), ErrorKind::NotInWorkspace),
        (ResponseTemplate::new(403), ErrorKind::UnknownRefusal),
        (ResponseTemplate::new(500), ErrorKind::UnknownRefusal),
        (page(200, "<title>Sign in</title>"), ErrorKind::UnknownRefusal),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("GET", TOKENS, unknown()).await;
        workspace.respond("GET", ME, me).await;
        assert_eq!(workspace.api().tokens().await.unwrap_err().kind, expected);
    }
}

#[tokio::test]
async fn a_refusal_of_the_sign_in_service_without_an_oauth_error_ends_no_sign_in() {
    for (row, response, _) in rows() {
        let workspace = Workspace::start().await;
        let endpoints = endpoints(&workspace.server.uri());
        workspace.respond("POST", "/oidc/v1/token", response).await;
        let refreshed = oidc::refresh(&workspace.client, &endpoints, &app(), "old".to_owned().into()).await;
        let kind = refreshed.unwrap_err().kind;
        assert_ne!(kind, ErrorKind::BadCredential, "row {row}");
    }
}

#[tokio::test]
async fn a_refusal_without_the_words_of_the_workspace_says_nothing_about_a_change() {
    for (row, response, _) in rows() {
        let workspace = Workspace::start().await;
        workspace.respond("DELETE", &format!("{TOKENS}/a"), response).await;
        workspace.respond("GET", ME, ok(me())).await;
        let error = workspace.api().revoke(&domain::TokenId::new("a")).await.unwrap_err();
        let has_code = error.upstream.as_ref().is_some_and(|upstream| upstream.code.is_some());
        let is_silent = matches!(row, 0 | 1 | 11) && !has_code;
        assert_eq!(error.is_ambiguous(), is_silent, "row {row}: {error:?}");
    }
}

#[tokio::test]
async fn the_scope_that_is_missing_is_named() {
    for (message, scope) in [
        (
            "Provided access token does not have required scopes: settings",
            Some("settings"),
        ),
        ("Invalid scope, required scopes: sql, files [ReqId: 1]", Some("sql")),
        ("Provided OAuth token does not have required scopes:", None),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("GET", TOKENS, numbered(403, message)).await;
        let error = workspace.api().tokens().await.unwrap_err();
        assert_eq!(error.missing_scope(), scope);
    }
}
