//! Problems with changes: of permissions, settings and tokens, in bulk, and creating a token.

use std::borrow::Cow;

use console::MAX_REASON_CHARS;

use super::{ProblemSpec, WorkspaceWords, spec};
use crate::problem::Problem;

impl Problem {
    /// Problems with changes of permissions, settings and tokens, and with bulk revocations.
    pub(super) fn spec_of_change(self, words: WorkspaceWords<'_>) -> ProblemSpec {
        let WorkspaceWords { ws, ws_first } = words;
        match self {
            Self::AccessChanged => spec(
                409,
                "Someone else changed the permissions",
                "Review what changed, then save again.",
            ),
            Self::OtherSaveInProgress => spec(
                409,
                "Someone else is saving the permissions",
                "Wait a moment, then review what changed and save again.",
            ),
            Self::OldStateAfterNoResponse => spec(
                504,
                "No response, and no change so far",
                format!(
                    "{ws_first} did not respond and still has the old permissions. Check again in a minute before you \
                     save."
                ),
            ),
            Self::UnexpectedPermissions => spec(
                409,
                "The permissions are not what you saved",
                format!(
                    "{ws_first} has neither the old permissions nor yours: someone else changed them at the same time. \
                     Review them first."
                ),
            ),
            Self::ResultUnknown => spec(
                502,
                "Result unknown",
                "The change was sent, but the result could not be read. Reload the permissions before you do anything \
                 else.",
            ),
            Self::ChangeUnknown => spec(
                502,
                "It is unclear whether the change was made",
                format!(
                    "The change was sent, but {ws} did not confirm it. Check the current state before you repeat it."
                ),
            ),
            Self::UnknownPrincipal { .. } => spec(
                400,
                "A user, group or service principal no longer exists",
                "It may have been deleted or renamed. Remove it from your edits, or search for it again.",
            ),
            Self::OnlyAdminsManage => spec(
                400,
                "Only the group \u{201c}admins\u{201d} can manage tokens",
                format!("Your edits grant CAN_MANAGE to someone else, which {ws} rejects."),
            ),
            Self::InvalidFilter => spec(
                409,
                "Some filters are not valid",
                "Without them, more tokens would match, so nothing was selected or exported. Remove them first.",
            ),
            Self::FilterNotAvailable { part } => spec(
                409,
                "A filter is not available",
                format!(
                    "It needs something that is missing: {}. Without the filter, more tokens would match, so nothing \
                     was selected or exported. Remove it, or try again later.",
                    part.reason()
                ),
            ),
            Self::PartialData { unread } => {
                let reasons: Vec<_> = unread.iter().map(|part| part.reason()).collect();
                spec(
                    409,
                    "The export would be incomplete",
                    format!(
                        "Something is missing: {}. Open \u{201c}Export\u{201d} on the token list to see what it is and \
                         to download the rest.",
                        reasons.join(", ")
                    ),
                )
            }
            Self::NothingSelected => spec(
                400,
                "No token is selected",
                "Select one or more tokens, or all that match, then review.",
            ),
            Self::TooManySelected => spec(
                400,
                "Too many tokens selected individually",
                "You can select up to 1,000. To revoke more, filter and use \u{201c}Select all\u{201d}.",
            ),
            Self::OnlyOwnTokenSelected => spec(
                400,
                "You selected only the token you are signed in with",
                "Revoking it signs you out, and so can losing scopes. Change it separately, from its own page.",
            ),
            Self::CountMismatch => spec(
                400,
                "The number does not match",
                "Type the number of tokens exactly as shown.",
            ),
            Self::BulkNotFound => spec(
                404,
                "Bulk change not found",
                "Check the URL. Selections that were not started are deleted after one hour.",
            ),
            Self::NotYourBulk => spec(
                403,
                "Someone else started this bulk change",
                "It uses their credential, so only they can resume it. You can cancel what remains and start your own.",
            ),
            Self::LifetimeRejected => spec(
                400,
                format!("{ws_first} rejected this lifetime"),
                "Enter a whole number from 1 to 730, or 0 for no custom limit.",
            ),
            Self::NameMismatch => spec(
                400,
                "The name does not match",
                "Type the workspace name exactly as shown.",
            ),
            Self::CommentTooLong => spec(400, "The comment is too long", "The maximum is 1,000 characters."),
            Self::ReasonTooLong => spec(
                400,
                "The reason is too long",
                format!("The maximum is {MAX_REASON_CHARS} characters."),
            ),
            Self::CreatedBefore => spec(
                409,
                "You already created this token",
                "To create another one like it, tick the box and send the form again.",
            ),
            Self::NoTokenInText => spec(
                400,
                "No value in the shape of a Databricks token (dapi and 32 hex digits) was found",
                "This does not show that none is there.",
            ),
            Self::BadAcceptance(error) => spec(400, "Not accepted", error.to_string()),
            Self::BadLifetime(error) => spec(400, "Invalid lifetime", error.to_string()),
            Self::BadScopes(error) => spec(400, "Invalid scopes", error.to_string()),
            Self::ScopesRejected => spec(
                400,
                format!("{ws_first} rejected these scopes"),
                "It may not know one of them.",
            ),
            Self::ScopesChanged => spec(
                409,
                "Someone else changed the scopes",
                "The current scopes are shown. Review your change again.",
            ),
            Self::ValueChanged => spec(
                409,
                "This was changed in the meantime",
                "The page shows the current value. To use yours instead, save it again.",
            ),
            Self::NothingToPutBack => spec(
                409,
                "Nothing can be put back",
                "Each of these tokens is gone, has changed since or already has its earlier scopes, or those are not \
                 stored completely.",
            ),
            Self::AlreadyPutBack => spec(
                409,
                "Nothing is left to put back",
                "These tokens have the scopes from before this change.",
            ),
            other => other.spec_of_creation(words),
        }
    }

