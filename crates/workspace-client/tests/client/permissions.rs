//! Token permissions.

use domain::access::{AccessList, Grant, Grantee, Level};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use workspace_client::{Error, ErrorKind};

use crate::fake_workspace::{ADMIN, PERMISSIONS, Workspace, error, ok};

async fn permissions(response: ResponseTemplate) -> Result<AccessList, Error> {
    let workspace = Workspace::start().await;
    workspace.respond("GET", PERMISSIONS, response).await;
    workspace.api().token_permissions().await
}

fn level(level: &str) -> Value {
    json!([{ "permission_level": level, "inherited": false }])
}

#[tokio::test]
async fn case_14_and_22_each_kind_of_grantee_is_read() {
    let application_id = "3f1c1d5e-0c3a-4a0f-9f3a-6f2b8f0f7a11";
    let acl = permissions(ok(json!({
        "object_id": "/authorization/tokens", "object_type": "tokens",
        "access_control_list": [
            { "group_name": "admins", "all_permissions": level("CAN_MANAGE") },
            { "user_name": ADMIN, "display_name": "Mia Kowalski", "all_permissions": level("CAN_USE") },
            { "service_principal_name": application_id, "display_name": "", "all_permissions": level("CAN_DREAM") },
        ]
    })))
    .await
    .unwrap();
    let grant = |grantee, display_name: Option<&str>, level| Grant {
        grantee,
        display_name: display_name.map(str::to_owned),
        levels: vec![level],
    };
    assert_eq!(
        acl,
        AccessList::new([
            grant(Grantee::Group("admins".into()), None, Level::CanManage),
            grant(Grantee::User(ADMIN.into()), Some("Mia Kowalski"), Level::CanUse),
            grant(
                Grantee::ServicePrincipal(application_id.into()),
                None,
                Level::Other("CAN_DREAM".into())
            ),
        ])
    );
}

#[tokio::test]
async fn an_entry_without_a_grantee_is_an_error() {
    let result = permissions(ok(
        json!({ "object_type": "tokens", "access_control_list": [{ "all_permissions": null }] }),
    ))
    .await;
    let path = "access_control_list[0]".to_owned();
    assert_eq!(result.unwrap_err().kind, ErrorKind::Undecodable { path });
}

#[tokio::test]
async fn case_12_token_permissions_do_not_exist_before_the_first_token() {
    for response in [
        error(404, "RESOURCE_DOES_NOT_EXIST", "tokens tokens does not exist"),
        ResponseTemplate::new(404).set_body_string("Not Found"),
        ResponseTemplate::new(404),
    ] {
        assert_eq!(permissions(response).await.unwrap_err().kind, ErrorKind::NoTokenYet);
    }
}

#[tokio::test]
async fn case_26_a_tier_without_permissions_is_recognised() {
    let not_available = error(
        404,
        "FEATURE_DISABLED",
        "Token ACLs is not enabled for this feature tier",
    );
    let error = permissions(not_available).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::FeatureOff { tokens_disabled: false });
}

#[tokio::test]
async fn a_404_web_page_does_not_mean_a_workspace_without_tokens() {
    let page = ResponseTemplate::new(404).set_body_raw("<title>404</title>", "text/html");
    assert_eq!(permissions(page).await.unwrap_err().kind, ErrorKind::UnexpectedHtml);
}
