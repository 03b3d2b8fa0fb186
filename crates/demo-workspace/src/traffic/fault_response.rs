//! The responses that faults return.

use std::time::{Duration, SystemTime};

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::fault::{Effect, FaultBody, RetryAfter};
use super::request_log::AuthKind;
use crate::api::caller::missing_scope;
use crate::api::error::{ApiError, ScimError};
use crate::api::permissions::permissions;
use crate::app::App;

/// An IP address of the range for documentation, RFC 5737.
const BLOCKED_IP: &str = "203.0.113.7";

/// The response that replaces the real one.
pub(super) fn replacement(effect: &Effect, request: &Request, app: &App, request_id: &str) -> Response {
    match effect {
        Effect::Answer { status, body } => canned(*status, body, request_id),
        Effect::Ignore => accepted_and_ignored(request.method(), request.uri().path(), app),
        Effect::RateLimit { retry_after } => rate_limited(*retry_after, request_id),
        Effect::ScimThrottle => ScimError::throttled(app.workspace().id).into_response(),
        Effect::Redirect { location } => redirect(location),
        Effect::AccountsHost => redirect(&format!("/login?next_url={}", request.uri().path())),
        Effect::IpAccessList => {
            let workspace_id = app.workspace().id;
            let message = format!(
                "Source IP address: {BLOCKED_IP} is blocked by Databricks IP ACL for workspace: {workspace_id}"
            );
            ApiError::gateway(StatusCode::FORBIDDEN, message).render(request_id)
        }
        Effect::MissingScope { scope } => missing_scope(AuthKind::OAuth, scope).render(request_id),
        // `traffic::with_faults` handles these, because it has the connection and the real response.
        Effect::None
        | Effect::AnswerAfter { .. }
        | Effect::Truncate
        | Effect::WrongTypes
        | Effect::Hang
        | Effect::Hold
        | Effect::Reset
        | Effect::ResetAfter => StatusCode::NO_CONTENT.into_response(),
    }
}

pub(super) fn canned(status: u16, body: &FaultBody, request_id: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text =
        |content_type: &str, text: String| (status, [(CONTENT_TYPE, content_type.to_owned())], text).into_response();
    match body {
        FaultBody::Empty => status.into_response(),
        FaultBody::JsonError { error_code, message } => ApiError::new(status, error_code, message).render(request_id),
        FaultBody::ScimError { detail } => text("application/scim+json", scim_error(status, detail)),
        FaultBody::EmptyObject => text("application/json", "{}".to_owned()),
        FaultBody::IntegerErrorCode { message } => ApiError::gateway(status, message).render(request_id),
        FaultBody::Html { message } => text("text/html;charset=utf-8", error_page(status, message)),
        FaultBody::PlainText { text: plain } => text("text/plain;charset=utf-8", plain.clone()),
        FaultBody::TruncatedJson => text("application/json", r#"{"token_infos":[{"token_id":"b4"#.to_owned()),
        FaultBody::Raw {
            content_type,
            text: raw,
        } => text(content_type, raw.clone()),
    }
}

/// An error of the SCIM API. With HTTP status 200, the error still has an error status in its body.
fn scim_error(status: StatusCode, detail: &str) -> String {
    let own = if status.is_success() { 500 } else { status.as_u16() };
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
    json!({ "schemas": schemas, "detail": detail, "status": own.to_string() }).to_string()
}

/// The error page of old versions of the platform.
/// <https://github.com/databricks/terraform-provider-databricks/issues/66>
fn error_page(status: StatusCode, message: &str) -> String {
    format!(
        "<html>\n<head>\n<title>Error {0} {message}</title>\n</head>\n<body><h2>HTTP ERROR {0}</h2>\n\
         <p>Problem accessing the workspace. Reason:\n<pre>    {message}</pre></p>\n</body>\n</html>\n",
        status.as_u16()
    )
}

fn accepted_and_ignored(method: &Method, path: &str, app: &App) -> Response {
    if path.ends_with("/permissions/authorization/tokens") {
        axum::Json(permissions(&app.workspace())).into_response()
    } else if let Some((_, id)) = path.rsplit_once("/token-management/tokens/")
        && method == Method::PATCH
    {
        axum::Json(json!({ "token_id": id })).into_response()
    } else if method == Method::PATCH && path.ends_with("/workspace-conf") {
        StatusCode::NO_CONTENT.into_response()
    } else if method == Method::DELETE {
        StatusCode::OK.into_response()
    } else {
        axum::Json(json!({})).into_response()
    }
}

pub(super) fn rate_limited(retry_after: RetryAfter, request_id: &str) -> Response {
    let message = "Too many requests. Please wait a moment and try again.";
    let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", message);
    let mut response = error.render(request_id);
    let value = match retry_after {
        RetryAfter::Absent => return response,
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::DateIn(seconds) => httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(seconds.into())),
    };
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response
}

fn redirect(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::FOUND, [(LOCATION, location)]).into_response(),
        Err(_) => Redirect::to("/login").into_response(),
    }
}

/// The first half of a response, with headers that claim it to be complete.
pub(super) async fn truncated(response: Response) -> Response {
    rewrite_body(response, |bytes| bytes[..bytes.len() / 2].to_vec()).await
}

/// A response with the right structure, in which no value has its correct type.
pub(super) async fn with_wrong_types(response: Response) -> Response {
    rewrite_body(response, |bytes| match serde_json::from_slice(bytes) {
        Ok(value) => with_other_types(value).to_string().into_bytes(),
        Err(_) => bytes.to_vec(),
    })
    .await
}

fn with_other_types(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| (name, with_other_types(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(with_other_types).collect()),
        Value::String(text) => json!([text]),
        Value::Number(number) => json!({ "value": number }),
        Value::Bool(flag) => Value::from(if flag { "yes" } else { "no" }),
        Value::Null => json!({}),
    }
}

async fn rewrite_body(response: Response, rewrite: impl FnOnce(&[u8]) -> Vec<u8>) -> Response {
    let (mut parts, body) = response.into_parts();
    // The body was created in this process, so reading it cannot fail.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(rewrite(&bytes)))
}
