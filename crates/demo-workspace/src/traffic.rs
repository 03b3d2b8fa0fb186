//! What happens to every call around its handler: headers, the log, limits, and faults.

pub(crate) mod fault;
pub(crate) mod fault_response;
pub(crate) mod rate_limit;
pub(crate) mod request_log;

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::{ApiError, ScimError};
use crate::app::App;
use crate::net::ResetHandle;
use fault::{Effect, Fault, RetryAfter};
use request_log::LoggedCall;

/// The id that an answer carries in `X-Request-Id` and errors name.
#[derive(Debug, Clone)]
struct RequestId(String);

/// Outermost: logs the call, and gives its answer the headers that all answers have.
pub(crate) async fn observe(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let id = RequestId(uuid::Uuid::new_v4().to_string());
    let (mut call, scim_now) = LoggedCall::begin(Arc::clone(&app), request.method().clone(), request.uri().clone());
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(call.caller.clone());
    let (workspace_id, latency_ms) = {
        let workspace = app.workspace();
        (workspace.id, workspace.knobs.latency_ms)
    };
    let answered = match beyond_limits(&app, request.uri().path(), scim_now, &id.0) {
        Some(refused) => Some(refused),
        None => with_faults(&app, request, next).await,
    };
    if latency_ms > 0 {
        app.pause(latency_ms.into()).await;
    }
    // Nothing reaches a client whose connection is reset; hyper wants an answer all the same.
    let Some(mut response) = answered else {
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

/// The refusal of a call that is one too many.
fn beyond_limits(app: &App, path: &str, scim_now: u32, request_id: &str) -> Option<Response> {
    let workspace = app.workspace();
    let knobs = &workspace.knobs;
    if !app.rate.allows(knobs, path) {
        let retry_after = RetryAfter::Seconds(knobs.rate_retry_after);
        return Some(fault_response::rate_limited(retry_after, request_id));
    }
    (knobs.scim_concurrency > 0 && scim_now > knobs.scim_concurrency)
        .then(|| ScimError::throttled(workspace.id).into_response())
}

/// The answer, `None` where the connection is reset.
async fn with_faults(app: &Arc<App>, request: Request, next: Next) -> Option<Response> {
    let Some(fault) = app.faults.take(request.method(), request.uri().path()) else {
        return Some(handle(request, next).await);
    };
    let Fault { delay_ms, effect, .. } = fault;
    let connection = request.extensions().get::<ConnectInfo<ResetHandle>>().cloned();
    let id = request
        .extensions()
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default();
    let answer = match effect {
        Effect::None => handle(request, next).await,
        Effect::Truncate => fault_response::truncated(handle(request, next).await).await,
        Effect::WrongTypes => fault_response::with_wrong_types(handle(request, next).await).await,
        Effect::Hang => {
            app.stopping().await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        lost @ (Effect::Reset | Effect::ResetAfter) => {
            if lost == Effect::ResetAfter {
                handle(request, next).await;
            }
            app.pause(delay_ms).await;
            if let Some(ConnectInfo(connection)) = connection {
                connection.reset();
            }
            return None;
        }
        instead => fault_response::instead(&instead, &request, app, &id),
    };
    app.pause(delay_ms).await;
    Some(answer)
}

/// The real answer, with errors written out.
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
