//! `POST /api/2.0/token-management/on-behalf-of/tokens` (`CreateOboTokenRequest` and `…Response` of the vendor's SDKs).

use serde::{Deserialize, Serialize};

use super::token::TokenRow;

/// The request. If scopes are left out, all are granted.
#[derive(Debug, Serialize)]
pub(crate) struct CreateTokenBody<'a> {
    pub(crate) application_id: &'a str,
    pub(crate) lifetime_seconds: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) comment: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(crate) scopes: &'a [String],
}

/// The response. It contains the token value, so it does not implement `Debug`.
#[derive(Deserialize)]
pub(crate) struct CreateTokenResponse {
    pub(crate) token_value: Option<String>,
    pub(crate) token_info: Option<TokenRow>,
}
