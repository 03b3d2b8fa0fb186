//! OAuth sign-in.

use std::collections::HashMap;
use std::time::Duration;

use domain::ConnectionFault;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use wiremock::matchers::body_string_contains;
use wiremock::{Request, ResponseTemplate};
use workspace_client::oidc::{self, Endpoints, OAuthApp, Tokens};
use workspace_client::{Error, ErrorKind};

use crate::fake_workspace::{QUICK, Workspace, client, error, ok, on};

const CONFIG: &str = "/.well-known/databricks-config";
const METADATA: &str = "/oidc/.well-known/oauth-authorization-server";
const TOKEN: &str = "/oidc/v1/token";

pub(crate) fn app() -> OAuthApp {
    OAuthApp {
        client_id: "console".into(),
        client_secret: Some("app-secret".to_owned().into()),
        redirect_uri: "http://127.0.0.1:3000/sign-in/callback".parse().unwrap(),
        scopes: oidc::DEFAULT_SCOPES.map(str::to_owned).into(),
        issuer_hosts: vec!["login.example.com".into()],
    }
}

pub(crate) fn endpoints(base: &str) -> Endpoints {
    Endpoints {
        is_shared_host: false,
        authorize: format!("{base}/oidc/v1/authorize").parse().unwrap(),
        token: format!("{base}{TOKEN}").parse().unwrap(),
        issuer: Some("x".to_owned()),
    }
}

fn metadata(authorize: &str, token: &str) -> ResponseTemplate {
    ok(json!({ "authorization_endpoint": authorize, "token_endpoint": token, "issuer": "x" }))
}

fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

#[tokio::test]
async fn case_56_discovery_needs_no_credential() {
    let workspace = Workspace::start().await;
    let base = workspace.server.uri();
    workspace
        .respond(
            "GET",
            CONFIG,
            ok(json!({ "oidc_endpoint": format!("{base}/oidc"), "workspace_id": "7" })),
        )
        .await;
    workspace
        .respond(
            "GET",
            METADATA,
            metadata(&format!("{base}/oidc/v1/authorize"), &format!("{base}{TOKEN}")),
        )
        .await;
    assert_eq!(
        oidc::discover(&workspace.client, &app().issuer_hosts).await.unwrap(),
        endpoints(&base)
    );
    assert!(
        workspace
            .requests()
            .await
            .iter()
            .all(|request| !request.headers.contains_key("authorization"))
    );
}

#[tokio::test]
async fn a_workspace_without_the_config_has_the_default_path() {
    let workspace = Workspace::start().await;
    let base = workspace.server.uri();
    workspace.respond("GET", CONFIG, ResponseTemplate::new(404)).await;
    workspace
        .respond(
            "GET",
            METADATA,
            metadata(&format!("{base}/oidc/v1/authorize"), &format!("{base}{TOKEN}")),
        )
        .await;
    assert_eq!(
        oidc::discover(&workspace.client, &app().issuer_hosts).await.unwrap(),
        endpoints(&base)
    );
}

#[tokio::test]
async fn a_shared_host_has_the_sign_in_service_of_its_account() {
    for (host_type, endpoint, is_shared) in [
        (Some("unified"), "BASE/oidc/accounts/{account_id}", true),
        (Some("UNIFIED"), "BASE/oidc/accounts/{account_id}", true),
        (None, "BASE/oidc/accounts/{account_id}/", true),
        (None, "BASE/oidc/accounts/5f0c", true),
        (Some("workspace"), "BASE/oidc/accounts/5f0c", false),
    ] {
        let workspace = Workspace::start().await;
        let base = workspace.server.uri();
        let config = json!({ "oidc_endpoint": endpoint.replace("BASE", &base), "account_id": "5f0c",
                             "host_type": host_type });
        workspace.respond("GET", CONFIG, ok(config)).await;
        let path = "/oidc/accounts/5f0c/.well-known/oauth-authorization-server";
        let token = format!("{base}/oidc/accounts/5f0c/v1/token");
        workspace.respond("GET", path, metadata(&token, &token)).await;
        let found = oidc::discover(&workspace.client, &[]).await.unwrap();
        assert_eq!(
            (found.token.as_str(), found.is_shared_host),
            (token.as_str(), is_shared)
        );
    }
}

