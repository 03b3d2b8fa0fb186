//! What a problem interrupted, and what is still certain about it, for example "Nothing was changed."

use super::Problem;

/// What a problem interrupted, which determines what its text can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupted {
    /// Showing a page, or anything else that does not change a workspace.
    Page,
    /// A change.
    Change,
    /// A change whose form still shows the input.
    Edit,
}

impl Interrupted {
    /// A change by a form. If the input was `kept`, the form still shows it.
    pub(crate) fn by_form(kept: bool) -> Self {
        if kept { Self::Edit } else { Self::Change }
    }
}

impl Problem {
    /// Whether the problem concerns the console's own database, and not a workspace.
    pub(crate) fn is_about_console(self) -> bool {
        matches!(
            self,
            Self::StorageFull | Self::StorageLocked | Self::StorageReplaced | Self::StorageUnreachable
        )
    }

    /// Whether a change may have been made although the workspace, or the console's database, failed like this.
    pub(super) fn leaves_a_change_unknown(self) -> bool {
        matches!(
            self,
            Self::TimedOut
                | Self::Unreachable { .. }
                | Self::UnexpectedWebPage
                | Self::Redirected
                | Self::UnreadableResponse
                | Self::WorkspaceFailed { .. }
                | Self::StorageUnreachable
        )
    }

    /// What is certain about an interrupted change and its input. Only this function makes these sentences, so that
    /// none is shown where it is not true. If the change was certainly `unchanged`, every problem says so; otherwise
    /// only problems that are detected before anything is sent do.
    pub(super) fn certainties(self, interrupted: Interrupted, unchanged: bool) -> impl Iterator<Item = &'static str> {
        let sentence = match self {
            Self::AccessChanged
            | Self::OtherSaveInProgress
            | Self::UnknownPrincipal { .. }
            | Self::OnlyAdminsManage
            | Self::ScopesChanged
            | Self::ValueChanged
            | Self::AlreadyPutBack
            | Self::NothingToPutBack => Some("Nothing was saved."),
            Self::NoServicePrincipal
            | Self::BadTokenLifetime { .. }
            | Self::CreationUnavailable
            | Self::UnknownServicePrincipal
            | Self::NotAServicePrincipal
            | Self::LifetimeAbovePolicy { .. }
            | Self::RecipientLacksPermission
            | Self::AdminsRestricted
            | Self::CreationRejected
            | Self::QuotaExceeded
            | Self::HasTokens => Some("No token was created."),
            Self::ReadOnly
            | Self::AuditorReadOnly
            | Self::BulkNotFound
            | Self::NotYourBulk
            | Self::CountMismatch
            | Self::NameMismatch
            | Self::BadLifetime(_)
            | Self::BadAcceptance(_)
            | Self::CommentTooLong
            | Self::ReasonTooLong
            | Self::BadScopes(_)
            | Self::BadRequest
            | Self::UnknownTimeZone
            | Self::StorageFull
            | Self::StorageLocked
            | Self::StorageReplaced => Some("Nothing was changed."),
            _ if unchanged => Some("Nothing was changed."),
            // `TimedOut` has its own text for a change.
            Self::TimedOut => None,
            problem if problem.leaves_a_change_unknown() => {
                Some("Check whether the change was made before you repeat it.")
            }
            _ => None,
        };
        let kept = match self {
            // People who cannot make changes do not see the form.
            Self::ReadOnly | Self::AuditorReadOnly => None,
            _ => Some("Your edits are kept."),
        };
        let sentence = sentence.filter(|_| interrupted != Interrupted::Page);
        let kept = kept.filter(|_| interrupted == Interrupted::Edit);
        sentence.into_iter().chain(kept)
    }
}
