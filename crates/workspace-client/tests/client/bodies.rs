//! Bodies under HTTP 200 that are not the expected response: errors, empty objects and other JSON. None of them may
//! look like an empty list or an accepted change.

use std::time::Duration;

use domain::access::{Grantee, Level};
use domain::{PrincipalId, TokenId};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::query_param;
use workspace_client::{CreateTokenRequest, Error, ErrorKind};

use crate::fake_workspace::{CONF, ME, PERMISSIONS, TOKENS, USERS, Workspace, error, ok, on};

const GROUPS: &str = "/api/2.0/preview/scim/v2/Groups";
const CREATE: &str = "/api/2.0/token-management/on-behalf-of/tokens";

/// Calls that read.
const READS: [(&str, &str); 7] = [
    ("tokens", TOKENS),
    ("one token", "/api/2.0/token-management/tokens/a"),
    ("permissions", PERMISSIONS),
    ("policy", CONF),
    ("me", ME),
    ("users", USERS),
    ("groups", GROUPS),
];

async fn read(workspace: &Workspace, name: &str) -> Result<(), Error> {
    let api = workspace.api();
    match name {
        "tokens" => api.tokens().await.map(drop),
        "one token" => api.token(&TokenId::new("a")).await.map(drop),
        "permissions" => api.token_permissions().await.map(drop),
        "policy" => api.policy().await.map(drop),
        "me" => api.me().await.map(drop),
        "users" => api.users().await.map(drop),
        _ => api.groups().await.map(drop),
    }
}

/// Calls that change something.
const WRITES: [(&str, &str, &str); 6] = [
    ("revoke", "DELETE", "/api/2.0/token-management/tokens/a"),
    ("comment", "PATCH", "/api/2.0/token-management/tokens/a"),
    ("create", "POST", CREATE),
    ("switch", "PATCH", CONF),
    ("grant", "PATCH", PERMISSIONS),
    ("replace", "PUT", PERMISSIONS),
];

async fn write(workspace: &Workspace, name: &str) -> Result<(), Error> {
    let (api, id) = (workspace.api(), TokenId::new("a"));
    let group = Grantee::Group("data".into());
    match name {
        "revoke" => api.revoke(&id).await,
        "comment" => api.set_comment(&id, "x").await.map(drop),
        "create" => {
            let new = CreateTokenRequest {
                lifetime: Duration::from_secs(60),
                comment: String::new(),
                scopes: Vec::new(),
                autoscope: false,
            };
            api.create_on_behalf_of("3f1c", &new).await.map(drop)
        }
        "switch" => api.set_tokens_enabled(false).await,
        "grant" => api.grant_token_use(&[group]).await.map(drop),
        _ => api.replace_token_permissions(&[(group, Level::CanUse)]).await.map(drop),
    }
}

/// Errors as the workspace's APIs, its older ones, SCIM and the gateway write them, and what they mean.
fn errors() -> Vec<(Value, ErrorKind)> {
    let server = |status| ErrorKind::Server {
        status,
        retry_after: None,
    };
    let scim = json!(["urn:ietf:params:scim:api:messages:2.0:Error"]);
    vec![
        (
            json!({ "error_code": "INTERNAL_ERROR", "message": "broken" }),
            server(500),
        ),
        (
            json!({ "error_code": "PERMISSION_DENIED", "message": "broken" }),
            ErrorKind::NotAllowed,
        ),
        (
            json!({ "errorCode": "E0000001", "message": "broken" }),
            ErrorKind::Rejected,
        ),
        (json!({ "error": "broken" }), ErrorKind::Rejected),
        (json!({ "message": "broken" }), ErrorKind::Rejected),
        (
            json!({ "schemas": scim, "detail": "broken", "status": "502" }),
            server(502),
        ),
    ]
}

#[tokio::test]
async fn case_128_an_error_with_the_status_of_a_success_is_an_error_of_every_read() {
    for (name, route) in READS {
        for (body, kind) in errors() {
            let workspace = Workspace::start().await;
            workspace.respond("GET", route, ok(body.clone())).await;
            let error = read(&workspace, name).await.unwrap_err();
            assert_eq!(error.kind, kind, "{name}: {body}");
            assert_eq!(
                (error.status(), error.message()),
                (Some(200), Some("broken")),
                "{name}: {body}"
            );
        }
    }
}

