//! The permissions to use tokens as a block for the vendor's Terraform provider
//! (<https://registry.terraform.io/providers/databricks/databricks/latest/docs/resources/permissions#token-usage>).

use std::fmt::Write as _;

use domain::access::AccessList;

use crate::snippets::databricks_cli::grantee_field;

/// A `databricks_permissions` resource that grants what `list` grants. The group `admins` is not in it: the provider
/// adds it.
pub fn permissions(list: &AccessList) -> String {
    let mut out = String::from("resource \"databricks_permissions\" \"token_usage\" {\n  authorization = \"tokens\"\n");
    for grant in list.changeable() {
        for level in &grant.levels {
            let field = grantee_field(&grant.grantee);
            // Aligned as by `terraform fmt`.
            let width = field.len().max("permission_level".len());
            let (name, level) = (string(grant.grantee.name()), string(level.name()));
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                "\n  access_control {{\n    {:<width$} = {name}\n    {:<width$} = {level}\n  }}\n",
                field, "permission_level",
            );
        }
    }
    out.push_str("}\n");
    out
}

/// A quoted template of HCL that contains no interpolation
/// (<https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences>).
fn string(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use domain::access::{Grant, Grantee};

    use super::*;
    use crate::snippets::databricks_cli::tests::HOSTILE;

    #[test]
    fn the_block_looks_as_if_written_by_hand() {
        let list = AccessList::new(
            [
                Grantee::Group("data-platform".into()),
                Grantee::User("mia@acme.example".into()),
            ]
            .map(Grant::to_use),
        );
        assert_eq!(
            permissions(&list),
            r#"resource "databricks_permissions" "token_usage" {
  authorization = "tokens"

  access_control {
    group_name       = "data-platform"
    permission_level = "CAN_USE"
  }

  access_control {
    user_name        = "mia@acme.example"
    permission_level = "CAN_USE"
  }
}
"#
        );
    }

    /// What a parser of HCL reads, with templates evaluated.
    #[test]
    fn hostile_names_are_read_back_unchanged() {
        for hostile in HOSTILE {
            let list = AccessList::new([Grant::to_use(Grantee::Group(hostile.into()))]);
            let block = permissions(&list);
            let body: serde_json::Value = hcl::eval::from_str(&block, &hcl::eval::Context::new())
                .unwrap_or_else(|error| panic!("{block}: {error}"));
            let entry = &body["resource"]["databricks_permissions"]["token_usage"]["access_control"];
            assert_eq!(entry["group_name"], hostile, "{block}");
        }
    }
}
