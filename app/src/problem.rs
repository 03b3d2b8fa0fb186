//! What went wrong, as a code with a few typed fields. This is the only error that is sent to the browser.
//!
//! The error of a form without JavaScript travels in the URL, where anyone can forge it. So it contains no free text;
//! the sentences are made here from the code.

mod failure;
mod from_console;
mod interrupted;
mod spec;
#[cfg(test)]
mod tests;

use domain::{
    AcceptanceInputError, ConnectionFault, LifetimeInputError, Policy, ScopeInputError, UnreadPart, UnreadParts,
};
use serde::{Deserialize, Serialize};

pub(crate) use failure::ChangeFailure;
pub use failure::Failure;
pub(crate) use interrupted::Interrupted;

/// The code of a failure, with a few typed details.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// The URL names no configured workspace.
    UnknownWorkspace,
    /// The session has ended.
    SignedOut,
    /// The console was started with `--read-only`.
    ReadOnly,
    /// An auditor tried to change something.
    AuditorReadOnly,
    /// The workspace rejected the credential of the auditor connection.
    AuditorConnectionFailed,
    /// The workspace's tokens are still being loaded.
    StillLoading,
    /// Sign-in with access tokens is disabled for this workspace.
    TokenSignInDisabled,
    /// No OAuth client is configured for this workspace.
    OAuthNotConfigured,
    /// The workspace's sign-in service refused the sign-in.
    OAuthRefused,
    /// The workspace's sign-in service failed, or refused the console's request.
    SignInServiceFailed {
        /// Why the connection failed, if it did.
        fault: Option<ConnectionFault>,
        /// The HTTP status of its response, if there was one.
        status: Option<u16>,
    },
    /// The user cancelled at the workspace's sign-in page.
    OAuthCancelled,
    /// The browser returned from the workspace's sign-in page, but did not start this sign-in, or too long ago.
    SignInExpired,
    /// The same token was created a moment ago, and the person did not confirm that they want another one.
    CreatedBefore,
    /// The field for the access token was empty.
    NoAccessToken,
    /// Too many attempts to sign in.
    TooManyAttempts {
        /// Seconds until the next attempt.
        seconds: u64,
    },
    /// Leaked tokens were looked up too often.
    TooManyLookups {
        /// Seconds until the next lookup.
        seconds: u64,
    },
    /// The input looks like a token value, which must not be in a URL.
    TokenValueInText,
    /// The credential is wrong, expired or revoked.
    BadCredential,
    /// The credential lacks a scope.
    ScopeMissing {
        /// The scope, if the workspace names one that the console knows.
        scope: Option<ApiScope>,
    },
    /// The credential works, but the workspace does not know its owner.
    NotInWorkspace,
    /// The workspace's host serves several workspaces, and the configuration lacks the workspace ID.
    WorkspaceIdMissing,
    /// A workspace other than the configured one responded.
    OtherWorkspace,
    /// The workspace blocks the console's network.
    IpBlocked,
    /// The user is not a workspace admin.
    NotAdmin,
    /// The user does not have permission to use tokens.
    TokensNotAllowed,
    /// The workspace's pricing plan does not include token management.
    TokenManagementUnavailable,
    /// Personal access tokens are disabled in the workspace.
    TokensDisabled,
    /// Tokens are disabled, or the pricing plan does not include token management.
    DisabledOrUnavailable,
    /// The workspace has no tokens yet, so it has no permissions to use them either.
    NoTokenYet,
    /// The workspace has no token with this ID.
    TokenNotFound,
    /// The console has no such page.
    PageNotFound,
    /// The workspace limits requests.
    RateLimited {
        /// Seconds until the next request, if the workspace reported them.
        seconds: Option<u64>,
    },
    /// The response was a web page instead of data.
    UnexpectedWebPage,
    /// The workspace's URL redirects to another URL.
    Redirected,
    /// The workspace did not respond in time.
    TimedOut,
    /// The console could not connect to the workspace.
    Unreachable {
        /// Why not.
        fault: ConnectionFault,
    },
    /// The workspace's response could not be read.
    UnreadableResponse,
    /// The workspace reported an internal error.
    WorkspaceFailed {
        /// The HTTP status.
        status: u16,
    },
    /// The workspace rejected the request.
    Rejected,
    /// The workspace accepted a change but still shows the old state.
    NotConfirmed,
    /// The workspace accepted a change but shows neither the old nor the requested state.
    OtherState,
    /// Someone else changed the permissions after they were opened.
    AccessChanged,
    /// Someone else is saving the permissions right now.
    OtherSaveInProgress,
    /// The workspace did not respond to a change of the permissions, and still shows the old ones.
    OldStateAfterNoResponse,
    /// The workspace shows neither the old nor the requested permissions.
    UnexpectedPermissions,
    /// Some filters of a URL are not valid.
    InvalidFilter,
    /// A filter in the URL needs data that could not be read.
    FilterNotAvailable {
        /// The data that could not be read.
        part: UnreadPart,
    },
    /// An export would be incomplete.
    PartialData {
        /// What could not be read.
        unread: UnreadParts,
    },
    /// No token is selected.
    NothingSelected,
    /// Too many tokens are selected individually.
    TooManySelected,
    /// Only the session's own token is selected.
    OnlyOwnTokenSelected,
    /// The number of tokens that was typed does not match.
    CountMismatch,
    /// The bulk revocation does not exist.
    BulkNotFound,
    /// Someone else started the bulk revocation.
    NotYourBulk,
    /// It is not known whether the permissions were changed: they could not be read afterwards.
    ResultUnknown,
    /// It is not known whether a change was made: there was no response, and it could not be confirmed.
    ChangeUnknown,
    /// The workspace does not know a user, group or service principal that was to be added.
    UnknownPrincipal {
        /// Its index among the additions; beyond the last one if it is not among them.
        nth: usize,
    },
    /// Someone other than the admins was to be granted the permission to manage tokens.
    OnlyAdminsManage,
    /// The maximum lifetime as typed is not valid.
    BadLifetime(LifetimeInputError),
    /// The input for accepting a finding is not valid.
    BadAcceptance(AcceptanceInputError),
    /// The workspace rejected the maximum lifetime.
    LifetimeRejected,
    /// The workspace's name that was typed does not match.
    NameMismatch,
    /// The comment is too long.
    CommentTooLong,
    /// The text pasted to find a leaked token contains no token value.
    NoTokenInText,
    /// No service principal was chosen.
    NoServicePrincipal,
    /// The lifetime of a new token as typed is not valid.
    BadTokenLifetime {
        /// The longest lifetime allowed, in days.
        most: u32,
    },
    /// The scopes as typed are not valid.
    BadScopes(ScopeInputError),
    /// The workspace rejected the scopes.
    ScopesRejected,
    /// Someone else changed the scopes after they were opened.
    ScopesChanged,
    /// The reason for a change is too long.
    ReasonTooLong,
    /// A value was changed after its form was opened.
    ValueChanged,
    /// The tokens of a bulk change already have their previous scopes.
    AlreadyPutBack,
    /// No token still has the scopes that a bulk change set, or its previous scopes are not stored.
    NothingToPutBack,
    /// The workspace does not create tokens for service principals.
    CreationUnavailable,
    /// The workspace has no service principal with this application ID.
    UnknownServicePrincipal,
    /// The ID belongs to a user.
    NotAServicePrincipal,
    /// The lifetime of a new token exceeds the workspace's limit.
    LifetimeAbovePolicy {
        /// The limit in days, if the workspace reported it.
        most: Option<u32>,
    },
    /// The service principal does not have permission to use tokens.
    RecipientLacksPermission,
    /// The workspace refused to create a token for another reason.
    CreationRejected,
    /// Workspace admins need a role on the service principal.
    AdminsRestricted,
    /// The service principal has as many tokens as the workspace allows.
    QuotaExceeded,
    /// The workspace did not respond to the creation of a token, and lists no new token.
    NotCreated,
    /// The workspace has had a token, so a first one is not needed.
    HasTokens,
    /// The creation of a token was requested, and it could not be determined whether it was created.
    CreationUnknown,
    /// The form could not be read.
    BadRequest,
    /// The time zone that was typed does not exist.
    UnknownTimeZone,
    /// The disk of the console's database is full.
    StorageFull,
    /// Another program holds the lock of the console's database.
    StorageLocked,
    /// The console's database was deleted or replaced while the console was running.
    StorageReplaced,
    /// The server of the console's database does not respond.
    StorageUnreachable,
    /// The console itself failed.
    Internal,
}

