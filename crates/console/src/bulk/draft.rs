//! From a selection to a running bulk change: the draft, its review by any admin of the workspace, and its start.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::{Day, Directory, ScopesPlan, ScopesSkip, Selection, Token, TokenId, TokenQuery, UnreadPart};
use store::{
    ActivityEntry, BulkChange, BulkId, BulkKind, BulkState, Detail, DraftItem, NewBulk, NewBulkItem, NewRun, Outcome,
    Phase,
};
use tokio::time::Instant;

use super::entries::{bulk_entry, run_kind, start_value};
use super::owners::{BulkOwners, ReviewedItem, ReviewedOwner};
use super::scopes_draft::{SkippedItem, has_changed, has_effect};
use super::{DRAFT_TTL, count_matches};
use crate::activity::truncated;
use crate::cache::snapshot::PartViews;
use crate::cache::token_list;
use crate::token_presence::{ListedIds, TokenPresence};
use crate::{Actor, Console, Error, Snapshot, now};

/// How many tokens that no longer exist a review lists.
const MAX_MISSING_LISTED: usize = 20;

/// The facts that someone who starts a draft confirms.
#[derive(Clone, Debug)]
pub struct DraftReview {
    /// The tokens that will be revoked or changed, most recently used first.
    pub items: Vec<ReviewedItem>,
    /// The tokens whose scopes will not be changed.
    pub skipped: Vec<SkippedItem>,
    /// The tokens whose scopes, or the facts known about them, changed after they were selected: they will be left as
    /// they are.
    pub changed: Vec<ReviewedItem>,
    /// The owners of the tokens that will be revoked or changed.
    pub owners: BulkOwners,
    /// The owners that can be left out, including those that are.
    pub all_owners: BulkOwners,
    /// The first of the tokens that were selected and no longer exist.
    pub missing: Vec<ReviewedItem>,
    /// How many of the selected tokens no longer exist.
    pub missing_count: usize,
    /// Whether the reviewer's own token was selected and is left out.
    pub own_token_excluded: bool,
    /// Whether the owners' names could not all be read.
    pub names_missing: bool,
    /// The day of the list, to which days of use are compared.
    pub today: Day,
}

impl DraftReview {
    /// How many tokens will be revoked or changed.
    pub fn tokens(&self) -> usize {
        self.items.len()
    }

    /// How many of the tokens have a row that could not be read, so that their use is unknown.
    pub fn unread_count(&self) -> usize {
        self.items.iter().filter(|item| item.listed.is_none()).count()
    }
}

/// A selection, before it is stored.
pub(super) struct NewDraft {
    pub(super) kind: BulkKind,
    pub(super) puts_back: Option<BulkId>,
    pub(super) filters: String,
    pub(super) items: Vec<DraftItem>,
    pub(super) own_token_excluded: bool,
}

/// The tokens of a draft, by what will be done with them.
struct SortedItems {
    chosen: Vec<DraftItem>,
    /// Tokens whose scopes are not changed.
    skipped: Vec<DraftItem>,
    /// Tokens of owners that are left out.
    excluded: Vec<DraftItem>,
    missing: Vec<DraftItem>,
    /// Tokens that have other scopes than when they were selected.
    changed: Vec<DraftItem>,
    own: Vec<DraftItem>,
}

