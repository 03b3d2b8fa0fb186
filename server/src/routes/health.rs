//! Health checks: whether the process is alive, and whether it is ready.

use axum::Json;
use axum::extract::State;
use console::Console;
use http::StatusCode;
use serde_json::{Value, json};

/// `/healthz`: the process responds.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// `/readyz`: whether the database can be written to, according to the latest small write (at most one every 5 s, and
/// only while someone asks). Responds within a second. Workspaces are not checked: an unavailable workspace must not
/// take the console down too.
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
