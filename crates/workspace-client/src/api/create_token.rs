//! Creating a token for a service principal
//! (<https://docs.databricks.com/api/workspace/tokenmanagement/createobotoken>) or for the caller
//! (<https://docs.databricks.com/api/workspace/tokens/create>).

use std::time::Duration;

use domain::{Token, TokenId};
use reqwest::Method;
use secrecy::SecretString;

use crate::call::{Call, RetryPolicy};
use crate::wire::{CreateTokenBody, CreateTokenResponse, TokenRow};
use crate::{Api, Credential, Error};

const CREATE_ON_BEHALF_OF: &str = "/api/2.0/token-management/on-behalf-of/tokens";
const CREATE_OWN: &str = "/api/2.0/token/create";

/// A token to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateTokenRequest {
    /// Its lifetime, in whole seconds.
    pub lifetime: Duration,
    /// The comment, which may be empty.
    pub comment: String,
    /// The scopes to grant; an empty list means all.
    pub scopes: Vec<String>,
    /// Whether the platform limits it, after some time, to the scopes that it was seen to use.
    pub autoscope: bool,
}

/// A token that was created. The workspace sends its value only in this response; the `Debug` output does not contain
/// it.
#[derive(Clone, Debug)]
pub struct CreatedToken {
    /// The workspace's ID of the token.
    pub id: TokenId,
    /// The token, if the response contains it.
    pub token: Option<Token>,
    /// Its value. `None` if the response does not contain it, as in the vendor's OpenAPI file of 2022: then no one can
    /// use the token.
    pub value: Option<SecretString>,
}

impl Api<'_> {
    /// Creates a token for the service principal with this application ID.
    ///
    /// # Errors
    /// See [`Error::creation_refusal`] for the reasons of a refusal. If there was no response, or an unreadable one,
    /// the token may exist.
    pub async fn create_on_behalf_of(
        &self,
        application_id: &str,
        new: &CreateTokenRequest,
    ) -> Result<CreatedToken, Error> {
        self.create(CREATE_ON_BEHALF_OF, Some(application_id), new).await
    }

    /// Creates a token for the caller.
    ///
    /// # Errors
    /// If the caller cannot create tokens. If there was no response, or an unreadable one, the token may exist.
    pub async fn create_own_token(&self, new: &CreateTokenRequest) -> Result<CreatedToken, Error> {
        self.create(CREATE_OWN, None, new).await
    }

    /// Never retried: if the response was lost, a retry would create a second token, and no one would know the first
    /// one.
    async fn create(
        &self,
        path: &'static str,
        application_id: Option<&str>,
        new: &CreateTokenRequest,
    ) -> Result<CreatedToken, Error> {
        let body = CreateTokenBody {
            application_id,
            lifetime_seconds: new.lifetime.as_secs(),
            comment: &new.comment,
            scopes: &new.scopes,
            autoscope_enabled: new.autoscope,
        };
        let call = Call::new(self.client, Method::POST, path).retry_policy(RetryPolicy::Never);
        let call = call.expected_keys(&["token_value", "token_info", "token_id"]);
        let response = call.credential(self.credential)?.json(&body).send().await?;
        if response.has_key("token_value") || response.has_key("token_info") {
            return response.decode(created).await;
        }
        let bare = |row: TokenRow| {
            let token = Token::from(row);
            Ok(CreatedToken {
                id: token.id.clone(),
                token: Some(token),
                value: None,
            })
        };
        response.decode(bare).await
    }
}

fn created(response: CreateTokenResponse) -> Result<CreatedToken, String> {
    let value = response
        .token_value
        .filter(|value| !value.is_empty())
        .map(SecretString::from);
    let token = response.token_info.map(Token::from);
    let reported_id = token.as_ref().map(|token| token.id.clone());
    let hashed_value = value.clone().map(|value| Credential::new(value).token_id());
    let id = reported_id.or(hashed_value).ok_or("token_info")?;
    Ok(CreatedToken { id, token, value })
}
