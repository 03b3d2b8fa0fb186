//! Requests that change something run to their end, whether or not their browser waits: hyper drops the future of a request
//! whose client has left, wherever that stands at the moment.

use app::http::delivery::Delivery;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use console::Console;
use http::{Method, StatusCode};
use tokio::task::JoinHandle;

use super::access_log;

/// Runs such a request in a task of its own, and settles what depends on whether its response was taken. A page that is
/// only read is dropped with its client: nobody needs it any more.
pub(crate) async fn run_to_end(State(console): State<Console>, mut request: Request, next: Next) -> Response {
    if !is_change(&request) {
        return next.run(request).await;
    }
    let delivery = Delivery::default();
    request.extensions_mut().insert(delivery.clone());
    let mut pending = Pending {
        task: Some(console.run_to_end(access_log::count_calls(next.run(request)))),
        delivery,
        console,
    };
    pending.response().await
}

/// Reading pages write nothing. The two addresses of OAuth are GETs and write the session.
fn is_change(request: &Request) -> bool {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    !is_read || matches!(request.uri().path(), "/sign-in/oauth" | "/sign-in/callback")
}

/// A request under way. Where it is dropped before it has a response, its client has left.
struct Pending {
    task: Option<JoinHandle<Response>>,
    delivery: Delivery,
    console: Console,
}

impl Pending {
    async fn response(&mut self) -> Response {
        let Some(task) = self.task.as_mut() else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let result = task.await;
        self.task = None;
        // What failed in the end, as where the session could not be stored, gave the browser no cookie.
        let received = result
            .as_ref()
            .is_ok_and(|response| !response.status().is_server_error());
        self.settle(received);
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

impl Drop for Pending {
    fn drop(&mut self) {
        let Some(task) = self.task.take() else { return };
        let delivery = self.delivery.clone();
        self.console.run_to_end(async move {
            // What is to be undone is known once the request has ended.
            let _ = task.await;
            delivery.settle(false).await;
        });
    }
}
