//! The list of tokens is decoded while it arrives: errors are found before its end, and the way it is split into
//! packets makes no difference.

use std::time::Duration;

use domain::{ConnectionFault, Token};
use serde_json::json;
use workspace_client::{Budgets, Error, ErrorKind};

use crate::fake_workspace::{QUICK, client, credential};
use crate::raw_http;
use crate::raw_http::Raw;

async fn tokens(server: &Raw) -> Result<Vec<Token>, Error> {
    let list = client(&server.address, QUICK).with(&credential()).tokens().await?;
    Ok(list.tokens)
}

/// A content length that is larger than the body.
const TOO_LONG: usize = 100 << 20;

/// Rows of about the usual size, separated by commas.
fn rows(count: usize) -> String {
    let row = |n| json!({ "token_id": format!("{n:064}"), "comment": format!("Zürich 🚀 {n}"), "owner_id": n });
    (0..count).map(|n| row(n).to_string()).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn a_list_can_arrive_byte_by_byte_even_within_characters_and_numbers() {
    let body = json!({ "token_infos": [
        { "token_id": "a\"b", "comment": "Zürich 🚀", "owner_id": 9_007_199_254_740_993_i64 },
        { "token_id": "c", "expiry_time": -1 },
    ] });
    let response = raw_http::json(&body.to_string());
    let server = Raw::dripping(response.chunks(1).map(<[u8]>::to_vec).collect(), Duration::ZERO).await;
    let tokens = tokens(&server).await.unwrap();
    assert_eq!(tokens.len(), 2);
    assert_eq!(
        (tokens[0].id.as_str(), tokens[0].comment.as_str()),
        ("a\"b", "Zürich 🚀")
    );
    assert_eq!(tokens[0].owner.unwrap().to_string(), "9007199254740993");
}

#[tokio::test]
async fn a_long_list_can_arrive_slowly() {
    let response = raw_http::json(&format!("{{\"token_infos\":[{}]}}", rows(50_000)));
    let parts = response.chunks(response.len() / 40).map(<[u8]>::to_vec).collect();
    let server = Raw::dripping(parts, Duration::from_millis(5)).await;
    let tokens = tokens(&server).await.unwrap();
    assert_eq!(tokens.len(), 50_000);
    assert_eq!(tokens[49_999].comment, "Zürich 🚀 49999");
}

#[tokio::test]
async fn an_error_is_reported_before_the_response_ends() {
    for (body, kind) in [
        (
            format!("{{\"token_infos\":[{} {{\"token_id\":\"a\"}},", rows(50_000)),
            ErrorKind::Undecodable {
                path: "token_infos".into(),
            },
        ),
        (
            format!("{{\"token_infos\":[{}]}} more", rows(1)),
            ErrorKind::Undecodable { path: ".".into() },
        ),
        (" <!doctype html>".into(), ErrorKind::UnexpectedHtml),
    ] {
        let response = raw_http::truncated(&body, TOO_LONG);
        // The response never ends, so that reading it to its end would exceed the budget.
        let server = Raw::dripping(vec![response], Duration::ZERO).await;
        let error = tokens(&server).await.unwrap_err();
        assert_eq!((error.kind, server.requests()), (kind, 1));
        assert_eq!(error.upstream.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_list_is_read_again_after_its_connection_breaks() {
    let (half, whole) = (format!("{{\"token_infos\":[{},", rows(300)), rows(400));
    let server = Raw::start(move |before| {
        let response = match before {
            0 | 1 => raw_http::truncated(&half, TOO_LONG),
            _ => raw_http::json(&format!("{{\"token_infos\":[{whole}]}}")),
        };
        async { response }
    })
    .await;
    assert_eq!(tokens(&server).await.unwrap().len(), 400);
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_list_whose_connection_always_breaks_is_an_error() {
    let server =
        Raw::start(|_| async { raw_http::truncated("{\"token_infos\":[{\"token_id\":\"a\"}", TOO_LONG) }).await;
    let error = tokens(&server).await.unwrap_err();
    assert_eq!(
        (error.kind, server.requests()),
        (ErrorKind::Unreachable(ConnectionFault::Broken), 4)
    );
}

#[tokio::test]
async fn a_list_that_stops_arriving_times_out() {
    let server = Raw::dripping(
        vec![raw_http::truncated("{\"token_infos\":[", TOO_LONG)],
        Duration::ZERO,
    )
    .await;
    let budgets = Budgets {
        list: Duration::from_millis(80),
        ..QUICK
    };
    let result = client(&server.address, budgets).with(&credential()).tokens().await;
    assert_eq!(result.unwrap_err().kind, ErrorKind::Timeout);
}
