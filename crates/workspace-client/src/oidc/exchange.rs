//! The token endpoint of the sign-in service.

use std::pin::Pin;
use std::time::Duration;

use domain::ConnectionFault;
use oauth2::{
    AccessToken, AsyncHttpClient, AuthorizationCode, HttpRequest, HttpResponse, PkceCodeVerifier, RefreshToken,
    RequestTokenError, Scope, TokenResponse, TokenType,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{Endpoints, OAuthApp, ServicePrincipalLogin, Tokens, oauth_client, service_client};
use crate::call::{Call, RetryPolicy};
use crate::error::Endpoint;
use crate::{Client, Error, ErrorKind};

/// The lifetime of an access token in seconds, if the service does not report it: the vendor documents an hour.
const DEFAULT_TOKEN_LIFETIME: i64 = 3600;

/// Exchanges the code of a callback. The caller must have compared its `state`. Retried only if the service did not act
/// on the request, because a code works once.
///
/// # Errors
/// [`BadCredential`](ErrorKind::BadCredential) if the code or the verifier is not valid, and
/// [`OAuthRefused`](ErrorKind::OAuthRefused) if the client is not registered correctly.
pub async fn exchange(
    client: &Client,
    endpoints: &Endpoints,
    app: &OAuthApp,
    code: SecretString,
    verifier: SecretString,
) -> Result<Tokens, Error> {
    let outcome = oauth_client(endpoints, app)
        .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
        .request_async(&OAuthHttpClient(client))
        .await;
    tokens(outcome)
}

/// Exchanges a refresh token. Retried only if the service did not act on the request, because it may have replaced the
/// refresh token.
///
/// # Errors
/// [`BadCredential`](ErrorKind::BadCredential) if the refresh token is no longer valid: the user has to sign in again.
pub async fn refresh(
    client: &Client,
    endpoints: &Endpoints,
    app: &OAuthApp,
    refresh: SecretString,
) -> Result<Tokens, Error> {
    let outcome = oauth_client(endpoints, app)
        .exchange_refresh_token(&RefreshToken::new(refresh.expose_secret().to_owned()))
        .request_async(&OAuthHttpClient(client))
        .await;
    tokens(outcome)
}

/// Gets an access token for a service principal: with client credentials and Basic authentication, like the vendor's
/// SDKs (`oauth.py`, `ClientCredentials`). It returns no refresh token: call it again instead.
///
/// # Errors
/// [`BadCredential`](ErrorKind::BadCredential) if the secret is not or no longer valid.
pub async fn client_credentials(
    client: &Client,
    endpoints: &Endpoints,
    login: &ServicePrincipalLogin,
) -> Result<Tokens, Error> {
    let outcome = service_client(endpoints, login)
        .exchange_client_credentials()
        .add_scopes(login.scopes.iter().cloned().map(Scope::new))
        .request_async(&OAuthHttpClient(client))
        .await;
    tokens(outcome)
}

/// The HTTP client that `oauth2` uses. A type instead of a closure, because only then the compiler sees that the
/// futures can move between threads.
struct OAuthHttpClient<'a>(&'a Client);

impl<'c> AsyncHttpClient<'c> for OAuthHttpClient<'_> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(post(self.0, request))
    }
}

/// Sends a form like any other call, so that only a successful response is returned.
async fn post(client: &Client, request: HttpRequest) -> Result<HttpResponse, Error> {
    let request = request
        .try_into()
        .map_err(|_| ErrorKind::Unreachable(ConnectionFault::Broken))?;
    let call = Call::with_request(client, request, "/oidc/v1/token");
    let response = call
        .endpoint(Endpoint::OAuth)
        .expected_keys(&["access_token"])
        .retry_policy(RetryPolicy::IfUnprocessed)
        .send()
        .await?;
    Ok(HttpResponse::new(response.body))
}

fn tokens<E>(outcome: Result<TokenBody, RequestTokenError<Error, E>>) -> Result<Tokens, Error>
where
    E: oauth2::ErrorResponse + 'static,
{
    let body = outcome.map_err(|failure| match failure {
        RequestTokenError::Request(error) => error,
        RequestTokenError::Parse(error, _) => Error::undecodable(error.path().to_string()),
        RequestTokenError::ServerResponse(_) | RequestTokenError::Other(_) => Error::undecodable("."),
    })?;
    Ok(Tokens {
        access: body.access_token.into_secret().into(),
        refresh: body.refresh_token.map(|token| token.into_secret().into()),
        expires_in: seconds(body.expires_in),
    })
}

/// The response of RFC 6749 §5.1, as workspaces send it: `expires_in` may be text (the vendor's `oauth.py` converts
/// it).
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct TokenBody {
    access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
    #[serde(default)]
    token_type: BearerType,
    #[serde(default, deserialize_with = "crate::wire::int")]
    expires_in: Option<i64>,
}

/// The type of the access token, which is always `Bearer`; the spelling is not checked.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct BearerType(String);

impl TokenType for BearerType {}

impl TokenResponse for TokenBody {
    type TokenType = BearerType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BearerType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        Some(seconds(self.expires_in))
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

fn seconds(expires_in: Option<i64>) -> Duration {
    Duration::from_secs(expires_in.unwrap_or(DEFAULT_TOKEN_LIFETIME).try_into().unwrap_or(0))
}
