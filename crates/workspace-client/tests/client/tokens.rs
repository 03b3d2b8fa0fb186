//! Token management.

use domain::{AutoscopeState, Expiry, PrincipalId, Status, Timestamp, TokenId};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::{body_json, query_param};
use workspace_client::{ErrorKind, TokenList, UnreadableRow};

use crate::fake_workspace::{TOKENS, Workspace, error, ok, on};

const ID: &str = "b41c0f7e6d5a49388c1f20aa7b6c5d4e3f2a1b0c9d8e7f60514233241506a7b8";

fn row() -> Value {
    json!({ "token_id": ID, "comment": "nightly export job", "creation_time": 1_767_225_600_123_i64,
            "expiry_time": 1_775_001_600_123_i64, "created_by_id": 4_411_223_344_556_677_i64,
            "created_by_username": "mia.kowalski@example.com", "owner_id": 8_899_001_122_334_455_i64,
            "workspace_id": 7_001_002_003_004_005_i64, "last_used_day": 1_772_323_200_000_i64,
            "scopes": ["sql", "clusters"], "autoscope_state": "AUTOSCOPE_STATE_USER_SELECTED",
            "backfill_scopes": ["sql"], "a_field_of_tomorrow": { "deep": [1] } })
}

fn one() -> String {
    format!("{TOKENS}/{ID}")
}

#[tokio::test]
async fn every_field_of_a_row_is_read() {
    let workspace = Workspace::start().await;
    workspace
        .respond("GET", TOKENS, ok(json!({ "token_infos": [row()] })))
        .await;
    let tokens = workspace.api().tokens().await.unwrap().tokens;
    let [token] = tokens.as_slice() else {
        panic!("{tokens:?}")
    };
    assert_eq!(token.id, TokenId::new(ID));
    assert_eq!(token.comment, "nightly export job");
    assert_eq!(token.owner, Some(PrincipalId::new(8_899_001_122_334_455)));
    assert_eq!(token.creator, Some(PrincipalId::new(4_411_223_344_556_677)));
    assert_eq!(token.creator_name.as_deref(), Some("mia.kowalski@example.com"));
    assert_eq!(token.created, Some(Timestamp::from_ms(1_767_225_600_123)));
    assert_eq!(token.expiry, Expiry::At(Timestamp::from_ms(1_775_001_600_123)));
    assert_eq!(token.last_used.unwrap().to_iso(), "2026-03-01");
    assert_eq!(
        token.scopes.as_deref(),
        Some(["sql".to_owned(), "clusters".to_owned()].as_slice())
    );
    assert_eq!(token.autoscope, Some(AutoscopeState::UserSelected));
    assert_eq!(token.workspace_id.as_deref(), Some("7001002003004005"));
    assert!(token.inferred_scopes.is_empty());
    assert_eq!(token.backfill_scopes, ["sql"]);
}

#[tokio::test]
async fn case_27_a_missing_key_means_that_the_workspace_has_zero_tokens() {
    for (body, is_present) in [
        (json!({}), false),
        (json!({ "token_infos": null }), false),
        (json!({ "token_infos": [] }), true),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("GET", TOKENS, ok(body)).await;
        let none = TokenList {
            is_present,
            ..TokenList::default()
        };
        assert_eq!(workspace.api().tokens().await, Ok(none));
    }
}

#[tokio::test]
async fn an_empty_body_is_not_an_empty_list() {
    for body in ["", "null", " \n"] {
        let workspace = Workspace::start().await;
        let response = ResponseTemplate::new(200).set_body_raw(body, "application/json");
        workspace.respond("GET", TOKENS, response).await;
        let path = ".".to_owned();
        let error = workspace.api().tokens().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Undecodable { path }, "{body:?}");
    }
}

#[tokio::test]
async fn case_30_ids_and_times_can_be_text_and_never_is_minus_one() {
    let workspace = Workspace::start().await;
    let rows = json!({ "token_infos": [
        { "token_id": "a", "owner_id": "9007199254740993", "created_by_id": "9223372036854775807",
          "creation_time": "1767225600123", "expiry_time": "-1", "workspace_id": "7" },
        { "token_id": "b", "owner_id": 9_007_199_254_740_993_i64, "expiry_time": -1 },
    ] });
    workspace.respond("GET", TOKENS, ok(rows)).await;
    let tokens = workspace.api().tokens().await.unwrap().tokens;
    for token in &tokens {
        assert_eq!(token.owner.unwrap().to_string(), "9007199254740993");
        assert_eq!(token.expiry, Expiry::Never);
        assert_eq!(token.status(Timestamp::from_ms(i64::MAX)), Status::Active);
    }
    assert_eq!(tokens[0].creator, Some(PrincipalId::new(i64::MAX)));
    assert_eq!(tokens[0].created, Some(Timestamp::from_ms(1_767_225_600_123)));
}

