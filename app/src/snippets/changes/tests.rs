use std::process::Command;

use domain::access::Grant;
use serde_json::{Value, json};

use super::*;

const HOST: &str = "https://dbc-1a2b3c4d.cloud.databricks.com";

fn target() -> CommandTarget {
    CommandTarget {
        host_url: HOST.into(),
        workspace_id: None,
    }
}

fn shared_host() -> CommandTarget {
    CommandTarget {
        workspace_id: Some("7001002003004005".into()),
        ..target()
    }
}

fn spec(text: &str, scopes: &[String]) -> TokenSpec {
    TokenSpec {
        application_id: text.into(),
        days: 90,
        comment: text.into(),
        scopes: scopes.to_vec(),
        autoscope: true,
    }
}

fn code(snippet: &Snippet) -> &str {
    snippet.code.as_deref().unwrap()
}

/// Runs `lines` in `sh`, with the CLI and curl replaced by functions that print the host and each argument. Returns the
/// arguments.
fn arguments_in_sh(lines: &Snippet) -> Vec<String> {
    let tools = concat!(
        "print() { printf '%s\\0' \"$DATABRICKS_HOST\" \"$@\"; }\n",
        "databricks() { print \"$@\"; }\n",
        "curl() { print \"$@\"; }\n",
        "DATABRICKS_TOKEN='the token'\n",
    );
    let script = format!("{tools}{}", code(lines));
    let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert!(output.status.success(), "{}: {output:?}", code(lines));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut words = text.split_terminator('\0').map(str::to_owned);
    assert_eq!(words.next().as_deref(), Some(HOST));
    words.collect()
}

/// The method, path and body of a curl command.
fn call_in_sh(lines: &Snippet) -> (String, String, Option<Value>) {
    let arguments = arguments_in_sh(lines);
    let after = |option: &str, value: &str| {
        let pairs = arguments.windows(2);
        let mut values = pairs.filter(|pair| pair[0] == option).map(|pair| pair[1].clone());
        values.find(|found| found.contains(value))
    };
    assert_eq!(
        after("--header", "Authorization").unwrap(),
        "Authorization: Bearer the token"
    );
    let body = after("--data", "");
    let expected_length = if body.is_some() { 10 } else { 6 };
    assert_eq!(arguments.len(), expected_length, "{arguments:?}");
    let url = arguments.iter().find_map(|word| word.strip_prefix(HOST)).unwrap();
    let body = body.map(|body| serde_json::from_str(&body).unwrap());
    (after("--request", "").unwrap(), url.to_owned(), body)
}

/// The block as parsed by an HCL parser, with templates evaluated.
fn terraform_value(block: &Snippet) -> Value {
    hcl::eval::from_str(code(block), &hcl::eval::Context::new())
        .unwrap_or_else(|error| unreachable!("{}: {error}", code(block)))
}

