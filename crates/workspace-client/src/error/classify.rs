//! Classifies error responses. Error codes take precedence over the HTTP status, as in the vendor's SDKs
//! (`errors/mapper.py`). Messages decide only if nothing else tells two cases apart.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};

use super::body::{BodyForm, ErrorBody};
use super::{Error, ErrorKind, NO_TOKEN_EXISTS, UpstreamDetails, sanitize};

/// The kind of endpoint that was called. The same response can mean something else from another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// An API of the workspace.
    Api,
    /// The token permissions, where a bare 404 means that no token exists yet.
    TokenPermissions,
    /// The discovery of the sign-in service. No credential is sent there.
    Discovery,
    /// The token endpoint of the sign-in service, which returns OAuth errors.
    OAuth,
}

impl Endpoint {
    fn is_of_sign_in_service(self) -> bool {
        matches!(self, Self::Discovery | Self::OAuth)
    }
}

/// A failed attempt, and whether another one may succeed.
#[derive(Debug)]
pub(crate) struct CallFailure {
    pub(crate) error: Error,
    /// The same request may succeed later: 429, 503, a broken connection, and the messages after which the vendor's
    /// SDKs retry.
    pub(crate) transient: bool,
    /// The workspace certainly did not act on the request.
    pub(crate) not_processed: bool,
}

/// The longest pause that is accepted from a workspace.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The messages after which the vendor's Python SDK retries (`_base_client.py`).
const TRANSIENT_TEXTS: [&str; 8] = [
    "UnknownWorkerEnvironmentException",
    "does not have any associated worker environments",
    "There is no worker environment with id",
    "Unknown worker environment",
    "ClusterNotReadyException",
    "Unexpected error",
    "Please try again later or try a faster operation.",
    "RPC token bucket limit has been exceeded",
];

/// Classifies the response to a call that failed. `secret` is the credential of the request, which is removed from the
/// message.
pub(crate) fn classify(
    endpoint: Endpoint,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    secret: &str,
) -> CallFailure {
    let mut body = ErrorBody::read(body);
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let reason = text("x-databricks-reason-phrase");
    let mut words = body.message.clone().unwrap_or_default();
    if let Some(reason) = reason
        .as_ref()
        .filter(|_| body.form != BodyForm::Json || body.message.is_none())
    {
        words = format!("{words} {reason}");
    }
    body.message = body.message.or(reason);
    let delay = retry_after(headers, SystemTime::now()).or(body.retry_delay);
    let kind = if status.is_redirection() {
        redirect_kind(text(LOCATION.as_str()).as_deref().unwrap_or_default())
    } else {
        let meant = meant_status(status, &body);
        kind(endpoint, meant, &body, &words.to_ascii_lowercase(), delay)
    };
    let message = body.message.as_deref().unwrap_or_default();
    let is_limited = matches!(kind, ErrorKind::RateLimited { .. });
    let transient = is_limited
        || matches!(kind, ErrorKind::Server { status: 503, .. })
        || TRANSIENT_TEXTS.iter().any(|t| message.contains(t));
    let error = Error::from(kind).with(upstream(endpoint, status, body, text("x-request-id"), secret));
    CallFailure {
        error,
        transient,
        // A 500 in the words of a rate limit says nothing about what was done before it.
        not_processed: is_limited && status == StatusCode::TOO_MANY_REQUESTS,
    }
}

/// The status that an error means. An error with the status of a success may have its own status in the body.
fn meant_status(status: StatusCode, body: &ErrorBody) -> u16 {
    if !status.is_success() {
        return status.as_u16();
    }
    match body.code.as_deref() {
        Some("INTERNAL_ERROR" | "UNKNOWN" | "DATA_LOSS") => 500,
        _ => body.status.unwrap_or(status.as_u16()),
    }
}

