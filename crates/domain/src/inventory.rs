//! All tokens of a workspace at one moment, indexed to find one page without reading the other pages: filtering,
//! sorting and paging 100 000 tokens costs little more than one scan of their text, with any filters.

mod columns;
mod counts;
mod facets;
mod filter_pass;
mod finding_counts;
mod id_index;
mod lifetimes;
mod neighbours;
mod order;
mod page;
mod scope_facts;
mod search_text;
mod selected;
mod weeks;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use crate::access::TokenAccess;
use crate::query::{Sort, SortKey, TOKENS_PAGE_SIZE, TokenQuery};
use crate::token_usage::recently_used;
use crate::{
    AcceptedFindings, Directory, Known, MaxLifetime, Owner, PrincipalId, Status, Timestamp, Token, TokenCount,
    TokenFindings, TokenId, TokenUsage, UnreadPart, UnreadParts, finding, findings,
};
use columns::{Columns, Creators, DictColumn, PartColumns, TokenFlags};
use counts::RowCounts;
use finding_counts::FindingCounts;
use id_index::{IdIndex, Tombstones};
use search_text::SearchText;

pub use counts::{Counter, Counts};
pub use facets::{Facets, ScopeCount};
pub use lifetimes::{LifetimeBar, Lifetimes};
pub use neighbours::Neighbours;
pub use page::{ActiveTokens, ListedPage, TokenPage};
pub use scope_facts::ScopeNumbers;
pub use weeks::{ExpiryWeek, ExpiryWeeks};

/// The tokens of a workspace at one moment, with its principals and its limit on new tokens.
///
/// Some data can be missing ([`UnreadPart`]). Values that depend on it are [`Known`] or not. A filter that depends on
/// it returns no list at all, rather than an empty list.
///
/// Tokens and indexes are shared with the inventories that [`Self::excluding`] derives from this one: there may be half
/// a million tokens, of which a thousand may be revoked one after another.
#[derive(Debug)]
pub struct Inventory {
    as_of: Timestamp,
    /// All tokens that were read. Code that iterates over them has to skip the positions in `removed`.
    tokens: Arc<Vec<Token>>,
    removed: Tombstones,
    directory: Arc<Directory>,
    limit: Known<MaxLifetime>,
    access: Known<Arc<TokenAccess>>,
    has_unreadable_rows: bool,
    counts: RowCounts,
    text: Arc<SearchText>,
    /// The sorted positions, by [`Sort::index`].
    orders: [Arc<OnceLock<Vec<u32>>>; Sort::COUNT],
    id_index: Arc<OnceLock<IdIndex>>,
    active_by_owner: OnceLock<FxHashMap<PrincipalId, ActiveTokens>>,
    columns: Arc<OnceLock<Columns>>,
    part_columns: Arc<OnceLock<PartColumns>>,
    creators: Arc<OnceLock<Creators>>,
    /// The facets of the list without filters.
    facets: OnceLock<Facets>,
    accepted: Arc<AcceptedFindings>,
    /// The flags of [`PartColumns`], without accepted findings.
    open_flags: OnceLock<DictColumn<TokenFlags>>,
    finding_counts: OnceLock<FindingCounts>,
    scope_numbers: OnceLock<ScopeNumbers>,
}

impl Inventory {
    /// Indexes `tokens`, which were read at `as_of`. Who can use tokens is unknown until [`Self::with_parts`] is
    /// called.
    pub fn new(tokens: Vec<Token>, directory: Arc<Directory>, limit: Known<MaxLifetime>, as_of: Timestamp) -> Self {
        let pairs = tokens.iter().map(|t| (t.comment.as_str(), t.id.as_str()));
        let text = Arc::new(SearchText::new(pairs));
        Self {
            as_of,
            counts: RowCounts::of(&tokens, as_of),
            directory,
            limit,
            access: Known::NotAvailable(UnreadPart::Permissions),
            has_unreadable_rows: false,
            text,
            tokens: Arc::new(tokens),
            removed: Tombstones::default(),
            orders: Default::default(),
            id_index: Arc::default(),
            active_by_owner: OnceLock::new(),
            columns: Arc::default(),
            part_columns: Arc::default(),
            creators: Arc::default(),
            facets: OnceLock::new(),
            accepted: Arc::default(),
            open_flags: OnceLock::new(),
            finding_counts: OnceLock::new(),
            scope_numbers: OnceLock::new(),
        }
    }

