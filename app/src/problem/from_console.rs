//! What the errors of the console and of its client mean to the user.

use std::time::Duration;

use console::{Error, StorageFault};
use workspace_client::{CreationRefusal, ErrorKind};

use super::Problem;

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        match error {
            Error::UnknownWorkspace => Self::UnknownWorkspace,
            Error::SignedOut => Self::SignedOut,
            Error::ReadOnly => Self::ReadOnly,
            Error::AuditorsOnlyRead => Self::OnlyReads,
            Error::NoAuditor => Self::NotAdmin,
            Error::Reader(_) => Self::ReaderFailed,
            Error::StillReading => Self::StillReading,
            Error::TokenSignInOff => Self::TokenSignInOff,
            Error::OAuthNotConfigured => Self::OAuthNotConfigured,
            Error::CodeRefused => Self::OAuthStateLost,
            Error::NotInEffect => Self::NotInEffect,
            Error::AccessChanged => Self::AccessChanged,
            Error::NothingPicked => Self::NothingPicked,
            Error::TooManyPicked => Self::TooManyPicked,
            Error::OnlyOwnPicked => Self::OnlyOwnPicked,
            Error::CountMismatch => Self::CountMismatch,
            Error::UnknownJob => Self::UnknownJob,
            Error::OthersJob => Self::OthersJob,
            Error::NotApplied => Self::NotApplied,
            Error::AnotherList => Self::AnotherList,
            Error::NotReadBack => Self::NotReadBack,
            Error::ScopesChanged => Self::ScopesChanged,
            Error::CreationRefused { why, .. } => (*why).into(),
            Error::NotCreated => Self::NotCreated,
            Error::CreationUnknown => Self::CreationUnknown,
            Error::Workspace(error) => error.into(),
            Error::Store(_) => match error.storage_fault() {
                Some(StorageFault::Full) => Self::StorageFull,
                Some(StorageFault::Locked) => Self::StorageLocked,
                Some(StorageFault::Replaced) => Self::StorageReplaced,
                None => Self::Internal,
            },
        }
    }
}

impl From<&workspace_client::Error> for Problem {
    fn from(error: &workspace_client::Error) -> Self {
        match &error.kind {
            ErrorKind::BadCredential => Self::BadCredential,
            ErrorKind::ScopeMissing => Self::ScopeMissing,
            ErrorKind::IpBlocked => Self::IpBlocked,
            ErrorKind::NotAllowed => Self::NotAdmin,
            ErrorKind::TokensNotAllowed => Self::TokensNotAllowed,
            ErrorKind::FeatureOff { tokens_disabled: true } => Self::TokensDisabled,
            ErrorKind::FeatureOff { tokens_disabled: false } => Self::FeatureOff,
            ErrorKind::NoTokenYet => Self::NoTokenYet,
            ErrorKind::NotFound => Self::TokenNotFound,
            ErrorKind::Rejected => Self::Refused,
            ErrorKind::RateLimited { retry_after } => Self::RateLimited {
                seconds: retry_after.map(|d| whole_seconds(d).max(1)),
            },
            ErrorKind::Html => Self::Html,
            ErrorKind::Redirect => Self::Redirected,
            ErrorKind::Timeout => Self::TimedOut,
            ErrorKind::Unreachable => Self::Unreachable,
            ErrorKind::TooLarge | ErrorKind::Undecodable { .. } => Self::Undecodable,
            ErrorKind::Server { status, .. } => Self::WorkspaceFailed { status: *status },
            ErrorKind::OAuthRefused { .. } | ErrorKind::ForeignEndpoint => Self::OAuthRefused,
        }
    }
}

impl From<CreationRefusal> for Problem {
    fn from(why: CreationRefusal) -> Self {
        match why {
            CreationRefusal::NotOffered => Self::CreationNotOffered,
            CreationRefusal::UnknownServicePrincipal => Self::UnknownServicePrincipal,
            CreationRefusal::NotAServicePrincipal => Self::NotAServicePrincipal,
            CreationRefusal::LifetimeTooLong { most_days: most } => Self::LifetimeAbovePolicy { most },
            CreationRefusal::BadLifetime => Self::LifetimeAbovePolicy { most: None },
            CreationRefusal::MayNotUseTokens => Self::RecipientMayNotUse,
            CreationRefusal::Restricted => Self::AdminsRestricted,
            CreationRefusal::QuotaExceeded => Self::QuotaExceeded,
        }
    }
}

fn whole_seconds(delay: Duration) -> u64 {
    delay.as_secs() + u64::from(delay.subsec_nanos() > 0)
}
