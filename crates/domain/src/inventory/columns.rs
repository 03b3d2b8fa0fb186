//! The values that filters test, in compact columns with one entry per token. They are built once. A filter is one pass
//! over one column, and a text that many tokens share is tested once.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use rustc_hash::FxBuildHasher;

use super::scope_facts::ScopeColumn;
use super::{Inventory, SearchText};
use crate::finding::{TextFacts, finding_kinds, is_blank};
use crate::query::lifetime_days;
use crate::scopes::ScopeGrants;
use crate::{
    ALL_APIS, AcceptedFindings, Day, Expiry, ExpiryWindow, FindingKind, KindSet, Owner, PrincipalId, PrincipalKind,
    Status, Timestamp, Token, UseWindow,
};

/// The value for a missing day.
pub(super) const DAY_NONE: i32 = i32::MIN;

/// A token's findings, status, kind of owner, and whether someone other than the owner created it, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct TokenFlags(u32);

impl TokenFlags {
    const STATUS: u32 = FindingKind::ALL.len() as u32;
    const OWNER_KIND: u32 = Self::STATUS + 2;
    const BY_OTHER: u32 = Self::OWNER_KIND + 2;

    fn new(findings: KindSet, status: Status, owner_kind: Option<PrincipalKind>, by_other: bool) -> Self {
        let status = (status as u32) << Self::STATUS;
        let owner_kind = owner_kind.map_or(0, |kind| kind as u32 + 1) << Self::OWNER_KIND;
        Self(findings.0 | status | owner_kind | u32::from(by_other) << Self::BY_OTHER)
    }

    /// The findings.
    pub(super) const fn findings(self) -> KindSet {
        KindSet(self.0 & ((1 << Self::STATUS) - 1))
    }

    /// The flags without these findings.
    const fn without(self, findings: KindSet) -> Self {
        Self(self.0 & !findings.0)
    }

    pub(super) const fn has_status(self, status: Status) -> bool {
        self.0 >> Self::STATUS & 3 == status as u32
    }

    pub(super) const fn has_owner_of(self, kind: PrincipalKind) -> bool {
        self.0 >> Self::OWNER_KIND & 3 == kind as u32 + 1
    }

    pub(super) const fn is_by_other(self) -> bool {
        self.0 >> Self::BY_OTHER & 1 == 1
    }
}

/// A column that stores each distinct value once.
#[derive(Debug)]
pub(super) struct DictColumn<T> {
    /// For each token, the index of its value in `values`.
    pub(super) indices: Vec<u32>,
    pub(super) values: Vec<T>,
}

impl<T: Copy + Eq + Hash> DictColumn<T> {
    fn new<S: BuildHasher + Default>(all: impl ExactSizeIterator<Item = T>) -> Self {
        let mut known = HashMap::<T, u32, S>::default();
        let mut values = Vec::new();
        let mut indices = Vec::with_capacity(all.len());
        for value in all {
            let index = *known.entry(value).or_insert_with(|| {
                values.push(value);
                u32::try_from(values.len() - 1).unwrap_or(u32::MAX)
            });
            indices.push(index);
        }
        Self { indices, values }
    }
}

impl<T> DictColumn<T> {
    fn map<U>(self, f: impl Fn(T) -> U) -> DictColumn<U> {
        DictColumn {
            indices: self.indices,
            values: self.values.into_iter().map(f).collect(),
        }
    }
}

/// A scope that at least one token has.
#[derive(Debug)]
pub(super) struct Scope {
    /// Its name, as the workspace spells it.
    pub(super) name: String,
    /// Its name in lower case.
    pub(super) key: String,
    /// How many tokens have it.
    tokens: usize,
}

/// Columns with one entry for each token, in the order of the tokens.
#[derive(Debug)]
pub(super) struct Columns {
    /// The day of the creation.
    pub(super) created: Vec<i32>,
    /// The 24-hour period, counted from now, in which the token expires; see [`ExpiryWindow::day_of`].
    pub(super) expires_in: Vec<u8>,
    /// How many days ago the token was last used; see [`UseWindow::day_of`].
    pub(super) used_ago: Vec<u8>,
    /// The day on which the token expires.
    pub(super) expires: Vec<i32>,
    /// The day of the last use.
    pub(super) used: Vec<i32>,
    /// The day from which idle days are counted.
    pub(super) idle_since: Vec<i32>,
    /// See [`lifetime_days`].
    pub(super) lifetime: Vec<u32>,
    pub(super) owners: DictColumn<Option<PrincipalId>>,
    /// Sets of indices in `scopes`.
    pub(super) scope_sets: DictColumn<Vec<u32>>,
    /// What each of these scope sets allows.
    scope_grants: Vec<ScopeGrants>,
    /// The distinct scopes, most common first.
    pub(super) scopes: Vec<Scope>,
    /// What is known about the scopes.
    pub(super) scopes_known: ScopeColumn,
}

