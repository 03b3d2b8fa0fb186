//! Who is in which group, through groups in groups: whom a grant reaches.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{AccessList, Grantee};
use crate::{Directory, PrincipalId};

/// A group as the workspace lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its SCIM id.
    pub id: PrincipalId,
    /// Its display name, which grants go by.
    pub name: String,
    /// Its direct members.
    pub members: Vec<Member>,
}

/// A direct member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// A user or a service principal.
    Principal(PrincipalId),
    /// A group.
    Group(PrincipalId),
}

/// Some of the people and service principals of a workspace; every one has a place in one row of bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalSet(Vec<u64>);

impl PrincipalSet {
    fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn all(count: usize) -> Self {
        let mut people = Self::none(count);
        (0..count).for_each(|place| people.insert(place));
        people
    }

    fn insert(&mut self, place: usize) {
        self.0[place / 64] |= 1 << (place % 64);
    }

    fn has(&self, place: usize) -> bool {
        self.0[place / 64] & (1 << (place % 64)) != 0
    }

    fn extend(&mut self, others: &Self) {
        self.0
            .iter_mut()
            .zip(&others.0)
            .for_each(|(mine, theirs)| *mine |= theirs);
    }

    fn without(&self, others: &Self) -> Self {
        Self(
            self.0
                .iter()
                .zip(&others.0)
                .map(|(mine, theirs)| mine & !theirs)
                .collect(),
        )
    }

    /// How many are in both.
    pub(super) fn shared_with(&self, others: &Self) -> usize {
        let both = self.0.iter().zip(&others.0).map(|(mine, theirs)| mine & theirs);
        both.map(|bits| bits.count_ones() as usize).sum()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }

    fn places(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(word, bits)| {
            let mut left = *bits;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                (left != 0).then(|| {
                    left &= left - 1;
                    word * 64 + bit as usize
                })
            })
        })
    }
}

/// A group with its members by place. A group that has a member whom nobody lists reaches more than can be told.
#[derive(Clone, Debug)]
struct Node {
    people: Vec<u32>,
    groups: Vec<u32>,
    has_strangers: bool,
}

/// Where a name leads.
#[derive(Clone, Copy, Debug)]
enum GroupLookup {
    One(u32),
    /// Grants go by names: which of several is meant cannot be told.
    Several,
}

/// The workspace's groups and everybody in them, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Membership {
    people: Vec<PrincipalId>,
    places: FxHashMap<PrincipalId, u32>,
    /// In lower case.
    by_name: HashMap<String, u32>,
    complete: bool,
    groups: Vec<Node>,
    groups_by_name: HashMap<String, GroupLookup>,
}

/// Everybody who may use tokens, as far as it can be told.
#[derive(Clone, Debug)]
pub struct PermittedPrincipals {
    people: PrincipalSet,
    /// Grants whose reach cannot be told, such as a group of the account that the workspace does not list.
    pub unresolved: Vec<Grantee>,
}

/// Who may use tokens at one moment, with everybody's groups.
#[derive(Clone, Debug)]
pub struct TokenAccess {
    /// Everybody and their groups.
    pub membership: Arc<Membership>,
    /// Those who may.
    pub may_use: PermittedPrincipals,
}

impl TokenAccess {
    /// Works out whom `list` lets use tokens.
    pub fn new(membership: Arc<Membership>, list: &AccessList) -> Self {
        let may_use = membership.permitted(list);
        Self { membership, may_use }
    }

    /// Whether the principal with this id may. `None` where that cannot be told.
    pub fn can_use(&self, id: PrincipalId) -> Option<bool> {
        self.membership.can_use(&self.may_use, id)
    }
}

impl PermittedPrincipals {
    /// Everybody who surely may.
    pub fn people(&self) -> &PrincipalSet {
        &self.people
    }
}

impl Membership {
    /// Places everybody in `directory` and works out the groups.
    pub fn new(directory: &Directory, groups: &[Group]) -> Self {
        let mut principals: Vec<_> = directory.principals().collect();
        principals.sort_unstable_by_key(|principal| principal.id);
        let mut membership = Self {
            complete: directory.is_complete(),
            ..Self::default()
        };
        for (place, principal) in (0..).zip(principals) {
            membership.people.push(principal.id);
            membership.places.insert(principal.id, place);
            membership.by_name.insert(principal.name.to_lowercase(), place);
        }
        let indices: FxHashMap<_, u32> = groups.iter().map(|group| group.id).zip(0..).collect();
        for (index, group) in (0..).zip(groups) {
            membership.groups.push(membership.node(group, &indices));
            membership
                .groups_by_name
                .entry(group.name.clone())
                .and_modify(|named| *named = GroupLookup::Several)
                .or_insert(GroupLookup::One(index));
        }
        membership
    }

