//! One configured workspace: its name, its address, and what is shared by everybody who works on it.

use std::sync::{Mutex, PoisonError};

use domain::Timestamp;
use workspace_client::{Client, WorkspaceUrl, oidc::OAuthApp};

use crate::access::Opened;
use crate::proof::Proofs;
use crate::snapshot::Snapshots;

/// What is configured about a workspace.
#[derive(Debug)]
pub struct WorkspaceSettings {
    /// Its name in addresses: `[a-z0-9-]{1,40}`, checked where the configuration is read.
    pub name: String,
    /// Where its interfaces are.
    pub url: WorkspaceUrl,
    /// What it is for, such as `production`; shown on every page.
    pub environment: Option<String>,
    /// The OAuth client registered for the console, where there is one.
    pub oauth: Option<OAuthApp>,
}

/// A workspace that the console serves.
pub struct Workspace {
    settings: WorkspaceSettings,
    pub(crate) client: Client,
    pub(crate) snapshots: Snapshots,
    pub(crate) proofs: Proofs,
    pub(crate) access: Opened,
    switch_sent: Mutex<Option<(bool, Timestamp)>>,
}

impl Workspace {
    /// A workspace that is reached through `client`.
    pub fn new(settings: WorkspaceSettings, client: Client) -> Self {
        Self {
            settings,
            client,
            snapshots: Snapshots::default(),
            proofs: Proofs::default(),
            access: Opened::default(),
            switch_sent: Mutex::default(),
        }
    }

    /// Its name in addresses.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Where its interfaces are.
    pub fn url(&self) -> &WorkspaceUrl {
        &self.settings.url
    }

    /// The OAuth client registered for the console, where there is one.
    pub fn oauth(&self) -> Option<&OAuthApp> {
        self.settings.oauth.as_ref()
    }

    /// What it is for.
    pub fn environment(&self) -> Option<&str> {
        self.settings.environment.as_deref()
    }

    /// What a sign-in is bound to: a name that is configured for another address later opens none of its credentials.
    pub(crate) fn binding(&self) -> String {
        format!("{} {}", self.name(), self.url())
    }

    pub(crate) fn note_switch(&self, on: bool, at: Timestamp) {
        *self.switch_sent.lock().unwrap_or_else(PoisonError::into_inner) = Some((on, at));
    }

    pub(crate) fn switch_sent(&self) -> Option<(bool, Timestamp)> {
        *self.switch_sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
