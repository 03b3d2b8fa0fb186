//! Sign-in with OAuth, in addition to the numbered cases.

use demo_workspace::{CONFIDENTIAL_CLIENT_ID, Change};
use serde_json::json;

use crate::support::{Api, ApiResponse, BOTH_KEYS, CALLBACK, SCIM, VERIFIER};

const SCOPE: &str = "authentication access-management settings scim offline_access";

#[tokio::test]
async fn the_page_offers_an_admin_a_non_admin_and_cancel() {
    let api = Api::start().await;
    let mut request = Api::authorization_request(SCOPE);
    request.iter_mut().find(|(name, _)| *name == "state").unwrap().1 = "\"><b>".to_owned();
    let page = api
        .http
        .get(api.url("/oidc/v1/authorize"))
        .query(&request)
        .send()
        .await
        .unwrap();
    let page = ApiResponse::read(page).await;
    assert_eq!(page.status, 200);
    for button in [
        "Sign in as Mia Kowalski</button>",
        "Sign in as Kai Tanaka</button>",
        "Cancel</button>",
    ] {
        assert!(page.text.contains(button), "{button}");
    }
    assert!(page.text.contains("value=\"&quot;&gt;&lt;b&gt;\"") && !page.text.contains("<script"));
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn cancelling_returns_access_denied_to_the_client() {
    let api = Api::start().await;
    let back = api.decide(Api::authorization_request(SCOPE), "cancel").await;
    let pairs: Vec<_> = back.query_pairs().into_owned().collect();
    assert_eq!(pairs[0], ("error".to_owned(), "access_denied".to_owned()));
    assert!(pairs.contains(&("state".to_owned(), "a state & more".to_owned())));
}

#[tokio::test]
async fn the_browser_is_never_redirected_to_an_unregistered_url() {
    let api =
        Api::with(|config| config.redirect_uris = vec!["https://console.acme.example/sign-in/callback".to_owned()])
            .await;
    let status = async |client: &str, uri: &str| {
        let mut request = Api::authorization_request(SCOPE);
        request[1].1 = client.to_owned();
        request[2].1 = uri.to_owned();
        let response = api
            .http
            .get(api.url("/oidc/v1/authorize"))
            .query(&request)
            .send()
            .await
            .unwrap();
        assert!(response.headers().get("location").is_none());
        response.status().as_u16()
    };
    for (client, uri) in [
        ("pat-console", CALLBACK),
        ("pat-console", "http://localhost:41234/sign-in/callback"),
        ("pat-console", "https://console.acme.example/sign-in/callback"),
        ("databricks-cli", "http://localhost:8020"),
    ] {
        assert_eq!(status(client, uri).await, 200, "{client} {uri}");
    }
    for (client, uri) in [
        ("unknown", CALLBACK),
        ("databricks-cli", CALLBACK),
        ("pat-console", "http://127.0.0.1:3000/sign-in/callback/more"),
        ("pat-console", "http://127.0.0.1:3000@evil.example/sign-in/callback"),
        ("pat-console", "http://127.0.0.1.evil.example:3000/sign-in/callback"),
        ("pat-console", "https://evil.example/sign-in/callback"),
        ("pat-console", ""),
    ] {
        assert_eq!(status(client, uri).await, 400, "{client} {uri}");
    }
}

#[tokio::test]
async fn unknown_scopes_and_response_types_are_returned_as_errors() {
    let api = Api::start().await;
    for (field, value, error) in [
        ("scope", "all-apis everything", "invalid_scope"),
        ("scope", "", "invalid_scope"),
        ("response_type", "token", "unsupported_response_type"),
    ] {
        let mut request = Api::authorization_request(SCOPE);
        request.iter_mut().find(|(name, _)| *name == field).unwrap().1 = value.to_owned();
        let back = api.decide(request, &api.admin().id).await;
        assert_eq!(back.query_pairs().next().unwrap().1, error);
    }
}

#[tokio::test]
async fn a_refresh_token_works_once() {
    let api = Api::start().await;
    let first = api.sign_in(api.admin(), SCOPE).await;
    let refreshed = api.refresh(&first.refresh_token).await.ok();
    assert_eq!(refreshed["scope"], SCOPE);
    let second = refreshed["refresh_token"].as_str().unwrap();
    assert_ne!(second, first.refresh_token);
    assert_eq!(api.refresh(&first.refresh_token).await.status, 401);
    assert_eq!(api.refresh(second).await.status, 200);
    assert_eq!(
        api.get(BOTH_KEYS, refreshed["access_token"].as_str().unwrap())
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_refresh_token_that_is_kept_is_not_returned_again() {
    let api = Api::with(|config| config.knobs.keep_refresh_tokens = true).await;
    let signed_in = api.sign_in(api.admin(), SCOPE).await;
    for _ in 0..2 {
        let refreshed = api.refresh(&signed_in.refresh_token).await.ok();
        assert_eq!(refreshed["refresh_token"], serde_json::Value::Null);
    }
}

#[tokio::test]
async fn without_offline_access_no_refresh_token_is_issued() {
    let api = Api::start().await;
    assert_eq!(api.sign_in(api.admin(), "scim").await.refresh_token, "");
}

#[tokio::test]
async fn access_tokens_expire_as_announced() {
    let api = Api::with(|config| config.knobs.access_token_seconds = 20).await;
    let signed_in = api.sign_in(api.admin(), SCOPE).await;
    let me = format!("{SCIM}/Me");
    assert_eq!(api.get(&me, &signed_in.access_token).await.status, 200);
    api.workspace.advance_clock(20_000);
    let expired = api.get(&me, &signed_in.access_token).await;
    assert_eq!(
        (expired.status, expired.json()),
        (401, json!({ "error_code": 401, "message": "Invalid Token" }))
    );
    let refreshed = api.refresh(&signed_in.refresh_token).await.ok();
    assert_eq!(refreshed["expires_in"], 20);
    assert_eq!(
        api.get(&me, refreshed["access_token"].as_str().unwrap()).await.status,
        200
    );
}

#[tokio::test]
async fn a_code_works_only_for_its_client_and_redirect_url_and_expires() {
    let api = Api::start().await;
    let redeem = async |code: &str, client: &str, uri: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", uri),
            ("client_id", client),
        ];
        api.ask_token(&form).await.status
    };
    let code = api.code(api.admin(), SCOPE).await;
    assert_eq!(redeem(&code, "databricks-cli", CALLBACK).await, 400);
    let code = api.code(api.admin(), SCOPE).await;
    assert_eq!(
        redeem(&code, "pat-console", "http://localhost:3000/sign-in/callback").await,
        400
    );
    let code = api.code(api.admin(), SCOPE).await;
    api.workspace.advance_clock(600_000);
    assert_eq!(redeem(&code, "pat-console", CALLBACK).await, 400);
    let code = api.code(api.admin(), SCOPE).await;
    assert_eq!(redeem(&code, "pat-console", CALLBACK).await, 200);
}

#[tokio::test]
async fn a_confidential_client_needs_its_secret() {
    let api = Api::start().await;
    let secret = api.workspace.credentials().confidential_client.client_secret.clone();
    for (secret, status) in [("", 401), ("wrong", 401), (&*secret, 200)] {
        let mut request = Api::authorization_request(SCOPE);
        request[1].1 = CONFIDENTIAL_CLIENT_ID.to_owned();
        let back = api.decide(request, &api.admin().id).await;
        let code = back.query_pairs().next().unwrap().1.into_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("code_verifier", VERIFIER),
            ("redirect_uri", CALLBACK),
            ("client_id", CONFIDENTIAL_CLIENT_ID),
            ("client_secret", secret),
        ];
        assert_eq!(api.ask_token(&form).await.status, status);
    }
}

