//! Faults: errors that the workspace simulates.

use std::time::{Duration, SystemTime};

use demo_workspace::{Effect, Fault, FaultBody, RetryAfter};
use serde_json::{Value, json};

use crate::support::{Api, BOTH_KEYS, CONF, PERMISSIONS, SCIM, TOKENS, until};

/// A workspace with a fault for the next call that lists tokens.
async fn with(effect: Effect) -> Api {
    let api = Api::start().await;
    api.workspace.fault(Fault::next("GET", TOKENS, effect));
    api
}

async fn with_body(status: u16, body: FaultBody) -> Api {
    with(Effect::Answer { status, body }).await
}

#[tokio::test]
async fn a_fault_can_return_every_kind_of_body() {
    let text = || "Something broke".to_owned();
    let api = with_body(
        500,
        FaultBody::JsonError {
            error_code: "INTERNAL_ERROR".to_owned(),
            message: text(),
        },
    )
    .await;
    api.get(TOKENS, &api.pat())
        .await
        .assert_error(500, "INTERNAL_ERROR", "Something broke");

    let api = with_body(403, FaultBody::IntegerErrorCode { message: text() }).await;
    assert_eq!(
        api.get(TOKENS, &api.pat()).await.json(),
        json!({ "error_code": 403, "message": "Something broke" })
    );

    let api = with_body(502, FaultBody::Html { message: text() }).await;
    let response = api.get(TOKENS, &api.pat()).await;
    assert!(
        response.header("content-type").starts_with("text/html")
            && response.text.contains("<pre>    Something broke</pre>")
    );

    let api = with_body(200, FaultBody::Empty).await;
    let response = api.get(TOKENS, &api.pat()).await;
    assert_eq!((response.status, response.text.as_str()), (200, ""));

    let api = with_body(
        400,
        FaultBody::PlainText {
            text: "BAD_REQUEST: no".to_owned(),
        },
    )
    .await;
    assert_eq!(api.get(TOKENS, &api.pat()).await.text, "BAD_REQUEST: no");

    let api = with_body(200, FaultBody::TruncatedJson).await;
    assert!(serde_json::from_str::<Value>(&api.get(TOKENS, &api.pat()).await.text).is_err());

    let raw = FaultBody::Raw {
        content_type: "application/json".to_owned(),
        text: "null".to_owned(),
    };
    let api = with_body(200, raw).await;
    assert_eq!(api.get(TOKENS, &api.pat()).await.ok(), Value::Null);
}

#[tokio::test]
async fn an_error_and_an_empty_object_can_have_the_status_of_a_success() {
    let (error_code, message) = ("INTERNAL_ERROR".to_owned(), "Something broke".to_owned());
    let api = with_body(200, FaultBody::JsonError { error_code, message }).await;
    let error = api.get(TOKENS, &api.pat()).await.ok();
    assert_eq!(
        (&error["error_code"], &error["token_infos"]),
        (&json!("INTERNAL_ERROR"), &Value::Null)
    );

    let detail = "Something broke".to_owned();
    let api = with_body(200, FaultBody::ScimError { detail }).await;
    let error = api.get(TOKENS, &api.pat()).await.ok();
    assert_eq!(
        (&error["status"], &error["detail"]),
        (&json!("500"), &json!("Something broke"))
    );

    let api = with_body(200, FaultBody::EmptyObject).await;
    assert_eq!(api.get(TOKENS, &api.pat()).await.ok(), json!({}));
}

#[tokio::test]
async fn a_truncated_response_is_the_first_half_of_the_real_one() {
    let api = with(Effect::Truncate).await;
    let half = api.get(TOKENS, &api.pat()).await;
    let whole = api.get(TOKENS, &api.pat()).await;
    assert_eq!(half.status, 200);
    assert!(half.text.len() == whole.text.len() / 2 && whole.text.starts_with(&half.text));
}

#[tokio::test]
async fn wrong_types_keep_the_structure() {
    let api = with(Effect::WrongTypes).await;
    let wrong = api.get(TOKENS, &api.pat()).await.ok();
    let first = &wrong["token_infos"][0];
    assert!(first["token_id"].is_array() && first["creation_time"].is_object());
}

#[tokio::test]
async fn an_ignored_change_returns_a_success() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let path = format!("{TOKENS}/{id}");
    api.workspace.fault(Fault::next("DELETE", TOKENS, Effect::Ignore));
    api.workspace.fault(Fault::next("PATCH", CONF, Effect::Ignore));
    let response = api.delete(&path, &api.pat()).await;
    assert_eq!((response.status, response.text.as_str()), (200, ""));
    assert_eq!(api.get(&path, &api.pat()).await.status, 200);
    api.workspace.fault(Fault::next("PATCH", TOKENS, Effect::Ignore));
    let body = json!({ "token": { "comment": "new" }, "update_mask": "comment" });
    assert_eq!(api.patch(&path, &api.pat(), body).await.ok()["token_id"], id);
    assert_ne!(api.token(&id, &api.pat()).await["comment"], "new");
    api.workspace.fault(Fault::next("PUT", PERMISSIONS, Effect::Ignore));
    let before = api.get(PERMISSIONS, &api.pat()).await.ok();
    let body = json!({ "access_control_list": [] });
    assert_eq!(api.put(PERMISSIONS, &api.pat(), body).await.ok(), before);
    let response = api
        .patch(CONF, &api.pat(), json!({ "enableTokensConfig": "false" }))
        .await;
    assert_eq!((response.status, response.text.as_str()), (204, ""));
    assert_eq!(
        api.get(BOTH_KEYS, &api.pat()).await.ok()["enableTokensConfig"],
        Value::Null
    );
}

