//! How columns hold [`TokenId`] and [`Detail`], for `#[sqlx(try_from = "…")]` in structs that are read from a row.

use domain::TokenId;

use crate::Detail;

#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct TokenIdText(String);

impl From<TokenIdText> for TokenId {
    fn from(column: TokenIdText) -> Self {
        Self::new(column.0)
    }
}

/// A [`Detail`].
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct DetailText(String);

impl From<DetailText> for Detail {
    fn from(column: DetailText) -> Self {
        Self::from_stored(&column.0)
    }
}
