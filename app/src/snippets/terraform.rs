//! Blocks for the vendor's Terraform provider (<https://registry.terraform.io/providers/databricks/databricks/latest>).

use std::fmt::Write as _;

use domain::access::{AccessList, Grantee};

use super::Snippet;

/// A resource with plain arguments; each value is an expression.
pub(super) fn resource(kind: &str, name: &str, arguments: &[(&str, String)]) -> Snippet {
    Snippet::code(format!(
        "resource \"{kind}\" \"{name}\" {{\n{}}}\n",
        aligned("  ", arguments)
    ))
}

/// One key of the workspace's configuration
/// (<https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/workspace_conf>).
pub(super) fn workspace_conf(key: &str, value: &str) -> Snippet {
    let config = aligned("    ", &[(&string(key), string(value))]);
    Snippet::code(format!(
        "resource \"databricks_workspace_conf\" \"this\" {{\n  custom_config = {{\n{config}  }}\n}}\n"
    ))
}

/// A `databricks_permissions` resource with the same grants as `list`, except those of the group `admins`: the provider
/// adds them
/// (<https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/permissions#token-usage>).
pub(super) fn permissions(list: &AccessList) -> Snippet {
    let mut out = String::from("resource \"databricks_permissions\" \"token_usage\" {\n  authorization = \"tokens\"\n");
    for grant in list.changeable() {
        for level in &grant.levels {
            let arguments = [
                (grantee_field(&grant.grantee), string(grant.grantee.name())),
                ("permission_level", string(level.name())),
            ];
            // Writing to a string cannot fail.
            let _ = write!(out, "\n  access_control {{\n{}  }}\n", aligned("    ", &arguments));
        }
    }
    out.push_str("}\n");
    Snippet::code(out)
}

/// The field for this kind of grantee in the permissions API and in the provider.
pub(super) fn grantee_field(grantee: &Grantee) -> &'static str {
    match grantee {
        Grantee::User(_) => "user_name",
        Grantee::Group(_) => "group_name",
        Grantee::ServicePrincipal(_) => "service_principal_name",
    }
}

/// Arguments with aligned values, as `terraform fmt` formats them.
fn aligned(indent: &str, arguments: &[(&str, String)]) -> String {
    let width = arguments.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let line = |(name, value): &(&str, String)| format!("{indent}{name:<width$} = {value}\n");
    arguments.iter().map(line).collect()
}

/// A quoted HCL string without interpolation
/// (<https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences>).
pub(super) fn string(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out.replace("${", "$${").replace("%{", "%%{")
}
