//! Changing the access control list: compared immediately before, as small as possible, never sent twice, and verified.

use std::sync::Arc;

use domain::access::{AccessEdit, AccessList, AccessWrite, Grantee};
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use tokio::sync::OwnedMutexGuard;
use workspace_client::Error as WorkspaceError;

use super::{Change, Look, Step};
use crate::access::ListFingerprint;
use crate::activity::PlannedChange;
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error};

/// How saving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveResult {
    /// The workspace has the requested list.
    Saved,
    /// It had the requested list before: someone else, or the same click sent twice, was faster.
    NoChange,
    /// The response was lost, and the workspace has the requested list.
    SavedResponseLost,
}

impl Console {
    /// Saves `edit`, which was made from the list `opened`. Nothing happens between the last read and the write except
    /// that the write travels to the workspace. That gap cannot be closed, since the workspace compares nothing.
    ///
    /// # Errors
    /// - [`Error::AccessChanged`]: the list is no longer `opened`, and nothing was written.
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
        self.perform(actor, &EditAccess { opened, edit }).await
    }
}

struct EditAccess<'a> {
    opened: &'a ListFingerprint,
    edit: &'a AccessEdit,
}

/// A write that was compared with the current list. While it exists, no one else writes through this console.
struct ComparedWrite {
    _writing: OwnedMutexGuard<()>,
    before: AccessList,
    requested: AccessList,
    write: AccessWrite,
}

impl Change for EditAccess<'_> {
    const KIND: ActivityKind = ActivityKind::EditAccess;

    type Plan = ComparedWrite;
    type Accepted = ();
    type Confirmed = SaveResult;

    async fn describe(&self, actor: &Actor) -> PlannedChange {
        let before = actor.workspace.shown_lists.get(self.opened);
        PlannedChange {
            target: "permissions on tokens".to_owned(),
            before: before.map(|list| grants_text(&list)).unwrap_or_default(),
            requested: requested_value(self.edit),
        }
    }

    async fn plan(&self, actor: &Actor) -> Result<Step<Self>, Error> {
        admin_proof::ensure_admin(actor).await?;
        let lists = &actor.workspace.shown_lists;
        let writing = Arc::clone(&lists.write_lock).lock_owned().await;
        let opened = lists.get(self.opened);
        let before = actor.end_proof_if_refused(actor.api().token_permissions().await)?;
        lists.remember(&before);
        let requested = self.edit.apply(&before);
        let write = AccessWrite::between(&before, &requested);
        if write == AccessWrite::Nothing {
            return Ok(Step::Done(SaveResult::NoChange));
        }
        if opened.is_none_or(|opened| !opened.grants_same_as(&before)) {
            return Err(Error::AccessChanged);
        }
        Ok(Step::Send(ComparedWrite {
            _writing: writing,
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
