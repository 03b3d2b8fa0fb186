//! The middleware around every handler: headers, the request log, limits and faults.

pub(crate) mod call_queue;
pub(crate) mod fault;
pub(crate) mod fault_response;
pub(crate) mod rate_limit;
pub(crate) mod request_log;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::{ApiError, ScimError};
use crate::app::App;
use crate::control::change;
use crate::net::ResetHandle;
use fault::{Effect, Fault, RetryAfter};
use request_log::LoggedCall;

/// The request ID, which the response contains in `X-Request-Id` and in errors.
#[derive(Debug, Clone)]
struct RequestId(String);

/// The outermost middleware. Logs the call, and adds the headers of every response.
pub(crate) async fn observe(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let id = RequestId(uuid::Uuid::new_v4().to_string());
    let (mut call, scim_running) = LoggedCall::begin(Arc::clone(&app), request.method().clone(), request.uri().clone());
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(call.caller.clone());
    let (workspace_id, latency_ms) = {
        let workspace = app.workspace();
        (workspace.id, workspace.knobs.latency_ms)
    };
    let response = match limit_error(&app, request.uri().path(), scim_running, &id.0) {
        Some(error) => Some(error),
        None => with_faults(&app, request, next).await,
    };
    if latency_ms > 0 {
        app.pause(latency_ms.into()).await;
    }
    // If the connection is reset, no response reaches the client, but hyper needs one nevertheless.
    let Some(mut response) = response else {
        return StatusCode::NO_CONTENT.into_response();
    };
    call.status = Some(response.status().as_u16());
    let headers = response.headers_mut();
    headers.insert("server", HeaderValue::from_static("databricks"));
    headers.insert("x-databricks-org-id", HeaderValue::from(workspace_id));
    if let Ok(id) = HeaderValue::from_str(&id.0) {
        headers.insert("x-request-id", id);
    }
    response
}

/// The error response for a call that exceeds a limit.
fn limit_error(app: &App, path: &str, scim_running: u32, request_id: &str) -> Option<Response> {
    let workspace = app.workspace();
    let knobs = &workspace.knobs;
    if !app.rate_limiter.allows(knobs, path) {
        let retry_after = RetryAfter::Seconds(knobs.rate_retry_after);
        return Some(fault_response::rate_limited(retry_after, request_id));
    }
    (knobs.scim_concurrency > 0 && scim_running > knobs.scim_concurrency)
        .then(|| ScimError::throttled(workspace.id).into_response())
}

/// The response, changed by the fault that applies to the call. `None` if the connection is reset.
async fn with_faults(app: &Arc<App>, request: Request, next: Next) -> Option<Response> {
    let Some(fault) = app.faults.take(request.method(), request.uri().path()) else {
        return Some(handle(request, next).await);
    };
    let Fault {
        delay_ms,
        effect,
        others_change,
        ..
    } = fault;
    let connection = request.extensions().get::<ConnectInfo<ResetHandle>>().cloned();
    let id = request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default();
    let response = match effect {
        Effect::None => handle(request, next).await,
        Effect::Truncate => fault_response::truncated(handle(request, next).await).await,
        Effect::WrongTypes => fault_response::with_wrong_types(handle(request, next).await).await,
        Effect::AnswerAfter { status, body } => {
            handle(request, next).await;
            fault_response::canned(status, &body, &id)
        }
        Effect::Hang | Effect::Hold => {
            if effect == Effect::Hold {
                hold(app, request, next).await;
            }
            others_change.into_iter().for_each(|change| apply(app, change));
            app.stopping().await;
            return Some(StatusCode::SERVICE_UNAVAILABLE.into_response());
        }
        reset @ (Effect::Reset | Effect::ResetAfter) => {
            if reset == Effect::ResetAfter {
                handle(request, next).await;
            }
            others_change.into_iter().for_each(|change| apply(app, change));
            app.pause(delay_ms).await;
            if let Some(ConnectInfo(connection)) = connection {
                connection.reset();
            }
            return None;
        }
        other => fault_response::replacement(&other, &request, app, &id),
    };
    others_change.into_iter().for_each(|change| apply(app, change));
    app.pause(delay_ms).await;
    Some(response)
}

/// Makes another admin's change while a call is running. An impossible change is ignored.
fn apply(app: &App, others_change: change::Change) {
    let _ = change::apply(&mut app.workspace_mut(), others_change, app.clock.now_ms());
}

/// Holds a call until held calls are released, then processes it whether or not the client is still waiting.
async fn hold(app: &Arc<App>, request: Request, next: Next) {
    let (parts, body) = request.into_parts();
    // The rest of the body would be lost with the connection.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let request = Request::from_parts(parts, Body::from(body));
    let (app, mut releases) = (Arc::clone(app), app.call_queue.begin());
    tokio::spawn(async move {
        tokio::select! {
            released = releases.changed() => {
                if released.is_ok() {
                    handle(request, next).await;
                }
            }
            () = app.stopping() => {}
        }
        app.call_queue.end();
    });
}

/// The real response, with the bodies of errors.
async fn handle(request: Request, next: Next) -> Response {
    let id = request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default();
    let response = next.run(request).await;
    match response.extensions().get::<ApiError>() {
        Some(error) => error.render(&id),
        None => response,
    }
}
