//! Which calls are recorded.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use wiremock::ResponseTemplate;
use wiremock::matchers::query_param;
use workspace_client::{Budgets, call_log};

use crate::fake_workspace::{CONF, ME, QUICK, TOKENS, USERS, Workspace, client, credential, me, ok, on};
use crate::raw_http::Raw;

#[tokio::test]
async fn every_request_is_recorded_including_joined_ones_and_retries() {
    let workspace = Workspace::start().await;
    workspace.first(1, "GET", ME, ResponseTemplate::new(503)).await;
    workspace.respond("GET", ME, ok(me())).await;
    workspace.respond("GET", CONF, ok(json!({}))).await;
    for id in ["1", "2", "3"] {
        let page = json!({ "totalResults": 3, "Resources": [{ "id": id }] });
        let start = on("GET", USERS).and(query_param("startIndex", id));
        start.respond_with(ok(page)).mount(&workspace.server).await;
    }
    let one = format!("{TOKENS}/secret-id");
    workspace.respond("DELETE", &one, ResponseTemplate::new(404)).await;
    let (api, id) = (workspace.api(), domain::TokenId::new("secret-id"));
    let (_, log) =
        call_log::record_calls(async { tokio::join!(api.me(), api.policy(), api.users(), api.revoke(&id)) }).await;
    let mut calls: Vec<_> = log
        .calls
        .iter()
        .map(|call| (call.route, call.method.clone(), call.status))
        .collect();
    calls.sort_by_key(|(route, _, status)| (*route, std::cmp::Reverse(*status)));
    let users = (USERS, Method::GET, Some(200));
    assert_eq!(
        calls,
        [
            (ME, Method::GET, Some(503)),
            (ME, Method::GET, Some(200)),
            users.clone(),
            users.clone(),
            users,
            ("/api/2.0/token-management/tokens/{token_id}", Method::DELETE, Some(404)),
            (CONF, Method::GET, Some(200)),
        ]
    );
}

#[tokio::test]
async fn a_call_that_exceeds_its_budget_is_recorded() {
    let server = Raw::start(|_| std::future::pending()).await;
    let budgets = Budgets {
        interactive: Duration::from_millis(50),
        ..QUICK
    };
    let client = client(&server.address, budgets);
    let (_, log) = call_log::record_calls(async { client.with(&credential()).me().await }).await;
    assert_eq!((log.calls[0].route, log.calls[0].status), (ME, None));
}
