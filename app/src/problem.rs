//! What went wrong, in codes and typed fields: the one error that crosses the wire.
//!
//! The error of a form without JavaScript travels in the address, where anybody can forge it. So no free text is in
//! it, and the sentences are made here, from the code alone.

mod spec;

use std::time::Duration;

use console::{Error, StorageFault};
use domain::{LifetimeInputError, ScopeInputError};
use http::StatusCode;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use serde::{Deserialize, Serialize};
use server_fn::Decodes;
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use workspace_client::{CreationRefusal, ErrorKind};

/// The code of a failure, with the few numbers that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// The address names no configured workspace.
    UnknownWorkspace,
    /// The sign-in has ended.
    SignedOut,
    /// The console refuses every change.
    ReadOnly,
    /// An auditor tried to change something.
    OnlyReads,
    /// The service principal that auditors read through does not answer.
    ReaderFailed,
    /// The workspace is still being read.
    StillReading,
    /// Pasted tokens are not taken for this workspace.
    TokenSignInOff,
    /// No OAuth client is configured.
    OAuthNotConfigured,
    /// The workspace's sign-in service did not let the person in.
    OAuthRefused,
    /// The person turned back at the workspace's sign-in page.
    OAuthCancelled,
    /// The return from the workspace's sign-in page fits no start from this browser.
    OAuthStateLost,
    /// No access token was typed.
    NoAccessToken,
    /// Too many tries to sign in.
    TooManyTries {
        /// Until the next try.
        seconds: u64,
    },
    /// The credential is wrong, expired or revoked.
    BadCredential,
    /// It lacks a scope.
    ScopeMissing,
    /// The network is kept out.
    IpBlocked,
    /// Not an admin.
    NotAdmin,
    /// The account may not use tokens.
    TokensNotAllowed,
    /// The pricing tier lacks token management.
    FeatureOff,
    /// The workspace says that its tokens are switched off.
    TokensDisabled,
    /// The workspace has no token, and so no permissions on tokens.
    NoTokenYet,
    /// No such token.
    TokenNotFound,
    /// No such page.
    PageNotFound,
    /// The workspace limits requests.
    RateLimited {
        /// Until it wants to be asked again, where it said so.
        seconds: Option<u64>,
    },
    /// A web page instead of data.
    Html,
    /// The workspace's address leads elsewhere.
    Redirected,
    /// No answer in time.
    TimedOut,
    /// No connection.
    Unreachable,
    /// The answer makes no sense.
    Undecodable,
    /// The workspace failed.
    WorkspaceFailed {
        /// Its HTTP status.
        status: u16,
    },
    /// The workspace refused the request as such.
    Refused,
    /// Accepted, and not in effect.
    NotInEffect,
    /// Somebody changed the permissions since they were opened.
    AccessChanged,
    /// No answer to a change, and the old state is still there.
    NotApplied,
    /// Neither the old list nor the wanted one.
    AnotherList,
    /// No token is selected.
    NothingPicked,
    /// Too many tokens are selected one by one.
    TooManyPicked,
    /// Only the session's own token is selected.
    OnlyOwnPicked,
    /// The number of tokens was not typed as asked.
    CountMismatch,
    /// No such job.
    UnknownJob,
    /// Somebody else's job.
    OthersJob,
    /// A change was sent, and what became of it could not be read.
    NotReadBack,
    /// The workspace does not know somebody who was to be granted something.
    UnknownPrincipal {
        /// Which of those to be added, counted from 0; none of them where beyond the end.
        nth: usize,
    },
    /// The permission to manage tokens was asked for others than admins.
    OnlyAdminsManage,
    /// A typed lifetime breaks a rule.
    BadLifetime(Lifetime),
    /// The workspace refused a lifetime.
    LifetimeRefused,
    /// The workspace's name was not typed as asked.
    NameMismatch,
    /// The comment is too long.
    CommentTooLong,
    /// The text pasted to be found is not a token's value.
    NotATokenValue,
    /// No service principal was chosen.
    NoServicePrincipal,
    /// A typed lifetime of a new token is none.
    BadTokenLifetime {
        /// The most days that are allowed.
        most: u32,
    },
    /// Typed scopes break a rule.
    BadScopes(ScopeInputError),
    /// The workspace refused scopes.
    ScopesRefused,
    /// Somebody changed the scopes since they were looked at.
    ScopesChanged,
    /// The workspace creates no tokens on behalf of service principals.
    CreationNotOffered,
    /// It has no service principal of this application id.
    UnknownServicePrincipal,
    /// The id is a user's.
    NotAServicePrincipal,
    /// The lifetime of a new token is longer than the policy allows.
    LifetimeAbovePolicy {
        /// The policy's days, where the workspace told them.
        most: Option<u32>,
    },
    /// The service principal may not use tokens.
    RecipientMayNotUse,
    /// Admins need a role on the service principal.
    AdminsRestricted,
    /// The service principal has too many tokens.
    QuotaExceeded,
    /// No answer to a creation, and no such token is listed.
    NotCreated,
    /// A creation was sent, and what became of it could not be told.
    CreationUnknown,
    /// The form could not be read.
    BadRequest,
    /// The disk of the console's own database is full.
    StorageFull,
    /// Another program holds the lock of the console's own database.
    StorageLocked,
    /// The console's own database was deleted or replaced while the console ran.
    StorageReplaced,
    /// The console itself failed.
    Internal,
}

