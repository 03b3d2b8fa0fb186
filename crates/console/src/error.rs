//! What can keep a use case from its end, in terms of what it means for the person. `Display` is terse, for logs; the
//! app makes the sentences for people.

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
        matches!(self, Self::Workspace(error) if error.kind == ErrorKind::BadCredential)
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
