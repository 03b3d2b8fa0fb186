//! What pages show of a workspace: the list of tokens, and the other parts as far as they were read.

use std::sync::Arc;
use std::time::Duration;

use domain::access::{AccessList, Group, Membership, TokenAccess};
use domain::{
    AcceptedFindings, Directory, Inventory, Known, MaxLifetime, Policy, PrincipalId, TokenCount, TokenId, TokenQuery,
    UnreadPart, UnreadParts, WorkspaceFacts,
};
use store::{AcceptedFinding, SignInId};
use workspace_client::{Error as WorkspaceError, ErrorKind, UnreadableRow};

use super::drop_in_background;
use super::gone_owners::GoneOwners;
use super::groups::ReadGroups;
use super::part::{PartProblem, PartView};
use super::parts::Permissions;
use super::revocations::{Revocations, RevokedTokens};
use super::token_list::{TokenList, run_blocking};
use crate::findings::accepted_kinds;
use crate::{Timing, Workspace};

/// A workspace's tokens, and what is known about them, for one person.
pub struct Snapshot {
    /// The tokens, indexed, with names, limit and permissions as far as they are known.
    pub inventory: Arc<Inventory>,
    /// The policy, if it was read.
    pub policy: Option<Policy>,
    /// Tokens that exist but could not be read.
    pub unreadable: Arc<[UnreadableRow]>,
    /// Tokens that this console revoked more than 30 seconds before, and that the workspace still lists.
    pub still_listed: Arc<[TokenId]>,
    /// The findings that are accepted, the latest first.
    pub accepted: Arc<[AcceptedFinding]>,
    /// The owners that the lists of principals do not contain.
    pub(crate) unknown_owners: Arc<[PrincipalId]>,
    /// The time since the list of tokens was read.
    pub(crate) age: Duration,
    parts: PartViews,
}

/// All parts but the tokens, as one person sees them.
pub(crate) struct PartViews {
    pub(crate) names: PartView<Directory>,
    pub(crate) policy: PartView<Policy>,
    pub(crate) permissions: PartView<Permissions>,
    pub(crate) groups: PartView<ReadGroups>,
    pub(crate) gone_owners: Option<Arc<GoneOwners>>,
}

/// A part that is shown in an older state.
#[derive(Debug)]
pub struct OutdatedPart<'a> {
    /// The part.
    pub part: UnreadPart,
    /// The time since it was read.
    pub age: Duration,
    /// Why it is not newer.
    pub problem: &'a PartProblem,
}

/// The greatest age at which a list of tokens counts as current.
const RECENT_AGE: Duration = Duration::from_secs(2);

impl Snapshot {
    /// Whether the tokens were read just now.
    pub(crate) fn is_recent(&self) -> bool {
        self.age < RECENT_AGE
    }

    /// Why a part is missing, if it could not be read. Some workspaces do not have every part.
    pub fn problem(&self, part: UnreadPart) -> Option<&PartProblem> {
        self.parts.problem(part)
    }

    /// Everyone's groups, with the members of those that can use tokens. If they could not be read, the members of
    /// every group are unknown.
    pub fn membership(&self) -> Arc<Membership> {
        match self.inventory.access() {
            Some(access) => Arc::clone(&access.membership),
            None => {
                let groups = self.parts.groups.value.as_ref();
                let groups = groups.map(|read| read.groups.as_slice()).unwrap_or_default();
                Arc::new(Membership::new(self.inventory.directory(), groups))
            }
        }
    }

