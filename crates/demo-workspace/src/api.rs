//! The REST APIs, as described by the vendor's documentation, its SDKs and reported behaviour.

mod body;
pub(crate) mod caller;
pub(crate) mod error;
mod identity;
mod own_tokens;
pub(crate) mod permissions;
mod scim;
pub(crate) mod scope_uses;
mod settings;
pub(crate) mod token_change;
mod token_info;
mod token_management;
mod unified_host;
mod workspace_conf;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, patch, post};

use crate::app::App;
use crate::config::Knobs;
use caller::Caller;
use error::ApiError;
use scim::ScimKind;

const TOKENS_DISABLED: &str = "Tokens are disabled.";

/// The routes of all APIs. Workspace-conf and permissions also have an older path each, which tools still use.
pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .merge(workspace_conf("/api/2.0/workspace-conf"))
        .merge(workspace_conf("/api/2.0/preview/workspace-conf"))
        .merge(token_permissions("/api/2.0/permissions"))
        .merge(token_permissions("/api/2.0/preview/permissions"))
        .route("/api/2.0/token-management/tokens", get(token_management::list))
        .route(
            "/api/2.0/token-management/tokens/{id}",
            get(token_management::get)
                .delete(token_management::delete)
                .patch(token_management::patch),
        )
        .route(
            "/api/2.0/token-management/on-behalf-of/tokens",
            post(token_management::create_on_behalf_of),
        )
        .route("/api/2.0/token/list", get(own_tokens::list))
        .route("/api/2.0/token/create", post(own_tokens::create))
        .route("/api/2.0/token/delete", post(own_tokens::delete))
        .route("/api/2.0/token/{id}", patch(own_tokens::patch))
        .route(
            "/api/2.0/settings/types/restrict_workspace_admins/names/default",
            get(settings::get).patch(settings::patch).delete(settings::delete),
        )
        .route(
            "/api/2.0/identity/groups/{id}/direct-members",
            get(identity::direct_members),
        )
        .nest("/api/2.0/preview/scim/v2", scim())
        .layer(DefaultBodyLimit::max(1024 * 1024))
        .layer(from_fn_with_state(Arc::clone(app), unified_host::select))
}

fn workspace_conf(path: &str) -> Router<Arc<App>> {
    Router::new().route(path, get(workspace_conf::get).patch(workspace_conf::patch))
}

fn token_permissions(base: &str) -> Router<Arc<App>> {
    let tokens = get(permissions::get).put(permissions::put).patch(permissions::patch);
    Router::new()
        .route(&format!("{base}/authorization/tokens"), tokens)
        .route(
            &format!("{base}/authorization/tokens/permissionLevels"),
            get(permissions::levels),
        )
        .route(
            &format!("{base}/{{object_type}}/{{id}}"),
            get(permissions::other_object),
        )
}

fn scim() -> Router<Arc<App>> {
    let collection = |router: Router<Arc<App>>, path: &str, kind: ScimKind| {
        router
            .route(
                path,
                get(move |state, caller, query| scim::list(kind, state, caller, query)),
            )
            .route(
                &format!("{path}/{{id}}"),
                get(move |state, caller, id, query| scim::get(kind, state, caller, id, query)),
            )
    };
    let router = Router::new().route("/Me", get(scim::me));
    let router = collection(router, "/Users", ScimKind::Users);
    let router = collection(router, "/Groups", ScimKind::Groups);
    collection(router, "/ServicePrincipals", ScimKind::ServicePrincipals)
}

/// The response for paths without an API, and for methods that an API does not have.
pub(crate) async fn no_such_api(method: Method, uri: Uri) -> ApiError {
    let message = format!("No API found for '{method} {}'", uri.path());
    ApiError::new(StatusCode::NOT_FOUND, "ENDPOINT_NOT_FOUND", message)
}

/// The error for a non-admin who calls an admin API: 403 as seen live, or 401 as once documented, depending on the
/// knob.
fn not_an_admin(knobs: &Knobs, message: String) -> ApiError {
    match knobs.admin_denied_status {
        401 => {
            let message = "Only Admins can access token management APIs";
            ApiError::new(StatusCode::UNAUTHORIZED, "PERMISSION_DENIED", message)
        }
        _ => ApiError::denied(message),
    }
}

fn requesting_user_is_not_an_admin(caller: &Caller) -> String {
    format!("Requesting user '{}' is not an admin.", caller.user_name)
}
