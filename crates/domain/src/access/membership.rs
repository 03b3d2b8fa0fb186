//! Who belongs to which group, directly or through nested groups, and so whom a grant reaches.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{AccessList, Grantee};
use crate::{Directory, PrincipalId};

/// A group, as the workspace lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its SCIM ID.
    pub id: PrincipalId,
    /// Its display name, by which grants refer to it.
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

/// Some of the users and service principals of a workspace, one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalSet(Vec<u64>);

impl PrincipalSet {
    fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn all(count: usize) -> Self {
        let mut set = Self::none(count);
        (0..count).for_each(|position| set.insert(position));
        set
    }

    fn insert(&mut self, position: usize) {
        self.0[position / 64] |= 1 << (position % 64);
    }

    fn has(&self, position: usize) -> bool {
        self.0[position / 64] & (1 << (position % 64)) != 0
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

    /// The number of principals that are in both sets.
    pub(super) fn shared_with(&self, others: &Self) -> usize {
        let both = self.0.iter().zip(&others.0).map(|(mine, theirs)| mine & theirs);
        both.map(|bits| bits.count_ones() as usize).sum()
    }

    /// The number of principals.
    pub fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }

    fn positions(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(word, bits)| {
            let mut remaining = *bits;
            std::iter::from_fn(move || {
                let bit = remaining.trailing_zeros();
                (remaining != 0).then(|| {
                    remaining &= remaining - 1;
                    word * 64 + bit as usize
                })
            })
        })
    }
}

/// A group's direct members, by position. If one of them is not listed by the workspace, the group reaches principals
/// that are not known.
#[derive(Clone, Debug)]
struct Node {
    principals: Vec<u32>,
    groups: Vec<u32>,
    has_unknown_members: bool,
}

/// The groups that have a name.
#[derive(Clone, Copy, Debug)]
enum GroupLookup {
    One(u32),
    /// Grants refer to groups by name, so it is not known which one a grant means.
    Several,
}

/// The workspace's groups and their members, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Membership {
    principals: Vec<PrincipalId>,
    positions: FxHashMap<PrincipalId, u32>,
    /// Keys are in lower case.
    by_name: HashMap<String, u32>,
    complete: bool,
    groups: Vec<Node>,
    groups_by_name: HashMap<String, GroupLookup>,
}

/// The principals that can use tokens, as far as that is known.
#[derive(Clone, Debug)]
pub struct PermittedPrincipals {
    principals: PrincipalSet,
    /// Grants whose reach is unknown, for example to an account group that the workspace does not list.
    pub unresolved: Vec<Grantee>,
}

/// Who can use tokens at one moment.
#[derive(Clone, Debug)]
pub struct TokenAccess {
    /// The groups through which grants reach principals.
    pub membership: Arc<Membership>,
    /// The principals that can use tokens.
    pub permitted: PermittedPrincipals,
}

impl TokenAccess {
    /// Resolves the grants of `list`.
    pub fn new(membership: Arc<Membership>, list: &AccessList) -> Self {
        let may_use = membership.permitted(list);
        Self {
            membership,
            permitted: may_use,
        }
    }

    /// Whether the principal can use tokens. `None` if that is unknown.
    pub fn can_use(&self, id: PrincipalId) -> Option<bool> {
        self.membership.can_use(&self.permitted, id)
    }
}

impl PermittedPrincipals {
    /// The principals that can certainly use tokens.
    pub fn principals(&self) -> &PrincipalSet {
        &self.principals
    }
}

impl Membership {
    /// Indexes the principals of `directory` and the members of `groups`.
    pub fn new(directory: &Directory, groups: &[Group]) -> Self {
        let mut principals: Vec<_> = directory.principals().collect();
        principals.sort_unstable_by_key(|principal| principal.id);
        let mut membership = Self {
            complete: directory.is_complete(),
            ..Self::default()
        };
        for (position, principal) in (0..).zip(principals) {
            membership.principals.push(principal.id);
            membership.positions.insert(principal.id, position);
            membership.by_name.insert(principal.name.to_lowercase(), position);
        }
        let indices: FxHashMap<_, u32> = groups.iter().map(|group| group.id).zip(0..).collect();
        for (index, group) in (0..).zip(groups) {
            membership.groups.push(membership.node(group, &indices));
            membership
                .groups_by_name
                .entry(group.name.clone())
                .and_modify(|lookup| *lookup = GroupLookup::Several)
                .or_insert(GroupLookup::One(index));
        }
        membership
    }

