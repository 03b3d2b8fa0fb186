//! Sign-in with OAuth 2.0: of users (authorization code with PKCE) and of service principals (client credentials).
//! <https://docs.databricks.com/aws/en/dev-tools/auth/oauth-u2m>

mod authorize;
mod page;
mod token;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::app::App;
use crate::config::{Cloud, HostProfile};

/// Scopes that can be requested: those that the vendor's pages about tokens mention. The vendor has more.
const SCOPES: [&str; 18] = [
    "all-apis",
    "offline_access",
    "openid",
    "profile",
    "email",
    "authentication",
    "access-management",
    "settings",
    "scim",
    "sql",
    "clusters",
    "jobs",
    "files",
    "unity-catalog",
    "dashboards",
    "mlflow",
    "secrets",
    "workspace",
];

/// These routes need no credentials.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/.well-known/databricks-config", get(host_metadata))
        .route("/oidc/.well-known/oauth-authorization-server", get(server_metadata))
        .merge(endpoints("/oidc"))
        // The account's endpoints, which only a unified host has.
        .route(
            "/oidc/accounts/{account_id}/.well-known/oauth-authorization-server",
            get(server_metadata),
        )
        .merge(endpoints("/oidc/accounts/{account_id}"))
        .route("/login", get(login))
}

fn endpoints(base: &str) -> Router<Arc<App>> {
    Router::new()
        .route(
            &format!("{base}/v1/authorize"),
            get(authorize::show).post(authorize::decide),
        )
        .route(&format!("{base}/v1/token"), post(token::token))
}

/// The metadata that SDKs request first. On a unified host it names no workspace, and the client has to fill in the
/// account (<https://github.com/databricks/cli/issues/4985>).
async fn host_metadata(State(app): State<Arc<App>>) -> Json<Value> {
    let workspace = app.workspace();
    let cloud = match workspace.knobs.cloud {
        Cloud::Aws => "AWS",
        Cloud::Azure => "AZURE",
        Cloud::Gcp => "GCP",
    };
    if workspace.knobs.host_profile == HostProfile::Unified {
        return Json(json!({
            "oidc_endpoint": format!("{}/oidc/accounts/{{account_id}}", app.url),
            "account_id": workspace.account_id,
            "cloud": cloud,
            "host_type": "unified",
        }));
    }
    Json(json!({
        "oidc_endpoint": format!("{}/oidc", app.url),
        "account_id": workspace.account_id,
        "workspace_id": workspace.id.to_string(),
        "cloud": cloud,
        "host_type": "WORKSPACE_HOST",
        "token_federation_default_oidc_audiences": [workspace.account_id],
    }))
}

/// RFC 8414.
async fn server_metadata(State(app): State<Arc<App>>) -> Json<Value> {
    let issuer = {
        let workspace = app.workspace();
        match workspace.knobs.host_profile {
            HostProfile::Workspace => format!("{}/oidc", app.url),
            HostProfile::Unified => format!("{}/oidc/accounts/{}", app.url, workspace.account_id),
        }
    };
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/v1/authorize"),
        "token_endpoint": format!("{issuer}/v1/token"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "scopes_supported": SCOPES,
    }))
}

/// The page to which the accounts host redirects workspace calls.
async fn login() -> Html<&'static str> {
    Html("<!doctype html><html lang=en><title>Sign in</title><h1>Sign in</h1><p>This page is not an API.</p></html>")
}
