//! What filters look at, in small columns beside the tokens, made once for a snapshot: a filter is one pass over one of
//! them, and texts that many tokens share are looked at once.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use rustc_hash::FxBuildHasher;

use super::{Inventory, SearchText};
use crate::query::ALL_SCOPES;
use crate::{Day, Expiry, FindingKind, Owner, PrincipalId, PrincipalKind, Status, Timestamp, Token, findings};

/// The day of what has none.
pub(super) const DAY_NONE: i32 = i32::MIN;

/// What a token is, in bits: its marks, status, kind of owner, and whether somebody else made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TokenFlags(pub(super) u16);

impl TokenFlags {
    const STATUS: u32 = FindingKind::ALL.len() as u32;
    const OWNER_KIND: u32 = Self::STATUS + 2;
    const BY_OTHER: u32 = Self::OWNER_KIND + 2;

    /// How many there can be.
    pub(super) const COUNT: usize = 1 << (Self::BY_OTHER + 1);

    fn new(marks: u16, status: Status, owner_kind: Option<PrincipalKind>, by_other: bool) -> Self {
        let kind = owner_kind.map_or(0, |kind| kind as u16 + 1);
        Self(marks | (status as u16) << Self::STATUS | kind << Self::OWNER_KIND | u16::from(by_other) << Self::BY_OTHER)
    }

    /// The bit of a mark.
    pub(super) const fn finding(kind: FindingKind) -> u16 {
        1 << kind as u16
    }

    pub(super) fn has_status(self, status: Status) -> bool {
        self.0 >> Self::STATUS & 3 == status as u16
    }

    pub(super) fn has_owner_of(self, kind: PrincipalKind) -> bool {
        self.0 >> Self::OWNER_KIND & 3 == kind as u16 + 1
    }

    pub(super) fn is_by_other(self) -> bool {
        self.0 >> Self::BY_OTHER & 1 == 1
    }
}

/// A column of places in a list of what differs.
#[derive(Debug)]
pub(super) struct DictColumn<T> {
    pub(super) places: Vec<u32>,
    pub(super) values: Vec<T>,
}

impl<T: Copy + Eq + Hash> DictColumn<T> {
    fn new<S: BuildHasher + Default>(all: impl ExactSizeIterator<Item = T>) -> Self {
        let mut known = HashMap::<T, u32, S>::default();
        let mut values = Vec::new();
        let mut places = Vec::with_capacity(all.len());
        for value in all {
            let place = *known.entry(value).or_insert_with(|| {
                values.push(value);
                u32::try_from(values.len() - 1).unwrap_or(u32::MAX)
            });
            places.push(place);
        }
        Self { places, values }
    }
}

impl<T> DictColumn<T> {
    fn map<U>(self, f: impl Fn(T) -> U) -> DictColumn<U> {
        DictColumn {
            places: self.places,
            values: self.values.into_iter().map(f).collect(),
        }
    }
}

/// A scope that tokens hold.
#[derive(Debug)]
pub(super) struct Scope {
    /// As the workspace writes it.
    pub(super) name: String,
    /// The same in lower case.
    pub(super) key: String,
    /// Tokens that hold it.
    tokens: usize,
}

/// One entry for each token, in the order of the tokens.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) facts: Vec<TokenFlags>,
    /// The day of the end.
    pub(super) expires: Vec<i32>,
    /// The day of the last use.
    pub(super) used: Vec<i32>,
    /// The day from which idleness is counted.
    pub(super) idle_since: Vec<i32>,
    pub(super) owners: DictColumn<Option<PrincipalId>>,
    /// The two names of each of the owners.
    pub(super) owner_names: SearchText,
    /// Places in `scopes`.
    pub(super) scope_sets: DictColumn<Vec<u32>>,
    /// The most common first.
    pub(super) scopes: Vec<Scope>,
}