#[tokio::test]
async fn a_deactivated_user_loses_access() {
    let api = Api::start().await;
    let signed_in = api.sign_in(api.non_admin(), SCOPE).await;
    api.workspace
        .change(Change::Deactivate {
            user_name: api.non_admin().user_name.clone(),
        })
        .unwrap();
    let rejected = api.get(&format!("{SCIM}/Me"), &signed_in.access_token).await;
    assert_eq!(
        (rejected.status, rejected.json()["message"].as_str()),
        (403, Some("User not authorized."))
    );
    assert_eq!(api.refresh(&signed_in.refresh_token).await.status, 401);
}

#[tokio::test]
async fn errors_can_have_the_format_of_okta() {
    let api = Api::with(|config| config.knobs.okta_errors = true).await;
    let rejected = api.refresh("unknown").await;
    let body = json!({ "errorCode": "invalid_request", "errorSummary": "Refresh token is invalid" });
    assert_eq!((rejected.status, rejected.json()), (401, body));
}

#[tokio::test]
async fn sign_in_works_in_a_workspace_without_tokens() {
    let api = Api::with(|config| config.tokens = 0).await;
    assert!(api.admin().pat.is_none() && api.non_admin().pat.is_none());
    let oauth = api.admin_oauth().await;
    assert_eq!(api.get(BOTH_KEYS, &oauth).await.status, 200);
}
