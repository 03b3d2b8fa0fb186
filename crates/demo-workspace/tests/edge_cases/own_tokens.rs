//! `/api/2.0/token`: the caller's own tokens.

use demo_workspace::{Change, DefaultLifetime, NewToken, ZeroLifetime};
use serde_json::{Value, json};

use crate::support::{Api, OWN, TOKENS};

const LIST: &str = "/api/2.0/token/list";
const CREATE: &str = "/api/2.0/token/create";
const DELETE: &str = "/api/2.0/token/delete";

fn lifetime_days(created: &Value) -> f64 {
    let info = &created["token_info"];
    (info["expiry_time"].as_f64().unwrap() - info["creation_time"].as_f64().unwrap()) / 86_400_000.0
}

#[tokio::test]
async fn edge_44_a_token_without_a_lifetime_gets_the_longest_one() {
    let api = Api::start().await;
    let created = api.post(CREATE, &api.pat(), json!({})).await.ok();
    assert_eq!(lifetime_days(&created), 730.0);
    api.set_conf(&api.pat(), "maxTokenLifetimeDays", "60").await;
    let created = api.post(CREATE, &api.pat(), json!({ "comment": "short" })).await.ok();
    assert_eq!(lifetime_days(&created), 60.0);
}

#[tokio::test]
async fn edge_44_older_behaviour_without_a_lifetime_can_be_chosen_by_knobs() {
    let api = Api::start().await;
    api.workspace
        .configure(|knobs| knobs.default_lifetime = DefaultLifetime::Indefinite);
    let created = api.post(CREATE, &api.pat(), json!({})).await.ok();
    assert_eq!(created["token_info"]["expiry_time"], -1);
    api.workspace.configure(|knobs| {
        knobs.default_lifetime = DefaultLifetime::Maximum;
        knobs.zero_lifetime = ZeroLifetime::Unlimited;
    });
    let created = api.post(CREATE, &api.pat(), json!({})).await.ok();
    assert_eq!(created["token_info"]["expiry_time"], -1);
    let long = api
        .post(CREATE, &api.pat(), json!({ "lifetime_seconds": 1000 * 86_400 }))
        .await
        .ok();
    assert_eq!(lifetime_days(&long), 1000.0);
}

#[tokio::test]
async fn edge_45_own_tokens_are_listed_without_owner_and_last_use() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.admin().user_name);
    let (other_id, _) = api.token_of(&api.non_admin().user_name);
    let listed = api.get(LIST, &api.pat()).await.ok();
    let listed = listed["token_infos"].as_array().unwrap();
    assert!(listed.iter().any(|token| token["token_id"] == id));
    assert!(listed.iter().all(|token| token["token_id"] != other_id));
    for token in listed {
        for absent in [
            "created_by_id",
            "created_by_username",
            "owner_id",
            "workspace_id",
            "last_used_day",
        ] {
            assert_eq!(token[absent], Value::Null);
        }
    }
    api.workspace.change(Change::RemoveAllTokens).unwrap();
    assert_eq!(api.get(LIST, &api.admin_oauth().await).await.text, "{}");
}

#[tokio::test]
async fn edge_45_expired_tokens_are_not_listed() {
    let api = Api::start().await;
    let (id, _) = api.new_token(NewToken {
        owner: api.admin().user_name.clone(),
        created_days_ago: 9,
        lifetime_days: Some(8),
        ..NewToken::default()
    });
    assert!(!api.get(LIST, &api.pat()).await.text.contains(&id));
    assert!(api.get(TOKENS, &api.pat()).await.text.contains(&id));
}

#[tokio::test]
async fn edge_46_without_can_use_tokens_can_be_neither_listed_nor_created() {
    let api = Api::start().await;
    let oauth = api.non_admin_oauth().await;
    assert_eq!(api.get(LIST, &oauth).await.status, 200);
    api.workspace.change(Change::SetGrants { can_use: Vec::new() }).unwrap();
    for response in [api.get(LIST, &oauth).await, api.post(CREATE, &oauth, json!({})).await] {
        response.assert_error(403, "PERMISSION_DENIED", "User does not have permission to use tokens.");
    }
}

#[tokio::test]
async fn edge_47_a_user_has_at_most_600_active_tokens() {
    let api = Api::start().await;
    let expired = NewToken {
        owner: api.non_admin().user_name.clone(),
        created_days_ago: 9,
        lifetime_days: Some(8),
        ..NewToken::default()
    };
    api.new_token(expired);
    // Kai already has one token.
    for _ in 1..600 {
        api.token_of(&api.non_admin().user_name);
    }
    let pat = api.non_admin_pat();
    let rejected = api.post(CREATE, &pat, json!({})).await;
    assert_eq!(
        (rejected.status, &rejected.json()["error_code"]),
        (400, &json!("QUOTA_EXCEEDED"))
    );
    let listed = api.get(LIST, &pat).await.ok();
    let last = &listed["token_infos"].as_array().unwrap()[599]["token_id"];
    api.post(DELETE, &pat, json!({ "token_id": last })).await.ok();
    assert_eq!(api.post(CREATE, &pat, json!({})).await.status, 200);
}

#[tokio::test]
async fn edge_48_delete_and_update_return_different_errors_for_unknown_ids() {
    let api = Api::start().await;
    let message = "Token with ID abc does not exist";
    let delete = api.post(DELETE, &api.pat(), json!({ "token_id": "abc" })).await;
    delete.assert_error(404, "RESOURCE_DOES_NOT_EXIST", message);
    let update = |comment: &str| json!({ "token": { "comment": comment }, "update_mask": "comment" });
    api.patch(&format!("{OWN}/abc"), &api.pat(), update("x"))
        .await
        .assert_error(404, "NOT_FOUND", message);

    let created = api.post(CREATE, &api.pat(), json!({ "comment": "old" })).await.ok();
    let id = created["token_info"]["token_id"].as_str().unwrap();
    assert_eq!(
        api.patch(&format!("{OWN}/{id}"), &api.pat(), update("new")).await.text,
        "{}"
    );
    assert_eq!(api.token(id, &api.pat()).await["comment"], "new");
    assert_eq!(api.post(DELETE, &api.pat(), json!({ "token_id": id })).await.text, "{}");
}

#[tokio::test]
async fn tokens_of_others_can_be_neither_changed_nor_deleted() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.admin().user_name);
    let pat = api.non_admin_pat();
    assert_eq!(api.post(DELETE, &pat, json!({ "token_id": id })).await.status, 404);
    let update = json!({ "token": { "comment": "mine" }, "update_mask": "comment" });
    assert_eq!(api.patch(&format!("{OWN}/{id}"), &pat, update).await.status, 404);
}
