//! Token management, for admins (<https://docs.databricks.com/api/workspace/tokenmanagement>).

use domain::{PrincipalId, Token, TokenId};
use reqwest::Method;
use tokio::time::Instant;

use crate::call::{Call, RetryPolicy};
use crate::wire::{TokenPatch, TokenRow, WrappedToken};
use crate::{Api, Error, ErrorKind, UnreadableRow};

const LIST: &str = "/api/2.0/token-management/tokens";
/// The key of the rows in a list.
const ROWS: &str = "token_infos";
const ONE: &str = "/api/2.0/token-management/tokens/{token_id}";

/// A list of tokens, and the rows that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenList {
    /// The tokens that could be read.
    pub tokens: Vec<Token>,
    /// The rows that could not be read. If there are any, a token that is not in `tokens` may still exist.
    pub unreadable: Vec<UnreadableRow>,
    /// Whether the response has a list, even an empty one. `{}` means no tokens too, but proves nothing about the
    /// caller.
    pub is_present: bool,
}

impl Api<'_> {
    /// All tokens of the workspace, in one response of about 400 bytes per token, which is decoded while it arrives.
    /// Uses the list budget.
    ///
    /// # Errors
    /// [`FeatureOff`](crate::ErrorKind::FeatureOff) without token management, and
    /// [`NotAllowed`](crate::ErrorKind::NotAllowed) if the caller is not an admin.
    pub async fn tokens(&self) -> Result<TokenList, Error> {
        let deadline = Instant::now() + self.client.budgets().list;
        self.list(Call::new(self.client, Method::GET, LIST).deadline(deadline))
            .await
    }

    /// Proves that the caller, whose ID this is, is an admin and that the credential can manage tokens.
    ///
    /// The proof is a list of the tokens that the caller created. If the response is `{}`, which an admin without own
    /// tokens gets, the proof is another read that only admins can make: the permission list of tokens, or that it does
    /// not exist before the first token; or else the configuration; or else the list of all tokens.
    ///
    /// # Errors
    /// As [`tokens`](Self::tokens); and [`Undecodable`](crate::ErrorKind::Undecodable) if nothing proves it.
    pub async fn prove_admin(&self, caller: PrincipalId) -> Result<(), Error> {
        if self.tokens_created_by(caller).await?.is_present {
            return Ok(());
        }
        match self.token_permissions().await {
            Ok(_) => return Ok(()),
            Err(error) if error.says_no_token_exists() => return Ok(()),
            Err(error) if error.kind.is_about_caller() && error.kind != ErrorKind::ScopeMissing => return Err(error),
            Err(_) => {}
        }
        if self.shows_configuration().await.unwrap_or(false) {
            return Ok(());
        }
        match self.tokens().await?.is_present {
            true => Ok(()),
            false => Err(Error::undecodable(ROWS)),
        }
    }

    /// The tokens that a principal created, for itself or on behalf of others.
    ///
    /// # Errors
    /// As [`tokens`](Self::tokens).
    pub async fn tokens_created_by(&self, creator: PrincipalId) -> Result<TokenList, Error> {
        let call = self.once_if_asked(Call::new(self.client, Method::GET, LIST));
        self.list(call.query("created_by_id", &creator.to_string())).await
    }

    async fn list(&self, call: Call<'_>) -> Result<TokenList, Error> {
        // In a workspace without tokens, the key is missing.
        let list = call.credential(self.credential)?.rows::<TokenRow, Token>(ROWS).await?;
        Ok(TokenList {
            tokens: list.rows,
            unreadable: list.unreadable,
            is_present: list.is_present,
        })
    }

    /// One token.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if the workspace does not have the ID.
    pub async fn token(&self, id: &TokenId) -> Result<Token, Error> {
        let call = self.call_for(Method::GET, id)?;
        let response = call.expected_keys(&["token_info", "token_id"]).send().await?;
        if response.has_key("token_info") {
            let unwrap = |wrapped: WrappedToken| wrapped.token_info.map(Token::from).ok_or("token_info".into());
            return response.decode(unwrap).await;
        }
        response.decode(|row: TokenRow| Ok(row.into())).await
    }

    /// Revokes a token permanently.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if it is already gone, or if the interface does not exist: see
    /// [`Error::is_missing_resource`].
    pub async fn revoke(&self, id: &TokenId) -> Result<(), Error> {
        self.call_for(Method::DELETE, id)?.send().await?.accepted()
    }

    /// Sets only the comment. Returns the token after the change.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if the workspace does not have the ID.
    pub async fn set_comment(&self, id: &TokenId, comment: &str) -> Result<Token, Error> {
        self.patch(id, &TokenPatch::comment(comment)).await
    }

    /// Sets only the scopes. Returns the token after the change.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if the workspace does not have the ID, and
    /// [`Rejected`](crate::ErrorKind::Rejected) for a scope that it does not know.
    pub async fn set_scopes(&self, id: &TokenId, scopes: &[String]) -> Result<Token, Error> {
        self.patch(id, &TokenPatch::scopes(scopes)).await
    }

    async fn patch(&self, id: &TokenId, patch: &TokenPatch<'_>) -> Result<Token, Error> {
        let call = self.call_for(Method::PATCH, id)?.json(patch);
        let response = call.expected_keys(&["token_id"]).send().await?;
        response.decode(|row: TokenRow| Ok(row.into())).await
    }

    fn call_for<'a>(&'a self, method: Method, id: &TokenId) -> Result<Call<'a>, Error> {
        let call = Call::new(self.client, method, ONE).id(id.as_str())?;
        self.once_if_asked(call).credential(self.credential)
    }

    fn once_if_asked<'a>(&self, call: Call<'a>) -> Call<'a> {
        if self.once {
            call.retry_policy(RetryPolicy::Never)
        } else {
            call
        }
    }
}