/// A scope that the console's calls need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "they are the workspace's names")]
pub enum ApiScope {
    AllApis,
    Authentication,
    AccessManagement,
    Settings,
    Scim,
}

impl ApiScope {
    const ALL: [Self; 5] = [
        Self::AllApis,
        Self::Authentication,
        Self::AccessManagement,
        Self::Settings,
        Self::Scim,
    ];

    /// The scope with this name in the workspace.
    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// The scope's name in the workspace.
    fn name(self) -> &'static str {
        match self {
            Self::AllApis => "all-apis",
            Self::Authentication => "authentication",
            Self::AccessManagement => "access-management",
            Self::Settings => "settings",
            Self::Scim => "scim",
        }
    }
}

impl Problem {
    /// The problem if a workspace does not offer token management. Only the policy distinguishes disabled tokens from a
    /// pricing plan without token management.
    pub(crate) fn of_feature_off(policy: Option<&Policy>) -> Self {
        match policy.map(|policy| policy.enabled) {
            Some(false) => Self::TokensDisabled,
            Some(true) => Self::TokenManagementUnavailable,
            None => Self::DisabledOrUnavailable,
        }
    }

    /// Seconds until the next attempt, if known.
    pub fn retry_after(self) -> Option<u64> {
        match self {
            Self::RateLimited { seconds } => Some(seconds.unwrap_or(10)),
            Self::TooManyAttempts { seconds } | Self::TooManyLookups { seconds } => Some(seconds),
            _ => None,
        }
    }

    /// Title and advice as plain text, for a response that is not a page.
    pub fn plain_text(self) -> String {
        format!("{}. {}\n", self.title(None), self.advice(None, Interrupted::Page))
    }

    /// Whether only the workspace's own message says why it refused.
    pub(crate) fn is_unexplained(self) -> bool {
        matches!(
            self,
            Self::Rejected | Self::LifetimeRejected | Self::ScopesRejected | Self::CreationRejected
        )
    }

    /// Whether simply trying again can help.
    pub(crate) fn is_transient(self) -> bool {
        matches!(self.status(), 500..) || matches!(self, Self::NotConfirmed | Self::OtherState)
    }
}
