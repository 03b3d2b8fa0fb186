//! Headers, compression and sizes, which are the same for every call.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use wiremock::ResponseTemplate;
use workspace_client::ErrorKind;

use crate::fake_workspace::{ME, QUICK, TOKENS, VALUE, Workspace, client, me, ok};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn compressed(bytes: Vec<u8>) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_raw(bytes, "application/json")
        .insert_header("content-encoding", "gzip")
}

#[tokio::test]
async fn a_request_has_the_credential_and_the_usual_headers() {
    let workspace = Workspace::start().await;
    workspace.respond("GET", ME, ok(me())).await;
    workspace.api().me().await.unwrap();
    let request = workspace.requests().await.remove(0);
    let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("authorization"), format!("Bearer {VALUE}"));
    assert_eq!(header("accept"), "application/json");
    assert_eq!(header("accept-encoding"), "gzip");
    assert!(header("user-agent").starts_with("pat-console/"));
}

#[tokio::test]
async fn every_call_names_the_workspace_of_a_shared_host() {
    let workspace = Workspace::start().await;
    let url = format!("{}/?o=7001002003004005", workspace.server.uri());
    let client = client(&url, QUICK);
    let me = ok(me()).insert_header("x-databricks-org-id", "7001002003004005");
    workspace.first(1, "GET", ME, me.clone()).await;
    workspace.respond("GET", TOKENS, ok(json!({ "token_infos": [] }))).await;
    let api = client.with(&workspace.credential);
    api.me().await.unwrap();
    api.tokens().await.unwrap();
    for request in workspace.requests().await {
        for header in ["x-databricks-workspace-id", "x-databricks-org-id"] {
            assert_eq!(request.headers[header], "7001002003004005", "{}", request.url);
        }
        assert_eq!(request.url.query().unwrap_or_default().matches("o=").count(), 0);
    }
    // The host responds for another workspace.
    let other = me.insert_header("x-databricks-org-id", "42");
    workspace.respond("GET", ME, other).await;
    assert_eq!(api.me().await.unwrap_err().kind, ErrorKind::OtherWorkspace);
}

#[tokio::test]
async fn a_call_names_no_workspace_unless_one_is_configured() {
    let workspace = Workspace::start().await;
    let me = ok(me()).insert_header("x-databricks-org-id", "42");
    workspace.respond("GET", ME, me).await;
    assert_eq!(workspace.api().me().await.unwrap().workspace_id.as_deref(), Some("42"));
    let request = workspace.requests().await.remove(0);
    assert!(!request.headers.contains_key("x-databricks-workspace-id"));
    assert!(!request.headers.contains_key("x-databricks-org-id"));
}

#[tokio::test]
async fn a_compressed_response_is_read() {
    let workspace = Workspace::start().await;
    let body = json!({ "token_infos": [{ "token_id": "a" }] }).to_string();
    workspace
        .respond("GET", TOKENS, compressed(gzip(body.as_bytes())))
        .await;
    assert_eq!(workspace.api().tokens().await.unwrap().tokens.len(), 1);
}

#[tokio::test]
async fn a_response_with_invalid_compression_is_an_error() {
    let workspace = Workspace::start().await;
    workspace
        .respond("GET", TOKENS, compressed(b"not gzip at all".to_vec()))
        .await;
    assert!(workspace.api().tokens().await.is_err());
}

#[tokio::test]
async fn a_response_above_the_size_limit_is_an_error() {
    let workspace = Workspace::start().await;
    let huge = format!("{{\"displayName\":\"{}\"}}", "x".repeat(9 << 20));
    workspace.first(1, "GET", ME, compressed(gzip(huge.as_bytes()))).await;
    assert_eq!(workspace.api().me().await.unwrap_err().kind, ErrorKind::TooLarge);
    let response = ResponseTemplate::new(500).set_body_raw(huge, "application/json");
    workspace.respond("GET", ME, response).await;
    assert_eq!(workspace.api().me().await.unwrap_err().kind, ErrorKind::TooLarge);
    assert_eq!(workspace.requests().await.len(), 2);
}

#[tokio::test]
async fn a_response_that_is_not_json_is_an_error() {
    for body in ["", "{", "{\"id\": \"1\"", "data", "\u{0}", "{\"id\": \"1\"} trailing"] {
        let workspace = Workspace::start().await;
        let response = ResponseTemplate::new(200).set_body_raw(body, "application/json");
        workspace.respond("GET", ME, response).await;
        let error = workspace.api().me().await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Undecodable { .. }), "{body}: {error}");
    }
}

#[tokio::test]
#[should_panic(expected = "no response is prepared for this request")]
async fn an_unexpected_request_fails_the_test() {
    let workspace = Workspace::start().await;
    let error = workspace.api().me().await.unwrap_err();
    let message = error.message().unwrap();
    assert!(message.contains("no response is prepared for GET http://"));
}
