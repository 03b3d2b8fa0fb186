//! What the errors of the console and of its client mean to the user.

use std::time::Duration;

use console::{CreationRefusal, Error, StorageFault, WorkspaceError, WorkspaceErrorKind as ErrorKind};

use super::{ApiScope, Problem};

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        match error {
            Error::UnknownWorkspace => Self::UnknownWorkspace,
            Error::SignedOut => Self::SignedOut,
            Error::ReadOnly => Self::ReadOnly,
            Error::AuditorReadOnly => Self::AuditorReadOnly,
            Error::NotAnAuditor => Self::NotAdmin,
            Error::AuditorConnection(_) => Self::AuditorConnectionFailed,
            Error::StillLoading => Self::StillLoading,
            Error::TooManyLookups { seconds } => Self::TooManyLookups { seconds: *seconds },
            Error::TokenSignInDisabled => Self::TokenSignInDisabled,
            Error::OAuthNotConfigured => Self::OAuthNotConfigured,
            Error::SignInService(error) => Self::of_sign_in_service(error),
            Error::OAuthCodeRejected => Self::SignInExpired,
            Error::NotConfirmed => Self::NotConfirmed,
            Error::OtherState => Self::OtherState,
            Error::TokenNotFound(_) | Error::TokenNotListed => Self::TokenNotFound,
            Error::AccessChanged => Self::AccessChanged,
            Error::OtherSaveInProgress => Self::OtherSaveInProgress,
            Error::InvalidFilter => Self::InvalidFilter,
            Error::FilterNotAvailable(part) => Self::FilterNotAvailable { part: *part },
            Error::PartialData(unread) => Self::PartialData { unread: *unread },
            // A page that knows the input shows all of its errors.
            Error::InvalidAcceptance(errors) => errors.first().map_or(Self::BadRequest, |e| Self::BadAcceptance(*e)),
            Error::NothingSelected => Self::NothingSelected,
            Error::TooManySelected => Self::TooManySelected,
            Error::OnlyOwnTokenSelected => Self::OnlyOwnTokenSelected,
            Error::CountMismatch => Self::CountMismatch,
            Error::BulkNotFound => Self::BulkNotFound,
            Error::NotYourBulk => Self::NotYourBulk,
            Error::OldStateAfterNoResponse => Self::OldStateAfterNoResponse,
            Error::UnexpectedPermissions => Self::UnexpectedPermissions,
            Error::ResultUnknown => Self::ResultUnknown,
            Error::ScopesChanged => Self::ScopesChanged,
            Error::ValueChanged => Self::ValueChanged,
            Error::ReasonTooLong => Self::ReasonTooLong,
            Error::NothingToPutBack => Self::NothingToPutBack,
            Error::AlreadyPutBack => Self::AlreadyPutBack,
            Error::CreationRefused { why, .. } => (*why).into(),
            Error::HasTokens => Self::HasTokens,
            Error::NotCreated => Self::NotCreated,
            Error::CreationUnknown => Self::CreationUnknown,
            Error::Workspace(error) | Error::NotSent(error) => error.into(),
            Error::Unconfirmed(error) => match Self::from(error) {
                problem if problem.leaves_a_change_unknown() => problem,
                // If looking for the result was refused, that says nothing about the change.
                _ => Self::ChangeUnknown,
            },
            Error::Store(_) | Error::NotRecorded(_) => match error.storage_fault() {
                Some(StorageFault::Full) => Self::StorageFull,
                Some(StorageFault::Locked) => Self::StorageLocked,
                Some(StorageFault::Replaced) => Self::StorageReplaced,
                Some(StorageFault::Unreachable) => Self::StorageUnreachable,
                None => Self::Internal,
            },
        }
    }
}

impl From<&WorkspaceError> for Problem {
    fn from(error: &WorkspaceError) -> Self {
        match &error.kind {
            ErrorKind::BadCredential => Self::BadCredential,
            ErrorKind::ScopeMissing => Self::ScopeMissing {
                scope: error.missing_scope().and_then(ApiScope::of),
            },
            ErrorKind::NotInWorkspace => Self::NotInWorkspace,
            ErrorKind::WorkspaceIdMissing => Self::WorkspaceIdMissing,
            ErrorKind::OtherWorkspace => Self::OtherWorkspace,
            ErrorKind::IpBlocked => Self::IpBlocked,
            ErrorKind::NotAllowed => Self::NotAdmin,
            ErrorKind::TokensNotAllowed => Self::TokensNotAllowed,
            ErrorKind::FeatureOff { tokens_disabled: true } => Self::TokensDisabled,
            // A page that knows the policy is more specific: `Problem::of_feature_off`.
            ErrorKind::FeatureOff { tokens_disabled: false } => Self::DisabledOrUnavailable,
            ErrorKind::NoTokenYet => Self::NoTokenYet,
            // If a requested token does not exist, the error is `Error::TokenNotFound`.
            ErrorKind::NotFound | ErrorKind::Rejected | ErrorKind::UnknownRefusal => Self::Rejected,
            ErrorKind::RateLimited { retry_after } => Self::RateLimited {
                seconds: retry_after.map(|d| ceil_seconds(d).max(1)),
            },
            ErrorKind::UnexpectedHtml | ErrorKind::GatewayRefusal => Self::UnexpectedWebPage,
            ErrorKind::Redirect => Self::Redirected,
            ErrorKind::Timeout => Self::TimedOut,
            ErrorKind::Unreachable(fault) => Self::Unreachable { fault: *fault },
            ErrorKind::TooLarge | ErrorKind::Undecodable { .. } => Self::UnreadableResponse,
            ErrorKind::Server { status, .. } => Self::WorkspaceFailed { status: *status },
            ErrorKind::OAuthRefused { .. } | ErrorKind::ForeignEndpoint => Self::OAuthRefused,
            ErrorKind::SignInServiceRefused => Self::of_sign_in_service(error),
        }
    }
}

impl Problem {
    /// The problem of a failure of the sign-in service.
    fn of_sign_in_service(error: &WorkspaceError) -> Self {
        match &error.kind {
            ErrorKind::Unreachable(fault) => Self::SignInServiceFailed {
                fault: Some(*fault),
                status: None,
            },
            ErrorKind::Timeout
            | ErrorKind::Server { .. }
            | ErrorKind::NotFound
            | ErrorKind::Rejected
            | ErrorKind::SignInServiceRefused => Self::SignInServiceFailed {
                fault: None,
                status: error.status(),
            },
            _ => error.into(),
        }
    }
}

impl From<CreationRefusal> for Problem {
    fn from(why: CreationRefusal) -> Self {
        match why {
            CreationRefusal::NotOffered => Self::CreationUnavailable,
            CreationRefusal::UnknownServicePrincipal => Self::UnknownServicePrincipal,
            CreationRefusal::NotAServicePrincipal => Self::NotAServicePrincipal,
            CreationRefusal::LifetimeTooLong { most_days: most } => Self::LifetimeAbovePolicy { most },
            CreationRefusal::BadLifetime => Self::LifetimeAbovePolicy { most: None },
            CreationRefusal::CannotUseTokens => Self::RecipientLacksPermission,
            CreationRefusal::Restricted => Self::AdminsRestricted,
            CreationRefusal::NotAllowed => Self::CreationRejected,
            CreationRefusal::QuotaExceeded => Self::QuotaExceeded,
        }
    }
}

fn ceil_seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}
