//! Drafting a bulk change of scopes: of a selection, or of the tokens of an earlier change, to put their scopes back.

use domain::{ScopesPlan, ScopesSkip, Selection, Token, TokenQuery};
use store::{ActivityKind, BulkChange, BulkId, BulkItem, BulkItemState, BulkKind, BulkState, DraftItem};

use super::draft::{DraftReview, NewDraft, spared_token};
use super::owners::ReviewedItem;
use crate::{Actor, Console, Error, Snapshot};

/// How the scopes of selected tokens are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopesChange {
    /// Set the scopes that they have by hand, so that the platform no longer changes them.
    KeepScopes,
    /// Set only the scopes that they use.
    NarrowScopes,
}

impl ScopesChange {
    /// From the word in a URL.
    pub fn from_slug(text: &str) -> Option<Self> {
        let all = [Self::KeepScopes, Self::NarrowScopes];
        all.into_iter().find(|change| change.slug() == text)
    }

    /// The word in URLs.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::KeepScopes => "keep-scopes",
            Self::NarrowScopes => "narrow-scopes",
        }
    }

    const fn kind(self) -> BulkKind {
        match self {
            Self::KeepScopes => BulkKind::KeepScopes,
            Self::NarrowScopes => BulkKind::NarrowScopes,
        }
    }
}

/// A token of a draft whose scopes will not be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedItem {
    /// The token.
    pub item: ReviewedItem,
    /// Why.
    pub why: ScopesSkip,
}

impl SkippedItem {
    pub(super) fn all(items: &[DraftItem], snapshot: &Snapshot) -> Vec<Self> {
        let skipped = items.iter().filter_map(|item| match item.scopes {
            Some(Err(why)) => Some(Self {
                item: ReviewedItem::of(item, snapshot),
                why,
            }),
            _ => None,
        });
        skipped.collect()
    }
}

impl DraftReview {
    /// Whether the number of tokens has to be typed: if there are several, and one of them is revoked or can do more or
    /// less afterwards.
    pub fn needs_typed_count(&self) -> bool {
        let has_effect = |item: &ReviewedItem| item.scopes.as_ref().is_none_or(|plan| !plan.keeps_all());
        self.tokens() + self.missing_count > 1 && self.items.iter().any(has_effect)
    }

    /// The changes of scopes, with their tokens.
    pub fn plans(&self) -> impl Iterator<Item = (&ReviewedItem, &ScopesPlan)> {
        self.items
            .iter()
            .filter_map(|item| item.scopes.as_ref().map(|plan| (item, plan)))
    }
}

/// Whether the token's scopes, or the facts known about them, changed after it was selected, so that nothing is sent
/// for it.
pub(super) fn has_changed(kind: BulkKind, item: &DraftItem, token: &Token) -> bool {
    match &item.scopes {
        Some(Ok(plan)) => !still_applies(kind, plan, token),
        Some(Err(_)) | None => false,
    }
}

/// Whether the token is as it was when the change was planned. A token that is to be narrowed must also not have used
/// another scope since.
pub(super) fn still_applies(kind: BulkKind, plan: &ScopesPlan, token: &Token) -> bool {
    plan.is_unchanged(token) && (kind != BulkKind::NarrowScopes || plan.covers_use(token))
}

/// Whether the token is revoked, or can do more or less afterwards.
pub(super) fn has_effect(item: &DraftItem) -> bool {
    match &item.scopes {
        None => true,
        Some(Ok(plan)) => !plan.keeps_all(),
        Some(Err(_)) => false,
    }
}

/// How to put back the scopes of a token that a bulk change has changed, if it still has the scopes that were written.
fn put_back_plan(item: &BulkItem, snapshot: &Snapshot) -> Result<ScopesPlan, ScopesSkip> {
    let written = item.scopes_after.as_ref().and_then(|scopes| scopes.names());
    let token = snapshot.inventory.get(&item.token).ok_or(ScopesSkip::NotListed)?;
    ScopesPlan::put_back(token, item.scopes_before.as_ref(), written.as_deref())
}

impl Console {
    /// Freezes a selection of the workspace's tokens as a draft of changing their scopes, with the scopes that they
    /// have now. Narrowing leaves out the session's own token, which could interrupt the bulk change.
    ///
    /// # Errors
    /// As [`Console::draft_revocation`].
    pub async fn draft_scopes(
        &self,
        actor: &Actor,
        change: ScopesChange,
        query: &TokenQuery,
        selection: &Selection,
    ) -> Result<BulkId, Error> {
        self.draft_selection(actor, change.kind(), query, selection).await
    }

