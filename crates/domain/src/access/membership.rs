//! Group memberships, direct and through nested groups, and so whom a grant covers.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::list::{ADMINS, ALL_USERS};
use super::{AccessList, Grant, Grantee, Group, GroupOrigin, Member, PrincipalSet};
use crate::{Directory, PrincipalId, TokenCount};

/// A group's direct members, as positions.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) principals: Vec<u32>,
    pub(super) groups: Vec<u32>,
    /// Whether the group has unknown members: directly, or through a group in it.
    has_unknown_members: bool,
}

/// The groups with a given name.
#[derive(Clone, Copy, Debug)]
pub(super) enum GroupLookup {
    One(u32),
    /// Grants refer to groups by name, so the meaning of a grant is ambiguous.
    Several,
}

/// The groups of a workspace and their members, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Membership {
    principals: Vec<PrincipalId>,
    positions: FxHashMap<PrincipalId, u32>,
    /// Keys are in lower case.
    pub(super) by_name: HashMap<String, u32>,
    complete: bool,
    pub(super) groups: Vec<Node>,
    pub(super) groups_by_name: HashMap<String, GroupLookup>,
}

/// The principals that can use tokens, as far as is known.
#[derive(Clone, Debug)]
pub struct PermittedPrincipals {
    principals: PrincipalSet,
    /// Grants that may cover unknown principals, for example to an account group that the workspace does not list.
    pub unresolved: Vec<Grantee>,
}

/// The principals that a grant covers.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The principals that it certainly covers.
    pub principals: PrincipalSet,
    /// Whether it may cover more, because the members of a group are not all known.
    pub is_lower_bound: bool,
}

/// Who can use tokens at one moment.
#[derive(Clone, Debug)]
pub struct TokenAccess {
    /// The group memberships, through which grants cover principals.
    pub membership: Arc<Membership>,
    /// The principals that can use tokens.
    pub permitted: PermittedPrincipals,
    /// The grants that this access results from.
    pub(super) grants: Vec<Grant>,
}

