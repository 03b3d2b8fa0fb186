//! Writing the list: compared just before, as small as it can be, never sent twice, read back.

use domain::access::{AccessEdit, AccessList, AccessWrite, Grantee};
use store::Outcome;
use workspace_client::ErrorKind;

use crate::access::ListFingerprint;
use crate::activity::{PlannedChange, kind};
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error};

/// How saving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveResult {
    /// The workspace has the list that was wanted.
    Saved,
    /// It had it before: somebody, perhaps the same click sent twice, was faster.
    NoChange,
    /// The answer to the change was lost, and the workspace has the list that was wanted.
    SavedResponseLost,
}

impl Console {
    /// Makes `edit`, which was made from the list `opened`. Between the last read and the write lies nothing but the
    /// write's own way to the workspace; that gap cannot be closed, since the workspace compares nothing.
    ///
    /// # Errors
    /// [`Error::AccessChanged`] where the list is not `opened` any more, and nothing was written.
    /// [`Error::NotInEffect`] where the workspace said yes and has the old list, [`Error::NotApplied`] where it did not
    /// answer and has the old list, [`Error::AnotherList`] where it has neither the old nor the wanted one, and
    /// [`Error::NotReadBack`] where that could not be read. Else why it was refused.
    pub async fn save_access(
        &self,
        actor: &Actor,
        opened: &ListFingerprint,
        edit: &AccessEdit,
    ) -> Result<SaveResult, Error> {
        let before = actor.workspace.access.list(opened);
        let grants = |list: AccessList| format!("{} grants and admins", list.changeable().count());
        let intent = PlannedChange {
            kind: kind::EDIT_ACCESS,
            target: "permissions on tokens".to_owned(),
            before: before.map(grants).unwrap_or_default(),
            requested: requested_text(edit),
        };
        let ended = |saved: &SaveResult| match saved {
            SaveResult::Saved => (Outcome::Done, "in effect"),
            SaveResult::NoChange => (Outcome::Done, "was so already"),
            SaveResult::SavedResponseLost => (Outcome::Done, "in effect; the answer was lost"),
        };
        self.perform(actor, intent, self.compare_and_write(actor, opened, edit), ended)
            .await
    }

    async fn compare_and_write(
        &self,
        actor: &Actor,
        opened: &ListFingerprint,
        edit: &AccessEdit,
    ) -> Result<SaveResult, Error> {
        admin_proof::ensure_admin(actor).await?;
        let _writing = actor.workspace.access.write_lock.lock().await;
        let opened = actor.workspace.access.list(opened);
        let before = actor.end_proof_if_refused(actor.api().token_permissions().await)?;
        actor.workspace.access.remember(&before);
        let wanted = edit.apply(&before);
        let change = AccessWrite::between(&before, &wanted);
        if change == AccessWrite::Nothing {
            return Ok(SaveResult::NoChange);
        }
        if opened.is_none_or(|opened| !opened.grants_same_as(&before)) {
            return Err(Error::AccessChanged);
        }
        let written = match &change {
            AccessWrite::Nothing => return Ok(SaveResult::NoChange),
            AccessWrite::Add(grantees) => actor.api().grant_token_use(grantees).await,
            AccessWrite::Replace(grants) => actor.api().replace_token_permissions(grants).await,
        };
        actor.workspace.snapshots.forget();
        let in_doubt = match written {
            Ok(_) => false,
            Err(error) if is_ambiguous(&error.kind) => true,
            Err(error) => return actor.end_proof_if_refused(Err(error)),
        };
        let after = actor.end_proof_if_refused(actor.api().token_permissions().await);
        actor.workspace.snapshots.forget();
        match after {
            Ok(after) => {
                actor.workspace.access.remember(&after);
                settle(in_doubt, &before, &wanted, &after)
            }
            Err(error) => {
                tracing::warn!(
                    request = actor.request_id,
                    %error,
                    in_doubt,
                    "could not read the permissions after a change"
                );
                Err(Error::ResultUnknown)
            }
        }
    }
}

/// What the read-back says.
fn settle(in_doubt: bool, before: &AccessList, wanted: &AccessList, after: &AccessList) -> Result<SaveResult, Error> {
    if after.grants_same_as(wanted) {
        return Ok(if in_doubt {
            SaveResult::SavedResponseLost
        } else {
            SaveResult::Saved
        });
    }
    Err(match (after.grants_same_as(before), in_doubt) {
        (true, true) => Error::OldStateAfterNoResponse,
        (true, false) => Error::NotConfirmed,
        (false, _) => Error::UnexpectedPermissions,
    })
}

/// Whether a call that failed like this may have arrived all the same.
fn is_ambiguous(kind: &ErrorKind) -> bool {
    use ErrorKind::{Redirect, Server, Timeout, TooLarge, Undecodable, UnexpectedHtml, Unreachable};
    matches!(
        kind,
        Timeout | Unreachable | TooLarge | Undecodable { .. } | UnexpectedHtml | Redirect | Server { .. }
    )
}

/// How the record names a change.
fn requested_text(edit: &AccessEdit) -> String {
    let name = |grantee: &Grantee| format!("{} {}", grantee.kind(), grantee.name());
    let names = |of: Vec<String>| {
        if of.is_empty() {
            "nobody".to_owned()
        } else {
            of.join(", ")
        }
    };
    format!(
        "Added {}; removed {}",
        names(edit.added().map(name).collect()),
        names(edit.removed().map(name).collect())
    )
}

#[cfg(test)]
mod tests {
    use domain::access::Grant;

    use super::*;

    fn list(names: &[&str]) -> AccessList {
        AccessList::new(names.iter().map(|name| Grant::to_use(Grantee::Group((*name).into()))))
    }

    #[test]
    fn only_the_wanted_list_is_success() {
        let (before, wanted, other) = (list(&["a"]), list(&["b"]), list(&["c"]));
        assert!(matches!(
            settle(false, &before, &wanted, &wanted),
            Ok(SaveResult::Saved)
        ));
        assert!(matches!(
            settle(true, &before, &wanted, &wanted),
            Ok(SaveResult::SavedResponseLost)
        ));
        assert!(matches!(
            settle(false, &before, &wanted, &before),
            Err(Error::NotConfirmed)
        ));
        assert!(matches!(
            settle(true, &before, &wanted, &before),
            Err(Error::OldStateAfterNoResponse)
        ));
        assert!(matches!(
            settle(true, &before, &wanted, &other),
            Err(Error::UnexpectedPermissions)
        ));
    }
}