#[tokio::test]
async fn case_128_json_that_is_not_an_object_is_never_an_answer() {
    for (name, route) in READS {
        for body in ["null", "[]", "\"x\"", "7", "", "{\"token_infos\":[", "ok"] {
            let workspace = Workspace::start().await;
            let response = ResponseTemplate::new(200).set_body_raw(body, "application/json");
            workspace.respond("GET", route, response).await;
            let kind = read(&workspace, name).await.unwrap_err().kind;
            assert!(
                matches!(kind, ErrorKind::Undecodable { .. }),
                "{name} {body:?}: {kind:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_empty_object_is_an_answer_only_where_everything_may_be_missing() {
    for (name, route) in READS {
        let workspace = Workspace::start().await;
        workspace.respond("GET", route, ok(json!({}))).await;
        let may_be_empty = ["tokens", "policy"].contains(&name);
        assert_eq!(read(&workspace, name).await.is_ok(), may_be_empty, "{name}");
    }
}

#[tokio::test]
async fn an_error_beside_the_list_is_an_error() {
    let workspace = Workspace::start().await;
    let body = json!({ "token_infos": [{ "token_id": "a" }], "error_code": "INTERNAL_ERROR", "message": "cut short" });
    workspace.first(1, "GET", TOKENS, ok(body)).await;
    let error = workspace.api().tokens().await.unwrap_err();
    assert_eq!(error.message(), Some("cut short"));
    // A message alone is not one, if there is what was asked for.
    let body = json!({ "message": "hello", "token_infos": [{ "token_id": "a" }] });
    workspace.respond("GET", TOKENS, ok(body)).await;
    assert_eq!(workspace.api().tokens().await.unwrap().tokens.len(), 1);
}

#[tokio::test]
async fn an_error_with_the_status_of_a_success_is_ambiguous_for_every_write() {
    let missing = json!({ "error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Token with ID a does not exist" });
    let limited = json!({ "error_code": "RESOURCE_EXHAUSTED", "message": "slow down" });
    let further = [missing, limited, json!([]), json!("ok")];
    for (name, verb, route) in WRITES {
        for body in errors().into_iter().map(|(body, _)| body).chain(further.clone()) {
            let workspace = Workspace::start().await;
            workspace.respond(verb, route, ok(body.clone())).await;
            let error = write(&workspace, name).await.unwrap_err();
            assert!(error.is_ambiguous() && !error.is_missing_resource(), "{name}: {body}");
            assert_eq!(
                (error.status(), workspace.requests().await.len()),
                (Some(200), 1),
                "{name}: {body}"
            );
        }
    }
}

#[tokio::test]
async fn case_130_a_write_with_an_answer_is_not_accepted_without_it() {
    for (name, verb, route) in WRITES {
        let workspace = Workspace::start().await;
        workspace.respond(verb, route, ok(json!({}))).await;
        match write(&workspace, name).await {
            Ok(()) => assert!(["revoke", "switch"].contains(&name), "{name}"),
            Err(error) => assert!(error.is_ambiguous(), "{name}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn case_129_a_permission_list_needs_its_object_and_its_list() {
    for body in [
        json!({ "object_id": "/authorization/tokens" }),
        json!({ "object_id": "/authorization/tokens", "access_control_list": null }),
        json!({ "access_control_list": [] }),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("GET", PERMISSIONS, ok(body.clone())).await;
        let kind = workspace.api().token_permissions().await.unwrap_err().kind;
        assert!(matches!(kind, ErrorKind::Undecodable { .. }), "{body}");
    }
}

/// The result of a proof in a workspace that sends these responses to the list of own tokens, the permission list and
/// the list of all tokens.
async fn proof(
    own: ResponseTemplate,
    permissions: ResponseTemplate,
    all: ResponseTemplate,
) -> (Result<(), ErrorKind>, usize) {
    let workspace = Workspace::start().await;
    let created = on("GET", TOKENS).and(query_param("created_by_id", "7"));
    created
        .respond_with(own)
        .with_priority(1)
        .mount(&workspace.server)
        .await;
    workspace.respond("GET", PERMISSIONS, permissions).await;
    workspace.respond("GET", TOKENS, all).await;
    workspace.respond("GET", CONF, ok(json!({}))).await;
    let result = workspace.api().prove_admin(PrincipalId::new(7)).await;
    (result.map_err(|error| error.kind), workspace.requests().await.len())
}

#[tokio::test]
async fn an_admin_is_proven_by_a_list_and_never_by_an_empty_object_alone() {
    let empty = || ok(json!({}));
    let broken = || ok(json!({ "error_code": "PERMISSION_DENIED", "message": "no" }));
    let list = || ok(json!({ "token_infos": [] }));
    let permissions = || ok(json!({ "object_type": "tokens", "access_control_list": [] }));
    let no_token = |message| error(404, "RESOURCE_DOES_NOT_EXIST", message);
    let undecodable = || {
        Err(ErrorKind::Undecodable {
            path: "token_infos".into(),
        })
    };
    let exact = "tokens tokens does not exist";
    let not_admin = || {
        error(
            403,
            "PERMISSION_DENIED",
            "Please contact the owner or an administrator for access.",
        )
    };
    for (own, second, all, expected, calls) in [
        (list(), broken(), broken(), Ok(()), 1),
        (empty(), permissions(), broken(), Ok(()), 2),
        (empty(), no_token(exact), broken(), Ok(()), 2),
        (empty(), not_admin(), list(), Err(ErrorKind::NotAllowed), 2),
        (empty(), empty(), list(), Ok(()), 4),
        (empty(), empty(), empty(), undecodable(), 4),
        (empty(), ResponseTemplate::new(404), empty(), undecodable(), 4),
        (
            empty(),
            no_token("some tokens tokens does not exist"),
            empty(),
            undecodable(),
            4,
        ),
        (
            empty(),
            ok(json!({ "error_code": "NOT_FOUND", "message": exact })),
            empty(),
            undecodable(),
            4,
        ),
        (ok(json!({ "token_infos": null })), empty(), empty(), undecodable(), 4),
        (broken(), permissions(), list(), Err(ErrorKind::NotAllowed), 1),
    ] {
        assert_eq!(proof(own, second, all).await, (expected, calls));
    }
}

/// A new workspace has no token and no permission list, and may say so with a bare 404.
#[tokio::test]
async fn an_admin_of_a_workspace_without_tokens_is_proven_by_its_configuration() {
    for (conf, expected) in [
        (json!({ "enableTokensConfig": "true" }), true),
        (json!({ "maxTokenLifetimeDays": null }), true),
        (json!({}), false),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("GET", TOKENS, ok(json!({}))).await;
        workspace.respond("GET", PERMISSIONS, ResponseTemplate::new(404)).await;
        workspace.respond("GET", CONF, ok(conf)).await;
        let proof = workspace.api().prove_admin(PrincipalId::new(7)).await;
        assert_eq!(proof.is_ok(), expected);
    }
}