/// `words` is the text of the workspace, in lower case.
fn kind(endpoint: Endpoint, status: u16, body: &ErrorBody, words: &str, retry_after: Option<Duration>) -> ErrorKind {
    let code = body.code.as_deref().unwrap_or_default();
    if status == 429
        || matches!(code, "REQUEST_LIMIT_EXCEEDED" | "RESOURCE_EXHAUSTED")
        || words.contains("rpc token bucket limit has been exceeded")
    {
        return ErrorKind::RateLimited { retry_after };
    }
    // The sign-in service knows nothing about what a credential can do in the workspace.
    let is_known = |kind: &ErrorKind| {
        let of_host = [
            ErrorKind::IpBlocked,
            ErrorKind::UnexpectedHtml,
            ErrorKind::WorkspaceIdMissing,
        ];
        !endpoint.is_of_sign_in_service() || of_host.contains(kind)
    };
    if let Some(kind) = refusal_in_words(status, body, words).filter(is_known) {
        return kind;
    }
    if endpoint == Endpoint::OAuth
        && let Some(code) = &body.oauth_code
        && status < 500
    {
        return oauth_kind(status, code);
    }
    match (status, code) {
        (_, "PERMISSION_DENIED" | "UNAUTHENTICATED") | (401 | 403, _) if endpoint.is_of_sign_in_service() => {
            match body.form {
                BodyForm::Html => ErrorKind::UnexpectedHtml,
                _ => ErrorKind::SignInServiceRefused,
            }
        }
        (_, "PERMISSION_DENIED" | "UNAUTHENTICATED") | (401 | 403, _) => denial_kind(status, code, body, words),
        (_, "TEMPORARILY_UNAVAILABLE") => ErrorKind::Server {
            status: 503,
            retry_after,
        },
        (_, "DEADLINE_EXCEEDED") => ErrorKind::Server {
            status: 504,
            retry_after,
        },
        (500.., _) => ErrorKind::Server { status, retry_after },
        _ if matches!(body.form, BodyForm::Html | BodyForm::LoginPage) => ErrorKind::UnexpectedHtml,
        (404, _) | (_, "RESOURCE_DOES_NOT_EXIST" | "NOT_FOUND" | "ENDPOINT_NOT_FOUND") => {
            not_found_kind(endpoint, code, body.message.as_deref().unwrap_or_default())
        }
        _ if words.contains("unauthorized to perform readaction on") => ErrorKind::NotAllowed,
        _ => ErrorKind::Rejected,
    }
}

/// The refusals that only their words tell apart, in the order in which they are decided. They often have a number as
/// their code, or one that also means something else: a missing scope
/// (<https://github.com/databricks/databricks-sdk-go/issues/1046>), a person who is not in this workspace (`/853`,
/// `/928`), a unified host without the workspace's ID
/// (<https://github.com/databricks/databricks-sdk-go/pull/1634>).
fn refusal_in_words(status: u16, body: &ErrorBody, words: &str) -> Option<ErrorKind> {
    let code = body.code.as_deref().unwrap_or_default();
    // The words of another failure may quote what somebody typed.
    let is_refusal = matches!(status, 401 | 403) || (status == 400 && code.is_empty());
    let contains = |texts: &[&str]| texts.iter().any(|t| words.contains(t));
    let is_bad_request = status == 400 && code.is_empty();
    if is_refusal && body.form == BodyForm::LoginPage {
        Some(ErrorKind::UnexpectedHtml)
    } else if is_refusal
        && contains(&[
            "is blocked by databricks ip acl",
            "unauthorized network access to workspace",
        ])
    {
        Some(ErrorKind::IpBlocked)
    } else if is_refusal && contains(&["required scopes:"]) {
        Some(ErrorKind::ScopeMissing)
    } else if is_refusal && contains(&["access to org", "user not authorized."]) {
        Some(ErrorKind::NotInWorkspace)
    } else if is_bad_request && contains(&["unable to load oauth config"]) {
        Some(ErrorKind::WorkspaceIdMissing)
    } else if is_bad_request && body.form == BodyForm::PlainText && words.trim() == "invalid token" {
        Some(ErrorKind::NotInWorkspace)
    } else if is_refusal && contains(&["does not have permission to use tokens"]) {
        Some(ErrorKind::TokensNotAllowed)
    } else if code == "FEATURE_DISABLED"
        || contains(&["is not enabled for this feature tier"])
        || ((is_refusal || status == 404) && contains(&["tokens are disabled"]))
    {
        let tokens_disabled = contains(&["tokens are disabled"]);
        Some(ErrorKind::FeatureOff { tokens_disabled })
    } else {
        None
    }
}

/// The kind of any other 401 or 403. Both statuses can mean a bad credential or a missing permission: the vendor's
/// OpenAPI files have 401 for cases in which real workspaces return 403, and a revoked token gets 403
/// (<https://github.com/databricks/databricks-sdk-go/issues/1046>). Only the words of a bad credential mean one.
fn denial_kind(status: u16, code: &str, body: &ErrorBody, words: &str) -> ErrorKind {
    let contains = |texts: &[&str]| texts.iter().any(|t| words.contains(t));
    let is_code_of_refusal = !matches!(code, "" | "UNAUTHENTICATED" | "SCIM_401");
    let admin_words = [
        "is not an admin",
        "only admins can",
        "unauthorized to perform readaction on",
    ];
    if is_code_of_refusal || contains(&admin_words) {
        ErrorKind::NotAllowed
    } else if contains(&["invalid access token", "credential was not sent", "token is expiring"])
        || (status == 401 && contains(&["invalid token"]))
    {
        ErrorKind::BadCredential
    } else if matches!(body.form, BodyForm::Html | BodyForm::LoginPage) {
        ErrorKind::UnexpectedHtml
    } else if status == 401 || body.has_numeric_code || code == "UNAUTHENTICATED" {
        ErrorKind::UnknownRefusal
    } else {
        ErrorKind::GatewayRefusal
    }
}