    /// What the rules about the workspace itself need to know.
    pub fn facts(&self) -> WorkspaceFacts<'_> {
        WorkspaceFacts {
            inventory: &self.inventory,
            grants: self.grants(),
            groups: self.groups(),
        }
    }

    /// The access control list, if it was read and the workspace has one.
    fn grants(&self) -> Option<&AccessList> {
        self.parts.permissions.value.as_ref()?.list.as_ref().ok()
    }

    /// All groups, if they were read.
    fn groups(&self) -> Option<&[Group]> {
        Some(self.parts.groups.value.as_ref()?.groups.as_slice())
    }

    /// The missing parts that are being read.
    pub fn loading(&self) -> UnreadParts {
        self.parts.loading_of(self.inventory.unread())
    }

    /// The parts that are shown in an older state, because a newer one is being read or could not be read.
    pub fn outdated(&self) -> Vec<OutdatedPart<'_>> {
        let parts = &self.parts;
        let outdated = [
            outdated(UnreadPart::Names, &parts.names),
            outdated(UnreadPart::Policy, &parts.policy),
            outdated(UnreadPart::Permissions, &parts.permissions),
            outdated(UnreadPart::Groups, &parts.groups),
        ];
        let unread = self.inventory.unread();
        outdated
            .into_iter()
            .flatten()
            .filter(|outdated| !unread.has(outdated.part))
            .collect()
    }
}

fn outdated<T>(part: UnreadPart, view: &PartView<T>) -> Option<OutdatedPart<'_>> {
    let problem = view.problem.as_ref().filter(|_| view.value.is_some())?;
    let age = view.age;
    Some(OutdatedPart { part, age, problem })
}

impl PartViews {
    pub(crate) fn of(workspace: &Workspace, sign_in: &SignInId, timing: Timing) -> Self {
        let (parts, ttl) = (&workspace.parts, timing.part_ttl());
        let mut names = parts.names.view(sign_in, timing.names_ttl());
        let is_partial = names.value.as_ref().is_some_and(|directory| !directory.is_complete());
        if is_partial && names.problem.is_none() {
            // The workspace sent fewer rows than it has, or unreadable ones. This concerns everyone, not just this
            // person.
            let path = "Resources".to_owned();
            names.problem = Some(PartProblem::Failed(
                ErrorKind::Undecodable { path }.into(),
                Duration::ZERO,
            ));
        }
        Self {
            names,
            policy: parts.policy.view(sign_in, ttl),
            permissions: parts.permissions.view(sign_in, ttl),
            groups: parts.groups.view(sign_in, ttl),
            gone_owners: parts.gone_owners.view(sign_in, timing.names_ttl()).value,
        }
    }

    fn problem(&self, part: UnreadPart) -> Option<&PartProblem> {
        match part {
            UnreadPart::Names => self.names.problem.as_ref(),
            UnreadPart::Policy => self.policy.problem.as_ref(),
            UnreadPart::Permissions => self.permissions.problem.as_ref(),
            UnreadPart::Groups => self.groups.problem.as_ref(),
            UnreadPart::Rows => None,
        }
    }

    /// The `unread` parts that are being read.
    fn loading_of(&self, unread: UnreadParts) -> UnreadParts {
        let is_loading = |part: &UnreadPart| matches!(self.problem(*part), Some(PartProblem::Loading));
        let loading = unread.iter().filter(is_loading);
        loading.fold(UnreadParts::default(), |parts, part| parts.with(part, true))
    }

    /// The missing parts that are being read, for one token.
    pub(crate) fn loading(&self, access: &Known<Arc<TokenAccess>>) -> UnreadParts {
        let has_all_names = self.names.value.as_ref().is_some_and(|names| names.is_complete());
        let unread = UnreadParts::default()
            .with(UnreadPart::Names, !has_all_names)
            .with(UnreadPart::Policy, self.policy().is_none());
        let unread = access.missing().map_or(unread, |part| unread.with(part, true));
        self.loading_of(unread)
    }

    pub(crate) fn policy(&self) -> Option<Policy> {
        self.policy.value.as_deref().copied()
    }

    fn inputs(&self) -> PartInputs {
        PartInputs {
            names: self.names.value.clone(),
            permissions: self.permissions.value.clone(),
            groups: self.groups.value.clone(),
            gone_owners: self.gone_owners.clone(),
        }
    }
}

