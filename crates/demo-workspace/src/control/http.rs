//! The control interface over HTTP, documented in the crate's README.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::change::{Change, ChangeOutcome, apply};
use crate::app::App;
use crate::traffic::fault::Fault;

pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/held/release", post(release_held_calls))
        .route("/changes", post(change))
        .route("/clock", get(clock).post(advance_clock))
        .route("/log", get(log).delete(clear_log))
        .route("/knobs", get(knobs))
        .route("/reset", post(reset))
        .with_state(app)
}

async fn faults(State(app): State<Arc<App>>) -> Json<Vec<Fault>> {
    Json(app.faults.all())
}

async fn add_fault(State(app): State<Arc<App>>, Json(fault): Json<Fault>) -> StatusCode {
    app.faults.add(fault);
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(app): State<Arc<App>>) -> StatusCode {
    app.faults.clear();
    StatusCode::NO_CONTENT
}

async fn release_held_calls(State(app): State<Arc<App>>) -> StatusCode {
    app.call_queue.release().await;
    StatusCode::NO_CONTENT
}

async fn change(State(app): State<Arc<App>>, Json(change): Json<Change>) -> Result<Json<ChangeOutcome>, Response> {
    let outcome = apply(&mut app.workspace_mut(), change, app.clock.now_ms());
    outcome.map(Json).map_err(|error| {
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            Json(json!({ "error": error.to_string() })),
        )
            .into_response()
    })
}

async fn clock(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({ "now_ms": app.clock.now_ms() }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

async fn advance_clock(State(app): State<Arc<App>>, Json(Advance { advance_ms }): Json<Advance>) -> Json<Value> {
    app.clock.advance(advance_ms);
    Json(json!({ "now_ms": app.clock.now_ms() }))
}

async fn log(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!({ "most_scim_at_once": app.log.most_scim_at_once(), "entries": app.log.entries() }))
}

async fn clear_log(State(app): State<Arc<App>>) -> StatusCode {
    app.log.clear();
    StatusCode::NO_CONTENT
}

async fn knobs(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!(app.workspace().knobs))
}

async fn reset(State(app): State<Arc<App>>) -> StatusCode {
    app.reset();
    StatusCode::NO_CONTENT
}
