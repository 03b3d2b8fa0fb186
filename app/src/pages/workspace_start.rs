//! `/w/{workspace}`: redirects to the workspace's tokens.

use leptos::prelude::*;

use crate::http::paths;
use crate::http::request::Request;
use crate::layout::page_without_workspace;

/// Redirects to the token list.
#[component]
pub(crate) fn WorkspaceStartPage() -> impl IntoView {
    let request = Request::from_route();
    Suspend::new(async move {
        match request.console.workspace(request.workspace()) {
            Ok(workspace) => {
                request.redirect(&paths::tokens(workspace.name()));
                ().into_any()
            }
            Err(error) => page_without_workspace(&request, "Workspace", request.problem(&error)).await,
        }
    })
}
