//! Authentication, OAuth, and the HTTP behaviour that all APIs share.

use demo_workspace::{Change, Cloud, Effect, Fault, FaultBody, NewToken, RetryAfter};
use serde_json::json;

use crate::support::{Api, ApiResponse, BOTH_KEYS, CALLBACK, DAY_MS, OWN, PERMISSIONS, SCIM, TOKENS, VERIFIER};

#[tokio::test]
async fn edge_54_wrong_revoked_and_expired_tokens_return_an_integer_error_code() {
    let api = Api::start().await;
    let (id, revoked) = api.token_of(&api.non_admin().user_name);
    api.workspace.change(Change::RevokeToken { token_id: id }).unwrap();
    let (_, expired) = api.new_token(NewToken {
        owner: api.non_admin().user_name.clone(),
        created_days_ago: 2,
        lifetime_days: Some(1),
        ..NewToken::default()
    });
    for value in ["dapi00000000000000000000000000000000", &revoked, &expired] {
        let response = api.get(&format!("{SCIM}/Me"), value).await;
        response.assert_invalid_token();
        assert_eq!(response.text.len(), 52);
        assert_eq!(response.header("x-databricks-reason-phrase"), "Invalid access token.");
    }
}

#[tokio::test]
async fn edge_54_a_token_stops_working_when_it_expires() {
    let api = Api::start().await;
    let (_, value) = api.new_token(NewToken {
        owner: api.non_admin().user_name.clone(),
        lifetime_days: Some(1),
        ..NewToken::default()
    });
    let me = format!("{SCIM}/Me");
    assert_eq!(api.get(&me, &value).await.status, 200);
    api.workspace.advance_clock(DAY_MS);
    api.get(&me, &value).await.assert_invalid_token();
}

#[tokio::test]
async fn edge_55_a_call_without_a_credential_returns_401() {
    let api = Api::start().await;
    let url = api.url(&format!("{SCIM}/Me"));
    let id_instead_of_value = format!("Bearer {}", "b4".repeat(32));
    for header in [
        None,
        Some("Basic bWlhOnNlY3JldA=="),
        Some("Bearer"),
        Some(id_instead_of_value.as_str()),
    ] {
        let mut request = api.http.get(&url);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let response = ApiResponse::read(request.send().await.unwrap()).await;
        let message = format!(
            "Credential was not sent or was of an unsupported type for this API. [ReqId: {}]",
            response.header("x-request-id")
        );
        assert_eq!(
            (response.status, response.json()),
            (401, json!({ "error_code": 401, "message": message })),
            "{header:?}"
        );
    }
}

#[tokio::test]
async fn edge_56_discovery_needs_no_credential() {
    let api = Api::start().await;
    let read = async |path: &str| {
        ApiResponse::read(api.http.get(api.url(path)).send().await.unwrap())
            .await
            .ok()
    };
    let host = read("/.well-known/databricks-config").await;
    let endpoint = host["oidc_endpoint"].as_str().unwrap();
    assert_eq!(endpoint, api.url("/oidc"));
    assert_eq!(host["workspace_id"], api.workspace.workspace_id().to_string());
    assert_eq!(
        (host["cloud"].as_str(), host["host_type"].as_str()),
        (Some("AWS"), Some("WORKSPACE_HOST"))
    );
    let server = read("/oidc/.well-known/oauth-authorization-server").await;
    assert_eq!(server["authorization_endpoint"], api.url("/oidc/v1/authorize"));
    assert_eq!(server["token_endpoint"], api.url("/oidc/v1/token"));
}

