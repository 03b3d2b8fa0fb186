//! A credential as it is sealed into the store.

use std::time::Duration;

use domain::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use workspace_client::{Credential, oidc};

/// The longest time before its end at which an access token is refreshed. Azure refuses one that has 30 s left
/// (<https://github.com/databricks/databricks-vscode/issues/583>).
const REFRESH_AHEAD: Duration = Duration::from_mins(5);

/// An access token, and what is needed to replace it. The names of its fields are stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredCredential {
    access: String,
    pub(super) refresh: Option<String>,
    /// When the access token ends; stored as milliseconds since the Unix epoch.
    ends: Option<Timestamp>,
    /// How long it lives in all, in milliseconds.
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

    /// What OAuth granted at `at`.
    pub(super) fn from_oauth(tokens: &oidc::Tokens, at: Timestamp) -> Self {
        let lives = u64::try_from(tokens.expires_in.as_millis()).unwrap_or(u64::MAX);
        Self {
            access: tokens.access.expose_secret().to_owned(),
            refresh: tokens.refresh.as_ref().map(|r| r.expose_secret().to_owned()),
            ends: Some(at.plus(tokens.expires_in)),
            lives,
        }
    }

    /// As the store takes it.
    pub(super) fn to_secret(&self) -> SecretString {
        // Four plain fields always serialise.
        serde_json::to_string(self).unwrap_or_default().into()
    }

    /// From what the store has; `None` where that was written by something else.
    pub(crate) fn from_secret(secret: &SecretString) -> Option<Self> {
        serde_json::from_str(secret.expose_secret()).ok()
    }

    pub(super) fn credential(&self) -> Credential {
        Credential::new(self.access.clone().into())
    }

    /// Whether it is time for a new access token: five minutes before the end, for short lives half of them.
    pub(super) fn needs_refresh(&self, at: Timestamp) -> bool {
        let ahead = REFRESH_AHEAD.min(Duration::from_millis(self.lives / 2));
        self.refresh.is_some() && self.ends.is_some_and(|ends| at >= ends.minus(ahead))
    }

    /// Whether it is the same access token.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.access == other.access
    }

    pub(super) fn has_expired(&self, at: Timestamp) -> bool {
        self.ends.is_some_and(|ends| at >= ends)
    }
}
