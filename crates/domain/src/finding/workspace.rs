//! The findings about a workspace: who can create tokens, how long these last, and who is near the token limit.

use super::{LONG_LIFETIME_DAYS, WorkspaceFinding};
use crate::access::{AccessList, Grantee, Group, GroupOrigin};
use crate::{Inventory, Known, MaxLifetime, PrincipalId, UnreadPart};

/// The subject of a finding about a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingSubject {
    /// The maximum lifetime of new tokens.
    MaxLifetime(MaxLifetime),
    /// Someone with this number of active tokens.
    Owner(PrincipalId, usize),
    /// The grantee of a grant.
    Grantee(Grantee),
}

/// The data about a workspace that was read.
pub struct WorkspaceFacts<'a> {
    /// The tokens, and what is known about their owners.
    pub inventory: &'a Inventory,
    /// The access control list; `None` if it was not read, or the workspace has none.
    pub grants: Option<&'a AccessList>,
    /// All groups; `None` if they were not read.
    pub groups: Option<&'a [Group]>,
}

impl WorkspaceFacts<'_> {
    /// The subjects that have this finding.
    pub fn subjects(&self, finding: WorkspaceFinding) -> Known<Vec<FindingSubject>> {
        match finding {
            WorkspaceFinding::EveryoneCanCreate => self.grants_where(Grantee::is_all_users),
            WorkspaceFinding::GrantToPerson => self.grants_where(|grantee| matches!(grantee, Grantee::User(_))),
            WorkspaceFinding::GrantToLocalGroup => match self.groups {
                Some(groups) => self.grants_where(|grantee| is_local(grantee, groups)),
                None => Known::NotAvailable(UnreadPart::Groups),
            },
            WorkspaceFinding::GrantWithUnknownMembers => self.inventory.known_access().as_ref().map(|access| {
                let groups = access.permitted.unresolved.iter();
                let groups = groups.filter(|grantee| matches!(grantee, Grantee::Group(_)));
                groups.cloned().map(FindingSubject::Grantee).collect()
            }),
            WorkspaceFinding::LongMaxLifetime => self.inventory.limit().map(|limit| {
                let is_long = limit.longest_days() > LONG_LIFETIME_DAYS;
                is_long
                    .then_some(FindingSubject::MaxLifetime(limit))
                    .into_iter()
                    .collect()
            }),
            WorkspaceFinding::NearTokenLimit => {
                let owners = self.inventory.owners_near_limit().into_iter();
                Known::Known(owners.map(|(id, tokens)| FindingSubject::Owner(id, tokens)).collect())
            }
        }
    }

    /// Whether there can be more than [`Self::subjects`]: an owner can have tokens that could not be read, and the
    /// workspace may not report where a group is managed.
    pub fn may_be_more(&self, finding: WorkspaceFinding) -> bool {
        match finding {
            WorkspaceFinding::NearTokenLimit => self.inventory.unread().has(UnreadPart::Rows),
            WorkspaceFinding::GrantToLocalGroup => {
                let groups = self.groups.unwrap_or_default();
                let is_unsure = |grantee: &Grantee| match grantee {
                    Grantee::Group(name) => !is_placed(name, groups) && !grantee.is_all_users(),
                    _ => false,
                };
                self.grants_where(is_unsure)
                    .known()
                    .is_some_and(|unsure| !unsure.is_empty())
            }
            _ => false,
        }
    }

    fn grants_where(&self, is_found: impl Fn(&Grantee) -> bool) -> Known<Vec<FindingSubject>> {
        let Some(list) = self.grants else {
            return Known::NotAvailable(UnreadPart::Permissions);
        };
        let grants = list
            .changeable()
            .filter(|grant| grant.can_use() && is_found(&grant.grantee));
        Known::Known(
            grants
                .map(|grant| FindingSubject::Grantee(grant.grantee.clone()))
                .collect(),
        )
    }
}

/// Whether a grant names a group that exists in this workspace only. Groups with the same name cannot be told apart.
fn is_local(grantee: &Grantee, groups: &[Group]) -> bool {
    let Grantee::Group(name) = grantee else { return false };
    let mut named = groups.iter().filter(|group| group.name == *name).peekable();
    !grantee.is_all_users() && named.peek().is_some() && named.all(|group| group.origin == GroupOrigin::Workspace)
}

