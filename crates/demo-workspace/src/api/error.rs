//! The formats of error responses.

use axum::Json;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An error of the REST APIs. It is an extension of an empty response until [`ApiError::render`] creates the body,
/// because the body contains the request ID.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    code: ErrorCode,
    /// Whether the message ends with `[ReqId: …]`.
    names_request: bool,
}

#[derive(Debug, Clone)]
enum ErrorCode {
    Named(String),
    /// The gateway in front of the APIs returns the status as a number instead.
    /// <https://github.com/databricks/databricks-sdk-go/issues/1046>
    Status,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code: ErrorCode::Named(code.into()),
            names_request: false,
        }
    }

    pub(crate) fn gateway(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code: ErrorCode::Status,
            names_request: false,
        }
    }

    /// The error for a bearer token that looks like a personal access token and is not valid.
    pub(crate) fn invalid_access_token() -> Self {
        Self::gateway(StatusCode::FORBIDDEN, "Invalid access token.")
    }

    pub(crate) fn no_credential() -> Self {
        let message = "Credential was not sent or was of an unsupported type for this API.";
        Self {
            names_request: true,
            ..Self::gateway(StatusCode::UNAUTHORIZED, message)
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST", message)
    }

    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_PARAMETER_VALUE", message)
    }

    pub(crate) fn denied(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message)
    }

    pub(crate) fn does_not_exist(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "RESOURCE_DOES_NOT_EXIST", message)
    }

    /// The error for a disabled feature. It is also a 404, but does not mean that an object is missing.
    pub(crate) fn feature_disabled(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "FEATURE_DISABLED", message)
    }

    /// The response to send.
    pub(crate) fn render(&self, request_id: &str) -> Response {
        let message = match self.names_request {
            true => format!("{} [ReqId: {request_id}]", self.message),
            false => self.message.clone(),
        };
        let body = match &self.code {
            ErrorCode::Status => json!({ "error_code": self.status.as_u16(), "message": message }),
            ErrorCode::Named(code) => json!({
                "error_code": code,
                "message": message,
                "details": [{
                    "@type": "type.googleapis.com/google.rpc.RequestInfo",
                    "request_id": request_id,
                    "serving_data": "",
                }],
            }),
        };
        let mut response = (self.status, Json(body)).into_response();
        if let Ok(reason) = HeaderValue::from_str(&self.message.replace(['\n', '\r'], " ")) {
            response.headers_mut().insert("x-databricks-reason-phrase", reason);
        }
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An error of the SCIM API: RFC 7644, section 3.12.
#[derive(Debug, Clone)]
pub(crate) struct ScimError {
    pub(crate) status: StatusCode,
    pub(crate) scim_type: Option<&'static str>,
    pub(crate) detail: String,
}

impl ScimError {
    pub(crate) fn invalid_value(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            scim_type: Some("invalidValue"),
            detail: detail.into(),
        }
    }

    pub(crate) fn invalid_filter(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            scim_type: Some("invalidFilter"),
            detail: detail.into(),
        }
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            scim_type: None,
            detail: detail.into(),
        }
    }

    pub(crate) fn not_found(kind: &str, id: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            scim_type: None,
            detail: format!("{kind} with id {id} not found."),
        }
    }

    /// The SCIM API returns 500 instead of 429 if there are too many concurrent requests.
    /// <https://github.com/databricks/databricks-sdk-go/pull/721>
    pub(crate) fn throttled(workspace_id: u64) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            scim_type: None,
            detail: format!(
                "REQUEST_LIMIT_EXCEEDED: Workspace {workspace_id} exceeded the concurrent limit of 4 requests."
            ),
        }
    }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "detail": self.detail,
            "status": self.status.as_u16().to_string(),
        });
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = Value::from(scim_type);
        }
        (
            self.status,
            [("content-type", "application/scim+json")],
            body.to_string(),
        )
            .into_response()
    }
}

/// An error of a SCIM handler, in the format of SCIM or of the other APIs.
#[derive(Debug)]
pub(crate) enum ScimHandlerError {
    Scim(ScimError),
    Api(ApiError),
}

impl From<ScimError> for ScimHandlerError {
    fn from(error: ScimError) -> Self {
        Self::Scim(error)
    }
}

impl From<ApiError> for ScimHandlerError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl IntoResponse for ScimHandlerError {
    fn into_response(self) -> Response {
        match self {
            Self::Scim(error) => error.into_response(),
            Self::Api(error) => error.into_response(),
        }
    }
}