/// The last inventory, which is used again as long as nothing new was read.
#[derive(Default)]
pub(crate) struct InventoryCache(tokio::sync::Mutex<Option<CachedInventory>>);

struct CachedInventory {
    inputs: Inputs,
    inventory: Arc<Inventory>,
    unknown_owners: Arc<[PrincipalId]>,
    /// The part of the inventory that is shown, and the version of [`Revocations`] that it takes into account.
    shown: Option<(u64, ListedInventory)>,
}

/// See the fields of [`Snapshot`].
#[derive(Clone)]
struct ListedInventory {
    inventory: Arc<Inventory>,
    unreadable: Arc<[UnreadableRow]>,
    still_listed: Arc<[TokenId]>,
}

/// The data that an inventory is made from.
struct Inputs {
    list: Arc<TokenList>,
    limit: Known<MaxLifetime>,
    parts: PartInputs,
}

/// The parts that show who owns tokens, and who can use them.
struct PartInputs {
    names: Option<Arc<Directory>>,
    permissions: Option<Arc<Permissions>>,
    groups: Option<Arc<ReadGroups>>,
    gone_owners: Option<Arc<GoneOwners>>,
}

impl PartialEq for Inputs {
    /// Whether both are from the same reads.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.list, &other.list) && self.limit == other.limit && self.parts == other.parts
    }
}

impl PartialEq for PartInputs {
    /// Whether both are from the same reads.
    fn eq(&self, other: &Self) -> bool {
        fn is_same<T>(one: Option<&Arc<T>>, other: Option<&Arc<T>>) -> bool {
            one.map(Arc::as_ptr) == other.map(Arc::as_ptr)
        }
        is_same(self.names.as_ref(), other.names.as_ref())
            && is_same(self.permissions.as_ref(), other.permissions.as_ref())
            && is_same(self.groups.as_ref(), other.groups.as_ref())
            && is_same(self.gone_owners.as_ref(), other.gone_owners.as_ref())
    }
}

impl PartInputs {
    /// The principals that were read, including those that are gone.
    fn directory(&self) -> Arc<Directory> {
        match (&self.names, &self.gone_owners) {
            (Some(names), Some(owners)) => Arc::new(names.with_gone(owners.gone.iter().copied())),
            (names, _) => names.clone().unwrap_or_default(),
        }
    }

    /// Who can use tokens, as far as that is known.
    fn access(&self, directory: &Directory) -> Known<Arc<TokenAccess>> {
        let list = self
            .permissions
            .as_ref()
            .and_then(|permissions| permissions.list.as_ref().ok());
        match (list, &self.groups) {
            (None, _) => Known::NotAvailable(UnreadPart::Permissions),
            (Some(_), None) => Known::NotAvailable(UnreadPart::Groups),
            (Some(list), Some(read)) => {
                let membership = Arc::new(Membership::new(directory, &read.groups));
                Known::Known(Arc::new(TokenAccess::new(membership, list)))
            }
        }
    }
}

impl InventoryCache {
    /// What the actor's page shows of `list`, which was read `age` ago.
    pub(crate) async fn snapshot(
        &self,
        workspace: &Workspace,
        list: &Arc<TokenList>,
        age: Duration,
        parts: PartViews,
        accepted: Vec<AcceptedFinding>,
    ) -> Result<Snapshot, WorkspaceError> {
        let mut last = self.0.lock().await;
        let inputs = Inputs {
            list: Arc::clone(list),
            limit: limit_of(parts.policy()),
            parts: parts.inputs(),
        };
        if last.as_ref().is_none_or(|last| last.inputs != inputs) {
            let new = run_blocking(move || CachedInventory::new(inputs)).await?;
            drop_in_background(last.replace(new));
        }
        let Some(assembled) = last.as_mut() else {
            return Err(ErrorKind::Timeout.into());
        };
        let shown = assembled.shown(&workspace.revocations, accepted_kinds(&accepted));
        Ok(Snapshot {
            policy: parts.policy(),
            inventory: shown.inventory,
            unreadable: shown.unreadable,
            still_listed: shown.still_listed,
            accepted: accepted.into(),
            unknown_owners: Arc::clone(&assembled.unknown_owners),
            age,
            parts,
        })
    }
}

