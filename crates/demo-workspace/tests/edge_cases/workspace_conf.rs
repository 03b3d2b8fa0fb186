//! `/api/2.0/workspace-conf`: the workspace configuration.

use demo_workspace::{Change, UnsetConf};
use serde_json::{Value, json};

use crate::support::{Api, BOTH_KEYS, CONF, OWN, TOKENS};

#[tokio::test]
async fn edge_01_a_read_returns_exactly_the_requested_keys() {
    let api = Api::start().await;
    let pat = api.pat();
    assert_eq!(
        api.get(BOTH_KEYS, &pat).await.ok(),
        json!({ "enableTokensConfig": null, "maxTokenLifetimeDays": null })
    );
    api.set_conf(&pat, "maxTokenLifetimeDays", "90").await;
    api.set_conf(&pat, "enableTokensConfig", "true").await;
    assert_eq!(
        api.get(BOTH_KEYS, &pat).await.ok(),
        json!({ "enableTokensConfig": "true", "maxTokenLifetimeDays": "90" })
    );
    let one = api
        .get("/api/2.0/workspace-conf?keys=enableTokensConfig", &pat)
        .await
        .ok();
    assert_eq!(one, json!({ "enableTokensConfig": "true" }));
}

#[tokio::test]
async fn an_unset_key_can_be_omitted_instead() {
    let api = Api::with(|config| config.knobs.unset_conf = UnsetConf::Absent).await;
    assert_eq!(api.get(BOTH_KEYS, &api.pat()).await.ok(), json!({}));
}

