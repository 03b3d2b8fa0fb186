//! The activity log: who changed or tried to change what, when, why, and with what outcome. The workspace's audit log
//! is authoritative; this log also has what failed, what was refused here, and what no one knows.
//!
//! The intent of a change is recorded before its call, and the outcome after it. A change whose intent cannot be
//! recorded is not made.

mod log;
mod recent;
mod reconcile;

pub use store::{
    ActivityPage, ActivityQuery, Operation, Outcome, before_label, detail_label, kind_label, outcome_label,
    requested_label, target_label,
};

pub(crate) use log::{PlannedChange, new_entry, truncated};

/// The kinds of operations in the log, as they are stored.
pub mod kind {
    /// A token was revoked.
    pub const REVOKE_TOKEN: &str = "revoke_token";
    /// A token's comment was changed.
    pub const EDIT_COMMENT: &str = "edit_comment";
    /// Personal access tokens were enabled or disabled.
    pub const SWITCH_TOKENS: &str = "switch_tokens";
    /// The maximum lifetime of new tokens was set, in days.
    pub const SET_MAX_LIFETIME: &str = "set_max_lifetime";
    /// Many tokens were revoked, by a bulk revocation.
    pub const REVOKE_TOKENS: &str = "revoke_tokens";
    /// A paused bulk revocation was resumed.
    pub const RESUME_JOB: &str = "resume_job";
    /// The rest of a bulk revocation was cancelled.
    pub const CANCEL_JOB: &str = "cancel_job";
    /// Grants were added or removed.
    pub const EDIT_ACCESS: &str = "edit_access";
    /// A token was created for a service principal.
    pub const CREATE_TOKEN: &str = "create_token";
    /// A token's scopes were changed.
    pub const EDIT_SCOPES: &str = "edit_scopes";

    /// Every kind, in the order in which a filter offers them.
    pub const ALL: [&str; 10] = [
        REVOKE_TOKEN,
        REVOKE_TOKENS,
        RESUME_JOB,
        CANCEL_JOB,
        EDIT_COMMENT,
        SWITCH_TOKENS,
        SET_MAX_LIFETIME,
        EDIT_ACCESS,
        CREATE_TOKEN,
        EDIT_SCOPES,
    ];
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use workspace_client::ErrorKind;

    use super::*;
    use crate::Error;

    /// All sources in a folder, without their tests, as one text.
    fn sources(folder: &Path) -> String {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let texts = paths.map(|path| match path.is_dir() {
            true => sources(&path),
            false => std::fs::read_to_string(path).unwrap(),
        });
        texts
            .map(|text| text.split("\n#[cfg(test)]").next().unwrap_or_default().to_owned())
            .collect()
    }

    /// The literals in a source that are stored as the detail of an outcome.
    fn details(source: &str) -> Vec<&str> {
        let outcomes = source.split("Outcome::").skip(1);
        let outcomes = outcomes.filter_map(|rest| rest.trim_start_matches(char::is_alphanumeric).strip_prefix(','));
        let others = ["let text = ", "ItemOutcome::Failed(", "ANSWER: &str = "];
        let others = others.into_iter().flat_map(|before| source.split(before).skip(1));
        outcomes
            .chain(others)
            .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
            .filter(|text| !text.is_empty())
            .collect()
    }

    #[test]
    fn every_stored_text_has_a_label() {
        let source = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let details = details(&source);
        assert!(details.len() >= 20, "{details:?}");
        for detail in details {
            assert_ne!(detail_label(detail), detail);
        }
        for slug in kind::ALL {
            assert_ne!(kind_label(slug), slug);
        }
    }

    #[test]
    fn every_error_that_a_change_can_end_with_has_a_label() {
        let of_workspace = [
            ErrorKind::BadCredential,
            ErrorKind::ScopeMissing,
            ErrorKind::IpBlocked,
            ErrorKind::NotAllowed,
            ErrorKind::TokensNotAllowed,
            ErrorKind::FeatureOff { tokens_disabled: true },
            ErrorKind::FeatureOff { tokens_disabled: false },
            ErrorKind::NoTokenYet,
            ErrorKind::NotFound,
            ErrorKind::Rejected,
            ErrorKind::RateLimited { retry_after: None },
            ErrorKind::UnexpectedHtml,
            ErrorKind::Redirect,
            ErrorKind::Timeout,
            ErrorKind::Unreachable,
            ErrorKind::TooLarge,
            ErrorKind::Undecodable { path: ".".to_owned() },
            ErrorKind::ForeignEndpoint,
        ];
        let of_workspace = of_workspace.into_iter().map(|kind| Error::Workspace(kind.into()));
        let own = [
            Error::SignedOut,
            Error::ReadOnly,
            Error::AuditorReadOnly,
            Error::NotConfirmed,
            Error::AccessChanged,
            Error::OldStateAfterNoResponse,
            Error::UnexpectedPermissions,
            Error::ResultUnknown,
            Error::ScopesChanged,
            Error::NotCreated,
            Error::CreationUnknown,
            Error::NotSent(ErrorKind::Timeout.into()),
            Error::Unconfirmed(ErrorKind::Timeout.into()),
        ];
        for error in own.into_iter().chain(of_workspace) {
            let detail = error.to_string();
            assert_ne!(detail_label(&detail), detail);
        }
    }
}
