//! Changing the access control list: compared immediately before, as small as possible, never sent twice, and verified.

use domain::access::{AccessEdit, AccessList, AccessWrite, Grantee};
use store::Outcome;

use super::is_ambiguous;
use crate::access::ListFingerprint;
use crate::activity::{PlannedChange, kind};
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error};

/// What the activity log stores for "no one". Stored text does not change.
const NO_GRANTEE: &str = "nobody";

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
        let before = actor.workspace.shown_lists.get(opened);
        let grants = |list: AccessList| format!("{} grants and admins", list.changeable().count());
        let change = PlannedChange {
            kind: kind::EDIT_ACCESS,
            target: "permissions on tokens".to_owned(),
            before: before.map(grants).unwrap_or_default(),
            requested: requested_text(edit),
        };
        let describe = |result: &SaveResult| match result {
            SaveResult::Saved => (Outcome::Done, "in effect"),
            SaveResult::NoChange => (Outcome::Done, "was so already"),
            SaveResult::SavedResponseLost => (Outcome::Done, "in effect; the answer was lost"),
        };
        self.perform(actor, change, self.compare_and_write(actor, opened, edit), describe)
            .await
    }

    async fn compare_and_write(
        &self,
        actor: &Actor,
        opened: &ListFingerprint,
        edit: &AccessEdit,
    ) -> Result<SaveResult, Error> {
        admin_proof::ensure_admin(actor).await?;
        let lists = &actor.workspace.shown_lists;
        let _writing = lists.write_lock.lock().await;
        let opened = lists.get(opened);
        let before = actor.end_proof_if_refused(actor.api().token_permissions().await)?;
        lists.remember(&before);
        let requested = edit.apply(&before);
        let write = AccessWrite::between(&before, &requested);
        if write == AccessWrite::Nothing {
            return Ok(SaveResult::NoChange);
        }
        if opened.is_none_or(|opened| !opened.grants_same_as(&before)) {
            return Err(Error::AccessChanged);
        }
        let written = match &write {
            AccessWrite::Nothing => return Ok(SaveResult::NoChange),
            AccessWrite::Add(grantees) => actor.api().grant_token_use(grantees).await,
            AccessWrite::Replace(grants) => actor.api().replace_token_permissions(grants).await,
        };
        actor.workspace.snapshots.invalidate();
        let response_lost = match written {
            Ok(_) => false,
            Err(error) if is_ambiguous(&error.kind) => true,
            Err(error) => return actor.end_proof_if_refused(Err(error)),
        };
        let after = actor.end_proof_if_refused(actor.api().token_permissions().await);
        actor.workspace.snapshots.invalidate();
        match after {
            Ok(after) => {
                lists.remember(&after);
                result_of(response_lost, &before, &requested, &after)
            }
            Err(error) => {
                tracing::warn!(
                    request = actor.request_id,
                    %error,
                    response_lost,
                    "could not read the permissions after a change"
                );
                Err(Error::ResultUnknown)
            }
        }
    }
}

/// How saving ended, according to the list that was read `after` it.
fn result_of(
    response_lost: bool,
    before: &AccessList,
    requested: &AccessList,
    after: &AccessList,
) -> Result<SaveResult, Error> {
    if after.grants_same_as(requested) {
        return Ok(if response_lost {
            SaveResult::SavedResponseLost
        } else {
            SaveResult::Saved
        });
    }
    Err(match (after.grants_same_as(before), response_lost) {
        (true, true) => Error::OldStateAfterNoResponse,
        (true, false) => Error::NotConfirmed,
        (false, _) => Error::UnexpectedPermissions,
    })
}

/// The edit in words, as the activity log stores it.
fn requested_text(edit: &AccessEdit) -> String {
    let name = |grantee: &Grantee| format!("{} {}", grantee.kind(), grantee.name());
    let names = |of: Vec<String>| {
        if of.is_empty() {
            NO_GRANTEE.to_owned()
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
    fn only_the_requested_list_is_a_success() {
        let (before, requested, other) = (list(&["a"]), list(&["b"]), list(&["c"]));
        assert!(matches!(
            result_of(false, &before, &requested, &requested),
            Ok(SaveResult::Saved)
        ));
        assert!(matches!(
            result_of(true, &before, &requested, &requested),
            Ok(SaveResult::SavedResponseLost)
        ));
        assert!(matches!(
            result_of(false, &before, &requested, &before),
            Err(Error::NotConfirmed)
        ));
        assert!(matches!(
            result_of(true, &before, &requested, &before),
            Err(Error::OldStateAfterNoResponse)
        ));
        assert!(matches!(
            result_of(true, &before, &requested, &other),
            Err(Error::UnexpectedPermissions)
        ));
    }
}