#[tokio::test]
async fn case_31_absent_fields_stay_absent() {
    let workspace = Workspace::start().await;
    let bare = json!({ "token_id": "a", "comment": null, "scopes": null, "autoscope_state": "AUTOSCOPE_STATE_SOON",
                       "inferred_scopes": null, "created_by_username": "", "expiry_time": 0 });
    workspace
        .respond("GET", TOKENS, ok(json!({ "token_infos": [bare] })))
        .await;
    let token = workspace.api().tokens().await.unwrap().tokens.remove(0);
    assert_eq!(
        (token.comment.as_str(), token.scopes, token.creator_name),
        ("", None, None)
    );
    assert_eq!((token.last_used, token.created, token.owner), (None, None, None));
    assert_eq!(token.expiry, Expiry::Unknown);
    assert_eq!(token.autoscope, Some(AutoscopeState::Other("SOON".into())));
}

#[tokio::test]
async fn a_row_with_a_field_of_the_wrong_type_is_left_out_and_reported() {
    for (row, path, id) in [
        (
            json!({ "token_id": "a", "expiry_time": { "never": true } }),
            "token_infos[1].expiry_time",
            Some("a"),
        ),
        (json!({ "token_id": 7 }), "token_infos[1].token_id", None),
        (json!({ "comment": "no id" }), "token_infos[1]", None),
        (
            json!({ "token_id": "a", "owner_id": 1.5 }),
            "token_infos[1].owner_id",
            Some("a"),
        ),
    ] {
        let workspace = Workspace::start().await;
        let response = ok(json!({ "token_infos": [{ "token_id": "fine" }, row, { "token_id": "too" }] }));
        workspace.respond("GET", TOKENS, response).await;
        let list = workspace.api().tokens().await.unwrap();
        assert_eq!(list.tokens.len(), 2);
        let unreadable = UnreadableRow {
            position: 2,
            id: id.map(str::to_owned),
            path: path.to_owned(),
        };
        assert_eq!(list.unreadable, [unreadable]);
    }
}

#[tokio::test]
async fn a_row_that_is_left_out_of_a_long_list_is_reported() {
    let workspace = Workspace::start().await;
    let mut rows: Vec<Value> = (0..2000)
        .map(|i| json!({ "token_id": format!("{i:064}"), "comment": "x".repeat(100) }))
        .collect();
    workspace
        .first(1, "GET", TOKENS, ok(json!({ "token_infos": rows })))
        .await;
    assert_eq!(workspace.api().tokens().await.unwrap().tokens.len(), 2000);
    rows[1999]["creation_time"] = json!("yesterday");
    workspace
        .respond("GET", TOKENS, ok(json!({ "token_infos": rows })))
        .await;
    let list = workspace.api().tokens().await.unwrap();
    assert_eq!(list.tokens.len(), 1999);
    assert_eq!(list.unreadable[0].path, "token_infos[1999].creation_time");
}

#[tokio::test]
async fn case_29_tokens_are_listed_by_creator() {
    let workspace = Workspace::start().await;
    on("GET", TOKENS)
        .and(query_param("created_by_id", "9007199254740993"))
        .respond_with(ok(json!({ "token_infos": [row()] })))
        .mount(&workspace.server)
        .await;
    let creator = PrincipalId::new(9_007_199_254_740_993);
    assert_eq!(
        workspace.api().tokens_created_by(creator).await.unwrap().tokens.len(),
        1
    );
}

#[tokio::test]
async fn case_32_one_token_can_be_wrapped_or_bare() {
    for body in [json!({ "token_info": row() }), row()] {
        let workspace = Workspace::start().await;
        workspace.respond("GET", &one(), ok(body)).await;
        let token = workspace.api().token(&TokenId::new(ID)).await.unwrap();
        assert_eq!(token.comment, "nightly export job");
    }
}

