//! A script in any text of a workspace is shown as text on every page.

use demo_workspace::{Effect, Fault, FaultBody};
use serde_json::{Value, json};

use crate::support::{ACME, Site, TOKENS_API};

/// Tries to break out of an attribute, an element and a script.
const HOSTILE: &str = "\"'></title></script><script>alert(1)</script><img src=x onerror=alert(2)>";

const SCIM: &str = "/api/2.0/preview/scim/v2";

fn respond(site: &Site, path: &str, response: &Value) {
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text: response.to_string(),
    };
    site.demo
        .fault(Fault::forever("GET", path, Effect::Answer { status: 200, body }));
}

/// Makes every text of the workspace hostile. The more specific of two paths comes first.
fn all_hostile(site: &Site, id: &str) {
    let owner: i64 = site.demo.credentials().non_admin.id.parse().unwrap();
    let token = json!({
        "token_id": id, "comment": HOSTILE, "owner_id": owner, "created_by_id": 12, "created_by_username": HOSTILE,
        "creation_time": 1_700_000_000_000_i64, "expiry_time": -1, "last_used_day": 1_700_000_000_000_i64,
        "workspace_id": 7, "scopes": [HOSTILE], "inferred_scopes": [HOSTILE], "autoscope_state": HOSTILE,
    });
    respond(site, &format!("{TOKENS_API}/"), &json!({ "token_info": token }));
    respond(site, TOKENS_API, &json!({ "token_infos": [token] }));
    let me = &site.demo.credentials().admin.id;
    respond(
        site,
        &format!("{SCIM}/Me"),
        &json!({ "id": me, "userName": HOSTILE, "displayName": HOSTILE, "active": true,
                 "groups": [{ "display": "admins", "value": "1" }, { "display": HOSTILE, "value": "2" }] }),
    );
    let person = |id: i64| {
        json!({ "id": id.to_string(), "userName": HOSTILE, "applicationId": HOSTILE, "displayName": HOSTILE,
                "active": false,
                "members": [{ "value": owner.to_string(), "display": HOSTILE, "$ref": format!("Users/{owner}") }] })
    };
    for (kind, id) in [("Users", owner), ("ServicePrincipals", 12), ("Groups", 13)] {
        let page = json!({ "totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": [person(id)] });
        respond(site, &format!("{SCIM}/{kind}"), &page);
    }
    let can_use = json!([{ "permission_level": "CAN_USE", "inherited": true, "inherited_from_object": [HOSTILE] }]);
    let list = ["user_name", "group_name", "service_principal_name"]
        .map(|kind| json!({ kind: HOSTILE, "display_name": HOSTILE, "all_permissions": can_use }));
    respond(
        site,
        "/api/2.0/permissions/authorization/tokens",
        &json!({ "object_id": "/authorization/tokens", "object_type": "tokens", "access_control_list": list }),
    );
}

#[tokio::test]
async fn a_script_in_any_string_of_a_workspace_runs_on_no_page() {
    let site = Site::start().await;
    let id = site.some_token_id();
    all_hostile(&site, &id);
    let browser = site.sign_in().await;
    // Also in the activity log: a hostile reason, and a token that the workspace still lists.
    let fields = [
        ("workspace", ACME),
        ("id", id.as_str()),
        ("back", "/"),
        ("reason", HOSTILE),
    ];
    browser.call("/api/tokens/revoke", &fields).await;
    let advanced = format!("/w/{ACME}/settings/advanced");
    let group = domain::percent_encode(&format!("group:{HOSTILE}"));
    let other_pages = [
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
    let mut shown = 0;
    for (name, path) in site.workspace_pages().into_iter().chain(other_pages) {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{name}: {}", page.text());
        page.assert_has_none(&["<script>alert(1)", "<img src=x", "\"'>"]);
        let count = page.text().matches("alert(2)").count();
        assert!(count > 0, "{name} shows no hostile string: {}", page.text());
        shown += count;
    }
    assert!(shown > 30, "hostile strings were shown only {shown} times");
}
