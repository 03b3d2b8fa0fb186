//! Whatever a workspace says is text: a script in any of its strings stays one on every page.

use demo_workspace::{Effect, Fault, FaultBody};
use serde_json::{Value, json};

use crate::support::{ACME, Site, TOKENS};

/// It tries to leave an attribute, an element, and a script.
const HOSTILE: &str = "\"'></title></script><script>alert(1)</script><img src=x onerror=alert(2)>";

const SCIM: &str = "/api/2.0/preview/scim/v2";

fn says(site: &Site, path: &str, answer: &Value) {
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text: answer.to_string(),
    };
    site.demo
        .fault(Fault::forever("GET", path, Effect::Answer { status: 200, body }));
}

/// A workspace each of whose strings is hostile. What is asked for more particularly comes first.
fn all_hostile(site: &Site, id: &str) {
    let token = json!({
        "token_id": id, "comment": HOSTILE, "owner_id": 11, "created_by_id": 12, "created_by_username": HOSTILE,
        "creation_time": 1_700_000_000_000_i64, "expiry_time": -1, "last_used_day": 1_700_000_000_000_i64,
        "workspace_id": 7, "scopes": [HOSTILE], "inferred_scopes": [HOSTILE], "autoscope_state": HOSTILE,
    });
    says(site, &format!("{TOKENS}/"), &json!({ "token_info": token }));
    says(site, TOKENS, &json!({ "token_infos": [token] }));
    let me = &site.demo.credentials().admin.id;
    says(
        site,
        &format!("{SCIM}/Me"),
        &json!({ "id": me, "userName": HOSTILE, "displayName": HOSTILE, "active": true,
                 "groups": [{ "display": "admins", "value": "1" }, { "display": HOSTILE, "value": "2" }] }),
    );
    let person = |id: i64| {
        json!({ "id": id.to_string(), "userName": HOSTILE, "applicationId": HOSTILE, "displayName": HOSTILE,
                "active": false, "members": [{ "value": "11", "display": HOSTILE, "$ref": "Users/11" }] })
    };
    for (kind, id) in [("Users", 11), ("ServicePrincipals", 12), ("Groups", 13)] {
        let page = json!({ "totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": [person(id)] });
        says(site, &format!("{SCIM}/{kind}"), &page);
    }
    let may_use = json!([{ "permission_level": "CAN_USE", "inherited": true, "inherited_from_object": [HOSTILE] }]);
    let list = ["user_name", "group_name", "service_principal_name"]
        .map(|kind| json!({ kind: HOSTILE, "display_name": HOSTILE, "all_permissions": may_use }));
    says(
        site,
        "/api/2.0/permissions/authorization/tokens",
        &json!({ "object_id": "/authorization/tokens", "object_type": "tokens", "access_control_list": list }),
    );
}

#[tokio::test]
async fn a_script_in_any_string_of_a_workspace_runs_on_no_page() {
    let site = Site::start().await;
    let id = site.some_token();
    all_hostile(&site, &id);
    let browser = site.signed_in().await;
    // Into the record too, with a reason of the same kind: the workspace says that the token is still there.
    let fields = [
        ("workspace", ACME),
        ("id", id.as_str()),
        ("back", "/"),
        ("reason", HOSTILE),
    ];
    browser.call("/api/tokens/revoke", &fields).await;
    let advanced = format!("/w/{ACME}/settings/advanced");
    let group = domain::percent_encode(&format!("group:{HOSTILE}"));
    let more = [
        ("overview", "/".to_owned()),
        ("sessions", "/sessions".to_owned()),
        ("activity", format!("/w/{ACME}/activity")),
        ("search", format!("{advanced}/permissions/find?find=a")),
        (
            "removal",
            format!("{advanced}/permissions/review?opened=0&remove={group}"),
        ),
        ("editor", format!("{advanced}/permissions?opened=0&add={group}")),
    ];
    let mut told = 0;
    for (what, path) in site.workspace_pages().into_iter().chain(more) {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{what}: {}", page.text());
        for raw in ["<script>alert(1)", "<img src=x", "\"'>"] {
            assert!(!page.body.contains(raw), "{what} has {raw}");
        }
        told += page.text().matches("alert(2)").count();
        assert!(
            page.text().contains("alert(2)"),
            "{what} shows no hostile string at all: {}",
            page.text()
        );
    }
    assert!(told > 30, "hostile strings were shown only {told} times");
}