/// The kind of a 404. A workspace without tokens has no token permissions and returns 404, sometimes with just the text
/// `Not Found` (<https://github.com/databricks/terraform-provider-databricks/issues/1122>, `/2118`).
fn not_found_kind(endpoint: Endpoint, code: &str, message: &str) -> ErrorKind {
    let is_bare = code.is_empty() && matches!(message.trim(), "" | "Not Found");
    if message.contains(NO_TOKEN_EXISTS) || (endpoint == Endpoint::TokenPermissions && is_bare) {
        ErrorKind::NoTokenYet
    } else {
        ErrorKind::NotFound
    }
}

/// The kind of an OAuth error. For an expired or revoked refresh token, workspaces return 401 `invalid_request`; the
/// standard has 400 `invalid_grant`.
fn oauth_kind(status: u16, code: &str) -> ErrorKind {
    match (status, code) {
        (_, "invalid_grant") | (401, "invalid_request") => ErrorKind::BadCredential,
        _ => ErrorKind::OAuthRefused {
            code: name(code).unwrap_or_else(|| "unknown".into()),
        },
    }
}

/// The kind of a redirect. A workspace behind a private link redirects requests from outside to a login page whose URL
/// says so (the vendor's Python SDK, `errors/private_link.py`).
fn redirect_kind(location: &str) -> ErrorKind {
    if location.contains("private-link-validation-error") {
        ErrorKind::IpBlocked
    } else {
        ErrorKind::Redirect
    }
}

fn upstream(
    endpoint: Endpoint,
    status: StatusCode,
    body: ErrorBody,
    header_id: Option<String>,
    secret: &str,
) -> UpstreamDetails {
    let code = body.code.or(body.oauth_code.filter(|_| endpoint == Endpoint::OAuth));
    let (message, message_id) = match body.message {
        // A sign-in service may quote secrets of the request in its message.
        Some(_) if endpoint == Endpoint::OAuth => (None, None),
        Some(text) => without_request_id(text),
        None => (None, None),
    };
    let message = message.map(|text| match secret {
        "" => sanitize(&text, 500),
        secret => sanitize(&text.replace(secret, "[redacted]"), 500),
    });
    UpstreamDetails {
        status: status.as_u16(),
        code: code.as_deref().and_then(name),
        message: message.filter(|m| !m.is_empty()),
        request_id: header_id.or(body.request_id).or(message_id).as_deref().and_then(name),
    }
}

/// Splits off ` [ReqId: <uuid>]`, which newer gateways append to the message.
fn without_request_id(message: String) -> (Option<String>, Option<String>) {
    match message
        .split_once("[ReqId: ")
        .map(|(text, id)| (text, id.trim_end_matches(']')))
    {
        Some((text, id)) => (Some(text.trim().to_owned()), Some(id.to_owned())),
        None => (Some(message), None),
    }
}

/// A code or an ID, if it is one word of harmless characters.
fn name(text: &str) -> Option<String> {
    let is_harmless = |b: u8| b.is_ascii_alphanumeric() || b"-_.:".contains(&b);
    (!text.is_empty() && text.len() <= 100 && text.bytes().all(is_harmless)).then(|| sanitize(text, 100))
}

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), at most [`MAX_RETRY_AFTER`].
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let delay = if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        date.duration_since(now).unwrap_or_default()
    };
    Some(delay.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pause_is_given_in_seconds_or_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_767);
        let pause = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after(&headers, now).map(|d| d.as_secs())
        };
        assert_eq!(pause("0"), Some(0));
        assert_eq!(pause(" 120 "), Some(120));
        assert_eq!(pause("Sun, 06 Nov 1994 08:49:37 GMT"), Some(10));
        assert_eq!(pause("Sun, 06 Nov 1994 08:49:20 GMT"), Some(0));
        assert_eq!(pause("Sat, 06 Nov 2094 08:49:37 GMT"), Some(86_400));
        assert_eq!(pause("99999999999999999999"), Some(86_400));
        for invalid in ["", "-1", "1.5", "soon"] {
            assert_eq!(pause(invalid), None, "{invalid}");
        }
    }

    proptest! {
        #[test]
        fn no_response_causes_a_panic_or_leaks_a_token_value(
            status in 200u16..600,
            before in "(\\{\"message\":\"|<pre>|[A-Z]{3,9}: )?",
            text in "\\PC{0,40}",
            noise in proptest::collection::vec(any::<u8>(), 0..40),
            endpoint in prop_oneof![Just(Endpoint::Api), Just(Endpoint::TokenPermissions), Just(Endpoint::OAuth)],
        ) {
            let value = format!("dapi{}", "0f1e2d3c".repeat(4));
            let mut body = format!("{before}{text}{value}{text}\"}}").into_bytes();
            let status = StatusCode::from_u16(status).unwrap();
            for _ in 0..2 {
                let failure = classify(endpoint, status, &HeaderMap::new(), &body, "s3cret");
                let shown = format!("{:?}", failure.error);
                prop_assert!(!shown.contains(&value), "{}", shown);
                prop_assert!(!failure.error.message().is_some_and(|m| m.contains(char::is_control)));
                body.extend_from_slice(&noise);
            }
        }
    }
}
