//! Lets requests that change something run to their end even if their browser disconnects: otherwise hyper drops the
//! future of a request when its client disconnects, wherever it is at that moment.

use app::http::delivery::Delivery;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use console::Console;
use http::{Method, StatusCode};
use tokio::task::JoinHandle;

use super::access_log::attach_calls;

/// Runs a request that changes something in its own task, then does the work that depends on whether the browser
/// received the response ([`Delivery`]). A request that only reads is dropped when its client disconnects.
pub(crate) async fn run_to_end(State(console): State<Console>, mut request: Request, next: Next) -> Response {
    if !is_change(&request) {
        return next.run(request).await;
    }
    let delivery = Delivery::default();
    request.extensions_mut().insert(delivery.clone());
    let mut pending = PendingRequest {
        task: Some(console.run_to_end(attach_calls(next.run(request)))),
        delivery,
        console,
    };
    pending.response().await
}

/// GET requests do not write anything, except the two OAuth routes, which write the session.
fn is_change(request: &Request) -> bool {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    !is_read || matches!(request.uri().path(), "/sign-in/oauth" | "/sign-in/callback")
}

/// A running request. If it is dropped before it has a response, its client has disconnected.
struct PendingRequest {
    task: Option<JoinHandle<Response>>,
    delivery: Delivery,
    console: Console,
}

impl PendingRequest {
    async fn response(&mut self) -> Response {
        let Some(task) = self.task.as_mut() else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let result = task.await;
        self.task = None;
        // A response that failed late, for example because the session could not be stored, sets no cookie in the
        // browser.
        let delivered = result
            .as_ref()
            .is_ok_and(|response| !response.status().is_server_error());
        self.settle(delivered);
        result.unwrap_or_else(|error| {
            tracing::error!(%error, "request panicked");
            let text = "Something went wrong in the console. Check whether anything changed before you try again.\n";
            (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
        })
    }

    fn settle(&self, delivered: bool) {
        if self.delivery.is_settled() {
            return;
        }
        let delivery = self.delivery.clone();
        self.console.run_to_end(async move { delivery.settle(delivered).await });
    }
}

impl Drop for PendingRequest {
    fn drop(&mut self) {
        let Some(task) = self.task.take() else { return };
        let delivery = self.delivery.clone();
        self.console.run_to_end(async move {
            // What has to be undone is known only when the request has ended.
            let _ = task.await;
            delivery.settle(false).await;
        });
    }
}