#[tokio::test]
async fn edge_02_reads_without_keys_or_with_an_unknown_key_are_rejected() {
    let api = Api::start().await;
    let pat = api.pat();
    for path in ["/api/2.0/workspace-conf", "/api/2.0/workspace-conf?keys="] {
        assert_eq!(api.get(path, &pat).await.status, 400);
    }
    let response = api
        .get("/api/2.0/workspace-conf?keys=enableTokensConfig,foo", &pat)
        .await;
    response.assert_error(400, "BAD_REQUEST", r#"Invalid keys: ["foo"]"#);
    let response = api.get("/api/2.0/workspace-conf?keys=foo,bar", &pat).await;
    response.assert_error(400, "BAD_REQUEST", r#"Invalid keys: ["foo","bar"]"#);
}

#[tokio::test]
async fn edge_03_a_change_with_one_unknown_key_changes_nothing() {
    let api = Api::start().await;
    let response = api
        .patch(CONF, &api.pat(), json!({ "maxTokenLifetimeDays": "60", "foo": "true" }))
        .await;
    response.assert_error(400, "BAD_REQUEST", r#"Invalid keys: ["foo"]"#);
    assert_eq!(
        api.get(BOTH_KEYS, &api.pat()).await.ok()["maxTokenLifetimeDays"],
        Value::Null
    );
}

#[tokio::test]
async fn edge_04_lifetimes_outside_0_to_730_days_are_rejected() {
    let api = Api::start().await;
    for value in ["", "false", "-5", "731", "abc", "1.5", " 30", "030"] {
        let response = api
            .patch(CONF, &api.pat(), json!({ "maxTokenLifetimeDays": value }))
            .await;
        let message = format!(r#"Some values are not allowed: {{"maxTokenLifetimeDays":"{value}"}}"#);
        response.assert_error(400, "BAD_REQUEST", &message);
    }
    for value in ["1", "730"] {
        api.set_conf(&api.pat(), "maxTokenLifetimeDays", value).await;
    }
    let both = json!({ "enableTokensConfig": "false", "maxTokenLifetimeDays": "731" });
    let response = api.patch(CONF, &api.pat(), both).await;
    response.assert_error(
        400,
        "BAD_REQUEST",
        r#"Some values are not allowed: {"maxTokenLifetimeDays":"731"}"#,
    );
    assert_eq!(
        api.get(BOTH_KEYS, &api.pat()).await.ok()["enableTokensConfig"],
        Value::Null
    );
}

#[tokio::test]
async fn edge_05_zero_means_the_platform_maximum() {
    let api = Api::start().await;
    let pat = api.pat();
    api.set_conf(&pat, "maxTokenLifetimeDays", "0").await;
    assert_eq!(api.get(BOTH_KEYS, &pat).await.ok()["maxTokenLifetimeDays"], "0");
    let create = |days: u64| {
        api.post(
            "/api/2.0/token/create",
            &pat,
            json!({ "lifetime_seconds": days * 86_400 }),
        )
    };
    assert_eq!(create(730).await.status, 200);
    assert_eq!(create(731).await.status, 400);
}

#[tokio::test]
async fn edge_06_a_change_returns_204_without_a_body() {
    let api = Api::start().await;
    let response = api
        .patch(
            CONF,
            &api.pat(),
            json!({ "maxTokenLifetimeDays": "60", "enableWebTerminal": "true" }),
        )
        .await;
    assert_eq!((response.status, response.text.as_str()), (204, ""));
}

#[tokio::test]
async fn edge_07_values_are_returned_as_written() {
    let api = Api::start().await;
    api.set_conf(&api.pat(), "enableTokensConfig", "TRue").await;
    assert_eq!(api.get(BOTH_KEYS, &api.pat()).await.ok()["enableTokensConfig"], "TRue");
    api.set_conf(&api.pat(), "enableIpAccessLists", "fALSE").await;
    let response = api
        .get("/api/2.0/workspace-conf?keys=enableIpAccessLists", &api.pat())
        .await
        .ok();
    assert_eq!(response, json!({ "enableIpAccessLists": "fALSE" }));
}

#[tokio::test]
async fn edge_08_a_read_after_a_change_can_be_stale() {
    let api = Api::with(|config| config.knobs.conf_stale_reads = 1).await;
    let pat = api.pat();
    api.set_conf(&pat, "maxTokenLifetimeDays", "45").await;
    assert_eq!(api.get(BOTH_KEYS, &pat).await.ok()["maxTokenLifetimeDays"], Value::Null);
    assert_eq!(api.get(BOTH_KEYS, &pat).await.ok()["maxTokenLifetimeDays"], "45");
}

#[tokio::test]
async fn edge_08_a_change_can_take_effect_late() {
    let api = Api::with(|config| config.knobs.conf_stale_ms = 60_000).await;
    let (pat, oauth) = (api.pat(), api.admin_oauth().await);
    api.set_conf(&pat, "enableTokensConfig", "false").await;
    assert_eq!(api.get(BOTH_KEYS, &pat).await.ok()["enableTokensConfig"], Value::Null);
    api.workspace.advance_clock(60_000);
    api.get(BOTH_KEYS, &pat).await.assert_invalid_token();
    assert_eq!(api.get(BOTH_KEYS, &oauth).await.ok()["enableTokensConfig"], "false");
}

#[tokio::test]
async fn edge_09_disabled_tokens_stay_listed_but_do_not_work() {
    let api = Api::start().await;
    let (pat, oauth) = (api.pat(), api.admin_oauth().await);
    let before = api.tokens(&oauth).await.len();
    api.set_conf(&oauth, "enableTokensConfig", "false").await;
    assert_eq!(api.tokens(&oauth).await.len(), before);
    api.get(TOKENS, &pat).await.assert_invalid_token();
    let own = api.get(&format!("{OWN}/list"), &oauth).await;
    own.assert_error(404, "FEATURE_DISABLED", "Tokens are disabled.");
    api.set_conf(&oauth, "enableTokensConfig", "true").await;
    assert_eq!(api.get(TOKENS, &pat).await.status, 200);
}

#[tokio::test]
async fn edge_10_a_shorter_maximum_leaves_existing_tokens_alone() {
    let api = Api::start().await;
    let (id, _) = api.token_of(&api.non_admin().user_name);
    let before = api.token(&id, &api.pat()).await["expiry_time"].clone();
    api.set_conf(&api.pat(), "maxTokenLifetimeDays", "1").await;
    assert_eq!(api.token(&id, &api.pat()).await["expiry_time"], before);
}

#[tokio::test]
async fn edge_11_the_preview_path_is_the_same_api() {
    let api = Api::start().await;
    let preview = "/api/2.0/preview/workspace-conf";
    let response = api
        .patch(preview, &api.pat(), json!({ "maxTokenLifetimeDays": "31" }))
        .await;
    assert_eq!(response.status, 204);
    assert_eq!(api.get(BOTH_KEYS, &api.pat()).await.ok()["maxTokenLifetimeDays"], "31");
    let read = api
        .get(&format!("{preview}?keys=maxTokenLifetimeDays"), &api.pat())
        .await
        .ok();
    assert_eq!(read, json!({ "maxTokenLifetimeDays": "31" }));
}

#[tokio::test]
async fn non_admins_can_neither_read_nor_change_it() {
    let api = Api::start().await;
    let read = api.get(BOTH_KEYS, &api.non_admin_pat()).await;
    let message = "unauthorized to perform ReadAction on /org_admin_conf/enableTokensConfig";
    read.assert_error(403, "PERMISSION_DENIED", message);
    let change = api
        .patch(CONF, &api.non_admin_pat(), json!({ "enableTokensConfig": "false" }))
        .await;
    assert_eq!(change.status, 403);
}

#[tokio::test]
async fn the_control_interface_can_unset_a_key() {
    let api = Api::start().await;
    api.set_conf(&api.pat(), "maxTokenLifetimeDays", "31").await;
    let values = [("maxTokenLifetimeDays".to_owned(), None)].into();
    api.workspace.change(Change::SetConf { values }).unwrap();
    assert_eq!(
        api.get(BOTH_KEYS, &api.pat()).await.ok()["maxTokenLifetimeDays"],
        Value::Null
    );
}
