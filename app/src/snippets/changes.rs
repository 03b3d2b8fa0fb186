//! The commands for each change.

use console::changes::create_token::{FIRST_TOKEN_COMMENT, FIRST_TOKEN_SCOPE, TokenSpec};
use domain::access::{AccessList, AccessWrite, Grantee, Level};
use domain::{MaxLifetime, TokenId, TokenQuery};

use super::shell::{RestCall, curl_command, databricks_command, json, path};
use super::terraform::{self, grantee_field};
use super::{ChangeSnippets, CommandTarget, Snippet};

const TOKENS: &str = "/api/2.0/token-management/tokens";

/// When this resource is removed, the provider sets keys that start with `enable` to "false", whatever they were
/// before.
const ONE_WORKSPACE_CONF: &str = "A workspace has one databricks_workspace_conf: if you have one, add this line to it. \
     Removing enableTokensConfig from it later disables personal access tokens.";

impl ChangeSnippets {
    /// Revokes a token.
    pub(crate) fn revoke_token(target: &CommandTarget, id: &TokenId) -> Self {
        Self {
            // `--` ends the options: an ID is opaque text and could begin with a dash.
            cli: databricks_command(target, &["token-management", "delete", "--", id.as_str()]),
            rest: rest(target, "DELETE", path(TOKENS, id.as_str()), None),
            terraform: Snippet::note(
                "Terraform revokes only tokens that it created: remove the token's resource and apply.",
            ),
        }
    }

    /// Enables or disables personal access tokens.
    pub(crate) fn switch_tokens(target: &CommandTarget, enabled: bool) -> Self {
        let value = if enabled { "true" } else { "false" };
        Self::workspace_conf(target, "enableTokensConfig", value)
    }

    /// Sets the maximum lifetime of new tokens.
    pub(crate) fn set_max_lifetime(target: &CommandTarget, limit: MaxLifetime) -> Self {
        Self::workspace_conf(target, "maxTokenLifetimeDays", &limit.to_wire())
    }

