//! `/oidc/v1/authorize`: asks who signs in, and sends the browser back to the client with a code.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rand::Rng;
use serde::Deserialize;
use url::Url;

use super::{SCOPES, page};
use crate::app::App;
use crate::workspace::Workspace;
use crate::workspace::directory::PrincipalId;
use crate::workspace::oauth::{Code, Consent};
use crate::workspace::tokens::hex;

/// The client's request, sent in the query and again in the form of the page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct AuthorizationRequest {
    pub(super) response_type: String,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) state: Option<String>,
    pub(super) code_challenge: String,
    pub(super) code_challenge_method: String,
}

/// The form: the request, and the button that was pressed, which is the ID of a user or `cancel`.
#[derive(Debug, Deserialize)]
pub(crate) struct Decision {
    #[serde(flatten)]
    request: AuthorizationRequest,
    #[serde(default)]
    decision: String,
}

pub(crate) async fn show(State(app): State<Arc<App>>, Query(request): Query<AuthorizationRequest>) -> Response {
    let redirect_uri = match redirect_target(&app.workspace(), &request) {
        Ok(uri) => uri,
        Err(reason) => return page::error(&reason),
    };
    match request.problem() {
        Some((error, description)) => {
            request.send_back(redirect_uri, &[("error", error), ("error_description", description)])
        }
        None => page::sign_in(&app, &request),
    }
}

pub(crate) async fn decide(
    State(app): State<Arc<App>>,
    Form(Decision { request, decision }): Form<Decision>,
) -> Response {
    let mut workspace = app.workspace_mut();
    let redirect_uri = match redirect_target(&workspace, &request) {
        Ok(uri) => uri,
        Err(reason) => return page::error(&reason),
    };
    if let Some((error, description)) = request.problem() {
        return request.send_back(redirect_uri, &[("error", error), ("error_description", description)]);
    }
    let chosen = decision
        .parse()
        .ok()
        .filter(|id: &PrincipalId| workspace.directory.is_active(*id));
    let Some(principal) = chosen else {
        let description = "The sign-in was cancelled.";
        return request.send_back(
            redirect_uri,
            &[("error", "access_denied"), ("error_description", description)],
        );
    };
    let value = hex(&rand::rng().random::<[u8; 24]>());
    let consent = Consent {
        client: request.client_id.clone(),
        principal,
        scopes: request.scopes(),
    };
    let code = Code {
        consent,
        redirect_uri: request.redirect_uri.clone(),
        challenge: request.code_challenge.clone(),
    };
    workspace.oauth.add_code(&value, code, app.clock.now_ms());
    request.send_back(redirect_uri, &[("code", &value)])
}

/// The URL that the browser may be redirected to. Without a known client and a redirect URL that is registered for it,
/// the browser must not be redirected: RFC 6749, section 4.1.2.1.
fn redirect_target(workspace: &Workspace, request: &AuthorizationRequest) -> Result<Url, String> {
    let client = workspace.oauth.client(&request.client_id);
    let client = client.ok_or_else(|| format!("No application has the client ID '{}'.", request.client_id))?;
    let not_registered = || {
        format!(
            "The URL '{}' is not registered for this application.",
            request.redirect_uri
        )
    };
    if !client.redirects.allow(&request.redirect_uri) {
        return Err(not_registered());
    }
    Url::parse(&request.redirect_uri).map_err(|_| not_registered())
}

impl AuthorizationRequest {
    /// Error code and description if the request is not valid.
    fn problem(&self) -> Option<(&'static str, &'static str)> {
        // base64url of 32 bytes without padding.
        let is_challenge_a_hash = self.code_challenge.len() == 43;
        if self.response_type != "code" {
            Some(("unsupported_response_type", "response_type must be code"))
        } else if self.code_challenge_method != "S256" || !is_challenge_a_hash {
            Some(("invalid_request", "PKCE with code_challenge_method S256 is required"))
        } else if self.scopes().is_empty() || self.scopes().iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
            Some(("invalid_scope", "The requested scope is invalid or unknown"))
        } else {
            None
        }
    }

    pub(super) fn scopes(&self) -> Vec<String> {
        self.scope.split_whitespace().map(str::to_owned).collect()
    }

    fn send_back(&self, mut to: Url, parameters: &[(&str, &str)]) -> Response {
        to.query_pairs_mut()
            .extend_pairs(parameters)
            .extend_pairs(self.state.as_ref().map(|state| ("state", state)));
        // 303, so that the browser sends a GET after the form's POST.
        let mut response = Redirect::to(to.as_str()).into_response();
        *response.status_mut() = StatusCode::SEE_OTHER;
        response
    }
}
