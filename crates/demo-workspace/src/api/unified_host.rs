//! A unified host: it serves many workspaces of an account, so each call has to name its workspace
//! (<https://github.com/databricks/databricks-sdk-go/pull/1688>).

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::error::ApiError;
use crate::app::App;
use crate::config::{HostProfile, NoSelector};

/// The headers that name a workspace: the newer and the older one.
const HEADERS: [&str; 2] = ["x-databricks-workspace-id", "x-databricks-org-id"];

/// The query parameters that name a workspace: the newer and the older one.
const PARAMETERS: [&str; 2] = ["w", "o"];

/// Passes on calls for this workspace, and rejects others.
pub(crate) async fn select(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (id, profile, no_selector) = {
        let workspace = app.workspace();
        let knobs = &workspace.knobs;
        (workspace.id.to_string(), knobs.host_profile, knobs.no_selector)
    };
    if profile == HostProfile::Workspace {
        return next.run(request).await;
    }
    let named: Vec<_> = selectors(request.headers(), request.uri()).into_iter().collect();
    match named.as_slice() {
        [one] if *one == id => next.run(request).await,
        [other] => ApiError::gateway(StatusCode::FORBIDDEN, format!("Invalid access to Org: {other}")).into_response(),
        [] if no_selector == NoSelector::Redirect => Redirect::to("/login?next_url=%2F").into_response(),
        // How a host responds to two different names is not known; assume the same.
        _ => (StatusCode::BAD_REQUEST, "Unable to load OAuth Config").into_response(),
    }
}

/// The workspaces that a call names, without blank names.
fn selectors(headers: &HeaderMap, uri: &Uri) -> BTreeSet<String> {
    let in_headers = HEADERS.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let in_query = query.filter(|(name, _)| PARAMETERS.contains(&name.as_ref()));
    let all = in_headers
        .map(str::to_owned)
        .chain(in_query.map(|(_, value)| value.into_owned()));
    all.filter(|name| !name.trim().is_empty()).collect()
}
