//! How columns hold [`TokenId`], [`Detail`] and the kind of an owner, for `#[sqlx(try_from = "…")]` in structs that are
//! read from a row.

use domain::{PrincipalKind, TokenId};

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

/// The kind of an owner; `None` if it was unknown.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct OwnerKindText(String);

impl OwnerKindText {
    /// The word for this kind.
    pub(crate) fn word(kind: Option<PrincipalKind>) -> &'static str {
        kind.map_or("unknown", PrincipalKind::slug)
    }
}

impl From<OwnerKindText> for Option<PrincipalKind> {
    fn from(column: OwnerKindText) -> Self {
        let mut kinds = PrincipalKind::ALL.into_iter();
        kinds.find(|kind| kind.slug() == column.0)
    }
}
