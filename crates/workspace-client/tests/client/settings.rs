//! Settings that account admins make for a workspace.

use domain::AdminRestriction;
use serde_json::{Value, json};

use crate::fake_workspace::{Workspace, error, ok};

const SETTING: &str = "/api/2.0/settings/types/restrict_workspace_admins/names/default";

async fn restriction(body: Value) -> Option<AdminRestriction> {
    let workspace = Workspace::start().await;
    workspace.respond("GET", SETTING, ok(body)).await;
    workspace.api().admin_restriction().await.ok()
}

fn status(status: &str) -> Value {
    json!({ "status": status, "disable_gov_tag_creation": true })
}

#[tokio::test]
async fn the_restriction_of_admins_is_read_from_its_status() {
    let old = |text| json!({ "etag": "AAA", "setting_name": "default", "restrict_workspace_admins": status(text) });
    assert_eq!(
        restriction(old("RESTRICT_TOKENS_AND_JOB_RUN_AS")).await,
        Some(AdminRestriction::RestrictTokens)
    );
    assert_eq!(restriction(old("ALLOW_ALL")).await, Some(AdminRestriction::AllowAll));
}

#[tokio::test]
async fn what_applies_counts_more_than_what_was_set() {
    let both = json!({
        "restrict_workspace_admins": status("ALLOW_ALL"),
        "effective_restrict_workspace_admins": status("RESTRICT_TOKENS_AND_JOB_RUN_AS"),
    });
    assert_eq!(restriction(both).await, Some(AdminRestriction::RestrictTokens));
}

#[tokio::test]
async fn an_unknown_restriction_is_never_read_as_none() {
    for body in [
        json!({}),
        json!({ "restrict_workspace_admins": null }),
        json!({ "restrict_workspace_admins": {} }),
        json!({ "restrict_workspace_admins": status("RESTRICT_EVERYTHING") }),
    ] {
        assert_eq!(restriction(body.clone()).await, None, "{body}");
    }
    let workspace = Workspace::start().await;
    workspace
        .respond("GET", SETTING, error(404, "NOT_FOUND", "Setting not found"))
        .await;
    assert!(workspace.api().admin_restriction().await.is_err());
}