impl Columns {
    pub(super) fn new(tokens: &[Token], now: Timestamp) -> Self {
        let raw_sets = DictColumn::new::<RandomState>(tokens.iter().map(|t| t.scopes.as_deref()));
        let scope_grants = raw_sets.values.iter().map(|set| ScopeGrants::of(*set)).collect();
        let (scope_sets, scopes) = scopes(raw_sets);
        let today = now.day();
        let expires_in = tokens.iter().map(|t| ExpiryWindow::day_of(t.expiry, now));
        let used_ago = tokens.iter().map(|t| UseWindow::day_of(t.last_used, today));
        Self {
            created: days(tokens, |t| t.created.map(Timestamp::day)),
            expires_in: expires_in.collect(),
            used_ago: used_ago.collect(),
            expires: days(tokens, |t| match t.expiry {
                Expiry::At(end) => Some(end.day()),
                _ => None,
            }),
            used: days(tokens, |t| t.last_used),
            idle_since: days(tokens, |t| t.last_used.or(t.created.map(Timestamp::day))),
            lifetime: tokens.iter().map(lifetime_days).collect(),
            owners: DictColumn::new::<FxBuildHasher>(tokens.iter().map(|t| t.owner)),
            scope_sets,
            scope_grants,
            scopes,
            scopes_known: ScopeColumn::new(tokens, now),
        }
    }
}

/// The columns that depend on data from other calls.
#[derive(Debug)]
pub(super) struct PartColumns {
    pub(super) flags: DictColumn<TokenFlags>,
    /// The two names of each distinct owner.
    pub(super) owner_names: SearchText,
}

impl PartColumns {
    pub(super) fn new(inventory: &Inventory) -> Self {
        let columns = inventory.columns();
        let names = columns
            .owners
            .values
            .iter()
            .map(|id| match inventory.directory.owner(*id) {
                Owner::Known(principal) => (principal.name.as_str(), principal.display_name.as_str()),
                _ => ("", ""),
            });
        Self {
            flags: flags(inventory, columns),
            owner_names: SearchText::new(names),
        }
    }
}

/// The ID of each creator, and their name in lower case.
pub(super) type Creators = DictColumn<(Option<PrincipalId>, Option<String>)>;

/// Who created each token. Not part of [`Columns`]: reading so many names costs more than all those columns together,
/// so this is built when a filter first needs it.
pub(super) fn creators(tokens: &[Token]) -> Creators {
    let creators = tokens.iter().map(|t| (t.creator, t.creator_name.as_deref()));
    DictColumn::new::<RandomState>(creators).map(|(id, name)| (id, name.map(str::to_lowercase)))
}

fn days(tokens: &[Token], day: impl Fn(&Token) -> Option<Day>) -> Vec<i32> {
    tokens.iter().map(|t| day(t).map_or(DAY_NONE, Day::number)).collect()
}

/// The flags of each token. Each owner is looked up once.
fn flags(inventory: &Inventory, columns: &Columns) -> DictColumn<TokenFlags> {
    let known: Vec<_> = columns
        .owners
        .values
        .iter()
        .map(|id| (inventory.directory.owner(*id), inventory.permission_of(*id)))
        .collect();
    let now = inventory.as_of;
    let indices = columns.owners.indices.iter().zip(&columns.scope_sets.indices);
    let each = inventory.tokens.iter().zip(indices).zip(inventory.text.firsts());
    let flags = each.map(|((token, (owner, scopes)), comment)| {
        let (owner, can_use) = known[*owner as usize];
        let texts = TextFacts {
            grants: columns.scope_grants[*scopes as usize],
            is_comment_blank: is_blank(comment),
        };
        let kind = match owner {
            Owner::Known(principal) => Some(principal.kind),
            _ => None,
        };
        let findings = finding_kinds(token, texts, owner, inventory.limit, can_use, now);
        TokenFlags::new(findings, token.status(now), kind, token.on_behalf_of())
    });
    DictColumn::new::<FxBuildHasher>(flags)
}

/// The flags of each token without its accepted findings.
pub(super) fn open_flags(
    flags: &DictColumn<TokenFlags>,
    tokens: &[Token],
    accepted: &AcceptedFindings,
) -> DictColumn<TokenFlags> {
    let each = tokens.iter().zip(&flags.indices);
    let open = each.map(|(token, index)| {
        let flags = flags.values[*index as usize];
        flags.without(accepted.among(&token.id, flags.findings()))
    });
    DictColumn::new::<FxBuildHasher>(open)
}

/// The scopes of each token, and all distinct scopes.
fn scopes(sets: DictColumn<Option<&[String]>>) -> (DictColumn<Vec<u32>>, Vec<Scope>) {
    let mut counts = vec![0; sets.values.len()];
    for index in &sets.indices {
        counts[*index as usize] += 1;
    }
    let default = [ALL_APIS.to_owned()];
    let names = |set: &Option<&[String]>| match set {
        Some(names) if !names.is_empty() => names.to_vec(),
        // What an empty list allows is unknown, so it counts as full access.
        _ => default.to_vec(),
    };
    let mut by_key = HashMap::<String, Scope>::new();
    for (set, count) in sets.values.iter().zip(counts) {
        let mut keys: Vec<_> = names(set).into_iter().map(|name| (name.to_lowercase(), name)).collect();
        keys.sort_unstable();
        keys.dedup_by(|a, b| a.0 == b.0);
        for (key, name) in keys {
            let scope = by_key.entry(key.clone()).or_insert(Scope { name, key, tokens: 0 });
            scope.tokens += count;
        }
    }
    let mut scopes: Vec<_> = by_key.into_values().collect();
    scopes.sort_unstable_by(|a, b| b.tokens.cmp(&a.tokens).then_with(|| a.key.cmp(&b.key)));
    let indices: HashMap<_, _> = scopes.iter().zip(0_u32..).map(|(s, i)| (s.key.clone(), i)).collect();
    let sets = sets.map(|set| {
        let mut all: Vec<u32> = names(&set)
            .iter()
            .filter_map(|name| indices.get(&name.to_lowercase()).copied())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    });
    (sets, scopes)
}
