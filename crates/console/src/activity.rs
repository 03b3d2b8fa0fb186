//! The activity log: who changed or tried to change what, when, why, and with what outcome. The workspace's audit log
//! is authoritative; this log also has what failed, what was refused here, and what no one knows.
//!
//! The intent of a change is recorded before its call, and the outcome after it. A change whose intent cannot be
//! recorded is not made.

mod known_names;
mod log;
mod recent;
mod reconcile;
mod rows;

pub use store::{
    ActivityKind, ActivityPage, ActivityQuery, Detail, MAX_COUNTED, Operation, Outcome, RequestedValue, before_label,
    target_label,
};

pub use known_names::{KnownNames, NamedPrincipal, NamedToken};
pub use rows::{ActivityRow, ActivityRows, BulkRow, fold};

pub(crate) use log::{PlannedChange, log_entry, new_entry, truncated};
pub(crate) use reconcile::Reconciliation;

#[cfg(test)]
mod tests {
    use domain::ConnectionFault;
    use workspace_client::ErrorKind;

    use super::*;
    use crate::Error;

    #[test]
    fn every_error_that_a_change_can_end_with_has_a_label() {
        let of_workspace = [
            ErrorKind::BadCredential,
            ErrorKind::ScopeMissing,
            ErrorKind::IpBlocked,
            ErrorKind::NotAllowed,
            ErrorKind::NotInWorkspace,
            ErrorKind::WorkspaceIdMissing,
            ErrorKind::OtherWorkspace,
            ErrorKind::UnknownRefusal,
            ErrorKind::GatewayRefusal,
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
            ErrorKind::TooLarge,
            ErrorKind::Undecodable { path: ".".to_owned() },
            ErrorKind::ForeignEndpoint,
            ErrorKind::SignInServiceRefused,
        ];
        let unreachable = ConnectionFault::ALL.map(ErrorKind::Unreachable);
        let of_workspace = of_workspace
            .into_iter()
            .chain(unreachable)
            .map(|kind| Error::Workspace(kind.into()));
        let own = [
            Error::SignedOut,
            Error::ReadOnly,
            Error::AuditorReadOnly,
            Error::NotConfirmed,
            Error::OtherState,
            Error::TokenNotFound(ErrorKind::NotFound.into()),
            Error::AccessChanged,
            Error::OldStateAfterNoResponse,
            Error::UnexpectedPermissions,
            Error::ResultUnknown,
            Error::ScopesChanged,
            Error::ValueChanged,
            Error::HasTokens,
            Error::NotCreated,
            Error::CreationUnknown,
            Error::NotSent(ErrorKind::Timeout.into()),
            Error::Unconfirmed(ErrorKind::Timeout.into()),
            Error::SignInService(ErrorKind::Timeout.into()),
        ];
        for error in own.into_iter().chain(of_workspace) {
            let text = error.to_string();
            let detail = Detail::from(&error);
            assert_eq!(detail.to_stored(), text);
            assert_eq!(Detail::from_stored(&text), detail);
            assert_ne!(detail.label(), text);
        }
    }
}
