//! Creating a token for a service principal
//! (<https://docs.databricks.com/api/workspace/tokenmanagement/createobotoken>).

use std::time::Duration;

use domain::{Token, TokenId};
use reqwest::Method;
use secrecy::SecretString;

use crate::call::{Call, RetryPolicy};
use crate::wire::{CreateTokenBody, CreateTokenResponse, TokenRow};
use crate::{Api, Credential, Error};

const CREATE: &str = "/api/2.0/token-management/on-behalf-of/tokens";

/// A token that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateTokenRequest {
    /// The service principal that will own it.
    pub application_id: String,
    /// How long it lives, in seconds.
    pub lifetime: Duration,
    /// Free text; may be empty.
    pub comment: String,
    /// The scopes that it holds; none are all.
    pub scopes: Vec<String>,
}

/// A token that was created. The workspace tells its value in this answer and never again; `Debug` shows nothing of it.
#[derive(Clone, Debug)]
pub struct CreatedToken {
    /// The workspace's name for it.
    pub id: TokenId,
    /// The token, where the workspace told it.
    pub token: Option<Token>,
    /// Its value. `None` where the answer lacks it, as the vendor's OpenAPI file of 2022 has it: then nobody can use it.
    pub value: Option<SecretString>,
}

impl Api<'_> {
    /// Creates a token for a service principal. It is sent once and never again, whatever happens: a repetition after a
    /// lost answer would leave a token that nobody knows of.
    ///
    /// # Errors
    /// See [`Error::creation_refusal`] for why the workspace refuses it. Where no answer came, or one that could not be
    /// read, the token may exist.
    pub async fn create_on_behalf_of(&self, new: &CreateTokenRequest) -> Result<CreatedToken, Error> {
        let body = CreateTokenBody {
            application_id: &new.application_id,
            lifetime_seconds: new.lifetime.as_secs(),
            comment: &new.comment,
            scopes: &new.scopes,
        };
        let call = Call::new(self.client, Method::POST, CREATE).retry_policy(RetryPolicy::Never);
        let answer = call.credential(self.credential)?.json(&body).send().await?;
        if answer.has_key("token_value") || answer.has_key("token_info") {
            return answer.decode(created).await;
        }
        let bare = |row: TokenRow| {
            let token = Token::from(row);
            Ok(CreatedToken {
                id: token.id.clone(),
                token: Some(token),
                value: None,
            })
        };
        answer.decode(bare).await
    }
}

fn created(answer: CreateTokenResponse) -> Result<CreatedToken, String> {
    let value = answer
        .token_value
        .filter(|value| !value.is_empty())
        .map(SecretString::from);
    let token = answer.token_info.map(Token::from);
    let told = token.as_ref().map(|token| token.id.clone());
    let by_value = value.clone().map(|value| Credential::new(value).token_id());
    let id = told.or(by_value).ok_or("token_info")?;
    Ok(CreatedToken { id, token, value })
}