    /// The inventory of the same tokens, extended by data from other calls. Whatever does not depend on that data is
    /// shared.
    #[must_use]
    pub fn with_parts(
        &self,
        directory: Arc<Directory>,
        limit: Known<MaxLifetime>,
        access: Known<Arc<TokenAccess>>,
    ) -> Self {
        let mut orders = self.orders.clone();
        for sort in Sort::all().filter(|sort| sort.key == SortKey::Owner) {
            orders[sort.index()] = Arc::default();
        }
        Self {
            directory,
            limit,
            access,
            orders,
            part_columns: Arc::default(),
            ..self.clone_shared()
        }
    }

    /// A copy of this inventory. What is built on first use is shared, unless removed tokens affect it.
    fn clone_shared(&self) -> Self {
        Self {
            as_of: self.as_of,
            tokens: Arc::clone(&self.tokens),
            removed: self.removed.clone(),
            directory: Arc::clone(&self.directory),
            limit: self.limit,
            access: self.access.clone(),
            has_unreadable_rows: self.has_unreadable_rows,
            counts: self.counts,
            text: Arc::clone(&self.text),
            orders: self.orders.clone(),
            id_index: Arc::clone(&self.id_index),
            active_by_owner: OnceLock::new(),
            columns: Arc::clone(&self.columns),
            part_columns: Arc::clone(&self.part_columns),
            creators: Arc::clone(&self.creators),
            facets: OnceLock::new(),
            accepted: Arc::clone(&self.accepted),
            open_flags: OnceLock::new(),
            finding_counts: OnceLock::new(),
            scope_numbers: OnceLock::new(),
        }
    }

    /// Sets whether the list contained rows that could not be read.
    #[must_use]
    pub fn with_unreadable_rows(self, has_unreadable_rows: bool) -> Self {
        Self {
            has_unreadable_rows,
            facets: OnceLock::new(),
            ..self
        }
    }

    /// The limit on the lifetime of new tokens.
    pub fn limit(&self) -> Known<MaxLifetime> {
        self.limit
    }

    /// Who can use tokens, if that is known.
    pub fn access(&self) -> Option<&Arc<TokenAccess>> {
        self.access.as_ref().known()
    }

    /// Who can use tokens, or which data could not be read.
    pub fn known_access(&self) -> &Known<Arc<TokenAccess>> {
        &self.access
    }

    /// The data that could not be read. A workspace without tokens has no permissions, so they cannot be missing.
    pub fn unread(&self) -> UnreadParts {
        let unread_access = match &self.access {
            Known::Known(access) if access.permitted.unresolved.is_empty() => None,
            // Without names, group members are unknown too: report that as one gap.
            Known::Known(_) => Some(UnreadPart::Groups).filter(|_| self.directory.is_complete()),
            Known::NotAvailable(part) => Some(*part),
        };
        let unread = UnreadParts::default()
            .with(UnreadPart::Names, !self.directory.is_complete())
            .with(UnreadPart::Policy, self.limit.missing().is_some())
            .with(UnreadPart::Rows, self.has_unreadable_rows);
        match unread_access.filter(|_| self.counts.total > 0) {
            Some(part) => unread.with(part, true),
            None => unread,
        }
    }