/// Discovers these endpoints, with a config that points to the workspace itself. `BASE` stands for its URL.
async fn discover(authorize: &str, token: &str) -> Result<Endpoints, ErrorKind> {
    let workspace = Workspace::start().await;
    let base = workspace.server.uri();
    workspace
        .respond("GET", CONFIG, ok(json!({ "oidc_endpoint": format!("{base}/oidc/") })))
        .await;
    let absolute = |url: &str| url.replace("BASE", &base);
    workspace
        .respond("GET", METADATA, metadata(&absolute(authorize), &absolute(token)))
        .await;
    oidc::discover(&workspace.client, &app().issuer_hosts)
        .await
        .map_err(|e| e.kind)
}

#[tokio::test]
async fn a_configured_issuer_is_trusted_with_https() {
    let issuer = "https://LOGIN.example.com/authorize?tenant=1";
    assert_eq!(
        discover(issuer, "BASE/oidc/v1/token").await.unwrap().authorize.as_str(),
        "https://login.example.com/authorize?tenant=1"
    );
}

#[tokio::test]
async fn endpoints_on_other_hosts_are_not_trusted() {
    for foreign in [
        "https://evil.example/authorize",
        "http://login.example.com/authorize",
        "https://login.example.com:8443/authorize",
        "https://login.example.com.evil.example/",
        "https://mia:pw@login.example.com/",
        "http://127.0.0.1:1/oidc",
        "javascript:alert(1)",
        "/oidc/v1/authorize",
        "",
    ] {
        let refused = Err(ErrorKind::ForeignEndpoint);
        assert_eq!(discover(foreign, "BASE/oidc/v1/token").await, refused, "{foreign}");
        assert_eq!(discover("BASE/oidc/v1/authorize", foreign).await, refused, "{foreign}");
    }
}

#[tokio::test]
async fn the_config_cannot_lead_to_another_host() {
    let workspace = Workspace::start().await;
    workspace
        .first(
            1,
            "GET",
            CONFIG,
            ok(json!({ "oidc_endpoint": "https://evil.example/oidc" })),
        )
        .await;
    let error = oidc::discover(&workspace.client, &app().issuer_hosts)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::ForeignEndpoint);
    let redirect = ResponseTemplate::new(302).insert_header("location", "https://evil.example/");
    workspace.respond("GET", CONFIG, redirect).await;
    assert_eq!(
        oidc::discover(&workspace.client, &app().issuer_hosts)
            .await
            .unwrap_err()
            .kind,
        ErrorKind::Redirect
    );
}

#[tokio::test]
async fn case_63_an_ip_access_list_also_applies_to_discovery() {
    let workspace = Workspace::start().await;
    let blocked = "Source IP address: 203.0.113.9 is blocked by Databricks IP ACL for workspace: 7";
    workspace
        .respond("GET", CONFIG, ResponseTemplate::new(403).set_body_string(blocked))
        .await;
    assert_eq!(
        oidc::discover(&workspace.client, &app().issuer_hosts)
            .await
            .unwrap_err()
            .kind,
        ErrorKind::IpBlocked
    );
}

#[test]
fn case_57_the_url_requests_a_code_with_a_challenge() {
    let endpoints = endpoints("https://x.example");
    let first = oidc::authorize_url(&endpoints, &app());
    let query: HashMap<_, _> = first.url.query_pairs().into_owned().collect();
    assert_eq!(first.url.path(), "/oidc/v1/authorize");
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "console"),
        ("redirect_uri", "http://127.0.0.1:3000/sign-in/callback"),
        ("scope", "authentication access-management settings scim offline_access"),
        ("state", &first.state),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(query[name], value);
    }
    // 32 bytes in base64url without padding.
    assert_eq!(query["code_challenge"].len(), 43);
    assert!(!first.url.as_str().contains(first.verifier.expose_secret()) && !first.url.as_str().contains("secret"));
    let second = oidc::authorize_url(&endpoints, &app());
    assert_ne!(
        (second.state, second.verifier.expose_secret()),
        (first.state, first.verifier.expose_secret())
    );
}

