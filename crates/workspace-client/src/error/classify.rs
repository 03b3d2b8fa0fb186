//! What an error answer means. Codes go before the HTTP status, as in the vendor's SDKs (`errors/mapper.py`); texts
//! are looked at only where nothing else tells two cases apart.

use core::time::Duration;
use std::time::SystemTime;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};

use super::body::ErrorBody;
use super::{Error, ErrorKind, UpstreamDetails, sanitize};

/// What of a request decides how its failure is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// An interface of the workspace.
    Api,
    /// The token permissions: their bare 404 means that no token exists yet.
    TokenPermissions,
    /// The token endpoint of the sign-in service, which answers in the words of OAuth.
    OAuth,
}

/// A failure, and whether the same request may help.
#[derive(Debug)]
pub(crate) struct CallFailure {
    pub(crate) error: Error,
    /// It passes by itself: 429, 503, and the texts that the vendor's SDKs repeat after.
    pub(crate) transient: bool,
    /// The workspace did not act on the request.
    pub(crate) not_processed: bool,
}

/// Longest wait that is believed, in seconds.
const MAX_RETRY_AFTER: u64 = 86_400;

/// `_base_client.py` of the vendor's Python SDK.
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

/// Makes sense of an answer that is no success. `secret` is the credential that the request carried.
pub(crate) fn classify(
    asked: Endpoint,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    secret: &str,
) -> CallFailure {
    let mut said = ErrorBody::read(body);
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    if said.message.is_none() {
        said.message = text("x-databricks-reason-phrase");
    }
    let delay = retry_after(headers, SystemTime::now()).or(said.retry_delay);
    let kind = if status.is_redirection() {
        redirect(text(LOCATION.as_str()).as_deref().unwrap_or_default())
    } else {
        kind(asked, status.as_u16(), &said, delay)
    };
    let message = said.message.as_deref().unwrap_or_default();
    let limited = matches!(kind, ErrorKind::RateLimited { .. });
    let transient = limited
        || matches!(kind, ErrorKind::Server { status: 503, .. })
        || TRANSIENT_TEXTS.iter().any(|t| message.contains(t));
    let error = Error::from(kind).with(upstream(asked, status, said, text("x-request-id"), secret));
    CallFailure {
        error,
        transient,
        not_processed: limited,
    }
}

fn kind(asked: Endpoint, status: u16, said: &ErrorBody, retry_after: Option<Duration>) -> ErrorKind {
    let code = said.code.as_deref().unwrap_or_default();
    let message = said.message.as_deref().unwrap_or_default();
    let tells = |texts: &[&str]| texts.iter().any(|t| message.contains(t));

    if status == 429
        || matches!(code, "REQUEST_LIMIT_EXCEEDED" | "RESOURCE_EXHAUSTED")
        || tells(&["RPC token bucket limit has been exceeded"])
    {
        return ErrorKind::RateLimited { retry_after };
    }
    if tells(&[
        "is blocked by Databricks IP ACL",
        "Unauthorized network access to workspace",
    ]) {
        return ErrorKind::IpBlocked;
    }
    if tells(&["does not have permission to use tokens"]) {
        return ErrorKind::TokensNotAllowed;
    }
    if code == "FEATURE_DISABLED" || tells(&["is not enabled for this feature tier"]) {
        return ErrorKind::FeatureOff {
            tokens_disabled: tells(&["Tokens are disabled"]),
        };
    }
    if asked == Endpoint::OAuth
        && let Some(code) = &said.oauth_code
        && status < 500
    {
        return oauth(status, code);
    }
    match (status, code) {
        (_, "PERMISSION_DENIED" | "UNAUTHENTICATED") | (401 | 403, _) => denied(status, code, said),
        (_, "TEMPORARILY_UNAVAILABLE") => ErrorKind::Server {
            status: 503,
            retry_after,
        },
        (_, "DEADLINE_EXCEEDED") => ErrorKind::Server {
            status: 504,
            retry_after,
        },
        (500.., _) => ErrorKind::Server { status, retry_after },
        _ if said.html => ErrorKind::UnexpectedHtml,
        (404, _) | (_, "RESOURCE_DOES_NOT_EXIST" | "NOT_FOUND" | "ENDPOINT_NOT_FOUND") => missing(asked, code, message),
        _ if tells(&["unauthorized to perform ReadAction on"]) => ErrorKind::NotAllowed,
        _ => ErrorKind::Rejected,
    }
}

/// 401 and 403 both mean either "who are you" or "you may not": the vendor's OpenAPI files say 401 where live
/// workspaces answer 403, and a revoked token gets 403 (<https://github.com/databricks/databricks-sdk-go/issues/1046>).
fn denied(status: u16, code: &str, said: &ErrorBody) -> ErrorKind {
    let message = said.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    let tells = |texts: &[&str]| texts.iter().any(|t| message.contains(t));
    if tells(&[
        "is not an admin",
        "only admins can",
        "unauthorized to perform readaction on",
    ]) {
        ErrorKind::NotAllowed
    } else if tells(&[
        "invalid access token",
        "invalid token",
        "credential was not sent",
        "token is expiring within",
        "token expired",
        "token is expired",
        "user not authorized",
    ]) {
        ErrorKind::BadCredential
    } else if tells(&["scope"]) {
        ErrorKind::ScopeMissing
    } else if code == "PERMISSION_DENIED" || (status == 403 && !code.is_empty() && code != "UNAUTHENTICATED") {
        ErrorKind::NotAllowed
    } else if said.html {
        ErrorKind::UnexpectedHtml
    } else {
        ErrorKind::BadCredential
    }
}

