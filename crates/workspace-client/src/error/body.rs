//! Reads the body of an error response, which can have many forms.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::json_repair::repair;

/// The contents of an error response, before they are classified.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    /// The error code, if it is text.
    pub(crate) code: Option<String>,
    /// The error code of OAuth (RFC 6749 §5.2) or of Okta.
    pub(crate) oauth_code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    /// From `RetryInfo` in the details.
    pub(crate) retry_delay: Option<Duration>,
    /// The HTTP status that the body itself has: as a number in `error_code`, or as SCIM's `status`.
    pub(crate) status: Option<u16>,
    /// Whether `error_code` is a number, as gateways send it.
    pub(crate) has_numeric_code: bool,
    pub(crate) form: BodyForm,
}

/// The kind of text that the body is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum BodyForm {
    #[default]
    Empty,
    Json,
    PlainText,
    /// A web page, such as the error page of a gateway.
    Html,
    /// A web page that asks people to sign in.
    LoginPage,
}

/// Every field of every known form. They are loosely typed, because the forms disagree: `error_code` is text or a
/// number, `message` text, a list or null.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    error_code: Value,
    message: Value,
    details: Value,
    /// From API 1.2 and OAuth.
    error: Value,
    /// From Okta.
    #[serde(rename = "errorCode")]
    okta_code: Value,
    /// From SCIM (RFC 7644 §3.12).
    detail: Value,
    #[serde(rename = "scimType")]
    scim_type: Value,
    status: Value,
}

impl ErrorBody {
    /// Tries the forms in the order of the vendor's SDKs (`errors/deserializer.py`): JSON, `CODE: text`, HTML, text.
    pub(crate) fn read(body: &[u8]) -> Self {
        let json = serde_json::from_slice::<Body>(body);
        if let Ok(body) = json.or_else(|_| serde_json::from_str(&repair(body))) {
            return Self::from_json(body);
        }
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        if text.is_empty() {
            Self::default()
        } else if text.starts_with('<') {
            Self {
                message: page_text(text),
                form: page_form(text),
                ..Self::default()
            }
        } else {
            let (code, message) = match text.split_once(": ") {
                Some((code, message)) if is_code(code) => (Some(code.to_owned()), message),
                _ => (None, text),
            };
            Self {
                code,
                message: Some(message.to_owned()),
                form: BodyForm::PlainText,
                ..Self::default()
            }
        }
    }

    fn from_json(body: Body) -> Self {
        let detail = text(&body.detail).map(|detail| match text(&body.scim_type) {
            Some(kind) => format!("{kind} {detail}"),
            None => detail,
        });
        let scim_status = text(&body.status).filter(|_| body.detail.is_string());
        let scim_code = scim_status.as_ref().map(|status| format!("SCIM_{status}"));
        let message = text(&body.message).or(detail).or_else(|| text(&body.error));
        let in_message = message.as_deref().and_then(leading_code).map(str::to_owned);
        Self {
            code: text(&body.error_code)
                .filter(|code| code.parse::<u16>().is_err())
                .or(in_message)
                .or(scim_code),
            oauth_code: text(&body.error).or_else(|| text(&body.okta_code)),
            message,
            request_id: detail_of(&body.details, "RequestInfo").and_then(|d| text(&d["request_id"])),
            retry_delay: detail_of(&body.details, "RetryInfo").and_then(|d| seconds(&d["retry_delay"])),
            status: (text(&body.error_code).and_then(|code| code.parse().ok()))
                .or_else(|| scim_status.and_then(|status| status.parse().ok())),
            has_numeric_code: text(&body.error_code).is_some_and(|code| code.parse::<u16>().is_ok()),
            form: BodyForm::Json,
        }
    }
}

/// Text that is not empty: a string, a number, or the strings of a list (the vendor's OpenAPI samples of 2022).
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(s) if !s.trim().is_empty() => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Array(parts) => {
            let parts: Vec<_> = parts.iter().filter_map(Value::as_str).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        }
        _ => None,
    }
}

/// The entry of `details[]` with the tag `type.googleapis.com/google.rpc.<name>`.
fn detail_of<'a>(details: &'a Value, name: &str) -> Option<&'a Value> {
    details.as_array()?.iter().find(|d| {
        d["@type"]
            .as_str()
            .and_then(|tag| tag.rsplit('.').next())
            .is_some_and(|tag| tag == name)
    })
}