impl SortedItems {
    /// `without` are the IDs of the owners to leave out. `listed` are the tokens that could be read.
    fn of<'a>(
        kind: BulkKind,
        items: Vec<DraftItem>,
        actor: &Actor,
        without: &[String],
        is_gone: impl Fn(&TokenId) -> bool,
        listed: impl Fn(&TokenId) -> Option<&'a Token>,
    ) -> Self {
        let without: HashSet<&str> = without.iter().map(String::as_str).collect();
        let spared = spared_token(actor, kind);
        let (mut chosen, mut skipped) = (vec![], vec![]);
        let (mut excluded, mut missing, mut changed, mut own_items) = (vec![], vec![], vec![], vec![]);
        for item in items {
            let place = if spared.as_ref() == Some(&item.token) {
                &mut own_items
            } else if matches!(item.scopes, Some(Err(_))) {
                &mut skipped
            } else if without.contains(item.owner_id.as_str()) {
                &mut excluded
            } else if is_gone(&item.token) {
                &mut missing
            } else if listed(&item.token).is_some_and(|token| has_changed(kind, &item, token)) {
                &mut changed
            } else {
                &mut chosen
            };
            place.push(item);
        }
        Self {
            chosen,
            skipped,
            excluded,
            missing,
            changed,
            own: own_items,
        }
    }

    /// The number of tokens that the confirmed review can have counted, if `typed` is that number. The review did not
    /// count tokens that had changed by then, but did count those that were revoked or changed after it. Also returns
    /// whether tokens that have changed are among them.
    fn confirmed(&self, typed: &str) -> Option<(usize, bool)> {
        let (tokens, missing, changed) = (self.chosen.len(), self.missing.len(), self.changed.len());
        let with_missing = tokens + missing;
        let is_typed = |n: usize| count_matches(typed, n);
        if is_typed(tokens) || is_typed(with_missing) {
            return Some((with_missing, false));
        }
        let is_typed = is_typed(tokens + changed) || is_typed(with_missing + changed);
        is_typed.then_some((with_missing + changed, true))
    }
}

/// The session's own token, which is left out if the change could interrupt the bulk change.
pub(super) fn spared_token(actor: &Actor, kind: BulkKind) -> Option<TokenId> {
    actor.own_token().filter(|_| kind != BulkKind::KeepScopes)
}

/// Everything that is stored about the tokens when their change starts.
struct StartedTokens<'a> {
    listed: HashMap<&'a TokenId, &'a Token>,
    directory: &'a Directory,
}

impl Console {
    /// Freezes a selection of the workspace's tokens as a draft to be reviewed. The session's own token is left out:
    /// revoking it would interrupt the bulk change.
    ///
    /// # Errors
    /// [`Error::NothingSelected`] or [`Error::OnlyOwnTokenSelected`]; [`Error::FilterNotAvailable`] if a filter needs
    /// data that was not read, because without it more tokens would match; [`Error::StillLoading`] while names or
    /// permissions are being read; if the tokens cannot be read; or if the actor cannot change anything, which is
    /// recorded.
    pub async fn draft_revocation(
        &self,
        actor: &Actor,
        query: &TokenQuery,
        selection: &Selection,
    ) -> Result<BulkId, Error> {
        self.draft_selection(actor, BulkKind::Revoke, query, selection).await
    }

    /// Freezes a selection for one kind of change.
    pub(super) async fn draft_selection(
        &self,
        actor: &Actor,
        kind: BulkKind,
        query: &TokenQuery,
        selection: &Selection,
    ) -> Result<BulkId, Error> {
        self.ensure_can_run(actor, run_kind(kind), "a selection").await?;
        let has_all = |snapshot: &Snapshot| snapshot.inventory.has_all(selection);
        let snapshot = self.snapshot_with(actor, has_all).await?;
        if !snapshot.loading().is_empty() {
            return Err(Error::StillLoading);
        }
        let inventory = &snapshot.inventory;
        let spared = spared_token(actor, kind);
        let mut own_left_out = false;
        let mut items = Vec::new();
        let selected = inventory.selected(query, selection);
        for token in selected.ok().map_err(Error::FilterNotAvailable)? {
            if spared.as_ref() == Some(&token.id) {
                own_left_out = true;
                continue;
            }
            items.push(DraftItem {
                position: items.len().try_into().unwrap_or(i64::MAX),
                token: token.id.clone(),
                owner_id: token.owner.map(|id| id.to_string()).unwrap_or_default(),
                scopes: scopes_of(kind, token),
            });
        }
        let draft = NewDraft {
            kind,
            puts_back: None,
            filters: query.unordered().to_query_string(),
            items,
            own_token_excluded: own_left_out,
        };
        self.store_draft(actor, draft).await
    }

