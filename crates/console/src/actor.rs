//! Who acts: a person signed in to one workspace, with their own credential, so that the workspace's audit log names
//! them.

use std::sync::Arc;

use domain::{PrincipalId, Timestamp, TokenId};
use store::{CredentialKind, Role, SignInId};
use workspace_client::{Api, Credential, ErrorKind};

use crate::{Error, Workspace};

/// A signed-in person. Made by [`crate::Console::actor`] for one request.
pub struct Actor {
    pub(crate) sign_in: SignInId,
    pub(crate) workspace: Arc<Workspace>,
    pub(crate) principal: PrincipalId,
    pub(crate) user_name: String,
    pub(crate) display_name: String,
    pub(crate) kind: CredentialKind,
    pub(crate) role: Role,
    pub(crate) can_change: bool,
    /// What they signed in with.
    pub(crate) own: Credential,
    /// What calls are made with: their own, or for an auditor the reader's.
    pub(crate) credential: Credential,
    pub(crate) request_id: String,
    pub(crate) ends: Timestamp,
    pub(crate) reason: String,
}

impl Actor {
    /// The workspace they are signed in to.
    pub fn workspace(&self) -> &Arc<Workspace> {
        &self.workspace
    }

    /// Their user name; a service principal's application id.
    pub fn user_name(&self) -> &str {
        &self.user_name
    }

    /// Their name for people; may be empty.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// The kind of credential they signed in with.
    pub fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// What they may do.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether they may change anything through this console: an admin, unless it is read-only.
    pub fn can_change(&self) -> bool {
        self.can_change
    }

    /// The id of the token that the session rides on, where it is a personal access token. The workspace's ids are
    /// hashes of the values (the vendor's SDK, `TokensAPI.update`); an older token's id may be something else.
    pub fn own_token(&self) -> Option<TokenId> {
        (self.kind == CredentialKind::PersonalAccessToken).then(|| self.own.token_id())
    }

    /// The same, with the reason that they give for what they are about to do: at most 500 characters are kept.
    #[must_use]
    pub fn with_reason(self, reason: &str) -> Self {
        let reason = reason.trim().chars().filter(|c| !c.is_control()).take(500).collect();
        Self { reason, ..self }
    }

    /// When the sign-in ends, if no further request comes.
    pub fn ends_at(&self) -> Timestamp {
        self.ends
    }

    pub(crate) fn api(&self) -> Api<'_> {
        self.workspace.client.with(&self.credential)
    }

    /// Passes a call's result on; a refused credential ends the proof that this person is an admin at once.
    pub(crate) fn end_proof_if_refused<T>(&self, result: Result<T, workspace_client::Error>) -> Result<T, Error> {
        let error = match result {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if !is_refusal(&error) {
            return Err(error.into());
        }
        self.workspace.proofs.end(&self.sign_in);
        match self.role {
            Role::Admin => Err(error.into()),
            // Not the person's own credential: theirs is not to be ended for it.
            Role::Auditor => {
                self.workspace.reader.forget();
                Err(Error::AuditorConnection(error))
            }
        }
    }
}

/// Whether the workspace turned the credential itself down (401 or 403), whatever the reason.
pub(crate) fn is_refusal(error: &workspace_client::Error) -> bool {
    use ErrorKind::{BadCredential, IpBlocked, NotAllowed, ScopeMissing, TokensNotAllowed};
    matches!(
        error.kind,
        BadCredential | IpBlocked | NotAllowed | ScopeMissing | TokensNotAllowed
    )
}
