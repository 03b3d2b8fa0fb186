//! Changing the access control list: compared with the current list immediately before, as small as possible, never
//! sent twice, and verified.

use domain::access::{AccessEdit, AccessList, AccessWrite, Grantee};
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use workspace_client::Error as WorkspaceError;

use super::{Change, Look, Step};
use crate::access::ListFingerprint;
use crate::activity::PlannedChange;
use crate::held_lease::HeldLease;
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error};

/// How saving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveResult {
    /// The workspace has the requested list.
    Saved,
    /// The workspace had the requested list before: someone else, or the first request of a double click, was faster.
    NoChange,
    /// The response was lost, and the workspace has the requested list.
    SavedResponseLost,
}

impl Console {
    /// Saves `edit`, which was made from the list `opened`. The current list is read immediately before the write. A
    /// change by someone else between the two cannot be prevented, since the workspace compares nothing.
    ///
    /// # Errors
    /// - [`Error::AccessChanged`]: the list is no longer `opened`, and nothing was written.
    /// - [`Error::OtherSaveInProgress`]: someone else is saving right now, and nothing was written.
    /// - [`Error::NotConfirmed`]: the workspace accepted it, and has the old list.
    /// - [`Error::OldStateAfterNoResponse`]: the workspace did not respond, and has the old list.
    /// - [`Error::UnexpectedPermissions`]: the workspace has neither the old list nor the requested one.
    /// - [`Error::ResultUnknown`]: it was sent, and the list could not be read afterwards.
    /// - Otherwise why it was refused.
    pub async fn save_access(
        &self,
        actor: &Actor,
        opened: &ListFingerprint,
        edit: &AccessEdit,
    ) -> Result<SaveResult, Error> {
        let console = self;
        self.perform(actor, &EditAccess { console, opened, edit }).await
    }
}

struct EditAccess<'a> {
    console: &'a Console,
    opened: &'a ListFingerprint,
    edit: &'a AccessEdit,
}

/// A write that was compared with the current list. While it exists, no one else writes through this console, or
/// through another instance of it.
struct ComparedWrite {
    _turn: HeldLease,
    before: AccessList,
    requested: AccessList,
    write: AccessWrite,
}

impl Change for EditAccess<'_> {
    const KIND: ActivityKind = ActivityKind::EditAccess;

    type Before = ();
    type Plan = ComparedWrite;
    type Accepted = ();
    type Confirmed = SaveResult;

    async fn read_before(&self, _actor: &Actor) {}

    async fn describe(&self, actor: &Actor, _before: Option<&()>) -> PlannedChange {
        let before = self.console.shown_list(&actor.workspace, self.opened).await;
        PlannedChange {
            target: "permissions on tokens".to_owned(),
            before: before.ok().flatten().map(|list| grants_text(&list)).unwrap_or_default(),
            requested: requested_value(self.edit),
        }
    }

    async fn plan(&self, actor: &Actor, (): ()) -> Result<Step<Self>, Error> {
        admin_proof::ensure_admin(actor).await?;
        let turn = self.console.wait_to_write(&actor.workspace).await?;
        let opened = self.console.shown_list(&actor.workspace, self.opened).await?;
        let before = actor.end_proof_if_refused(actor.api().token_permissions().await)?;
        actor.workspace.shown_lists.remember(&before);
        let requested = self.edit.apply(&before);
        let write = AccessWrite::between(&before, &requested);
        if write == AccessWrite::Nothing {
            return Ok(Step::Done(SaveResult::NoChange));
        }
        if opened.is_none_or(|opened| !opened.grants_same_as(&before)) {
            return Err(Error::AccessChanged);
        }
        // Reading may have taken long.
        if !turn.ensure_half().await? {
            return Err(Error::OtherSaveInProgress);
        }
        Ok(Step::Send(ComparedWrite {
            _turn: turn,
            before,
            requested,
            write,
        }))
    }

    async fn send(&self, actor: &Actor, plan: &ComparedWrite) -> Result<(), WorkspaceError> {
        match &plan.write {
            AccessWrite::Nothing => Ok(()),
            AccessWrite::Add(grantees) => actor.api().grant_token_use(grantees).await.map(drop),
            AccessWrite::Replace(grants) => actor.api().replace_token_permissions(grants).await.map(drop),
        }
    }

    async fn look(&self, actor: &Actor, plan: &ComparedWrite, accepted: Option<&()>) -> Look<SaveResult> {
        let after = match actor.api().token_permissions().await {
            Ok(after) => after,
            Err(error) => return Look::Unreadable(error),
        };
        actor.workspace.shown_lists.remember(&after);
        if after.grants_same_as(&plan.requested) {
            return Look::Confirmed(match accepted {
                Some(()) => SaveResult::Saved,
                None => SaveResult::SavedResponseLost,
            });
        }
        match after.grants_same_as(&plan.before) {
            true => Look::OldState,
            false => Look::OtherState,
        }
    }

    fn outcome(&self, result: &SaveResult) -> (Outcome, Detail) {
        let detail = match result {
            SaveResult::Saved => Detail::InEffect,
            SaveResult::NoChange => Detail::NoChange,
            SaveResult::SavedResponseLost => Detail::InEffectResponseLost,
        };
        (Outcome::Done, detail)
    }

    fn unconfirmed(&self, lost: Option<WorkspaceError>, last: Look<SaveResult>) -> Result<SaveResult, Error> {
        Err(match (lost, last) {
            (Some(_), Look::OldState) => Error::OldStateAfterNoResponse,
            (None, Look::OldState) => Error::NotConfirmed,
            (_, Look::OtherState) => Error::UnexpectedPermissions,
            (_, Look::Unreadable(_) | Look::Confirmed(_)) => Error::ResultUnknown,
        })
    }
}

/// The edit in words.
fn requested_value(edit: &AccessEdit) -> RequestedValue {
    let name = |grantee: &Grantee| format!("{} {}", grantee.kind(), grantee.name());
    RequestedValue::AccessEdit {
        added: edit.added().map(name).collect::<Vec<_>>().join(", "),
        removed: edit.removed().map(name).collect::<Vec<_>>().join(", "),
    }
}

/// The size of a list in words, as the activity log stores it.
pub(crate) fn grants_text(list: &AccessList) -> String {
    format!("{} grants and admins", list.changeable().count())
}