    /// Stores a draft of at least one token.
    pub(super) async fn store_draft(&self, actor: &Actor, draft: NewDraft) -> Result<BulkId, Error> {
        if draft.items.is_empty() {
            return Err(if draft.own_token_excluded {
                Error::OnlyOwnTokenSelected
            } else {
                Error::NothingSelected
            });
        }
        let new = NewBulk {
            kind: draft.kind,
            puts_back: draft.puts_back,
            workspace: actor.workspace.name().to_owned(),
            binding: actor.workspace.binding(),
            principal: actor.principal,
            user_name: actor.user_name.clone(),
            sign_in: actor.sign_in,
            filters: draft.filters,
            request_id: actor.request_id.clone(),
            own_token_excluded: draft.own_token_excluded,
            created: now(),
        };
        self.0.store.purge_drafts(now().minus(DRAFT_TTL)).await?;
        Ok(self.0.store.draft_bulk(new, draft.items).await?)
    }

    /// What starting a draft would revoke or change, without the owners whose IDs are in `without`. Also lists the
    /// tokens that no longer exist.
    ///
    /// # Errors
    /// If the tokens cannot be read.
    pub async fn review_draft(
        &self,
        actor: &Actor,
        bulk: &BulkChange,
        without: &[String],
    ) -> Result<DraftReview, Error> {
        let items = self.0.store.draft_items(&bulk.id).await?;
        let has_all = |snapshot: &Snapshot| items.iter().all(|item| snapshot.inventory.get(&item.token).is_some());
        let snapshot = self.snapshot_with(actor, has_all).await?;
        let unreadable: HashSet<_> = snapshot.unreadable.iter().map(|row| row.id.as_deref()).collect();
        let is_complete = !unreadable.contains(&None) && snapshot.inventory.counts().total.seen() > 0;
        // A token that is not in an older list can be newer than the list.
        let is_gone = |id: &TokenId| {
            is_complete
                && snapshot.is_recent()
                && snapshot.inventory.get(id).is_none()
                && !unreadable.contains(&Some(id.as_str()))
        };
        let listed = |id: &TokenId| snapshot.inventory.get(id);
        let items = SortedItems::of(bulk.kind, items, actor, without, is_gone, listed);
        let reviewed = |items: &[DraftItem]| -> Vec<_> {
            let items = items.iter();
            items.map(|item| ReviewedItem::of(item, &snapshot)).collect()
        };
        let (mut chosen, excluded) = (reviewed(&items.chosen), reviewed(&items.excluded));
        let last_used = |item: &ReviewedItem| item.listed.as_ref().and_then(|listed| listed.last_used);
        chosen.sort_by_key(|item| Reverse(last_used(item)));
        Ok(DraftReview {
            owners: BulkOwners::of(&chosen),
            all_owners: BulkOwners::of(chosen.iter().chain(&excluded)),
            items: chosen,
            skipped: SkippedItem::all(&items.skipped, &snapshot),
            changed: reviewed(&items.changed),
            own_token_excluded: bulk.own_token_excluded || !items.own.is_empty(),
            missing: reviewed(&items.missing[..items.missing.len().min(MAX_MISSING_LISTED)]),
            missing_count: items.missing.len(),
            names_missing: snapshot.inventory.unread().has(UnreadPart::Names),
            today: snapshot.inventory.as_of().day(),
        })
    }