/// [`LifetimeInputError`] as a code.
pub(crate) type Lifetime = LifetimeInputError;

/// A problem and the request that met it, for support.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What.
    pub problem: Problem,
    /// The console's id of the request.
    pub request_id: String,
}

impl Failure {
    /// `address` with this failure in it, as server functions write theirs.
    pub fn in_address(&self, address: &str) -> String {
        use base64::Engine as _;
        let code = base64::engine::general_purpose::URL_SAFE.encode(self.ser());
        crate::http::paths::with_pair(address, "__err", &code)
    }

    /// What [`Self::in_address`] and server functions wrote. Anything else is nothing: the address may come from
    /// anywhere.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        use base64::Engine as _;
        let json = base64::engine::general_purpose::URL_SAFE.decode(code).ok()?;
        JsonEncoding::decode(json.into()).ok()
    }

    /// A forged address may carry any text as the id: only what looks like one is shown.
    pub(crate) fn shown_id(&self) -> Option<&str> {
        let id = self.request_id.as_str();
        let plausible = (8..=40).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        plausible.then_some(id)
    }
}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        // A server function that could not read its arguments would answer 500; there is no request of ours yet.
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(StatusCode::BAD_REQUEST);
        }
        Self {
            problem: Problem::BadRequest,
            request_id: String::new(),
        }
    }
}

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

impl Problem {
    /// The HTTP status of a page that shows nothing but this.
    pub fn status(self) -> u16 {
        match self {
            // The page says truthfully what this workspace offers.
            Self::FeatureOff | Self::TokensDisabled | Self::NoTokenYet => 200,
            Self::OAuthStateLost
            | Self::NoAccessToken
            | Self::NameMismatch
            | Self::NothingPicked
            | Self::TooManyPicked
            | Self::OnlyOwnPicked
            | Self::CountMismatch
            | Self::CommentTooLong
            | Self::NotATokenValue
            | Self::BadLifetime(_)
            | Self::LifetimeRefused
            | Self::BadRequest
            | Self::OAuthCancelled
            | Self::UnknownPrincipal { .. }
            | Self::OnlyAdminsManage
            | Self::NoServicePrincipal
            | Self::BadTokenLifetime { .. }
            | Self::BadScopes(_)
            | Self::ScopesRefused
            | Self::UnknownServicePrincipal
            | Self::NotAServicePrincipal
            | Self::LifetimeAbovePolicy { .. }
            | Self::QuotaExceeded
            | Self::Refused => 400,
            Self::SignedOut | Self::BadCredential => 401,
            Self::ReadOnly
            | Self::OnlyReads
            | Self::TokenSignInOff
            | Self::ScopeMissing
            | Self::IpBlocked
            | Self::NotAdmin
            | Self::OthersJob
            | Self::TokensNotAllowed
            | Self::RecipientMayNotUse
            | Self::AdminsRestricted
            | Self::OAuthRefused => 403,
            Self::UnknownWorkspace
            | Self::TokenNotFound
            | Self::UnknownJob
            | Self::PageNotFound
            | Self::OAuthNotConfigured
            | Self::CreationNotOffered => 404,
            Self::NotInEffect | Self::AccessChanged | Self::AnotherList | Self::ScopesChanged => 409,
            Self::TooManyTries { .. } => 429,
            Self::Internal => 500,
            Self::Html
            | Self::Redirected
            | Self::Unreachable
            | Self::Undecodable
            | Self::NotReadBack
            | Self::CreationUnknown
            | Self::ReaderFailed
            | Self::WorkspaceFailed { .. } => 502,
            Self::RateLimited { .. }
            | Self::StillReading
            | Self::StorageFull
            | Self::StorageLocked
            | Self::StorageReplaced => 503,
            Self::TimedOut | Self::NotApplied | Self::NotCreated => 504,
        }
    }

    /// Until the same may be asked again, where that is known.
    pub fn retry_after(self) -> Option<u64> {
        match self {
            Self::RateLimited { seconds } => Some(seconds.unwrap_or(10)),
            Self::TooManyTries { seconds } => Some(seconds),
            _ => None,
        }
    }

    /// Whether asking again may help without doing anything else first.
    pub(crate) fn is_passing(self) -> bool {
        matches!(self.status(), 500..) || self == Self::NotInEffect
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_request_id_is_not_shown() {
        let shown = |id: &str| {
            Failure {
                problem: Problem::Internal,
                request_id: id.into(),
            }
            .shown_id()
            .is_some()
        };
        assert!(shown("0b4f9d1e-6a55-4c3e-9a43-7c3b3a5d2f10"));
        assert!(!shown("Call +1 555 0100 now"));
        assert!(!shown(&"a".repeat(41)));
    }

    #[test]
    fn every_problem_ends_in_advice() {
        for problem in [
            Problem::Unreachable,
            Problem::RateLimited { seconds: None },
            Problem::RateLimited { seconds: Some(3) },
            Problem::TooManyTries { seconds: 4 },
            Problem::WorkspaceFailed { status: 500 },
            Problem::BadLifetime(LifetimeInputError::Empty),
            Problem::BadTokenLifetime { most: 90 },
            Problem::BadScopes(ScopeInputError::NotAName),
            Problem::LifetimeAbovePolicy { most: None },
            Problem::LifetimeAbovePolicy { most: Some(1) },
            Problem::CreationNotOffered,
        ] {
            assert!(problem.advice().ends_with('.'), "{problem:?}");
        }
    }
}
