//! Determines which tokens pass the filters.

use std::ops::RangeInclusive;

use super::Inventory;
use super::columns::{Columns, Creators, DAY_NONE, DictColumn, PartColumns, TokenFlags, creators, open_flags};
use super::facets::{Facets, FlagFilter, ScopeCount};
use super::scope_facts::ScopeFilter;
use crate::query::TokenQuery;
use crate::{ExpiryWindow, Timestamp, UnreadParts, UseWindow};

/// The filters of a query. Filters without facets have been applied, each in one pass over one column.
pub(super) struct FilterPass<'a> {
    unread: UnreadParts,
    as_of: Timestamp,
    columns: &'a Columns,
    /// For each token, whether it passes the filters without facets.
    passes: Vec<bool>,
    flags: FlagFilter,
    /// The flags that the filters test.
    flag_column: &'a DictColumn<TokenFlags>,
    /// The days of [`Columns::expires_in`] and [`Columns::used_ago`] that pass. `None` if all do.
    expires_in: Option<RangeInclusive<u8>>,
    used_ago: Option<RangeInclusive<u8>>,
    /// For each set of scopes, whether it contains the requested scope. `None` if no scope is requested.
    scope_sets: Option<Vec<bool>>,
    scope_filter: ScopeFilter,
    /// For each token, whether it passes `scope_filter`. `None` if all do.
    scopes_known: Option<Vec<bool>>,
}

impl Inventory {
    pub(super) fn filter_pass(&self, query: &TokenQuery) -> FilterPass<'_> {
        let columns = self.columns();
        let part_columns = self.part_columns();
        let mut passes = match query.q.as_str() {
            "" => vec![true; self.tokens.len()],
            needle => self.search(needle, columns, part_columns),
        };
        self.removed.clear(&mut passes);
        if !query.id.is_empty() {
            retain_where(&mut passes, self.text.second_begins(&query.id));
        }
        if !query.created_by_username.is_empty() || query.created_by_id.is_some() {
            let creators = self.creators();
            let matching = matching_creators(creators, query);
            retain_where(&mut passes, look_up(&creators.indices, &matching));
        }
        if !query.owner.is_empty() {
            let owner = self.directory.resolve(&query.owner);
            let owners = columns.owners.values.iter();
            let matching: Vec<_> = owners.map(|id| id.is_some() && *id == owner).collect();
            retain_where(&mut passes, look_up(&columns.owners.indices, &matching));
        }
        for (range, days) in [
            (query.created, &columns.created),
            (query.expires, &columns.expires),
            (query.used, &columns.used),
        ] {
            if !range.is_open() {
                let range = range.days();
                retain_where(&mut passes, days.iter().map(|day| range.contains(day)));
            }
        }
        if let Some(min_days) = query.idle_days {
            let latest = self.as_of.day().number().saturating_sub(i32::from(min_days));
            let is_idle = |since: &i32| *since != DAY_NONE && *since <= latest;
            retain_where(&mut passes, columns.idle_since.iter().map(is_idle));
        }
        if !query.lifetime.is_open() {
            let days = query.lifetime.days();
            retain_where(
                &mut passes,
                columns.lifetime.iter().map(|lifetime| days.contains(lifetime)),
            );
        }
        let scope_filter = ScopeFilter::of(query);
        FilterPass {
            unread: self.unread(),
            as_of: self.as_of,
            columns,
            flag_column: match query.without_accepted {
                true => self.open_flags(part_columns),
                false => &part_columns.flags,
            },
            passes,
            flags: FlagFilter::of(query),
            expires_in: query.expires_in.map(ExpiryWindow::days),
            used_ago: query.last_used.map(UseWindow::days),
            scope_sets: (!query.scope.is_empty()).then(|| scope_sets_with(columns, &query.scope)),
            scopes_known: scope_filter.passing(&columns.scopes_known, &self.tokens),
            scope_filter,
        }
    }
}

impl Inventory {
    /// For each token, whether its comment, its ID, or a name of its owner or creator contains `needle`.
    fn search(&self, needle: &str, columns: &Columns, part_columns: &PartColumns) -> Vec<bool> {
        let mut passes = self.text.find(needle);
        let owners = part_columns.owner_names.find(needle);
        add_where(&mut passes, look_up(&columns.owners.indices, &owners));
        let (creators, lowercase) = (self.creators(), needle.to_lowercase());
        let contains_needle = |name: &Option<String>| name.as_ref().is_some_and(|name| name.contains(&lowercase));
        let matching: Vec<_> = creators.values.iter().map(|(_, name)| contains_needle(name)).collect();
        add_where(&mut passes, look_up(&creators.indices, &matching));
        passes
    }

    /// The flags without accepted findings.
    pub(super) fn open_flags<'a>(&'a self, parts: &'a PartColumns) -> &'a DictColumn<TokenFlags> {
        match self.accepted.is_empty() {
            true => &parts.flags,
            false => self
                .open_flags
                .get_or_init(|| open_flags(&parts.flags, &self.tokens, &self.accepted)),
        }
    }

    fn creators(&self) -> &Creators {
        self.creators.get_or_init(|| creators(&self.tokens))
    }
}