impl TokenAccess {
    /// Resolves the grants of `list`.
    pub fn new(membership: Arc<Membership>, list: &AccessList) -> Self {
        let may_use = membership.permitted(list);
        Self {
            membership,
            permitted: may_use,
            grants: list.grants().filter(|grant| grant.can_use()).cloned().collect(),
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

    /// The number of principals that can use tokens.
    pub fn count(&self) -> TokenCount {
        match self.is_lower_bound() {
            true => TokenCount::AtLeast(self.principals.len()),
            false => TokenCount::Exactly(self.principals.len()),
        }
    }

    /// Whether more principals than these may be able to use tokens.
    pub fn is_lower_bound(&self) -> bool {
        !self.unresolved.is_empty()
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
        membership.pass_on_unknown_members();
        membership
    }

    fn node(&self, group: &Group, indices: &FxHashMap<PrincipalId, u32>) -> Node {
        if group.name == ALL_USERS && group.origin == GroupOrigin::Workspace {
            let everyone = (0..).zip(&self.principals).map(|(position, _)| position);
            return Node {
                name: group.name.clone(),
                principals: everyone.collect(),
                groups: Vec::new(),
                has_unknown_members: !self.complete,
            };
        }
        let members = group.members.listed();
        let mut node = Node {
            name: group.name.clone(),
            principals: Vec::with_capacity(members.len()),
            groups: Vec::new(),
            // Every workspace has an admin, so an empty list of admins is incomplete.
            has_unknown_members: group.members.may_be_more() || (group.name == ADMINS && members.is_empty()),
        };
        for member in members {
            let id = member.id();
            match (member, self.positions.get(&id), indices.get(&id)) {
                (Member::Principal(_) | Member::Unidentified(_), Some(position), _) => node.principals.push(*position),
                (Member::Group(_), _, Some(index)) | (Member::Unidentified(_), None, Some(index)) => {
                    node.groups.push(*index);
                }
                // A principal that is missing from a complete directory was deleted, and adds no unknown members.
                (Member::Principal(_), None, _) => node.has_unknown_members |= !self.complete,
                (Member::Group(_) | Member::Unidentified(_), ..) => node.has_unknown_members = true,
            }
        }
        node
    }

    /// Marks every group that contains a group with unknown members, directly or indirectly.
    fn pass_on_unknown_members(&mut self) {
        let mut parents = vec![Vec::new(); self.groups.len()];
        for (parent, node) in self.groups.iter().enumerate() {
            node.groups
                .iter()
                .for_each(|child| parents[*child as usize].push(parent));
        }
        let is_unknown = |(_, node): &(usize, &Node)| node.has_unknown_members;
        let mut next: Vec<_> = self
            .groups
            .iter()
            .enumerate()
            .filter(is_unknown)
            .map(|(index, _)| index)
            .collect();
        while let Some(child) = next.pop() {
            for parent in &parents[child] {
                if !std::mem::replace(&mut self.groups[*parent].has_unknown_members, true) {
                    next.push(*parent);
                }
            }
        }
    }

    /// Whether several groups have this name, which makes a grant to it ambiguous.
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

    /// The position of the principal with this ID.
    pub(super) fn position_of(&self, id: PrincipalId) -> Option<u32> {
        self.positions.get(&id).copied()
    }

    /// Whether `set` contains the principal with this ID.
    pub fn has(&self, set: &PrincipalSet, id: PrincipalId) -> bool {
        self.position_of(id).is_some_and(|position| set.has(position as usize))
    }

    /// The user or service principal that `grantee` names. `None` for a group or an unknown name.
    pub fn principal(&self, grantee: &Grantee) -> Option<PrincipalId> {
        let position = match grantee {
            Grantee::Group(_) => return None,
            Grantee::User(name) | Grantee::ServicePrincipal(name) => self.by_name.get(&name.to_lowercase())?,
        };
        Some(self.principals[*position as usize])
    }

    /// The principals that a grant to `grantee` covers. `None` if they are not all known; see
    /// [`known_reach`](Self::known_reach).
    pub fn reach(&self, grantee: &Grantee) -> Option<PrincipalSet> {
        let reach = self.known_reach(grantee);
        (!reach.is_lower_bound).then_some(reach.principals)
    }

    /// The principals that a grant to `grantee` covers, as far as is known.
    pub fn known_reach(&self, grantee: &Grantee) -> Reach {
        let mut principals = PrincipalSet::none(self.len());
        let is_complete = self.add_reach(grantee, &mut principals, &mut vec![false; self.groups.len()]);
        Reach {
            principals,
            is_lower_bound: !is_complete,
        }
    }

    /// The principals that can use tokens because of the grants in `list`.
    pub fn permitted(&self, list: &AccessList) -> PermittedPrincipals {
        let mut permitted = PermittedPrincipals {
            principals: PrincipalSet::none(self.len()),
            unresolved: Vec::new(),
        };
        // Each group is visited only once, even if several grants lead to it.
        let mut visited = vec![false; self.groups.len()];
        for grant in list.grants().filter(|grant| grant.can_use()) {
            if !self.add_reach(&grant.grantee, &mut permitted.principals, &mut visited) {
                permitted.unresolved.push(grant.grantee.clone());
            }
        }
        permitted
    }

    /// Adds the principals that a grant to `grantee` covers. Returns whether all of them are known.
    fn add_reach(&self, grantee: &Grantee, reached: &mut PrincipalSet, visited: &mut [bool]) -> bool {
        match grantee {
            _ if grantee.is_all_users() => {
                reached.extend(&PrincipalSet::all(self.len()));
                self.complete
            }
            Grantee::Group(name) => match self.groups_by_name.get(name) {
                Some(GroupLookup::One(index)) => {
                    self.collect_members(*index, reached, visited);
                    !self.groups[*index as usize].has_unknown_members
                }
                _ => false,
            },
            Grantee::User(name) | Grantee::ServicePrincipal(name) => match self.by_name.get(&name.to_lowercase()) {
                Some(position) => {
                    reached.insert(*position as usize);
                    true
                }
                None => self.complete,
            },
        }
    }

    /// Whether the principal with this ID can use tokens. `None` if that is unknown.
    pub fn can_use(&self, permitted: &PermittedPrincipals, id: PrincipalId) -> Option<bool> {
        let position = self.position_of(id)?;
        match permitted.principals.has(position as usize) {
            true => Some(true),
            false => permitted.unresolved.is_empty().then_some(false),
        }
    }

    /// The principals that can use tokens before, but not after.
    pub(super) fn lost(&self, before: &PermittedPrincipals, after: &PermittedPrincipals) -> PrincipalSet {
        before.principals.without(&after.principals)
    }

    /// Adds the known direct and indirect members of a group.
    fn collect_members(&self, group: u32, reached: &mut PrincipalSet, visited: &mut [bool]) {
        let mut next = vec![group];
        while let Some(index) = next.pop() {
            if std::mem::replace(&mut visited[index as usize], true) {
                continue;
            }
            let node = &self.groups[index as usize];
            node.principals
                .iter()
                .for_each(|position| reached.insert(*position as usize));
            next.extend(&node.groups);
        }
    }
}