    /// Drafts putting back the scopes that a bulk change has changed, for the tokens that still have the scopes it
    /// wrote.
    ///
    /// # Errors
    /// [`Error::BulkNotFound`] if it does not change scopes or has not sent everything; [`Error::AlreadyPutBack`] or
    /// [`Error::NothingToPutBack`] if nothing is left to put back; if the tokens cannot be read; or if the actor cannot
    /// change anything, which is recorded.
    pub async fn draft_put_back(&self, actor: &Actor, id: &BulkId) -> Result<BulkId, Error> {
        self.ensure_can_run(actor, ActivityKind::EditScopesInBulk, id.as_str())
            .await?;
        let bulk = self.bulk(actor, id).await?;
        if !self.has_sent_scopes(&bulk).await? {
            return Err(Error::BulkNotFound);
        }
        // Someone can have changed them since the list was read last.
        self.refresh(actor).await?;
        let snapshot = self.snapshot(actor).await?;
        let spared = spared_token(actor, BulkKind::PutBackScopes);
        let mut own_left_out = false;
        let mut items = Vec::new();
        let mut is_back = true;
        for item in self.changed_items(&bulk).await? {
            if spared.as_ref() == Some(&item.token) {
                own_left_out = true;
                continue;
            }
            let plan = put_back_plan(&item, &snapshot);
            // A change that is not confirmed can still take effect.
            is_back &= item.state == BulkItemState::Changed && plan == Err(ScopesSkip::HasThemAlready);
            items.push(DraftItem {
                position: items.len().try_into().unwrap_or(i64::MAX),
                token: item.token,
                owner_id: item.owner_id,
                scopes: Some(plan),
            });
        }
        if !own_left_out && !items.iter().any(|item| matches!(item.scopes, Some(Ok(_)))) {
            return Err(match is_back && !items.is_empty() {
                true => Error::AlreadyPutBack,
                false => Error::NothingToPutBack,
            });
        }
        let draft = NewDraft {
            kind: BulkKind::PutBackScopes,
            puts_back: Some(bulk.id),
            filters: bulk.filters,
            items,
            own_token_excluded: own_left_out,
        };
        self.store_draft(actor, draft).await
    }

    /// Whether a bulk change has changed what a token can do, so that its scopes may be put back. Other tokens may
    /// still be unconfirmed, which can take many minutes. False if the list of tokens can be read quickly and shows
    /// that no token has the scopes that were written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn can_be_put_back(&self, actor: &Actor, bulk: &BulkChange) -> Result<bool, Error> {
        if !self.has_sent_scopes(bulk).await? {
            return Ok(false);
        }
        let items = self.changed_items(bulk).await?;
        let has_changed = |item: &BulkItem| item.scopes_plan().is_some_and(|plan| !plan.keeps_all());
        if !items.iter().any(has_changed) {
            return Ok(false);
        }
        let snapshot = self.snapshot_if_quick(actor).await;
        Ok(snapshot.is_none_or(|snapshot| items.iter().any(|item| put_back_plan(item, &snapshot).is_ok())))
    }

    /// Whether a bulk change sets scopes and has nothing more to send.
    async fn has_sent_scopes(&self, bulk: &BulkChange) -> Result<bool, Error> {
        match bulk.state {
            _ if !bulk.kind.sets_scopes() => Ok(false),
            BulkState::Finished => Ok(true),
            BulkState::Running => {
                let counts = self.0.store.bulk_counts(&bulk.id).await?;
                Ok(counts.of(BulkItemState::Waiting) + counts.of(BulkItemState::Sent) == 0)
            }
            BulkState::Draft | BulkState::Paused => Ok(false),
        }
    }

    /// The tokens that a bulk change of scopes has changed or may have changed, in order.
    async fn changed_items(&self, bulk: &BulkChange) -> Result<Vec<BulkItem>, Error> {
        let mut items = Vec::new();
        for state in [BulkItemState::Changed, BulkItemState::Unknown] {
            items.extend(self.0.store.all_bulk_items(&bulk.id, state).await?);
        }
        items.sort_by_key(|item| item.position);
        Ok(items)
    }
}