    /// Problems with creating a token for a service principal.
    fn spec_of_creation(self, words: WorkspaceWords<'_>) -> ProblemSpec {
        let WorkspaceWords { ws_first, .. } = words;
        match self {
            Self::NoServicePrincipal => spec(
                400,
                "Choose a service principal",
                "Search by name, or enter its application ID.",
            ),
            Self::BadTokenLifetime { most } => spec(
                400,
                "Invalid lifetime",
                format!("Enter a whole number of days from 1 to {most}."),
            ),
            Self::CreationUnavailable => spec(
                404,
                "Not available in this workspace",
                "It runs on Azure, or this feature is disabled. Let the service principal sign in with a Microsoft \
                 Entra ID or Databricks OAuth token and call POST /api/2.0/token/create; it needs permission to use \
                 tokens. Better: use OAuth (M2M).",
            ),
            Self::UnknownServicePrincipal => spec(
                400,
                "Service principal not found",
                "Check the application ID. Display names are not accepted.",
            ),
            Self::NotAServicePrincipal => spec(
                400,
                "This is a user, not a service principal",
                "Tokens can be created for service principals only.",
            ),
            Self::LifetimeAbovePolicy { most } => spec(
                400,
                "The lifetime exceeds the workspace's limit",
                match most {
                    Some(1) => Cow::Borrowed("Choose 1 day."),
                    Some(days) => Cow::Owned(format!("Choose {days} days or less.")),
                    None => Cow::Borrowed("Choose a shorter lifetime."),
                },
            ),
            Self::RecipientLacksPermission => spec(
                403,
                "The service principal does not have permission to use tokens",
                "Grant it under Settings, Permissions, and check that it is active.",
            ),
            Self::CreationRejected => spec(
                403,
                format!("{ws_first} does not let you create this token"),
                "You may lack a permission on this service principal. Details are in the server log.",
            ),
            Self::AdminsRestricted => spec(
                403,
                "Workspace admins are restricted",
                "\u{201c}Restrict Workspace Admins\u{201d} is on: you need the role Service Principal User on this \
                 service principal. Its manager or an account admin can grant it.",
            ),
            Self::QuotaExceeded => spec(
                400,
                "The service principal has reached its token limit",
                "Databricks allows 600 active tokens each. Revoke unused ones first.",
            ),
            Self::HasTokens => spec(
                409,
                "This workspace has tokens already",
                "A first token is not needed: its permissions can be edited.",
            ),
            Self::NotCreated => spec(
                504,
                "No response, and no new token found",
                format!("{ws_first} lists no new token of yours. Check the token list before you try again."),
            ),
            Self::CreationUnknown => spec(
                502,
                "It is unclear whether a token was created",
                "Check the token list and revoke any token whose value no one has.",
            ),
            // Only `Internal` is left: a test checks that no other problem gets here.
            _ => spec(
                500,
                "Something went wrong in the console",
                "Try again. Details are in the server log.",
            ),
        }
    }
}
