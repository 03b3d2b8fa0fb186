//! Calls that take effect although their response is lost or late, or while someone else makes a change.

use std::time::Duration;

use demo_workspace::{Change, Effect, Fault, FaultBody};
use reqwest::Method;
use serde_json::json;

use crate::support::{Api, TOKENS};

/// The comment of a token in the workspace.
async fn comment(api: &Api, id: &str) -> String {
    api.token(id, &api.pat()).await["comment"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// Sets a token's comment, and returns the status of the response, if there is one in time.
async fn set_comment(api: &Api, id: &str, comment: &str) -> Option<u16> {
    let body = json!({ "token": { "comment": comment }, "update_mask": "comment" });
    let call = api.http.request(Method::PATCH, api.url(&format!("{TOKENS}/{id}")));
    let call = call
        .bearer_auth(api.pat())
        .json(&body)
        .timeout(Duration::from_millis(300));
    call.send().await.ok().map(|response| response.status().as_u16())
}

#[tokio::test]
async fn a_call_can_take_effect_and_get_another_response() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let lost = Effect::AnswerAfter {
        status: 503,
        body: FaultBody::Empty,
    };
    api.workspace.fault(Fault::next("PATCH", TOKENS, lost));
    assert_eq!(set_comment(&api, &id, "new").await, Some(503));
    assert_eq!(comment(&api, &id).await, "new");
}

#[tokio::test]
async fn a_held_call_takes_effect_when_it_is_released() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    api.workspace.fault(Fault::next("PATCH", TOKENS, Effect::Hold));
    let before = comment(&api, &id).await;
    assert_eq!(set_comment(&api, &id, "late").await, None);
    assert_eq!(comment(&api, &id).await, before);
    let release = api.http.post(format!("{}/held/release", api.workspace.control_url()));
    assert_eq!(release.send().await.unwrap().status(), 204);
    assert_eq!(comment(&api, &id).await, "late");
}

#[tokio::test]
async fn someone_else_can_change_a_token_while_a_call_is_on_its_way() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let others = |effect| {
        Fault::next("PATCH", TOKENS, effect).others_change(Change::SetComment {
            token_id: id.clone(),
            comment: "theirs".to_owned(),
        })
    };
    for effect in [Effect::Reset, Effect::ResetAfter, Effect::None] {
        api.workspace.fault(others(effect));
        set_comment(&api, &id, "mine").await;
        assert_eq!(comment(&api, &id).await, "theirs");
        assert_eq!(set_comment(&api, &id, "mine").await, Some(200));
    }
    let scopes = Some(vec!["sql".to_owned()]);
    let change = Change::SetScopes {
        token_id: id.clone(),
        scopes,
    };
    api.workspace.change(change).unwrap();
    assert_eq!(api.token(&id, &api.pat()).await["scopes"], json!(["sql"]));
}

#[tokio::test]
async fn a_fault_can_begin_with_another_call() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let path = format!("{TOKENS}/{id}");
    api.workspace
        .fault(Fault::forever("GET", &path, Effect::Reset).once_called("PATCH"));
    let read = async || api.http.get(api.url(&path)).bearer_auth(api.pat()).send().await;
    assert_eq!(read().await.unwrap().status(), 200);
    assert_eq!(set_comment(&api, &id, "new").await, Some(200));
    read().await.unwrap_err();
}
