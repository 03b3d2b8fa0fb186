//! The token endpoint.

use core::pin::Pin;
use core::time::Duration;

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

/// What an access token lives where the service does not say: the vendor documents an hour.
const DEFAULT_TOKEN_LIFETIME: i64 = 3600;

/// Exchanges the code of a callback, whose `state` the caller has compared. Sent again only where the service did not
/// act on it: a code works once.
///
/// # Errors
/// [`BadCredential`](ErrorKind::BadCredential) where the code or the verifier does not hold,
/// [`OAuthRefused`](ErrorKind::OAuthRefused) where the client's registration does not fit.
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

/// Exchanges a refresh token. Sent again only where the service did not act on it: it may have rotated the token.
///
/// # Errors
/// [`BadCredential`](ErrorKind::BadCredential) where the refresh token has ended: the person must sign in again.
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

/// An access token for a service principal itself: client credentials, by Basic authentication, for all interfaces, as the
/// vendor's SDKs ask (`oauth.py`, `ClientCredentials`). It brings no refresh token: one asks again.
///
/// # Errors
/// [`BadCredential`](ErrorKind::BadCredential) where the secret does not hold (any more).
pub async fn client_credentials(
    client: &Client,
    endpoints: &Endpoints,
    login: &ServicePrincipalLogin,
) -> Result<Tokens, Error> {
    let outcome = service_client(endpoints, login)
        .exchange_client_credentials()
        .add_scope(Scope::new("all-apis".to_owned()))
        .request_async(&OAuthHttpClient(client))
        .await;
    tokens(outcome)
}

/// The workspace's sign-in service as `oauth2` calls it. A type of its own and no closure: only so does the compiler see
/// that the futures may move between threads.
struct OAuthHttpClient<'a>(&'a Client);

impl<'c> AsyncHttpClient<'c> for OAuthHttpClient<'_> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(post(self.0, request))
    }
}

/// Sends a form as any other call; only a success comes back.
async fn post(client: &Client, request: HttpRequest) -> Result<HttpResponse, Error> {
    let request = request.try_into().map_err(|_| ErrorKind::Unreachable)?;
    let call = Call::with_request(client, request, "/oidc/v1/token");
    let answer = call
        .endpoint(Endpoint::OAuth)
        .retry_policy(RetryPolicy::IfUnprocessed)
        .send()
        .await?;
    Ok(HttpResponse::new(answer.body))
}

fn tokens<E>(outcome: Result<TokenAnswer, RequestTokenError<Error, E>>) -> Result<Tokens, Error>
where
    E: oauth2::ErrorResponse + 'static,
{
    let answer = outcome.map_err(|failed| match failed {
        RequestTokenError::Request(error) => error,
        RequestTokenError::Parse(error, _) => Error::undecodable(error.path().to_string()),
        RequestTokenError::ServerResponse(_) | RequestTokenError::Other(_) => Error::undecodable("."),
    })?;
    Ok(Tokens {
        access: answer.access_token.into_secret().into(),
        refresh: answer.refresh_token.map(|token| token.into_secret().into()),
        expires_in: seconds(answer.expires_in),
    })
}

/// RFC 6749 §5.1 as workspaces answer it: `expires_in` may be text (the vendor's `oauth.py` converts it).
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct TokenAnswer {
    access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
    #[serde(default)]
    token_type: BearerType,
    #[serde(default, deserialize_with = "crate::wire::int")]
    expires_in: Option<i64>,
}

/// The only type there is; its spelling does not matter.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct BearerType(String);

impl TokenType for BearerType {}

impl TokenResponse for TokenAnswer {
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
