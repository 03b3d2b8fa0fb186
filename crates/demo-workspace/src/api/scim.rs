//! `/api/2.0/preview/scim/v2`: users, groups and service principals. Read-only; they change through the control
//! interface.
//! <https://docs.databricks.com/api/workspace/users>

mod filter;
mod query;
pub(super) mod resource;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::error::{ScimError, ScimHandlerError};
use crate::app::App;
use crate::workspace::Workspace;
use query::ScimQuery;
use resource::GroupResponse;

/// A SCIM resource as JSON.
type Resource = Map<String, Value>;

pub(crate) async fn me(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ScimQuery>,
) -> Result<Response, ScimHandlerError> {
    let workspace = app.workspace();
    let resource = resource::me(&workspace.directory, caller.id);
    Ok(scim_response(query.select(resource)))
}

/// The three kinds of principal. They differ only in their resources.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ScimKind {
    Users,
    Groups,
    ServicePrincipals,
}

impl ScimKind {
    fn singular(self) -> &'static str {
        match self {
            Self::Users => "User",
            Self::Groups => "Group",
            Self::ServicePrincipals => "ServicePrincipal",
        }
    }

    fn all(self, workspace: &Workspace) -> Vec<Resource> {
        let directory = &workspace.directory;
        match self {
            Self::Users => directory
                .users
                .keys()
                .filter_map(|id| resource::user(directory, *id))
                .collect(),
            Self::Groups => directory
                .groups
                .keys()
                .filter_map(|id| resource::group(directory, *id, &workspace.knobs, GroupResponse::InList))
                .collect(),
            Self::ServicePrincipals => directory
                .service_principals
                .keys()
                .filter_map(|id| resource::service_principal(directory, *id))
                .collect(),
        }
    }

    fn one(self, workspace: &Workspace, id: &str) -> Option<Resource> {
        let id = id.parse().ok()?;
        match self {
            Self::Users => resource::user(&workspace.directory, id),
            Self::Groups => resource::group(&workspace.directory, id, &workspace.knobs, GroupResponse::Alone),
            Self::ServicePrincipals => resource::service_principal(&workspace.directory, id),
        }
    }
}

pub(crate) async fn list(
    kind: ScimKind,
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(query): Query<ScimQuery>,
) -> Result<Response, ScimHandlerError> {
    caller.require_scope("scim")?;
    check_attributes(kind, &caller, &query)?;
    let workspace = app.workspace();
    let knobs = workspace.knobs.clone();
    let visible = kind
        .all(&workspace)
        .into_iter()
        .map(|resource| visible_to(&caller, resource))
        .collect();
    drop(workspace);
    Ok(scim_response(query.page(visible, &knobs)?))
}

pub(crate) async fn get(
    kind: ScimKind,
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<ScimQuery>,
) -> Result<Response, ScimHandlerError> {
    caller.require_scope("scim")?;
    check_attributes(kind, &caller, &query)?;
    let found = kind
        .one(&app.workspace(), &id)
        .ok_or_else(|| ScimError::not_found(kind.singular(), &id))?;
    Ok(scim_response(query.select(visible_to(&caller, found))))
}

/// Only admins can request the `externalId` of groups. The error text is not in public sources.
/// <https://github.com/databricks/terraform-provider-databricks/issues/4994>
fn check_attributes(kind: ScimKind, caller: &Caller, query: &ScimQuery) -> Result<(), ScimError> {
    match kind {
        ScimKind::Groups if !caller.is_admin && query.asks_for("externalId") => {
            Err(ScimError::forbidden("externalId can only be read by admins."))
        }
        _ => Ok(()),
    }
}

/// Anyone who is not an admin sees only names and IDs.
/// <https://github.com/databrickslabs/ontos/issues/44>
fn visible_to(caller: &Caller, mut resource: Resource) -> Resource {
    if !caller.is_admin {
        resource
            .retain(|name, _| ["schemas", "id", "userName", "applicationId", "displayName"].contains(&name.as_str()));
    }
    resource
}

fn scim_response(body: Resource) -> Response {
    (
        [(CONTENT_TYPE, "application/scim+json")],
        Value::Object(body).to_string(),
    )
        .into_response()
}
