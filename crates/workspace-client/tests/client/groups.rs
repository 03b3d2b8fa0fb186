//! Groups: what is known about their members, and the identity API where SCIM is silent.

use domain::PrincipalId;
use domain::access::{Group, GroupOrigin, Member, Members};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;
use wiremock::matchers::query_param;
use workspace_client::{Error, ErrorKind};

use crate::fake_workspace::{Workspace, error, ok, on};

const GROUPS: &str = "/api/2.0/preview/scim/v2/Groups";
const DIRECT_MEMBERS: &str = "/api/2.0/identity/groups/88/direct-members";

/// The attributes of a list, and of one group.
const LISTED: &str = "id,displayName,meta,externalId";
const WITH_MEMBERS: &str = "id,displayName,meta,externalId,members";

fn id(n: i64) -> PrincipalId {
    PrincipalId::new(n)
}

fn one() -> String {
    format!("{GROUPS}/88")
}

/// The group that a workspace returns with these fields.
async fn group(fields: Value) -> Result<Group, Error> {
    let workspace = Workspace::start().await;
    let mut body = json!({ "id": "88", "displayName": "g" });
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    on("GET", &one())
        .and(query_param("attributes", WITH_MEMBERS))
        .respond_with(ok(body))
        .mount(&workspace.server)
        .await;
    workspace.api().group(id(88)).await
}

#[tokio::test]
async fn case_81_what_is_known_about_members_depends_on_where_a_group_lives() {
    use Members::{AtLeast, Known, Unknown};
    let members = || json!([{ "value": "1", "$ref": "Users/1" }]);
    let mia = || vec![Member::Principal(id(1))];
    let (local, account) = (
        json!({ "resourceType": "WorkspaceGroup" }),
        json!({ "resourceType": "Group" }),
    );
    for (fields, origin, expected) in [
        (json!({ "meta": local }), GroupOrigin::Workspace, Known(vec![])),
        (
            json!({ "meta": local, "members": null }),
            GroupOrigin::Workspace,
            Known(vec![]),
        ),
        (
            json!({ "meta": local, "externalId": "" }),
            GroupOrigin::Workspace,
            Known(vec![]),
        ),
        (
            json!({ "meta": local, "members": members() }),
            GroupOrigin::Workspace,
            Known(mia()),
        ),
        (
            json!({ "meta": local, "externalId": "b3f0" }),
            GroupOrigin::Directory,
            Unknown,
        ),
        (json!({ "meta": account }), GroupOrigin::Account, Unknown),
        (json!({ "meta": account, "members": [] }), GroupOrigin::Account, Unknown),
        (
            json!({ "meta": account, "members": members() }),
            GroupOrigin::Account,
            AtLeast(mia()),
        ),
        (
            json!({ "meta": account, "externalId": "b3f0", "members": members() }),
            GroupOrigin::Directory,
            AtLeast(mia()),
        ),
        (json!({}), GroupOrigin::Unreported, Unknown),
        (
            json!({ "meta": null, "members": members() }),
            GroupOrigin::Unreported,
            AtLeast(mia()),
        ),
        // A member without an ID may be anyone.
        (
            json!({ "meta": local, "members": [{ "value": "1", "$ref": "Users/1" }, { "display": "x" }] }),
            GroupOrigin::Workspace,
            AtLeast(mia()),
        ),
    ] {
        let group = group(fields.clone()).await.unwrap();
        assert_eq!((group.origin, group.members), (origin, expected), "{fields}");
    }
}

#[tokio::test]
async fn case_83_the_kind_of_a_member_is_in_its_reference() {
    let members = json!([
        { "value": "1", "$ref": "Users/1" },
        { "value": 2, "$ref": "ServicePrincipals/2" },
        { "value": "3", "$ref": "Groups/3" },
        { "value": "4", "$ref": "https://x.example/api/2.0/preview/scim/v2/Groups/4" },
        { "value": "5" },
        { "value": "6", "$ref": "Robots/6", "type": "direct" },
    ]);
    let found = group(json!({ "members": members, "meta": { "resourceType": "WorkspaceGroup" } })).await;
    assert_eq!(
        found.unwrap().members.listed(),
        [
            Member::Principal(id(1)),
            Member::Principal(id(2)),
            Member::Group(id(3)),
            Member::Group(id(4)),
            Member::Unidentified(id(5)),
            Member::Unidentified(id(6)),
        ]
    );
}

#[tokio::test]
async fn a_group_that_cannot_be_read_is_an_error_and_never_an_empty_group() {
    for response in [
        ok(json!({})),
        ok(json!({ "id": "88", "members": "none" })),
        ok(json!({ "id": "88", "error_code": "INTERNAL_ERROR", "message": "x" })),
        ResponseTemplate::new(504),
        ResponseTemplate::new(404),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("GET", &one(), response).await;
        workspace.api().group(id(88)).await.unwrap_err();
    }
}