fn form(request: &Request) -> HashMap<String, String> {
    let body = format!("http://x/?{}", String::from_utf8_lossy(&request.body));
    body.parse::<url::Url>().unwrap().query_pairs().into_owned().collect()
}

async fn exchange(workspace: &Workspace) -> Result<Tokens, Error> {
    let endpoints = endpoints(&workspace.server.uri());
    oidc::exchange(
        &workspace.client,
        &endpoints,
        &app(),
        secret("the-code"),
        secret("the-verifier"),
    )
    .await
}

async fn refresh(workspace: &Workspace) -> Result<Tokens, Error> {
    let endpoints = endpoints(&workspace.server.uri());
    oidc::refresh(&workspace.client, &endpoints, &app(), secret("the-refresh")).await
}

#[tokio::test]
async fn a_code_is_exchanged() {
    let workspace = Workspace::start().await;
    let body = json!({ "access_token": "a", "refresh_token": "r", "token_type": "Bearer", "expires_in": 3600,
                         "scope": "all-apis offline_access" });
    on("POST", TOKEN)
        .and(body_string_contains("grant_type=authorization_code"))
        .respond_with(ok(body))
        .mount(&workspace.server)
        .await;
    let tokens = exchange(&workspace).await.unwrap();
    assert_eq!(tokens.access.expose_secret(), "a");
    assert_eq!(tokens.refresh.unwrap().expose_secret(), "r");
    assert_eq!(tokens.expires_in, Duration::from_secs(3600));
    let sent = form(&workspace.requests().await[0]);
    for (name, value) in [
        ("code", "the-code"),
        ("code_verifier", "the-verifier"),
        ("client_id", "console"),
        ("client_secret", "app-secret"),
        ("redirect_uri", "http://127.0.0.1:3000/sign-in/callback"),
    ] {
        assert_eq!(sent[name], value);
    }
}

#[tokio::test]
async fn case_58_a_refresh_can_have_seconds_as_text_and_lack_a_new_refresh_token() {
    for (expires_in, seconds) in [(json!("20"), 20), (json!(20), 20), (Value::Null, 3600), (json!(-5), 0)] {
        let workspace = Workspace::start().await;
        let body = json!({ "access_token": "a", "token_type": "bearer", "expires_in": expires_in });
        let response = ResponseTemplate::new(200).set_body_raw(body.to_string(), "application/json; charset=utf-8");
        workspace.respond("POST", TOKEN, response).await;
        let tokens = refresh(&workspace).await.unwrap();
        assert_eq!((tokens.expires_in.as_secs(), tokens.refresh.is_none()), (seconds, true));
        assert_eq!(form(&workspace.requests().await[0])["refresh_token"], "the-refresh");
    }
}

#[tokio::test]
async fn case_57_an_expired_refresh_token_or_code_is_a_bad_credential() {
    let oauth = |status: u16, code: &str| {
        let body = json!({ "error": code, "error_description": "Refresh token is invalid: the-refresh" });
        ResponseTemplate::new(status).set_body_json(body)
    };
    for response in [oauth(401, "invalid_request"), oauth(400, "invalid_grant")] {
        let workspace = Workspace::start().await;
        workspace.respond("POST", TOKEN, response).await;
        let error = refresh(&workspace).await.unwrap_err();
        assert_eq!((&error.kind, error.message()), (&ErrorKind::BadCredential, None));
        assert!(error.upstream.unwrap().code.unwrap().starts_with("invalid_"));
        assert_eq!(exchange(&workspace).await.unwrap_err().kind, ErrorKind::BadCredential);
    }
}