#[tokio::test]
async fn a_reset_ends_the_connection() {
    let api = with(Effect::Reset).await;
    let sent = api.http.get(api.url(TOKENS)).bearer_auth(api.pat()).send().await;
    let error = sent.unwrap_err();
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    assert_eq!(api.workspace.log().last().unwrap().status, None);
    assert_eq!(api.get(TOKENS, &api.pat()).await.status, 200);
}

#[tokio::test]
async fn calls_that_hang_or_are_reset_have_no_effect() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let path = format!("{TOKENS}/{id}");
    for effect in [Effect::Hang, Effect::Reset] {
        api.workspace.fault(Fault::next("DELETE", TOKENS, effect));
        let call = api.http.delete(api.url(&path)).bearer_auth(api.pat());
        call.timeout(Duration::from_millis(200)).send().await.unwrap_err();
        assert_eq!(api.get(&path, &api.pat()).await.status, 200);
    }
    let deletes = || api.workspace.log().into_iter().filter(|call| call.method == "DELETE");
    // The workspace may notice only later that the client has disconnected.
    until(|| deletes().count() == 2).await;
    assert!(deletes().all(|call| call.path == path && call.status.is_none()));
}

#[tokio::test]
async fn a_reset_after_the_call_loses_only_the_response() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let path = format!("{TOKENS}/{id}");
    api.workspace.fault(Fault::next("DELETE", TOKENS, Effect::ResetAfter));
    let sent = api.http.delete(api.url(&path)).bearer_auth(api.pat()).send().await;
    let error = sent.unwrap_err();
    assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    let call = api.workspace.log().pop().unwrap();
    assert_eq!(
        (call.status, call.principal.as_ref()),
        (None, Some(&api.admin().user_name))
    );
    let missing = format!("Token with ID {id} does not exist");
    for response in [api.get(&path, &api.pat()).await, api.delete(&path, &api.pat()).await] {
        response.assert_error(404, "RESOURCE_DOES_NOT_EXIST", &missing);
    }
}

#[tokio::test]
async fn a_hanging_call_does_not_prevent_the_workspace_from_stopping() {
    let api = with(Effect::Hang).await;
    let (url, pat) = (api.url(TOKENS), api.pat());
    let call = tokio::spawn(api.http.get(url).bearer_auth(pat).send());
    until(|| api.workspace.waiting_faults().is_empty()).await;
    assert!(!call.is_finished());
    api.workspace.stop().await;
    assert_eq!(call.await.unwrap().unwrap().status(), 503);
}

#[tokio::test]
async fn a_delayed_response_shows_the_state_at_the_time_of_the_call() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    api.workspace
        .fault(Fault::next("GET", TOKENS, Effect::None).after_ms(300));
    let pat = api.pat();
    let slow = api.get(TOKENS, &pat);
    let revoke = async {
        until(|| api.workspace.waiting_faults().is_empty()).await;
        // The slow call holds no lock during its delay, so this call ends first.
        api.delete(&format!("{TOKENS}/{id}"), &pat).await
    };
    let (slow, revoked) = tokio::join!(slow, revoke);
    assert_eq!(revoked.status, 200);
    assert!(slow.text.contains(&id));
    let log = api.workspace.log();
    assert!(log.last().unwrap().duration_ms >= 300, "{log:?}");
}

#[tokio::test]
async fn faults_can_redirect_a_call_or_reject_its_scopes() {
    let api = with(Effect::Redirect {
        location: "https://login.acme.example/sso?a=b".to_owned(),
    })
    .await;
    let response = api.get(TOKENS, &api.pat()).await;
    assert_eq!(
        (response.status, response.header("location")),
        (302, "https://login.acme.example/sso?a=b")
    );
    let api = with(Effect::MissingScope {
        scope: "authentication".to_owned(),
    })
    .await;
    let message = "Provided OAuth token does not have required scopes: authentication";
    api.get(TOKENS, &api.pat()).await.assert_missing_scope(message);
}

#[tokio::test]
async fn retry_after_can_be_a_date_or_absent() {
    let api = with(Effect::RateLimit {
        retry_after: RetryAfter::DateIn(60),
    })
    .await;
    let response = api.get(TOKENS, &api.pat()).await;
    let date = httpdate::parse_http_date(response.header("retry-after")).unwrap();
    let seconds = date.duration_since(SystemTime::now()).unwrap().as_secs();
    assert!((30..=60).contains(&seconds), "{seconds}");
    let api = with(Effect::RateLimit {
        retry_after: RetryAfter::Absent,
    })
    .await;
    assert_eq!(api.get(TOKENS, &api.pat()).await.header("retry-after"), "");
}

#[tokio::test]
async fn faults_apply_in_order_and_as_often_as_specified() {
    let api = Api::start().await;
    let status = |status| Effect::Answer {
        status,
        body: FaultBody::Empty,
    };
    api.workspace.fault(Fault::next("GET", TOKENS, status(500)).times(2));
    api.workspace.fault(Fault::forever("GET", TOKENS, status(502)));
    let statuses = async || {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(api.get(TOKENS, &api.pat()).await.status);
        }
        statuses
    };
    assert_eq!(statuses().await, [500, 500, 502, 502]);
    assert_eq!(api.get(&format!("{SCIM}/Me"), &api.pat()).await.status, 200);
    api.workspace.clear_faults();
    assert_eq!(statuses().await, [200; 4]);
}
