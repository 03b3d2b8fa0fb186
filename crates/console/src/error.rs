//! What can keep a use case from its end, in terms of what it means for the person. `Display` is terse, for logs; the
//! app makes the sentences for people.

use domain::access::Grantee;
use store::StorageFault;
use workspace_client::{CreationRefusal, ErrorKind};

/// Why a use case did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No workspace of this name is configured.
    #[error("unknown workspace")]
    UnknownWorkspace,
    /// There is no sign-in for this workspace, or it has ended.
    #[error("session ended")]
    SignedOut,
    /// The console was started with `--read-only`.
    #[error("read-only console")]
    ReadOnly,
    /// The person may read and change nothing.
    #[error("auditors can only view")]
    AuditorReadOnly,
    /// The person signed in as an auditor and is none any more.
    #[error("not configured as an auditor")]
    NotAnAuditor,
    /// What auditors read through did not answer as such.
    #[error("auditor connection failed: {0}")]
    AuditorConnection(#[source] workspace_client::Error),
    /// Nothing to show yet.
    #[error("still loading")]
    StillLoading,
    /// Pasted tokens are not taken here.
    #[error("token sign-in disabled")]
    TokenSignInDisabled,
    /// OAuth is not set up for this workspace.
    #[error("no OAuth client configured")]
    OAuthNotConfigured,
    /// The sign-in service did not take the code that a browser came back with: it is too old, was used before, or is
    /// another browser's.
    #[error("OAuth code rejected")]
    OAuthCodeRejected,
    /// The workspace accepted a change, but still tells the old state.
    #[error("accepted but not confirmed")]
    NotConfirmed,
    /// The list of who may use tokens is not the one that a change was made from; nothing was written.
    #[error("permissions changed by someone else")]
    AccessChanged,
    /// No token is picked, or none of those is there any more.
    #[error("nothing selected")]
    NothingSelected,
    /// More tokens are picked one by one than are kept.
    #[error("too many tokens selected")]
    TooManySelected,
    /// Only the token that the session rides on is picked.
    #[error("only the session's own token selected")]
    OnlyOwnTokenSelected,
    /// The number of tokens was not typed as asked.
    #[error("count does not match")]
    CountMismatch,
    /// There is no such job in this workspace.
    #[error("bulk revocation not found")]
    BulkNotFound,
    /// Somebody else started the job.
    #[error("started by someone else")]
    NotYourBulk,
    /// No answer came to a change, and the workspace still has the old state.
    #[error("no response, old state")]
    OldStateAfterNoResponse,
    /// The workspace has neither the old state nor the wanted one: somebody else changed it at the same moment.
    #[error("unexpected permissions")]
    UnexpectedPermissions,
    /// A change was sent, and whether it took place could not be read.
    #[error("result unknown")]
    ResultUnknown,
    /// The token has other scopes than a change of them was made from; nothing was written.
    #[error("scopes changed by someone else")]
    ScopesChanged,
    /// The workspace refused to create a token for a service principal.
    #[error("creation refused: {source}")]
    CreationRefused {
        /// Why, as far as it can be told.
        why: CreationRefusal,
        /// What it said.
        source: workspace_client::Error,
    },
    /// No answer came to a creation, and no such token is listed.
    #[error("no response, no new token")]
    NotCreated,
    /// A creation was sent, and whether it created a token could not be told.
    #[error("creation outcome unknown")]
    CreationUnknown,
    /// The workspace did not do, or did not answer, as asked.
    #[error(transparent)]
    Workspace(#[from] workspace_client::Error),
    /// The console's own database failed.
    #[error("database failed: {0}")]
    Store(#[source] store::StoreError),
}

impl Error {
    /// Whether the workspace does not take the person's own credential any more.
    pub fn is_bad_credential(&self) -> bool {
        self.has_kind(&ErrorKind::BadCredential)
    }

    /// Whether the workspace answers nothing about tokens because they are disabled there.
    pub fn tokens_disabled(&self) -> bool {
        self.has_kind(&ErrorKind::FeatureOff { tokens_disabled: true })
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
    pub fn only_admins_manage(&self) -> bool {
        self.is_rejected()
            && matches!(self, Self::Workspace(error) if error.message().is_some_and(|m| m.contains("CAN_MANAGE")))
    }

    /// The user, group or service principal of a request that the workspace does not know.
    pub fn unknown_principal(&self) -> Option<Grantee> {
        match self {
            Self::Workspace(error) if error.kind == ErrorKind::NotFound => error.unknown_principal(),
            _ => None,
        }
    }

    fn has_kind(&self, kind: &ErrorKind) -> bool {
        matches!(self, Self::Workspace(error) if error.kind == *kind)
    }

    /// What has to be mended about the console's own database, where that is why.
    pub fn storage_fault(&self) -> Option<StorageFault> {
        match self {
            Self::Store(error) => error.fault(),
            _ => None,
        }
    }
}

impl From<store::StoreError> for Error {
    fn from(error: store::StoreError) -> Self {
        Self::Store(error)
    }
}
