//! The list of tokens is decoded while it arrives: what is wrong is known before its end, and how it is cut into packets
//! makes no difference.

use std::time::Duration;

use domain::Token;
use serde_json::json;
use workspace_client::{Budgets, Error, ErrorKind};

use crate::fake_workspace::{QUICK, client, credential};
use crate::raw_http;
use crate::raw_http::Raw;

async fn tokens(server: &Raw) -> Result<Vec<Token>, Error> {
    let list = client(&server.address, QUICK).with(&credential()).tokens().await?;
    Ok(list.tokens)
}

/// What the head promises when more is to come than ever does.
const MORE: usize = 100 << 20;

/// Rows of about the usual size, with commas between.
fn rows(count: usize) -> String {
    let row = |n| json!({ "token_id": format!("{n:064}"), "comment": format!("Zürich 🚀 {n}"), "owner_id": n });
    (0..count).map(|n| row(n).to_string()).collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn byte_by_byte_also_through_letters_and_numbers() {
    let body = json!({ "token_infos": [
        { "token_id": "a\"b", "comment": "Zürich 🚀", "owner_id": 9_007_199_254_740_993_i64 },
        { "token_id": "c", "expiry_time": -1 },
    ] });
    let answer = raw_http::json(&body.to_string());
    let server = Raw::dripping(answer.chunks(1).map(<[u8]>::to_vec).collect(), Duration::ZERO).await;
    let tokens = tokens(&server).await.unwrap();
    assert_eq!(tokens.len(), 2);
    assert_eq!(
        (tokens[0].id.as_str(), tokens[0].comment.as_str()),
        ("a\"b", "Zürich 🚀")
    );
    assert_eq!(tokens[0].owner.unwrap().to_string(), "9007199254740993");
}

#[tokio::test]
async fn a_long_list_of_a_slow_workspace() {
    let answer = raw_http::json(&format!("{{\"token_infos\":[{}]}}", rows(50_000)));
    let parts = answer.chunks(answer.len() / 40).map(<[u8]>::to_vec).collect();
    let server = Raw::dripping(parts, Duration::from_millis(5)).await;
    let tokens = tokens(&server).await.unwrap();
    assert_eq!(tokens.len(), 50_000);
    assert_eq!(tokens[49_999].comment, "Zürich 🚀 49999");
}

#[tokio::test]
async fn what_is_wrong_is_told_before_the_answer_ends() {
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
        let answer = raw_http::truncated(&body, MORE);
        // It never ends; without a look at what has come, the budget would.
        let server = Raw::dripping(vec![answer], Duration::ZERO).await;
        let failed = tokens(&server).await.unwrap_err();
        assert_eq!((failed.kind, server.requests()), (kind, 1));
        assert_eq!(failed.upstream.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_within_the_list_is_begun_anew() {
    let (half, whole) = (format!("{{\"token_infos\":[{},", rows(300)), rows(400));
    let server = Raw::start(move |before| {
        let answer = match before {
            0 | 1 => raw_http::truncated(&half, MORE),
            _ => raw_http::json(&format!("{{\"token_infos\":[{whole}]}}")),
        };
        async { answer }
    })
    .await;
    assert_eq!(tokens(&server).await.unwrap().len(), 400);
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn one_that_always_breaks_is_given_up() {
    let server = Raw::start(|_| async { raw_http::truncated("{\"token_infos\":[{\"token_id\":\"a\"}", MORE) }).await;
    let failed = tokens(&server).await.unwrap_err();
    assert_eq!((failed.kind, server.requests()), (ErrorKind::Unreachable, 4));
}

#[tokio::test]
async fn a_list_that_stops_coming_ends_with_the_budget() {
    let server = Raw::dripping(vec![raw_http::truncated("{\"token_infos\":[", MORE)], Duration::ZERO).await;
    let budgets = Budgets {
        list: Duration::from_millis(80),
        ..QUICK
    };
    let failed = client(&server.address, budgets).with(&credential()).tokens().await;
    assert_eq!(failed.unwrap_err().kind, ErrorKind::Timeout);
}