#[tokio::test]
async fn a_refusal_of_the_console_itself_has_its_code_and_no_message() {
    for (response, code) in [
        (
            json!({ "error": "invalid_client", "error_description": "app-secret?" }),
            "invalid_client",
        ),
        (json!({ "error": "invalid_request" }), "invalid_request"),
        (
            json!({ "errorCode": "E0000021", "errorSummary": "the-code" }),
            "E0000021",
        ),
        (json!({ "error": "a <b> c" }), "unknown"),
    ] {
        let workspace = Workspace::start().await;
        workspace
            .respond("POST", TOKEN, ResponseTemplate::new(400).set_body_json(response))
            .await;
        let error = exchange(&workspace).await.unwrap_err();
        assert_eq!(
            (&error.kind, error.message()),
            (&ErrorKind::OAuthRefused { code: code.into() }, None)
        );
    }
}

#[tokio::test]
async fn other_failures_are_classified_like_those_of_any_call() {
    for (response, kind) in [
        (
            error(403, "PERMISSION_DENIED", "is blocked by Databricks IP ACL for"),
            ErrorKind::IpBlocked,
        ),
        (ResponseTemplate::new(302), ErrorKind::Redirect),
        (
            ResponseTemplate::new(200).set_body_raw("<html>", "text/html"),
            ErrorKind::UnexpectedHtml,
        ),
        (
            ResponseTemplate::new(500),
            ErrorKind::Server {
                status: 500,
                retry_after: None,
            },
        ),
        (ok(json!({})), ErrorKind::Undecodable { path: ".".into() }),
        (
            ok(json!({ "access_token": "a", "expires_in": "soon" })),
            ErrorKind::Undecodable {
                path: "expires_in".into(),
            },
        ),
        (ResponseTemplate::new(200), ErrorKind::Undecodable { path: ".".into() }),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("POST", TOKEN, response).await;
        assert_eq!(exchange(&workspace).await.unwrap_err().kind, kind);
    }
}

/// Neither a code nor a refresh token is judged by a response without an OAuth error.
#[tokio::test]
async fn a_refusal_without_an_oauth_error_is_a_refusal_by_the_sign_in_service() {
    for response in [
        ResponseTemplate::new(401),
        ResponseTemplate::new(403),
        ResponseTemplate::new(403).set_body_json(json!({ "error_code": 403, "message": "Invalid access token." })),
        error(401, "UNAUTHENTICATED", "Invalid Token"),
        error(403, "PERMISSION_DENIED", "User not authorized."),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("POST", TOKEN, response.clone()).await;
        assert_eq!(
            exchange(&workspace).await.unwrap_err().kind,
            ErrorKind::SignInServiceRefused
        );
        assert_eq!(
            refresh(&workspace).await.unwrap_err().kind,
            ErrorKind::SignInServiceRefused
        );
        workspace
            .respond("GET", "/.well-known/databricks-config", response)
            .await;
        let discovered = oidc::discover(&workspace.client, &[]).await;
        assert_eq!(discovered.unwrap_err().kind, ErrorKind::SignInServiceRefused);
    }
}

/// A code works once, and a refresh token may be replaced when it is used. If it is unknown whether they were used, the
/// request must not be retried.
#[tokio::test]
async fn an_exchange_is_retried_only_if_the_service_did_not_act_on_it() {
    for (response, times) in [
        (ResponseTemplate::new(503), 1),
        (ResponseTemplate::new(500), 1),
        (ResponseTemplate::new(429), 4),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("POST", TOKEN, response).await;
        exchange(&workspace).await.unwrap_err();
        assert_eq!(workspace.requests().await.len(), times);
        refresh(&workspace).await.unwrap_err();
        assert_eq!(workspace.requests().await.len(), 2 * times);
    }
    let server = crate::raw_http::Raw::start(|_| async { Vec::new() }).await;
    let client = client(&server.address, QUICK);
    let error = oidc::refresh(&client, &endpoints(&server.address), &app(), secret("x"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, server.requests()),
        (ErrorKind::Unreachable(ConnectionFault::Broken), 1)
    );
}
