//! Tokens as JSON: with all fields for admins, with fewer for their owners.

use serde::{Serialize, Serializer};

use crate::workspace::tokens::{Autoscope, Token};

/// The fields of a token that its owner sees.
#[derive(Debug, Serialize)]
pub(crate) struct PublicTokenInfo<'a> {
    token_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
    creation_time: Int64,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry_time: Option<Int64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    autoscope_state: Option<Autoscope>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    inferred_scopes: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    backfill_scopes: &'a [String],
}

/// The fields of a token that an admin sees. Neither the owner's name nor a status is among them.
#[derive(Debug, Serialize)]
pub(crate) struct TokenInfo<'a> {
    #[serde(flatten)]
    public: PublicTokenInfo<'a>,
    created_by_id: Int64,
    created_by_username: &'a str,
    owner_id: Int64,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace_id: Option<Int64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_day: Option<Int64>,
}

/// A 64-bit integer, written as a number or, depending on the knob, as a string.
#[derive(Debug, Clone, Copy)]
struct Int64 {
    value: i64,
    as_string: bool,
}

impl Serialize for Int64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.as_string {
            serializer.collect_str(&self.value)
        } else {
            serializer.serialize_i64(self.value)
        }
    }
}

impl<'a> PublicTokenInfo<'a> {
    pub(crate) fn new(token: &'a Token, int64_as_strings: bool) -> Self {
        let int = |value| Int64 {
            value,
            as_string: int64_as_strings,
        };
        Self {
            token_id: &token.id,
            comment: token.comment.as_deref(),
            creation_time: int(token.creation_time),
            expiry_time: token.expiry_time.map(int),
            scopes: token.scopes.as_deref(),
            autoscope_state: token.autoscope,
            inferred_scopes: &token.inferred_scopes,
            backfill_scopes: &token.backfill_scopes,
        }
    }
}

impl<'a> TokenInfo<'a> {
    pub(crate) fn new(token: &'a Token, int64_as_strings: bool) -> Self {
        let int = |value| Int64 {
            value,
            as_string: int64_as_strings,
        };
        let id = |value: u64| int(i64::try_from(value).unwrap_or(i64::MAX));
        Self {
            public: PublicTokenInfo::new(token, int64_as_strings),
            created_by_id: id(token.created_by),
            created_by_username: &token.created_by_username,
            owner_id: id(token.owner),
            workspace_id: token.workspace_id.map(id),
            last_used_day: token.last_used_day.map(int),
        }
    }
}