/// A workspace without any token has no token permissions: 404, at times as the bare text `Not SearchResults`
/// (<https://github.com/databricks/terraform-provider-databricks/issues/1122>, `/2118`).
fn missing(asked: Endpoint, code: &str, message: &str) -> ErrorKind {
    let bare = code.is_empty() && matches!(message.trim(), "" | "Not Found");
    if message.contains("tokens tokens does not exist") || (asked == Endpoint::TokenPermissions && bare) {
        ErrorKind::NoTokenYet
    } else {
        ErrorKind::NotFound
    }
}

/// A refresh token that has ended is answered 401 `invalid_request` by workspaces and 400 `invalid_grant` by the book.
fn oauth(status: u16, code: &str) -> ErrorKind {
    match (status, code) {
        (_, "invalid_grant") | (401, "invalid_request") => ErrorKind::BadCredential,
        _ => ErrorKind::OAuthRefused {
            code: name(code).unwrap_or_else(|| "unknown".into()),
        },
    }
}

/// A workspace behind a private link sends others to a login page that says so
/// (the vendor's Python SDK, `errors/private_link.py`).
fn redirect(location: &str) -> ErrorKind {
    if location.contains("private-link-validation-error") {
        ErrorKind::IpBlocked
    } else {
        ErrorKind::Redirect
    }
}

fn upstream(
    asked: Endpoint,
    status: StatusCode,
    said: ErrorBody,
    header_id: Option<String>,
    secret: &str,
) -> UpstreamDetails {
    let code = said.code.or(said.oauth_code.filter(|_| asked == Endpoint::OAuth));
    let (message, message_id) = match said.message {
        // What a sign-in service describes may quote what it was sent.
        Some(_) if asked == Endpoint::OAuth => (None, None),
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
        request_id: header_id.or(said.request_id).or(message_id).as_deref().and_then(name),
    }
}

/// Newer gateways append ` [ReqId: <uuid>]` to the message.
fn without_request_id(message: String) -> (Option<String>, Option<String>) {
    match message
        .split_once("[ReqId: ")
        .map(|(text, id)| (text, id.trim_end_matches(']')))
    {
        Some((text, id)) => (Some(text.trim().to_owned()), Some(id.to_owned())),
        None => (Some(message), None),
    }
}

/// A code or an id: one word of harmless characters, else nothing.
fn name(text: &str) -> Option<String> {
    let harmless = |b: u8| b.is_ascii_alphanumeric() || b"-_.:".contains(&b);
    (!text.is_empty() && text.len() <= 100 && text.bytes().all(harmless)).then(|| sanitize(text, 100))
}

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), at most a day.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let delay = if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        date.duration_since(now).unwrap_or_default()
    };
    Some(delay.min(Duration::from_secs(MAX_RETRY_AFTER)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pauses_in_seconds_and_until_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_767);
        let pause = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after(&headers, now).map(|d| d.as_secs())
        };
        assert_eq!(pause("0"), Some(0));
        assert_eq!(pause(" 120 "), Some(120));
        assert_eq!(pause("Sun, 06 Nov 1994 08:49:37 GMT"), Some(10));
        assert_eq!(pause("Sun, 06 Nov 1994 08:49:20 GMT"), Some(0));
        assert_eq!(pause("Sat, 06 Nov 2094 08:49:37 GMT"), Some(MAX_RETRY_AFTER));
        assert_eq!(pause("99999999999999999999"), Some(MAX_RETRY_AFTER));
        for nonsense in ["", "-1", "1.5", "soon"] {
            assert_eq!(pause(nonsense), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_comes_panics_or_leaks(
            status in 300u16..600,
            before in "(\\{\"message\":\"|<pre>|[A-Z]{3,9}: )?",
            text in "\\PC{0,40}",
            noise in proptest::collection::vec(any::<u8>(), 0..40),
            asked in prop_oneof![Just(Endpoint::Api), Just(Endpoint::TokenPermissions), Just(Endpoint::OAuth)],
        ) {
            let value = format!("dapi{}", "0f1e2d3c".repeat(4));
            let mut body = format!("{before}{text}{value}{text}\"}}").into_bytes();
            let status = StatusCode::from_u16(status).unwrap();
            for _ in 0..2 {
                let heard = classify(asked, status, &HeaderMap::new(), &body, "s3cret");
                let shown = format!("{:?}", heard.error);
                prop_assert!(!shown.contains(&value), "{}", shown);
                prop_assert!(!heard.error.message().is_some_and(|m| m.contains(char::is_control)));
                body.extend_from_slice(&noise);
            }
        }
    }
}
