//! How columns hold the types of `domain`, for `#[sqlx(try_from = "…")]` in structs that are read from a row.

use domain::{Timestamp, TokenId};

/// A moment, in milliseconds since the Unix epoch.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct Milliseconds(i64);

impl From<Milliseconds> for Timestamp {
    fn from(column: Milliseconds) -> Self {
        Self::from_ms(column.0)
    }
}

#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct TokenIdText(String);

impl From<TokenIdText> for TokenId {
    fn from(column: TokenIdText) -> Self {
        Self::new(column.0)
    }
}
