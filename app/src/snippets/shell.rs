//! Commands for a POSIX shell: with the vendor's CLI (<https://docs.databricks.com/aws/en/dev-tools/cli/commands>) and
//! with curl.

use std::fmt::Write as _;

use domain::percent_encode;
use serde::Serialize;

use super::{CommandTarget, Snippet};

/// A CLI command. It starts with `DATABRICKS_HOST=…`, so it cannot reach another workspace. The user has to be signed
/// in to that host with the CLI.
pub(super) fn databricks_command(target: &CommandTarget, words: &[&str]) -> Snippet {
    let mut line = format!("DATABRICKS_HOST={} ", shell_quote(&target.host_url));
    if let Some(id) = &target.workspace_id {
        // Writing to a string cannot fail.
        let _ = write!(line, "DATABRICKS_WORKSPACE_ID={} ", shell_quote(id));
    }
    line.push_str("databricks");
    for word in words {
        line.push(' ');
        line.push_str(&shell_quote(word));
    }
    Snippet::code(line)
}

/// A request to the REST API.
pub(super) struct RestCall<'a> {
    pub(super) method: &'static str,
    /// Consists of constants and encoded segments only, see [`path`].
    pub(super) path: String,
    /// The JSON body.
    pub(super) body: Option<&'a str>,
}

/// A path below `/api/` whose last segment is arbitrary text.
pub(super) fn path(parent: &'static str, segment: &str) -> String {
    format!("{parent}/{}", percent_encode(segment))
}

/// The call with curl. It reads the access token from `DATABRICKS_TOKEN`.
pub(super) fn curl_command(target: &CommandTarget, call: &RestCall<'_>) -> Snippet {
    let mut lines = format!(
        "DATABRICKS_HOST={}\ncurl --fail-with-body --request {} \"$DATABRICKS_HOST{}\" \\\n  \
         --header \"Authorization: Bearer $DATABRICKS_TOKEN\"",
        shell_quote(&target.host_url),
        call.method,
        call.path,
    );
    let mut option = |name: &str, value: &str| {
        let _ = write!(lines, " \\\n  {name} {}", shell_quote(value));
    };
    if let Some(id) = &target.workspace_id {
        option("--header", &format!("X-Databricks-Org-Id: {id}"));
    }
    if let Some(body) = call.body {
        option("--header", "Content-Type: application/json");
        option("--data", body);
    }
    Snippet::code(lines)
}

/// A value as JSON. Control characters and line separators are also escaped where RFC 8259 (section 7) does not require
/// it: pasted into a terminal, they would get lost or do harm.
pub(super) fn json(value: &(impl Serialize + ?Sized)) -> String {
    // Strings and lists of them can always be serialised.
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // All of them are below U+10000, so that one escape is enough.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// One word for a POSIX shell: unquoted if that is safe, else in single quotes
/// (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02>). NUL cannot be part of an
/// argument and is dropped.
fn shell_quote(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) && !word.starts_with('=') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\0', "").replace('\'', r"'\''"))
}
