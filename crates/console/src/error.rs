//! Why a use case failed, in terms of what it means for the person. `Display` is terse, for logs; `app` makes the
//! sentences for people.

use domain::access::Grantee;
use domain::{AcceptanceInputError, UnreadPart, UnreadParts};
use store::{Detail, StorageFault, StoreError};
use workspace_client::{CreationRefusal, ErrorKind};

/// Why a use case failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No workspace of this name is configured.
    #[error("unknown workspace")]
    UnknownWorkspace,
    /// The browser has no session for this workspace, or it has ended.
    #[error("session ended")]
    SignedOut,
    /// The console was started with `--read-only`.
    #[error("read-only console")]
    ReadOnly,
    /// The person is an auditor, and tried to change something.
    #[error("auditors can only view")]
    AuditorReadOnly,
    /// The person signed in as an auditor, and is no longer one.
    #[error("not configured as an auditor")]
    NotAnAuditor,
    /// The service principal that auditors read through could not sign in, or was refused.
    #[error("auditor connection failed: {0}")]
    AuditorConnection(#[source] workspace_client::Error),
    /// Reading takes longer than the page waits.
    #[error("still loading")]
    StillLoading,
    /// The person looked up leaked tokens too often.
    #[error("too many lookups")]
    TooManyLookups {
        /// Until the next one.
        seconds: u64,
    },
    /// This workspace does not allow signing in with an access token.
    #[error("token sign-in disabled")]
    TokenSignInDisabled,
    /// OAuth is not set up for this workspace.
    #[error("no OAuth client configured")]
    OAuthNotConfigured,
    /// The sign-in service rejected the code that a browser returned with: it is too old, was used before, or belongs
    /// to another browser.
    #[error("OAuth code rejected")]
    OAuthCodeRejected,
    /// The sign-in service failed or refused the console's request. This says nothing about anyone's credential.
    #[error("sign-in service failed: {0}")]
    SignInService(#[source] workspace_client::Error),
    /// The workspace accepted a change, but still reports the old state.
    #[error("accepted but not confirmed")]
    NotConfirmed,
    /// The workspace accepted a change, and reports neither the old state nor the requested one.
    #[error("accepted, another state")]
    OtherState,
    /// The workspace does not have the token, but responds to other calls.
    #[error("not found")]
    TokenNotFound(#[source] workspace_client::Error),
    /// The access control list is not the one that a change was made from. Nothing was written.
    #[error("permissions changed by someone else")]
    AccessChanged,
    /// Someone else is changing the access control list right now, and takes too long. Nothing was written.
    #[error("another save of the permissions in progress")]
    OtherSaveInProgress,
    /// The workspace does not list the token.
    #[error("token not listed")]
    TokenNotListed,
    /// An acceptance as typed is not valid.
    #[error("invalid acceptance")]
    InvalidAcceptance(Vec<AcceptanceInputError>),
    /// No token is selected, or none of the selected tokens still exists.
    #[error("nothing selected")]
    NothingSelected,
    /// A filter is not valid. Without it, more tokens would match.
    #[error("invalid filter")]
    InvalidFilter,
    /// What a filter depends on could not be read. Without it, more tokens would match.
    #[error("filter not available: {}", .0.reason())]
    FilterNotAvailable(UnreadPart),
    /// An export would lack something, and the person did not ask for a partial one.
    #[error("partial data: {}", .0.slugs())]
    PartialData(UnreadParts),
    /// Too many tokens are selected individually.
    #[error("too many tokens selected")]
    TooManySelected,
    /// Only the session's own token is selected.
    #[error("only the session's own token selected")]
    OnlyOwnTokenSelected,
    /// The number of tokens was not typed as requested.
    #[error("count does not match")]
    CountMismatch,
    /// This workspace has no such bulk revocation.
    #[error("bulk revocation not found")]
    BulkNotFound,
    /// Someone else started the bulk revocation.
    #[error("started by someone else")]
    NotYourBulk,
    /// There was no response to a change, and the workspace still has the old state.
    #[error("no response, old state")]
    OldStateAfterNoResponse,
    /// The workspace has neither the old state nor the requested one: someone else changed it at the same time.
    #[error("unexpected permissions")]
    UnexpectedPermissions,
    /// A change was sent, and the state after it could not be read.
    #[error("result unknown")]
    ResultUnknown,
    /// The token does not have the scopes that a change was made from. Nothing was written.
    #[error("scopes changed by someone else")]
    ScopesChanged,
    /// The reason for a change has more characters than the activity log records. Nothing was sent.
    #[error("reason too long")]
    ReasonTooLong,
    /// The workspace does not have the value that a change was made from. Nothing was written.
    #[error("value changed in the meantime")]
    ValueChanged,
    /// Every token of a bulk change has the scopes from before it. Nothing was sent.
    #[error("put back already")]
    AlreadyPutBack,
    /// No token still has the scopes that a bulk change wrote, or what it had before is not stored. Nothing was sent.
    #[error("nothing to put back")]
    NothingToPutBack,
    /// The workspace has had a token, so that a first one is not needed. Nothing was sent.
    #[error("has tokens already")]
    HasTokens,
    /// The workspace refused to create a token for a service principal.
    #[error("creation refused: {source}")]
    CreationRefused {
        /// The reason, as far as it is recognised.
        why: CreationRefusal,
        /// The workspace's error.
        source: workspace_client::Error,
    },
    /// There was no response to a creation, and no such token is listed.
    #[error("no response, no new token")]
    NotCreated,
    /// A creation was sent, and it is unknown whether it created a token.
    #[error("creation outcome unknown")]
    CreationUnknown,
    /// What a change depends on could not be read, so nothing was sent.
    #[error("not sent: {0}")]
    NotSent(#[source] workspace_client::Error),
    /// A change was sent, and neither its response nor a look confirmed it.
    #[error("sent, result unknown: {0}")]
    Unconfirmed(#[source] workspace_client::Error),
    /// The call to the workspace failed.
    #[error(transparent)]
    Workspace(#[from] workspace_client::Error),
    /// The console's own database failed.
    #[error("database failed: {0}")]
    Store(#[source] StoreError),
    /// The console's own database failed before a change was sent. At most the intent of the change is stored.
    #[error("not sent, database failed: {0}")]
    NotRecorded(#[source] StoreError),
}

/// What is known about the workspace after a change ended with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Nothing was sent, or the workspace refused it: nothing was changed.
    Unchanged,
    /// The change was sent, and may have been made.
    Unknown,
}

impl Error {
    /// Whether the workspace is certainly unchanged after a change that ended with this error.
    pub fn certainty(&self) -> Certainty {
        match self {
            Self::NotConfirmed
            | Self::OtherState
            | Self::OldStateAfterNoResponse
            | Self::UnexpectedPermissions
            | Self::ResultUnknown
            | Self::NotCreated
            | Self::CreationUnknown
            | Self::Unconfirmed(_)
            | Self::Store(StoreError::CommitUnknown) => Certainty::Unknown,
            Self::Workspace(error) if error.is_ambiguous() => Certainty::Unknown,
            Self::UnknownWorkspace
            | Self::SignedOut
            | Self::ReadOnly
            | Self::AuditorReadOnly
            | Self::NotAnAuditor
            | Self::AuditorConnection(_)
            | Self::StillLoading
            | Self::TooManyLookups { .. }
            | Self::TokenSignInDisabled
            | Self::OAuthNotConfigured
            | Self::OAuthCodeRejected
            | Self::SignInService(_)
            | Self::TokenNotFound(_)
            | Self::AccessChanged
            | Self::OtherSaveInProgress
            | Self::TokenNotListed
            | Self::InvalidAcceptance(_)
            | Self::NothingSelected
            | Self::InvalidFilter
            | Self::FilterNotAvailable(_)
            | Self::PartialData(_)
            | Self::TooManySelected
            | Self::OnlyOwnTokenSelected
            | Self::CountMismatch
            | Self::BulkNotFound
            | Self::NotYourBulk
            | Self::ScopesChanged
            | Self::ReasonTooLong
            | Self::ValueChanged
            | Self::AlreadyPutBack
            | Self::NothingToPutBack
            | Self::HasTokens
            | Self::CreationRefused { .. }
            | Self::NotSent(_)
            | Self::Workspace(_)
            | Self::Store(_)
            | Self::NotRecorded(_) => Certainty::Unchanged,
        }
    }

    /// The error of a change for which nothing was sent yet.
    #[must_use]
    pub fn before_sending(self) -> Self {
        match self {
            Self::Workspace(error) if error.is_ambiguous() => Self::NotSent(error),
            Self::Store(error) => Self::NotRecorded(error),
            error => error,
        }
    }

    /// Whether the workspace no longer accepts the person's own credential.
    pub fn is_bad_credential(&self) -> bool {
        self.has_kind(&ErrorKind::BadCredential)
    }

    /// Whether the workspace gives no information about tokens because they are disabled there.
    pub fn tokens_disabled(&self) -> bool {
        self.has_kind(&ErrorKind::FeatureOff { tokens_disabled: true })
    }

    /// Whether the workspace offers nothing about tokens: they are disabled, or its tier has no token management. Only
    /// the policy can tell the two apart.
    pub fn is_feature_off(&self) -> bool {
        matches!(self, Self::Workspace(error) if matches!(error.kind, ErrorKind::FeatureOff { .. }))
    }

    /// Whether the workspace has no permissions yet because it never had a token.
    pub fn no_token_yet(&self) -> bool {
        self.has_kind(&ErrorKind::NoTokenYet)
    }

    /// Whether the workspace rejected the request as such.
    pub fn is_rejected(&self) -> bool {
        self.has_kind(&ErrorKind::Rejected)
    }

    /// Whether the workspace rejected permissions because someone other than its admins would manage tokens.
    pub fn is_non_admin_manager_rejected(&self) -> bool {
        self.is_rejected()
            && matches!(self, Self::Workspace(error) if error.message().is_some_and(|m| m.contains("CAN_MANAGE")))
    }

    /// The user, group or service principal in a request that the workspace does not know.
    pub fn unknown_principal(&self) -> Option<Grantee> {
        match self {
            Self::Workspace(error) if error.kind == ErrorKind::NotFound => error.unknown_principal(),
            _ => None,
        }
    }

    fn has_kind(&self, kind: &ErrorKind) -> bool {
        matches!(self, Self::Workspace(error) if error.kind == *kind)
    }

    /// Whether another instance has taken over the work of this one.
    pub(crate) fn is_lease_lost(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::LeaseLost) | Self::NotRecorded(StoreError::LeaseLost)
        )
    }

    /// What has to be fixed about the console's own database, if that is the reason.
    pub fn storage_fault(&self) -> Option<StorageFault> {
        match self {
            Self::Store(error) | Self::NotRecorded(error) => error.fault(),
            _ => None,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What the activity log says about an error: its `Display`.
impl From<&Error> for Detail {
    fn from(error: &Error) -> Self {
        match error {
            Error::NotSent(why) => Self::NotSent(why.to_string()),
            Error::Unconfirmed(why) => Self::ResultUnknown(why.to_string()),
            error => Self::Error(error.to_string()),
        }
    }
}