/// A protobuf duration in JSON: `"12s"`, `"0.5s"`.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds: f64 = value.as_str()?.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// The code at the beginning of a message, where SCIM puts it: `REQUEST_LIMIT_EXCEEDED: Workspace …`.
fn leading_code(message: &str) -> Option<&str> {
    message
        .split_once(": ")
        .map(|(code, _)| code)
        .filter(|code| is_code(code))
}

fn is_code(text: &str) -> bool {
    text.len() > 2 && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// Whether a web page is a login page: it has a field for a password, or leads to where one is.
fn page_form(html: &str) -> BodyForm {
    let lower = html.to_ascii_lowercase();
    let signs = [
        "type=\"password\"",
        "login.html",
        "<title>login",
        "<title>log in",
        "<title>sign in",
    ];
    match signs.iter().any(|sign| lower.contains(sign)) {
        true => BodyForm::LoginPage,
        false => BodyForm::Html,
    }
}

/// The message of an HTML error page: in `<pre>` on older stacks, otherwise in `<title>`.
fn page_text(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    ["pre", "title"].into_iter().find_map(|tag| {
        let open = lower.find(&format!("<{tag}"))?;
        let start = open + lower[open..].find('>')? + 1;
        let end = start + lower[start..].find(&format!("</{tag}"))?;
        let text = html[start..end].trim();
        (!text.is_empty() && !text.contains('<')).then(|| text.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (Option<String>, Option<String>) {
        let body = ErrorBody::read(body.as_bytes());
        (body.code, body.message)
    }

    fn pair(code: &str, message: &str) -> (Option<String>, Option<String>) {
        let some = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        (some(code), some(message))
    }

    #[test]
    fn code_and_message_are_read_from_every_known_form() {
        for (body, code, message) in [
            (r#"{"error_code":"NOT_FOUND","message":"gone"}"#, "NOT_FOUND", "gone"),
            (
                r#"{"error_code":403,"message":"Invalid access token."}"#,
                "",
                "Invalid access token.",
            ),
            (r#"{"error_code":"403","message":null}"#, "", ""),
            (
                r#"{"error_code":"BAD_REQUEST","message":["a","b"]}"#,
                "BAD_REQUEST",
                "a b",
            ),
            (r#"{"error":"of API 1.2"}"#, "", "of API 1.2"),
            (
                r#"{"detail":"no such operator","status":"400","scimType":"invalidValue"}"#,
                "SCIM_400",
                "invalidValue no such operator",
            ),
            (r#"{"detail":"null","status":500}"#, "SCIM_500", "null"),
            ("INVALID_STATE: not now", "INVALID_STATE", "not now"),
            ("Not Found", "", "Not Found"),
            (
                "<html><title>Error 403 x</title><PRE class=a>    Invalid access token.</PRE>",
                "",
                "Invalid access token.",
            ),
            ("<!doctype html><title>Login</title><pre><b>x</b></pre>", "", "Login"),
            ("<html>", "", ""),
            ("", "", ""),
            ("[]", "", ""),
            ("\u{0}{", "", "\u{0}{"),
            (
                r#"{"error_code":"NOT_FOUND","message":"token a\ud83d is gone"}"#,
                "NOT_FOUND",
                "token a\u{fffd} is gone",
            ),
        ] {
            assert_eq!(read(body), pair(code, message), "{body}");
        }
    }

    #[test]
    fn scim_has_the_code_of_a_rate_limit_in_the_message() {
        let (code, _) = read(r#"{"detail":"REQUEST_LIMIT_EXCEEDED: Workspace 1 exceeded","status":"500"}"#);
        assert_eq!(code.as_deref(), Some("REQUEST_LIMIT_EXCEEDED"));
    }

    #[test]
    fn request_id_and_retry_delay_are_read_from_the_details() {
        let body = ErrorBody::read(
            br#"{"error_code":"X","details":[{"@type":"type.googleapis.com/google.rpc.RequestInfo","request_id":"r-1"},
                {"@type":"type.googleapis.com/google.rpc.RetryInfo","retry_delay":"1.5s"}, 7]}"#,
        );
        assert_eq!(body.request_id.as_deref(), Some("r-1"));
        assert_eq!(body.retry_delay, Some(Duration::from_millis(1500)));
    }
}
