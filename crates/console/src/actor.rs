//! Who acts: a person who is signed in to one workspace, with their own credential, so that the workspace's audit log
//! names them.

use std::sync::Arc;

use domain::{ClientAddress, PrincipalId, Timestamp, TokenId};
use store::{CredentialKind, Role, SignInId, StoreError};
use workspace_client::{Api, Credential};

use crate::{Error, Workspace};

/// The most characters of the reason for a change.
pub const MAX_REASON_CHARS: usize = 500;

/// The HTTP request with which someone acts.
#[derive(Clone, Debug)]
pub struct RequestSource {
    /// Its ID.
    pub id: String,
    /// Where it came from.
    pub client: ClientAddress,
}

impl From<&str> for RequestSource {
    /// A request with this ID, from an unknown address.
    fn from(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            client: ClientAddress::UNKNOWN,
        }
    }
}

/// The device that someone signs in from, for their list of sessions.
#[derive(Clone, Debug)]
pub struct Device {
    /// The browser and operating system, as the person reads them.
    pub name: String,
    /// Its IP address.
    pub client: ClientAddress,
}

impl From<&str> for Device {
    /// A device with this name and an unknown address.
    fn from(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            client: ClientAddress::UNKNOWN,
        }
    }
}

/// A signed-in person. [`crate::Console::actor`] makes one for each request.
#[derive(Clone)]
pub struct Actor {
    pub(crate) sign_in: SignInId,
    pub(crate) workspace: Arc<Workspace>,
    pub(crate) principal: PrincipalId,
    pub(crate) user_name: String,
    pub(crate) display_name: String,
    pub(crate) kind: CredentialKind,
    pub(crate) role: Role,
    pub(crate) can_change: bool,
    /// The credential that they signed in with.
    pub(crate) own_credential: Credential,
    /// The credential that is used for calls: their own, or for an auditor the reader's.
    pub(crate) credential: Credential,
    pub(crate) request_id: String,
    /// The address that the request came from.
    pub(crate) client: ClientAddress,
    pub(crate) ends: Timestamp,
    pub(crate) reason: String,
    /// Why the session could not be checked now, although it was valid a moment ago.
    pub(crate) unchecked: Option<StoreError>,
}

impl Actor {
    /// The workspace they are signed in to.
    pub fn workspace(&self) -> &Arc<Workspace> {
        &self.workspace
    }

    /// Their username; for a service principal its application ID.
    pub fn user_name(&self) -> &str {
        &self.user_name
    }

    /// Their display name; may be empty.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// The kind of credential they signed in with.
    pub fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// Their role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whether they can change anything through this console: an admin can, unless the console is read-only.
    pub fn can_change(&self) -> bool {
        self.can_change
    }

    /// The ID of the session's own token, if the person signed in with a personal access token. The workspace's IDs are
    /// hashes of the values (`TokensAPI.update` in the vendor's SDK); an older token may have another ID.
    pub fn own_token(&self) -> Option<TokenId> {
        (self.kind == CredentialKind::PersonalAccessToken).then(|| self.own_credential.token_id())
    }

    /// The same person, with the reason that they gave for a change. Control characters are removed.
    ///
    /// # Errors
    /// [`Error::ReasonTooLong`] for more than [`MAX_REASON_CHARS`].
    pub fn with_reason(self, reason: &str) -> Result<Self, Error> {
        let reason: String = reason.trim().chars().filter(|c| !c.is_control()).collect();
        match reason.chars().count() <= MAX_REASON_CHARS {
            true => Ok(Self { reason, ..self }),
            false => Err(Error::ReasonTooLong),
        }
    }

    /// The same person, with a reason that was stored.
    pub(crate) fn with_stored_reason(self, reason: &str) -> Self {
        Self {
            reason: reason.to_owned(),
            ..self
        }
    }

    /// Checks that the session was found in the database for this request. While the database does not respond, an
    /// earlier check is used, and the session may have ended since.
    ///
    /// # Errors
    /// The database's error.
    pub fn ensure_session_checked(&self) -> Result<(), Error> {
        match &self.unchecked {
            Some(error) => Err(error.clone().into()),
            None => Ok(()),
        }
    }

    /// When the session ends without a further request.
    pub fn ends_at(&self) -> Timestamp {
        self.ends
    }

    /// The request with which they act.
    pub(crate) fn request(&self) -> RequestSource {
        RequestSource {
            id: self.request_id.clone(),
            client: self.client,
        }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        self.workspace.client.with(&self.credential)
    }

    /// Returns the result of a call. If the workspace refused the credential, the proof that this person is an admin
    /// ends immediately.
    pub(crate) fn end_proof_if_refused<T>(&self, result: Result<T, workspace_client::Error>) -> Result<T, Error> {
        result.map_err(|error| self.refused(error))
    }

    /// Converts the error of a call. If it is a refusal, the proof ends: see
    /// [`end_proof_if_refused`](Self::end_proof_if_refused).
    pub(crate) fn refused(&self, error: workspace_client::Error) -> Error {
        if !is_refusal(&error) {
            return error.into();
        }
        self.workspace.end_proof(&self.sign_in);
        match self.role {
            Role::Admin => error.into(),
            // The reader's credential was refused, not the auditor's own: their session must not end.
            Role::Auditor => {
                self.workspace.reader.discard();
                Error::AuditorConnection(error)
            }
        }
    }

    /// Like [`refused`](Self::refused), for a change to one token, which the workspace may no longer have.
    pub(crate) fn token_refused(&self, error: workspace_client::Error) -> Error {
        match error.is_missing_resource() {
            true => Error::TokenNotFound(error),
            false => self.refused(error),
        }
    }
}

/// Whether the workspace refused the caller, for any reason.
pub(crate) fn is_refusal(error: &workspace_client::Error) -> bool {
    error.kind.is_about_caller()
}