/// Texts that a shell, JSON or a template language would interpret without escaping.
const HOSTILE: [&str; 29] = [
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
    "--json",
    "@/etc/passwd",
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
fn commands_look_as_if_written_by_hand() {
    let off = ChangeSnippets::switch_tokens(&target(), false);
    assert_eq!(
        code(&off.cli),
        format!(
            r#"DATABRICKS_HOST={HOST} databricks workspace-conf set-status --json '{{"enableTokensConfig":"false"}}'"#
        )
    );
    assert_eq!(
        code(&off.rest),
        format!(
            r#"DATABRICKS_HOST={HOST}
curl --fail-with-body --request PATCH "$DATABRICKS_HOST/api/2.0/workspace-conf" \
  --header "Authorization: Bearer $DATABRICKS_TOKEN" \
  --header 'Content-Type: application/json' \
  --data '{{"enableTokensConfig":"false"}}'"#
        )
    );
    assert_eq!(
        code(&off.terraform),
        r#"resource "databricks_workspace_conf" "this" {
  custom_config = {
    "enableTokensConfig" = "false"
  }
}
"#
    );
    let limit = ChangeSnippets::set_max_lifetime(&target(), MaxLifetime::Days(90));
    assert!(code(&limit.cli).ends_with(r#" --json '{"maxTokenLifetimeDays":"90"}'"#));
    let revoke = ChangeSnippets::revoke_token(&target(), &TokenId::new("b41c0f7e"));
    assert_eq!(
        code(&revoke.cli),
        format!("DATABRICKS_HOST={HOST} databricks token-management delete -- b41c0f7e")
    );
    assert!(revoke.terraform.code.is_none() && revoke.terraform.note.is_some());
}

#[test]
fn several_changes_are_a_command_in_a_line_each() {
    let ids = |count: usize| (0..count).map(|n| TokenId::new(format!("{n:064x}")));
    let revoke = |count| ChangeSnippets::join(ids(count).map(|id| ChangeSnippets::revoke_token(&target(), &id)));
    assert!(revoke(0).is_none() && revoke(51).is_none());
    let all = revoke(50).unwrap();
    let lines: Vec<_> = code(&all.cli).lines().collect();
    assert_eq!(lines.len(), 50);
    let id = format!("{:064x}", 49);
    assert_eq!(
        lines[49],
        format!("DATABRICKS_HOST={HOST} databricks token-management delete -- {id}")
    );
    assert_eq!(code(&all.rest).matches("--request DELETE").count(), 50);
    assert!(all.terraform.code.is_none() && all.terraform.note.is_some());
}

#[test]
fn on_a_shared_host_commands_name_the_workspace() {
    let revoke = ChangeSnippets::revoke_token(&shared_host(), &TokenId::new("b41c0f7e"));
    assert!(code(&revoke.cli).contains(" DATABRICKS_WORKSPACE_ID=7001002003004005 databricks "));
    let header = "X-Databricks-Org-Id: 7001002003004005".to_owned();
    assert!(arguments_in_sh(&revoke.rest).contains(&header));
}

#[test]
fn hostile_ids_reach_the_workspace_as_one_argument() {
    for hostile in HOSTILE {
        let revoke = ChangeSnippets::revoke_token(&target(), &TokenId::new(hostile));
        let arguments = arguments_in_sh(&revoke.cli);
        assert_eq!(arguments, ["token-management", "delete", "--", hostile]);
        let path = format!("{TOKENS}/{}", domain::percent_encode(hostile));
        assert_eq!(call_in_sh(&revoke.rest), ("DELETE".into(), path, None));
    }
}

#[test]
fn hostile_names_reach_the_permissions_unchanged() {
    for hostile in HOSTILE {
        let grantee = Grantee::Group(hostile.into());
        let edited = AccessList::new([Grant::to_use(grantee.clone())]);
        let entries = |level: &str| {
            let entry = json!({ "group_name": hostile, "permission_level": level });
            json!({ "access_control_list": [entry] })
        };
        let add = AccessWrite::Add(vec![grantee.clone()]);
        let all = AccessWrite::Replace(vec![(grantee, Level::CanManage)]);
        for (change, verb, method, level) in [(add, "update", "PATCH", "CAN_USE"), (all, "set", "PUT", "CAN_MANAGE")] {
            let snippets = ChangeSnippets::change_access(&target(), &change, &edited).unwrap();
            let arguments = arguments_in_sh(&snippets.cli);
            assert_eq!(
                arguments[..5],
                ["permissions", verb, "authorization", "tokens", "--json"]
            );
            assert_eq!(serde_json::from_str::<Value>(&arguments[5]).unwrap(), entries(level));
            let path = "/api/2.0/permissions/authorization/tokens".to_owned();
            assert_eq!(call_in_sh(&snippets.rest), (method.into(), path, Some(entries(level))));
            let block = terraform_value(&snippets.terraform);
            let entry = &block["resource"]["databricks_permissions"]["token_usage"]["access_control"];
            assert_eq!(entry["group_name"], hostile);
        }
    }
    let nothing = ChangeSnippets::change_access(&target(), &AccessWrite::Nothing, &AccessList::default());
    assert!(nothing.is_none());
}

#[test]
fn the_block_of_the_permissions_looks_as_if_written_by_hand() {
    let grantees = [
        Grantee::Group("data-platform".into()),
        Grantee::User("mia@acme.example".into()),
    ];
    let edited = AccessList::new(grantees.clone().map(Grant::to_use));
    let change = AccessWrite::Add(grantees.to_vec());
    let snippets = ChangeSnippets::change_access(&target(), &change, &edited).unwrap();
    assert_eq!(
        code(&snippets.terraform),
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

#[test]
fn hostile_values_reach_a_new_token_unchanged() {
    for hostile in HOSTILE {
        let scopes = [hostile.to_owned(), "sql".to_owned()];
        let snippets = ChangeSnippets::create_on_behalf_of(&target(), &spec(hostile, &scopes));
        let expected = json!({
            "application_id": hostile, "lifetime_seconds": 7_776_000, "comment": hostile, "scopes": scopes,
            "autoscope_enabled": true,
        });
        let arguments = arguments_in_sh(&snippets.cli);
        assert_eq!(arguments[..3], ["token-management", "create-obo-token", "--json"]);
        assert_eq!(serde_json::from_str::<Value>(&arguments[3]).unwrap(), expected);
        assert_eq!(arguments.len(), 4);
        assert_eq!(call_in_sh(&snippets.rest).2, Some(expected));
        let block = terraform_value(&snippets.terraform);
        let token = &block["resource"]["databricks_obo_token"]["this"];
        assert_eq!(
            (&token["application_id"], &token["comment"]),
            (&json!(hostile), &json!(hostile))
        );
        assert!(snippets.terraform.note.unwrap().contains("full access"));
    }
    let plain = TokenSpec {
        comment: String::new(),
        ..spec("3f1c1d5e", &[])
    };
    assert_eq!(
        code(&ChangeSnippets::create_on_behalf_of(&target(), &plain).terraform),
        r#"resource "databricks_obo_token" "this" {
  application_id   = "3f1c1d5e"
  lifetime_seconds = 7776000
}
"#
    );
}

#[test]
fn hostile_scopes_reach_a_token_as_json() {
    for hostile in HOSTILE {
        let scopes = [hostile.to_owned()];
        let snippets = ChangeSnippets::set_scopes(&target(), &TokenId::new(hostile), &scopes);
        let expected = json!({ "token": { "scopes": scopes }, "update_mask": "scopes" });
        let arguments = arguments_in_sh(&snippets.cli);
        let path = format!("{TOKENS}/{}", domain::percent_encode(hostile));
        assert_eq!(arguments[..4], ["api", "patch", path.as_str(), "--json"]);
        assert_eq!(serde_json::from_str::<Value>(&arguments[4]).unwrap(), expected);
        assert_eq!(call_in_sh(&snippets.rest), ("PATCH".into(), path, Some(expected)));
    }
}

#[test]
fn a_list_has_the_filters_that_the_workspace_has() {
    let all = ChangeSnippets::list_tokens(&target(), &TokenQuery::default());
    assert_eq!(
        arguments_in_sh(&all.cli),
        ["token-management", "list", "--output", "json"]
    );
    assert_eq!(call_in_sh(&all.rest), ("GET".into(), TOKENS.into(), None));
    for hostile in HOSTILE {
        let query = TokenQuery {
            created_by_username: hostile.into(),
            ..TokenQuery::default()
        };
        let list = ChangeSnippets::list_tokens(&target(), &query);
        let flag = format!("--created-by-username={hostile}");
        assert_eq!(arguments_in_sh(&list.cli)[4..], [flag]);
        let path = format!("{TOKENS}?created_by_username={}", domain::percent_encode(hostile));
        assert_eq!(call_in_sh(&list.rest).1, path);
    }
    let both = TokenQuery::from_pairs([("created_by_id", "42"), ("created_by_username", "mia@acme.example")]);
    let both = ChangeSnippets::list_tokens(&target(), &both);
    assert!(code(&both.cli).ends_with("--created-by-id=42 --created-by-username=mia@acme.example"));
    assert!(code(&both.rest).contains("/tokens?created_by_id=42&created_by_username=mia%40acme.example\" \\"));
}
