//! Which tokens pass the filters.

use super::columns::{Columns, Creators, DAY_NONE, TokenFlags, creators};
use super::facets::{Facets, FlagFilter, ScopeCount};
use super::{Inventory, SearchText};
use crate::query::TokenQuery;

/// The filters of a query, applied as far as each is one pass over one column.
pub(super) struct FilterPass<'a> {
    columns: &'a Columns,
    /// For each token, whether it passes the filters that have no counts.
    passes: Vec<bool>,
    facts: FlagFilter,
    /// For each set of scopes, whether it has the one that is asked for. `None`: none is.
    scope_sets: Option<Vec<bool>>,
}

impl Inventory {
    pub(super) fn sieve(&self, query: &TokenQuery) -> FilterPass<'_> {
        let columns = self.columns.get_or_init(|| Columns::new(self));
        let mut passes = match query.q.as_str() {
            "" => vec![true; self.tokens.len()],
            needle => self.text.find(needle),
        };
        self.removed.clear(&mut passes);
        if !query.id.is_empty() {
            retain_where(&mut passes, self.text.second_begins(&query.id));
        }
        if !query.created_by_username.is_empty() || query.created_by_id.is_some() {
            let creators = self.creators.get_or_init(|| creators(&self.tokens));
            retain_where(&mut passes, picked(&creators.places, &creators_like(creators, query)));
        }
        if !query.owner.is_empty() {
            let owners = matching_owners(columns, &query.owner);
            retain_where(&mut passes, picked(&columns.owners.places, &owners));
        }
        for (window, days) in [(query.expires, &columns.expires), (query.used, &columns.used)] {
            if !window.is_open() {
                let window = window.days();
                retain_where(&mut passes, days.iter().map(|day| window.contains(day)));
            }
        }
        if let Some(least) = query.idle_days {
            let latest = self.as_of.day().number().saturating_sub(i32::from(least));
            let idle = |since: &i32| *since != DAY_NONE && *since <= latest;
            retain_where(&mut passes, columns.idle_since.iter().map(idle));
        }
        FilterPass {
            columns,
            passes,
            facts: FlagFilter::of(query),
            scope_sets: (!query.scope.is_empty()).then(|| scope_sets_with(columns, &query.scope)),
        }
    }
}

impl FilterPass<'_> {
    /// For each token, whether it passes all filters.
    pub(super) fn matches(&self) -> Vec<bool> {
        let mut passes = self.passes.clone();
        if self.facts.ask_anything() {
            let hold = self.facts.table();
            retain_where(
                &mut passes,
                self.columns.facts.iter().map(|facts| hold[usize::from(facts.0)]),
            );
        }
        if let Some(sets) = &self.scope_sets {
            retain_where(&mut passes, picked(&self.columns.scope_sets.places, sets));
        }
        passes
    }

    /// How many tokens each choice would show: one pass, which counts tokens by their facts and by their scopes.
    pub(super) fn facets(&self) -> Facets {
        let hold = self.facts.table();
        let sets = &self.columns.scope_sets;
        let mut by_facts = vec![0_usize; TokenFlags::COUNT];
        let mut by_set = vec![0_usize; sets.values.len()];
        let columns = self.columns.facts.iter().zip(&sets.places);
        for (passes, (facts, set)) in self.passes.iter().zip(columns) {
            let (facts, set) = (usize::from(facts.0), *set as usize);
            let in_scope = self.scope_sets.as_ref().is_none_or(|sets| sets[set]);
            by_facts[facts] += usize::from(*passes && in_scope);
            by_set[set] += usize::from(*passes && hold[facts]);
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
        Facets::new(
            self.facts.clone(),
            by_facts,
            scopes.take(Facets::MAX_SCOPES_LISTED).collect(),
        )
    }
}

fn retain_where(passes: &mut [bool], tests: impl Iterator<Item = bool>) {
    for (passes, test) in passes.iter_mut().zip(tests) {
        *passes &= test;
    }
}

/// For each place, whether it is picked.
fn picked(places: &[u32], picked: &[bool]) -> impl Iterator<Item = bool> {
    places.iter().map(move |place| picked[*place as usize])
}

/// For each owner, whether its id is `text` or one of its names holds it.
fn matching_owners(columns: &Columns, text: &str) -> Vec<bool> {
    let names: &SearchText = &columns.owner_names;
    let mut found = names.find(text);
    let exact = text.parse().ok();
    for (found, owner) in found.iter_mut().zip(&columns.owners.values) {
        *found = owner.is_some() && (*found || *owner == exact);
    }
    found
}

fn creators_like(creators: &Creators, query: &TokenQuery) -> Vec<bool> {
    let asked = query.created_by_username.to_lowercase();
    let like = |(id, name): &(_, Option<String>)| {
        (query.created_by_id.is_none() || *id == query.created_by_id)
            && (asked.is_empty() || name.as_deref() == Some(&asked))
    };
    creators.values.iter().map(like).collect()
}

fn scope_sets_with(columns: &Columns, scope: &str) -> Vec<bool> {
    let key = scope.to_lowercase();
    let place = columns.scopes.iter().position(|scope| scope.key == key);
    let place = place.and_then(|place| u32::try_from(place).ok());
    let has = |set: &Vec<u32>| place.is_some_and(|place| set.contains(&place));
    columns.scope_sets.values.iter().map(has).collect()
}
