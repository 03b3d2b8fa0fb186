//! `/oidc/v1/token`: exchanges codes, refresh tokens and client secrets for access tokens.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::Rng;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::workspace::Workspace;
use crate::workspace::oauth::{AccessToken, Consent};
use crate::workspace::tokens::hash;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct TokenRequest {
    grant_type: String,
    code: String,
    code_verifier: String,
    redirect_uri: String,
    refresh_token: String,
    scope: String,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// An error response: RFC 6749, section 5.2.
#[derive(Debug, PartialEq, Eq)]
struct TokenError {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
}

impl TokenError {
    fn bad_request(error: &'static str, description: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description,
        }
    }

    fn client() -> Self {
        let description = "Client authentication failed";
        Self {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description,
        }
    }

    /// As recorded by the vendor's CLI in `acceptance/cmd/auth/token/force-refresh-invalid-refresh-token`,
    /// <https://github.com/databricks/cli>.
    fn refresh_token() -> Self {
        let description = "Refresh token is invalid";
        Self {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_request",
            description,
        }
    }

    fn into_response(self, okta: bool) -> Response {
        let body = match okta {
            true => json!({ "errorCode": self.error, "errorSummary": self.description }),
            false => json!({ "error": self.error, "error_description": self.description }),
        };
        (self.status, Json(body)).into_response()
    }
}

/// Client ID and secret, from the Basic header or from the form.
struct ClientAuthentication {
    id: String,
    secret: Option<String>,
}

pub(crate) async fn token(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Response {
    let mut workspace = app.workspace_mut();
    let result = match form {
        Ok(Form(request)) => grant(&mut workspace, &app, &headers, &request),
        Err(_) => Err(TokenError::bad_request("invalid_request", "The body must be a form")),
    };
    match result {
        Ok(body) => ([("cache-control", "no-store")], Json(body)).into_response(),
        Err(error) => error.into_response(workspace.knobs.okta_errors),
    }
}

fn grant(
    workspace: &mut Workspace,
    app: &App,
    headers: &HeaderMap,
    request: &TokenRequest,
) -> Result<Value, TokenError> {
    let client = client_authentication(headers, request)?;
    match request.grant_type.as_str() {
        "authorization_code" => {
            authenticate_client(workspace, &client)?;
            let consent = redeem_code(workspace, &client.id, request, app.clock.now_ms())?;
            let refreshable = consent.scopes.iter().any(|scope| scope == "offline_access");
            let refresh_token = refreshable.then(|| new_refresh_token(workspace, consent.clone()));
            Ok(token_response(workspace, app, consent, refresh_token))
        }
        "refresh_token" => {
            authenticate_client(workspace, &client)?;
            let (consent, refresh_token) = refresh(workspace, &client.id, &request.refresh_token)?;
            Ok(token_response(workspace, app, consent, refresh_token))
        }
        "client_credentials" => {
            let consent = service_consent(workspace, &client, &request.scope)?;
            Ok(token_response(workspace, app, consent, None))
        }
        _ => Err(TokenError::bad_request(
            "unsupported_grant_type",
            "The grant type is not supported",
        )),
    }
}

fn client_authentication(headers: &HeaderMap, request: &TokenRequest) -> Result<ClientAuthentication, TokenError> {
    if let Some(header) = headers.get(AUTHORIZATION) {
        return header.to_str().ok().and_then(basic).ok_or_else(TokenError::client);
    }
    let id = request.client_id.clone().ok_or_else(TokenError::client)?;
    Ok(ClientAuthentication {
        id,
        secret: request.client_secret.clone(),
    })
}

fn basic(header: &str) -> Option<ClientAuthentication> {
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    let authentication = ClientAuthentication {
        id: id.to_owned(),
        secret: Some(secret.to_owned()),
    };
    scheme.eq_ignore_ascii_case("basic").then_some(authentication)
}

/// A confidential client has to send its secret. A public client sends no secret, or an empty one.
fn authenticate_client(workspace: &Workspace, client: &ClientAuthentication) -> Result<(), TokenError> {
    let known = workspace.oauth.client(&client.id).ok_or_else(TokenError::client)?;
    let sent = client.secret.as_deref().filter(|secret| !secret.is_empty()).map(hash);
    if known.secret == sent {
        Ok(())
    } else {
        Err(TokenError::client())
    }
}

/// RFC 7636, section 4.6. A code is used up even by a wrong verifier.
fn redeem_code(
    workspace: &mut Workspace,
    client: &str,
    request: &TokenRequest,
    now_ms: i64,
) -> Result<Consent, TokenError> {
    let invalid = || TokenError::bad_request("invalid_grant", "The authorization code is invalid or expired");
    let code = workspace.oauth.take_code(&request.code, now_ms).ok_or_else(invalid)?;
    if code.consent.client != client || code.redirect_uri != request.redirect_uri {
        return Err(invalid());
    }
    if URL_SAFE_NO_PAD.encode(hash(&request.code_verifier)) != code.challenge {
        return Err(TokenError::bad_request(
            "invalid_grant",
            "The code verifier does not match",
        ));
    }
    Ok(code.consent)
}

/// The consent, and the new refresh token unless the knob keeps the old one.
fn refresh(workspace: &mut Workspace, client: &str, value: &str) -> Result<(Consent, Option<String>), TokenError> {
    let known = workspace.oauth.refresh_token(value).cloned();
    let consent = known
        .filter(|consent| consent.client == client && workspace.directory.is_active(consent.principal))
        .ok_or_else(TokenError::refresh_token)?;
    if workspace.knobs.keep_refresh_tokens {
        return Ok((consent, None));
    }
    workspace.oauth.remove_refresh_token(value);
    let replacement = new_refresh_token(workspace, consent.clone());
    Ok((consent, Some(replacement)))
}

fn service_consent(workspace: &Workspace, client: &ClientAuthentication, scope: &str) -> Result<Consent, TokenError> {
    let secret = client.secret.as_deref().unwrap_or_default();
    let principal = workspace
        .directory
        .service_principal_by_application_id(&client.id)
        .filter(|id| {
            workspace.directory.is_active(*id) && workspace.oauth.is_service_principal_secret(&client.id, secret)
        })
        .ok_or_else(TokenError::client)?;
    let scopes: Vec<String> = scope.split_whitespace().map(str::to_owned).collect();
    let scopes = if scopes.is_empty() {
        vec!["all-apis".to_owned()]
    } else {
        scopes
    };
    let bound_to = &workspace.knobs.secret_scopes;
    let is_bound = |scope: &String| bound_to.is_empty() || bound_to.split_whitespace().any(|bound| bound == scope);
    // <https://github.com/databricks/databricks-sql-go/issues/476>
    if !scopes.iter().all(is_bound) {
        return Err(TokenError::bad_request(
            "access_denied",
            "Some of the scopes are not assigned to this client",
        ));
    }
    Ok(Consent {
        client: client.id.clone(),
        principal,
        scopes,
    })
}

fn new_refresh_token(workspace: &mut Workspace, consent: Consent) -> String {
    let value = format!("doau{}", URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>()));
    workspace.oauth.add_refresh_token(&value, consent);
    value
}

