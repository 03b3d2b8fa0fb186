//! Users, groups and service principals, and the members of each group.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::config::{GroupHome, Knobs};

/// Numeric ID of a user, group or service principal. Unique across all three kinds.
pub(crate) type PrincipalId = u64;

#[derive(Debug, Clone)]
pub(crate) struct User {
    /// E-mail address, with which the user signs in.
    pub(crate) user_name: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) active: bool,
}

impl User {
    pub(crate) fn display_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct ServicePrincipal {
    /// UUID that identifies it in permissions and sign-ins.
    pub(crate) application_id: String,
    pub(crate) display_name: String,
    pub(crate) active: bool,
    /// Users with the role Service Principal User on it.
    pub(crate) role_users: BTreeSet<PrincipalId>,
}

#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) display_name: String,
    /// Whether it always belongs to this workspace, like `admins` and `users`. A knob decides for the others.
    pub(crate) workspace_local: bool,
    members: BTreeSet<PrincipalId>,
}

impl Group {
    /// Where the group is managed.
    pub(crate) fn home(&self, knobs: &Knobs) -> GroupHome {
        match self.workspace_local {
            true => GroupHome::Workspace,
            false => knobs.group_home,
        }
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = PrincipalId> + '_ {
        self.members.iter().copied()
    }
}

/// A group membership of a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) group: PrincipalId,
    /// Whether it is a direct member, rather than through another group.
    pub(crate) direct: bool,
}

/// All users, groups and service principals of the workspace.
#[derive(Debug)]
pub(crate) struct Directory {
    /// The group whose members are workspace admins.
    pub(crate) admins: PrincipalId,
    /// The group `users`, of which every user and service principal is a member.
    pub(crate) all_users: PrincipalId,
    pub(crate) users: BTreeMap<PrincipalId, User>,
    pub(crate) service_principals: BTreeMap<PrincipalId, ServicePrincipal>,
    pub(crate) groups: BTreeMap<PrincipalId, Group>,
    /// The groups that a principal is directly in: the inverse of `Group::members`.
    parents: HashMap<PrincipalId, BTreeSet<PrincipalId>>,
}

impl Directory {
    pub(crate) fn new(admins: PrincipalId, all_users: PrincipalId) -> Self {
        let mut directory = Self {
            admins,
            all_users,
            users: BTreeMap::new(),
            service_principals: BTreeMap::new(),
            groups: BTreeMap::new(),
            parents: HashMap::new(),
        };
        directory.add_group(admins, "admins", true);
        directory.add_group(all_users, "users", true);
        directory
    }

    pub(crate) fn add_group(&mut self, id: PrincipalId, display_name: &str, workspace_local: bool) {
        let group = Group {
            display_name: display_name.to_owned(),
            workspace_local,
            members: BTreeSet::new(),
        };
        self.groups.insert(id, group);
    }

    pub(crate) fn add_user(&mut self, id: PrincipalId, user: User) {
        self.users.insert(id, user);
        self.add_member(self.all_users, id);
    }

    pub(crate) fn add_service_principal(&mut self, id: PrincipalId, service_principal: ServicePrincipal) {
        self.service_principals.insert(id, service_principal);
        self.add_member(self.all_users, id);
    }

    pub(crate) fn add_member(&mut self, group: PrincipalId, member: PrincipalId) {
        if let Some(into) = self.groups.get_mut(&group) {
            into.members.insert(member);
            self.parents.entry(member).or_default().insert(group);
        }
    }

    pub(crate) fn remove_member(&mut self, group: PrincipalId, member: PrincipalId) {
        if let Some(from) = self.groups.get_mut(&group) {
            from.members.remove(&member);
        }
        if let Some(parents) = self.parents.get_mut(&member) {
            parents.remove(&group);
        }
    }

    /// Removes a user or service principal, but not its tokens.
    pub(crate) fn remove(&mut self, id: PrincipalId) {
        for group in self.parents.remove(&id).unwrap_or_default() {
            self.remove_member(group, id);
        }
        self.users.remove(&id);
        self.service_principals.remove(&id);
    }

    /// Every group that the principal is in, directly or through another group. Each group is listed once.
    pub(crate) fn groups_of(&self, principal: PrincipalId) -> Vec<Membership> {
        let mut found: Vec<Membership> = Vec::new();
        let mut level = vec![principal];
        let mut direct = true;
        while !level.is_empty() {
            let mut next = Vec::new();
            for group in level
                .iter()
                .filter_map(|member| self.parents.get(member))
                .flatten()
                .copied()
            {
                if found.iter().all(|membership| membership.group != group) {
                    found.push(Membership { group, direct });
                    next.push(group);
                }
            }
            level = next;
            direct = false;
        }
        found
    }

    pub(crate) fn is_admin(&self, principal: PrincipalId) -> bool {
        self.groups_of(principal)
            .iter()
            .any(|membership| membership.group == self.admins)
    }

    pub(crate) fn direct_groups_of(&self, principal: PrincipalId) -> Vec<PrincipalId> {
        self.parents.get(&principal).into_iter().flatten().copied().collect()
    }

    /// Whether the user or service principal exists and is not deactivated.
    pub(crate) fn is_active(&self, principal: PrincipalId) -> bool {
        self.users.get(&principal).is_some_and(|user| user.active)
            || self
                .service_principals
                .get(&principal)
                .is_some_and(|service| service.active)
    }

    /// The `userName` of the principal: the e-mail address, or the application ID of a service principal.
    pub(crate) fn user_name(&self, principal: PrincipalId) -> Option<&str> {
        let user = self.users.get(&principal).map(|user| user.user_name.as_str());
        user.or_else(|| {
            self.service_principals
                .get(&principal)
                .map(|service| service.application_id.as_str())
        })
    }

    pub(crate) fn display_name(&self, principal: PrincipalId) -> Option<String> {
        let user = self.users.get(&principal).map(User::display_name);
        let service = || {
            self.service_principals
                .get(&principal)
                .map(|service| service.display_name.clone())
        };
        let group = || self.groups.get(&principal).map(|group| group.display_name.clone());
        user.or_else(service).or_else(group)
    }

    /// Ignores case. <https://github.com/databricks/terraform-provider-databricks/pull/5183>
    pub(crate) fn user_by_name(&self, user_name: &str) -> Option<PrincipalId> {
        let matches = |user: &User| user.user_name.eq_ignore_ascii_case(user_name);
        self.users.iter().find(|(_, user)| matches(user)).map(|(id, _)| *id)
    }

    pub(crate) fn service_principal_by_application_id(&self, application_id: &str) -> Option<PrincipalId> {
        let matches = |service: &ServicePrincipal| service.application_id.eq_ignore_ascii_case(application_id);
        self.service_principals
            .iter()
            .find(|(_, service)| matches(service))
            .map(|(id, _)| *id)
    }

    pub(crate) fn group_by_name(&self, display_name: &str) -> Option<PrincipalId> {
        self.groups
            .iter()
            .find(|(_, group)| group.display_name == display_name)
            .map(|(id, _)| *id)
    }

    /// A user by e-mail address, or a service principal by application ID.
    pub(crate) fn principal_by_user_name(&self, user_name: &str) -> Option<PrincipalId> {
        self.user_by_name(user_name)
            .or_else(|| self.service_principal_by_application_id(user_name))
    }
}