    fn node(&self, group: &Group, indices: &FxHashMap<PrincipalId, u32>) -> Node {
        let mut node = Node {
            principals: Vec::with_capacity(group.members.len()),
            groups: Vec::new(),
            has_unknown_members: false,
        };
        for member in &group.members {
            match member {
                Member::Principal(id) => match self.positions.get(id) {
                    Some(position) => node.principals.push(*position),
                    // Missing from a complete directory, the principal was deleted: the group still reaches only
                    // known principals.
                    None => node.has_unknown_members |= !self.complete,
                },
                Member::Group(id) => match indices.get(id) {
                    Some(index) => node.groups.push(*index),
                    None => node.has_unknown_members = true,
                },
            }
        }
        node
    }

    /// Whether several groups have this name, so that it is not known which one a grant means.
    pub fn is_ambiguous(&self, group: &str) -> bool {
        matches!(self.groups_by_name.get(group), Some(GroupLookup::Several))
    }

    /// The number of users and service principals in the workspace.
    pub fn len(&self) -> usize {
        self.principals.len()
    }

    /// Whether the workspace has neither users nor service principals.
    pub fn is_empty(&self) -> bool {
        self.principals.is_empty()
    }

    /// The IDs of the principals in `set`.
    pub fn ids<'a>(&'a self, set: &'a PrincipalSet) -> impl Iterator<Item = PrincipalId> + 'a {
        set.positions().map(|position| self.principals[position])
    }

    /// Whether `set` contains the principal with this ID.
    pub fn has(&self, set: &PrincipalSet, id: PrincipalId) -> bool {
        let position = self.positions.get(&id);
        position.is_some_and(|position| set.has(*position as usize))
    }

    /// The user or service principal that `grantee` names. `None` for a group or an unknown name.
    pub fn principal(&self, grantee: &Grantee) -> Option<PrincipalId> {
        let position = match grantee {
            Grantee::Group(_) => return None,
            Grantee::User(name) | Grantee::ServicePrincipal(name) => self.by_name.get(&name.to_lowercase())?,
        };
        Some(self.principals[*position as usize])
    }

    /// The principals that a grant to `grantee` reaches. `None` if that is unknown, which is not the same as empty.
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
                Some(position) => reached.insert(*position as usize),
                None if self.complete => {}
                None => return None,
            },
        }
        Some(reached)
    }

    /// The principals that can use tokens because of the grants of `list`.
    pub fn permitted(&self, list: &AccessList) -> PermittedPrincipals {
        let mut permitted = PermittedPrincipals {
            principals: PrincipalSet::none(self.len()),
            unresolved: Vec::new(),
        };
        // Each group is visited once, however many grants lead to it.
        let mut visited = vec![false; self.groups.len()];
        for grant in list.grants().filter(|grant| grant.can_use()) {
            let reached = match &grant.grantee {
                Grantee::Group(name) if !grant.grantee.is_all_users() => match self.groups_by_name.get(name) {
                    Some(GroupLookup::One(index)) => {
                        self.collect_members(*index, &mut permitted.principals, &mut visited)
                    }
                    _ => None,
                },
                grantee => self.reach(grantee).map(|reached| permitted.principals.extend(&reached)),
            };
            if reached.is_none() {
                permitted.unresolved.push(grant.grantee.clone());
            }
        }
        permitted
    }

    /// Whether the principal with this ID can use tokens. `None` if that is unknown.
    pub fn can_use(&self, permitted: &PermittedPrincipals, id: PrincipalId) -> Option<bool> {
        let position = self.positions.get(&id)?;
        match permitted.principals.has(*position as usize) {
            true => Some(true),
            false => permitted.unresolved.is_empty().then_some(false),
        }
    }

    /// The principals that can use tokens before and cannot after.
    pub(super) fn lost(&self, before: &PermittedPrincipals, after: &PermittedPrincipals) -> PrincipalSet {
        before.principals.without(&after.principals)
    }

    /// Adds the direct and indirect members of a group. `None` if some of them are unknown; the others are added all
    /// the same.
    fn collect_members(&self, group: u32, reached: &mut PrincipalSet, visited: &mut [bool]) -> Option<()> {
        let mut complete = Some(());
        let mut next = vec![group];
        while let Some(index) = next.pop() {
            let node = &self.groups[index as usize];
            // Before the check for a second visit: each grant that leads here has unknown members.
            if node.has_unknown_members {
                complete = None;
            }
            if std::mem::replace(&mut visited[index as usize], true) {
                continue;
            }
            node.principals
                .iter()
                .for_each(|position| reached.insert(*position as usize));
            next.extend(&node.groups);
        }
        complete
    }
}
