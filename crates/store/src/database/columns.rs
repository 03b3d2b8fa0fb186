//! How columns hold enums, and [`TokenId`], [`Detail`], scopes and the kind of an owner. The latter are for
//! `#[sqlx(try_from = "…")]` in structs that are read from a row.

use std::collections::BTreeSet;

use domain::{GrantedScopes, PrincipalKind, TokenId};

use super::statement::Value;
use crate::{BulkItemState, BulkKind, BulkState, CredentialKind, Detail, Outcome, PauseReason, Phase, Role};

/// Stores enums as the words that strum has for their variants. Reading another word is an error.
macro_rules! stored_as_words {
    ($($words:ty),*) => {$(
        impl<DB: sqlx::Database> sqlx::Type<DB> for $words
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                String::type_info()
            }

            fn compatible(info: &DB::TypeInfo) -> bool {
                String::compatible(info)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $words
        where
            &'r str: sqlx::Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let word = <&str>::decode(value)?;
                word.parse().map_err(|_| format!("{word:?} is not a known word").into())
            }
        }

        impl From<$words> for Value {
            fn from(word: $words) -> Self {
                <&str>::from(word).into()
            }
        }

        impl From<Option<$words>> for Value {
            fn from(word: Option<$words>) -> Self {
                word.map(<&str>::from).into()
            }
        }
    )*};
}

stored_as_words!(
    BulkItemState,
    BulkKind,
    BulkState,
    CredentialKind,
    Outcome,
    PauseReason,
    Phase,
    Role
);

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

/// Granted scopes as JSON: a list of names, or `null` for no list. `None` if the text is anything else.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(crate) struct ScopesText(String);

impl ScopesText {
    /// The text for these scopes.
    pub(crate) fn of(scopes: &GrantedScopes) -> String {
        match scopes {
            GrantedScopes::NoList => "null".to_owned(),
            GrantedScopes::List(scopes) => serde_json::Value::from_iter(scopes.iter().map(String::as_str)).to_string(),
        }
    }
}

impl From<ScopesText> for Option<GrantedScopes> {
    fn from(column: ScopesText) -> Self {
        let scopes: Option<BTreeSet<String>> = serde_json::from_str(&column.0).ok()?;
        Some(scopes.map_or(GrantedScopes::NoList, GrantedScopes::List))
    }
}
