//! What is counted.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use wiremock::ResponseTemplate;
use workspace_client::{Budgets, call_log};

use crate::fake_workspace::{CONF, ME, QUICK, TOKENS, USERS, Workspace, client, credential, me, ok};
use crate::raw_http::Raw;

#[tokio::test]
async fn every_request_counts_joined_ones_and_repetitions_too() {
    let workspace = Workspace::start().await;
    workspace.first(1, "GET", ME, ResponseTemplate::new(503)).await;
    workspace.answer("GET", ME, ok(me())).await;
    workspace.answer("GET", CONF, ok(json!({}))).await;
    let pages = json!({ "totalResults": 3, "Resources": [{ "id": "1" }] });
    workspace.answer("GET", USERS, ok(pages)).await;
    let one = format!("{TOKENS}/secret-id");
    workspace.answer("DELETE", &one, ResponseTemplate::new(404)).await;
    let (api, id) = (workspace.api(), domain::TokenId::new("secret-id"));
    let (_, tally) =
        call_log::record_calls(async { tokio::join!(api.me(), api.policy(), api.users(), api.revoke(&id)) }).await;
    let mut calls: Vec<_> = tally
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
async fn a_call_that_its_budget_cuts_off_counts() {
    let server = Raw::start(|_| std::future::pending()).await;
    let budgets = Budgets {
        interactive: Duration::from_millis(50),
        ..QUICK
    };
    let client = client(&server.address, budgets);
    let (_, tally) = call_log::record_calls(async { client.with(&credential()).me().await }).await;
    assert_eq!((tally.calls[0].route, tally.calls[0].status), (ME, None));
}
