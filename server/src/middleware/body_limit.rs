//! Limits the size of a request's body and the time that it takes to arrive. tower-http's timeout for bodies restarts
//! with every frame, so it never cuts off a client that sends byte by byte.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use tokio::time::timeout;

/// The largest body: larger than any form of this console, even with a fully percent-encoded comment.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// How long a whole body may take to arrive.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Reads the whole body before any handler does, whether or not its length was announced. Responds with 413 if it is
/// too large, and with 408 if it takes too long.
pub(crate) async fn body_limit(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(read) = timeout(BODY_READ_TIMEOUT, to_bytes(body, MAX_BODY_BYTES)).await else {
        return (StatusCode::REQUEST_TIMEOUT, "The request timed out.\n").into_response();
    };
    match read {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(_) => (StatusCode::PAYLOAD_TOO_LARGE, "The request exceeds 64 kB.\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_times_out() {
        let router = Router::new()
            .route("/", post(|| async { "done" }))
            .layer(from_fn(body_limit));
        let endless = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let request = Request::post("/").body(Body::from_stream(endless)).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    }
}
