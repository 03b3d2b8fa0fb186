//! The tokens of a draft by owner.

use std::collections::HashMap;

use domain::{Known, PrincipalKind, TokenId, UnreadPart};
use sqlx::FromRow;

use super::BulkId;
use crate::database::columns::TokenIdText;
use crate::{Store, StoreError};

/// A token of a draft.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
#[expect(missing_docs, reason = "the other fields are those of NewBulkItem")]
pub struct DraftItem {
    /// Its position among the tokens, from 0.
    pub position: i64,
    #[sqlx(rename = "token_id", try_from = "TokenIdText")]
    pub token: TokenId,
    pub comment: String,
    pub owner_id: String,
    pub owner: String,
    /// The stored word for the owner's kind.
    owner_kind: String,
    pub recent: bool,
}

/// What was known about an owner when the bulk revocation was drafted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkOwnerKind {
    /// A user or a service principal.
    Principal(PrincipalKind),
    /// Not one of the workspace's principals.
    Unknown,
    /// The workspace's principals could not all be read.
    NotRead,
    /// The workspace named no owner.
    NotGiven,
}

/// An owner of tokens in a bulk revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkOwner {
    /// The owner's ID; empty if the workspace named none.
    pub id: String,
    /// The name, as it is displayed.
    pub name: String,
    /// What is known about the owner.
    pub kind: BulkOwnerKind,
    /// How many tokens of this owner it contains.
    pub tokens: usize,
    /// How many of those were used within the seven days before it was drafted.
    pub recent: usize,
}

/// The owners of the tokens in a bulk revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkOwners {
    /// Service principals, then the others, both with the most tokens first. "No owner given" is one of them.
    pub all: Vec<BulkOwner>,
    /// How many there are. Tokens without an owner do not count here.
    pub owners: usize,
    /// How many of them are service principals.
    pub service_principals: Known<usize>,
    /// How many tokens were used within the seven days before it was drafted.
    pub recent: usize,
}

impl BulkOwners {
    /// The owners of these tokens. `names_missing` says that the workspace's principals could not all be read.
    pub fn of<'a>(items: impl IntoIterator<Item = &'a DraftItem>, names_missing: bool) -> Self {
        let mut by_owner: HashMap<(&str, &str, &str), BulkOwner> = HashMap::new();
        let mut recent = 0;
        for item in items {
            let key = (item.owner_id.as_str(), item.owner.as_str(), item.owner_kind.as_str());
            let owner = by_owner.entry(key).or_insert_with(|| BulkOwner {
                id: item.owner_id.clone(),
                name: item.owner.clone(),
                kind: kind_of(item, names_missing),
                tokens: 0,
                recent: 0,
            });
            owner.tokens += 1;
            owner.recent += usize::from(item.recent);
            recent += usize::from(item.recent);
        }
        let mut all: Vec<_> = by_owner.into_values().collect();
        let is_service_principal =
            |owner: &BulkOwner| owner.kind == BulkOwnerKind::Principal(PrincipalKind::ServicePrincipal);
        all.sort_by(|a, b| {
            let order = is_service_principal(b).cmp(&is_service_principal(a));
            order
                .then(b.tokens.cmp(&a.tokens))
                .then_with(|| a.name.cmp(&b.name))
                .then_with(|| a.id.cmp(&b.id))
        });
        let named = || all.iter().filter(|owner| owner.kind != BulkOwnerKind::NotGiven);
        let service_principals = match named().any(|owner| owner.kind == BulkOwnerKind::NotRead) {
            true => Known::NotAvailable(UnreadPart::Names),
            false => Known::Known(named().filter(|owner| is_service_principal(owner)).count()),
        };
        Self {
            owners: named().count(),
            service_principals,
            recent,
            all,
        }
    }
}

fn kind_of(item: &DraftItem, names_missing: bool) -> BulkOwnerKind {
    match PrincipalKind::ALL
        .into_iter()
        .find(|kind| kind.slug() == item.owner_kind)
    {
        Some(kind) => BulkOwnerKind::Principal(kind),
        None if item.owner_id.is_empty() => BulkOwnerKind::NotGiven,
        None if names_missing => BulkOwnerKind::NotRead,
        None => BulkOwnerKind::Unknown,
    }
}

impl Store {
    /// All tokens of a draft, in order.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn draft_items(&self, id: &BulkId) -> Result<Vec<DraftItem>, StoreError> {
        let items = sqlx::query_as(
            "select position, token_id, comment, owner_id, owner, owner_kind, recent from job_items
             where job = $1 order by position",
        )
        .bind(id.as_str())
        .fetch_all(self.database.readers())
        .await?;
        Ok(items)
    }
}
