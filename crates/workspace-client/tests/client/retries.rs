//! What is retried and what is not, and the pauses before retries.

use std::time::{Duration, SystemTime};

use domain::{ConnectionFault, PrincipalId, TokenId};
use serde_json::json;
use wiremock::ResponseTemplate;
use workspace_client::{Budgets, ErrorKind, TokenList};

use crate::fake_workspace::{CONF, ME, QUICK, TOKENS, Workspace, client, credential, error, me, ok};
use crate::raw_http;
use crate::raw_http::Raw;

/// The number of requests and the error, if the workspace always sends this response.
async fn attempts(response: ResponseTemplate) -> (usize, ErrorKind) {
    let workspace = Workspace::start().await;
    workspace.respond("GET", ME, response).await;
    let error = workspace.api().me().await.unwrap_err();
    (workspace.requests().await.len(), error.kind)
}

fn limited(retry_after: &str) -> ResponseTemplate {
    error(429, "REQUEST_LIMIT_EXCEEDED", "slow down").insert_header("retry-after", retry_after)
}

#[tokio::test]
async fn case_60_a_transient_failure_is_retried() {
    let past = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH);
    for transient in [
        limited("0"),
        limited(&past),
        limited("soon"),
        error(429, "RESOURCE_EXHAUSTED", "slow down"),
        error(503, "TEMPORARILY_UNAVAILABLE", "x").insert_header("retry-after", "0"),
        ResponseTemplate::new(503),
        error(500, "INTERNAL_ERROR", "ClusterNotReadyException: wait"),
        error(400, "BAD_REQUEST", "Unexpected error"),
    ] {
        let workspace = Workspace::start().await;
        workspace.first(2, "GET", ME, transient).await;
        workspace.respond("GET", ME, ok(me())).await;
        workspace.api().me().await.unwrap();
        assert_eq!(workspace.requests().await.len(), 3);
    }
}

#[tokio::test]
async fn a_proof_without_retries_does_not_wait_for_a_rate_limit() {
    let workspace = Workspace::start().await;
    workspace.respond("GET", TOKENS, limited("0")).await;
    let proof = workspace.api().without_retries().prove_admin(PrincipalId::new(7)).await;
    assert!(matches!(proof.unwrap_err().kind, ErrorKind::RateLimited { .. }));
    assert_eq!(workspace.requests().await.len(), 1, "it is not repeated");
}

#[tokio::test]
async fn case_53_scim_has_status_500_for_a_rate_limit() {
    let body = json!({ "status": "500",
        "detail": "REQUEST_LIMIT_EXCEEDED: Workspace 7 exceeded the concurrent limit of 4 requests." });
    let response = ResponseTemplate::new(500).set_body_json(body);
    assert_eq!(
        attempts(response).await,
        (4, ErrorKind::RateLimited { retry_after: None })
    );
    let tokens = json!({ "status": "500", "detail": "RPC token bucket limit has been exceeded" });
    let response = ResponseTemplate::new(500).set_body_json(tokens);
    assert_eq!(
        attempts(response).await,
        (4, ErrorKind::RateLimited { retry_after: None })
    );
}

#[tokio::test]
async fn retries_end_after_four_attempts() {
    assert_eq!(
        attempts(ResponseTemplate::new(429)).await,
        (4, ErrorKind::RateLimited { retry_after: None })
    );
    let down = ErrorKind::Server {
        status: 503,
        retry_after: None,
    };
    assert_eq!(attempts(ResponseTemplate::new(503)).await, (4, down));
}

#[tokio::test]
async fn other_failures_are_not_retried() {
    for status in [400, 401, 403, 404, 409, 500, 502, 504] {
        assert_eq!(attempts(ResponseTemplate::new(status)).await.0, 1, "{status}");
    }
}

#[tokio::test]
async fn a_pause_beyond_the_budget_is_reported_and_not_waited_for() {
    let after = |seconds| Some(Duration::from_secs(seconds));
    let hour = ErrorKind::RateLimited {
        retry_after: after(3600),
    };
    assert_eq!(attempts(limited("3600")).await, (1, hour.clone()));
    assert_eq!(hour.to_string(), "rate limited; retry in 3600 s");
    let forever = ErrorKind::RateLimited {
        retry_after: after(86_400),
    };
    assert_eq!(attempts(limited(&"9".repeat(40))).await, (1, forever));
    let down = ErrorKind::Server {
        status: 503,
        retry_after: after(60),
    };
    assert_eq!(
        attempts(ResponseTemplate::new(503).insert_header("retry-after", "60")).await,
        (1, down)
    );
    let info = json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retry_delay": "90s" });
    let response = ResponseTemplate::new(429).set_body_json(json!({ "details": [info] }));
    assert_eq!(
        attempts(response).await,
        (1, ErrorKind::RateLimited { retry_after: after(90) })
    );
}