impl FilterPass<'_> {
    /// For each token, whether it passes all filters.
    pub(super) fn matches(&self) -> Vec<bool> {
        let mut passes = self.passes.clone();
        if self.flags.is_active() {
            let matching = self.flags.table(&self.flag_column.values);
            retain_where(&mut passes, look_up(&self.flag_column.indices, &matching));
        }
        for (days, column) in [
            (&self.expires_in, &self.columns.expires_in),
            (&self.used_ago, &self.columns.used_ago),
        ] {
            if let Some(days) = days {
                retain_where(&mut passes, column.iter().map(|day| days.contains(day)));
            }
        }
        if let Some(sets) = &self.scope_sets {
            retain_where(&mut passes, look_up(&self.columns.scope_sets.indices, sets));
        }
        if let Some(known) = &self.scopes_known {
            retain_where(&mut passes, known.iter().copied());
        }
        passes
    }

    /// How many tokens each option would show. One pass counts, for each filter with facets, the tokens that pass all
    /// other filters.
    pub(super) fn facets(&self) -> Facets {
        let matching = self.flags.table(&self.flag_column.values);
        let sets = &self.columns.scope_sets;
        let mut by_flags = vec![0_usize; self.flag_column.values.len()];
        let mut by_set = vec![0_usize; sets.values.len()];
        let mut by_expiry = [0_usize; ExpiryWindow::DAYS];
        let mut by_use = [0_usize; UseWindow::DAYS];
        let facts = &self.columns.scopes_known;
        let mut by_facts = vec![0_usize; facts.values.len()];
        let is_within = |days: &Option<RangeInclusive<u8>>, day| days.as_ref().is_none_or(|days| days.contains(&day));
        let days = self.columns.expires_in.iter().zip(&self.columns.used_ago);
        let columns = self.flag_column.indices.iter().zip(&sets.indices).zip(days);
        let columns = columns.zip(&facts.indices);
        let rows = self.passes.iter().zip(columns).enumerate();
        for (i, (_, (((flags, set), (expires_in, used_ago)), facts))) in rows.filter(|(_, (passes, _))| **passes) {
            let (flags, set) = (*flags as usize, *set as usize);
            let is_known = self.scopes_known.as_ref().is_none_or(|known| known[i]);
            let by_flag = matching[flags];
            let is_scope = self.scope_sets.as_ref().is_none_or(|sets| sets[set]);
            let in_scope = is_scope && is_known;
            let (expires, used) = (
                is_within(&self.expires_in, *expires_in),
                is_within(&self.used_ago, *used_ago),
            );
            by_flags[flags] += usize::from(in_scope && expires && used);
            by_set[set] += usize::from(by_flag && expires && used && is_known);
            by_facts[usize::from(*facts)] += usize::from(by_flag && expires && used && is_scope);
            by_expiry[usize::from(*expires_in)] += usize::from(by_flag && in_scope && used);
            by_use[usize::from(*used_ago)] += usize::from(by_flag && in_scope && expires);
        }
        let mut by_scope = vec![0; self.columns.scopes.len()];
        for (set, tokens) in sets.values.iter().zip(by_set) {
            for scope in set {
                by_scope[*scope as usize] += tokens;
            }
        }
        let scopes = self.columns.scopes.iter().zip(by_scope);
        let scopes = scopes.map(|(scope, tokens)| ScopeCount {
            name: scope.name.clone(),
            tokens,
        });
        let by_flags = self.flag_column.values.iter().copied().zip(by_flags);
        Facets {
            unread: self.unread,
            as_of: self.as_of,
            chosen: self.flags.clone(),
            by_flags: by_flags.collect(),
            by_expiry,
            by_use,
            scope_filter: self.scope_filter.clone(),
            by_scope_facts: facts.counted(&by_facts),
            scopes: scopes.take(Facets::MAX_SCOPES_LISTED).collect(),
        }
    }
}

fn retain_where(passes: &mut [bool], tests: impl Iterator<Item = bool>) {
    for (passes, test) in passes.iter_mut().zip(tests) {
        *passes &= test;
    }
}

fn add_where(passes: &mut [bool], tests: impl Iterator<Item = bool>) {
    for (passes, test) in passes.iter_mut().zip(tests) {
        *passes |= test;
    }
}

/// For each token, the entry of `matching` at that token's index.
fn look_up(indices: &[u32], matching: &[bool]) -> impl Iterator<Item = bool> {
    indices.iter().map(move |index| matching[*index as usize])
}

/// For each creator, whether they have the requested ID and username.
fn matching_creators(creators: &Creators, query: &TokenQuery) -> Vec<bool> {
    let username = query.created_by_username.to_lowercase();
    let matches = |(id, name): &(_, Option<String>)| {
        (query.created_by_id.is_none() || *id == query.created_by_id)
            && (username.is_empty() || name.as_deref() == Some(&username))
    };
    creators.values.iter().map(matches).collect()
}

/// For each scope set, whether it contains `scope`.
fn scope_sets_with(columns: &Columns, scope: &str) -> Vec<bool> {
    let key = scope.to_lowercase();
    let index = columns.scopes.iter().position(|scope| scope.key == key);
    let index = index.and_then(|index| u32::try_from(index).ok());
    let has = |set: &Vec<u32>| index.is_some_and(|index| set.contains(&index));
    columns.scope_sets.values.iter().map(has).collect()
}