    /// The inventory without the tokens in `ids`, to hide revoked tokens. The cost depends on the number of IDs, not on
    /// the number of tokens.
    #[must_use]
    pub fn excluding<'a>(&self, ids: impl IntoIterator<Item = &'a TokenId>) -> Self {
        let (mut removed, mut counts) = (self.removed.clone(), self.counts);
        for position in ids.into_iter().filter_map(|id| self.position_of(id)) {
            if removed.insert(position as usize) {
                let token = &self.tokens[position as usize];
                counts = counts.minus(RowCounts::of([token], self.as_of));
            }
        }
        Self {
            removed,
            counts,
            ..self.clone_shared()
        }
    }

    /// When the workspace sent the list.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// All tokens, in the workspace's order.
    pub fn tokens(&self) -> impl Iterator<Item = &Token> {
        let all = self.tokens.iter().enumerate();
        all.filter(|(i, _)| !self.removed.has(*i)).map(|(_, token)| token)
    }

    /// The principals of the workspace, with the names of the owners.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// The token with this ID.
    pub fn get(&self, id: &TokenId) -> Option<&Token> {
        Some(&self.tokens[self.position_of(id)? as usize])
    }

    /// The IDs of all tokens, including removed ones, that this handle in a URL could stand for.
    pub fn ids_with_handle(&self, handle: &str) -> Vec<&TokenId> {
        let index = self.id_index.get_or_init(|| IdIndex::new(&self.tokens));
        index.ids_with_handle(handle, &self.tokens)
    }

    /// The short form of an ID in URLs of a page with many: the handle. It is the whole ID if that is not a hash, or if
    /// the handle is ambiguous.
    pub fn short_id(&self, id: &TokenId) -> TokenId {
        match id.is_hash() && self.ids_with_handle(&id.handle()) == [id] {
            true => TokenId::new(id.handle()),
            false => id.clone(),
        }
    }

    /// The position of the token with this ID among all tokens that were read, including removed ones. It stays the
    /// same until the list is reloaded. The index is built on first use.
    pub fn position_of(&self, id: &TokenId) -> Option<u32> {
        let index = self.id_index.get_or_init(|| IdIndex::new(&self.tokens));
        let position = index.position_of(id, &self.tokens)?;
        (!self.removed.has(position as usize)).then_some(position)
    }

    /// What is known about a token's owner.
    pub fn owner(&self, token: &Token) -> Owner<'_> {
        self.directory.owner(token.owner)
    }

    /// The findings of a token at [`Self::as_of`].
    pub fn findings(&self, token: &Token) -> TokenFindings {
        let can_use = self.permission_of(token.owner);
        findings(token, self.owner(token), self.limit, can_use, self.as_of)
    }

    /// Whether an owner can use tokens.
    fn permission_of(&self, owner: Option<PrincipalId>) -> Known<bool> {
        permission_of(&self.access, &self.directory, owner)
    }

    /// How many active tokens an owner has. All owners are counted on first use.
    pub fn active_tokens_of(&self, owner: PrincipalId) -> ActiveTokens {
        self.active_by_owner().get(&owner).copied().unwrap_or_default()
    }

    fn active_by_owner(&self) -> &FxHashMap<PrincipalId, ActiveTokens> {
        self.active_by_owner.get_or_init(|| {
            let mut by_owner = FxHashMap::<_, ActiveTokens>::default();
            for token in self.tokens().filter(|t| t.status(self.as_of) == Status::Active) {
                if let Some(owner) = token.owner {
                    let count = by_owner.entry(owner).or_default();
                    count.tokens += 1;
                    count.recently_used += usize::from(recently_used(token, self.as_of));
                }
            }
            by_owner
        })
    }

    /// The columns, which are built on first use.
    fn columns(&self) -> &Columns {
        self.columns.get_or_init(|| Columns::new(&self.tokens, self.as_of))
    }

    /// The columns that depend on data from other calls, built on first use.
    fn part_columns(&self) -> &PartColumns {
        self.part_columns.get_or_init(|| PartColumns::new(self))
    }

    /// The owners that are not in the directory, although all principals were read.
    pub fn unknown_owners(&self) -> Vec<PrincipalId> {
        let owners = self.columns().owners.values.iter();
        let unknown = owners.filter(|owner| matches!(self.directory.owner(**owner), Owner::Unknown(_)));
        unknown.copied().flatten().collect()
    }

    /// How many active tokens have a longer lifetime than `limit` allows for new tokens.
    pub fn exceeding(&self, limit: MaxLifetime) -> TokenCount {
        let active = self.tokens().filter(|t| t.status(self.as_of) == Status::Active);
        self.unread()
            .count(active.filter(|t| finding::outlives(t, limit)).count())
    }

    /// The usage of all active tokens: what would stop if they stopped working.
    pub fn usage(&self) -> TokenUsage {
        TokenUsage::of(self.tokens(), &self.directory, self.unread(), self.as_of)
    }

    /// How many tokens pass the filters; 0 if the filters need something that was not read.
    pub fn matching_count(&self, query: &TokenQuery) -> usize {
        self.page(query).known().map_or(0, |page| page.matching)
    }

    /// One page of the tokens that pass the filters, in order.
    pub fn page(&self, query: &TokenQuery) -> Known<TokenPage<'_>> {
        self.readable(query).map(|()| {
            let passing = self.matches(query);
            self.page_of(query, passing.as_deref())
        })
    }

    /// One page for people to look at, with the number of tokens for each filter option. Filters that cannot be applied
    /// are left out and named.
    pub fn listed_page(&self, query: &TokenQuery) -> ListedPage<'_> {
        let (left_out, query) = (
            self.unread().filters(query),
            self.unread().without_unread_filters(query),
        );
        let (page, facets) = if query.is_filtered() {
            let pass = self.filter_pass(&query);
            (self.page_of(&query, Some(&pass.matches())), pass.facets())
        } else {
            let facets = self
                .facets
                .get_or_init(|| self.filter_pass(&TokenQuery::default()).facets());
            let passing = self.matches(&query);
            (self.page_of(&query, passing.as_deref()), facets.clone())
        };
        let is_owner_unknown = !query.owner.is_empty() && self.directory.resolve(&query.owner).is_none();
        ListedPage {
            query,
            left_out,
            page,
            facets,
            is_owner_unknown,
        }
    }

    /// The positions of the tokens that pass the filters, on all pages and in order; see [`Self::at`].
    pub fn matching(&self, query: &TokenQuery) -> Known<Vec<u32>> {
        self.readable(query).map(|()| {
            let passing = self.matches(query);
            let passes = |i: &u32| passing.as_ref().is_none_or(|p| p[*i as usize]);
            self.order(query.sort).iter().copied().filter(passes).collect()
        })
    }

    /// Whether all data that the filters need was read.
    fn readable(&self, query: &TokenQuery) -> Known<()> {
        let unread = self.unread().filters(query).into_iter().next();
        unread.map_or(Known::Known(()), |(_, part)| Known::NotAvailable(part))
    }

    /// The token at a position.
    pub fn at(&self, position: u32) -> Option<&Token> {
        self.tokens.get(position as usize)
    }

    /// One page of the tokens whose entry in `passing` is true; of all tokens if it is `None`.
    fn page_of(&self, query: &TokenQuery, passing: Option<&[bool]>) -> TokenPage<'_> {
        let matching = passing.map_or(self.tokens.len(), |p| p.iter().filter(|passes| **passes).count());
        let pages = matching.div_ceil(TOKENS_PAGE_SIZE).max(1);
        let number = query.page.min(pages - 1);
        let order = self.order(query.sort).iter().map(|i| *i as usize);
        let rows = order.filter(|i| passing.is_none_or(|p| p[*i]));
        let rows = rows.skip(number * TOKENS_PAGE_SIZE).take(TOKENS_PAGE_SIZE);
        let tokens = rows.map(|i| &self.tokens[i]).collect();
        TokenPage {
            tokens,
            matching,
            number,
            pages,
        }
    }

    /// Whether a token was used today or on one of the seven days before.
    pub fn is_recent(&self, token: &Token) -> bool {
        recently_used(token, self.as_of)
    }

    /// For each token that was read, whether it passes the filters and is not removed; `None` if all do.
    fn matches(&self, query: &TokenQuery) -> Option<Vec<bool>> {
        let all = !query.is_filtered() && self.removed.is_empty();
        (!all).then(|| self.filter_pass(query).matches())
    }
}

/// Whether an owner can use tokens, according to `access`.
pub fn permission_of(
    access: &Known<Arc<TokenAccess>>,
    directory: &Directory,
    owner: Option<PrincipalId>,
) -> Known<bool> {
    let access = match access {
        Known::Known(access) => access,
        Known::NotAvailable(part) => return Known::NotAvailable(*part),
    };
    match owner.and_then(|owner| access.can_use(owner)) {
        Some(can_use) => Known::Known(can_use),
        None if owner.is_some_and(|owner| directory.get(owner).is_some()) => Known::NotAvailable(UnreadPart::Groups),
        None => Known::NotAvailable(UnreadPart::Names),
    }
}

#[cfg(test)]
mod tests;