#[tokio::test]
async fn a_pause_can_be_given_as_a_date() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3 * 3600));
    let (requests, kind) = attempts(limited(&date)).await;
    assert_eq!(requests, 1);
    let ErrorKind::RateLimited {
        retry_after: Some(delay),
    } = kind
    else {
        panic!("{kind:?}")
    };
    // The range allows for a slow machine.
    assert!(
        delay > Duration::from_secs(2 * 3600) && delay <= Duration::from_secs(3 * 3600),
        "{delay:?}"
    );
}

#[tokio::test]
async fn a_change_is_retried_only_if_the_workspace_did_not_act_on_it() {
    let workspace = Workspace::start().await;
    let one = format!("{TOKENS}/a");
    for (verb, route) in [("PATCH", CONF), ("PATCH", &one), ("DELETE", &one)] {
        workspace.first(1, verb, route, ResponseTemplate::new(429)).await;
        workspace.respond(verb, route, ok(json!({ "token_id": "a" }))).await;
    }
    let (api, id) = (workspace.api(), TokenId::new("a"));
    api.set_tokens_enabled(true).await.unwrap();
    api.set_comment(&id, "x").await.unwrap();
    api.revoke(&id).await.unwrap();
    let requests = workspace.requests().await;
    assert_eq!(requests.len(), 6);
    // A retry is the same request, including its body and credential.
    for twice in requests.chunks(2) {
        assert_eq!((&twice[0].body, &twice[0].headers), (&twice[1].body, &twice[1].headers));
    }
    // After a 503 it may have acted: a repetition could overwrite what someone else did in between.
    let workspace = Workspace::start().await;
    for (verb, route) in [("PATCH", CONF), ("PATCH", &one), ("DELETE", &one)] {
        workspace.respond(verb, route, ResponseTemplate::new(503)).await;
    }
    let api = workspace.api();
    let results = [
        api.set_tokens_enabled(true).await,
        api.set_comment(&id, "x").await.map(drop),
        api.revoke(&id).await,
    ];
    assert!(
        results
            .iter()
            .all(|result| result.as_ref().is_err_and(workspace_client::Error::is_ambiguous))
    );
    assert_eq!(workspace.requests().await.len(), 3);
}

#[tokio::test]
async fn a_broken_connection_is_retried() {
    let server = Raw::start(|before| async move {
        match before {
            0 => Vec::new(),
            1 => raw_http::truncated("{\"id\"", 500),
            _ => raw_http::json(&me().to_string()),
        }
    })
    .await;
    client(&server.address, QUICK).with(&credential()).me().await.unwrap();
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_connection_that_always_breaks_is_an_error() {
    let server = Raw::start(|_| async { raw_http::truncated("{\"id\"", 500) }).await;
    let error = client(&server.address, QUICK)
        .with(&credential())
        .me()
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, server.requests()),
        (ErrorKind::Unreachable(ConnectionFault::Broken), 4)
    );
}

#[tokio::test]
async fn a_host_without_a_server_is_unreachable() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let error = client(&format!("http://{free}"), QUICK)
        .with(&credential())
        .me()
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.upstream),
        (ErrorKind::Unreachable(ConnectionFault::Refused), None)
    );
}

#[tokio::test]
async fn a_call_without_a_response_times_out() {
    let server = Raw::start(|_| std::future::pending()).await;
    let short = Duration::from_millis(50);
    let budgets = Budgets {
        interactive: short,
        list: short,
        ..QUICK
    };
    let client = client(&server.address, budgets);
    let (credential, id) = (credential(), TokenId::new("a"));
    let api = client.with(&credential);
    for kind in [
        api.me().await.unwrap_err().kind,
        api.tokens().await.unwrap_err().kind,
        api.users().await.unwrap_err().kind,
        api.revoke(&id).await.unwrap_err().kind,
    ] {
        assert_eq!(kind, ErrorKind::Timeout);
    }
}

#[tokio::test]
async fn the_list_of_tokens_has_its_own_budget() {
    let server = Raw::start(|before| async move {
        if before == 0 {
            // Longer than an interactive call may take.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        raw_http::json("{}")
    })
    .await;
    let budgets = Budgets {
        interactive: Duration::from_millis(50),
        ..QUICK
    };
    assert_eq!(
        client(&server.address, budgets).with(&credential()).tokens().await,
        Ok(TokenList::default())
    );
}

#[tokio::test]
async fn a_pause_that_exceeds_the_budget_is_not_started() {
    let server = Raw::start(|_| async { raw_http::truncated("{\"id\"", 500) }).await;
    let budgets = Budgets {
        first_pause: Duration::from_secs(60),
        ..QUICK
    };
    let error = client(&server.address, budgets)
        .with(&credential())
        .me()
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, server.requests()),
        (ErrorKind::Unreachable(ConnectionFault::Broken), 1)
    );
}
