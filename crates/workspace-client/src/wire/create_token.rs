//! `POST /api/2.0/token-management/on-behalf-of/tokens` and `POST /api/2.0/token/create` (`CreateOboTokenRequest`,
//! `CreateTokenRequest` and the `…Response` of each in the vendor's SDKs).

use serde::{Deserialize, Serialize};

use super::token::TokenRow;

/// The request. If scopes are left out, all are granted. If `autoscope_enabled` were left out, the platform would
/// decide.
#[derive(Debug, Serialize)]
pub(crate) struct CreateTokenBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) application_id: Option<&'a str>,
    pub(crate) lifetime_seconds: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) comment: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(crate) scopes: &'a [String],
    pub(crate) autoscope_enabled: bool,
}

/// The response. It contains the token value, so it does not implement `Debug`.
#[derive(Deserialize)]
pub(crate) struct CreateTokenResponse {
    pub(crate) token_value: Option<String>,
    pub(crate) token_info: Option<TokenRow>,
}