impl Columns {
    pub(super) fn new(inventory: &Inventory) -> Self {
        let tokens = inventory.tokens.as_slice();
        let owners = DictColumn::new::<FxBuildHasher>(tokens.iter().map(|t| t.owner));
        let (scope_sets, scopes) = scopes(tokens);
        let names = owners.values.iter().map(|id| match inventory.directory.owner(*id) {
            Owner::Known(principal) => (principal.name.as_str(), principal.display_name.as_str()),
            _ => ("", ""),
        });
        Self {
            facts: facts(inventory, &owners),
            expires: days(tokens, |t| match t.expiry {
                Expiry::At(end) => Some(end.day()),
                _ => None,
            }),
            used: days(tokens, |t| t.last_used),
            idle_since: days(tokens, |t| t.last_used.or(t.created.map(Timestamp::day))),
            owner_names: SearchText::new(names),
            owners,
            scope_sets,
            scopes,
        }
    }
}

/// Id and name in lower case.
pub(super) type Creators = DictColumn<(Option<PrincipalId>, Option<String>)>;

/// Who made each token. Made when it is first asked for: reading so many names costs more than all columns together.
pub(super) fn creators(tokens: &[Token]) -> Creators {
    let creators = tokens.iter().map(|t| (t.creator, t.creator_name.as_deref()));
    DictColumn::new::<RandomState>(creators).map(|(id, name)| (id, name.map(str::to_lowercase)))
}

fn days(tokens: &[Token], day: impl Fn(&Token) -> Option<Day>) -> Vec<i32> {
    tokens.iter().map(|t| day(t).map_or(DAY_NONE, Day::number)).collect()
}

/// The facts of each token. What is known of an owner is looked up once.
fn facts(inventory: &Inventory, owners: &DictColumn<Option<PrincipalId>>) -> Vec<TokenFlags> {
    let known: Vec<_> = owners
        .values
        .iter()
        .map(|id| (inventory.directory.owner(*id), id.and_then(|id| inventory.may_use(id))))
        .collect();
    let now = inventory.as_of;
    let each = inventory.tokens.iter().zip(&owners.places);
    each.map(|(token, place)| {
        let (owner, may_use) = known[*place as usize];
        let kind = match owner {
            Owner::Known(principal) => Some(principal.kind),
            _ => None,
        };
        let marks =
            findings(token, owner, inventory.limit, may_use, now).fold(0, |all, m| all | TokenFlags::finding(m.kind()));
        TokenFlags::new(marks, token.status(now), kind, token.on_behalf_of())
    })
    .collect()
}

/// Which scopes each token holds, and all of them.
fn scopes(tokens: &[Token]) -> (DictColumn<Vec<u32>>, Vec<Scope>) {
    let sets = DictColumn::new::<RandomState>(tokens.iter().map(|t| t.scopes.as_deref()));
    let mut holders = vec![0; sets.values.len()];
    for place in &sets.places {
        holders[*place as usize] += 1;
    }
    let every = [ALL_SCOPES.to_owned()];
    let named = |set: &Option<&[String]>| set.map_or(every.to_vec(), <[String]>::to_vec);
    let mut by_key = HashMap::<String, Scope>::new();
    for (set, holders) in sets.values.iter().zip(holders) {
        let mut keys: Vec<_> = named(set).into_iter().map(|name| (name.to_lowercase(), name)).collect();
        keys.sort_unstable();
        keys.dedup_by(|a, b| a.0 == b.0);
        for (key, name) in keys {
            let scope = by_key.entry(key.clone()).or_insert(Scope { name, key, tokens: 0 });
            scope.tokens += holders;
        }
    }
    let mut scopes: Vec<_> = by_key.into_values().collect();
    scopes.sort_unstable_by(|a, b| b.tokens.cmp(&a.tokens).then_with(|| a.key.cmp(&b.key)));
    let places: HashMap<_, _> = scopes.iter().zip(0_u32..).map(|(s, i)| (s.key.clone(), i)).collect();
    let sets = sets.map(|set| {
        let mut all: Vec<u32> = named(&set)
            .iter()
            .filter_map(|name| places.get(&name.to_lowercase()).copied())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    });
    (sets, scopes)
}