impl InventoryCache {
    /// How many tokens had a finding that needs action now when they were last shown. `None` if they were not shown, or
    /// are being read.
    pub(crate) fn act_now_count(&self) -> Option<TokenCount> {
        let last = self.0.try_lock().ok()?;
        let (_, shown) = last.as_ref()?.shown.as_ref()?;
        Some(shown.inventory.act_now_count())
    }

    /// Who can use tokens, and the principals, for the page of one token: from the last inventory, unless something new
    /// was read since.
    pub(crate) async fn access(
        &self,
        parts: &PartViews,
    ) -> Result<(Known<Arc<TokenAccess>>, Arc<Directory>), WorkspaceError> {
        let inputs = parts.inputs();
        // One token does not wait for all tokens to be indexed.
        if let Ok(last) = self.0.try_lock()
            && let Some(last) = last.as_ref().filter(|last| last.inputs.parts == inputs)
        {
            let inventory = &last.inventory;
            return Ok((inventory.known_access().clone(), Arc::clone(inventory.directory())));
        }
        run_blocking(move || {
            let directory = inputs.directory();
            (inputs.access(&directory), directory)
        })
        .await
    }
}

impl CachedInventory {
    /// Also builds the index that most pages use, since that takes as long as the rest.
    fn new(inputs: Inputs) -> Self {
        let directory = inputs.parts.directory();
        let access = inputs.parts.access(&directory);
        let inventory = inputs.list.inventory.with_parts(directory, inputs.limit, access);
        inventory.listed_page(&TokenQuery::default());
        Self {
            unknown_owners: inventory.unknown_owners().into(),
            inventory: Arc::new(inventory),
            inputs,
            shown: None,
        }
    }

    /// The inventory without tokens that were revoked since the list was read, and with the accepted findings.
    fn shown(&mut self, revocations: &Revocations, accepted: AcceptedFindings) -> ListedInventory {
        let version = revocations.version();
        if let Some((of, shown)) = &self.shown
            && *of == version
            && **shown.inventory.accepted() == accepted
        {
            return shown.clone();
        }
        let list = &self.inputs.list;
        let RevokedTokens { hidden, overdue } = revocations.for_list(list.began);
        let is_shown = |row: &&UnreadableRow| {
            let id = row.id.as_deref();
            id.is_none_or(|id| hidden.iter().all(|hidden| hidden.as_str() != id))
        };
        let unreadable: Vec<_> = list.unreadable.iter().filter(is_shown).cloned().collect();
        let inventory = match hidden.is_empty() {
            true => Arc::clone(&self.inventory),
            false => {
                let rest = self.inventory.excluding(&hidden);
                Arc::new(rest.with_unreadable_rows(!unreadable.is_empty()))
            }
        };
        let inventory = match accepted.is_empty() {
            true => inventory,
            false => Arc::new(inventory.with_accepted(Arc::new(accepted))),
        };
        let still_listed = overdue.into_iter().filter(|id| inventory.get(id).is_some());
        let shown = ListedInventory {
            still_listed: still_listed.collect(),
            unreadable: unreadable.into(),
            inventory,
        };
        self.shown = Some((version, shown.clone()));
        shown
    }
}

pub(crate) fn limit_of(policy: Option<Policy>) -> Known<MaxLifetime> {
    let limit = policy.map(|policy| policy.max_lifetime);
    limit.map_or(Known::NotAvailable(UnreadPart::Policy), Known::Known)
}