#[tokio::test]
async fn edge_57_pkce_and_state_are_enforced() {
    let api = Api::start().await;
    let scope = "all-apis offline_access";
    let back = api.decide(Api::authorization_request(scope), &api.admin().id).await;
    assert!(back.as_str().starts_with(CALLBACK));
    let state = back
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    assert_eq!(state, "a state & more");

    for (field, value) in [
        ("code_challenge_method", "plain"),
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ] {
        let mut request = Api::authorization_request(scope);
        request.iter_mut().find(|(name, _)| *name == field).unwrap().1 = value.to_owned();
        let response = api
            .http
            .get(api.url("/oidc/v1/authorize"))
            .query(&request)
            .send()
            .await
            .unwrap();
        let location = response.headers()["location"].to_str().unwrap();
        assert!(
            location.starts_with(&format!("{CALLBACK}?error=invalid_request")),
            "{location}"
        );
        assert!(location.contains("state=a+state"), "{location}");
    }

    let code = api.code(api.admin(), scope).await;
    let wrong = api
        .redeem(&code, "another-verifier-of-at-least-forty-three-characters-0")
        .await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (400, &json!("invalid_grant")));
    let spent = api.redeem(&code, VERIFIER).await;
    assert_eq!((spent.status, &spent.json()["error"]), (400, &json!("invalid_grant")));

    let rejected = api.refresh("doau-unknown").await;
    let body = json!({ "error": "invalid_request", "error_description": "Refresh token is invalid" });
    assert_eq!((rejected.status, rejected.json()), (401, body));
}

#[tokio::test]
async fn edge_58_service_principals_authenticate_with_basic() {
    let api = Api::with(|config| config.knobs.expires_in_as_string = true).await;
    let service = api.workspace.credentials().service_principal.clone();
    let ask = async |secret: &str| {
        let request = api
            .http
            .post(api.url("/oidc/v1/token"))
            .basic_auth(&service.client_id, Some(secret));
        let request = request.form(&[("grant_type", "client_credentials"), ("scope", "all-apis")]);
        ApiResponse::read(request.send().await.unwrap()).await
    };
    let token = ask(&service.client_secret).await.ok();
    assert_eq!(
        (&token["expires_in"], &token["token_type"]),
        (&json!("3600"), &json!("Bearer"))
    );
    assert_eq!(token["refresh_token"], serde_json::Value::Null);
    assert_eq!(
        api.get(TOKENS, token["access_token"].as_str().unwrap()).await.status,
        200
    );
    let rejected = ask("wrong").await;
    assert_eq!(
        (rejected.status, &rejected.json()["error"]),
        (401, &json!("invalid_client"))
    );
}

#[tokio::test]
async fn edge_59_azure_rejects_tokens_in_their_last_30_seconds() {
    let api = Api::with(|config| config.knobs.cloud = Cloud::Azure).await;
    let oauth = api.admin_oauth().await;
    assert_eq!(api.get(BOTH_KEYS, &oauth).await.status, 200);
    api.workspace.advance_clock((3600 - 30) * 1000);
    let response = api.get(BOTH_KEYS, &oauth).await;
    let message = "Token is expiring within 30 seconds. (token expired)";
    assert_eq!(
        (response.status, response.json()),
        (403, json!({ "error_code": 403, "message": message }))
    );
}

#[tokio::test]
async fn edge_60_rate_limits_and_outages_end() {
    let api = Api::start().await;
    let limit = Effect::RateLimit {
        retry_after: RetryAfter::Seconds(7),
    };
    api.workspace.fault(Fault::next("GET", TOKENS, limit));
    api.workspace.fault(Fault::next(
        "GET",
        TOKENS,
        Effect::Answer {
            status: 503,
            body: FaultBody::Empty,
        },
    ));
    let limited = api.get(TOKENS, &api.pat()).await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "7"));
    assert_eq!(limited.json()["error_code"], "RESOURCE_EXHAUSTED");
    assert_eq!(api.get(TOKENS, &api.pat()).await.status, 503);
    assert_eq!(api.get(TOKENS, &api.pat()).await.status, 200);
}

#[tokio::test]
async fn edge_61_unknown_paths_and_methods_return_endpoint_not_found() {
    let api = Api::start().await;
    let response = api.get("/api/2.0/xyz", &api.pat()).await;
    response.assert_error(404, "ENDPOINT_NOT_FOUND", "No API found for 'GET /api/2.0/xyz'");
    let response = api.delete("/api/2.0/workspace-conf", &api.pat()).await;
    response.assert_error(
        404,
        "ENDPOINT_NOT_FOUND",
        "No API found for 'DELETE /api/2.0/workspace-conf'",
    );
}