#[tokio::test]
async fn case_32_an_error_in_a_wrapped_token_has_its_path() {
    for (body, path) in [
        (json!({ "token_info": null }), "token_info"),
        (
            json!({ "token_info": { "token_id": ID, "owner_id": [] } }),
            "token_info.owner_id",
        ),
        (json!({}), "."),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("GET", &one(), ok(body)).await;
        let error = workspace.api().token(&TokenId::new(ID)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Undecodable { path: path.into() });
    }
}

#[tokio::test]
async fn case_33_an_unknown_id_is_not_found() {
    let message = format!("Token with ID {ID} does not exist");
    for (verb, code) in [
        ("GET", "RESOURCE_DOES_NOT_EXIST"),
        ("DELETE", "RESOURCE_DOES_NOT_EXIST"),
        ("PATCH", "NOT_FOUND"),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond(verb, &one(), error(404, code, &message)).await;
        let (api, id) = (workspace.api(), TokenId::new(ID));
        let result = match verb {
            "GET" => api.token(&id).await.map(drop),
            "DELETE" => api.revoke(&id).await,
            _ => api.set_comment(&id, "x").await.map(drop),
        };
        assert_eq!(result.unwrap_err().kind, ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn case_34_the_response_to_a_revocation_is_empty() {
    for response in [
        ResponseTemplate::new(200),
        ok(json!({})),
        ok(Value::Null),
        ResponseTemplate::new(204),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("DELETE", &one(), response).await;
        workspace.api().revoke(&TokenId::new(ID)).await.unwrap();
    }
}

#[tokio::test]
async fn case_36_a_comment_is_patched_with_its_mask_and_returned_bare() {
    let workspace = Workspace::start().await;
    on("PATCH", &one())
        .and(body_json(
            json!({ "token": { "comment": "owner: \"data\"" }, "update_mask": "comment" }),
        ))
        .respond_with(ok(row()))
        .expect(1)
        .mount(&workspace.server)
        .await;
    let token = workspace
        .api()
        .set_comment(&TokenId::new(ID), "owner: \"data\"")
        .await
        .unwrap();
    assert_eq!(token.id.as_str(), ID);
}

#[tokio::test]
async fn case_36_scopes_are_patched_alone() {
    let workspace = Workspace::start().await;
    on("PATCH", &one())
        .and(body_json(
            json!({ "token": { "scopes": ["sql", "jobs"] }, "update_mask": "scopes" }),
        ))
        .respond_with(ok(row()))
        .expect(1)
        .mount(&workspace.server)
        .await;
    let scopes = ["sql".to_owned(), "jobs".to_owned()];
    let token = workspace.api().set_scopes(&TokenId::new(ID), &scopes).await.unwrap();
    assert_eq!(token.id.as_str(), ID);
}

#[tokio::test]
async fn an_empty_response_to_a_patch_proves_nothing_and_it_is_not_sent_again() {
    for empty in [ResponseTemplate::new(200), ok(json!({})), ok(Value::Null)] {
        let workspace = Workspace::start().await;
        workspace.respond("PATCH", &one(), empty).await;
        let error = workspace.api().set_comment(&TokenId::new(ID), "x").await.unwrap_err();
        assert!(error.is_ambiguous());
        assert_eq!(workspace.requests().await.len(), 1);
    }
}

#[tokio::test]
async fn ids_are_escaped_and_never_lead_to_another_route() {
    let workspace = Workspace::start().await;
    let route = format!("{TOKENS}/a%2Fb%3Fc%23d%20%25%5C%C3%A4");
    workspace.respond("DELETE", &route, ResponseTemplate::new(200)).await;
    workspace.api().revoke(&TokenId::new("a/b?c#d %\\ä")).await.unwrap();
    for id in ["", ".", "..", "a\nb", "\t..", &"a".repeat(5000)] {
        let error = workspace.api().revoke(&TokenId::new(id)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound, "{id:?}");
    }
    // An ID that is already escaped is an ID like any other.
    workspace
        .respond("DELETE", &format!("{TOKENS}/%252e%252e"), ResponseTemplate::new(200))
        .await;
    workspace.api().revoke(&TokenId::new("%2e%2e")).await.unwrap();
    assert_eq!(workspace.requests().await.len(), 2);
}
