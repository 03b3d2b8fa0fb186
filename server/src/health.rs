//! Whether the process lives, and whether it can serve.

use axum::extract::State;
use http::StatusCode;
use store::Store;

/// `/healthz`: it lives.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// `/readyz`: its database answers. Workspaces do not count: one that is down must not take the console with it.
pub(crate) async fn ready(State(store): State<Store>) -> (StatusCode, &'static str) {
    match store.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