#[tokio::test]
async fn edge_62_the_accounts_host_redirects_to_its_login() {
    let api = Api::start().await;
    api.workspace
        .fault(Fault::forever("POST", "/api/", Effect::AccountsHost));
    let response = api.post("/api/2.0/token/create", &api.pat(), json!({})).await;
    assert_eq!(
        (response.status, response.header("location")),
        (302, "/login?next_url=/api/2.0/token/create")
    );
    let login = ApiResponse::read(api.http.get(api.url(response.header("location"))).send().await.unwrap()).await;
    assert_eq!(login.status, 200);
    assert!(login.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn edge_63_an_ip_access_list_blocks_every_path() {
    let api = Api::start().await;
    api.workspace.fault(Fault::forever(None, "/", Effect::IpAccessList));
    let message = format!(
        "Source IP address: 203.0.113.7 is blocked by Databricks IP ACL for workspace: {}",
        api.workspace.workspace_id()
    );
    for path in [TOKENS, "/.well-known/databricks-config", "/oidc/v1/authorize"] {
        let response = api.get(path, &api.pat()).await;
        assert_eq!(
            (response.status, response.json()["message"].as_str()),
            (403, Some(&*message))
        );
    }
    assert_eq!(api.refresh("any").await.status, 403);
}

#[tokio::test]
async fn a_scope_permits_its_apis_and_no_others() {
    let api = Api::start().await;
    let list = format!("{OWN}/list");
    let users = format!("{SCIM}/Users");
    let paths = [
        ("authentication", TOKENS),
        ("authentication", &list),
        ("access-management", PERMISSIONS),
    ]
    .into_iter()
    .chain([("settings", BOTH_KEYS), ("scim", &*users)]);
    let paths: Vec<(&str, &str)> = paths.collect();
    for scope in ["authentication", "access-management", "settings", "scim", "sql"] {
        let oauth = api.sign_in(api.admin(), scope).await.access_token;
        assert_eq!(api.get(&format!("{SCIM}/Me"), &oauth).await.status, 200);
        for (needed, path) in &paths {
            let response = api.get(path, &oauth).await;
            if *needed == scope {
                assert_eq!(response.status, 200, "{scope} {path}");
            } else {
                let message = format!("Provided OAuth token does not have required scopes: {needed}");
                response.assert_missing_scope(&message);
            }
        }
    }
    let (_, value) = api.new_token(NewToken {
        owner: api.admin().user_name.clone(),
        scopes: Some(vec!["scim".to_owned()]),
        ..NewToken::default()
    });
    let message = "Provided access token does not have required scopes: authentication";
    api.get(TOKENS, &value).await.assert_missing_scope(message);
    assert_eq!(api.get(&users, &value).await.status, 200);
}

#[tokio::test]
async fn large_responses_are_compressed_for_clients_that_accept_it() {
    let api = Api::start().await;
    let plain = reqwest::Client::builder().no_gzip().build().unwrap();
    let request = || plain.get(api.url(TOKENS)).bearer_auth(api.pat());
    let response = ApiResponse::read(request().send().await.unwrap()).await;
    assert_eq!(response.header("content-encoding"), "");
    let compressed = request().header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(compressed.headers()["content-encoding"], "gzip");
    assert!(compressed.bytes().await.unwrap().len() < response.text.len() / 2);
    assert_eq!(api.get(TOKENS, &api.pat()).await.text, response.text);
}

#[tokio::test]
async fn malformed_bodies_are_rejected_as_malformed() {
    let api = Api::start().await;
    let request = api
        .http
        .patch(api.url("/api/2.0/workspace-conf"))
        .bearer_auth(api.pat())
        .body("{\"a\":");
    let response = ApiResponse::read(request.send().await.unwrap()).await;
    assert_eq!(
        (response.status, &response.json()["error_code"]),
        (400, &json!("MALFORMED_REQUEST"))
    );
}
