//! What can keep a use case from its end, in terms of what it means for the person.

use store::StorageFault;
use workspace_client::{CreationRefusal, ErrorKind};

/// Why a use case did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No workspace of this name is configured.
    #[error("no such workspace is configured; check the address")]
    UnknownWorkspace,
    /// There is no sign-in for this workspace, or it has ended.
    #[error("the sign-in has ended; sign in again")]
    SignedOut,
    /// The console was started with `--read-only`.
    #[error("this console is read-only; start it without --read-only to change anything")]
    ReadOnly,
    /// The person may read and change nothing.
    #[error("auditors may read everything and change nothing; ask an admin")]
    AuditorsOnlyRead,
    /// The person signed in as an auditor and is none any more.
    #[error("the configuration does not name this person an auditor of the workspace; ask who runs the console")]
    NoAuditor,
    /// What auditors read through did not answer as such.
    #[error("the service principal that reads for auditors failed: {0}; ask who runs the console")]
    Reader(#[source] workspace_client::Error),
    /// Nothing to show yet.
    #[error("the workspace has not answered yet; it is being read, look again in a moment")]
    StillReading,
    /// Pasted tokens are not taken here.
    #[error("this console takes no pasted token for this workspace; sign in with Databricks")]
    TokenSignInOff,
    /// OAuth is not set up for this workspace.
    #[error("no OAuth client is configured for this workspace; sign in with an access token")]
    OAuthNotConfigured,
    /// The sign-in service did not take the code that a browser came back with: it is too old, was used before, or is
    /// another browser's.
    #[error("the sign-in took too long or was finished before; start again")]
    CodeRefused,
    /// The workspace accepted a change, but still tells the old state.
    #[error("the workspace accepted the change, but it is not in effect; look again before relying on it")]
    NotInEffect,
    /// The list of who may use tokens is not the one that a change was made from; nothing was written.
    #[error("somebody changed the permissions meanwhile; nothing was written, review the change again")]
    AccessChanged,
    /// No token is picked, or none of those is there any more.
    #[error("no token is selected; select some first")]
    NothingPicked,
    /// More tokens are picked one by one than are kept.
    #[error("too many tokens are selected one by one; filter, and select all that match")]
    TooManyPicked,
    /// Only the token that the session rides on is picked.
    #[error("only the token that this session rides on is selected; revoke that one by itself")]
    OnlyOwnPicked,
    /// The number of tokens was not typed as asked.
    #[error("the number of tokens was not typed as asked; nothing was started")]
    CountMismatch,
    /// There is no such job in this workspace.
    #[error("there is no such job in this workspace; a draft is kept for an hour")]
    UnknownJob,
    /// Somebody else started the job.
    #[error("only who started the job may go on with it; it rides on their own credential")]
    OthersJob,
    /// No answer came to a change, and the workspace still has the old state.
    #[error("no answer came, and the workspace still has the old state; look again before trying once more")]
    NotApplied,
    /// The workspace has neither the old state nor the wanted one: somebody else changed it at the same moment.
    #[error("the workspace has neither the old nor the wanted state; look again before anything else")]
    AnotherList,
    /// A change was sent, and whether it took place could not be read.
    #[error("the change was sent, but whether it took place could not be read; look again before anything else")]
    NotReadBack,
    /// The token has other scopes than a change of them was made from; nothing was written.
    #[error("somebody changed the token's scopes meanwhile; nothing was written, review the change again")]
    ScopesChanged,
    /// The workspace refused to create a token for a service principal.
    #[error("the workspace refused to create the token: {source}")]
    CreationRefused {
        /// Why, as far as it can be told.
        why: CreationRefusal,
        /// What it said.
        source: workspace_client::Error,
    },
    /// No answer came to a creation, and no such token is listed.
    #[error("no answer came, and the workspace lists no such token; look at the list before trying once more")]
    NotCreated,
    /// A creation was sent, and whether it created a token could not be told.
    #[error("the creation was sent, but whether it created a token could not be told; look at the list")]
    CreationUnknown,
    /// The workspace did not do, or did not answer, as asked.
    #[error(transparent)]
    Workspace(#[from] workspace_client::Error),
    /// The console's own database failed.
    #[error("the console's database failed: {0}")]
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
