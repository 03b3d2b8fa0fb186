//! Token management, for admins (<https://docs.databricks.com/api/workspace/tokenmanagement>).

use domain::{PrincipalId, Token, TokenId};
use reqwest::Method;
use tokio::time::Instant;

use crate::call::{Call, RetryPolicy};
use crate::wire::{TokenPatch, TokenRow, WrappedToken};
use crate::{Api, Error, UnreadableRow};

const LIST: &str = "/api/2.0/token-management/tokens";
const ONE: &str = "/api/2.0/token-management/tokens/{token_id}";

/// Tokens of a workspace, and the rows that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenList {
    /// Those that could.
    pub tokens: Vec<Token>,
    /// The others; where there are any, a token that is not in `tokens` may exist all the same.
    pub unreadable: Vec<UnreadableRow>,
}

impl Api<'_> {
    /// Every token of the workspace, in one answer of about 400 bytes a token, decoded while it arrives. Within the list
    /// budget.
    ///
    /// # Errors
    /// [`FeatureOff`](crate::ErrorKind::FeatureOff) without token management, [`NotAllowed`](crate::ErrorKind::NotAllowed)
    /// for who is no admin.
    pub async fn tokens(&self) -> Result<TokenList, Error> {
        let deadline = Instant::now() + self.client.budgets().list;
        self.list(Call::new(self.client, Method::GET, LIST).deadline(deadline))
            .await
    }

    /// The tokens that a principal created, for itself or on behalf of others. Asked for oneself it is the proof of being
    /// an admin with a credential that may manage tokens.
    ///
    /// # Errors
    /// As [`tokens`](Self::tokens).
    pub async fn tokens_created_by(&self, creator: PrincipalId) -> Result<TokenList, Error> {
        let call = Call::new(self.client, Method::GET, LIST);
        self.list(call.query("created_by_id", &creator.to_string())).await
    }

    async fn list(&self, call: Call<'_>) -> Result<TokenList, Error> {
        // Without any token the key is missing.
        let list = call
            .credential(self.credential)?
            .rows::<TokenRow, Token>("token_infos")
            .await?;
        Ok(TokenList {
            tokens: list.rows,
            unreadable: list.unreadable,
        })
    }

    /// One token.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) for an id that the workspace does not have.
    pub async fn token(&self, id: &TokenId) -> Result<Token, Error> {
        let answer = self.one(Method::GET, id)?.send().await?;
        if answer.has_key("token_info") {
            let unwrap = |wrapped: WrappedToken| wrapped.token_info.map(Token::from).ok_or("token_info".into());
            return answer.decode(unwrap).await;
        }
        answer.decode(|row: TokenRow| Ok(row.into())).await
    }

    /// Revokes a token for good.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) where it is gone already, be it by this very call, whose first answer
    /// may have been lost.
    pub async fn revoke(&self, id: &TokenId) -> Result<(), Error> {
        self.one(Method::DELETE, id)?.send().await.map(drop)
    }

    /// Sets the comment and nothing else. The answer is the token as the workspace has it after that.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) for an id that the workspace does not have.
    pub async fn set_comment(&self, id: &TokenId, comment: &str) -> Result<Token, Error> {
        self.patch(id, &TokenPatch::comment(comment)).await
    }

    /// Sets the scopes and nothing else. The answer is the token as the workspace has it after that.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) for an id that the workspace does not have;
    /// [`Rejected`](crate::ErrorKind::Rejected) for a scope that it does not know.
    pub async fn set_scopes(&self, id: &TokenId, scopes: &[String]) -> Result<Token, Error> {
        self.patch(id, &TokenPatch::scopes(scopes)).await
    }

    async fn patch(&self, id: &TokenId, patch: &TokenPatch<'_>) -> Result<Token, Error> {
        let answer = self.one(Method::PATCH, id)?.json(patch).send().await?;
        if answer.is_empty() {
            return self.token(id).await;
        }
        answer.decode(|row: TokenRow| Ok(row.into())).await
    }

    fn one<'a>(&'a self, method: Method, id: &TokenId) -> Result<Call<'a>, Error> {
        let call = Call::new(self.client, method, ONE).id(id.as_str())?;
        let call = if self.once {
            call.retry_policy(RetryPolicy::Never)
        } else {
            call
        };
        call.credential(self.credential)
    }
}