fn token_response(workspace: &mut Workspace, app: &App, consent: Consent, refresh_token: Option<String>) -> Value {
    let now_ms = app.clock.now_ms();
    let seconds = workspace.knobs.access_token_seconds;
    let expires_in = match workspace.knobs.expires_in_as_string {
        true => Value::from(seconds.to_string()),
        false => Value::from(seconds),
    };
    let expires_ms = now_ms + i64::from(seconds) * 1000;
    let access_token = json_web_token(workspace, app, &consent, now_ms, expires_ms);
    let mut response = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": expires_in,
        "scope": consent.scopes.join(" "),
    });
    if let Some(refresh_token) = refresh_token {
        response["refresh_token"] = Value::from(refresh_token);
    }
    workspace
        .oauth
        .add_access_token(&access_token, AccessToken { consent, expires_ms }, now_ms);
    response
}

/// A text with the format and the claims of a JWT. Its signature is random: only this workspace reads it, and looks it
/// up.
fn json_web_token(workspace: &Workspace, app: &App, consent: &Consent, now_ms: i64, expires_ms: i64) -> String {
    let mut rng = rand::rng();
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "alg": "RS256", "kid": "demo", "typ": "at+jwt" }));
    let claims = part(json!({
        "iss": format!("{}/oidc", app.url),
        "aud": workspace.id.to_string(),
        "sub": workspace.directory.user_name(consent.principal),
        "client_id": consent.client,
        "scope": consent.scopes.join(" "),
        "iat": now_ms / 1000,
        "exp": expires_ms / 1000,
        "jti": crate::seed::uuid(&mut rng),
    }));
    format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(rng.random::<[u8; 32]>()))
}
