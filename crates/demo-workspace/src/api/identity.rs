//! `/api/2.0/identity`: the members of groups, as the account knows them. A beta API that many workspaces do not offer.
//! <https://docs.databricks.com/api/iam/v2/workspaceiamv2>

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{Method, Uri};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::error::ApiError;
use super::scim::resource::external_id;
use crate::app::App;
use crate::config::GroupHome;
use crate::workspace::Workspace;
use crate::workspace::directory::PrincipalId;

/// The maximum page size.
const MAX_PAGE: usize = 1000;

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    page_size: Option<usize>,
    /// How many members the previous pages had.
    page_token: Option<usize>,
}

/// The direct members of a group. Empty fields are left out.
pub(crate) async fn direct_members(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<PrincipalId>,
    Query(page): Query<Page>,
    method: Method,
    uri: Uri,
) -> Result<Json<Value>, ApiError> {
    let is_offered = app.workspace().knobs.identity_api;
    if !is_offered {
        return Err(super::no_such_api(method, uri).await);
    }
    let workspace = app.workspace();
    caller.require_scope("identity")?;
    if !caller.is_admin {
        return Err(ApiError::denied(super::requesting_user_is_not_an_admin(&caller)));
    }
    let group = workspace.directory.groups.get(&id);
    // It is not known whether the API returns the workspace's own groups.
    let group = group.filter(|group| group.home(&workspace.knobs) != GroupHome::Workspace);
    let group = group.ok_or_else(|| ApiError::does_not_exist(format!("Group {id} does not exist")))?;
    let size = page.page_size.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
    let start = page.page_token.unwrap_or(0);
    let members: Vec<_> = group.members().collect();
    let rows: Vec<_> = members
        .iter()
        .skip(start)
        .take(size)
        .map(|member| row(&workspace, id, *member))
        .collect();
    let mut response = Map::new();
    if start + rows.len() < members.len() {
        response.insert(
            "next_page_token".to_owned(),
            Value::from((start + rows.len()).to_string()),
        );
    }
    if !rows.is_empty() {
        response.insert("direct_group_members".to_owned(), Value::from(rows));
    }
    Ok(Json(Value::from(response)))
}

/// IDs are numbers here, and text in SCIM.
fn row(workspace: &Workspace, group: PrincipalId, member: PrincipalId) -> Value {
    let directory = &workspace.directory;
    let kind = match () {
        () if directory.users.contains_key(&member) => "USER",
        () if directory.groups.contains_key(&member) => "GROUP",
        () => "SERVICE_PRINCIPAL",
    };
    let mut row = json!({
        "name": format!("groups/{group}/direct-members/{member}"),
        "parent": format!("groups/{group}"),
        "group_id": group,
        "principal_id": member,
        "principal_type": kind,
        "display_name": directory.display_name(member),
        "membership_source": "INTERNAL",
    });
    if workspace.knobs.group_home == GroupHome::Directory {
        row["membership_source"] = Value::from("IDENTITY_PROVIDER");
        row["external_id"] = Value::from(external_id(member));
    }
    row
}