    fn node(&self, group: &Group, indices: &FxHashMap<PrincipalId, u32>) -> Node {
        let mut node = Node {
            people: Vec::with_capacity(group.members.len()),
            groups: Vec::new(),
            has_strangers: false,
        };
        for member in &group.members {
            match member {
                Member::Principal(id) => match self.places.get(id) {
                    Some(place) => node.people.push(*place),
                    // Nobody of a complete directory: deleted, and no group loses reach by that.
                    None => node.has_strangers |= !self.complete,
                },
                Member::Group(id) => match indices.get(id) {
                    Some(index) => node.groups.push(*index),
                    None => node.has_strangers = true,
                },
            }
        }
        node
    }

    /// Whether several groups have this name, so that a grant to it says not which.
    pub fn is_ambiguous(&self, group: &str) -> bool {
        matches!(self.groups_by_name.get(group), Some(GroupLookup::Several))
    }

    /// How many people and service principals there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Those in `people`, by id.
    pub fn ids<'a>(&'a self, people: &'a PrincipalSet) -> impl Iterator<Item = PrincipalId> + 'a {
        people.places().map(|place| self.people[place])
    }

    /// Whether `people` has the principal with this id.
    pub fn has(&self, people: &PrincipalSet, id: PrincipalId) -> bool {
        self.places.get(&id).is_some_and(|place| people.has(*place as usize))
    }

    /// The user or service principal that a grant names.
    pub fn principal(&self, grantee: &Grantee) -> Option<PrincipalId> {
        let place = match grantee {
            Grantee::Group(_) => return None,
            Grantee::User(name) | Grantee::ServicePrincipal(name) => self.by_name.get(&name.to_lowercase())?,
        };
        Some(self.people[*place as usize])
    }

    /// Everybody whom a grant to `grantee` reaches. `None` where that cannot be told, which is not nobody.
    pub fn reach(&self, grantee: &Grantee) -> Option<PrincipalSet> {
        let mut reached = PrincipalSet::none(self.len());
        match grantee {
            Grantee::Group(name) => {
                if grantee.is_all_users() {
                    return self.complete.then(|| PrincipalSet::all(self.len()));
                }
                let Some(GroupLookup::One(index)) = self.groups_by_name.get(name) else {
                    return None;
                };
                self.collect_members(*index, &mut reached, &mut vec![false; self.groups.len()])?;
            }
            Grantee::User(name) | Grantee::ServicePrincipal(name) => match self.by_name.get(&name.to_lowercase()) {
                Some(place) => reached.insert(*place as usize),
                None if self.complete => {}
                None => return None,
            },
        }
        Some(reached)
    }

    /// Everybody whom `list` lets use tokens.
    pub fn permitted(&self, list: &AccessList) -> PermittedPrincipals {
        let mut may = PermittedPrincipals {
            people: PrincipalSet::none(self.len()),
            unresolved: Vec::new(),
        };
        // Groups are walked once, however many grants lead to them.
        let mut walked = vec![false; self.groups.len()];
        for grant in list.grants().filter(|grant| grant.can_use()) {
            let reached = match &grant.grantee {
                Grantee::Group(name) if !grant.grantee.is_all_users() => match self.groups_by_name.get(name) {
                    Some(GroupLookup::One(index)) => self.collect_members(*index, &mut may.people, &mut walked),
                    _ => None,
                },
                grantee => self.reach(grantee).map(|people| may.people.extend(&people)),
            };
            if reached.is_none() {
                may.unresolved.push(grant.grantee.clone());
            }
        }
        may
    }

    /// Whether the principal with this id may use tokens. `None` where that cannot be told.
    pub fn can_use(&self, may: &PermittedPrincipals, id: PrincipalId) -> Option<bool> {
        let place = self.places.get(&id)?;
        match may.people.has(*place as usize) {
            true => Some(true),
            false => may.unresolved.is_empty().then_some(false),
        }
    }

    /// Who may before and may not after, and the grants that leave it open who else.
    pub(super) fn lost(&self, before: &PermittedPrincipals, after: &PermittedPrincipals) -> PrincipalSet {
        before.people.without(&after.people)
    }

    /// Adds everybody below a group. `None` where somebody below it cannot be told; the others are added all the same.
    fn collect_members(&self, group: u32, reached: &mut PrincipalSet, walked: &mut [bool]) -> Option<()> {
        let mut whole = Some(());
        let mut next = vec![group];
        while let Some(index) = next.pop() {
            let node = &self.groups[index as usize];
            // A group that was walked before may be one with strangers: that is told each time.
            if node.has_strangers {
                whole = None;
            }
            if std::mem::replace(&mut walked[index as usize], true) {
                continue;
            }
            node.people.iter().for_each(|place| reached.insert(*place as usize));
            next.extend(&node.groups);
        }
        whole
    }
}