    /// Starts a draft as the actor, once: starting it again has no further effect. Left out are the owners whose IDs
    /// are in `without`, the session's own token, and the tokens that the review named as changed. Tokens that the
    /// workspace no longer lists end as already gone. `typed` is the number of tokens that the review counted.
    ///
    /// # Errors
    /// [`Error::CountMismatch`] if `typed` is another number, which is recorded; [`Error::NothingSelected`]; if the
    /// tokens cannot be read; or if the actor cannot change anything.
    pub async fn start_bulk(&self, actor: &Actor, id: &BulkId, typed: &str, without: &[String]) -> Result<(), Error> {
        let kind = self.kind_of(id).await?;
        self.ensure_can_change_recorded(actor, run_kind(kind), id.as_str())
            .await?;
        // This proves that the actor is an admin now.
        let list = token_list::read_rows(actor).await;
        let list = list.map_err(|error| actor.refused(error).before_sending())?;
        let listed = ListedIds::of(&list);
        let bulk = self.readable_bulk(actor, id).await?;
        if bulk.state != BulkState::Draft {
            return Ok(());
        }
        let tokens: HashMap<&TokenId, &Token> = list.tokens.iter().map(|token| (&token.id, token)).collect();
        let is_gone = |id: &TokenId| matches!(listed.presence(id), Some(TokenPresence::Gone));
        let items = self.0.store.draft_items(id).await?;
        let items = SortedItems::of(kind, items, actor, without, is_gone, |id| tokens.get(id).copied());
        let total = items.chosen.len() + items.missing.len() + items.changed.len();
        // Someone can have revoked or changed tokens since the review. Then there are fewer than were confirmed.
        let (confirmed, has_changed_ones) = match items.confirmed(typed) {
            Some(confirmed) => confirmed,
            // The review of a single token needs no number, but must not have counted another one.
            None if (total > 1 || !typed.is_empty()) && items.chosen.iter().any(has_effect) => {
                // The next review has to show the tokens as they are now.
                actor.workspace.invalidate_tokens();
                self.record_refusal(actor, run_kind(kind), id.as_str(), Detail::CountMismatch)
                    .await?;
                return Err(Error::CountMismatch);
            }
            None => (total, true),
        };
        if confirmed == 0 {
            return Err(Error::NothingSelected);
        }
        let entry = ActivityEntry {
            requested: start_value(kind, confirmed),
            reason: actor.reason.clone(),
            ..bulk_entry(&bulk, actor, Phase::Intent, Outcome::Open, Detail::Empty)
        };
        let directory = self.directory(actor).await?;
        let started = StartedTokens {
            listed: tokens,
            directory: &directory,
        };
        let own_token_excluded = bulk.own_token_excluded || !items.own.is_empty();
        // Tokens that are gone, or have changed since the review, are stored too and end as such.
        let changed = items.changed.into_iter().filter(|_| has_changed_ones);
        let mut items: Vec<_> = items.chosen.into_iter().chain(items.missing).chain(changed).collect();
        items.sort_by_key(|item| item.position);
        let run = NewRun {
            principal: actor.principal,
            user_name: actor.user_name.clone(),
            sign_in: actor.sign_in,
            own_token_excluded,
            items: items.into_iter().map(|item| started.item(item)).collect(),
        };
        if self.0.store.start_bulk(id, run, entry).await? {
            self.run_in_background(&bulk);
        }
        Ok(())
    }

    /// The principals of the workspace, as far as they are known or can be read quickly.
    async fn directory(&self, actor: &Actor) -> Result<Arc<Directory>, Error> {
        let (workspace, timing, began) = (&actor.workspace, self.0.timing, Instant::now());
        workspace.parts.begin(actor, timing);
        workspace.parts.settle_for_page(began, timing).await;
        let parts = PartViews::of(workspace, &actor.sign_in, timing);
        Ok(workspace.assembly.access(&parts).await?.1)
    }
}

/// How the scopes of a selected token are changed, or why they are not.
fn scopes_of(kind: BulkKind, token: &Token) -> Option<Result<ScopesPlan, ScopesSkip>> {
    match kind {
        BulkKind::KeepScopes => Some(ScopesPlan::keep(token)),
        BulkKind::NarrowScopes => Some(ScopesPlan::narrow(token)),
        // Putting scopes back has a draft of its own, without a selection.
        BulkKind::Revoke | BulkKind::PutBackScopes => None,
    }
}

impl StartedTokens<'_> {
    fn item(&self, ids: DraftItem) -> NewBulkItem {
        let token = self.listed.get(&ids.token);
        let owner = ReviewedOwner::of(&ids, self.directory);
        NewBulkItem {
            comment: token.map(|token| truncated(&token.comment)).unwrap_or_default(),
            owner_kind: owner.principal_kind(),
            owner: owner.name,
            ids,
        }
    }
}