#[tokio::test]
async fn groups_are_listed_without_members_and_each_once() {
    let workspace = Workspace::start().await;
    let row = |id: &str| json!({ "id": id, "displayName": "g", "meta": { "resourceType": "Group" } });
    let page = json!({ "totalResults": 2, "Resources": [row("7"), row("8"), row("7"), row("x")] });
    on("GET", GROUPS)
        .and(query_param("attributes", LISTED))
        .respond_with(ok(page))
        .mount(&workspace.server)
        .await;
    let groups = workspace.api().groups().await.unwrap();
    let listed: Vec<_> = groups
        .rows
        .iter()
        .map(|g| (g.id.get(), g.origin, g.members.clone()))
        .collect();
    let expected = [7, 8].map(|id| (id, GroupOrigin::Account, Members::Unknown));
    assert_eq!(listed, expected);
    assert_eq!((groups.unreadable, groups.is_complete), (1, false));
}

#[tokio::test]
async fn a_caller_who_cannot_read_external_ids_reads_groups_without_them_and_never_knows_all_members() {
    let refused = || error(403, "PERMISSION_DENIED", "externalId is only visible to admins");
    let workspace = Workspace::start().await;
    for (route, attributes) in [(GROUPS, LISTED), (&one(), WITH_MEMBERS)] {
        on("GET", route)
            .and(query_param("attributes", attributes))
            .respond_with(refused())
            .mount(&workspace.server)
            .await;
    }
    let local = json!({ "resourceType": "WorkspaceGroup" });
    let page = json!({ "totalResults": 1, "Resources": [{ "id": "88", "meta": local }] });
    let list = on("GET", GROUPS).and(query_param("attributes", "id,displayName,meta"));
    list.respond_with(ok(page)).mount(&workspace.server).await;
    assert!(workspace.api().groups().await.unwrap().is_complete);

    let one = one();
    let group = || on("GET", &one).and(query_param("attributes", "id,displayName,meta,members"));
    let some = json!({ "id": "88", "meta": local, "members": [{ "value": "1", "$ref": "Users/1" }] });
    group()
        .respond_with(ok(some))
        .up_to_n_times(1)
        .mount(&workspace.server)
        .await;
    let members = workspace.api().group(id(88)).await.unwrap().members;
    assert_eq!(members, Members::AtLeast(vec![Member::Principal(id(1))]));
    let none = json!({ "id": "88", "meta": local });
    group().respond_with(ok(none)).mount(&workspace.server).await;
    assert_eq!(workspace.api().group(id(88)).await.unwrap().members, Members::Unknown);
}

#[tokio::test]
async fn case_118_direct_members_come_in_pages() {
    let workspace = Workspace::start().await;
    let row = |id: Value, kind: &str| json!({ "principal_id": id, "principal_type": kind, "group_id": 88 });
    let first =
        json!({ "direct_group_members": [row(json!(1), "USER"), row(json!("2"), "GROUP")], "next_page_token": "a b" });
    let rows = [
        row(json!(3), "SERVICE_PRINCIPAL"),
        row(json!(4), "ROBOT"),
        json!({ "display_name": "without an ID" }),
    ];
    let last = json!({ "direct_group_members": rows, "next_page_token": "" });
    workspace.first(1, "GET", DIRECT_MEMBERS, ok(first)).await;
    on("GET", DIRECT_MEMBERS)
        .and(query_param("page_token", "a b"))
        .and(query_param("page_size", "1000"))
        .respond_with(ok(last))
        .mount(&workspace.server)
        .await;
    assert_eq!(
        workspace.api().direct_members(id(88)).await.unwrap(),
        [
            Member::Principal(id(1)),
            Member::Group(id(2)),
            Member::Principal(id(3)),
            Member::Unidentified(id(4)),
        ]
    );
    assert_eq!(workspace.requests().await.len(), 2);
}

#[tokio::test]
async fn reading_direct_members_ends_even_if_the_pages_never_do() {
    let workspace = Workspace::start().await;
    let page =
        json!({ "direct_group_members": [{ "principal_id": 1, "principal_type": "USER" }], "next_page_token": "t" });
    workspace.respond("GET", DIRECT_MEMBERS, ok(page)).await;
    assert_eq!(workspace.api().direct_members(id(88)).await.unwrap().len(), 2);
    let workspace = Workspace::start().await;
    workspace.respond("GET", DIRECT_MEMBERS, ok(json!({}))).await;
    assert_eq!(workspace.api().direct_members(id(88)).await.unwrap(), []);
}

#[tokio::test]
async fn case_117_a_missing_identity_api_is_told_from_other_errors() {
    for (response, is_missing) in [
        (error(404, "ENDPOINT_NOT_FOUND", "No API found for 'GET /x'"), true),
        (error(403, "PERMISSION_DENIED", "no"), true),
        (error(400, "INVALID_PARAMETER_VALUE", "Enable the preview first."), true),
        (ResponseTemplate::new(501), true),
        (error(404, "FEATURE_DISABLED", "off"), true),
        (error(404, "RESOURCE_DOES_NOT_EXIST", "Group 88 does not exist"), false),
        (
            error(
                403,
                "PERMISSION_DENIED",
                "token does not have required scopes: identity",
            ),
            false,
        ),
        (error(400, "INVALID_PARAMETER_VALUE", "x"), false),
        (ResponseTemplate::new(500), false),
        (error(429, "RESOURCE_EXHAUSTED", "slow down"), false),
    ] {
        let workspace = Workspace::start().await;
        workspace.respond("GET", DIRECT_MEMBERS, response).await;
        let error = workspace.api().direct_members(id(88)).await.unwrap_err();
        assert_eq!(error.is_interface_missing(), is_missing, "{error:?}");
        assert_ne!(error.kind, ErrorKind::BadCredential);
    }
}
