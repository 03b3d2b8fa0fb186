//! Commands of the vendor's CLI (<https://docs.databricks.com/aws/en/dev-tools/cli/commands>) that do the same as a
//! page, ready to paste into a POSIX shell.
//!
//! Each starts with `DATABRICKS_HOST=…`, so that it cannot reach another workspace than the one on the page. The user
//! has to be signed in to that host with the CLI.

use std::fmt::Write as _;

use domain::access::{AccessWrite, Grantee, Level};
use domain::{MaxLifetime, TokenId, percent_encode};
use serde::Serialize;

/// A command for the workspace at `host_url`, for example `https://dbc-1a2b3c4d.cloud.databricks.com`.
fn databricks_command(host_url: &str, words: &[&str]) -> String {
    let mut out = format!("DATABRICKS_HOST={} databricks", shell_quote(host_url));
    for word in words {
        out.push(' ');
        out.push_str(&shell_quote(word));
    }
    out
}

/// Revokes a token.
pub fn revoke_token(host_url: &str, id: &TokenId) -> String {
    // `--` ends the options: an ID is opaque text and could begin with a dash.
    databricks_command(host_url, &["token-management", "delete", "--", id.as_str()])
}

/// Creates a token for a service principal. The fields are JSON, since versions of the CLI differ in which of them they
/// accept as arguments.
pub fn create_on_behalf_of(
    host_url: &str,
    application_id: &str,
    days: u32,
    comment: &str,
    scopes: &[String],
    autoscope: bool,
) -> String {
    let mut body = format!(
        r#"{{"application_id":{},"lifetime_seconds":{}"#,
        json(application_id),
        u64::from(days) * 86_400
    );
    if !comment.is_empty() {
        body.push_str(&format!(r#","comment":{}"#, json(comment)));
    }
    if !scopes.is_empty() {
        body.push_str(&format!(r#","scopes":{}"#, json(scopes)));
    }
    body.push_str(&format!(r#","autoscope_enabled":{autoscope}}}"#));
    databricks_command(host_url, &["token-management", "create-obo-token", "--json", &body])
}

/// Sets a token's scopes.
pub fn set_scopes(host_url: &str, id: &TokenId, scopes: &[String]) -> String {
    let path = format!("/api/2.0/token-management/tokens/{}", percent_encode(id.as_str()));
    let body = format!(r#"{{"token":{{"scopes":{}}},"update_mask":"scopes"}}"#, json(scopes));
    databricks_command(host_url, &["api", "patch", &path, "--json", &body])
}

/// Enables or disables personal access tokens.
pub fn switch_tokens(host_url: &str, enabled: bool) -> String {
    set_status(host_url, "enableTokensConfig", if enabled { "true" } else { "false" })
}

/// Sets the maximum lifetime of new tokens.
pub fn set_max_lifetime(host_url: &str, limit: MaxLifetime) -> String {
    set_status(host_url, "maxTokenLifetimeDays", &limit.to_wire())
}

/// Creates a token that expires after an hour: a workspace keeps no permissions on tokens before its first one.
pub fn create_first_token(host_url: &str) -> String {
    databricks_command(
        host_url,
        &[
            "tokens",
            "create",
            "--comment",
            "first token, made to open token permissions",
            "--lifetime-seconds",
            "3600",
        ],
    )
}

/// Changes the permissions to use tokens: `update` adds, `set` replaces the whole list. `None` if nothing changes.
pub fn change_access(host_url: &str, change: &AccessWrite) -> Option<String> {
    let (verb, entries): (_, Vec<String>) = match change {
        AccessWrite::Nothing => return None,
        AccessWrite::Add(grantees) => (
            "update",
            grantees.iter().map(|g| acl_entry(g, &Level::CanUse)).collect(),
        ),
        AccessWrite::Replace(grants) => ("set", grants.iter().map(|(g, level)| acl_entry(g, level)).collect()),
    };
    let body = format!(r#"{{"access_control_list":[{}]}}"#, entries.join(","));
    Some(databricks_command(
        host_url,
        &["permissions", verb, "authorization", "tokens", "--json", &body],
    ))
}

fn acl_entry(grantee: &Grantee, level: &Level) -> String {
    let (field, name) = (grantee_field(grantee), json(grantee.name()));
    format!(r#"{{"{field}":{name},"permission_level":{}}}"#, json(level.name()))
}

/// What the permissions API and the Terraform provider call a grantee of this kind.
pub(crate) fn grantee_field(grantee: &Grantee) -> &'static str {
    match grantee {
        Grantee::User(_) => "user_name",
        Grantee::Group(_) => "group_name",
        Grantee::ServicePrincipal(_) => "service_principal_name",
    }
}

/// A value as JSON. Control characters and line separators are escaped also where RFC 8259 (section 7) does not ask for
/// it: they would get lost or do harm when the command is copied into a terminal.
fn json(value: &(impl Serialize + ?Sized)) -> String {
    // Strings and lists of them can always be serialised.
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // All of them are below U+10000, so that one escape is enough.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Key and value are constants and numbers of this console, so they need no escaping in JSON.
fn set_status(host_url: &str, key: &str, value: &str) -> String {
    let body = format!(r#"{{"{key}":"{value}"}}"#);
    databricks_command(host_url, &["workspace-conf", "set-status", "--json", &body])
}

/// One word for a POSIX shell: as it is if that is safe, else in single quotes
/// (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02>). NUL cannot be part of
/// an argument and is dropped.
pub fn shell_quote(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) && !word.starts_with('=') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\0', "").replace('\'', r"'\''"))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::process::Command;

    use super::*;

    const HOST: &str = "https://dbc-1a2b3c4d.cloud.databricks.com";

    /// Runs `line` in `sh`, with a function instead of the CLI that prints each argument in angle brackets, and returns
    /// the arguments.
    fn arguments_in_sh(line: &str) -> Vec<String> {
        let cli = concat!(
            "databricks() { printf '%s\\n' \"host=$DATABRICKS_HOST\"; ",
            "for a in \"$@\"; do printf '<%s>\\0' \"$a\"; done; }",
        );
        let script = format!("{cli}\n{line}");
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let (host, rest) = text.split_once('\n').unwrap();
        assert_eq!(host, format!("host={HOST}"));
        rest.split_terminator('\0')
            .map(|a| a.strip_prefix('<').unwrap().strip_suffix('>').unwrap().to_owned())
            .collect()
    }

    #[test]
    fn commands_look_as_if_written_by_hand() {
        let set_status = format!("DATABRICKS_HOST={HOST} databricks workspace-conf set-status --json");
        assert_eq!(
            switch_tokens(HOST, false),
            format!(r#"{set_status} '{{"enableTokensConfig":"false"}}'"#)
        );
        assert_eq!(
            set_max_lifetime(HOST, MaxLifetime::Days(90)),
            format!(r#"{set_status} '{{"maxTokenLifetimeDays":"90"}}'"#)
        );
        assert_eq!(
            revoke_token(HOST, &TokenId::new("b41c0f7e")),
            format!("DATABRICKS_HOST={HOST} databricks token-management delete -- b41c0f7e")
        );
    }

    /// Texts that a shell, JSON or a template language would interpret if they were not escaped.
    pub(crate) const HOSTILE: [&str; 27] = [
        "$(touch pwned)",
        "`id`",
        "a'b",
        "''",
        "\"; rm -rf ~ #",
        "a\nb",
        "\\",
        "$HOME",
        "!!",
        "*",
        "~",
        "-rf",
        "&& true",
        "| cat",
        "> file",
        "اختبار",
        "🦀",
        " ",
        "=ls",
        "%00",
        "a\tb",
        "\u{202e}gnp",
        "'\\''",
        "${var.token}",
        "%{ for x in y }",
        "$${a}",
        "a\"b\\c",
    ];

    #[test]
    fn hostile_values_reach_the_command_as_one_argument() {
        for hostile in HOSTILE {
            let arguments = arguments_in_sh(&revoke_token(HOST, &TokenId::new(hostile)));
            assert_eq!(arguments, ["token-management", "delete", "--", hostile]);
        }
    }

    #[test]
    fn hostile_names_reach_the_permissions_as_json() {
        for hostile in HOSTILE {
            let grantee = Grantee::Group(hostile.into());
            let add = arguments_in_sh(&change_access(HOST, &AccessWrite::Add(vec![grantee.clone()])).unwrap());
            assert_eq!(add[..5], ["permissions", "update", "authorization", "tokens", "--json"]);
            let read = |body: &str| serde_json::from_str::<serde_json::Value>(body).unwrap();
            let expected = serde_json::json!({ "group_name": hostile, "permission_level": "CAN_USE" });
            assert_eq!(read(&add[5])["access_control_list"][0], expected);
            let all = AccessWrite::Replace(vec![(grantee, Level::CanManage)]);
            let set = arguments_in_sh(&change_access(HOST, &all).unwrap());
            assert_eq!((set[1].as_str(), set.len()), ("set", 6));
            assert_eq!(
                read(&set[5])["access_control_list"][0]["permission_level"],
                "CAN_MANAGE"
            );
        }
        assert_eq!(change_access(HOST, &AccessWrite::Nothing), None);
    }

    #[test]
    fn hostile_values_reach_a_new_token_and_its_scopes_as_json() {
        let read = |body: &str| serde_json::from_str::<serde_json::Value>(body).unwrap();
        for hostile in HOSTILE {
            let scopes = [hostile.to_owned(), "sql".to_owned()];
            let create = arguments_in_sh(&create_on_behalf_of(HOST, hostile, 90, hostile, &scopes, true));
            assert_eq!(create[..3], ["token-management", "create-obo-token", "--json"]);
            let expected = serde_json::json!({
                "application_id": hostile, "lifetime_seconds": 7_776_000, "comment": hostile, "scopes": scopes,
                "autoscope_enabled": true,
            });
            assert_eq!((read(&create[3]), create.len()), (expected, 4));
            let set = arguments_in_sh(&set_scopes(HOST, &TokenId::new(hostile), &scopes));
            assert_eq!((set[0].as_str(), set[1].as_str(), set.len()), ("api", "patch", 5));
            let id = set[2].strip_prefix("/api/2.0/token-management/tokens/").unwrap();
            assert!(!id.is_empty() && !id.contains(['/', '?', '#', ' ']), "{id}");
            let expected = serde_json::json!({ "token": { "scopes": scopes }, "update_mask": "scopes" });
            assert_eq!(read(&set[4]), expected);
        }
        let create = format!("DATABRICKS_HOST={HOST} databricks token-management create-obo-token --json");
        assert_eq!(
            create_on_behalf_of(HOST, "3f1c1d5e", 1, "", &[], false),
            format!(r#"{create} '{{"application_id":"3f1c1d5e","lifetime_seconds":86400,"autoscope_enabled":false}}'"#)
        );
    }
}
