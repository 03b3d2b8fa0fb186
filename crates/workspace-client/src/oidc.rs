//! OAuth sign-in with the workspace's own service: discovery, authorization code with PKCE (RFC 7636), and refresh
//! (<https://docs.databricks.com/aws/en/dev-tools/auth/oauth-u2m>).
//!
//! The caller stores `state` and `verifier` between the two halves of a sign-in, compares the returned `state`, and
//! keeps the old refresh token if a refresh returns no new one.

mod discovery;
mod exchange;

use std::time::Duration;

use oauth2::basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse};
use oauth2::{
    AuthType, AuthUrl, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, PkceCodeChallenge, RedirectUrl,
    Scope, StandardRevocableToken, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use discovery::discover;
pub use exchange::{client_credentials, exchange, refresh};

use exchange::TokenBody;

/// The scopes that the console needs: tokens, token permissions, workspace configuration, SCIM, and a refresh token.
pub const DEFAULT_SCOPES: [&str; 5] = [
    "authentication",
    "access-management",
    "settings",
    "scim",
    "offline_access",
];

/// The scope that a service principal requests if no others are configured: that of the vendor's SDKs (`oauth.py`,
/// `ClientCredentials`). A secret that is bound to other scopes needs those instead.
pub const DEFAULT_READER_SCOPES: [&str; 1] = ["all-apis"];

/// The console as an OAuth client, as an account admin registered it.
#[derive(Clone, Debug)]
pub struct OAuthApp {
    /// The client ID.
    pub client_id: String,
    /// The client secret; absent for a public client.
    pub client_secret: Option<SecretString>,
    /// The URL of the console to which the browser returns.
    pub redirect_uri: Url,
    /// The scopes to request; see [`DEFAULT_SCOPES`].
    pub scopes: Vec<String>,
    /// Hosts (`host` or `host:port`) in addition to the workspace's own, to which people and secrets may be sent for
    /// signing in. Only https is used with them.
    pub issuer_hosts: Vec<String>,
}

/// A service principal, and the secret with which it signs in
/// (<https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m>).
#[derive(Clone, Debug)]
pub struct ServicePrincipalLogin {
    /// Its application ID.
    pub client_id: String,
    /// One of its OAuth secrets.
    pub client_secret: SecretString,
    /// The scopes to request; see [`DEFAULT_READER_SCOPES`].
    pub scopes: Vec<String>,
    /// As in [`OAuthApp::issuer_hosts`].
    pub issuer_hosts: Vec<String>,
}

/// The URLs of a workspace's sign-in service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Where the browser is sent.
    pub authorize: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token: Url,
    /// The name of the sign-in service, which it may send back with a code (RFC 9207).
    pub issuer: Option<String>,
    /// Whether several workspaces share the host, so that calls have to name theirs.
    pub is_shared_host: bool,
}

/// The first half of a sign-in.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Where to send the browser.
    pub url: Url,
    /// The text that has to come back with the code.
    pub state: String,
    /// The name of the sign-in service, if it has one.
    pub issuer: Option<String>,
    /// The secret that proves in the exchange that the same client began the sign-in.
    pub verifier: SecretString,
}

/// The result of an exchange.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token, for a [`Credential`](crate::Credential).
    pub access: SecretString,
    /// The refresh token, if the service returned a (new) one.
    pub refresh: Option<SecretString>,
    /// How long the access token is valid from now on. Workspaces refuse it in its last 30 seconds.
    pub expires_in: Duration,
}

/// Begins a sign-in with a new random state and verifier. The URL contains the verifier's SHA-256 challenge.
pub fn authorize_url(endpoints: &Endpoints, app: &OAuthApp) -> Authorization {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = oauth_client(endpoints, app)
        .authorize_url(CsrfToken::new_random)
        .add_scopes(app.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(challenge)
        .url();
    Authorization {
        url,
        state: state.into_secret(),
        issuer: endpoints.issuer.clone(),
        verifier: verifier.into_secret().into(),
    }
}

/// The client of `oauth2` for the responses of workspaces. `Authorize` is whether it has the URL to which browsers are
/// sent.
type AnyClient<Authorize> = oauth2::Client<
    BasicErrorResponse,
    TokenBody,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    Authorize,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

type OAuthClient = AnyClient<EndpointSet>;
type ServiceClient = AnyClient<EndpointNotSet>;

fn service_client(endpoints: &Endpoints, login: &ServicePrincipalLogin) -> ServiceClient {
    oauth2::Client::new(ClientId::new(login.client_id.clone()))
        .set_auth_type(AuthType::BasicAuth)
        .set_client_secret(ClientSecret::new(login.client_secret.expose_secret().to_owned()))
        .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
}

fn oauth_client(endpoints: &Endpoints, app: &OAuthApp) -> OAuthClient {
    let client = oauth2::Client::new(ClientId::new(app.client_id.clone()))
        // As in the vendor's SDKs (`oauth.py`).
        .set_auth_type(AuthType::RequestBody)
        .set_auth_uri(AuthUrl::from_url(endpoints.authorize.clone()))
        .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
        .set_redirect_uri(RedirectUrl::from_url(app.redirect_uri.clone()));
    match &app.client_secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())),
        None => client,
    }
}