/// Whether it is known where the groups with this name are managed.
fn is_placed(name: &str, groups: &[Group]) -> bool {
    let mut named = groups.iter().filter(|group| group.name == *name).peekable();
    named.peek().is_some() && named.all(|group| group.origin != GroupOrigin::Unreported)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::access::{Grant, Level, Members, Membership, TokenAccess};
    use crate::{Directory, Timestamp};

    fn group(name: &str, origin: GroupOrigin) -> Group {
        Group {
            id: PrincipalId::new(i64::try_from(name.len()).unwrap()),
            name: name.to_owned(),
            origin,
            members: match origin {
                GroupOrigin::Workspace => Members::Known(vec![]),
                _ => Members::Unknown,
            },
        }
    }

    fn with_facts<T>(grantees: &[Grantee], groups: &[Group], look: impl FnOnce(&WorkspaceFacts<'_>) -> T) -> T {
        let list = AccessList::new(grantees.iter().cloned().map(Grant::to_use));
        let directory = Arc::new(Directory::complete([]));
        let membership = Arc::new(Membership::new(&directory, groups));
        let access = Known::Known(Arc::new(TokenAccess::new(membership, &list)));
        let limit = Known::NotAvailable(UnreadPart::Policy);
        let inventory = Inventory::new(vec![], Arc::clone(&directory), limit, Timestamp::from_ms(0));
        let inventory = inventory.with_parts(directory, limit, access);
        let facts = WorkspaceFacts {
            inventory: &inventory,
            grants: Some(&list),
            groups: Some(groups),
        };
        look(&facts)
    }

    fn names(grantees: &[Grantee], groups: &[Group], finding: WorkspaceFinding) -> Vec<String> {
        let subjects = with_facts(grantees, groups, |facts| facts.subjects(finding));
        let subjects = subjects.known().unwrap().into_iter();
        let names = subjects.filter_map(|subject| match subject {
            FindingSubject::Grantee(grantee) => Some(grantee.name().to_owned()),
            _ => None,
        });
        names.collect()
    }

    #[test]
    fn everyone_can_create_tokens_if_the_group_of_all_users_has_a_grant() {
        let all = |name: &str| names(&[Grantee::Group(name.into())], &[], WorkspaceFinding::EveryoneCanCreate);
        assert_eq!(all("users"), ["users"]);
        assert!(all("user").is_empty() && all("admins").is_empty());
    }

    #[test]
    fn a_group_of_the_workspace_is_a_finding_and_one_of_the_account_or_directory_is_not() {
        let groups = [
            group("etl", GroupOrigin::Workspace),
            group("data", GroupOrigin::Account),
            group("finance", GroupOrigin::Directory),
            group("legacy0", GroupOrigin::Unreported),
        ];
        let grantees =
            ["etl", "data", "finance", "legacy0", "users", "unlisted"].map(|name| Grantee::Group(name.into()));
        assert_eq!(names(&grantees, &groups, WorkspaceFinding::GrantToLocalGroup), ["etl"]);
        let unknown = names(&grantees, &groups, WorkspaceFinding::GrantWithUnknownMembers);
        assert_eq!(unknown, ["data", "finance", "legacy0", "unlisted"]);
    }

    #[test]
    fn a_group_that_is_not_listed_can_be_one_of_the_workspace() {
        let groups = [
            group("etl", GroupOrigin::Workspace),
            group("legacy0", GroupOrigin::Unreported),
        ];
        let may_be_more = |name: &str| {
            let grantees = [Grantee::Group(name.into())];
            with_facts(&grantees, &groups, |facts| {
                facts.may_be_more(WorkspaceFinding::GrantToLocalGroup)
            })
        };
        assert!(may_be_more("unlisted") && may_be_more("legacy0"));
        assert!(!may_be_more("etl") && !may_be_more("users"));
    }

    #[test]
    fn a_grant_to_a_person_is_a_finding_and_one_to_a_service_principal_is_not() {
        let grantees = [
            Grantee::User("mia@acme.example".into()),
            Grantee::ServicePrincipal("0f".into()),
        ];
        assert_eq!(
            names(&grantees, &[], WorkspaceFinding::GrantToPerson),
            ["mia@acme.example"]
        );
    }

    #[test]
    fn a_lifetime_above_90_days_is_long() {
        let subjects = |limit| {
            let directory = Arc::new(Directory::complete([]));
            let inventory = Inventory::new(vec![], directory, limit, Timestamp::from_ms(0));
            let (grants, groups) = (None, None);
            let facts = WorkspaceFacts {
                inventory: &inventory,
                grants,
                groups,
            };
            facts.subjects(WorkspaceFinding::LongMaxLifetime)
        };
        let found = |limit| subjects(Known::Known(limit)).known().unwrap().len();
        assert_eq!(
            [MaxLifetime::Days(90), MaxLifetime::Days(91), MaxLifetime::NoCustomLimit].map(found),
            [0, 1, 1]
        );
        let unread = Known::NotAvailable(UnreadPart::Policy);
        assert_eq!(subjects(unread).missing(), Some(UnreadPart::Policy));
    }

    #[test]
    fn a_grant_of_another_level_lets_no_one_create_tokens() {
        let grantee = Grantee::User("mia@acme.example".into());
        let grant = Grant {
            levels: vec![Level::Other("CAN_VIEW".into())],
            ..Grant::to_use(grantee)
        };
        let list = AccessList::new([grant]);
        let directory = Arc::new(Directory::complete([]));
        let limit = Known::NotAvailable(UnreadPart::Policy);
        let inventory = Inventory::new(vec![], directory, limit, Timestamp::from_ms(0));
        let facts = WorkspaceFacts {
            inventory: &inventory,
            grants: Some(&list),
            groups: None,
        };
        assert_eq!(facts.subjects(WorkspaceFinding::GrantToPerson), Known::Known(vec![]));
        let unread = facts.subjects(WorkspaceFinding::GrantToLocalGroup);
        assert_eq!(unread, Known::NotAvailable(UnreadPart::Groups));
    }
}
