//! Whether the process lives, and whether it can do its work.

use axum::Json;
use axum::extract::State;
use console::Console;
use http::StatusCode;
use serde_json::{Value, json};

/// `/healthz`: it lives.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// `/readyz`: its database can be written to, by the latest small write (one every 5 s at most, and only while somebody asks).
/// Answers within a second. Workspaces do not count: one that is down must not take the console with it.
pub(crate) async fn ready(State(console): State<Console>) -> (StatusCode, Json<Value>) {
    match console.readiness().await {
        Ok(()) => (StatusCode::OK, Json(json!({ "status": "ready" }))),
        Err(error) => {
            tracing::error!(%error, "not ready");
            let reason = json!({ "status": "not ready", "reason": error.to_string() });
            (StatusCode::SERVICE_UNAVAILABLE, Json(reason))
        }
    }
}