    /// Key and value are constants or numbers from this console, so they need no JSON escaping.
    fn workspace_conf(target: &CommandTarget, key: &str, value: &str) -> Self {
        let body = format!(r#"{{"{key}":"{value}"}}"#);
        Self {
            cli: databricks_command(target, &["workspace-conf", "set-status", "--json", &body]),
            rest: rest(target, "PATCH", "/api/2.0/workspace-conf".into(), Some(&body)),
            terraform: terraform::workspace_conf(key, value).with_note(ONE_WORKSPACE_CONF),
        }
    }

    /// Changes the permissions to use tokens; `edited` is the whole list afterwards. `None` if nothing changes.
    pub(crate) fn change_access(target: &CommandTarget, change: &AccessWrite, edited: &AccessList) -> Option<Self> {
        // `update` adds, `set` replaces the whole list.
        let (verb, method, entries): (_, _, Vec<String>) = match change {
            AccessWrite::Nothing => return None,
            AccessWrite::Add(grantees) => {
                let entries = grantees.iter().map(|grantee| acl_entry(grantee, &Level::CanUse));
                ("update", "PATCH", entries.collect())
            }
            AccessWrite::Replace(grants) => {
                let entries = grants.iter().map(|(grantee, level)| acl_entry(grantee, level));
                ("set", "PUT", entries.collect())
            }
        };
        let body = format!(r#"{{"access_control_list":[{}]}}"#, entries.join(","));
        Some(Self {
            cli: databricks_command(
                target,
                &["permissions", verb, "authorization", "tokens", "--json", &body],
            ),
            rest: rest(
                target,
                method,
                "/api/2.0/permissions/authorization/tokens".into(),
                Some(&body),
            ),
            terraform: terraform::permissions(edited).with_note("This resource replaces the whole list."),
        })
    }

    /// Creates a token for a service principal. The CLI gets the fields as JSON, because its versions differ in which
    /// fields they accept as arguments.
    pub(crate) fn create_on_behalf_of(target: &CommandTarget, spec: &TokenSpec) -> Self {
        let seconds = u64::from(spec.days) * 86_400;
        let mut body = format!(
            r#"{{"application_id":{},"lifetime_seconds":{seconds}"#,
            json(&spec.application_id)
        );
        if !spec.comment.is_empty() {
            body.push_str(&format!(r#","comment":{}"#, json(&spec.comment)));
        }
        if !spec.scopes.is_empty() {
            body.push_str(&format!(r#","scopes":{}"#, json(&spec.scopes)));
        }
        body.push_str(&format!(r#","autoscope_enabled":{}}}"#, spec.autoscope));
        let mut arguments = vec![("application_id", terraform::string(&spec.application_id))];
        if !spec.comment.is_empty() {
            arguments.push(("comment", terraform::string(&spec.comment)));
        }
        arguments.push(("lifetime_seconds", seconds.to_string()));
        let block = terraform::resource("databricks_obo_token", "this", &arguments);
        Self {
            cli: databricks_command(target, &["token-management", "create-obo-token", "--json", &body]),
            rest: rest(
                target,
                "POST",
                "/api/2.0/token-management/on-behalf-of/tokens".into(),
                Some(&body),
            ),
            // https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/obo_token
            terraform: if spec.scopes.is_empty() {
                block.with_note("The token's value becomes part of the Terraform state.")
            } else {
                block.with_note(
                    "This resource has no scopes: its token has full access. The token's value becomes part of the \
                     Terraform state.",
                )
            },
        }
    }

    /// Sets a token's scopes.
    pub(crate) fn set_scopes(target: &CommandTarget, id: &TokenId, scopes: &[String]) -> Self {
        let path = path(TOKENS, id.as_str());
        let body = format!(r#"{{"token":{{"scopes":{}}},"update_mask":"scopes"}}"#, json(scopes));
        Self {
            cli: databricks_command(target, &["api", "patch", &path, "--json", &body]),
            rest: rest(target, "PATCH", path, Some(&body)),
            terraform: Snippet::note("Terraform cannot change the scopes of a token."),
        }
    }

    /// Creates a token that expires after an hour: a workspace stores no permissions for tokens before its first token.
    pub(crate) fn create_first_token(target: &CommandTarget) -> Self {
        let block = [
            ("comment", terraform::string(FIRST_TOKEN_COMMENT)),
            ("lifetime_seconds", "3600".into()),
        ];
        let body = format!(
            r#"{{"comment":{},"lifetime_seconds":3600,"scopes":{},"autoscope_enabled":false}}"#,
            json(FIRST_TOKEN_COMMENT),
            json(&[FIRST_TOKEN_SCOPE])
        );
        Self {
            cli: databricks_command(target, &["tokens", "create", "--json", &body]),
            rest: rest(target, "POST", "/api/2.0/token/create".into(), Some(&body)),
            terraform: terraform::resource("databricks_token", "first", &block).with_note(
                "This resource has no scopes: its token has full access. The token's value becomes part of the \
                 Terraform state.",
            ),
        }
    }

    /// Lists the tokens, with the one filter of `query` that the workspace supports: who created a token
    /// (<https://docs.databricks.com/api/workspace/tokenmanagement/list>).
    pub(crate) fn list_tokens(target: &CommandTarget, query: &TokenQuery) -> Self {
        let mut words = vec!["token-management", "list", "--output", "json"];
        let mut filters = Vec::new();
        let id = query.created_by_id.map(|id| id.to_string());
        // After `=`, a value that starts with a dash is not mistaken for an option.
        let by_id = id.as_ref().map(|id| format!("--created-by-id={id}"));
        let name = Some(&query.created_by_username).filter(|name| !name.is_empty());
        let by_name = name.map(|name| format!("--created-by-username={name}"));
        words.extend(by_id.as_deref());
        words.extend(by_name.as_deref());
        filters.extend(id.map(|id| format!("created_by_id={id}")));
        filters.extend(name.map(|name| format!("created_by_username={}", domain::percent_encode(name))));
        let separator = if filters.is_empty() { "" } else { "?" };
        Self {
            cli: databricks_command(target, &words),
            rest: rest(target, "GET", format!("{TOKENS}{separator}{}", filters.join("&")), None),
            terraform: Snippet::note("Terraform has no data source that lists tokens."),
        }
    }
}

fn rest(target: &CommandTarget, method: &'static str, path: String, body: Option<&str>) -> Snippet {
    curl_command(target, &RestCall { method, path, body })
}

fn acl_entry(grantee: &Grantee, level: &Level) -> String {
    let (field, name) = (grantee_field(grantee), json(grantee.name()));
    format!(r#"{{"{field}":{name},"permission_level":{}}}"#, json(level.name()))
}

#[cfg(test)]
mod tests;
