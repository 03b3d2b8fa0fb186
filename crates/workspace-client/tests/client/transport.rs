//! What goes over the wire, whatever it is about.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use wiremock::ResponseTemplate;
use workspace_client::ErrorKind;

use crate::fake_workspace::{ME, TOKENS, VALUE, Workspace, me, ok};

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
async fn the_headers_of_a_request() {
    let workspace = Workspace::start().await;
    workspace.answer("GET", ME, ok(me())).await;
    workspace.api().me().await.unwrap();
    let request = workspace.requests().await.remove(0);
    let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("authorization"), format!("Bearer {VALUE}"));
    assert_eq!(header("accept"), "application/json");
    assert_eq!(header("accept-encoding"), "gzip");
    assert!(header("user-agent").starts_with("pat-console/"));
}

#[tokio::test]
async fn answers_may_be_compressed() {
    let workspace = Workspace::start().await;
    let body = json!({ "token_infos": [{ "token_id": "a" }] }).to_string();
    workspace.answer("GET", TOKENS, compressed(gzip(body.as_bytes()))).await;
    assert_eq!(workspace.api().tokens().await.unwrap().tokens.len(), 1);
}

#[tokio::test]
async fn compressed_nonsense_is_a_failure() {
    let workspace = Workspace::start().await;
    workspace
        .answer("GET", TOKENS, compressed(b"not gzip at all".to_vec()))
        .await;
    assert!(workspace.api().tokens().await.is_err());
}

#[tokio::test]
async fn more_than_a_call_accepts() {
    let workspace = Workspace::start().await;
    let huge = format!("{{\"displayName\":\"{}\"}}", "x".repeat(9 << 20));
    workspace.first(1, "GET", ME, compressed(gzip(huge.as_bytes()))).await;
    assert_eq!(workspace.api().me().await.unwrap_err().kind, ErrorKind::TooLarge);
    let response = ResponseTemplate::new(500).set_body_raw(huge, "application/json");
    workspace.answer("GET", ME, response).await;
    assert_eq!(workspace.api().me().await.unwrap_err().kind, ErrorKind::TooLarge);
    assert_eq!(workspace.requests().await.len(), 2);
}

#[tokio::test]
async fn answers_that_are_no_json() {
    for body in ["", "{", "{\"id\": \"1\"", "data", "\u{0}", "{\"id\": \"1\"} trailing"] {
        let workspace = Workspace::start().await;
        let response = ResponseTemplate::new(200).set_body_raw(body, "application/json");
        workspace.answer("GET", ME, response).await;
        let failed = workspace.api().me().await.unwrap_err();
        assert!(matches!(failed.kind, ErrorKind::Undecodable { .. }), "{body}: {failed}");
    }
}

#[tokio::test]
#[should_panic(expected = "no answer is canned for this request")]
async fn a_request_that_no_test_foresaw_fails_the_test() {
    let workspace = Workspace::start().await;
    let failed = workspace.api().me().await.unwrap_err();
    assert!(
        failed
            .message()
            .unwrap()
            .contains("no answer is canned for GET http://")
    );
}
