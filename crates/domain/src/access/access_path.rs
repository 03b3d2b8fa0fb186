//! Through which grants a principal can use tokens, and through which groups the grants cover it.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::membership::{GroupLookup, Membership};
use super::{Grant, Grantee, TokenAccess};
use crate::PrincipalId;

/// A grant that covers a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPath<'a> {
    /// The grant.
    pub grant: &'a Grant,
    /// The groups inside the granted group that lead to the principal, outermost first. Empty if the principal is a
    /// direct member, or the grantee itself.
    pub through: Vec<&'a str>,
}

/// The grants that let a principal use tokens, as far as is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessPaths<'a> {
    /// Grants that certainly cover the principal, each with its shortest path.
    pub certain: Vec<AccessPath<'a>>,
    /// Grants that may cover the principal: the members of a group are not all known.
    pub unknown: Vec<&'a Grant>,
}

impl TokenAccess {
    /// The grants that let this principal use tokens. `None` if it is not one of the known principals of the workspace.
    pub fn paths_to(&self, id: PrincipalId) -> Option<AccessPaths<'_>> {
        let position = self.membership.position_of(id)?;
        let mut paths = AccessPaths::default();
        for grant in &self.grants {
            match self.membership.path_to(&grant.grantee, position) {
                Some(through) => paths.certain.push(AccessPath { grant, through }),
                None if self.membership.reach(&grant.grantee).is_none() => paths.unknown.push(grant),
                None => {}
            }
        }
        Some(paths)
    }
}

impl Membership {
    /// The groups inside `grantee` that lead to the principal at this position. `None` if no known path does.
    fn path_to(&self, grantee: &Grantee, position: u32) -> Option<Vec<&str>> {
        match grantee {
            _ if grantee.is_all_users() => Some(Vec::new()),
            Grantee::Group(name) => match self.groups_by_name.get(name)? {
                GroupLookup::One(group) => self.path_within(*group, position),
                GroupLookup::Several => None,
            },
            Grantee::User(name) | Grantee::ServicePrincipal(name) => {
                let named = self.by_name.get(&name.to_lowercase())?;
                (*named == position).then(Vec::new)
            }
        }
    }

    /// The shortest path from a group to a principal, without the group itself.
    fn path_within(&self, group: u32, position: u32) -> Option<Vec<&str>> {
        // The group through which each group was found. Groups can contain each other.
        let mut parents = FxHashMap::from_iter([(group, None)]);
        let mut next = VecDeque::from([group]);
        while let Some(index) = next.pop_front() {
            let node = &self.groups[index as usize];
            if node.principals.contains(&position) {
                let mut names = Vec::new();
                let mut at = index;
                while let Some(parent) = parents.get(&at).copied().flatten() {
                    names.push(self.groups[at as usize].name.as_str());
                    at = parent;
                }
                names.reverse();
                return Some(names);
            }
            for child in &node.groups {
                parents.entry(*child).or_insert_with(|| {
                    next.push_back(*child);
                    Some(index)
                });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::access::{AccessList, Group, GroupOrigin, Member, Members};
    use crate::{Directory, Principal, PrincipalKind};

    fn directory() -> Directory {
        let user = |id: i64, name: &str| Principal {
            id: PrincipalId::new(id),
            kind: PrincipalKind::User,
            name: name.into(),
            display_name: String::new(),
            active: true,
        };
        Directory::complete([user(1, "mia"), user(2, "kai")])
    }

    fn group(id: i64, name: &str, members: Members) -> Group {
        Group {
            id: PrincipalId::new(id),
            name: name.into(),
            origin: GroupOrigin::Account,
            members,
        }
    }

    fn access(groups: &[Group], grantees: Vec<Grantee>) -> TokenAccess {
        let list = AccessList::new(grantees.into_iter().map(Grant::to_use));
        TokenAccess::new(Arc::new(Membership::new(&directory(), groups)), &list)
    }

    fn named(name: &str) -> Grantee {
        Grantee::Group(name.into())
    }

    /// The certain paths as `group > group`, and the names of grants that may cover the principal.
    fn paths(access: &TokenAccess, id: i64) -> (Vec<String>, Vec<&str>) {
        let paths = access.paths_to(PrincipalId::new(id)).unwrap();
        let text = |path: &AccessPath<'_>| {
            [&[path.grant.grantee.name()], path.through.as_slice()]
                .concat()
                .join(" > ")
        };
        let unknown = paths.unknown.iter().map(|grant| grant.grantee.name());
        (paths.certain.iter().map(text).collect(), unknown.collect())
    }

    #[test]
    fn each_grant_is_named_with_the_groups_through_which_it_reaches_someone() {
        let (mia, group_of) = (Member::Principal(PrincipalId::new(1)), |id| {
            Member::Group(PrincipalId::new(id))
        });
        let groups = [
            group(10, "all", Members::Known(vec![group_of(11), group_of(12)])),
            // These two groups contain each other.
            group(11, "data", Members::Known(vec![group_of(12)])),
            group(12, "etl", Members::Known(vec![mia, group_of(11)])),
            group(13, "others", Members::Known(vec![])),
        ];
        let grantees = vec![
            named("all"),
            named("etl"),
            named("others"),
            Grantee::User("MIA".into()),
            Grantee::User("kai".into()),
        ];
        let access = access(&groups, grantees);
        let certain = ["all > etl", "etl", "MIA"].map(str::to_owned).to_vec();
        assert_eq!(paths(&access, 1), (certain, vec![]));
        assert_eq!(paths(&access, 2), (vec!["kai".to_owned()], vec![]));
        assert_eq!(access.paths_to(PrincipalId::new(99)), None);
    }

    #[test]
    fn a_grant_to_everyone_reaches_each() {
        assert_eq!(paths(&access(&[], vec![named("users")]), 2).0, ["users"]);
    }

    #[test]
    fn a_group_whose_members_are_not_known_may_reach_someone() {
        let mia = Member::Principal(PrincipalId::new(1));
        let groups = [
            group(10, "partly", Members::AtLeast(vec![mia])),
            group(11, "hidden", Members::Unknown),
            group(12, "twin", Members::Known(vec![mia])),
            group(13, "twin", Members::Known(vec![])),
        ];
        let grantees = ["hidden", "missing", "partly", "twin"].map(named).to_vec();
        let access = access(&groups, grantees);
        assert_eq!(
            paths(&access, 1),
            (vec!["partly".to_owned()], vec!["hidden", "missing", "twin"])
        );
        assert_eq!(paths(&access, 2).1, ["hidden", "missing", "partly", "twin"]);
    }

    #[test]
    fn a_principal_has_an_access_path_exactly_if_it_can_use_tokens() {
        let mia = Member::Principal(PrincipalId::new(1));
        let groups = [group(10, "data", Members::Known(vec![mia]))];
        let access = access(&groups, vec![named("data")]);
        for id in [1, 2] {
            let can_use = access.can_use(PrincipalId::new(id)).unwrap();
            assert_eq!(!paths(&access, id).0.is_empty(), can_use, "{id}");
        }
    }
}
