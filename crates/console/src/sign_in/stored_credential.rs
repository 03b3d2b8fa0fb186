//! A credential in the form in which it is sealed and stored.

use std::time::Duration;

use domain::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use workspace_client::{Credential, oidc};

/// How long before its end an access token is refreshed. Azure refuses one that has 30 s left
/// (<https://github.com/databricks/databricks-vscode/issues/583>).
const REFRESH_AHEAD: Duration = Duration::from_mins(5);

/// An access token, and what is needed to replace it. The names of the fields are stored, and must not change.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredCredential {
    access: String,
    pub(super) refresh: Option<String>,
    /// When the access token ends; stored as milliseconds since the Unix epoch.
    ends: Option<Timestamp>,
    /// The total lifetime of the access token, in milliseconds; 0 for a pasted token.
    lives: u64,
}

impl StoredCredential {
    /// A pasted token, which cannot be refreshed.
    pub(super) fn from_token(value: &SecretString) -> Self {
        Self {
            access: value.expose_secret().to_owned(),
            refresh: None,
            ends: None,
            lives: 0,
        }
    }

    /// The tokens that OAuth granted to a request that was sent at `at`.
    pub(super) fn from_oauth(tokens: &oidc::Tokens, at: Timestamp) -> Self {
        let lives = u64::try_from(tokens.expires_in.as_millis()).unwrap_or(u64::MAX);
        Self {
            access: tokens.access.expose_secret().to_owned(),
            refresh: tokens.refresh.as_ref().map(|r| r.expose_secret().to_owned()),
            ends: Some(at.plus(tokens.expires_in)),
            lives,
        }
    }

    /// The text to be stored.
    pub(super) fn to_secret(&self) -> SecretString {
        // Four plain fields always serialise.
        serde_json::to_string(self).unwrap_or_default().into()
    }

    /// From the stored text; `None` if it is not a credential.
    pub(crate) fn from_secret(secret: &SecretString) -> Option<Self> {
        serde_json::from_str(secret.expose_secret()).ok()
    }

    pub(super) fn credential(&self) -> Credential {
        Credential::new(self.access.clone().into())
    }

    /// Whether the access token should be refreshed now: five minutes before its end, or after half of a short
    /// lifetime.
    pub(super) fn needs_refresh(&self, at: Timestamp) -> bool {
        let ahead = REFRESH_AHEAD.min(Duration::from_millis(self.lives / 2));
        self.refresh.is_some() && self.ends.is_some_and(|ends| at >= ends.minus(ahead))
    }

    /// Whether this credential has its access token.
    pub(super) fn has_access(&self, credential: &Credential) -> bool {
        self.credential().token_id() == credential.token_id()
    }

    pub(super) fn has_expired(&self, at: Timestamp) -> bool {
        self.ends.is_some_and(|ends| at >= ends)
    }
}
