//! `TokenInfo` of the vendor's SDKs (`service/settings.py`), and the bodies that contain it.

use domain::{AutoscopeState, Expiry, PrincipalId, Timestamp, Token, TokenId};
use serde::{Deserialize, Serialize};

use super::lenient;
use crate::json_repair::without_nul;
use crate::streaming_list::WireRow;

/// `GET /api/2.0/token-management/tokens/{token_id}` since January 2024; a bare [`TokenRow`] before.
#[derive(Debug, Deserialize)]
pub(crate) struct WrappedToken {
    pub(crate) token_info: Option<TokenRow>,
}

/// One token. Times are milliseconds since the Unix epoch.
#[derive(Debug, Deserialize)]
pub(crate) struct TokenRow {
    token_id: String,
    comment: Option<String>,
    #[serde(default, deserialize_with = "lenient::int")]
    creation_time: Option<i64>,
    /// -1 for a token that never expires.
    #[serde(default, deserialize_with = "lenient::int")]
    expiry_time: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    created_by_id: Option<i64>,
    created_by_username: Option<String>,
    #[serde(default, deserialize_with = "lenient::int")]
    owner_id: Option<i64>,
    #[serde(default, deserialize_with = "lenient::text")]
    workspace_id: Option<String>,
    /// Midnight UTC of the day of the last use.
    #[serde(default, deserialize_with = "lenient::int")]
    last_used_day: Option<i64>,
    scopes: Option<Vec<String>>,
    autoscope_state: Option<String>,
    inferred_scopes: Option<Vec<String>>,
    backfill_scopes: Option<Vec<String>>,
}

impl WireRow for TokenRow {
    const ID: &'static str = "token_id";

    fn id(&self) -> &str {
        &self.token_id
    }
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            id: TokenId::new(row.token_id),
            comment: without_nul(row.comment.unwrap_or_default()),
            owner: row.owner_id.map(PrincipalId::new),
            creator: row.created_by_id.map(PrincipalId::new),
            creator_name: row.created_by_username.map(without_nul).filter(|name| !name.is_empty()),
            created: row.creation_time.map(Timestamp::from_ms),
            expiry: Expiry::from_ms(row.expiry_time),
            last_used: row.last_used_day.map(|ms| Timestamp::from_ms(ms).day()),
            scopes: row.scopes.map(shrink),
            autoscope: row.autoscope_state.as_deref().and_then(AutoscopeState::from_wire),
            inferred_scopes: row.inferred_scopes.map(shrink).unwrap_or_default(),
            backfill_scopes: row.backfill_scopes.map(shrink).unwrap_or_default(),
            workspace_id: row.workspace_id.map(without_nul),
        }
    }
}

/// Removes U+0000 from the texts, and releases the spare capacity that decoding leaves: a list of two has space for
/// four, half a million times.
fn shrink(list: Vec<String>) -> Vec<String> {
    let mut list: Vec<_> = list.into_iter().map(without_nul).collect();
    list.shrink_to_fit();
    list
}

/// `PATCH /api/2.0/token-management/tokens/{token_id}`. The mask contains paths below `token`, separated by commas.
#[derive(Debug, Serialize)]
pub(crate) struct TokenPatch<'a> {
    token: PatchedFields<'a>,
    update_mask: &'static str,
}

/// Fields that the mask does not name are left out.
#[derive(Debug, Default, Serialize)]
struct PatchedFields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<&'a [String]>,
}

impl<'a> TokenPatch<'a> {
    pub(crate) fn comment(comment: &'a str) -> Self {
        Self {
            token: PatchedFields {
                comment: Some(comment),
                ..PatchedFields::default()
            },
            update_mask: "comment",
        }
    }

    pub(crate) fn scopes(scopes: &'a [String]) -> Self {
        Self {
            token: PatchedFields {
                scopes: Some(scopes),
                ..PatchedFields::default()
            },
            update_mask: "scopes",
        }
    }
}
